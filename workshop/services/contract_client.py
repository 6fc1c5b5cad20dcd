"""`generate_client(api, nombre)`: un cliente de Python escrito a partir del contrato que una API publica."""

import importlib
import json
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workshop.services import module
from workshop.services.errors import ServiceError
from workshop.services.local_url import where

SECONDS = 60.0
VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "trace"}


@dataclass(frozen=True)
class GeneratedClient:
    """Un paquete que escribió un generador; se importa por su nombre. Lo crea `generate_client(api, nombre)`.

    `title` es el del contrato; `operations`, las que ofrece, y `folder`, la carpeta con sus archivos.
    """

    name: str
    title: str
    operations: int
    folder: Path

    @property
    def files(self) -> dict[str, str]:
        """Cada archivo que se escribió, por su ruta dentro del paquete."""
        found = sorted(self.folder.rglob("*.py"))
        return {str(path.relative_to(self.folder)): path.read_text("utf-8") for path in found}

    @property
    def lines(self) -> int:
        """Cuántas líneas con código o comentarios se escribieron."""
        return sum(bool(line.strip()) for text in self.files.values() for line in text.splitlines())

    def __repr__(self) -> str:
        count = f"{self.operations} {'operación' if self.operations == 1 else 'operaciones'}"
        return f"{self.name}: cliente de «{self.title}», {count}"


def generate_client(api: Any, name: str) -> GeneratedClient:
    """Lee el contrato de `api` y escribe con él un cliente que se importa: `from <name> import Client`.

    Lo escribe `openapi-python-client`, a partir de `/openapi.json` y de nada más. Repetirla lo escribe de
    nuevo; lo que ya habías importado sigue como estaba.

    - `api`: lo que devolvió `serve(app)`, o la URL de una API de esta máquina.
    - `name`: texto, el nombre del paquete, como `"users_client"`.

    Errores: `ServiceError` si no hay un contrato que leer, si el generador no lo entiende o si el nombre no
    sirve.
    """
    module.require_name(name)
    contract = _contract(api)
    home = module.folder() / name
    with tempfile.TemporaryDirectory(dir=module.folder(), prefix=".cliente-") as draft:
        written = _write(contract, Path(draft), name)
        _forget(name)
        shutil.rmtree(home, ignore_errors=True)
        written.replace(home)
    importlib.invalidate_caches()
    operations = sum(len(VERBS & verbs.keys()) for verbs in contract["paths"].values())
    return GeneratedClient(name, str(contract["info"]["title"]), operations, home)


def _contract(api: Any) -> dict[str, Any]:
    import requests

    where(api)
    base = api if isinstance(api, str) else api.url
    try:
        answer = requests.get(f"{base.rstrip('/')}/openapi.json", timeout=5)
    except requests.RequestException:
        raise ServiceError(
            "Nadie contestó con el contrato: el servicio está detenido o averiado. "
            "Arráncalo con .start() y vuelve a generar el cliente."
        ) from None
    with suppress(ValueError):
        match answer.json():
            case {"openapi": str(), "paths": dict(), "info": {"title": str()}} as found:
                return dict(found)
    raise ServiceError(
        f"Se esperaba un contrato de OpenAPI en /openapi.json y llegó otra cosa ({answer.status_code}). "
        "FastAPI lo publica solo, salvo que la app se cree con openapi_url=None."
    )


def _write(contract: dict[str, Any], draft: Path, name: str) -> Path:
    source, settings, written = draft / "openapi.json", draft / "settings.json", draft / name
    source.write_text(json.dumps(contract), "utf-8")
    settings.write_text('{"post_hooks": []}', "utf-8")  # else it looks for a formatter on the PATH
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    command += ["--path", str(source), "--config", str(settings), "--output-path", str(written)]
    try:
        ended = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ServiceError(
            f"El generador no terminó en {SECONDS:g} s. La máquina está muy cargada: vuelve a intentarlo."
        ) from None
    if ended.returncode or not written.is_dir():
        raise ServiceError(
            "El generador no pudo escribir el cliente con ese contrato. Esto dijo:\n\n"
            f"{ended.stdout.strip()[-1500:]}\n\nCorrige la app que lo publica y vuelve a intentarlo."
        )
    return written


def _forget(name: str) -> None:
    for loaded in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
        del sys.modules[loaded]

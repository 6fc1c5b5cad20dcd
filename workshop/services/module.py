"""`%%module nombre`: la celda, en un módulo importable: el mismo para el kernel y para sus procesos."""

import hashlib
import importlib
import importlib.util
import keyword
import os
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from workshop.services import home, nursery
from workshop.services.errors import ServiceError


def folder() -> Path:
    """La carpeta de los módulos de este kernel; sus procesos hijos la reciben en `PYTHONPATH`."""
    path = home.workdir() / "modules"
    if not path.exists():
        path.mkdir(mode=0o700)
        sys.path.insert(0, str(path))
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(path), os.environ.get("PYTHONPATH")]))
    return path


def write(name: str, source: str) -> ModuleType:
    """Guarda `source` como módulo `name`, lo importa de nuevo y lo devuelve.

    Errores: `ServiceError` si el nombre no sirve o el código no se puede leer; `Exception` la que lance el
    código al importarse. En ambos casos se conserva la versión anterior.
    """
    require_name(name)
    _require_syntax(name, source)
    path = folder() / f"{name}.py"
    before = path.read_text("utf-8") if path.exists() else None
    loaded = sys.modules.pop(name, None)
    try:
        _put(path, source)
        return importlib.import_module(name)
    except BaseException:
        _restore(path, before, loaded)
        raise


def fingerprint(name: str) -> str:
    """La huella del archivo de un módulo: cambia con su código. Vacía si no hay tal módulo."""
    with suppress(ImportError, ValueError, OSError):
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin:
            return hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest()
    return ""


def _put(path: Path, source: str) -> None:
    # A cached bytecode file is trusted by time stamp and size: two edits in one second could look the same.
    Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text(source, "utf-8")
    draft.replace(path)
    importlib.invalidate_caches()


def _restore(path: Path, before: str | None, loaded: ModuleType | None) -> None:
    sys.modules.pop(path.stem, None)
    if before is None:
        path.unlink(missing_ok=True)
    else:
        _put(path, before)
    if loaded is not None:
        sys.modules[path.stem] = loaded


def require_name(name: str) -> None:
    """Errores: `ServiceError` si no es un nombre de módulo, o si taparía uno instalado."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ServiceError(
            f"%%module espera un nombre de módulo, como `%%module cocina`; llegó {name!r}. "
            "Usa letras sin espacios, números y «_»; no empieces con un número."
        )
    if _taken(name):
        raise ServiceError(
            f"{name!r} ya es un módulo instalado y lo taparías: elige otro nombre, por ejemplo {name}_propio."
        )


def _taken(name: str) -> bool:
    if name in sys.stdlib_module_names:
        return True
    spec = None
    with suppress(ImportError, ValueError):
        spec = importlib.util.find_spec(name)
    # What another kernel wrote, and left in the PYTHONPATH that this one was given, is a learner's too.
    return spec is not None and home.base() not in Path(spec.origin or "").parents


def _require_syntax(name: str, source: str) -> None:
    try:
        compile(source, f"{name}.py", "exec")
    except SyntaxError as problem:
        raise ServiceError(
            f"El módulo {name!r} no se guardó: la línea {problem.lineno} no se puede leer ({problem.msg}).\n"
            f"    {(problem.text or '').strip()}"
        ) from None


def offer() -> None:
    """Registra `%%module` si esto corre en un cuaderno: lo tiene cualquiera que use un servicio."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None:
        load_ipython_extension(shell)


def load_ipython_extension(shell: Any) -> None:
    """Registra la magia de celda `%%module` (la carga `%load_ext workshop`)."""

    def module(line: str, cell: str) -> None:
        """`%%module nombre`: guarda la celda como módulo importable y lo importa."""
        shell.user_ns[line.strip()] = write(line.strip(), cell)
        nursery.warm()  # what other processes can run, other processes will run

    shell.register_magic_function(module, "cell")

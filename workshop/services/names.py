"""Qué nombre sirve para un servicio y qué ruta para su socket."""

import os
import re
from pathlib import Path
from typing import Any

from workshop.services.errors import ServiceError

LONGEST_SOCKET = 103  # bytes; the system's own limit, which macOS sets lowest


def valid_name(name: Any) -> str:
    """El mismo nombre, si lo es: también nombra la carpeta del servicio.

    Errores: `ServiceError` si no es un texto de letras, números, «-» y «_», de 1 a 40.
    """
    if not isinstance(name, str) or not re.fullmatch(r"[\w-]{1,40}", name):
        raise ServiceError(
            f"El nombre de un servicio lleva letras, números, «-» y «_», hasta 40; llegó {name!r}."
        )
    return name


def socket_path(path: Path) -> Path:
    """La misma ruta, si cabe en un socket unix.

    Errores: `ServiceError` si es más larga de lo que el sistema admite.
    """
    if len(os.fsencode(path)) > LONGEST_SOCKET:
        raise ServiceError(
            f"La ruta {path} es demasiado larga para un socket unix (hasta {LONGEST_SOCKET} bytes). "
            "Usa un nombre de servicio más corto, o una carpeta temporal más corta con la variable TMPDIR."
        )
    return path

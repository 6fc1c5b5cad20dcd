"""A qué se le puede aplicar una revisión: un servicio en marcha o una dirección de esta máquina."""

import socket
from typing import Any
from urllib.parse import urlsplit

from workshop.learning.errors import LearningError

HERE = {"127.0.0.1", "localhost", "::1"}


def address(number: str, target: Any) -> str:
    """La dirección base de `target`, ya comprobado que alguien escucha ahí.

    Errores: `LearningError` si no es un servicio, está detenido o nadie contesta.
    """
    example = f'check("{number}", api), donde `api` es lo que devolvió serve(app)'
    if target is None:
        raise LearningError(f"Falta decir qué revisar: {example}.")
    if isinstance(target, str):
        url = target.rstrip("/")
    elif hasattr(target, "state") and hasattr(target, "start"):
        url = _address_of_service(target)
    elif callable(target) and hasattr(target, "router"):
        raise LearningError(f"Llegó la aplicación, que todavía no corre. Sírvela primero: {example}.")
    else:
        raise LearningError(f"Se esperaba un servicio y llegó {_said(target)}. Se usa así: {example}.")
    return _listening(url, example)


def _address_of_service(target: Any) -> str:
    if target.state != "en marcha":
        raise LearningError(
            f"«{target.name}» está {target.state}. Ejecuta otra vez la celda con serve(...), "
            "o llama a .start(), y revisa de nuevo."
        )
    return str(target.url)


def _listening(url: str, example: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        host, port = None, 0
    if not url.startswith("http://") or host not in HERE:
        raise LearningError(
            f"«{url}» no es la dirección de un servicio de esta máquina (http://127.0.0.1:…). "
            f"Lo más fácil: {example}."
        )
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        raise LearningError(
            "Nadie contesta en la dirección que se iba a revisar: el servicio no está en marcha. "
            "Ejecuta otra vez la celda con serve(...) y revisa de nuevo."
        ) from None
    return url


def _said(value: Any) -> str:
    kinds = {dict: "un diccionario", list: "una lista", int: "un número", float: "un número"}
    return kinds.get(type(value), f"algo de tipo `{type(value).__name__}`")

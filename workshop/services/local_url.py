"""Dónde escucha un servicio: solo se le habla a lo que está en esta máquina."""

from typing import Any
from urllib.parse import urlsplit

from workshop.services.errors import ServiceError

HERE = {"127.0.0.1", "localhost", "::1"}


def where(api: Any) -> tuple[str, str, int]:
    """Esquema, máquina y puerto de un servicio o de una URL de esta máquina.

    Errores: `ServiceError` si no es ninguna de las dos cosas.
    """
    url = api if isinstance(api, str) else getattr(api, "url", None)
    if not isinstance(url, str):
        raise ServiceError(
            f"Se esperaba un servicio, como el que devuelve serve(app), o una URL de esta máquina; "
            f"llegó {type(api).__name__}. Prueba: api = serve(app) y después pásale api."
        )
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        scheme, host, port = "", "", None
    if scheme not in ("http", "https") or host not in HERE:
        raise ServiceError(
            f"«{url}» no es la dirección de un servicio de esta máquina, como http://127.0.0.1:8000: "
            "aquí solo se escucha lo propio."
        )
    return scheme, host, port or (443 if scheme == "https" else 80)

"""Lo que la aplicación dice de sí misma: las rutas y métodos de su OpenAPI."""

from dataclasses import dataclass
from typing import Any

from workshop.widgets.address import Target
from workshop.widgets.wire import Recorder, session


@dataclass(frozen=True)
class Operation:
    """Un método sobre una ruta, con su resumen."""

    method: str
    path: str
    summary: str = ""


def read_contract(target: Target) -> list[Operation]:
    """Las operaciones del OpenAPI de la aplicación; lista vacía si no publica uno.

    Con la aplicación a la mano se le pregunta a ella; si solo hay una URL, se pide `/openapi.json`.
    """
    try:
        return _operations(_download(target) if target.app is None else target.app.openapi())
    except Exception:  # a broken model in a learner's app must not take the console down: no suggestions then
        return []


def _download(target: Target) -> dict[str, Any]:
    with session(Recorder()) as sender:
        found: dict[str, Any] = sender.get(
            f"{target.url}/openapi.json", timeout=2, allow_redirects=False
        ).json()
        return found


def _operations(schema: dict[str, Any]) -> list[Operation]:
    return [
        Operation(method.upper(), path, str(details.get("summary", "")))
        for path, methods in schema.get("paths", {}).items()
        for method, details in methods.items()
        if isinstance(details, dict)
        and method in {"get", "post", "put", "patch", "delete", "head", "options"}
    ]

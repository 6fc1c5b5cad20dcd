"""Los modales de una revisión: pide lo que venía hecho, no choca con nadie y deja todo como estaba."""

from contextlib import suppress
from typing import Any
from uuid import uuid4

from workshop.learning.errors import LearningError
from workshop.learning.probe import NotYetError, Probe


def folio(letter: str) -> str:
    """Un folio que nadie más usa. A quien aprende se le nombra por su letra."""
    return f"revision-{uuid4().hex[:8]}-{letter}"


def given(probe: Probe, method: str, path: str, look: str, **details: Any) -> Any:
    """Pide una ruta que el ejercicio trae hecha y devuelve lo que contestó, ya leído; None si nada.

    Errores: `LearningError` con `look` si falta o falla: no es un error de quien aprende.
    """
    answer = probe.send(method, path, **details)
    if answer.status not in (200, 204):
        raise LearningError(f"`{method} {path}` contestó {answer.status}. {look}")
    return answer.json() if answer.body else None


def put_back(probe: Probe, method: str, path: str, **details: Any) -> None:
    """Deshace algo de la revisión; si no se puede, ya se dijo por qué."""
    with suppress(NotYetError):
        probe.send(method, path, **details)

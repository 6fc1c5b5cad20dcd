"""Qué significa cada código de estado de HTTP, en español."""

from dataclasses import dataclass
from functools import cache

from workshop.facts import load

_CLASSES = {
    1: "Respuesta provisional: la definitiva llega después.",
    2: "La petición se cumplió.",
    3: "Falta un paso más, por ejemplo ir a otra dirección.",
    4: "Hay algo que corregir en la petición.",
    5: "El servicio falló al atender la petición.",
}
_SIGNS = {1: "…", 2: "✓", 3: "↪", 4: "✗", 5: "✗"}


@dataclass(frozen=True)
class Status:
    """Un código de estado: número, frase registrada (inglés), nombre y explicación (español)."""

    code: int
    phrase: str
    name: str
    meaning: str

    @property
    def sign(self) -> str:
        """Un signo por familia, para no depender del color."""
        return _SIGNS.get(self.code // 100, "?")

    @property
    def line(self) -> str:
        """Por ejemplo `201 Created · Creado`."""
        return " · ".join(part for part in (f"{self.code} {self.phrase}".strip(), self.name) if part)


@cache
def registered() -> dict[int, Status]:
    """Todos los códigos registrados en la IANA, por número."""
    return {row["code"]: Status(**row) for row in load("http_status.toml")["status"]}


def explain(code: int, reason: str = "") -> Status:
    """El código con su explicación; uno sin registrar conserva la frase que mandó el servicio (`reason`)."""
    if known := registered().get(code):
        return known
    return Status(
        code, reason, "sin registrar", _CLASSES.get(code // 100, "Ningún estándar define este código.")
    )

"""Un tramo grabado: qué se hizo, dentro de qué, cuándo empezó y cuándo terminó."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NS_PER_MS = 1e6


@dataclass(frozen=True, slots=True)
class Span:
    """Un tramo de una traza. Los instantes están en nanosegundos; `end` es None si no llegó a terminar."""

    id: int
    parent: int | None
    name: str
    kind: str
    scope: str
    service: str
    start: int
    end: int | None
    attributes: Mapping[str, Any] = field(repr=False)
    error: str | None = None
    order: int = 0

    @property
    def ms(self) -> float | None:
        """Cuánto duró, en milisegundos; None si no llegó a terminar."""
        return None if self.end is None else (self.end - self.start) / NS_PER_MS

    @property
    def layer(self) -> str:
        """La capa a la que pertenece: cliente, api, dependencia, endpoint, serialización, sql…"""
        from workshop.xray.names import layer

        return layer(self)

    @property
    def label(self) -> str:
        """Lo que el árbol dice de él, sin tiempos."""
        from workshop.xray.names import label

        return label(self)


def short(type_name: str) -> str:
    """`requests.exceptions.ConnectionError` → `ConnectionError`."""
    return type_name.rpartition(".")[2]


def error_of(attributes: Mapping[str, Any], exceptions: list[str]) -> str | None:
    """The error to show: ours (it knows the line), else the recorded exception, else the declared type."""
    if "comanda.error" in attributes:
        return str(attributes["comanda.error"])
    declared = exceptions[-1] if exceptions else str(attributes.get("error.type", ""))
    return short(declared) if declared and not declared.isdigit() else None

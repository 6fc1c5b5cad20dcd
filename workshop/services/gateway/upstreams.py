"""Entre quiénes reparte un gateway."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from workshop.services.apps.replica_group import Follower, ReplicaSet
from workshop.services.base import Service
from workshop.services.errors import ServiceError


@dataclass(frozen=True)
class Source:
    """De dónde salen las direcciones: un grupo de réplicas, que cambia, o una lista fija."""

    group: ReplicaSet | None = None
    parts: tuple[Service | str, ...] = ()

    def urls(self) -> tuple[str, ...]:
        """Las direcciones de ahora."""
        if self.group is not None:
            return self.group.urls
        return tuple(part if isinstance(part, str) else part.url for part in self.parts)

    def names(self) -> dict[str, str]:
        """El nombre de quien está en cada dirección, si lo tiene."""
        parts = self.group.members if self.group is not None else self.parts
        return {part.url: part.name for part in parts if isinstance(part, Service)}

    def follow(self, follower: Follower) -> None:
        if self.group is not None:
            self.group.unfollow(follower)  # once is enough, however often the gateway starts
            self.group.follow(follower)

    def unfollow(self, follower: Follower) -> None:
        if self.group is not None:
            self.group.unfollow(follower)


@dataclass(frozen=True)
class Upstream:
    """Una réplica, vista por el gateway."""

    name: str
    url: str
    busy: int
    """Peticiones que tiene ahora entre manos."""
    fails: int
    """Veces que no tomó la llamada en el último segundo; mientras no sea 0, no se le reparte."""

    @classmethod
    def of(cls, source: Source, url: str, told: Mapping[str, Mapping[str, Any]]) -> "Upstream":
        address = urlsplit(url).netloc
        one = told.get(address, {})
        name = source.names().get(url, address)
        return cls(name, url, int(one.get("num_requests", 0)), int(one.get("fails", 0)))

    def __repr__(self) -> str:
        return f"{self.name}: {self.busy} entre manos, {self.fails} fallos recientes"


def source_of(to: Any) -> Source:
    """Lo que se le pasa a `gateway(...)`, revisado.

    Errores: `ServiceError` si no es algo a lo que se pueda repartir por HTTP.
    """
    if isinstance(to, ReplicaSet):
        return Source(group=to)
    parts = [to] if isinstance(to, str | Service) else to
    if not isinstance(parts, Sequence) or not parts:
        raise ServiceError(
            "gateway() espera a quién repartir: lo que devuelve replicas(...) o serve(...), una URL o una "
            f"lista de ellas; llegó {to!r}."
        )
    for part in parts:
        _require_http(part)
    return Source(parts=tuple(parts))


def _require_http(part: Any) -> None:
    url = part.url if isinstance(part, Service) else part
    try:
        found = urlsplit(url if isinstance(url, str) else "")
        plain = found.scheme == "http" and bool(found.port) and found.path in ("", "/") and not found.query
    except ValueError:
        plain = False
    if not plain:
        raise ServiceError(
            f"gateway() reparte a direcciones como `api.url` (http, con puerto y sin camino); llegó {part!r}."
        )

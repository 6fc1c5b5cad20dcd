"""Lo que comparten un servidor PostgreSQL propio y uno externo: cómo se les habla."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Self

from workshop.services.base import Service

if TYPE_CHECKING:
    from psycopg import Connection
    from sqlalchemy import Engine

_EMPTY = """
DROP SCHEMA IF EXISTS public CASCADE;
CREATE SCHEMA public;
"""


class PostgresHandle(Service):
    """Un servidor PostgreSQL, sea de este kernel o esté en otra parte."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._engines: dict[str, Engine] = {}

    def succeeds(self, other: Service) -> bool:
        """Si puede quedarse con el nombre de `other`: un servidor de otro, y un grupo de otro grupo."""
        return isinstance(other, PostgresHandle) and bool(other.members) == bool(self.members)

    @property
    def conninfo(self) -> str:
        """La misma dirección como la entienden `psycopg.connect` y los programas de PostgreSQL."""
        return self.url.replace("postgresql+psycopg://", "postgresql://", 1)

    def engine(self) -> "Engine":
        """El motor de SQLAlchemy (y de SQLModel) sobre este servidor: siempre el mismo.

        Antes de usar una conexión guardada comprueba que siga viva, así que sobrevive a una recuperación.
        """
        return self._engine(self.url)

    def connect(self, **options: Any) -> "Connection[Any]":
        """Una conexión nueva de `psycopg`; ciérrala, o úsala con `with`.

        `options` son las de `psycopg.connect`, como `autocommit=True` o `connect_timeout=1` (segundos).
        """
        import psycopg

        return psycopg.connect(self.conninfo, **options)

    @abstractmethod
    def reset(self) -> Self:
        """Lo vacía."""

    def _engine(self, url: str) -> "Engine":
        from sqlalchemy import create_engine

        if url not in self._engines:
            self._engines[url] = create_engine(url, pool_pre_ping=True)
        return self._engines[url]

    def _dispose(self) -> None:
        """Close what the engines keep open: nobody else can."""
        for engine in self._engines.values():
            engine.dispose()

    def _empty(self, connection: "Connection[Any]") -> None:
        connection.execute(_EMPTY)

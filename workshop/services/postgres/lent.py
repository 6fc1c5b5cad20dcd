"""El PostgreSQL del cuaderno, uno solo o un grupo, visto desde una réplica o un trabajador suyo."""

from typing import Any, ClassVar, TypeVar

from workshop.services import registry
from workshop.services.lent import Lent, borrowed
from workshop.services.postgres.external import ExternalPostgres

ADDRESS, ADDRESSES = "postgres.txt", "cluster.txt"  # in the server's folder, for the kernel's children


class LentPostgres(Lent, ExternalPostgres):
    """El servidor del cuaderno."""

    kind: ClassVar[str] = "servidor PostgreSQL del cuaderno"

    def _no_entry(self, said: str) -> str:
        return self._unreachable(f"y no se pudo entrar ({said}).")


class LentCluster(LentPostgres):
    """El grupo del cuaderno: aquí se escribe y se lee; sus nodos se gobiernan allí."""

    kind: ClassVar[str] = "grupo de PostgreSQL del cuaderno"

    @property
    def url_write(self) -> str:
        """La dirección para escribir: la misma sea cual sea el primario."""
        return self.url

    @property
    def urls_read(self) -> tuple[str, ...]:
        """La dirección de cada réplica, para leer; las de ahora, aunque haya ascendido otra.

        Errores: `ServiceError` si el cuaderno detuvo el grupo.
        """
        return tuple(borrowed(self.name, ADDRESSES, "postgres_cluster")[1:])

    def __getattr__(self, name: str) -> Any:
        from workshop.services.postgres.cluster import PostgresCluster

        if not name.startswith("_") and hasattr(PostgresCluster, name):
            self._send_back()
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


Kind = TypeVar("Kind", bound=LentPostgres)


def lent(name: str) -> LentPostgres:
    """El servidor que el kernel de este proceso puso en marcha con ese nombre, siempre el mismo.

    Errores: `ServiceError` si no hay ninguno, o si no se puede entrar.
    """
    return _kept(LentPostgres, name, *borrowed(name, ADDRESS, "postgres"))


def lent_cluster(name: str) -> LentCluster:
    """Lo mismo de un grupo.

    Errores: `ServiceError` si no hay ninguno, o si no se puede entrar.
    """
    return _kept(LentCluster, name, borrowed(name, ADDRESSES, "postgres_cluster")[0])


def _kept(kind: type[Kind], name: str, address: str) -> Kind:
    known = registry.get(name)
    return (known if isinstance(known, kind) and known.address == address else kind(name, address)).start()

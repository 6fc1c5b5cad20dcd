"""`postgres_cluster()`: un primario de PostgreSQL y sus réplicas, que siguen cada uno de sus cambios."""

from typing import ClassVar, NoReturn, Self

from workshop.services import home, registry
from workshop.services.base import State
from workshop.services.errors import ServiceError
from workshop.services.faults import VERBS, Fault
from workshop.services.lent import lend
from workshop.services.names import valid_name
from workshop.services.postgres.failover import Failover
from workshop.services.postgres.handle import PostgresHandle
from workshop.services.postgres.lent import ADDRESSES, LentCluster, lent_cluster
from workshop.services.postgres.node import PostgresNode
from workshop.services.postgres.programs import programs
from workshop.services.postgres.settings import address
from workshop.services.postgres.template import unpack

MOST = 4


class PostgresCluster(Failover, PostgresHandle):
    """Un primario y sus réplicas. Se crea con `postgres_cluster()`; cada miembro se avería por separado.

    Nunca hay dos primarios: antes de ascender a una réplica, el primario anterior se detiene, o se mata si no
    responde; y cuando vuelve, vuelve como réplica.
    """

    kind: ClassVar[str] = "grupo de PostgreSQL"

    def __init__(self, standbys: int, name: str, synchronous: bool) -> None:
        super().__init__(name)
        self.synchronous = synchronous
        self._nodes = [PostgresNode(self, number) for number in range(1, standbys + 2)]
        self._primary = self._nodes[0]
        self._filled = False

    @property
    def members(self) -> tuple[PostgresNode, ...]:
        """Todos los nodos, siempre en el mismo orden, sea cual sea su papel."""
        return tuple(self._nodes)

    @property
    def primary(self) -> PostgresNode:
        """El nodo que acepta escrituras, aunque ahora esté averiado."""
        return self._primary

    @property
    def standbys(self) -> tuple[PostgresNode, ...]:
        """Los demás: siguen al primario y solo aceptan lecturas."""
        return tuple(node for node in self._nodes if node is not self._primary)

    @property
    def url(self) -> str:
        """La dirección para escribir: la misma sea cual sea el primario."""
        return self.url_write

    @property
    def url_write(self) -> str:
        """Nombra a todos los nodos y pide el que acepta escrituras: no cambia cuando asciende otro."""
        places = [node.place for node in self._nodes]
        options = {"target_session_attrs": "read-write", "connect_timeout": "2"}
        return address(self._primary.password, *places, **options)

    @property
    def urls_read(self) -> tuple[str, ...]:
        """La dirección de cada réplica, para leer."""
        return tuple(node.url for node in self.standbys)

    @property
    def status(self) -> str:
        """Su estado; si no todos sus nodos están bien, cuántos lo están."""
        well = sum(node.well for node in self._nodes)
        if self.state is not State.READY or well == len(self._nodes):
            return super().status
        return f"{State.READY} ({well} de {len(self._nodes)})"

    def start(self) -> Self:
        """Arranca los nodos y espera a que las réplicas sigan al primario; a los averiados, los recupera.

        Errores: `ServiceError` si alguno no arranca; dice por qué.
        """
        with self._lock:
            if self.state is not State.READY:
                return super().start()
            self._start_nodes()
        return self

    def reset(self) -> Self:
        """Lo vacía: quita todas las tablas, también de las réplicas.

        Errores: `ServiceError` si el primario no está en marcha.
        """
        self._primary.reset()
        return self

    def logs(self, n: int = 20) -> str:
        """Las últimas `n` líneas de cada nodo."""
        return "\n\n".join(f"{node.name}:\n{node.logs(n)}" for node in self._nodes)

    def _fill_nodes(self) -> None:
        which = programs()
        for node in self._nodes:
            node.forget_data().make_place(which)
        password = unpack(which, *(node.data for node in self._nodes))
        for node in self._nodes:
            node.keep_password(password)

    def _start_nodes(self) -> None:
        for node in (self._primary, *self.standbys):
            node.start()

    def _launch(self) -> None:
        if not self._filled:
            # All from one template: they are the same system, and no copy travels between them.
            self._fill_nodes()
            self._filled = True
        self._start_nodes()
        self._tell_children()

    def _tell_children(self) -> None:
        lend(self.folder / ADDRESSES, self.url_write, *self.urls_read)

    def _halt(self) -> None:
        self._dispose()
        (self.folder / ADDRESSES).unlink(missing_ok=True)
        for node in (*self.standbys, self._primary):
            node.stop()

    def _alive(self) -> bool:
        return any(node.state is State.READY for node in self._nodes)

    def _refuse(self, fault: Fault) -> NoReturn:
        raise ServiceError(
            f"«{self.name}» es un grupo y se avería nodo por nodo, como grupo.primary.{VERBS[fault]}(…) o "
            f"grupo.standbys[0].{VERBS[fault]}(…)."
        )


def postgres_cluster(
    standbys: int = 2, name: str = "cluster", synchronous: bool = False
) -> PostgresCluster | LentCluster:
    """Pone en marcha un primario de PostgreSQL y sus réplicas (1 a 4), que siguen cada uno de sus cambios.

    Devuelve el grupo, con `.primary`, `.standbys`, `.url_write`, `.urls_read`, `.promote()`, `.rejoin()`,
    `.pause_replay()`, `.resume_replay()` y `.lag()`. Si ya estaba en marcha, devuelve el mismo, sin averías.

    - `synchronous`: si cada escritura espera a que al menos una réplica la tenga.

    Siempre es propio de este kernel, también si existe `DATABASE_URL`. En una réplica o un trabajador, es el
    que el cuaderno puso en marcha con ese nombre: ahí tiene `.url_write`, `.urls_read`, `.engine()` y
    `.connect()`.
    Errores: `ServiceError` si no hay programa o si algún nodo no arranca.
    """
    if isinstance(standbys, bool) or not isinstance(standbys, int) or not 1 <= standbys <= MOST:
        raise ServiceError(f"postgres_cluster() espera de 1 a {MOST} réplicas; llegó {standbys!r}.")
    known = registry.get(valid_name(name))
    if home.lent():
        return lent_cluster(name)
    same = isinstance(known, PostgresCluster) and (
        (len(known.standbys), known.synchronous) == (standbys, synchronous)
    )
    if isinstance(known, PostgresCluster) and not same:
        known.stop()  # its nodes have the same folders
    cluster = known if isinstance(known, PostgresCluster) and same else None
    return (cluster or PostgresCluster(standbys, name, synchronous)).start()

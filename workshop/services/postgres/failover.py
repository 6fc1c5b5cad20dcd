"""El relevo: asciende una réplica, el primario anterior termina antes y vuelve como réplica."""

import threading
from abc import abstractmethod

from workshop.services.base import State
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.postgres.node import PostgresNode
from workshop.services.postgres.replay import Replay

_UNABLE = (Fault.FROZEN, Fault.CUT)


class Failover(Replay):
    """Lo que un grupo hace para tener siempre un primario, y nunca dos."""

    name: str
    _lock: threading.RLock
    _nodes: list[PostgresNode]
    _primary: PostgresNode

    @property
    @abstractmethod
    def standbys(self) -> tuple[PostgresNode, ...]:
        """Los nodos que siguen al primario."""

    @abstractmethod
    def _tell_children(self) -> None:
        """Where each one is now, for the processes of this kernel."""

    def promote(self, standby: PostgresNode | None = None) -> PostgresNode:
        """Asciende a una réplica (por omisión, la que recibió más cambios) y la devuelve, ya como primario.

        El primario anterior termina antes: se detiene si está bien, y si no responde, se mata. Las demás
        réplicas pasan a seguir al nuevo.
        Errores: `ServiceError` si no es una réplica en marcha de este grupo, o si no logra ascender.
        """
        with self._lock:
            chosen = self._best() if standby is None else self.working_standby(standby, "promote")
            former = self._primary
            self._primary = chosen  # from now on nobody else can start as the primary
            try:
                former.step_down()
                reached = chosen.received()
                chosen.step_up()
            except BaseException:
                self._primary = former
                raise
            for other in self.standbys:
                if other is not former:
                    self._redirect(other, reached)
            self._tell_children()
        return chosen

    def rejoin(self, node: PostgresNode) -> PostgresNode:
        """Devuelve al grupo un nodo que se quedó fuera, como réplica del primario de ahora, y lo devuelve.

        Lo que solo él había escrito se deshace (`pg_rewind`).
        Errores: `ServiceError` si es el primario o no es de este grupo, o si no hay primario del cual copiar.
        """
        with self._lock:
            self._own(node, "rejoin")
            if node is self._primary:
                raise ServiceError(
                    f"«{node.name}» es el primario: no tiene a quién seguir. Si está averiado, usa "
                    ".recover(), o asciende a una réplica con promote() y vuelve a llamar a rejoin()."
                )
            if node.diverged and node.state is State.READY:
                node.stop()
            node.recover()
            if self._primary.well:
                node.await_streaming()
        return node

    def working_standby(self, node: PostgresNode, verb: str) -> PostgresNode:
        """El nodo, si es una réplica de este grupo que puede contestar.

        Errores: `ServiceError` si no lo es.
        """
        self._own(node, verb)
        if node is self._primary:
            raise ServiceError(f"{verb}() espera una réplica, y «{node.name}» es el primario.")
        if node.state is not State.READY or node.fault in _UNABLE:
            raise ServiceError(
                f"La réplica «{node.name}» está {node.status}: recupérala antes con .recover()."
            )
        return node

    def _own(self, node: object, verb: str) -> None:
        if node not in self._nodes:
            raise ServiceError(
                f"{verb}() espera un nodo de «{self.name}», como grupo.standbys[0]; llegó {node!r}."
            )

    def _best(self) -> PostgresNode:
        able = [node for node in self.standbys if node.state is State.READY and node.fault not in _UNABLE]
        if not able:
            raise ServiceError(
                f"«{self.name}» no tiene ninguna réplica en marcha que ascender: recupera una con .recover()."
            )
        return max(able, key=PostgresNode.received)

    def _redirect(self, other: PostgresNode, reached: int) -> None:
        if other.state is not State.READY or other.fault is Fault.FROZEN:
            other.diverged = True  # nobody can ask it now how far it got
            other.follow()
        elif other.received() > reached:
            other.diverged = True  # it holds changes that died with the former primary
            other.restart()
        else:
            other.follow()

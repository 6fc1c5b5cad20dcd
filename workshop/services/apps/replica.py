"""Una réplica: un proceso hijo que sirve la app de un módulo en su propio puerto."""

import socket
from typing import Any, ClassVar, Self

from workshop.services import nursery
from workshop.services.apps.replica_control import Control
from workshop.services.base import State
from workshop.services.child import Child
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.nursling import Nursling
from workshop.services.port import PortService

READY_SECONDS = 30.0  # a cold machine imports the learner's libraries as many times as there are replicas


class Replica(PortService, Nursling):
    """Un proceso más con la misma app. Lo crea `replicas()`; está en `.members` de su grupo."""

    kind: ClassVar[str] = "réplica"
    way_out: ClassVar[str] = "Corrige su módulo y vuelve a ejecutar la celda."
    listed: ClassVar[bool] = False
    faults = frozenset(Fault)

    def __init__(self, app: str, name: str) -> None:
        super().__init__(name)
        self.app = app
        self._process: Control | None = None

    @property
    def _child(self) -> Child | None:
        return self._process.child if self._process else None

    def restart(self) -> Self:
        """La cambia por otra con el código de ahora, en el mismo puerto y sin rechazar peticiones.

        Errores: `ServiceError` si la nueva no arranca; la anterior sigue atendiendo.
        """
        with self._lock:
            if self.state is not State.READY:
                return self.start()
            self._heal()
            previous = self._running
            try:
                self._spawn(previous.borrow())
            except ServiceError as failure:
                raise ServiceError(f"{failure}\nLa versión anterior sigue atendiendo.") from None
            previous.dismiss()
        return self

    def retire(self) -> None:
        """Deja de recibir, termina lo que tiene entre manos y se va."""
        with self._lock:
            if self.state is State.READY:
                self._heal()
                self._running.dismiss()
            self.stop()

    def suffer(self, fault: Fault, delay: int) -> None:
        """La avería del grupo entero, en esta réplica."""
        self._break(fault, delay)

    def _launch(self) -> None:
        self._spawn(self._take_port())

    def _spawn(self, listener: socket.socket) -> None:
        ours, theirs = socket.socketpair()
        # Only the child keeps the socket that listens: killed, its port refuses.
        with listener, theirs:
            child = nursery.spawn(
                "workshop.services.apps.replica_child:run", {"app": self.app, "name": self.name},
                self.log_path, [listener.fileno(), theirs.fileno()], COMANDA_REPLICA=self.name,
            )  # fmt: skip
        process = Control(child, ours)
        try:
            said = process.hear(READY_SECONDS)
            if not said.get("ready"):
                raise ServiceError(self._why_not(said, child))
        except BaseException:
            process.end()
            raise
        self._process = process

    def _why_not(self, said: dict[str, Any], child: Child) -> str:
        if reason := said.get("failed"):
            return f"«{self.name}» no arrancó. {reason}"
        code = child.wait(1)  # its silence comes a moment before the news of its end
        died = f"terminó con el código {code}" if code is not None else f"no contestó en {READY_SECONDS:g} s"
        return self._explain(died)

    @property
    def _running(self) -> Control:
        assert self._process is not None
        return self._process

    def _halt(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def _inflict(self, fault: Fault, delay: int) -> None:
        if fault is Fault.SLOW:
            self._running.obey("slow", delay)
        elif fault is Fault.CUT:
            self._running.obey("cut")
        else:
            super()._inflict(fault, delay)

    def _relieve(self, fault: Fault) -> None:
        if fault in (Fault.SLOW, Fault.CUT):
            self._running.obey("clear")
        else:
            super()._relieve(fault)

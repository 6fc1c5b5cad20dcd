"""Una réplica: un proceso hijo que sirve la app de un módulo en su propio puerto."""

import json
import signal
import socket
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Self

from workshop.services import nursery
from workshop.services.base import Service, State
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.nursery import Child
from workshop.services.server import listen

READY_SECONDS = 30.0  # a cold machine imports the learner's libraries as many times as there are replicas
OBEY_SECONDS = 5.0
_CHILD = "workshop.services.replica_child"


class Replica(Service):
    """Un proceso más con la misma app. Lo crea `replicas()`; está en `.members` de su grupo."""

    kind: ClassVar[str] = "réplica"
    listed: ClassVar[bool] = False
    faults = frozenset(Fault)

    def __init__(self, app: str, name: str) -> None:
        super().__init__(name)
        self.app = app
        self.port = 0
        self._child: Child | None = None
        self._control: socket.socket | None = None

    @property
    def url(self) -> str:
        """La dirección base de esta réplica: `http://127.0.0.1:<puerto>`."""
        if not self.port:
            raise ServiceError(f"«{self.name}» todavía no tiene dirección: arráncala con .start().")
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """El identificador de su proceso, o None si no hay."""
        return self._child.pid if self._child else None

    @property
    def log_path(self) -> Path:
        """El archivo al que va todo lo que el proceso escribe, `print` incluido."""
        return self.folder / "log.txt"

    def logs(self, n: int = 20) -> str:
        """Las últimas `n` líneas que escribió el proceso."""
        with suppress(FileNotFoundError), self.log_path.open(encoding="utf-8", errors="replace") as log:
            return "".join(deque(log, maxlen=n)).rstrip("\n")
        return ""

    def restart(self) -> Self:
        """La cambia por otra con el código de ahora, en el mismo puerto y sin rechazar peticiones.

        Errores: `ServiceError` si la nueva no arranca; la anterior sigue atendiendo.
        """
        with self._lock:
            if self.state is not State.READY:
                return self.start()
            self._heal()
            previous, control = self._child, self._control
            assert control is not None
            try:
                self._spawn(self._borrow())
            except ServiceError as failure:
                self._child, self._control = previous, control
                raise ServiceError(f"{failure}\nLa versión anterior sigue atendiendo.") from None
            _dismiss(previous, control)
        return self

    def retire(self) -> None:
        """Deja de recibir, termina lo que tiene entre manos y se va."""
        with self._lock:
            if self.state is State.READY:
                self._heal()
                _dismiss(self._child, self._control)
            self.stop()

    def _launch(self) -> None:
        self._spawn(listen(self.port))

    def _spawn(self, listener: socket.socket) -> None:
        self.port = listener.getsockname()[1]
        control, theirs = socket.socketpair()
        # Only the child keeps the socket that listens: killed, its port refuses.
        with listener, theirs:
            self._child = child = nursery.spawn(
                f"{_CHILD}:run", {"app": self.app, "name": self.name}, self.log_path,
                [listener.fileno(), theirs.fileno()], COMANDA_REPLICA=self.name,
            )  # fmt: skip
        self._control = control
        try:
            said = _hear(control, READY_SECONDS)
            if not said.get("ready"):
                raise ServiceError(self._explain(said, child))
        except BaseException:
            _end(child, control)
            raise

    def _explain(self, said: dict[str, Any], child: Child) -> str:
        if reason := said.get("failed"):
            return f"«{self.name}» no arrancó. {reason}"
        code = child.poll()
        died = f"terminó con el código {code}" if code is not None else f"no contestó en {READY_SECONDS:g} s"
        return (
            f"«{self.name}» no arrancó: {died}. Las últimas líneas de su bitácora:\n\n{self.logs(12)}\n\n"
            "Corrige su módulo y vuelve a ejecutar la celda."
        )

    def _borrow(self) -> socket.socket:
        """The socket on which the child listens, so that another may take its place behind the same door."""
        assert self._control is not None
        _say(self._control, "lend")
        self._control.settimeout(OBEY_SECONDS)
        _, (descriptor, *_), _, _ = socket.recv_fds(self._control, 1, 1)
        return socket.socket(fileno=descriptor)

    def _halt(self) -> None:
        child, self._child = self._child, None
        control, self._control = self._control, None
        if child is not None and control is not None:
            _end(child, control)

    def _alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def _inflict(self, fault: Fault, delay: int) -> None:
        assert self._child is not None
        if fault is Fault.KILLED:
            self._child.signal(signal.SIGKILL)
            self._child.wait(OBEY_SECONDS)
        elif fault is Fault.FROZEN:
            self._child.signal(signal.SIGSTOP)
        else:
            self._obeyed("slow", delay) if fault is Fault.SLOW else self._obeyed("cut")

    def _relieve(self, fault: Fault) -> None:
        if fault is Fault.FROZEN and self._child is not None:
            self._child.signal(signal.SIGCONT)
        elif fault in (Fault.SLOW, Fault.CUT):
            self._obeyed("clear")

    def _obeyed(self, order: str, *arguments: int) -> None:
        assert self._control is not None
        _say(self._control, order, *arguments)
        _hear(self._control, OBEY_SECONDS)


def _say(control: socket.socket, order: str, *arguments: int) -> None:
    with suppress(OSError):  # it died this very moment: its state will tell
        control.sendall(json.dumps([order, *arguments]).encode() + b"\n")


def _hear(control: socket.socket, seconds: float) -> dict[str, Any]:
    """One line of the child; empty if it died or said nothing in time."""
    control.settimeout(seconds)
    said = b""
    with suppress(OSError):
        while not said.endswith(b"\n"):
            if not (more := control.recv(4096)):
                return {}
            said += more
        answer: dict[str, Any] = json.loads(said)
        return answer
    return {}


def _dismiss(child: Child | None, control: socket.socket | None) -> None:
    from workshop.services.replica_child import LEAVE_SECONDS

    if child is None or control is None:
        return
    _say(control, "leave")
    child.wait(LEAVE_SECONDS + 1)
    _end(child, control)


def _end(child: Child, control: socket.socket) -> None:
    child.end()
    control.close()

"""Los servicios cuyo proceso nace en el vivero: una réplica, un trabajador."""

import signal
from abc import abstractmethod

from workshop.services.child import STOP_SECONDS, Child
from workshop.services.faults import Fault
from workshop.services.logged import LoggedService


class Nursling(LoggedService):
    """Un servicio en un proceso del vivero, que se mata y se congela con señales."""

    faults = frozenset({Fault.KILLED, Fault.FROZEN})

    @property
    @abstractmethod
    def _child(self) -> Child | None:
        """Its process, if it has one."""

    @property
    def pid(self) -> int | None:
        """El identificador de su proceso, o None si no hay."""
        return self._child.pid if self._child else None

    def _alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def _inflict(self, fault: Fault, delay: int) -> None:
        assert self._child is not None
        if fault is Fault.KILLED:
            self._child.signal(signal.SIGKILL)
            self._child.wait(STOP_SECONDS)
        elif fault is Fault.FROZEN:
            self._child.signal(signal.SIGSTOP)

    def _relieve(self, fault: Fault) -> None:
        if fault is Fault.FROZEN and self._child is not None:
            self._child.signal(signal.SIGCONT)

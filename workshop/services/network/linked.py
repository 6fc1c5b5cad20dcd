"""Los servidores que atienden en un socket unix: su tramo de red se vuelve lento o se corta de verdad."""

from abc import abstractmethod
from pathlib import Path

from workshop.services.faults import Fault
from workshop.services.network.link import UnixLink
from workshop.services.process import ProcessService


class LinkedProcess(ProcessService):
    """Un proceso con todas las averías: las suyas y las de la red que lleva hasta él."""

    faults = frozenset(Fault)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._link: UnixLink | None = None

    @property
    @abstractmethod
    def socket(self) -> str:
        """La ruta de su socket unix: no abre ningún puerto."""

    @abstractmethod
    def _drop_clients(self) -> None:
        """End the connections of now: they would not feel what happens on the way to the server."""

    def _launch(self) -> None:
        super()._launch()
        self._link = UnixLink(Path(self.socket))

    def _close_link(self) -> None:
        if self._link is not None:
            self._link.close()

    def _inflict(self, fault: Fault, delay: int) -> None:
        if fault in (Fault.SLOW, Fault.CUT):
            assert self._link is not None
            self._link.open(delay) if fault is Fault.SLOW else self._link.cut()
            self._drop_clients()
        else:
            super()._inflict(fault, delay)

    def _relieve(self, fault: Fault) -> None:
        if fault in (Fault.SLOW, Fault.CUT):
            self._close_link()
        else:
            super()._relieve(fault)

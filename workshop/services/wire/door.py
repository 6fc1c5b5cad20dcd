"""La puerta de lo que atiende el cable en un hilo del kernel: su puerto, su avería y su bitácora."""

import socket
from collections import deque

from workshop.services.faults import Fault
from workshop.services.port import PortService

_KEPT_LINES = 200
_AT_THE_DOOR = 128  # connections that wait to be accepted


class Door(PortService):
    """Un servicio que acepta él mismo sus conexiones, sin framework."""

    faults = frozenset({Fault.KILLED})

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)

    def logs(self, n: int = 20) -> str:
        """Las últimas `n` líneas de su bitácora: lo que salió mal, y la traza si falló tu función."""
        return "\n".join(list(self._lines)[-n:])

    def _listen(self) -> socket.socket:
        listener = self._take_port()
        listener.listen(_AT_THE_DOOR)
        return listener

    def _inflict(self, fault: Fault, delay: int) -> None:
        self._halt()

"""Los servicios que escuchan en un puerto de esta máquina: el mismo puerto mientras viven, y su dirección."""

import socket

from workshop.services.base import Service
from workshop.services.errors import ServiceError


class PortService(Service):
    """Un servicio en un puerto libre de 127.0.0.1, que conserva cuando se detiene y vuelve."""

    _scheme = "http"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.port = 0

    @property
    def url(self) -> str:
        """La dirección base, sin diagonal final: `http://127.0.0.1:<puerto>` (`https` si habla con TLS).

        Errores: `ServiceError` si todavía no arranca por primera vez.
        """
        if not self.port:
            raise ServiceError(f"«{self.name}» todavía no tiene dirección: arráncalo con .start().")
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def _take_port(self) -> socket.socket:
        """A socket bound to its port, and not listening yet."""
        bound = bind(self.port)
        self.port = bound.getsockname()[1]
        return bound


def bind(port: int) -> socket.socket:
    """A bound socket: on the same port as before if it is still free, else on any."""
    # With the protocol named, asyncio sets TCP_NODELAY; without it, each keep-alive request waits 44 ms.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(("127.0.0.1", port))
    except OSError:
        bound.bind(("127.0.0.1", 0))
    return bound

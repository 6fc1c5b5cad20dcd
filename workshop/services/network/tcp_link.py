"""El tramo de red ante un puerto de 127.0.0.1."""

import asyncio
import os
import socket

from workshop.services.errors import ServiceError
from workshop.services.network.link import Link
from workshop.services.network.relay import Streams


class TcpLink(Link):
    """El tramo ante un puerto de 127.0.0.1, para un servidor que sabe mudarse a otro puerto.

    Antes de `open` o de `cut`, el servidor deja libre `port`; para `open`, escucha ya en `real`.
    Después de `close`, vuelve a escuchar en `port`.
    """

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port
        self.real = _free_port()
        self._held: socket.socket | None = None

    def _move_aside(self) -> None:
        pass  # the server has moved by itself

    def _give_back(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

    def _listener(self) -> socket.socket:
        self._give_back()
        listener = self._bound()
        listener.listen(socket.SOMAXCONN)
        return listener

    def _refuse(self) -> None:
        # Bound and not listening: it refuses, and who asks for any free port is not given this one.
        self._give_back()
        self._held = self._bound()

    def _bound(self) -> socket.socket:
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", self.port))
        except OSError as problem:
            one.close()
            raise ServiceError(
                f"El puerto {self.port} sigue ocupado ({os.strerror(problem.errno or 0)}): "
                "no se puede averiar la red de un servidor que no lo ha dejado libre."
            ) from None
        return one

    async def _reach(self) -> Streams:
        return await asyncio.open_connection("127.0.0.1", self.real)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""El tramo de red ante un servidor: se interpone cuando hace falta que sea lento o que esté cortado."""

import asyncio
import socket
import stat
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path

from workshop.services.errors import ServiceError
from workshop.services.network.relay import Relay, Streams


class Link(ABC):
    """Un tramo de red en la dirección pública de un servidor. En calma no existe: nadie paga por él.

    `open`, `cut` y `close` se suceden en cualquier orden y pueden repetirse. Las conexiones que ya iban
    directo al servidor no pasan por aquí: las rompe quien avería el servicio.
    """

    def __init__(self) -> None:
        self._relay: Relay | None = None
        self._aside = False  # has the server left its public address?

    def open(self, delay_ms: int) -> None:
        """Se interpone: desde ahora cada respuesta tarda `delay_ms` milisegundos más.

        Errores: `ServiceError` si el servidor ya no está en su dirección.
        """
        self._occupy()
        self._relay = Relay(self._listener(), self._reach, delay_ms / 1000)

    def cut(self) -> None:
        """La dirección pública rechaza toda conexión.

        Errores: `ServiceError` si el servidor ya no está en su dirección.
        """
        self._occupy()
        self._refuse()

    def close(self) -> None:
        """Se quita de en medio: rompe lo que pasaba por aquí y devuelve la dirección al servidor."""
        if self._aside:
            self._aside = False
            self._give_back()
        self._end_relay()

    def _occupy(self) -> None:
        if not self._aside:
            self._move_aside()
            self._aside = True
        self._end_relay()

    def _end_relay(self) -> None:
        relay, self._relay = self._relay, None
        if relay is not None:
            relay.close()

    @abstractmethod
    def _move_aside(self) -> None:
        """Take the public address from the server, which goes on listening elsewhere."""

    @abstractmethod
    def _give_back(self) -> None:
        """Return the public address to the server, if it is still there."""

    @abstractmethod
    def _listener(self) -> socket.socket:
        """A socket that listens at the public address, in the server's place."""

    @abstractmethod
    def _refuse(self) -> None:
        """Make the public address refuse."""

    @abstractmethod
    async def _reach(self) -> Streams:
        """A new connection to the server itself."""


class UnixLink(Link):
    """El tramo ante un socket unix: aparta el archivo del servidor, que sigue escuchando, y toma su lugar."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._mode = 0o700

    @property
    def real(self) -> Path:
        """Dónde está ahora el socket del servidor: lo usa su dueño para administrarlo, haya avería o no."""
        return self._apart if self._aside else self.path

    @property
    def _apart(self) -> Path:
        # Another folder and not another name: PostgreSQL's clients find a socket by its name.
        return self.path.parent / "real" / self.path.name

    def _move_aside(self) -> None:
        self._apart.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            self._mode = stat.S_IMODE(self.path.stat().st_mode)
            self.path.rename(self._apart)
        except FileNotFoundError:
            raise ServiceError(
                f"El servidor ya no está en {self.path}: arráncalo otra vez con .recover()."
            ) from None

    def _give_back(self) -> None:
        with suppress(FileNotFoundError):  # a server that ended by itself took its socket along
            self._apart.replace(self.path)

    def _listener(self) -> socket.socket:
        listener = self._bound()
        listener.listen()
        return listener

    def _refuse(self) -> None:
        self._bound().close()  # its file remains, and nobody listens behind it

    def _bound(self) -> socket.socket:
        self.path.unlink(missing_ok=True)
        one = socket.socket(socket.AF_UNIX)
        one.bind(str(self.path))
        self.path.chmod(self._mode)  # who could talk to the server still can
        return one

    async def _reach(self) -> Streams:
        return await asyncio.open_unix_connection(self.real)

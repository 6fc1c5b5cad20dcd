"""Una conexión de un cliente de la carga: lo justo de HTTP/1.1 para medir al servidor y no al cliente."""

import asyncio
from typing import Any

import httptools


class Connection(asyncio.Protocol):
    """Una conexión HTTP/1.1 con un cliente a un lado: una petición a la vez."""

    def __init__(self) -> None:
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.open = True
        self._transport: Any = transport
        self._answer: asyncio.Future[int] | None = None

    async def ask(self, request: bytes, headless: bool) -> int:
        """Manda la petición y devuelve el código de la respuesta, leída entera."""
        self.replica, self.cookie = "", ""
        self._headless = headless
        self._parser = httptools.HttpResponseParser(self)
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, AttributeError):
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        known = name.lower()
        if known == b"x-replica":
            self.replica = value.decode("latin-1")
        elif known == b"set-cookie":
            self.cookie = value.partition(b";")[0].decode("latin-1")

    def on_headers_complete(self) -> None:
        if self._headless:  # a HEAD's answer says how long a body would be, and has none
            self.on_message_complete()

    def on_message_complete(self) -> None:
        if self._answer is None or self._answer.done() or self._parser.get_status_code() < 200:
            return
        if not self._parser.should_keep_alive():
            self.close()
        self._answer.set_result(self._parser.get_status_code())

    def connection_lost(self, reason: Exception | None) -> None:
        self.open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError())

    def close(self) -> None:
        self.open = False
        self._transport.close()

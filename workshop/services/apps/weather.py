"""El tiempo que hace en la red de una app: en calma, lenta o cortada, sin que la app se entere."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_DELAYED = ("http.response.start", "websocket.accept", "websocket.send")
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of zero: closing resets the connection instead of saying goodbye


class Weather:
    """Lo que se interpone entre uvicorn y la app. Sus órdenes valen desde cualquier hilo, y al instante."""

    def __init__(self) -> None:
        self._delay = 0.0  # seconds
        self._cut = False
        self._answering: set[Send] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def slow(self, ms: int) -> None:
        """Desde ahora, cada respuesta sale `ms` milisegundos después de que la app la entrega."""
        # One more: uvloop's timers may ring up to a millisecond early, and this promises no less than `ms`.
        self._delay, self._cut = (ms + 1) / 1000, False

    def cut(self) -> None:
        """Rompe las conexiones de las peticiones en vuelo, y desde ahora la de toda petición que llegue."""
        self._cut = True
        if self._loop is not None:
            with suppress(RuntimeError):  # that loop has ended, and its connections with it
                self._loop.call_soon_threadsafe(self._break_all_off)

    def clear(self) -> None:
        """Vuelve la calma."""
        self._delay, self._cut = 0.0, False

    async def pass_through(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Atiende una petición con `app`, bajo el tiempo que haga."""
        if self._cut:
            _break_off(send)
            while not (await receive())["type"].endswith(".disconnect"):
                pass  # uvicorn answers 500 to whoever leaves before it knows that the client is gone
            return
        self._loop = asyncio.get_running_loop()
        self._answering.add(send)
        try:
            await app(scope, receive, self._delaying(send))
        finally:
            self._answering.discard(send)

    def _delaying(self, send: Send) -> Send:
        async def later(message: Any) -> None:
            # The answer waits and not the request: a client that gives up does not know what was done.
            if self._delay and message["type"] in _DELAYED:
                await asyncio.sleep(self._delay)
            await send(message)

        return later

    def _break_all_off(self) -> None:
        for send in self._answering:
            _break_off(send)


def reset(transport: Any) -> None:
    """Break a connection as a cut network does, without a goodbye."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()


def _break_off(send: Send) -> None:
    # ASGI has no word for this; `send` is a method of uvicorn's own object, which holds the connection.
    reset(send.__self__.transport)  # type: ignore[attr-defined]

"""El conmutador: pasa cada petición a la app de turno y cambia de app sin cortar ninguna."""

import asyncio
from contextlib import suppress

import uvicorn
from uvicorn.lifespan.on import LifespanOn

from workshop.services.apps.docs import OfflineDocs
from workshop.services.apps.weather import ASGIApp, Receive, Scope, Send, Weather

GRACE_SECONDS = 5.0  # what a request in flight may still take in a replaced app before its shutdown runs
CLOSE_SECONDS = 1.0  # the whole service is stopping: what is still in flight has been cut already
_PROXY_HEADERS = (b"x-forwarded-context", b"x-proxycontextpath")


class StartupError(Exception):
    """The application's lifespan raised at startup; the traceback is in the logbook."""


class Turn:
    """Una app mientras le toca atender: su arranque, sus peticiones en vuelo y su cierre."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._docs = OfflineDocs(app)
        self._lifespan = LifespanOn(uvicorn.Config(app, log_config=None, lifespan="auto"))
        self._in_flight = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    async def open(self) -> None:
        await self._lifespan.startup()
        if self._lifespan.should_exit:
            raise StartupError

    async def close(self) -> None:
        with suppress(TimeoutError):  # a WebSocket or an endless stream: its app closes all the same
            await asyncio.wait_for(self._quiet.wait(), GRACE_SECONDS)
        await self._lifespan.shutdown()

    async def attend(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = self._lifespan.state.copy()
        app = self._docs.app_for(scope) or self.app
        self._in_flight += 1
        self._quiet.clear()
        try:
            await app(scope, receive, send)
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._quiet.set()


class Switchboard:
    """Atiende siempre en el mismo puerto; `swap` cambia la app que hay detrás."""

    def __init__(self) -> None:
        self.weather = Weather()
        self._turn: Turn | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def swap(self, app: ASGIApp) -> None:
        """La app nueva arranca del todo antes de recibir; la vieja termina lo que tenía y se cierra.

        Errores: `StartupError` si la nueva no arranca; entonces la vieja sigue atendiendo.
        """
        turn = Turn(app)
        await turn.open()
        previous, self._turn = self._turn, turn
        if previous is not None:
            task = asyncio.create_task(previous.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Cierra la app de turno y espera a las que aún se estaban cerrando."""
        closing = [*self._closing, *([asyncio.create_task(self._turn.close())] if self._turn else [])]
        self._turn = None
        if closing:
            await asyncio.wait(closing, timeout=CLOSE_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._turn is None:
            return  # uvicorn is already closing: it drops the connection
        prefix = _behind_proxy(scope)
        if prefix:
            # ASGI's path includes root_path: without it a mounted app (static files) finds nothing.
            scope["root_path"], scope["path"] = prefix, prefix + scope["path"]
            scope["raw_path"] = prefix.encode() + scope["raw_path"]
        await self.weather.pass_through(self._turn.attend, scope, receive, send)


def _behind_proxy(scope: Scope) -> str:
    # jupyter-server-proxy removes its prefix from the path and says it in a header;
    # the app needs it to write links that work behind the proxy.
    for name, value in scope.get("headers", ()):
        if name in _PROXY_HEADERS:
            return str(value.decode("latin-1").rstrip("/"))
    return ""

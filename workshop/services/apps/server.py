"""Un uvicorn de verdad en un hilo del kernel."""

import asyncio
import socket
import threading
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from typing import Any

import uvicorn

from workshop.services import logbook
from workshop.services.apps.switchboard import StartupError, Switchboard
from workshop.services.apps.weather import Weather, reset

READY_SECONDS = 10.0
STOP_SECONDS = 5.0
CLOCK_SECONDS = 1.0  # the `Date` of its answers


class NotReadyError(Exception):
    """Why the server is not serving, as half a sentence in Spanish."""


class KernelServer(uvicorn.Server):
    """uvicorn in a thread: on the kernel's own loop, a cell's request would wait for itself."""

    def __init__(self, app: Any, listener: socket.socket, book: logbook.Logbook) -> None:
        self.closed = threading.Event()
        self._app = app
        self._board = Switchboard()
        self._listener = listener
        self._book = book
        self._settled = threading.Event()  # ready, or never going to be
        self._failed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leaving = asyncio.Event()
        super().__init__(
            uvicorn.Config(self._board, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        )

    def start(self) -> None:
        threading.Thread(target=self._work, name="comanda-serve", daemon=True).start()
        if not self._settled.wait(READY_SECONDS):
            raise NotReadyError(f"pasaron {READY_SECONDS:g} s sin que terminara su arranque (lifespan)")
        if self._failed or not self.started:
            raise NotReadyError("su arranque (lifespan) falló")

    def swap(self, app: Any) -> None:
        assert self._loop is not None
        swapping = asyncio.run_coroutine_threadsafe(self._board.swap(app), self._loop)
        try:
            swapping.result(READY_SECONDS)
        except StartupError:
            raise NotReadyError("su arranque (lifespan) falló") from None
        except FutureTimeout:
            swapping.cancel()
            raise NotReadyError(
                f"pasaron {READY_SECONDS:g} s sin que terminara su arranque (lifespan)"
            ) from None

    def stop(self) -> None:
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it ended by itself, and its loop with it
                self._loop.call_soon_threadsafe(self._leaving.set)
        self.closed.wait(STOP_SECONDS)

    @property
    def weather(self) -> Weather:
        return self._board.weather

    def kill(self) -> None:
        """Refuses from now on, breaks its connections and tells its app nothing."""
        assert self._loop is not None
        dying = asyncio.run_coroutine_threadsafe(self._die(), self._loop)
        with suppress(FutureTimeout):
            dying.result(STOP_SECONDS)

    async def _die(self) -> None:
        self.should_exit = self.force_exit = True
        self._leaving.set()
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            reset(connection.transport)
        self.closed.set()

    def _work(self) -> None:
        logbook.keep(self._book)
        try:
            self.run(sockets=[self._listener])
        except StartupError:
            self._failed = True
        finally:
            self._listener.close()
            self.closed.set()
            self._settled.set()
            logbook.close()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await self._board.swap(self._app)
        await super().startup(sockets=sockets)
        self._settled.set()

    async def main_loop(self) -> None:
        """uvicorn looks ten times a second whether it must end; here it is told, and wakes for its clock."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), CLOCK_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets=sockets)
        if not self.force_exit:
            await self._board.close()
        # A synchronous endpoint that never returns keeps its thread; the port is free all the same.
        self.closed.set()

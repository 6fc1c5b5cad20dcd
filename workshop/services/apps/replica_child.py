"""Una réplica por dentro: la app de un módulo, bajo uvicorn, en un proceso que el kernel gobierna."""

import asyncio
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

import uvicorn
import uvicorn.protocols.http.auto
import uvicorn.protocols.websockets.auto

from workshop.services.apps.replica_app import import_app
from workshop.services.apps.replica_control import LEAVE_SECONDS
from workshop.services.apps.switchboard import StartupError, Switchboard
from workshop.services.errors import ServiceError

HEADER = "x-replica"
STOP_SECONDS = 1  # what is in flight may still take when the replica is stopped
LONGEST_LOG = 8 * 1024 * 1024  # bytes
_LINGER_SECONDS = 0.25  # for whoever holds a connection to use it once more and hear that it is the last time


class ReplicaServer(uvicorn.Server):
    """uvicorn con un hilo que obedece al kernel."""

    def __init__(self, app: Any, name: str, listener: socket.socket, control: socket.socket) -> None:
        self.failed = False
        self._app, self._listener, self._control = app, listener, control
        self._board = Switchboard()
        super().__init__(
            uvicorn.Config(
                self._board, lifespan="off", headers=[(HEADER, name)], timeout_graceful_shutdown=STOP_SECONDS
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await self._board.swap(self._app)
        await super().startup(sockets=sockets)
        threading.Thread(target=self._obey, name="comanda-control", daemon=True).start()
        tell(self._control, ready=True)

    async def on_tick(self, counter: int) -> bool:
        if os.fstat(sys.stderr.fileno()).st_size > LONGEST_LOG:
            os.ftruncate(sys.stderr.fileno(), 0)  # a load writes a line for each request
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets=sockets)
        await self._board.close()

    def _obey(self) -> None:
        orders: dict[str, Callable[..., None]] = {
            "slow": self._board.weather.slow, "cut": self._board.weather.cut,
            "clear": self._board.weather.clear, "lend": self._lend, "leave": self._leave,
        }  # fmt: skip
        with self._control.makefile("r", encoding="utf-8") as line:
            for said in line:
                order, *arguments = json.loads(said)
                orders[order](*arguments)
                if order != "lend":
                    tell(self._control, done=order)
        os._exit(0)  # the kernel has gone

    def _lend(self) -> None:
        """The socket that listens, for the replica that takes this one's place: nobody is refused."""
        socket.send_fds(self._control, [b"\n"], [self._listener.fileno()])

    def _leave(self) -> None:
        self._loop.call_soon_threadsafe(self._take_leave)

    def _take_leave(self) -> None:
        """It takes no new connection and bids farewell on those it has, before it closes any."""
        for server in self.servers:
            server.close()
        self.config.timeout_graceful_shutdown = LEAVE_SECONDS
        self.config.encoded_headers.append((b"connection", b"close"))
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        self._loop.create_task(self._exit_when_quiet())

    async def _exit_when_quiet(self) -> None:
        deadline = self._loop.time() + LEAVE_SECONDS
        seen = -1
        while seen != self.server_state.total_requests and self._loop.time() < deadline:
            seen = self.server_state.total_requests
            await asyncio.sleep(_LINGER_SECONDS)
        self.should_exit = True


def run(arguments: dict[str, Any], fds: list[int]) -> int:
    """Lo que el vivero llama. `arguments`: `app` y `name`; `fds`: el socket que escucha y el de control."""
    listener, control = (socket.socket(fileno=fd) for fd in fds)
    try:
        app = import_app(arguments["app"])
    except ServiceError as problem:
        tell(control, failed=str(problem))
        return 1
    server = ReplicaServer(app, arguments["name"], listener, control)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        server.run(sockets=[listener])
    except StartupError:
        tell(control, failed="Su arranque (lifespan) falló.")
        return 1
    return 0


def tell(control: socket.socket, **what: Any) -> None:
    """Dice algo al kernel, en una línea."""
    try:
        control.sendall(json.dumps(what).encode() + b"\n")
    except OSError:
        os._exit(0)  # nobody is listening any more

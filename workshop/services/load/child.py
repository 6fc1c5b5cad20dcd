"""La carga por dentro: muchos clientes que preguntan a la vez, en un proceso que no es el del kernel."""

import asyncio
import json
import random
import socket
import ssl
import threading
import time
from itertools import count
from typing import Any

from workshop.services.load.connection import Connection
from workshop.services.load.order import Order
from workshop.services.load.tally import Tally

TICK_SECONDS = 0.1
LAST_SECONDS = 2.0  # for the answers that are still to come when the time is up
_PAUSE_AFTER_FAILURE = 0.05  # seconds; people do not ask a thousand times a second at a closed door


class Load:
    """Los clientes de una carga: cada uno pide, lee la respuesta entera y vuelve a pedir."""

    def __init__(self, order: Order, kernel: socket.socket) -> None:
        self._order, self._kernel = order, kernel
        self._tally = Tally()
        self._asked = count(1)
        self._enough = asyncio.Event()
        self._tls = ssl.create_default_context(cafile=order.ca) if order.tls else None

    async def run(self) -> None:
        threading.Thread(target=self._listen, args=(asyncio.get_running_loop(),), daemon=True).start()
        telling = asyncio.create_task(self._tell_often())
        clients = [asyncio.create_task(self._client(n)) for n in range(1, self._order.clients + 1)]
        ends = [asyncio.create_task(asyncio.wait(clients)), asyncio.create_task(self._enough.wait())]
        await asyncio.wait(ends, timeout=self._order.seconds, return_when=asyncio.FIRST_COMPLETED)
        self._enough.set()
        late = (await asyncio.wait(clients, timeout=min(LAST_SECONDS, self._order.patience)))[1]
        for client in late:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        telling.cancel()
        self._tell(ended=True)

    async def _client(self, number: int) -> None:
        connection = Connection()
        cookies: dict[str, str] = {}
        while not self._enough.is_set() and next(self._asked) <= (self._order.requests or float("inf")):
            began = time.perf_counter()
            try:
                async with asyncio.timeout(self._order.patience):
                    if not connection.open:
                        connection = await self._connect()
                    request = self._request(number, cookies)
                    status = await connection.ask(request, self._order.method == "HEAD")
            except asyncio.CancelledError:
                connection.close()
                self._tally.failed("sin respuesta al terminar")
                raise
            except (OSError, TimeoutError) as problem:
                if connection.open:
                    connection.close()
                self._tally.failed(_reason(problem, self._order.patience))
                await self._rest(_PAUSE_AFTER_FAILURE)
            else:
                self._tally.answered(status, time.perf_counter() - began, connection.replica)
                name, _, value = connection.cookie.partition("=")
                cookies.update({name: value} if name else {})
                if self._order.pause:
                    await self._rest(self._order.pause)
        if connection.open:
            connection.close()

    async def _connect(self) -> Connection:
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection, self._order.host, self._order.port, ssl=self._tls
        )
        return connection

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._enough.wait(), seconds)
        except TimeoutError:
            return

    def _request(self, number: int, cookies: dict[str, str]) -> bytes:
        order = self._order
        headers = {"Host": f"{order.host}:{order.port}", "User-Agent": "la-comanda", **order.headers}
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        body = (order.body or "").encode()
        if order.body is not None:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = [f"{name}: {value.replace('{client}', str(number))}" for name, value in headers.items()]
        path = random.choice(order.paths)
        return "\r\n".join([f"{order.method} {path} HTTP/1.1", *lines, "", ""]).encode() + body

    async def _tell_often(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._tell()

    def _tell(self, ended: bool = False) -> None:
        self._kernel.sendall(json.dumps({**self._tally.told(), "ended": ended}).encode() + b"\n")

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        self._kernel.recv(1)  # a word, or the end of the kernel: both mean that it is enough
        loop.call_soon_threadsafe(self._enough.set)


def _reason(problem: BaseException, patience: float) -> str:
    if isinstance(problem, TimeoutError):
        return f"sin respuesta en {patience:g} s"
    if isinstance(problem, ConnectionRefusedError):
        return "conexión rechazada"
    if isinstance(problem, ssl.SSLError):
        return "certificado no válido"
    return "conexión rota"


def run(arguments: dict[str, Any], fds: list[int]) -> int:
    """Lo que el vivero llama: `arguments`, los campos de `Order`; `fds`, el socket del kernel."""
    import uvloop

    with socket.socket(fileno=fds[0]) as kernel:
        uvloop.run(Load(Order(**arguments), kernel).run())
    return 0

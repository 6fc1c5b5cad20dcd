"""Un paso: escucha en un puerto suyo y, por cada cliente, abre una conexión al servicio de detrás."""

import asyncio
import ssl
import threading
from abc import abstractmethod
from contextlib import suppress
from typing import Any

from workshop.services.errors import ServiceError
from workshop.services.local_url import where
from workshop.services.network.relay import chunks
from workshop.services.wire.door import Door


class Ear:
    """Lo que oye una conexión que pasa. Esta no anota nada; las demás heredan de ella."""

    def client_said(self, data: bytes) -> None:
        """Bytes del cliente, antes de entregarlos; `b""` es que ya no dirá más."""

    def server_said(self, data: bytes) -> None:
        """Bytes del servidor, antes de entregarlos; `b""` es que ya no dirá más."""

    def nobody_there(self) -> None:
        """El servicio de detrás rechazó la conexión."""


class Passage(Door):
    """Lo común de lo que se interpone entre un cliente y un servicio `api` de esta máquina."""

    def __init__(self, api: Any, name: str) -> None:
        super().__init__(name)
        self._api = api
        self._scheme, _, _ = where(api)
        self._clients: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @abstractmethod
    def _ear(self) -> Ear:
        """What listens to the connection that has just come in."""

    def _tls(self) -> ssl.SSLContext | None:
        """The context that greets clients; None to leave bytes as they are."""
        return None

    def _launch(self) -> None:
        tls = self._tls()
        listener = self._listen()
        self._loop, self._enough = asyncio.new_event_loop(), asyncio.Event()
        ready = threading.Event()

        async def attend() -> None:
            server = await asyncio.start_server(self._pass_on, sock=listener, ssl=tls)
            ready.set()
            await self._enough.wait()
            server.close()
            for client in self._clients:
                client.cancel()
            await asyncio.gather(*self._clients, return_exceptions=True)

        loop = self._loop

        def work() -> None:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(attend())

        self._thread = threading.Thread(target=work, name=f"comanda-{self.name}", daemon=True)
        self._thread.start()
        if not ready.wait(5):
            raise ServiceError(f"«{self.name}» no empezó a escuchar en 5 s: vuelve a ejecutar la celda.")

    def _halt(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None and self._loop is not None:
            with suppress(RuntimeError):  # its loop has already ended
                self._loop.call_soon_threadsafe(self._enough.set)
            thread.join(5)

    def _alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        ear = self._ear()
        try:
            await self._join_ends(reader, writer, ear)
        except* OSError as problems:
            self._lines.append(f"conexión rota: {problems.exceptions[0]}")
        except* asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._clients.discard(task)
            writer.close()

    async def _join_ends(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ear: Ear) -> None:
        _, host, port = where(self._api)
        try:
            there, back = await asyncio.open_connection(host, port)
        except OSError:
            ear.nobody_there()
            self._lines.append("nadie atiende detrás")
            return
        try:
            async with asyncio.TaskGroup() as ends:
                asking = ends.create_task(_carry(reader, back, ear.client_said))
                await _carry(there, writer, ear.server_said)
                asking.cancel()
        finally:
            back.close()


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter, heard: Any) -> None:
    async for chunk in chunks(source):
        heard(chunk)  # before it is handed over: whoever sees it in a cell finds it already written down
        with suppress(OSError):  # the other side left; what this one still says is worth hearing
            target.write(chunk)
            await target.drain()
    if target.can_write_eof():
        with suppress(OSError):
            target.write_eof()

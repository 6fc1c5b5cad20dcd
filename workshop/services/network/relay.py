"""Un relevo en un hilo: pasa bytes entre los clientes y un servidor, y retrasa las respuestas."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

_CHUNK = 1 << 16
_QUEUED = 64  # chunks under way for one client: beyond it the server waits, as with any full pipe

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
UnderWay = asyncio.Queue[tuple[float, bytes]]


class Relay:
    """Atiende en `listener`; por cada cliente abre con `reach` una conexión al servidor de verdad."""

    def __init__(
        self, listener: socket.socket, reach: Callable[[], Awaitable[Streams]], delay: float
    ) -> None:
        self._listener = listener
        self._reach = reach
        self._delay = delay  # seconds
        self._loop = asyncio.new_event_loop()
        self._enough = asyncio.Event()
        self._clients: dict[socket.socket, asyncio.Task[None]] = {}
        self._thread = threading.Thread(target=self._work, name="comanda-link", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Deja de atender, rompe lo que estaba pasando y espera a que el hilo termine."""
        self._loop.call_soon_threadsafe(self._enough.set)
        self._thread.join()

    def _work(self) -> None:
        with self._listener, asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._attend())

    async def _attend(self) -> None:
        # Not asyncio's own server: closed while it accepts, it forgets who was at the door.
        self._listener.setblocking(False)
        self._loop.add_reader(self._listener, self._accept)
        await self._enough.wait()
        self._loop.remove_reader(self._listener)
        clients = dict(self._clients)
        for client in clients.values():
            client.cancel()
        await asyncio.gather(*clients.values(), return_exceptions=True)
        for connection in clients:
            connection.close()

    def _accept(self) -> None:
        with suppress(OSError):  # whoever was at the door has left
            connection, _ = self._listener.accept()
            connection.setblocking(False)
            task = self._loop.create_task(self._pass_on(connection))
            self._clients[connection] = task

    async def _pass_on(self, connection: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=connection)
        try:
            await self._join_ends(reader, writer)
        except* OSError:
            pass  # either end may leave at any moment: the other one is told by closing
        except* asyncio.CancelledError:
            writer.transport.abort()
        finally:
            writer.close()
            self._clients.pop(connection, None)

    async def _join_ends(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await self._reach()
        under_way: UnderWay = asyncio.Queue(_QUEUED)
        try:
            async with asyncio.TaskGroup() as ends:
                asking = ends.create_task(_ask(reader, back))
                ends.create_task(_listen(there, under_way, self._delay))
                await _deliver(under_way, writer)
                asking.cancel()
        finally:
            back.close()


async def _ask(client: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
    while chunk := await client.read(_CHUNK):
        with suppress(OSError):  # the server has left; what it said before is still on its way
            server.write(chunk)
            await server.drain()
    server.write_eof()  # the client asked all it wanted, and may still wait for the answers


async def _listen(server: asyncio.StreamReader, under_way: UnderWay, delay: float) -> None:
    """Each chunk leaves `delay` after it came: the later ones do not wait for the earlier ones' delay."""
    now = asyncio.get_running_loop().time
    async for chunk in chunks(server):
        await under_way.put((now() + delay, chunk))


async def _deliver(under_way: UnderWay, client: asyncio.StreamWriter) -> None:
    now = asyncio.get_running_loop().time
    while True:
        due, chunk = await under_way.get()
        if not chunk:
            return
        await asyncio.sleep(due - now())
        client.write(chunk)
        await client.drain()


async def chunks(source: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Los trozos que van llegando; el último, vacío, es que ya no dirá más."""
    chunk = b"?"
    while chunk:
        try:
            chunk = await source.read(_CHUNK)
        except OSError:
            chunk = b""  # a reset is also an end
        yield chunk

"""El cable: los bytes que de verdad pasan por el socket, en las dos direcciones."""

import contextlib
import socket
import threading
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from workshop.services.wire.tape import Tape
from workshop.widgets.address import is_local
from workshop.widgets.errors import WidgetError


@dataclass
class Hop:
    """Una ida y vuelta: la petición, la respuesta y sus bytes."""

    method: str
    url: str
    status: int | None = None
    location: str = ""
    sent: Tape = field(default_factory=Tape)
    received: Tape = field(default_factory=Tape)


class Recorder:
    """Graba las idas y vueltas de una petición y puede cortarla desde otro hilo."""

    def __init__(self) -> None:
        self.hops: list[Hop] = []
        self.cut = threading.Event()
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()

    def adopt(self, plain: socket.socket) -> socket.socket:
        """Un socket equivalente que graba lo que pasa por él."""
        recorded = _RecordingSocket.over(plain, self)
        with self._lock:
            self._sockets.append(recorded)
        if self.cut.is_set():
            self.stop()
        return recorded

    def stop(self) -> None:
        """Corta la conexión: quien espera una respuesta deja de esperar."""
        self.cut.set()
        with self._lock:
            for each in self._sockets:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


class _RecordingSocket(socket.socket):
    recorder: Recorder

    @classmethod
    def over(cls, plain: socket.socket, recorder: Recorder) -> "_RecordingSocket":
        timeout = plain.gettimeout()
        recorded = cls(plain.family, plain.type, plain.proto, fileno=plain.detach())
        recorded.settimeout(timeout)
        recorded.recorder = recorder
        return recorded

    def sendall(self, data: Any, flags: int = 0) -> None:
        super().sendall(data, flags)
        self.recorder.hops[-1].sent.write(data)

    def send(self, data: Any, flags: int = 0) -> int:
        count = super().send(data, flags)
        self.recorder.hops[-1].sent.write(memoryview(data).cast("B")[:count])
        return count

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        data = super().recv(bufsize, flags)
        self.recorder.hops[-1].received.write(data)
        return data

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        count = super().recv_into(buffer, nbytes, flags)
        self.recorder.hops[-1].received.write(memoryview(buffer).cast("B")[:count])
        return count


class _Adapter(HTTPAdapter):
    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        recorder = self.recorder

        class Connection(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return recorder.adopt(super()._new_conn())

        class Pool(HTTPConnectionPool):
            ConnectionCls = Connection

        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"http": Pool}

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        url = request.url or ""
        if not is_local(url):
            raise WidgetError(f"La respuesta manda a {url}, fuera de esta máquina: hasta ahí no llego.")
        hop = Hop(request.method or "", url)
        self.recorder.hops.append(hop)
        response = super().send(request, *args, **kwargs)
        hop.status, hop.location = response.status_code, response.headers.get("Location", "")
        return response


def session(recorder: Recorder) -> requests.Session:
    """Una sesión de `requests` que graba el cable y no sale de esta máquina."""
    new = requests.Session()
    new.trust_env = False  # a proxy in the environment would carry the request off this machine
    new.max_redirects = 10
    adapter = _Adapter(recorder)
    for scheme in ("http://", "https://"):
        new.mount(scheme, adapter)
    return new

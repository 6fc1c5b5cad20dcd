"""Un trabajador de RQ, desde el kernel: su proceso, sus averías y su bitácora."""

import os
import select
import signal
import sys
from contextlib import suppress
from typing import ClassVar

from workshop.services import nursery
from workshop.services.base import State
from workshop.services.child import Child
from workshop.services.errors import ServiceError
from workshop.services.nursling import Nursling
from workshop.services.redis.handle import RedisHandle
from workshop.xray import collector

READY_SECONDS = 15.0
DRAIN_SECONDS = 5.0
# What a job is likely to import and takes long: in the nursery once, if this kernel has it too.
_SLOW_TO_IMPORT = (
    "sqlalchemy", "sqlmodel", "psycopg", "requests", "httpx", "fastapi", "workshop.restaurant",
)  # fmt: skip


class _Coming:
    """A process that has been born and does not listen yet."""

    def __init__(self, child: Child, ready: int) -> None:
        self.child = child
        self._ready = ready  # the end of a pipe: a byte when it listens, nothing if it died before

    def listens(self, seconds: float) -> bool | None:
        """True as soon as it listens, False if it died, None if neither came in `seconds`."""
        heard, _, _ = select.select([self._ready], [], [], seconds)
        said = bool(os.read(self._ready, 1)) if heard else None
        os.close(self._ready)
        return said

    def end(self) -> None:
        os.close(self._ready)
        self.child.end()


class Worker(Nursling):
    """Uno de los trabajadores de un grupo. Hace un trabajo a la vez."""

    kind: ClassVar[str] = "trabajador"
    listed: ClassVar[bool] = False
    way_out: ClassVar[str] = "Revisa que Redis esté en marcha y vuelve a ejecutar la celda."

    def __init__(self, name: str, queues: tuple[str, ...], server: RedisHandle) -> None:
        super().__init__(name)
        self._queues = queues
        self._server = server
        self._born: Child | None = None
        self._coming: _Coming | None = None

    @property
    def url(self) -> str:
        """La del servidor Redis cuyas colas atiende."""
        return self._server.url

    @property
    def running(self) -> bool:
        """Si su proceso vive, aunque esté congelado."""
        return self._alive()

    @property
    def _child(self) -> Child | None:
        return self._born

    def prepare(self) -> None:
        """Hace nacer su proceso, si le falta, sin esperarlo: así arrancan varios a la vez."""
        if self._coming is None and self.state is not State.READY:
            self._coming = self._spawn()

    def stop(self) -> None:
        """Le pide que termine lo que cocina, lo espera hasta 5 s y, si no, lo mata. Puede repetirse."""
        super().stop()
        if self._coming is not None:
            self._coming.end()
            self._coming = None

    def dismiss(self) -> None:
        """Le pide que termine lo que cocina y se vaya, sin esperarlo: `stop()` lo espera."""
        if self._child is not None and self.running:
            self._child.signal(signal.SIGCONT)  # a frozen one would not hear it
            with suppress(ProcessLookupError):
                os.kill(self._child.pid, signal.SIGTERM)

    def _launch(self) -> None:
        coming, self._coming = self._coming or self._spawn(), None
        self._born = coming.child
        heard = coming.listens(READY_SECONDS)
        if not heard:
            failure = "terminó antes de escuchar" if heard is False else f"no escuchó en {READY_SECONDS:g} s"
            raise ServiceError(self._explain(failure))

    def _spawn(self) -> "_Coming":
        collector.invite()
        ours, theirs = os.pipe()
        order = {
            "url": self._server.url,
            "queues": self._queues,
            "name": self.name,
            "preload": [name for name in _SLOW_TO_IMPORT if name in sys.modules],
        }
        try:
            child = nursery.spawn(
                "workshop.services.queues.worker_child:work", order, self.log_path, [theirs]
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        return _Coming(child, ours)

    def _halt(self) -> None:
        if self._born is not None:
            self._born.end(DRAIN_SECONDS)
            self._born = None

"""Un grupo de trabajadores que atienden las mismas colas."""

import secrets
from collections.abc import Iterable
from typing import ClassVar, Self

from workshop.services.base import Service, State
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.queues.worker import Worker
from workshop.services.redis.external import ExternalRedis
from workshop.services.redis.handle import RedisHandle

MOST = 16


class WorkerPool(Service):
    """Un grupo de trabajadores que atienden las mismas colas. Se crea con `workers(...)`."""

    kind: ClassVar[str] = "grupo de trabajadores"
    faults = frozenset({Fault.KILLED, Fault.FROZEN})

    def __init__(self, name: str, count: int, queues: tuple[str, ...], server: RedisHandle) -> None:
        super().__init__(name)
        self.queues = queues
        self.server = server
        # Two kernels at one server elsewhere would have workers of the same name, and RQ knows them by it.
        self._stem = f"{name}-{secrets.token_hex(2)}" if isinstance(server, ExternalRedis) else name
        self._workers: list[Worker] = []
        self._add(count)

    @property
    def members(self) -> tuple[Worker, ...]:
        """Los trabajadores, cada uno con sus averías: `pool.members[0].kill()`."""
        return tuple(self._workers)

    @property
    def url(self) -> str:
        """La del servidor Redis: a un trabajador no se le llama, se le deja una comanda en su cola."""
        return self.server.url

    def start(self) -> Self:
        """Arranca a todos y espera a que escuchen. A los que ya estaban les quita la avería que tengan.

        Errores: `ServiceError` si alguno no llega a escuchar; cita las últimas líneas de su bitácora.
        """
        with self._lock:
            super().start()
            _start_together(self._workers)
        return self

    def scale(self, n: int) -> Self:
        """Deja `n`, sin tocar a los que se quedan. El que sobra termina lo que cocina, hasta 5 s.

        Errores: `ServiceError` si `n` no es un entero de 1 a 16, o si alguno no arranca.
        """
        require_count(n)
        with self._lock:
            extra, self._workers = self._workers[n:], self._workers[:n]
            _stop_together(extra)
            if self.state is not State.READY:
                self._add(n - len(self._workers))
                return self.start()
            _start_together(self._add(n - len(self._workers)))
        return self

    def logs(self, n: int = 20) -> str:
        """Las últimas `n` líneas de cada trabajador, con lo que imprimieron sus trabajos."""
        return "\n\n".join(f"— {worker.name}\n{worker.logs(n)}" for worker in self._workers)

    def _add(self, count: int) -> list[Worker]:
        first = len(self._workers) + 1
        names = (f"{self._stem}-{number}" for number in range(first, first + count))
        added = [Worker(name, self.queues, self.server) for name in names]
        self._workers += added
        return added

    def _launch(self) -> None:
        _start_together(self._workers)

    def _halt(self) -> None:
        _stop_together(self._workers)

    def _alive(self) -> bool:
        return any(worker.running for worker in self._workers)

    def _inflict(self, fault: Fault, delay: int) -> None:
        for worker in self._workers:
            if worker.running:
                worker.kill() if fault is Fault.KILLED else worker.freeze()

    def _relieve(self, fault: Fault) -> None:
        for worker in self._workers:
            worker.thaw()

    def __repr__(self) -> str:
        count = len(self._workers)
        noun = "trabajador" if count == 1 else "trabajadores"
        return f"{count} {noun} «{self.name}» en {', '.join(self.queues)}: {self.status}"


def _start_together(workers: Iterable[Worker]) -> None:
    for worker in workers:
        worker.prepare()
    for worker in workers:
        worker.start()


def _stop_together(workers: Iterable[Worker]) -> None:
    for worker in workers:
        worker.dismiss()
    for worker in workers:
        worker.stop()


def require_count(n: int) -> None:
    """Errores: `ServiceError` si no es un número de trabajadores que se pueda tener."""
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MOST:
        raise ServiceError(f"Se esperaba un número entero de trabajadores, de 1 a {MOST}; llegó {n!r}.")

"""`workers(n, colas)`: trabajadores de RQ de verdad, uno por proceso, que se averían y se relevan."""

from collections.abc import Iterable
from typing import ClassVar, Self

from workshop.services import registry
from workshop.services.base import Service
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.names import valid_name
from workshop.services.redis_handle import RedisHandle
from workshop.services.worker import Worker

MOST = 16


class WorkerPool(Service):
    """Un grupo de trabajadores que atienden las mismas colas. Se crea con `workers(...)`."""

    kind: ClassVar[str] = "grupo de trabajadores"
    faults = frozenset({Fault.KILLED, Fault.FROZEN})

    def __init__(self, name: str, count: int, queues: tuple[str, ...], server: RedisHandle) -> None:
        super().__init__(name)
        self.queues = queues
        self.server = server
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
        """Deja `n` trabajadores en marcha. El que sobra termina lo que cocina (hasta 5 s) antes de irse.

        Errores: `ServiceError` si `n` no es un entero de 1 a 16, o si alguno no arranca.
        """
        _require_count(n)
        with self._lock:
            extra, self._workers = self._workers[n:], self._workers[:n]
            _stop_together(extra)
            self._add(n - len(self._workers))
            return self.start()

    def logs(self, n: int = 20) -> str:
        """Las últimas `n` líneas de cada trabajador, con lo que imprimieron sus trabajos."""
        return "\n\n".join(f"— {worker.name}\n{worker.logs(n)}" for worker in self._workers)

    def _add(self, count: int) -> None:
        first = len(self._workers) + 1
        names = (f"{self.name}-{number}" for number in range(first, first + count))
        self._workers += [Worker(name, self.queues, self.server) for name in names]

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


def workers(
    n: int = 1, queues: str | Iterable[str] = ("default",), *, redis: RedisHandle, name: str = "workers"
) -> WorkerPool:
    """Pone en marcha `n` trabajadores de RQ que atienden `queues` en ese orden: la primera es la prioritaria.

    - `redis`: el servidor, lo que devuelve `redis_server()`.
    - `name`: distingue un grupo de otro. La celda repetida, con el mismo nombre, ajusta el que ya estaba.

    Si matas a un trabajador, otro toma su trabajo en menos de 5 s, siempre que se encolara con `Retry`.
    Devuelve el grupo, con `.members`, `.scale(n)`, `.logs()` y `.stop()`.
    Errores: `ServiceError` si un argumento no sirve, si el servidor está detenido o si alguno no arranca.
    """
    from workshop.services import tickets

    _require_count(n)
    listed = _queue_names(queues)
    _require_server(redis)
    tickets.check_when_enqueued()
    known = registry.get(valid_name(name))
    if isinstance(known, WorkerPool) and known.server is redis and known.queues == listed:
        return known.scale(n)
    if known is not None:
        known.stop()
    return WorkerPool(name, n, listed, redis).start()


def _require_count(n: int) -> None:
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MOST:
        raise ServiceError(f"Se esperaba un número entero de trabajadores, de 1 a {MOST}; llegó {n!r}.")


def _queue_names(queues: str | Iterable[str]) -> tuple[str, ...]:
    listed = (queues,) if isinstance(queues, str) else tuple(queues)
    names = tuple(getattr(queue, "name", queue) for queue in listed)
    if not names or not all(isinstance(name, str) and name and "," not in name for name in names):
        raise ServiceError(
            "`queues` son los nombres de las colas, en orden de prioridad, como ['urgente', 'normal']; "
            f"llegó {queues!r}."
        )
    return names


def _require_server(server: RedisHandle) -> None:
    if not isinstance(server, RedisHandle):
        raise ServiceError(
            "`redis` es el servidor que devuelve redis_server(), y no un cliente suyo: "
            f"workers(2, redis=redis_server()); llegó {type(server).__name__}."
        )
    if server.status != "en marcha":
        raise ServiceError(
            f"«{server.name}» está {server.status}, y los trabajadores lo necesitan: "
            "ponlo en marcha con .recover()."
        )

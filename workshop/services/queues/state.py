"""Las colas de tareas de RQ vistas desde fuera: qué espera, qué se cocina, quién y cómo terminó."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from workshop.services.errors import ServiceError

if TYPE_CHECKING:
    import redis

STATES = {
    "queued": "en espera",
    "scheduled": "aplazados",
    "started": "en marcha",
    "finished": "hechos",
    "failed": "fallidos",
}


class Server(Protocol):
    """Lo que se necesita de un servidor Redis: una conexión de bytes, como la quiere RQ."""

    def connection(self) -> "redis.Redis":
        """Un cliente nuevo que devuelve bytes."""


@dataclass(frozen=True, slots=True)
class JobState:
    """Un trabajo, visto ahora. `status` es queued, scheduled, started, finished o failed."""

    id: str
    description: str
    """La llamada, como se encoló: `jobs.invoice(7)`."""
    queue: str
    status: str
    worker: str | None = None
    """Quién lo cocina o lo cocinó por última vez."""
    progress: int | None = None
    """De 0 a 100, lo que el trabajo anota en `job.meta["progress"]`; None si no lo dice."""
    attempts: int = 0
    """Cuántas veces se empezó."""
    error: str | None = None
    """Por qué falló la última vez, en una línea."""

    @property
    def short(self) -> str:
        """Sus primeros 8 caracteres: lo que cabe en un tablero."""
        return self.id[:8]


@dataclass(frozen=True, slots=True)
class WorkerState:
    """Un trabajador, visto ahora: sus colas en orden de prioridad y lo que cocina."""

    name: str
    queues: tuple[str, ...]
    alive: bool
    """Si dio señales de vida hace poco; uno recién muerto sigue en la lista un rato."""
    cooking: tuple[JobState, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueState:
    """Una foto de unas colas: sus trabajos por estado y quién las atiende."""

    names: tuple[str, ...]
    queued: tuple[JobState, ...]
    scheduled: tuple[JobState, ...]
    started: tuple[JobState, ...]
    finished: tuple[JobState, ...]
    failed: tuple[JobState, ...]
    workers: tuple[WorkerState, ...]
    counts: dict[str, int]
    """Cuántos hay en cada estado, también los que no caben en las listas."""

    @property
    def pending(self) -> int:
        """Los que aún no terminan: en espera, aplazados o en marcha."""
        return sum(self.counts[state] for state in ("queued", "scheduled", "started"))

    def __repr__(self) -> str:
        counts = ", ".join(f"{word} {self.counts[state]}" for state, word in STATES.items())
        return f"{', '.join(self.names)} · {counts}"


def queue_state(server: "Server | redis.Redis", names: str | Iterable[str] = "default") -> QueueState:
    """El estado de las colas `names` en este instante, leído de Redis sin cambiar nada.

    `server` es lo que devuelve `redis_server()`, o una conexión de bytes suya (`redis.connection()`).
    Errores: `ServiceError` si la conexión devuelve texto; los de redis-py si el servidor no contesta.
    """
    from workshop.services.queues.reader import Reader

    with borrow(server) as connection:
        return Reader(connection).state((names,) if isinstance(names, str) else tuple(names))


@contextmanager
def borrow(server: "Server | redis.Redis") -> "Iterator[redis.Redis]":
    """Una conexión como la quiere RQ: la que llegó, o una nueva que se cierra al terminar."""
    import redis

    if not isinstance(server, redis.Redis):
        with server.connection() as connection:
            yield connection
        return
    require_bytes(server)
    yield server


def require_bytes(connection: "redis.Redis") -> None:
    """RQ guarda bytes. Errores: `ServiceError` si la conexión devuelve texto."""
    if connection.get_connection_kwargs().get("decode_responses"):
        raise ServiceError(
            "Las colas guardan bytes, y llegó un cliente que devuelve texto. "
            "Usa `redis.connection()` en lugar de `redis.client()`."
        )

"""`workers(n, colas)`: trabajadores de RQ de verdad, uno por proceso, que se averían y se relevan."""

from collections.abc import Iterable

from workshop.services import registry
from workshop.services.errors import ServiceError
from workshop.services.names import valid_name
from workshop.services.queues.worker_pool import WorkerPool, require_count
from workshop.services.redis.handle import RedisHandle


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
    from workshop.services.queues import tickets

    require_count(n)
    listed = _queue_names(queues)
    _require_server(redis)
    tickets.check_when_enqueued()
    known = registry.get(valid_name(name))
    if isinstance(known, WorkerPool) and known.server is redis and known.queues == listed:
        return known.scale(n).start()
    if isinstance(known, WorkerPool):
        known.stop()  # its workers have the same names
    return WorkerPool(name, n, listed, redis).start()


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

"""Lo que se le dice a quien usa una cola cuyo Redis no contesta, en español y con el camino de vuelta."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import redis
from rq import Queue
from rq.job import Job

from workshop.services.errors import ServiceError

# What a cell asks of a queue -> what could not be done.
_SAID = {
    "enqueue_call": "encolar en",
    "enqueue_at": "encolar en",
    "enqueue_many": "encolar en",
    "empty": "vaciar",  # what a cell that may run twice does before it enqueues
}


class LostQueueError(ServiceError, redis.ConnectionError):
    """Redis no contestó a lo que se pidió de una cola o de un trabajo.

    También es un `redis.ConnectionError`, que es lo que atrapa una API.
    """


def explain_from_now_on() -> None:
    """Desde ahora lo dicen las colas y los trabajos de RQ de este proceso. Se llama una sola vez."""
    for name, said in _SAID.items():  # as they are by now: the X-ray may have been here first
        setattr(Queue, name, _told(getattr(Queue, name), _of_queue(said)))
    for name in ("get_status", "refresh"):
        setattr(Job, name, _told(getattr(Job, name), _of_job))


def _of_queue(said: str) -> Callable[[Queue], tuple[str, str]]:
    return lambda queue: (f"{said} «{queue.name}»", queue.name)


def _of_job(job: Job) -> tuple[str, str]:
    # One that is being fetched does not know its queue yet.
    return (f"preguntar por un trabajo de «{job.origin}»" if job.origin else "buscar el trabajo"), job.origin


def _told(ask: Callable[..., Any], place: Callable[[Any], tuple[str, str]]) -> Callable[..., Any]:
    @wraps(ask)
    def told(self: Queue | Job, *args: Any, **kwargs: Any) -> Any:
        try:
            return ask(self, *args, **kwargs)
        except LostQueueError:
            raise
        except (redis.ConnectionError, redis.TimeoutError) as problem:
            raise _lost(problem, *place(self)) from None

    return told


def _lost(problem: Exception, said: str, queue: str) -> LostQueueError:
    if isinstance(problem, redis.AuthenticationError):
        name = f'"{queue}"' if queue else "…"
        return LostQueueError(
            f"No se pudo {said}: la cola es de un Redis que ya se detuvo, y el que hay ahora no la conoce. "
            f"Hazla de nuevo: Queue({name}, connection=redis.connection())."
        )
    return LostQueueError(
        f"No se pudo {said}: Redis no contesta ({type(problem).__name__}). "
        "Ponlo en marcha con su .recover() y vuelve a ejecutar la celda; si usaste stop_all(), "
        "ejecuta otra vez la celda que lo crea."
    )

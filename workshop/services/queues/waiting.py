"""`wait_for(trabajos)`: espera a que unos trabajos encolados terminen, bien o mal."""

import time
from collections.abc import Iterable
from typing import Any, Protocol

from workshop.services.errors import ServiceError

ENDED = {"finished", "failed", "stopped", "canceled"}
_LOOK_EVERY = 0.01


class Enqueued(Protocol):
    """Un trabajo de RQ, en lo que hace falta para esperarlo."""

    origin: str
    description: str | None

    def get_status(self) -> Any:
        """Su estado de ahora."""

    def refresh(self) -> None:
        """Lo vuelve a leer de Redis."""


def wait_for(jobs: Enqueued | Iterable[Enqueued], seconds: float = 15) -> list[str]:
    """Espera, hasta `seconds` segundos, a que los trabajos terminen; devuelve sus estados, en el mismo orden.

    Los deja al día, con `ended_at`, `worker_name` y `meta`. Uno que falló y tiene reintentos no ha terminado.
    Errores: `ServiceError` si alguno no termina a tiempo; dice en qué estado quedó cada uno.
    """
    listed = list(jobs) if isinstance(jobs, Iterable) else [jobs]
    strangers = [job for job in listed if not hasattr(job, "get_status")]
    if strangers:
        raise ServiceError(
            "wait_for() espera trabajos, lo que devuelve `cola.enqueue(...)`, o una lista de ellos; "
            f"llegó {strangers[0]!r}."
        )
    deadline = time.monotonic() + seconds
    waiting = listed
    while waiting := [job for job in waiting if str(_status(job)) not in ENDED]:
        if time.monotonic() > deadline:
            raise ServiceError(_late(waiting, len(listed), seconds))
        time.sleep(_LOOK_EVERY)
    for job in listed:
        job.refresh()
    return [_status(job) for job in listed]


def _status(job: Enqueued) -> str:
    status = job.get_status()
    return str(getattr(status, "value", status))


def _late(waiting: list[Enqueued], total: int, seconds: float) -> str:
    states = ", ".join(f"{job.description} ({_status(job)})" for job in waiting[:3])
    late = f"Después de {seconds:g} s, {len(waiting)} de {total} trabajos no terminan: {states}."
    if all(_status(job) == "started" for job in waiting):
        return f"{late} Ya los tiene alguien: si de verdad tardan, espera más con wait_for(..., seconds=60)."
    return (
        f"{late} Comprueba con running() que hay trabajadores en marcha y que atienden la cola "
        f"«{waiting[0].origin}»."
    )

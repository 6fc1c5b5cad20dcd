"""Lo que se encola, revisado: dice en español, y al encolar, lo que un trabajador no podría hacer."""

import io
import pickle
from functools import wraps
from types import FunctionType
from typing import Any, NoReturn

from rq import Queue
from rq.job import Job
from rq.utils import import_attribute

from workshop.services.errors import ServiceError
from workshop.services.queues import lost
from workshop.services.queues.state import require_bytes

_create = Job.create.__func__  # type: ignore[attr-defined]
_parse_args = Queue.parse_args.__func__  # type: ignore[attr-defined]
_ready = False


def check_when_enqueued() -> None:
    """Desde ahora, las colas de RQ de este proceso avisan al encolar. Puede repetirse."""
    # Its own class, and not one derived from it: a queue takes a job of any other class for its name.
    Job.create = classmethod(_checked)  # type: ignore[assignment, method-assign]
    Queue.parse_args = classmethod(_known)  # type: ignore[assignment, method-assign]
    global _ready  # noqa: PLW0603  # patching a class happens once per process
    if not _ready:
        _ready = True
        lost.explain_from_now_on()


@wraps(_parse_args)
def _known(kind: type[Queue], f: Any, *args: Any, **kwargs: Any) -> Any:
    _require_importable(f)  # RQ refuses the notebook's own functions right here
    return _parse_args(kind, f, *args, **kwargs)


@wraps(_create)
def _checked(
    kind: type[Job], func: Any, args: Any = None, kwargs: Any = None, *rest: Any, **options: Any
) -> Job:
    _require_importable(func)
    if (connection := options.get("connection")) is not None:
        require_bytes(connection)
    for place, value in [*enumerate(args or (), 1), *(kwargs or {}).items()]:
        _require_portable(place, value)
    job: Job = _create(kind, func, args, kwargs, *rest, **options)
    return job


def _require_importable(func: Any) -> None:
    if isinstance(func, str):
        _require_found(func)
        return
    if not callable(func):
        raise ServiceError(
            f"Se encola una función y aparte sus argumentos, como enqueue(jobs.invoice, 7); llegó {func!r}. "
            "Si escribiste los paréntesis, la función ya se ejecutó aquí: quítalos."
        )
    name = getattr(func, "__qualname__", type(func).__qualname__)
    if "<" in name:
        raise ServiceError(
            f"{name} no tiene un nombre con el que un trabajador pueda encontrarla. "
            "Encola una función con nombre, escrita al margen izquierdo de una celda %%module."
        )
    if getattr(func, "__module__", None) == "__main__":
        _refuse_cell(name)


def _require_found(path: str) -> None:
    try:
        import_attribute(path)
    except (ImportError, AttributeError, ValueError):
        raise ServiceError(
            f"No encuentro «{path}», y un trabajador tampoco lo encontraría. Se esperaba `módulo.función`, "
            "con el módulo escrito en una celda %%module."
        ) from None


def _refuse_cell(name: str) -> NoReturn:
    raise ServiceError(
        f"{name} solo existe en este cuaderno, y un trabajador es otro proceso: no puede importarla. "
        f"Escríbela en una celda que empiece con `%%module jobs` y encola `jobs.{name}`."
    )


def _require_portable(place: int | str, value: Any) -> None:
    try:
        _Packer(io.BytesIO(), pickle.HIGHEST_PROTOCOL).dump(value)
    except ServiceError:
        raise
    except Exception as problem:  # whatever a learner's own __reduce__ may raise
        kind = type(value).__name__
        raise ServiceError(
            f"El argumento {place!r} ({kind}) no cabe en una comanda: viaja como bytes por Redis y este no "
            f"se puede convertir ({problem}). Encola un dato simple, por ejemplo un id, y que el trabajo "
            "abra lo que necesite."
        ) from None


class _Packer(pickle.Pickler):
    """Pickle, which also refuses what only this notebook knows."""

    def reducer_override(self, value: Any) -> Any:
        kind = value if isinstance(value, (type, FunctionType)) else type(value)
        if kind.__module__ == "__main__":
            raise ServiceError(
                f"{kind.__qualname__} solo existe en este cuaderno, y un trabajador es otro proceso: no lo "
                "puede recibir. Encola datos sueltos, textos o números; el trabajo arma lo que necesita."
            )
        return NotImplemented

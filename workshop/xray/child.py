"""Un proceso hijo que participa por entero en los rayos X del cuaderno: con su SQL y con sus errores."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from workshop.xray import export, recording

_lock = threading.Lock()
_at_work: Counter[int] = Counter()
_backend: export.Backend | None = None


def join() -> bool:
    """Prepara este proceso para mandar al cuaderno lo que haga por él. Se llama antes de crear la app.

    Devuelve False, sin hacer nada, si nadie lo invitó (`workshop.xray.collector.invite()` antes de crearlo).
    Sin llamarla, un hijo con FastAPI manda sus propios tramos, pero no su SQL ni la línea de sus errores.
    """
    from workshop.xray import provider

    global _backend  # noqa: PLW0603  # a process joins once
    _backend = export.learners_backend()
    if _backend is not None:
        provider.install()
    return _backend is not None


def joined() -> bool:
    """¿Este proceso manda sus tramos a un cuaderno?"""
    return _backend is not None


@contextmanager
def part_of(traceparent: str) -> Iterator[None]:
    """Lo que ocurra dentro pertenece a la traza de `traceparent` (W3C); al terminar se manda al cuaderno."""
    from opentelemetry.context import attach, detach
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    trace_id = trace_of(traceparent)
    if trace_id is None or not joined():
        yield
        return
    token = attach(TraceContextTextMapPropagator().extract({"traceparent": traceparent}))
    try:
        with working_on(trace_id):
            yield
    finally:
        detach(token)


@contextmanager
def working_on(trace_id: int) -> Iterator[None]:
    """Records a trace of another process for as long as anybody here works on it, then sends it."""
    from workshop.xray import provider

    provider.refresh()  # the app may have imported Redis after this process joined
    with _lock:
        found = recording.active.setdefault(trace_id, recording.Recording())
        _at_work[trace_id] += 1
    try:
        yield
    finally:
        with _lock:
            _at_work[trace_id] -= 1
            last = not _at_work[trace_id]
            if last:
                del recording.active[trace_id], _at_work[trace_id]
        if last and (spans := found.live()):
            export.post(_backend, export.encode(spans))


def trace_of(traceparent: str) -> int | None:
    """The trace that a `traceparent` names, if it asks to be recorded."""
    version, _, rest = traceparent.partition("-")
    trace_id, _, rest = rest.partition("-")
    try:
        return int(trace_id, 16) if version and int(rest.rpartition("-")[2], 16) & 1 else None
    except ValueError:
        return None

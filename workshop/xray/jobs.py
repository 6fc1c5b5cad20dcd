"""Las colas de RQ: quién encoló un trabajo y lo que se hizo por él, en otro proceso, en la misma traza."""

import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial, wraps
from typing import Any

from opentelemetry.trace import SpanKind

from workshop.xray import child, export, recording
from workshop.xray.blame import blame
from workshop.xray.live import Current, Tracer

SCOPE = "workshop.queues"
STAMP = "traceparent"  # in the job's meta, as HTTP has it in a header
COUNT = "messaging.batch.message_count"
PUT_OFF = "comanda.put_off"  # for a later hour: nobody waits for it
AGAIN = "comanda.again"  # it failed and has retries left
ATTEMPTS = "comanda.attempts"  # the field of a job's hash in which our workers count its beginnings
_tracer = Tracer(SCOPE)
_ready = False


def install() -> None:
    """Wraps RQ, if somebody here uses it, once per process."""
    global _ready  # noqa: PLW0603  # patching a class happens once per process
    if _ready or "rq" not in sys.modules:
        return
    _ready = True
    from rq import Queue
    from rq.job import Job

    Queue.enqueue_job = _enqueuing(Queue.enqueue_job)  # type: ignore[method-assign]
    Queue.schedule_job = _enqueuing(Queue.schedule_job, put_off=True)  # type: ignore[method-assign]
    Queue.enqueue_many = _enqueuing_many(Queue.enqueue_many)  # type: ignore[method-assign]
    Job.perform = _performing(Job.perform)  # type: ignore[method-assign]


def _enqueuing(run: Callable[..., Any], put_off: bool = False) -> Any:
    @wraps(run)
    def traced(self: Any, job: Any, *arguments: Any, **options: Any) -> Any:
        if not recording.active:
            return run(self, job, *arguments, **options)
        with _producer(self, f"enqueue {job.func_name}", {PUT_OFF: put_off}) as span:
            if stamp := _stamp(span):
                job.meta[STAMP] = stamp
            return run(self, job, *arguments, **options)

    return traced


def _enqueuing_many(run: Callable[..., Any]) -> Any:
    @wraps(run)
    def traced(self: Any, job_datas: Iterable[Any], *arguments: Any, **options: Any) -> Any:
        if not recording.active:
            return run(self, job_datas, *arguments, **options)
        orders = list(job_datas)
        with _producer(self, f"enqueue_many × {len(orders)}", {COUNT: len(orders)}) as span:
            if stamp := _stamp(span):
                orders = [order._replace(meta={**(order.meta or {}), STAMP: stamp}) for order in orders]
            return run(self, orders, *arguments, **options)

    return traced


def _producer(queue: Any, name: str, attributes: dict[str, Any]) -> Current:
    attributes = {"messaging.system": "rq", "messaging.destination.name": queue.name, **attributes}
    return Current(partial(_tracer.start_span, name, None, SpanKind.PRODUCER, attributes), True, True, True)


def _stamp(span: Any) -> str | None:
    here = span.get_span_context()
    return f"00-{here.trace_id:032x}-{here.span_id:016x}-01" if here.is_valid else None


def _performing(run: Callable[..., Any]) -> Any:
    @wraps(run)
    def traced(self: Any) -> Any:
        stamp = self.meta.get(STAMP)
        if not isinstance(stamp, str):
            return run(self)
        try:
            with ExitStack() as around:
                if child.joined():
                    around.enter_context(child.part_of(stamp))
                span = around.enter_context(_consumer(self))
                return _watched(run, self, span)
        finally:
            export.flush()  # a work horse leaves with `os._exit`, which waits for no thread

    return traced


def _consumer(job: Any) -> Current:
    begun = int(job.connection.hget(job.key, ATTEMPTS) or 1)
    attributes = {"comanda.service": "trabajador", "messaging.system": "rq", ATTEMPTS: begun}
    start = partial(_tracer.start_span, str(job.func_name), None, SpanKind.CONSUMER, attributes)
    return Current(start, True, True, True)


def _watched(run: Callable[..., Any], job: Any, span: Any) -> Any:
    try:
        return run(job)
    except Exception as error:
        span.set_attribute("comanda.error", blame(error))
        span.set_attribute(AGAIN, bool(job.retries_left))
        raise

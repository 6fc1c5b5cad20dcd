"""Lo que FastAPI cuenta de una petición y lo que hace falta añadirle para aprender de ella."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any

from workshop.xray import child, recording
from workshop.xray.blame import blame

if TYPE_CHECKING:
    from opentelemetry.context import Context

    from workshop.xray.live import LiveSpan

_service: ContextVar[str] = ContextVar("comanda_service", default="")
SCOPE = "fastapi"
UNPROCESSABLE = 422


def install() -> None:
    """Makes every FastAPI app of this process hold its recording open until it is really done."""
    from fastapi import FastAPI

    original = FastAPI.__call__

    @wraps(original)
    async def call(self: FastAPI, scope: Any, receive: Any, send: Any) -> None:
        working = _working(scope) if scope["type"] == "http" else None
        if working is not None:
            token = _service.set(self.title)
            try:
                with working:
                    await original(self, scope, receive, send)
            finally:
                _service.reset(token)
            return
        if scope["type"] in ("http", "websocket") and "fastapi.telemetry" not in scope and _idle(self):
            scope["fastapi.telemetry"] = (
                None  # what FastAPI itself leaves in the scope of an excluded request
            )
        await original(self, scope, receive, send)

    FastAPI.__call__ = call  # type: ignore[method-assign]


def _working(scope: Any) -> AbstractContextManager[None] | None:
    """Keeps the trace of this request open while the app is at work on it; None if nobody records it.

    Not only while its span is open: a dependency's exit code and the background tasks run after the answer.
    """
    if not recording.active and not child.joined():
        return None
    header = next((value for name, value in scope["headers"] if name == b"traceparent"), b"")
    trace_id = child.trace_of(header.decode("latin-1"))
    if trace_id is None:
        return None
    if child.joined():
        return child.working_on(trace_id)
    found = recording.active.get(trace_id)
    return found.hold() if found else None


def _idle(app: Any) -> bool:
    """Would FastAPI measure this request for nobody? Spans that nobody records cost it 0.15 ms."""
    from opentelemetry import _logs, metrics, trace

    from workshop.xray.provider import KernelProvider

    config = getattr(app, "_telemetry", {})
    return (
        isinstance(trace.get_tracer_provider(), KernelProvider)
        and type(metrics.get_meter_provider()).__name__ == "_ProxyMeterProvider"
        and type(_logs.get_logger_provider()).__name__ == "ProxyLoggerProvider"
        and not any(config.get(f"{signal}_provider") for signal in ("tracer", "meter", "logger"))
    )


def greet(span: "LiveSpan", context: "Context | None") -> None:
    """What FastAPI's spans leave out: whose they are, and which dependencies are being solved."""
    span.farewell = farewell
    if span.name == "fastapi.dependencies":
        span.attributes["comanda.dependencies"] = _dependencies(context)
    elif not span.name.startswith("fastapi."):
        span.attributes["comanda.service"] = _service.get()


def farewell(span: "LiveSpan") -> None:
    """What is only known as the span ends: the line of the error, the fields that were not valid."""
    attributes = span.attributes
    if "error.type" in attributes:
        # The span ends while the exception is on its way out.
        error = sys.exc_info()[1]
        if error is not None:
            attributes["comanda.error"] = blame(error)
    elif attributes.get("http.response.status_code") == UNPROCESSABLE:
        attributes["comanda.invalid"] = _invalid_fields()


def _dependencies(context: "Context | None") -> list[str]:
    from fastapi.telemetry import get_telemetry_data

    data = get_telemetry_data(context)
    request = data.request if data else None
    dependant = getattr(request.scope.get("route"), "dependant", None) if request else None
    return list(dict.fromkeys(_names(dependant))) if dependant else []


def _names(dependant: Any) -> Iterator[str]:
    for dependency in dependant.dependencies:
        yield from _names(dependency)
        call = dependency.call
        yield getattr(call, "__name__", type(call).__name__)


def _invalid_fields() -> list[str]:
    from fastapi.telemetry import get_telemetry_data

    data = get_telemetry_data()
    errors = (data.errors if data else None) or ()
    return list(dict.fromkeys(".".join(str(part) for part in error["loc"]) for error in errors))

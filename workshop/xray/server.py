"""Lo que FastAPI cuenta de una petición y lo que hace falta añadirle para aprender de ella."""

import sys
from collections.abc import Iterator
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any

from workshop.xray import recording
from workshop.xray.blame import blame

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import ReadableSpan, Span

_service: ContextVar[str] = ContextVar("comanda_service", default="")
_OPERATIONS = "fastapi"


def install() -> None:
    """Makes every FastAPI app of this process hold its recording open until it is really done."""
    from fastapi import FastAPI

    original = FastAPI.__call__

    @wraps(original)
    async def call(self: FastAPI, scope: Any, receive: Any, send: Any) -> None:
        # A dependency's exit code and the background tasks run after the answer, when no span is open.
        found = recording_of(scope) if recording.active and scope["type"] == "http" else None
        if found is None:
            await original(self, scope, receive, send)
            return
        token = _service.set(self.title)
        try:
            with found.hold():
                await original(self, scope, receive, send)
        finally:
            _service.reset(token)

    FastAPI.__call__ = call  # type: ignore[method-assign]


def recording_of(scope: Any) -> "recording.Recording | None":
    """The open recording that a request's `traceparent` header names, if any."""
    for name, value in scope["headers"]:
        if name == b"traceparent":
            try:
                return recording.active.get(int(value.split(b"-")[1], 16))
            except (IndexError, ValueError):
                return None
    return None


def enrich(span: "Span", parent_context: "Context | None") -> None:
    """What FastAPI's spans leave out: whose they are, and which dependencies are being solved."""
    if not _by_fastapi(span):
        return
    if span.kind.name == "SERVER":
        span.set_attribute("comanda.service", _service.get())
    elif span.name == "fastapi.dependencies":
        span.set_attribute("comanda.dependencies", _dependencies(parent_context))


def last_words(span: "ReadableSpan") -> dict[str, Any]:
    """What is only known as the span ends: the line of the error, the fields that were not valid."""
    if not _by_fastapi(span):
        return {}
    attributes = span.attributes or {}
    if "error.type" in attributes:
        # The span ends while the exception is on its way out.
        error = sys.exc_info()[1]
        return {"comanda.error": blame(error)} if error is not None else {}
    if attributes.get("http.response.status_code") == 422:
        return {"comanda.invalid": _invalid_fields()}
    return {}


def _by_fastapi(span: "ReadableSpan") -> bool:
    return span.instrumentation_scope is not None and span.instrumentation_scope.name == _OPERATIONS


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

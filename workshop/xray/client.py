"""Las llamadas que salen de este proceso: `requests` siempre, `httpx` si ya estaba importado."""

import sys
from functools import wraps
from typing import Any

from opentelemetry.trace import SpanKind

from workshop.xray import recording
from workshop.xray.live import Current, Tracer

_tracer = Tracer("workshop.client")
_httpx_ready = False


def install() -> None:
    """Wraps `requests`' only way out; outside an X-ray the cost is one look at an empty dictionary."""
    from requests import Session

    send = Session.send

    @wraps(send)
    def traced(self: Session, request: Any, **options: Any) -> Any:
        if not recording.active:
            return send(self, request, **options)
        with _call(request) as span:
            response = send(self, request, **options)
            # A redirected call sends again from inside: each trip is told with the answer it got itself.
            first = response.history[0] if response.history else response
            span.set_attribute("http.response.status_code", first.status_code)
            return response

    Session.send = traced  # type: ignore[method-assign]


def install_httpx() -> None:
    """The same for `httpx`, only if the notebook already uses it: importing it would cost every learner."""
    global _httpx_ready  # noqa: PLW0603  # patching a class happens once per process
    if _httpx_ready or "httpx" not in sys.modules:
        return
    _httpx_ready = True
    from httpx import AsyncClient, Client

    send, send_async = Client.send, AsyncClient.send

    @wraps(send)
    def traced(self: Client, request: Any, **options: Any) -> Any:
        if not recording.active:
            return send(self, request, **options)
        with _call(request) as span:
            return _noted(span, send(self, request, **options))

    @wraps(send_async)
    async def traced_async(self: AsyncClient, request: Any, **options: Any) -> Any:
        if not recording.active:
            return await send_async(self, request, **options)
        with _call(request) as span:
            return _noted(span, await send_async(self, request, **options))

    Client.send = traced  # type: ignore[method-assign]
    AsyncClient.send = traced_async  # type: ignore[method-assign]


class _call(Current):  # noqa: N801  # a context manager in lower case, as contextlib's
    """A client span that also travels in the request's headers (W3C Trace Context)."""

    def __init__(self, request: Any) -> None:
        attributes = {"http.request.method": request.method, "url.full": str(request.url)}
        self._request = request
        super().__init__(
            lambda: _tracer.start_span(request.method, None, SpanKind.CLIENT, attributes), True, True, True
        )

    def __enter__(self) -> Any:
        span = super().__enter__()
        there = span.get_span_context()
        if there.is_valid:
            self._request.headers["traceparent"] = f"00-{there.trace_id:032x}-{there.span_id:016x}-01"
        return span


def _noted(span: Any, response: Any) -> Any:
    span.set_attribute("http.response.status_code", response.status_code)
    return response

"""Las llamadas que salen de este proceso: `requests` siempre, `httpx` si ya estaba importado."""

import sys
from functools import wraps
from typing import Any

from workshop.xray import recording

_httpx_ready = False


def install() -> None:
    """Instruments `requests`; outside an X-ray its calls take the original path."""
    from opentelemetry.instrumentation.requests import RequestsInstrumentor
    from requests import Session

    plain = Session.send
    RequestsInstrumentor().instrument()
    traced = Session.send

    @wraps(plain)
    def send(self: Session, request: Any, **options: Any) -> Any:
        return (traced if recording.active else plain)(self, request, **options)

    # The instrumentation's own mark, so that nobody instruments a second time.
    send.opentelemetry_instrumentation_requests_applied = True  # type: ignore[attr-defined]
    Session.send = send  # type: ignore[method-assign]


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
        with _span(request) as span:
            return _noted(span, send(self, request, **options))

    @wraps(send_async)
    async def traced_async(self: AsyncClient, request: Any, **options: Any) -> Any:
        if not recording.active:
            return await send_async(self, request, **options)
        with _span(request) as span:
            return _noted(span, await send_async(self, request, **options))

    Client.send = traced  # type: ignore[method-assign]
    AsyncClient.send = traced_async  # type: ignore[method-assign]


class _span:  # noqa: N801  # a context manager in lower case, as contextlib's
    """A client span that also travels in the request's headers."""

    def __init__(self, request: Any) -> None:
        from opentelemetry import trace

        attributes = {"http.request.method": request.method, "url.full": str(request.url)}
        self._request = request
        self._opened = trace.get_tracer("workshop.httpx").start_as_current_span(
            request.method, kind=trace.SpanKind.CLIENT, attributes=attributes
        )

    def __enter__(self) -> Any:
        from opentelemetry.propagate import inject

        span = self._opened.__enter__()
        inject(self._request.headers)
        return span

    def __exit__(self, *error: Any) -> bool | None:
        return self._opened.__exit__(*error)


def _noted(span: Any, response: Any) -> Any:
    span.set_attribute("http.response.status_code", response.status_code)
    return response

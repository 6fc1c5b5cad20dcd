"""Lo grabado, también hacia el Jaeger o el Tempo de quien aprende (OTLP, http/protobuf)."""

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from workshop.xray.live import LiveSpan

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
HEADERS = "OTEL_EXPORTER_OTLP_HEADERS"
SECONDS = 5.0

_under_way: set[threading.Thread] = set()


@dataclass(frozen=True, slots=True)
class Backend:
    """Where the environment said, before us, that traces go."""

    url: str
    headers: dict[str, str]


def learners_backend() -> Backend | None:
    """The backend that the environment names, or None."""
    url = os.environ.get(ENDPOINT, "").rstrip("/")
    pairs = (pair.partition("=") for pair in os.environ.get(HEADERS, "").split(",") if "=" in pair)
    headers = {name.strip(): unquote(value.strip()) for name, _, value in pairs}
    return Backend(f"{url}/v1/traces", headers) if url else None


def send(spans: "Sequence[LiveSpan]") -> None:
    """Exports an ended X-ray, if somebody asked for it. Never waits and never fails."""
    from workshop.xray import collector

    if backend := collector.backend():
        post(backend, encode(spans))


def encode(spans: "Sequence[LiveSpan]") -> bytes:
    """The spans as an OTLP `ExportTraceServiceRequest`."""
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

    message: bytes = encode_spans([_readable(span) for span in spans]).SerializeToString()
    return message


def post(backend: Backend | None, body: bytes) -> None:
    """Sends one batch from a thread of its own: a backend that is down takes nothing from the notebook."""
    if backend is None:
        return
    from urllib.request import Request, urlopen

    headers = {"Content-Type": "application/x-protobuf", **backend.headers}
    request = Request(backend.url, data=body, headers=headers)

    def deliver() -> None:
        with suppress(OSError, ValueError):
            urlopen(request, timeout=SECONDS).close()
        _under_way.discard(threading.current_thread())

    # Not a daemon: a child that ends right after its job still delivers what it did.
    thread = threading.Thread(target=deliver, name="comanda-envio")
    _under_way.add(thread)
    thread.start()


def flush(seconds: float = 1.0) -> None:
    """Waits for what is being sent: a process that leaves with `os._exit` would cut it off."""
    deadline = monotonic() + seconds
    for thread in list(_under_way):
        thread.join(max(deadline - monotonic(), 0))


def _readable(span: "LiveSpan") -> Any:
    from opentelemetry import trace
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace.status import Status

    parent = trace.SpanContext(span.context.trace_id, span.parent, False) if span.parent else None
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=parent,
        resource=Resource({"service.name": span.attributes.get("comanda.service") or "cuaderno"}),
        attributes=span.attributes,
        kind=span.kind,
        status=Status(span.status),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=InstrumentationScope(span.scope),
    )

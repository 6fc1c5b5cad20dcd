"""El colector: recibe, dentro del kernel, los tramos que mandan otros procesos (OTLP, http/protobuf)."""

import gzip
import os
import secrets
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from workshop.xray import export, recording
from workshop.xray.spans import Span, error_of

LARGEST = 8 * 1024 * 1024  # bytes of one batch; the SDK's own default limit is below 4 MB

_lock = threading.Lock()
_open: "Collector | None" = None


class Collector(ThreadingHTTPServer):
    """Listens on 127.0.0.1, on a free port, below a random path that only our children are told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.path = f"/{secrets.token_urlsafe(24)}"
        self.url = f"http://127.0.0.1:{self.server_port}{self.path}"
        self.backend = export.learners_backend()
        self._before: dict[str, str | None] = {}
        self._thread = threading.Thread(target=self.serve_forever, name="comanda-colector", daemon=True)
        self._thread.start()

    def environment(self) -> dict[str, str]:
        """What makes a child process send its spans here, and only those of an open X-ray."""
        return {
            export.ENDPOINT: self.url,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_TRACES_SAMPLER": "parentbased_always_off",
            "OTEL_METRICS_EXPORTER": "none",
            "OTEL_LOGS_EXPORTER": "none",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
        }

    def publish(self) -> None:
        environment = self.environment()
        self._before = {name: os.environ.get(name) for name in environment}
        os.environ.update(environment)

    def retire(self) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A child that dies in mid-sentence is no news for whoever reads the notebook."""


class _Handler(BaseHTTPRequestHandler):
    server: Collector
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30

    def do_POST(self) -> None:  # the name http.server looks for
        length = int(self.headers.get("Content-Length") or 0)
        if not secrets.compare_digest(self.path.encode(), f"{self.server.path}/v1/traces".encode()):
            self._answer(404)
        elif not 0 < length <= LARGEST:
            self._answer(413)
        else:
            self._answer(self._take(self.rfile.read(length)))

    def _take(self, body: bytes) -> int:
        try:
            plain = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            receive(plain)
        except Exception:  # whatever a broken batch breaks, its sender has to hear that it was refused
            return 400
        export.post(self.server.backend, plain)
        return 200

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        if status != 200:
            self.close_connection = True  # its body may not have been read
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: this is plumbing."""


def invite() -> dict[str, str]:
    """Abre el colector, si no lo estaba, e invita a los procesos hijos que se creen desde ahora.

    Deja en `os.environ` las variables de OpenTelemetry y también las devuelve. Si ya había un
    `OTEL_EXPORTER_OTLP_ENDPOINT` (un Jaeger, un Tempo, por http/protobuf), todo lo que llega se le reenvía.
    """
    from workshop.xray import provider

    global _open  # noqa: PLW0603  # one collector per kernel
    provider.install()  # before FastAPI sees the variables and makes a provider of its own
    with _lock:
        if _open is None:
            _open = Collector()
            _open.publish()
        return _open.environment()


def close() -> None:
    """Cierra el colector y deja las variables de entorno como estaban."""
    global _open  # noqa: PLW0603  # idem
    with _lock:
        if _open is not None:
            _open.retire()
            _open = None


def listening() -> bool:
    """¿Hay procesos hijos que puedan mandar tramos?"""
    return _open is not None


def backend() -> "export.Backend | None":
    """A dónde van, además, las trazas: lo que decía el entorno antes de que el colector se anunciara."""
    return _open.backend if _open is not None else export.learners_backend()


def receive(body: bytes) -> None:
    """Hands the spans of an `ExportTraceServiceRequest` to the recordings they belong to."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    batches: dict[int, list[Span]] = defaultdict(list)
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = str(_attributes(resource.resource).get("service.name", ""))
        for scope in resource.scope_spans:
            for span in scope.spans:
                batches[int.from_bytes(span.trace_id, "big")].append(_span(span, scope.scope.name, service))
    for trace_id, spans in batches.items():
        if found := recording.active.get(trace_id):
            found.arrived(spans)


def _span(span: Any, scope: str, service: str) -> Span:
    attributes = _attributes(span)
    exceptions = [str(_attributes(event).get("exception.type", "")) for event in span.events]
    kinds = ("internal", "internal", "server", "client", "producer", "consumer")
    return Span(
        id=int.from_bytes(span.span_id, "big"),
        parent=int.from_bytes(span.parent_span_id, "big") or None,
        name=span.name,
        kind=kinds[span.kind],
        scope=scope,
        service=str(attributes.get("comanda.service", service)),
        start=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        attributes=attributes,
        error=error_of(attributes, exceptions),
    )


def _attributes(message: Any) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in message.attributes}


def _value(value: Any) -> Any:
    field = value.WhichOneof("value")
    if field == "array_value":
        return tuple(_value(item) for item in value.array_value.values)
    return getattr(value, field) if field else None

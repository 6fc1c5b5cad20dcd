"""OpenTelemetry dentro del kernel: se instala una vez y graba solo lo que ocurre bajo unos rayos X."""

import os
import threading
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult

from workshop.xray import client, recording, server, sql
from workshop.xray.errors import XrayError

if TYPE_CHECKING:
    from opentelemetry.context import Context

ROOT = "comanda.xray"  # the attribute that only the span of an X-ray carries
_lock = threading.Lock()
_tracer: trace.Tracer | None = None


class OnlyXrayed(Sampler):
    """Records what belongs to an open X-ray, and the span that opens one: nothing else, whoever asks."""

    def should_sample(  # noqa: PLR0913, PLR0917  # the signature is OpenTelemetry's
        self,
        parent_context: "Context | None",
        trace_id: int,
        name: str,
        kind: Any = None,
        attributes: Any = None,
        links: Any = None,
        trace_state: Any = None,
    ) -> SamplingResult:
        wanted = trace_id in recording.active or (attributes is not None and ROOT in attributes)
        return SamplingResult(Decision.RECORD_AND_SAMPLE if wanted else Decision.DROP, attributes)

    def get_description(self) -> str:
        return "OnlyXrayed"


class Recorder(SpanProcessor):
    """Hands each span to the recording it belongs to."""

    def on_start(self, span: Span, parent_context: "Context | None" = None) -> None:
        found = recording.active.get(span.get_span_context().trace_id)
        if found is not None:
            server.enrich(span, parent_context)
            found.opened(span)

    def on_end(self, span: ReadableSpan) -> None:
        found = recording.active.get(span.context.trace_id) if span.context else None
        if found is not None:
            for name, value in server.last_words(span).items():
                found.note(span, name, value)
            found.closed(span)


class KernelProvider(TracerProvider):
    """The kernel's provider: it never sends to the collector that lives in this same kernel."""

    def add_span_processor(self, span_processor: SpanProcessor) -> None:
        # FastAPI configures itself from the variables that are meant for the children.
        from workshop.xray import collector

        if collector.is_own(span_processor):
            span_processor.shutdown()
        else:
            super().add_span_processor(span_processor)


def tracer() -> trace.Tracer:
    """The tracer that X-rays open their root span with; the first call installs everything.

    Errors: `XrayError` when the environment switches OpenTelemetry off.
    """
    global _tracer  # noqa: PLW0603  # OpenTelemetry's provider is global, and set once per process
    with _lock:
        if _tracer is None:
            _tracer = _install().get_tracer("workshop.xray")
        return _tracer


def _install() -> Any:
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        raise XrayError(
            "Los rayos X están apagados por la variable de entorno OTEL_SDK_DISABLED. "
            "Quítala, reinicia el kernel y vuelve a ejecutar la celda."
        )
    found: Any = trace.get_tracer_provider()
    if not hasattr(found, "add_span_processor"):
        found = KernelProvider(sampler=OnlyXrayed(), resource=Resource({"service.name": "cuaderno"}))
        trace.set_tracer_provider(found)
    found.add_span_processor(Recorder())
    _export_to_learners_backend(found)
    client.install()
    server.install()
    sql.install()
    return found


def _export_to_learners_backend(provider: Any) -> None:
    from workshop.xray import collector

    exporter = collector.learners_exporter()
    if exporter is not None:
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        provider.add_span_processor(BatchSpanProcessor(exporter))

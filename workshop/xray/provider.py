"""OpenTelemetry dentro del kernel: se instala una vez y graba solo lo que ocurre bajo unos rayos X."""

import os
import threading
from random import getrandbits
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor

from workshop.xray import client, commands, jobs, recording, server, sql, threads
from workshop.xray.errors import XrayError
from workshop.xray.live import LiveSpan, Tracer

if TYPE_CHECKING:
    from opentelemetry.context import Context

_lock = threading.Lock()
_ready = False


class KernelProvider(trace.TracerProvider):
    """The kernel's provider: its tracers record what belongs to an open X-ray, whoever asks."""

    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,
        schema_url: str | None = None,
        attributes: Any = None,
    ) -> trace.Tracer:
        greet = server.greet if instrumenting_module_name == server.SCOPE else None
        return Tracer(instrumenting_module_name, greet)

    def add_span_processor(self, processor: SpanProcessor) -> None:
        """FastAPI would add an exporter for the variables that the children are given: not for the kernel."""
        processor.shutdown()


class Recorder(SpanProcessor):
    """For a provider that was there before ours: hands each of its spans to its recording."""

    def on_start(self, span: Span, parent_context: "Context | None" = None) -> None:
        if found := recording.active.get(span.get_span_context().trace_id):
            found.opened(span)

    def on_end(self, span: ReadableSpan) -> None:
        found = recording.active.get(span.context.trace_id) if span.context else None
        if found is not None:
            found.closed(span)


def begin(title: str) -> LiveSpan:
    """Opens a recording and returns its root span; the first call of the process installs everything.

    Errors: `XrayError` when the environment switches OpenTelemetry off.
    """
    install()
    found, trace_id = recording.Recording(), getrandbits(128) or 1
    root = LiveSpan(found, title, trace_id, None)
    found.root = root.context.span_id
    recording.active[trace_id] = found
    return root


def install() -> None:
    """Idempotent: the provider, the client, FastAPI, SQL and threads, once per process."""
    global _ready  # noqa: PLW0603  # OpenTelemetry's provider is global and set once per process
    with _lock:
        if not _ready:
            _check_environment()
            _set_provider()
            for part in (client, server, sql, threads):
                part.install()
            _ready = True
    refresh()


def refresh() -> None:
    """What is worth watching only if somebody uses it: importing it here would cost every learner."""
    for part in (client.install_httpx, commands.install, jobs.install):
        part()


def _set_provider() -> None:
    found: Any = trace.get_tracer_provider()
    if hasattr(found, "add_span_processor"):
        found.add_span_processor(Recorder())
    else:
        trace.set_tracer_provider(KernelProvider())


def _check_environment() -> None:
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        raise XrayError(
            "Los rayos X están apagados por la variable de entorno OTEL_SDK_DISABLED. "
            "Quítala, reinicia el kernel y vuelve a ejecutar la celda."
        )

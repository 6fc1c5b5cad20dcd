"""Un tramo mientras ocurre: la interfaz de OpenTelemetry sobre lo mínimo que hace falta recordar.

The SDK's own span takes 35 µs and a request has eight of them; the bar for X-rays asked for less. Whoever
speaks OpenTelemetry (FastAPI, a learner's own spans) cannot tell the difference.
"""

from collections.abc import Callable, Mapping
from contextlib import ContextDecorator
from random import getrandbits
from time import time_ns
from typing import Any

from opentelemetry import trace
from opentelemetry.context import attach, detach, get_value, set_value
from opentelemetry.trace.propagation import _SPAN_KEY
from opentelemetry.trace.status import Status, StatusCode

from workshop.xray import recording

_SAMPLED = trace.TraceFlags(trace.TraceFlags.SAMPLED)


class LiveSpan(trace.Span):
    """A span of an open recording."""

    __slots__ = (
        "attributes", "context", "end_time", "farewell", "kind", "name", "parent", "recording", "scope",
        "start_time", "status",
    )  # fmt: skip

    def __init__(self, found: "recording.Recording", name: str, trace_id: int, parent: int | None) -> None:
        self.recording = found
        self.name = name
        self.parent = parent
        self.context = trace.SpanContext(trace_id, getrandbits(64) or 1, False, _SAMPLED)
        self.attributes: dict[str, Any] = {}
        self.kind = trace.SpanKind.INTERNAL
        self.scope = ""
        self.status = StatusCode.UNSET
        self.farewell: Callable[[LiveSpan], None] | None = None
        self.end_time: int | None = None
        self.start_time = time_ns()

    def end(self, end_time: int | None = None) -> None:
        if self.end_time is None:
            # Before the end is dated: what is asked now belongs to the span, and reading it takes no time.
            if self.farewell is not None:
                self.farewell(self)
            self.end_time = end_time or time_ns()
            self.recording.closed(self)

    def get_span_context(self) -> trace.SpanContext:
        return self.context

    def is_recording(self) -> bool:
        return self.end_time is None

    def set_attribute(self, key: str, value: Any) -> None:
        self.attributes[key] = value

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        self.attributes.update(attributes)

    def update_name(self, name: str) -> None:
        self.name = name

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        self.status = status.status_code if isinstance(status, Status) else status

    def record_exception(
        self, exception: BaseException, attributes: Any = None, timestamp: Any = None, escaped: Any = False
    ) -> None:
        self.attributes["error.type"] = type(exception).__qualname__

    def add_event(self, name: str, attributes: Any = None, timestamp: int | None = None) -> None:
        """Events are accepted and forgotten: no view tells them."""


class Current(ContextDecorator):
    """`start_as_current_span`, as a class: a generator would cost each span three more calls."""

    def __init__(self, start: "Callable[[], trace.Span]", record: bool, mark: bool, end: bool) -> None:
        self._start, self._record, self._mark, self._end = start, record, mark, end

    def _recreate_cm(self) -> "Current":
        return Current(self._start, self._record, self._mark, self._end)

    def __enter__(self) -> trace.Span:
        self._span = self._start()
        self._token = attach(set_value(_SPAN_KEY, self._span))
        return self._span

    def __exit__(self, kind: Any, error: BaseException | None, where: Any) -> None:
        detach(self._token)
        if isinstance(error, Exception):
            if self._record:
                self._span.record_exception(error)
            if self._mark:
                self._span.set_status(StatusCode.ERROR)
        if self._end:
            self._span.end()


class Tracer(trace.Tracer):
    """Starts spans for the recording that the current context belongs to; outside of one, no-ops."""

    def __init__(self, scope: str, greet: Callable[[LiveSpan, Any], None] | None = None) -> None:
        self._scope = scope
        self._greet = greet

    def start_span(  # noqa: PLR0913, PLR0917  # the signature is OpenTelemetry's
        self,
        name: str,
        context: Any = None,
        kind: trace.SpanKind = trace.SpanKind.INTERNAL,
        attributes: Any = None,
        links: Any = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
    ) -> trace.Span:
        current = get_value(_SPAN_KEY, context)
        if not isinstance(current, trace.Span) or not recording.active:
            return trace.INVALID_SPAN
        parent = current.get_span_context()
        found = recording.active.get(parent.trace_id)
        if found is None:
            return trace.INVALID_SPAN
        span = LiveSpan(found, name, parent.trace_id, parent.span_id)
        span.kind, span.scope = kind, self._scope
        if attributes:
            span.attributes.update(attributes)
        if start_time is not None:
            span.start_time = start_time
        if self._greet is not None:
            self._greet(span, context)
        found.opened(span)
        return span

    def start_as_current_span(  # type: ignore[override]  # noqa: PLR0913, PLR0917  # idem
        self,
        name: str,
        context: Any = None,
        kind: trace.SpanKind = trace.SpanKind.INTERNAL,
        attributes: Any = None,
        links: Any = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
        end_on_exit: bool = True,
    ) -> Current:
        def start() -> trace.Span:
            return self.start_span(name, context, kind, attributes, links, start_time)

        return Current(start, record_exception, set_status_on_exception, end_on_exit)

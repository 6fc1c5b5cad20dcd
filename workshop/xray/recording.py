"""Lo que se va grabando mientras unos rayos X están abiertos."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Any

from workshop.xray.spans import Span, error_of

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

JOIN_SECONDS = 1.0  # how long another process may take to send its first span
QUIET_SECONDS = 0.25  # children send in batches of 0.1 s: after this silence nothing more is under way

active: dict[int, "Recording"] = {}
"""Recordings under way, by trace id: whatever belongs to none of them is not recorded."""


class Recording:
    """One open X-ray: its spans, how many are still open, and who still works for it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._order = count()
        self._open: dict[int, tuple[int, ReadableSpan]] = {}
        self._closed: list[tuple[int, ReadableSpan]] = []
        self._notes: dict[int, dict[str, Any]] = {}
        self._remote: dict[int, Span] = {}
        self._last_arrival = 0.0
        self._holds = 0

    def opened(self, span: "ReadableSpan") -> None:
        entry = (next(self._order), span)
        with self._changed:
            self._open[_id(span)] = entry

    def closed(self, span: "ReadableSpan") -> None:
        with self._changed:
            entry = self._open.pop(_id(span), None)
            if entry is not None:
                self._closed.append((entry[0], span))
                self._changed.notify_all()

    def note(self, span: "ReadableSpan", name: str, value: Any) -> None:
        """One more attribute, known only once the span has ended and takes no more of them."""
        self._notes.setdefault(_id(span), {})[name] = value

    def arrived(self, spans: list[Span]) -> None:
        """Spans that another process sent."""
        with self._changed:
            self._remote.update((span.id, span) for span in spans)
            self._last_arrival = monotonic()
            self._changed.notify_all()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Somebody is still at work, even if every span is closed (a session that closes after answering)."""
        with self._changed:
            self._holds += 1
        try:
            yield
        finally:
            with self._changed:
                self._holds -= 1
                self._changed.notify_all()

    def settle(self, seconds: float, expect_children: bool) -> bool:
        """Waits, at most `seconds`, until nothing of this trace is under way; tells whether that came."""
        deadline = monotonic() + seconds
        with self._changed:
            done = self._changed.wait_for(lambda: not self._open and not self._holds, seconds)
            if not expect_children or not done:
                return done
            patience = min(deadline, monotonic() + JOIN_SECONDS)
            self._changed.wait_for(lambda: not self._unanswered(), patience - monotonic())
            return self._await_quiet(deadline)

    def _await_quiet(self, deadline: float) -> bool:
        while self._remote and monotonic() < deadline:
            silence = monotonic() - self._last_arrival
            if silence >= QUIET_SECONDS and not self._orphans():
                return True
            self._changed.wait(max(min(QUIET_SECONDS - silence, deadline - monotonic()), 0.01))
        return not self._remote

    def _unanswered(self) -> bool:
        """Is there an answered call whose server has told nothing yet?"""
        spans = self._spans()
        parents = {span.parent for span in spans}
        return any(span.kind == "client" and _answered(span) and span.id not in parents for span in spans)

    def _orphans(self) -> bool:
        known = {span.id for span in self._spans()} | {_id(entry[1]) for entry in self._closed}
        return any(span.parent not in known for span in self._remote.values())

    def freeze(self) -> list[Span]:
        """Every span so far, in the order in which they started."""
        with self._changed:
            return self._spans()

    def _spans(self) -> list[Span]:
        local = [self._span(*entry, over=True) for entry in self._closed]
        local += [self._span(*entry, over=False) for entry in self._open.values()]
        spans = {**self._remote, **{span.id: span for span in local}}.values()
        return sorted(spans, key=lambda span: (span.start, span.order, span.id))

    def _span(self, order: int, span: "ReadableSpan", *, over: bool) -> Span:
        attributes = {**(span.attributes or {}), **self._notes.get(_id(span), {})}
        exceptions = [str((event.attributes or {}).get("exception.type", "")) for event in span.events]
        return Span(
            id=_id(span),
            parent=span.parent.span_id if span.parent else None,
            name=span.name,
            kind=span.kind.name.lower(),
            scope=span.instrumentation_scope.name if span.instrumentation_scope else "",
            service=str(attributes.get("comanda.service", "")),
            start=span.start_time or 0,
            end=span.end_time if over else None,
            attributes=attributes,
            error=error_of(attributes, exceptions),
            order=order,
        )


def _id(span: "ReadableSpan") -> int:
    assert span.context is not None
    identity: int = span.context.span_id
    return identity


def _answered(span: Span) -> bool:
    return "http.status_code" in span.attributes or "http.response.status_code" in span.attributes

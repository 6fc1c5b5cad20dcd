"""Lo que se va grabando mientras unos rayos X están abiertos."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Any

from workshop.xray.spans import Span, error_of

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

    from workshop.xray.live import LiveSpan

JOIN_SECONDS = 1.0  # how long another process may take to send its first span
QUIET_SECONDS = 0.25  # children send in batches of 0.1 s: after this silence nothing more is under way

active: dict[int, "Recording"] = {}
"""Recordings under way, by trace id: whatever belongs to none of them is not recorded."""


class Recording:
    """One open X-ray: its spans, how many are still open, and who still works for it."""

    def __init__(self) -> None:
        self.root = 0  # the id of the span that holds the rest, which is not told itself
        self._changed = threading.Condition()
        self._order = count()
        self._open: dict[int, tuple[int, Any]] = {}
        self._closed: list[tuple[int, Any]] = []
        self._remote: dict[int, Span] = {}
        self._last_arrival = 0.0
        self._holds = 0
        self._awaited = False

    # These two run sixteen times in a request: they take no lock. A span is in `_closed` before it leaves
    # `_open`, and whoever waits says so before looking, so that nothing is missed between the two.
    def opened(self, span: "LiveSpan | ReadableSpan") -> None:
        self._open[_id(span)] = (next(self._order), span)

    def closed(self, span: "LiveSpan | ReadableSpan") -> None:
        entry = self._open.get(_id(span))
        if entry is not None:
            self._closed.append((entry[0], span))
            del self._open[_id(span)]
            if self._awaited:
                with self._changed:
                    self._changed.notify_all()

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
            self._awaited = True
            done = self._changed.wait_for(lambda: not self._open and not self._holds, seconds)
            if not expect_children or not done:
                return done
            patience = min(deadline, monotonic() + JOIN_SECONDS)
            self._changed.wait_for(lambda: not self._unanswered(), patience - monotonic())
            self._changed.wait_for(lambda: not self._unfinished(), deadline - monotonic())
            return self._await_quiet(deadline) and not self._unfinished()

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

    def _unfinished(self) -> bool:
        """Is there something in a queue, or in the hands of a worker, that was not for later?"""
        spans = self._spans()
        done = Counter(span.parent for span in spans if span.kind == "consumer" and _for_good(span))
        return any(done[span.id] < _enqueued(span) for span in spans if span.kind == "producer")

    def _orphans(self) -> bool:
        known = {self.root, *(span.id for span in self._spans())}
        return any(span.parent not in known for span in self._remote.values() if span.parent)

    def freeze(self) -> list[Span]:
        """Every span so far, in the order in which they started."""
        with self._changed:
            return self._spans()

    def _spans(self) -> list[Span]:
        entries = [*self._open.values(), *self._closed]  # one that is closing right now is in both
        local = [_frozen(order, span) for order, span in entries]
        spans = {**self._remote, **{span.id: span for span in local}}.values()
        return sorted(spans, key=lambda span: (span.start, span.order, span.id))

    def live(self) -> "list[LiveSpan]":
        """The spans that only we know of, for whoever exports them."""
        from workshop.xray.live import LiveSpan

        with self._changed:
            return [span for _, span in self._closed if isinstance(span, LiveSpan)]


def _frozen(order: int, span: Any) -> Span:
    from workshop.xray.live import LiveSpan

    attributes = span.attributes or {}
    if isinstance(span, LiveSpan):
        parent, scope, exceptions = span.parent, span.scope, []
    else:
        parent = span.parent.span_id if span.parent else None
        scope = span.instrumentation_scope.name if span.instrumentation_scope else ""
        exceptions = [str((event.attributes or {}).get("exception.type", "")) for event in span.events]
    return Span(
        id=_id(span),
        parent=parent,
        name=span.name,
        kind=span.kind.name.lower(),
        scope=scope,
        service=str(attributes.get("comanda.service", "")),
        start=span.start_time or 0,
        end=span.end_time,
        attributes=dict(attributes),
        error=error_of(attributes, exceptions),
        order=order,
    )


def _id(span: Any) -> int:
    identity: int = span.context.span_id
    return identity


def _answered(span: Span) -> bool:
    return "http.status_code" in span.attributes or "http.response.status_code" in span.attributes


def _for_good(span: Span) -> bool:
    return span.end is not None and not span.attributes.get("comanda.again")


def _enqueued(span: Span) -> int:
    """How many jobs came from it that are worth waiting for."""
    if span.scope != "workshop.queues" or span.error or span.attributes.get("comanda.put_off"):
        return 0
    return int(span.attributes.get("messaging.batch.message_count", 1))

"""Lo que siente la base de datos: cuántas sentencias le llegan y cuántas a la vez."""

import threading
import time
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import Engine, event

GLANCE = 0.01  # seconds
QUIET = 10  # glances


class QueryCounter:
    """Cuenta de verdad las sentencias que ejecuta un motor, vengan del hilo que vengan.

    ```python
    felt = QueryCounter(engine)
    requests.get(f"{api.url}/best-sellers")
    felt
    ```
    Cuenta desde que se crea o desde `reset()`, y deja de contar cuando nadie lo guarda.
    """

    def __init__(self, engine: Engine) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self.reset()
        _watch(engine).add(self)

    @property
    def queries(self) -> int:
        """Las sentencias que han llegado."""
        return len(self._moments)

    @property
    def at_once(self) -> int:
        """El mayor número de sentencias que estuvieron en marcha a la vez."""
        return self._most

    def per_second(self, parts: int = 4) -> list[tuple[float, float]]:
        """Pares (segundo, sentencias por segundo), para dibujarlos; cada segundo se divide en `parts`."""
        with self._lock:
            moments = [moment - self._start for moment in self._moments]
            counts = [0] * (int((time.monotonic() - self._start) * parts) + 1)
        for moment in moments:
            counts[int(moment * parts)] += 1
        return [(place / parts, float(count * parts)) for place, count in enumerate(counts)]

    def reset(self) -> None:
        """Vuelve a contar desde cero."""
        with self._lock:
            self._start = time.monotonic()
            self._moments: list[float] = []
            self._most = self._running

    def settle(self, seconds: float = 10) -> None:
        """Espera a que la base termine lo que tiene en marcha; como mucho, `seconds` segundos."""
        deadline = time.monotonic() + seconds
        quiet = 0
        while quiet < QUIET and time.monotonic() < deadline:
            # More than a glance: between two queries of a queue there are moments without any.
            quiet = 0 if self._running else quiet + 1
            time.sleep(GLANCE)

    def __repr__(self) -> str:
        return f"la base sintió {self.queries} {'consulta' if self.queries == 1 else 'consultas'}"

    def _begins(self) -> None:
        with self._lock:
            self._moments.append(time.monotonic())
            self._running += 1
            self._most = max(self._most, self._running)

    def _ends(self) -> None:
        with self._lock:
            self._running = max(self._running - 1, 0)  # it may have begun before this counter


_watched: "WeakKeyDictionary[Engine, WeakSet[QueryCounter]]" = WeakKeyDictionary()


def _watch(engine: Engine) -> "WeakSet[QueryCounter]":
    """The engine's counters. It is listened to once, however many times a cell makes another counter."""
    if engine in _watched:
        return _watched[engine]
    counters = _watched[engine] = WeakSet()

    @event.listens_for(engine, "before_cursor_execute")
    def _begins(*_: Any) -> None:
        for counter in list(counters):
            counter._begins()

    @event.listens_for(engine, "after_cursor_execute")
    def _ends(*_: Any) -> None:
        for counter in list(counters):
            counter._ends()

    @event.listens_for(engine, "handle_error")
    def _fails(problem: Any) -> None:
        if problem.statement is not None:
            _ends()

    return counters

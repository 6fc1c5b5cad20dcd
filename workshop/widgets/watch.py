"""Quién vigila una base: despierta con cada commit de este kernel y, para lo demás, cada dos segundos."""

import threading
from collections.abc import Callable

from sqlalchemy import Connection, Engine, event

PERIOD = 2.0
# SQLAlchemy announces a commit just before the database does it: look now and again shortly after.
ECHOES = (0.02, 0.1, 0.4)


class Watcher:
    """Un hilo que llama a `look` cuando la base puede haber cambiado, hasta `stop()`."""

    def __init__(self, engine: Engine, look: Callable[[], None], period: float = PERIOD) -> None:
        self._engine, self._look, self._period = engine, look, period
        self._wake, self._ended = threading.Event(), threading.Event()
        self._committed = False
        self._waiting: list[threading.Event] = []
        event.listen(engine, "commit", self._on_commit)
        self._thread = threading.Thread(target=self._run, name="comanda-table", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Si sigue vigilando."""
        return self._thread.is_alive() and not self._ended.is_set()

    def look(self, timeout: float) -> bool:
        """Pide una mirada ahora y espera hasta `timeout` segundos; dice si dio tiempo."""
        looked = threading.Event()
        self._waiting.append(looked)
        self._wake.set()
        return looked.wait(timeout)

    def stop(self) -> None:
        """Deja de vigilar y suelta la base."""
        if self._ended.is_set():
            return
        self._ended.set()
        self._wake.set()
        event.remove(self._engine, "commit", self._on_commit)
        if threading.current_thread() is not self._thread:
            self._thread.join(2)

    def _on_commit(self, _: Connection) -> None:
        self._committed = True
        self._wake.set()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wake.wait(self._period)
            self._once()
            while self._committed and not self._ended.is_set():
                self._committed = False
                self._echo()

    def _once(self) -> None:
        self._wake.clear()
        waiting, self._waiting = self._waiting, []
        if not self._ended.is_set():
            self._look()
        for each in waiting:
            each.set()

    def _echo(self) -> None:
        for delay in ECHOES:
            self._wake.wait(delay)
            self._once()

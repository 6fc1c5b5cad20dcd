"""El pulso de un panel vivo: mira cada cierto tiempo mientras alguien lo ve y queda algo que mirar."""

import threading
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from workshop.twin import Twin
from workshop.widgets import cell


class Pulse:
    """Un hilo que llama a `look` cada `period` segundos, hasta `stop()`.

    `look` dice si queda algo que seguir. Si no queda, o si el panel ya no se ve en ninguna parte, el hilo
    duerme hasta la próxima celda (o hasta que el panel vuelva a verse).
    """

    def __init__(self, panel: Twin, look: Callable[[], bool], period: float) -> None:
        self._look, self._period = look, period
        self._wake, self._ended = threading.Event(), threading.Event()
        self._seen = True
        panel._view_count = 0  # from now on the page says how many views there are; before the first, none
        panel.observe(self._count_views, "_view_count")
        self._forget = cell.on("post_run_cell", self.nudge)
        self._thread = threading.Thread(target=self._run, name="comanda-pulse", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Si sigue mirando, o podría volver a hacerlo."""
        return self._thread.is_alive() and not self._ended.is_set()

    def nudge(self) -> None:
        """Mira ahora mismo."""
        self._wake.set()

    def stop(self) -> None:
        """No mira más."""
        self._ended.set()
        self._wake.set()
        self._forget()
        if threading.current_thread() is not self._thread:
            self._thread.join(2)

    def _count_views(self, change: Any) -> None:
        self._seen = change["new"] > 0
        self._wake.set()

    def _run(self) -> None:
        following = True
        while not self._ended.is_set():
            self._wake.wait(self._period if following and self._seen else None)
            self._wake.clear()
            if not self._ended.is_set() and self._seen:
                following = self._look()


class Live(Twin):
    """Un panel que se actualiza solo hasta `.stop()`."""

    _pulse: Pulse

    @property
    def watching(self) -> bool:
        """Si todavía se actualiza solo."""
        return self._pulse.alive

    def stop(self) -> None:
        """Deja de actualizarse solo."""
        self._pulse.stop()

    @abstractmethod
    def refresh(self) -> bool:
        """Dibuja lo que hay ahora; dice si queda algo que seguir."""

    def _watch(self, period: float) -> None:
        self._pulse = Pulse(self, self.refresh, period)

"""El ritmo de una carga: cuántas respuestas por segundo hubo en cada momento."""

from workshop.services.load.tally import Snapshot

POINTS = 60  # in the whole run
FINEST = 0.25  # seconds; with less, a point would be a handful of answers


class Pace:
    """Convierte las cuentas que se acumulan en respuestas por segundo a lo largo del tiempo."""

    def __init__(self, seconds: float) -> None:
        self._step = max(FINEST, seconds / POINTS)
        self._last = Snapshot()
        self.well: list[tuple[float, float]] = []
        self.badly: list[tuple[float, float]] = []

    def add(self, now: Snapshot, last: bool = False) -> None:
        """Anota una foto; dos demasiado seguidas cuentan como una, salvo que sea la última."""
        spent = now.elapsed - self._last.elapsed
        if spent < (self._step / 2 if last else self._step):
            return
        _append(self.well, self._last.elapsed, now.elapsed, (now.ok - self._last.ok) / spent)
        _append(self.badly, self._last.elapsed, now.elapsed, (now.failed - self._last.failed) / spent)
        self._last = now


def _append(points: list[tuple[float, float]], start: float, end: float, rate: float) -> None:
    if not points:
        points.append((start, rate))  # the line begins where the load does
    points.append((end, rate))

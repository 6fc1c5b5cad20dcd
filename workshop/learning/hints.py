"""Las pistas de un ejercicio: una más cada vez, y al final la solución."""

from html import escape

import ipywidgets as widgets

from workshop.learning.exercise import Exercise, find
from workshop.learning.markup import Panel, button, card, notices, paragraph
from workshop.learning.record import State, record
from workshop.learning.verdict import FAILURES_THAT_OPEN_THE_SOLUTION as NEEDED


class Hints(Panel):
    """Las pistas ya vistas. `.more` es el botón que abre la siguiente; `.remaining`, cuántas faltan."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self.html = widgets.HTML()
        self.more = button("Otra pista")
        self.more.on_click(lambda _: self.advance())
        super().__init__([self.html, self.more])
        self.advance()

    @property
    def remaining(self) -> int:
        """Cuántas pistas faltan por ver."""
        return len(self.exercise.hints) - self._shown

    def advance(self) -> None:
        """Abre una pista más, si queda; muestra la solución si ya corresponde."""
        total = len(self.exercise.hints)

        def one_more(state: State) -> None:
            entry = state.exercise(self.exercise.number)
            entry.hints = min(entry.hints + 1, total)

        entry = record().change(one_more).exercise(self.exercise.number)
        self._shown = min(entry.hints, total)
        self._failed = entry.failed
        self.solution = self.exercise.solution if entry.solved or entry.failed >= NEEDED else ""
        self.more.disabled = self.remaining == 0
        self.more.description = "Otra pista" if self.remaining else "No quedan pistas"
        code = f"<p>Una solución posible:</p><pre>{escape(self.solution)}</pre>" if self.solution else ""
        self.html.value = card("".join(map(paragraph, self._lines())) + code)

    def text(self) -> str:
        """Las pistas vistas, cuántas quedan y, si ya corresponde, la solución."""
        lines = self._lines()
        if self.solution:
            lines += ["Una solución posible:", "", self.solution]
        return "\n".join(lines)

    def _lines(self) -> list[str]:
        seen = self.exercise.hints[: self._shown]
        total = len(self.exercise.hints)
        lines = [f"{self.exercise.name}"]
        lines += [f"Pista {number} de {total}: {hint}" for number, hint in enumerate(seen, start=1)]
        return [*lines, *self._what_next(), *notices()]

    def _what_next(self) -> list[str]:
        if self.solution:
            return []
        if self.remaining:
            return [f"Quedan {self.remaining}." if self.remaining > 1 else "Queda 1."]
        return [
            "No quedan pistas. La solución se abre cuando logras el ejercicio o después de "
            f"{NEEDED} revisiones fallidas; llevas {self._failed}."
        ]


def hint(number: str) -> Hints:
    """Muestra una pista más del ejercicio `number`; logrado, o tras tres revisiones fallidas, la solución.

    Errores: `LearningError` si el ejercicio no existe (dice cuáles hay).
    """
    return Hints(find(number))

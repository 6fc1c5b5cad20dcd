"""Predecir antes de ejecutar y comparar con lo medido."""

from collections.abc import Sequence
from typing import Any, cast

import ipywidgets as widgets

from workshop.learning import scale
from workshop.learning.errors import LearningError
from workshop.learning.markup import Note, SelfShown, button, card, paragraph, title
from workshop.learning.record import PredictionRecord, State, record

WIDE = widgets.Layout(width="auto", max_width="80ch")
EMPTY = "Todavía no fijas tu predicción."


class Comparison(Note, SelfShown):
    """Lo predicho junto a lo medido. `.right` dice si coincidió; es `None` si no había predicción."""

    def __init__(self, right: bool | None, lines: list[str], seen: list[str] | None = None) -> None:
        self.right = right
        super().__init__(lines, {True: "good", False: "bad", None: ""}[right], seen)


class Prediction(SelfShown):
    """Una predicción: se elige, se fija una sola vez y después se compara con lo medido.

    `.control` es la lista de opciones o la casilla del número, `.fix` el botón y `.choice` lo que se fijó
    (`None` mientras no se fije nada).
    """

    def __init__(self, question: str, control: widgets.Widget) -> None:
        self.question = question
        self.choice: Any = None
        self.locked = False
        self.control = control
        self.fix = button("Fijar mi predicción", question)
        self.status = widgets.HTML(card(paragraph(EMPTY)))
        self.fix.on_click(lambda _: self._press())
        super().__init__([widgets.HTML(title(question)), control, self.fix, self.status])

    def choose(self, value: Any) -> None:
        """Fija `value` como predicción, igual que el botón. Ya fijada, no se puede cambiar.

        Errores: `LearningError` si `value` no sirve de respuesta o si la predicción ya está fija.
        """
        if self.locked:
            what = "ya viste lo medido" if self.choice is None else f"ya fijaste «{self.said(self.choice)}»"
            raise LearningError(
                f"La predicción no cambia: {what}. Para hacer otra, ejecuta de nuevo la celda de la pregunta."
            )
        self.choice = self.accept(value)
        self.control.value = self.shown(self.choice)
        self._lock(f"Tu predicción quedó fija: «{self.said(self.choice)}».")

    def compare(self, measured: Any) -> Comparison:
        """Muestra lo predicho junto a lo medido, que se calcula en la celda. Después ya no se puede predecir.

        Sin predicción no falla: lo dice y muestra lo medido. Si lo medido es `float`, se toma por una medida
        que cambia en cada corrida: su cifra aparece solo en el panel, y el gemelo de texto dice que está ahí,
        para ser siempre el mismo. Un entero se toma por un conteo y aparece en ambos.
        Errores: `LearningError` si `measured` no es una de las opciones o no es un número.
        """
        measured = self.accept(measured)
        if self.choice is None:
            self._lock("Ya no se puede predecir: lo medido está a la vista.")
            comparison = self.unpredicted(measured)
        else:
            comparison = self.compared(measured)
            self._note(bool(comparison.right))
        comparison.show()
        return comparison

    def text(self) -> str:
        """La pregunta, las opciones y qué se fijó."""
        fixed = EMPTY if self.choice is None else f"Tu predicción quedó fija: «{self.said(self.choice)}»."
        return "\n".join([f"Predice: {self.question}", *self.choices(), fixed])

    def choices(self) -> list[str]:
        """Los renglones del gemelo de texto que dicen qué se puede responder."""
        raise NotImplementedError

    def accept(self, value: Any) -> Any:
        """`value` como respuesta válida; `LearningError` si no lo es."""
        raise NotImplementedError

    def typed(self) -> Any:
        """Lo que hay ahora en el control; `None` si está vacío."""
        raise NotImplementedError

    def said(self, value: Any) -> str:
        """Cómo se lee una respuesta."""
        raise NotImplementedError

    def shown(self, value: Any) -> str:
        """Cómo se ve una respuesta en el control."""
        return str(value)

    def unpredicted(self, measured: Any) -> Comparison:
        """Lo que se muestra cuando no hubo predicción."""
        raise NotImplementedError

    def compared(self, measured: Any) -> Comparison:
        """Lo que se muestra cuando sí la hubo."""
        raise NotImplementedError

    def _press(self) -> None:
        value = self.typed()
        if value is None:
            self.status.value = card(paragraph("Primero responde; después fija tu predicción."), "bad")
            return
        try:
            self.choose(value)
        except LearningError as error:
            self.status.value = card(paragraph(str(error)), "bad")

    def _lock(self, message: str) -> None:
        self.locked = True
        self.control.disabled = True
        self.fix.disabled = True
        self.status.value = card(paragraph(message))

    def _note(self, right: bool) -> None:
        made = PredictionRecord(choice=self.said(self.choice), right=right)

        def first_one_counts(state: State) -> None:
            state.predictions.setdefault(self.question, made)

        record().change(first_one_counts)


class Choice(Prediction):
    """Una predicción entre opciones."""

    def __init__(self, question: str, options: Sequence[Any]) -> None:
        self.options = _checked(options)
        control = widgets.RadioButtons(options=[str(o) for o in self.options], value=None, layout=WIDE)
        super().__init__(question, control)

    def choices(self) -> list[str]:
        """Una opción por renglón."""
        return [f"  ( ) {option}" for option in self.options]

    def accept(self, value: Any) -> Any:
        """La opción que se llama como `value`."""
        for option in self.options:
            if str(option) == str(value):
                return option
        raise LearningError(f"«{value}» no está entre las opciones. Son: {_listed(self.options)}.")

    def typed(self) -> Any:
        """La opción marcada."""
        return self.control.value

    def said(self, value: Any) -> str:
        """La opción, tal cual."""
        return str(value)

    def unpredicted(self, measured: Any) -> Comparison:
        """Lo medido, sin nada con qué compararlo."""
        return Comparison(None, [f"○ No fijaste una predicción; lo medido: «{measured}»."])

    def compared(self, measured: Any) -> Comparison:
        """Coincide o no coincide."""
        right = bool(measured == self.choice)
        verdict = "✓ Coincide con tu predicción." if right else "✗ No coincide con tu predicción."
        return Comparison(right, [verdict, f"Predijiste: «{self.choice}».", f"Lo medido: «{measured}»."])


class Number(Prediction):
    """Una predicción que es un número con su unidad."""

    def __init__(self, question: str, unit: str) -> None:
        self.unit = unit
        control = widgets.Text(
            placeholder="un número",
            description=f"Número ({unit}):",
            layout=WIDE,
            style={"description_width": "auto"},
        )
        super().__init__(question, control)

    def choices(self) -> list[str]:
        """La unidad en que se responde."""
        return [f"  Responde con un número, en {self.unit}."]

    def accept(self, value: Any) -> Any:
        """`value` como número finito; también sirve un texto como «2.5», «2,5» o «2.5 ms»."""
        return scale.number(value, self.unit)

    def typed(self) -> Any:
        """Lo escrito en la casilla."""
        return cast("str", self.control.value).strip() or None

    def said(self, value: Any) -> str:
        """El número con su unidad."""
        return f"{scale.figure(value)} {self.unit}"

    def unpredicted(self, measured: Any) -> Comparison:
        """Lo medido; si es una medición, solo en el panel."""
        seen = [f"○ No fijaste una predicción; lo medido: {self.said(measured)}."]
        if isinstance(measured, int):
            return Comparison(None, seen)
        return Comparison(None, ["○ No fijaste una predicción; lo medido está en el panel."], seen)

    def compared(self, measured: Any) -> Comparison:
        """Cerca o lejos (cerca: a lo más una vez y media más o menos) y qué tan lejos."""
        right = scale.close(self.choice, measured)
        verdict = ("✓ Cerca: " if right else "✗ Lejos: ") + scale.distance(self.choice, measured, self.unit)
        predicted = f"Predijiste: {self.said(self.choice)}."
        seen = [verdict, predicted, f"Lo medido: {self.said(measured)}."]
        if isinstance(measured, int):
            return Comparison(right, seen)
        return Comparison(right, [predicted, "Lo medido y qué tan lejos quedaste están en el panel."], seen)


def predict(question: str, options: Sequence[Any] | None = None, *, unit: str | None = None) -> Prediction:
    """Pide una predicción antes de ejecutar y la muestra; se responde en el panel o con `.choose(...)`.

    Recibe `options` (al menos dos, distintas) o `unit` (la unidad de un número, como `"ms"`), no ambas.
    Devuelve la `Prediction`; con `.compare(medido)` se compara. Ejecutar la celda otra vez hace una nueva.
    Errores: `LearningError` si la pregunta o las opciones no sirven.
    """
    if not isinstance(question, str) or not question.strip():
        raise LearningError('Falta la pregunta: predict("¿Cuál pesa más?", ["esta", "aquella"]).')
    if (options is None) == (unit is None):
        raise LearningError(
            'predict necesita opciones o una unidad, y no ambas: predict("¿Cuál?", ["a", "b"]) '
            'o predict("¿Cuánto tarda?", unit="ms").'
        )
    made: Prediction = Choice(question, options) if options is not None else Number(question, str(unit))
    made.show()
    return made


def _checked(options: Sequence[Any]) -> list[Any]:
    if isinstance(options, str) or not hasattr(options, "__iter__"):
        raise LearningError(f'Las opciones van en una lista, por ejemplo ["sí", "no"]; llegó {options!r}.')
    found = list(options)
    labels = [str(option) for option in found]
    if len(found) < 2:
        raise LearningError(f"Una predicción necesita al menos dos opciones; llegaron {len(found)}.")
    if repeated := sorted({label for label in labels if labels.count(label) > 1}):
        raise LearningError(f"Hay opciones repetidas: {_listed(repeated)}. Deja cada una una sola vez.")
    if not all(label.strip() for label in labels):
        raise LearningError("Hay una opción vacía. Escribe algo en cada una.")
    return found


def _listed(options: Sequence[Any]) -> str:
    return ", ".join(f"«{option}»" for option in options)

"""Los cuestionarios: preguntas de `data/quizzes/NN_slug.toml`, una debajo de otra."""

from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets

from workshop.learning.errors import LearningError
from workshop.learning.markup import Note, Panel, button, card, notices, paragraph, title
from workshop.learning.questions import Option, Question, questions
from workshop.learning.record import State, record

LETTERS = "abcdefgh"


class QuestionView(Panel):
    """Una pregunta: `.control` son las opciones, `.send` el botón y `.feedback` lo que se contestó."""

    def __init__(self, chapter: str, number: int, question: Question) -> None:
        self.chapter = chapter
        self.number = number
        self.question = question
        self.said: list[str] = []
        self.control = widgets.RadioButtons(
            options=_labels(question), value=None, layout=widgets.Layout(width="auto", max_width="80ch")
        )
        self.send = button("Responder", f"Responder la pregunta {number}")
        self.feedback = widgets.HTML(card(""))
        self.send.on_click(lambda _: self._press())
        heading = widgets.HTML(title(f"{number}. {question.text}"))
        super().__init__([heading, self.control, self.send, self.feedback])

    def text(self) -> str:
        """La pregunta y sus opciones, sin decir cuál es la buena; y lo ya contestado."""
        lines = [f"{self.number}. {self.question.text}", *(f"   {label}" for label in _labels(self.question))]
        return "\n".join([*lines, *(f"   → {line}" for line in self.said)])

    def answer(self, option: Option) -> None:
        """Contesta y anota el resultado en el avance."""
        right = option.right

        def note(state: State) -> None:
            entry = state.answer(self.chapter, self.number)
            entry.first = entry.first or (right and entry.tries == 0)
            entry.right = entry.right or right
            entry.tries += 1

        record().change(note)
        self.said = _feedback(option)
        self.control.value = _labels(self.question)[self.question.options.index(option)]
        self.feedback.value = card("".join(map(paragraph, self.said)), "good" if right else "bad")
        self.send.description = "Responder otra vez"

    def clear(self) -> None:
        """Deja la pregunta como si no se hubiera contestado."""
        self.said = []
        self.control.value = None
        self.feedback.value = card("")
        self.send.description = "Responder"

    def _press(self) -> None:
        if self.control.index is None:
            self.feedback.value = card(paragraph("Primero elige una opción."), "bad")
            return
        self.answer(self.question.options[self.control.index])


class Quiz(Panel):
    """Un cuestionario. `.questions` son sus preguntas y `.again` el botón que las deja en blanco."""

    def __init__(self, chapter: str, asked: Sequence[Question]) -> None:
        self.chapter = chapter
        self.questions = [QuestionView(chapter, n, question) for n, question in enumerate(asked, start=1)]
        self.again = button("Empezar de nuevo")
        self.again.on_click(lambda _: self._clear())
        self.status = widgets.HTML()
        for view in self.questions:
            view.feedback.observe(lambda _: self._show_score(), "value")
        super().__init__([*self.questions, self.again, self.status])
        self._show_score()

    @property
    def score(self) -> int:
        """Cuántas preguntas se han acertado alguna vez."""
        return sum(entry.right for entry in self._answers().values())

    def answer(self, number: int, option: Any) -> Note:
        """Responde la pregunta `number` (desde 1) con una letra («a») o con el texto de la opción.

        Errores: `LearningError` si no hay esa pregunta o esa opción.
        """
        if isinstance(number, bool) or number not in range(1, len(self.questions) + 1):
            raise LearningError(f"No hay pregunta {number!r}: van de la 1 a la {len(self.questions)}.")
        view = self.questions[int(number) - 1]
        chosen = _found(view.question, option)
        view.answer(chosen)
        return Note([*view.said, *notices()], "good" if chosen.right else "bad")

    def text(self) -> str:
        """Las preguntas con sus opciones."""
        return "\n\n".join(view.text() for view in self.questions)

    def _clear(self) -> None:
        for view in self.questions:
            view.clear()

    def _answers(self) -> dict[str, Any]:
        return dict(record().read().quizzes.get(self.chapter, {}))

    def _show_score(self) -> None:
        answers = self._answers()
        first = sum(entry.first for entry in answers.values())
        right = sum(entry.right for entry in answers.values())
        line = f"Aciertos: {right} de {len(self.questions)}; a la primera: {first}."
        self.status.value = card("".join(map(paragraph, [line, *notices()])))


def quiz(chapter: str) -> Quiz:
    """El cuestionario del capítulo `chapter`, por ejemplo `"07"`. Se puede responder cuantas veces quieras.

    En el panel o con `.answer(1, "b")`. El gemelo de texto trae preguntas y opciones, sin las respuestas.
    Errores: `LearningError` si ese capítulo no tiene cuestionario (dice cuáles hay).
    """
    number, asked = questions(chapter)
    return Quiz(number, asked)


def _labels(question: Question) -> list[str]:
    return [f"{LETTERS[i]}) {option.text}" for i, option in enumerate(question.options)]


def _feedback(option: Option) -> list[str]:
    if option.right:
        return [f"✓ Correcto. {option.why}"]
    return [f"✗ No es esa. La confusión: {option.misconception}.", option.why]


def _found(question: Question, wanted: Any) -> Option:
    asked = str(wanted).strip()
    for label, option in zip(_labels(question), question.options, strict=True):
        if asked in (option.text, label) or asked.lower() == label[0]:
            return option
    listed = "; ".join(_labels(question))
    raise LearningError(f"«{wanted}» no es una opción. Responde con una letra o con su texto: {listed}.")

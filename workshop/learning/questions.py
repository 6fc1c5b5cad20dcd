"""Las preguntas de un cuestionario como datos, y lo que deben cumplir para servir de diagnóstico."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workshop import facts
from workshop.learning.errors import LearningError

_EMPHASIS = re.compile(r"\*\w[^*`]*\*")  # only code is marked in a question


@dataclass(frozen=True)
class Option:
    """Una respuesta posible. `misconception` nombra la confusión que lleva a ella; vacía en la correcta."""

    text: str
    why: str
    right: bool = False
    misconception: str = ""


@dataclass(frozen=True)
class Question:
    """Una pregunta con sus opciones, en el orden en que se muestran."""

    text: str
    options: tuple[Option, ...]


def questions(chapter: Any) -> tuple[str, list[Question]]:
    """El número del capítulo con dos cifras y sus preguntas. `LearningError` si no hay cuestionario."""
    known = quiz_files()
    number = str(chapter).strip().zfill(2)
    if number not in known:
        listed = ", ".join(known) or "ninguno todavía"
        raise LearningError(f"No hay un cuestionario «{chapter}». Los que hay: {listed}.")
    return number, read(facts.load(f"quizzes/{known[number].name}"))


def quiz_files() -> dict[str, Path]:
    """Los cuestionarios que hay, por número de capítulo."""
    return {path.name[:2]: path for path in sorted((facts.DATA / "quizzes").glob("[0-9][0-9]_*.toml"))}


def read(data: dict[str, Any]) -> list[Question]:
    """Las preguntas que hay en un TOML ya leído."""
    return [
        Question(entry["text"], tuple(Option(**option) for option in entry["options"]))
        for entry in data["question"]
    ]


def faults(asked: list[Question]) -> list[str]:
    """Lo que le falta a un cuestionario para servir: una línea por falta; vacía si está bien."""
    found = [] if len(asked) in (4, 5) else [f"debe tener 4 o 5 preguntas y tiene {len(asked)}"]
    found += [f"pregunta repetida: {text}" for text in _repeated([question.text for question in asked])]
    for number, question in enumerate(asked, start=1):
        found += [f"pregunta {number}: {fault}" for fault in _faults(question)]
    places = {_place(question) for question in asked}
    if len(asked) > 1 and len(places) == 1:
        found.append("la respuesta correcta está siempre en el mismo lugar")
    if len(asked) > 1 and all(_longest_is_right(question) for question in asked):
        found.append("la respuesta correcta es siempre la más larga")
    return found


def _faults(question: Question) -> list[str]:
    found = [f"opción repetida: {text}" for text in _repeated([option.text for option in question.options])]
    right = sum(option.right for option in question.options)
    if right != 1:
        found.append(f"debe tener una sola respuesta correcta y tiene {right}")
    if len(question.options) < 3:
        found.append("debe tener al menos tres opciones")
    if not question.text.strip():
        found.append("falta la pregunta")
    for option in question.options:
        if not option.text.strip() or not option.why.strip():
            found.append(f"a «{option.text}» le falta el texto o la explicación")
        if not option.right and not option.misconception.strip():
            found.append(f"«{option.text}» no nombra la confusión que la produce")
        if option.right and option.misconception:
            found.append(f"«{option.text}» es correcta y nombra una confusión")
    words = [question.text, *(each for o in question.options for each in (o.text, o.why, o.misconception))]
    found += [f"los asteriscos se verían: {text}" for text in words if _EMPHASIS.search(text)]
    return found


def _place(question: Question) -> int:
    return next((i for i, option in enumerate(question.options) if option.right), -1)


def _longest_is_right(question: Question) -> bool:
    return max(question.options, key=lambda option: len(option.text), default=Option("", "")).right


def _repeated(texts: list[str]) -> list[str]:
    plain = [re.sub(r"\W+", " ", text.casefold()).strip() for text in texts]
    return sorted({text for text, key in zip(texts, plain, strict=True) if plain.count(key) > 1})

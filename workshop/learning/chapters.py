"""Las filas del avance: qué lleva hecho quien aprende, capítulo por capítulo."""

from dataclasses import dataclass
from typing import Any

from workshop import facts
from workshop.learning.exercise import exercises
from workshop.learning.questions import questions, quiz_files
from workshop.learning.record import State


@dataclass(frozen=True)
class Row:
    """Un capítulo en la tabla, con todo ya dicho en palabras."""

    chapter: str
    minutes: str
    exercises: str
    quiz: str

    def cells(self) -> tuple[str, str, str, str]:
        """Las celdas, en el orden de los encabezados."""
        return self.chapter, self.minutes, self.exercises, self.quiz


def chapters() -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = facts.load("curriculum.toml")["chapter"]
    except (FileNotFoundError, KeyError):
        return []
    return found


def number_of(chapter: dict[str, Any]) -> str:
    return f"{int(chapter['number']):02}"


def row_of(chapter: dict[str, Any], state: State) -> Row:
    number = number_of(chapter)
    mine = [name for name in exercises() if name.startswith(f"{number}.")]
    solved = sum(name in state.exercises and state.exercises[name].solved for name in mine)
    asked = len(questions(number)[1]) if number in quiz_files() else 0
    right = sum(entry.right for entry in state.quizzes.get(number, {}).values())
    name, minutes = f"{number} · {chapter['title']}", str(chapter.get("minutes", ""))
    if not facts.is_written(int(number)):
        return Row(name, minutes, "por venir", "")
    return Row(name, minutes, _of(solved, len(mine)), _of(right, asked))


def _of(done: int, total: int) -> str:
    if not total:
        return "—"
    return f"{done} de {total}" + (" ✓" if done >= total else "")


def summary(state: State) -> str:
    made = len(state.predictions)
    right = sum(entry.right for entry in state.predictions.values())
    return f"Predicciones comparadas: {made}; acertadas: {right}."

"""Los ejercicios: sus datos están en `data/exercises/NN_slug.toml` y su revisión en `checks/<slug>.py`."""

import difflib
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from workshop import facts
from workshop.learning import checks
from workshop.learning.errors import LearningError


@dataclass(frozen=True)
class Exercise:
    """Un ejercicio. `number` es del tipo «07.1»; `slug` es el del capítulo («rest_api»)."""

    number: str
    slug: str
    title: str
    goal: str
    hints: tuple[str, ...]
    solution: str

    @property
    def name(self) -> str:
        """Número y título, como se leen en pantalla."""
        return f"{self.number} · {self.title}"

    def checker(self) -> checks.Checker:
        """La función que lo revisa; importa su módulo la primera vez."""
        import_module(f"workshop.learning.checks.{self.slug}")
        return checks.registered[self.number]


@cache
def exercises() -> dict[str, Exercise]:
    """Todos los ejercicios del taller, por número y en orden."""
    found: dict[str, Exercise] = {}
    for path in sorted((facts.DATA / "exercises").glob("[0-9][0-9]_*.toml")):
        chapter, _, slug = path.stem.partition("_")
        for position, entry in enumerate(facts.load(f"exercises/{path.name}")["exercise"], start=1):
            made = _made(f"{chapter}.{position}", slug, entry)
            found[made.number] = made
    return found


def find(number: Any) -> Exercise:
    """El ejercicio que se llama `number`. `LearningError` con la lista de los que hay, si no existe."""
    known = exercises()
    asked = str(number).strip()
    if asked[1:2] == ".":
        asked = f"0{asked}"
    if asked in known:
        return known[asked]
    close = difflib.get_close_matches(asked, known, n=1)
    maybe = f" ¿Quisiste decir «{close[0]}»?" if close else ""
    listed = "; ".join(exercise.name for exercise in known.values()) or "ninguno todavía"
    raise LearningError(f"No hay un ejercicio «{number}».{maybe} Los que hay: {listed}.")


def _made(number: str, slug: str, entry: dict[str, Any]) -> Exercise:
    return Exercise(
        number,
        slug,
        entry["title"],
        entry["goal"].strip(),
        tuple(hint.strip() for hint in entry["hints"]),
        entry["solution"].strip(),
    )

"""The exercises as learners do them: the cell is run as it came, edited, and run again in the same kernel."""

import re
from collections.abc import Iterator
from typing import Any

import jupytext
import pytest

from tests.conftest import ROOT
from workshop import stop_all
from workshop.learning.exercise import Exercise, exercises

SOURCES = ROOT / "notebooks" / "src"


def cells(exercise: Exercise) -> dict[str, str]:
    """The three pieces around check("NN.k", …): what its section runs before, the stub and the solution."""
    book = jupytext.read(SOURCES / f"{exercise.number[:2]}_{exercise.slug}.py", fmt="py:percent")
    pieces = {"before": "", "exercise": "", "solution": "", "check": ""}
    for cell in book.cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "markdown" and re.match("## ", cell.source):
            pieces = dict.fromkeys(pieces, "")
        elif cell.cell_type == "code" and cell.source.startswith(f'check("{exercise.number}"'):
            return pieces | {"check": cell.source}
        elif cell.cell_type == "code":
            kind = next((tag for tag in tags if tag in pieces), "before")
            pieces[kind] += cell.source + "\n"
    raise AssertionError(f"no cell checks {exercise.number}")


@pytest.fixture(autouse=True)
def all_stopped() -> Iterator[None]:
    yield
    stop_all()


@pytest.mark.parametrize("number", exercises())
def test_running_the_edited_cell_again_is_enough(number):
    found = cells(exercises()[number])
    kernel: dict[str, Any] = {"__name__": "__main__"}
    states = []
    for piece in ("exercise", "solution", "exercise", "solution"):
        exec(found["before"] if not states else "", kernel)
        exec(found[piece], kernel)
        states.append(str(eval(found["check"], kernel).state))
    assert states == ["sin intentar", "logrado"] * 2


@pytest.mark.parametrize("number", exercises())
def test_the_solution_that_hint_shows_is_the_one_in_the_notebook(number):
    exercise = exercises()[number]
    assert exercise.solution in cells(exercise)["solution"]

"""The exercises as learners do them: the cell is run as it came, edited, and run again in the same kernel."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import jupytext
import pytest

from tests.conftest import ROOT
from workshop import stop_all
from workshop.learning.exercise import Exercise, exercises
from workshop.services import module
from workshop.xray import collector

SOURCES = ROOT / "notebooks" / "src"


def cells(exercise: Exercise) -> dict[str, list[str]]:
    """The cells around check("NN.k", …): what its section runs before, the stub and the solution."""
    book = jupytext.read(SOURCES / f"{exercise.number[:2]}_{exercise.slug}.py", fmt="py:percent")
    pieces: dict[str, list[str]] = defaultdict(list)
    for cell in book.cells:
        if cell.cell_type == "markdown" and re.match("## ", cell.source):
            pieces.clear()
        elif cell.cell_type == "code" and f'check("{exercise.number}"' in cell.source:
            return pieces | {"check": [cell.source]}
        elif cell.cell_type == "code":
            tags = cell.metadata.get("tags", [])
            pieces[next((tag for tag in tags if tag in ("exercise", "solution")), "before")].append(
                cell.source
            )
    raise AssertionError(f"no cell checks {exercise.number}")


def run(sources: list[str], kernel: dict[str, Any]) -> None:
    """Cells, one after another, with the one magic that they use."""
    for source in sources:
        magic, _, body = source.partition("\n")
        if magic.startswith("%%module "):
            name = magic.split()[1]
            kernel[name] = module.write(name, body)
        else:
            exec(source, kernel)


def last_value(source: str, kernel: dict[str, Any]) -> Any:
    """Runs a cell and returns the value of its last line, as a notebook shows it."""
    *first, last = ast.parse(source).body
    exec(compile(ast.Module(first, []), "<cell>", "exec"), kernel)
    assert isinstance(last, ast.Expr)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), kernel)


@pytest.fixture(autouse=True)
def all_stopped() -> Iterator[None]:
    yield
    stop_all()
    collector.close()


@pytest.mark.parametrize("number", exercises())
def test_running_the_edited_cell_again_is_enough(number):
    found = cells(exercises()[number])
    kernel: dict[str, Any] = {"__name__": "__main__"}
    states = []
    for piece in ("exercise", "solution", "exercise", "solution"):
        run([] if states else found["before"], kernel)
        run(found[piece], kernel)
        states.append(str(last_value(found["check"][0], kernel).state))
    assert states == ["sin intentar", "logrado"] * 2


@pytest.mark.parametrize("number", exercises())
def test_the_solution_that_hint_shows_is_the_one_in_the_notebook(number):
    exercise = exercises()[number]
    assert exercise.solution in "\n".join(cells(exercise)["solution"])

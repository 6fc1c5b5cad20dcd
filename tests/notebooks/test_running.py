"""Chapters run as people run them: out of order, each cell twice, after a restart.

That the solved editions still give their outputs is nbval's work: `make test` runs `pytest --nbval` on them.
From top to bottom, both editions run in tests/browser, in a real JupyterLab.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import v4

from notebooks import build
from tests.structure.bones import sections

HOUSE = build.House()
SOURCES = HOUSE.sources()

# What a restart leaves behind, without paying for a new kernel each time: no names and nothing running.
RESTART = """
import workshop

workshop.stop_all()
get_ipython().run_line_magic("reset", "-f")
"""

each_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)


def restart(line: int) -> build.Cell:
    return build.Cell(v4.new_code_cell(RESTART), line)


def backwards_and_twice(source: build.Source) -> list[build.Cell]:
    """The last section first, each as after a restart, and every cell of it twice in a row."""
    solved = {cell.node.id for cell in source.solved()}
    order = []
    for section in reversed(sections(source)):
        cells = [cell for cell in section.code if cell.node.id in solved]
        if cells:
            order.append(restart(cells[0].line))
            order += [cell.copy() for cell in cells for _ in range(2)]
    build.number_cells(order)  # one notebook, so no identifier twice
    return order


def test_the_chapters_were_found():
    assert len(SOURCES) >= 2


@each_source
def test_any_section_may_be_the_first_and_any_cell_may_run_twice(path):
    source = build.read_source(path)
    order = backwards_and_twice(source)
    assert sum(cell.is_code for cell in source.solved()) * 2 <= len(order)
    build.execute(path, order, HOUSE.solved(path).parent)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], build.Source]:
    def write(text: str) -> build.Source:
        path = tmp_path / "07_prueba.py"
        path.write_text(text, "utf-8")
        return build.read_source(path)

    return write


SOUND = """\
# %% [markdown]
# # Título
#
# ## Uno

# %%
rows = []

# %%
rows.append(1)

# %% [markdown]
# ## Dos

# %%
rows = ["a"]

# %% tags=["raises-exception"]
rows[5]
"""


def test_sound_sections_pass(write, tmp_path):
    source = write(SOUND)
    build.execute(source.path, backwards_and_twice(source), tmp_path)


def test_a_section_that_needs_an_earlier_one_is_caught(write, tmp_path):
    source = write(SOUND.replace('rows = ["a"]', "rows[0]"))
    with pytest.raises(build.BuildError, match=r"07_prueba\.py:16: NameError: name 'rows' is not defined"):
        build.execute(source.path, backwards_and_twice(source), tmp_path)


def test_a_cell_that_cannot_run_twice_is_caught(write, tmp_path):
    source = write(SOUND.replace("rows.append(1)", "assert not rows, 'ya'\nrows.append(1)"))
    with pytest.raises(build.BuildError, match=r"07_prueba\.py:10: AssertionError: ya"):
        build.execute(source.path, backwards_and_twice(source), tmp_path)

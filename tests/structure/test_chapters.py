"""Every chapter has DESIGN.md's bones (bones.py says which), and both editions are what its source gives."""

import re
from pathlib import Path

import nbformat
import pytest

from notebooks import build
from tests.structure.bones import lacks, sections

HOUSE = build.House()
SOURCES = HOUSE.sources()
CHAPTERS = {f"{chapter['number']:02d}_{chapter['slug']}": chapter for chapter in build.chapters(HOUSE)}
AT_LEAST = 2  # the welcome and REST API

# What a solved edition must not show: an address in memory, a port, a folder of the machine that built it.
OF_ONE_RUN = re.compile(
    r"0x[0-9a-f]{6,}|(?:127\.0\.0\.1|localhost):\d+|/tmp/|/home/|/Users/|" + re.escape(str(build.ROOT))
)

each_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)


def solved_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [c for c in nbformat.read(HOUSE.solved(path), as_version=4).cells if c.cell_type == "code"]


def test_the_chapters_were_found_and_each_has_both_editions():
    assert len(SOURCES) >= AT_LEAST
    solved = list((HOUSE.notebooks / "soluciones").glob("*.ipynb"))
    participant = list(HOUSE.notebooks.glob("*.ipynb"))
    assert len(SOURCES) == len(solved) == len(participant)
    assert {path.stem for path in SOURCES} <= set(CHAPTERS)
    assert HOUSE.orphans() == []


@each_source
def test_both_editions_are_what_the_source_gives(path):
    assert build.out_of_step(HOUSE, path) == []


@each_source
def test_a_chapter_has_its_bones(path):
    assert lacks(build.read_source(path), CHAPTERS[path.stem]) == []


@each_source
def test_the_solved_edition_was_run_whole_and_shows_something_in_each_section(path):
    cells = solved_cells(path)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    shown = {cell.id for cell in cells if cell.outputs}
    for section in sections(build.read_source(path)):
        ids = {cell.node.id for cell in section.code}
        assert not ids or ids & shown or all("stop_all()" in c.node.source for c in section.code), (
            section.title
        )


@each_source
def test_the_solved_edition_shows_nothing_of_one_run_or_machine(path):
    found = [
        f"{cell.source.splitlines()[0]} …: {match[0]}"
        for cell in solved_cells(path)
        for output in cell.outputs
        for match in OF_ONE_RUN.finditer(
            nbformat.v4.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])]))
        )
    ]
    assert found == []


@pytest.mark.parametrize(
    "text", ["<A at 0x7f3a1c2b4d50>", "http://127.0.0.1:43121/x", f"{build.ROOT}/x", "/tmp/comanda-1"]
)
def test_what_belongs_to_one_run_is_recognised(text):
    assert OF_ONE_RUN.search(text)

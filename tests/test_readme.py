"""The README: its table is the curriculum's, its commands exist, and it has an English section."""

import re

import pytest

from notebooks import build

HOUSE = build.House()
TEXT = HOUSE.readme.read_text("utf-8")


def rows() -> list[list[str]]:
    table = TEXT.partition(build.TABLE_START)[2].partition(build.TABLE_END)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]


def test_the_table_of_chapters_is_in_step():
    assert build.readme_in_step(HOUSE) == TEXT, "run: python notebooks/build.py --readme"


def test_the_table_has_every_chapter_and_its_state_is_what_can_be_opened():
    assert [int(row[0]) for row in rows()] == list(range(18))
    ready = {path.stem[:2] for path in HOUSE.sources()}
    assert {row[0] for row in rows() if row[4] == "listo"} == ready
    assert {row[0] for row in rows() if "](notebooks/" in row[1]} == ready
    assert all(row[4] in {"listo", "por venir"} and int(row[2]) > 0 and row[3] for row in rows())


def test_each_make_command_that_it_names_exists():
    named = set(re.findall(r"\bmake ([a-z]+)\b", " ".join(re.findall(r"`[^`]+`|```.*?```", TEXT, re.DOTALL))))
    targets = set(re.findall(r"^([a-z]+):", (HOUSE.root / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {"lab", "test", "check", "notebooks"} <= named <= targets


def test_it_documents_every_tag_that_the_build_knows():
    documented = set(re.findall(r"^\| `([a-z:0-9.-]+)` \|", TEXT, re.MULTILINE))
    claims = {tag for tag in documented if build.CLAIM.fullmatch(tag)}
    assert len(claims) == 1
    assert documented - claims == build.CODE_TAGS | build.MARKDOWN_TAGS


@pytest.mark.parametrize("words", ["## In English", "mybinder.org", "WSL2", "conda env create", "make lab"])
def test_it_says_how_to_start_everywhere(words):
    assert words in TEXT

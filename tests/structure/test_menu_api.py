"""Chapter 07 writes the menu's API verb by verb; the room that other chapters use must be that same code."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LESSON = ROOT / "notebooks" / "src" / "07_rest_api.py"
ROOM = ROOT / "workshop" / "restaurant" / "api.py"
SAME = ["create_dish", "delete_dish", "replace_dish"]


def last_body(path: Path, name: str) -> str:
    """The statements of the last function of that name, without its docstring."""
    found = [
        node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if getattr(node, "name", "") == name
    ]
    latest = max(found, key=lambda node: node.lineno)
    assert isinstance(latest, ast.FunctionDef)
    body = latest.body[1:] if ast.get_docstring(latest) else latest.body
    return "\n".join(ast.unparse(statement) for statement in body)


@pytest.mark.parametrize("name", SAME)
def test_the_lesson_and_the_room_are_the_same_code(name):
    assert last_body(LESSON, name) == last_body(ROOM, name)
    assert last_body(LESSON, name)

"""The names that a learner imports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import workshop


def test_they_are_sorted_importable_and_documented_in_spanish():
    assert workshop.__all__ == sorted(workshop.__all__)
    assert len(workshop.__all__) >= 10
    undocumented = [name for name in workshop.__all__ if not getattr(workshop, name).__doc__]
    assert undocumented == []


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(workshop, "sirve")


def test_importing_the_package_alone_imports_no_heavy_library():
    heavy = "{'fastapi', 'ipywidgets', 'opentelemetry', 'redis', 'requests', 'sqlmodel', 'uvicorn'}"
    code = f"import sys, workshop; print(sorted({heavy} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_a_name_brings_no_library_of_a_server_it_does_not_use():
    heavy = "{'httpx', 'psycopg', 'redis', 'rq', 'sqlalchemy'}"
    names = "bars, check, console, load, page, predict, raw_server, serve, tap, xray"
    code = f"import sys; from workshop import {names}; print(sorted({heavy} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


FLOOR = {"errors", "facts", "twin"}
BELOW = {
    "xray": FLOOR,
    "services": FLOOR | {"xray"},  # a child is invited to the traces before it is born
    "restaurant": FLOOR | {"services"},
    "learning": FLOOR | {"services"},
    "widgets": FLOOR | {"services", "xray"},
}


def rooms_imported(source: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(source)))
    froms = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return {name.split(".")[1] for name in froms + plain if name.startswith("workshop.")}


@pytest.mark.parametrize("room", BELOW)
def test_arrows_point_down(room):
    """A room imports only the rooms below it, also inside its functions."""
    modules = list((Path(workshop.__file__).parent / room).rglob("*.py"))
    assert len(modules) >= 3
    for module in modules:
        assert rooms_imported(module.read_text("utf-8")) <= BELOW[room] | {room}, module.name


def test_the_arrows_are_seen():
    assert rooms_imported(
        "def f():\n    from workshop.widgets import console\nimport workshop.xray.tree"
    ) == {
        "widgets",
        "xray",
    }

"""The pins, the project and both environment.yml name the same packages, and nothing of one machine."""

import re
import runpy
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]

BRIEF = [
    "jupyterlab",
    "fastapi",
    "uvicorn",
    "requests",
    "sqlmodel",
    "pyjwt",
    "redis",
    "rq",
    "ipywidgets",
    "nbval",
]
FILES = ["environment.yml", "binder/environment.yml"]
PIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[0-9][\w.!+]*)( ; .+)?")

environments = runpy.run_path(str(ROOT / "binder/environments.py"))


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pip_section(file: str) -> list[str]:
    dependencies = yaml.safe_load((ROOT / file).read_text())["dependencies"]
    return next(d["pip"] for d in dependencies if isinstance(d, dict))


def test_every_line_of_requirements_is_one_exact_pin():
    lines = [
        line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")
    ]
    assert len(lines) > 100
    assert [line for line in lines if not PIN.fullmatch(line)] == []


def test_every_direct_dependency_is_pinned():
    extras = project()["optional-dependencies"]["dev"]
    direct = {environments["name_of"](d) for d in [*project()["dependencies"], *extras]}
    assert {"jupyterlab", "fastapi", "nbval", "uv"} <= direct
    assert direct - environments["pins"]().keys() == set()


@pytest.mark.parametrize("file", FILES)
def test_environment_is_what_make_lock_writes(file):
    assert (ROOT / file).read_text() == environments["render"](environments["FILES"][file])


@pytest.mark.parametrize("file", FILES)
def test_environment_asks_for_python_and_shows_the_packages_of_the_brief(file):
    assert "python=3.12" in yaml.safe_load((ROOT / file).read_text())["dependencies"]
    shown = {environments["name_of"](line): line for line in pip_section(file) if not line.startswith("-")}
    assert list(shown)[: len(BRIEF)] == BRIEF
    pins = environments["pins"]()
    assert {name: line.split("==")[1] for name, line in shown.items()} == {name: pins[name] for name in shown}
    assert {environments["name_of"](d) for d in project()["dependencies"]} <= shown.keys()


@pytest.mark.parametrize("file", FILES)
def test_environment_points_at_the_pins(file):
    (constraint,) = [line.split()[1] for line in pip_section(file) if line.startswith("--constraint")]
    assert ((ROOT / file).parent / constraint).resolve() == ROOT / "requirements.txt"


@pytest.mark.parametrize("file", ["requirements.txt", *FILES, "binder/postBuild", "Makefile"])
def test_no_host_and_no_absolute_path_is_named(file):
    text = (ROOT / file).read_text().replace("#!/bin/bash", "").replace("/dev/null", "")
    assert len(text) > 100
    assert re.findall(r"\w+://|--index|--find-links[ =]|(?<![\w.)])/(?:\w+/)+", text) == []

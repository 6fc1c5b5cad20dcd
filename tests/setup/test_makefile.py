"""The set-up that `make` does, in a copy of the project where pip and uv only note what they are asked."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READY = ".venv/.listo"

# A Python whose environments are real, with a pip and a uv that note what they are asked and fail on demand.
FAKE_PYTHON = f"""#!/bin/sh
[ "$1 $2" = "-m venv" ] || exec {sys.executable} "$@"
{sys.executable} -m venv --without-pip "$3" || exit 1
for tool in pip uv; do
    package=$(echo "$3"/lib/python3*/site-packages)/$tool
    mkdir "$package"
    echo 'import os, sys, pathlib; tool = pathlib.Path(__file__).parent.name' > "$package/__main__.py"
    echo 'print(tool, *sys.argv[1:], file=open("asked", "a"))' >> "$package/__main__.py"
    echo 'sys.exit(os.environ.get("BROKEN") == tool)' >> "$package/__main__.py"
done
"""


class Project:
    """A folder with the Makefile and its inputs."""

    def __init__(self, folder: Path):
        self.folder = folder
        for name in ("Makefile", "pyproject.toml", "requirements.txt"):
            shutil.copy(ROOT / name, folder / name)
        self.python = self.program("fake-python", FAKE_PYTHON)

    def program(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.write_text(text)
        file.chmod(0o755)
        return file

    def make(self, target: str = READY, **variables: str) -> subprocess.CompletedProcess:
        settings = [f"{k}={v}" for k, v in {"PYTHON": "./fake-python", **variables}.items()]
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "PYTHON", "COV"))}
        return subprocess.run(
            ["make", target, *settings],
            cwd=self.folder,
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def asked(self) -> list[str]:
        """What pip and uv were asked since the last time."""
        file = self.folder / "asked"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "un proyecto"  # a space in the path is nothing strange on macOS
    folder.mkdir()
    return Project(folder)


def newer(file: Path, than: Path) -> None:
    stamp = than.stat().st_mtime_ns + 1_000_000_000
    os.utime(file, ns=(stamp, stamp))


def test_set_up_installs_the_pins_and_the_project_once(project):
    made = project.make()
    assert made.returncode == 0, made.stderr
    pip, uv = project.asked()
    assert pip == "pip install --quiet --disable-pip-version-check --constraint requirements.txt uv"
    assert uv.endswith("--no-deps --requirement requirements.txt --editable .")
    assert project.make().returncode == 0
    assert project.asked() == []


@pytest.mark.parametrize("changed", ["pyproject.toml", "requirements.txt"])
def test_a_changed_input_updates_the_environment_in_place(project, changed):
    project.make()
    project.asked()
    kept = project.folder / ".venv/kept"
    kept.touch()
    newer(project.folder / changed, than=project.folder / READY)
    assert project.make().returncode == 0
    assert len(project.asked()) == 2
    assert kept.exists()


@pytest.mark.parametrize("broken", ["pip", "uv"])
def test_an_interrupted_set_up_is_made_again_from_nothing(project, broken):
    assert project.make(BROKEN=broken).returncode != 0
    assert not (project.folder / READY).exists()
    half = project.folder / ".venv/half"
    half.touch()
    project.asked()
    assert project.make().returncode == 0
    assert len(project.asked()) == 2
    assert not half.exists()


def test_an_environment_that_was_moved_is_made_again(project, tmp_path):
    project.make()
    project.asked()
    project.folder = project.folder.rename(tmp_path / "otra carpeta")
    assert project.make().returncode == 0
    assert len(project.asked()) == 2


def test_an_environment_that_lost_its_python_is_made_again(project):
    project.make()
    project.asked()
    (project.folder / ".venv/bin/python").unlink()
    assert project.make().returncode == 0
    assert len(project.asked()) == 2


def test_a_python_that_is_too_old_says_how_to_name_another(project):
    project.program("old", '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.6 && exit 0\nexit 1\n')
    refused = project.make("lab", PYTHON="./old")
    assert refused.returncode != 0
    assert "La Comanda necesita Python 3.11 o más nuevo, y «./old» es Python 3.9.6." in refused.stderr
    assert "make lab PYTHON=python3.12" in refused.stderr
    assert not (project.folder / ".venv").exists()


def test_a_python_that_is_missing_says_how_to_name_another(project):
    refused = project.make("test", PYTHON="python-que-no-hay")
    assert refused.returncode != 0
    assert "No encuentro «python-que-no-hay»" in refused.stderr
    assert "make lab PYTHON=python3.12" in refused.stderr


def test_a_python_without_venv_says_what_to_install(project):
    project.program("bare", f'#!/bin/sh\n[ "$1 $2" = "-m venv" ] && exit 1\nexec {sys.executable} "$@"\n')
    refused = project.make(PYTHON="./bare")
    assert refused.returncode != 0
    assert "sudo apt install python3-venv" in refused.stderr


def test_help_lists_every_command(project):
    text = project.make("help").stdout
    rules = (ROOT / "Makefile").read_text()
    commands = set(re.search(r"^\.PHONY: (help .+)$", rules, re.M)[1].split()) - {"static"}
    assert {"lab", "test", "check", "notebooks", "bench", "lock", "clean", "help"} == commands
    assert set(re.findall(r"^  make (\w+) +\w", text, re.M)) == commands


def test_clean_removes_what_make_made(project):
    project.make()
    (project.folder / "artifacts").mkdir()
    for folder in ("workshop", "tests", "notebooks"):
        (project.folder / folder / "__pycache__").mkdir(parents=True)
    assert project.make("clean").returncode == 0
    assert {p.name for p in project.folder.iterdir()} & {".venv", "artifacts"} == set()
    assert list(project.folder.rglob("__pycache__")) == []


def test_no_feature_newer_than_the_make_of_macos_is_used():
    """GNU make 3.81 knows neither `!=`, nor .ONESHELL, nor $(file …), nor grouped targets."""
    rules = (ROOT / "Makefile").read_text()
    assert "ifneq" in rules
    assert re.findall(r"^\w+ *!=|^\.ONESHELL|\$\(file |&:|\$\(let |\$\(intcmp ", rules, re.M) == []

"""What runs the checks on a clean clone: .ci/run and the workflow."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CHROME_OF_MACOS = Path("/Applications/Google Chrome.app")
without_chrome = pytest.mark.skipif(
    CHROME_OF_MACOS.exists(), reason="this Chrome is found wherever PATH points"
)


@pytest.fixture
def machine(tmp_path):
    """A PATH with the few programs that .ci/run needs, and others that note what they are asked."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "dirname", "env"):
        (programs / name).symlink_to(shutil.which(name))
    log = tmp_path / "log"

    def add(name: str, also: str = "") -> None:
        (programs / name).write_text(f'#!/bin/bash\necho "{name} $*" >> "{log}"\n{also}\n')
        (programs / name).chmod(0o755)

    add("make", also="read -r -t 5 && exit 9; exit 0")  # 9: somebody left it a standard input
    (programs / "id").write_text("#!/bin/bash\necho 0\n")
    (programs / "id").chmod(0o755)

    def run() -> tuple[int, list[str], str]:
        log.unlink(missing_ok=True)
        ran = subprocess.run(
            [ROOT / ".ci/run"],
            env={"PATH": str(programs)},
            input="something\n",
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return ran.returncode, log.read_text().splitlines(), ran.stderr

    return add, run


@without_chrome
def test_chromium_is_installed_when_it_is_missing(machine):
    add, run = machine
    add("apt-get")
    code, asked, _ = run()
    assert code == 0
    assert asked[0].startswith("apt-get update")
    assert re.fullmatch(r"apt-get install .* chromium", asked[1])
    assert asked[2:] == ["make test"]


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_chromium_is_not_installed_when_it_is_there(machine, name):
    add, run = machine
    add("apt-get")
    add(name)
    assert run()[:2] == (0, ["make test"])


@without_chrome
def test_without_apt_it_says_what_to_do_and_goes_on(machine):
    _, run = machine
    code, asked, said = run()
    assert (code, asked) == (0, ["make test"])
    assert "COMANDA_CHROMIUM=/ruta" in said


def test_a_failed_test_fails_the_run(machine):
    add, run = machine
    add("chromium")
    add("make", also="exit 2")
    assert run()[0] == 2


@without_chrome
@pytest.mark.parametrize(("ci", "outcome"), [("true", "1 error"), ("", "1 skipped")])
def test_a_browser_test_without_a_browser_is_only_skipped_outside_ci(ci, outcome, tmp_path):
    one = "tests/browser/test_kernel.py::test_sigkill_leaves_nothing"
    environment = {k: v for k, v in os.environ.items() if k != "COMANDA_CHROMIUM"}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", one, "-p", "no:cacheprovider"],
        cwd=ROOT,
        env=environment | {"PATH": str(tmp_path), "CI": ci},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert "no Chromium nor Google Chrome found (.ci/run installs it" in ran.stdout
    assert outcome in ran.stdout.splitlines()[-1]


def test_the_workflow_runs_the_same_command_on_linux_and_macos_and_every_week():
    text = (ROOT / ".github/workflows/ci.yml").read_text()
    workflow = yaml.safe_load(text)
    triggers = workflow[True]  # YAML 1.1 reads the key `on` as a boolean
    assert {"push", "pull_request", "schedule"} == triggers.keys()
    job = workflow["jobs"]["test"]
    matrix = job["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest"]
    assert matrix["python"] == ["3.11", "3.12", "3.13"]
    assert [extra["os"] for extra in matrix["include"]] == ["macos-latest"]
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert "artifacts/" in [step.get("with", {}).get("path") for step in job["steps"]]
    assert "secrets" not in text

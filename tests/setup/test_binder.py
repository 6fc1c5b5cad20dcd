"""Binder's image, rendered by repo2docker itself (no docker, no network)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def dockerfile() -> str:
    command = [
        sys.executable,
        "-m",
        "repo2docker",
        "--no-build",
        "--debug",
        "--user-id",
        "1000",
        "--user-name",
        "jovyan",
    ]
    ran = subprocess.run(
        [*command, "--Repo2Docker.default_buildpack=None", str(ROOT)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout + ran.stderr


def test_python_is_the_one_of_the_environment_file(dockerfile):
    assert "Building conda environment for python=3.12" in dockerfile
    assert "environment-2epy-2d3-2e12" in dockerfile  # the frozen base of that version


def test_the_whole_project_is_there_before_its_packages_are_installed(dockerfile):
    """`--constraint ../requirements.txt` only exists once the project has been copied."""
    copied = dockerfile.index("COPY --chown=1000:1000 src/ ${REPO_DIR}/")
    assert copied < dockerfile.index('env update -p ${NB_PYTHON_PREFIX} --file "binder/environment.yml"')
    assert dockerfile.count("env update") == 1


def test_post_build_runs_last_and_stops_at_the_first_error(dockerfile):
    assert dockerfile.index("RUN ./binder/postBuild") > dockerfile.index("env update")
    script = ROOT / "binder/postBuild"
    assert os.access(script, os.X_OK)
    assert "set -e" in script.read_text().splitlines()


def test_post_build_installs_the_workshop_and_imports_it(tmp_path):
    """Run for real, with a `python` that notes what it is asked to do and fails when told to."""
    log = tmp_path / "log"
    fake = tmp_path / "python"
    fake.write_text(f'#!/bin/sh\necho "$@" >> {log}\ncase "$*" in *"$FAIL"*) exit 3;; esac\n')
    fake.chmod(0o755)

    def post_build(fail: str) -> int:
        env = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "FAIL": fail}
        return subprocess.run([ROOT / "binder/postBuild"], cwd=ROOT, env=env, check=False).returncode

    assert post_build("nothing like it") == 0
    install, imported = Path(log).read_text().splitlines()
    assert install.endswith("--no-deps --editable .")
    assert imported == "-c import workshop"
    assert post_build("pip install") == 3

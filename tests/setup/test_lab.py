"""`make lab`, for real: what the learner's browser is sent to."""

import html
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
import requests

ROOT = Path(__file__).parents[2]
PORT = 8888  # Jupyter's own: taken here, as on a machine where another Jupyter is open


@pytest.fixture
def taken_port():
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if other.connect_ex(("127.0.0.1", PORT)) != 0:
            other.close()
            with socket.create_server(("127.0.0.1", PORT)):
                yield PORT
        else:
            yield PORT


@pytest.fixture
def lab(tmp_path, taken_port):
    """`make lab` in a copy of the project whose environment is this one. Yields the page it opens."""
    for name in ("Makefile", "pyproject.toml", "requirements.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (tmp_path / ".venv/.listo").write_text(str(tmp_path.resolve()))
    (tmp_path / "notebooks").mkdir()
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "notebooks/00_bienvenida.ipynb")
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{opened}.part"\nmv "{opened}.part" "{opened}"\n')
    browser.chmod(0o755)
    jupyter = {f"JUPYTER_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    with (tmp_path / "log").open("w") as log:
        made = subprocess.Popen(
            ["make", "lab"],
            cwd=tmp_path,
            env=os.environ | jupyter | {"BROWSER": str(browser)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 90
        while not opened.exists():
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            try:
                made.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                continue
            pytest.fail((tmp_path / "log").read_text())
        page = Path(opened.read_text().strip().removeprefix("file://")).read_text()
        yield html.unescape(re.search(r'href="([^"]+)"', page)[1])
    finally:
        os.killpg(made.pid, signal.SIGTERM)
        made.wait(timeout=30)


def test_the_browser_opens_on_the_first_notebook_of_this_machine(lab):
    address, token = lab.split("?token=")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/lab/tree/notebooks/00_bienvenida\.ipynb", address)
    assert f":{PORT}/" not in address
    contents = address.split("/lab/")[0] + "/api/contents/notebooks/00_bienvenida.ipynb"
    assert requests.get(contents, params={"token": token}, timeout=30).json()["type"] == "notebook"
    assert requests.get(contents, timeout=30).status_code == 403

"""What every test shares: a progress folder of its own, Chromium, and a guard against leftovers."""

import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psutil
import pytest

from workshop.services import guard, nursery
from workshop.xray import collector

ROOT = Path(__file__).parent.parent

# Inherited by every descendant, so that an orphan adopted by another process is still recognised as ours.
SESSION = "COMANDA_TEST_SESSION"


def pytest_configure(config: pytest.Config) -> None:
    """Before anything is imported: the learner's own progress is never read nor written."""
    os.environ["COMANDA_HOME"] = tempfile.mkdtemp(prefix="comanda-pruebas-")
    os.environ[SESSION] = uuid.uuid4().hex
    os.environ["IPYTHONDIR"] = (
        f"{os.environ['COMANDA_HOME']}/ipython"  # a personal profile would change the outputs
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(os.environ["COMANDA_HOME"], ignore_errors=True)


def spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """Files of the browser, that compute, among the others, that mostly wait; the longest of each first.

    In the order of their names the processors were wanted by all at first, and idle at the end.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    browser = sorted((p for p in files if "browser" in p.parts), key=lambda path: -len(files[path]))
    others = sorted((p for p in files if p not in browser), key=lambda path: "notebooks" not in path.parts)
    places = [*zip(count(0, len(others) / max(len(browser), 1)), browser), *zip(count(0.5), others)]
    return [item for _, path in sorted(places) for item in files[path]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ordered = spread(items)
    # A test that got lost here could not be the one to tell.
    assert len(ordered) == len(items), f"{len(items)} tests were collected and {len(ordered)} would run"
    items[:] = ordered


def is_ours(process: psutil.Process) -> bool:
    try:
        return process.environ().get(SESSION) == os.environ[SESSION]
    except (psutil.Error, OSError):
        return False


def left_running() -> list[psutil.Process]:
    """Live descendants of this session, adopted ones included, but for Python's own helper."""
    me = psutil.Process()
    found = {p for p in psutil.process_iter() if p != me and is_ours(p)} | set(me.children(recursive=True))
    living = psutil.wait_procs(found, timeout=0)[1]
    mine = {guard.shared().pid, nursery.pid()}  # this process's own guard and nursery leave with it
    return [p for p in living if p.pid not in mine and "multiprocessing.resource_tracker" not in described(p)]


def described(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {' '.join(process.cmdline())}"
    except psutil.Error:
        return ""


@pytest.fixture(scope="session", autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """No process outlives the tests that opened it."""
    before = {p.pid for p in left_running()}
    yield
    leftovers = [p for p in left_running() if p.pid not in before]
    stubborn = psutil.wait_procs(leftovers, timeout=5)[1]
    assert not stubborn, "left running: " + "; ".join(described(p) for p in stubborn)


def listening() -> set[int]:
    """The ports on which this very process listens."""
    ports = psutil.Process().net_connections("inet")
    return {one.laddr.port for one in ports if one.status == psutil.CONN_LISTEN}


@pytest.fixture(scope="module", autouse=True)
def no_port_left_open() -> Iterator[None]:
    """No listening port outlives the file of tests that opened it: the error names the file."""
    before = listening()
    yield
    collector.close()  # a kernel's own lives as long as the kernel; here the next file opens another
    ports = listening() - before
    assert not ports, f"still listening: {sorted(ports)}"


def find_chromium() -> str | None:
    names = [os.environ.get("COMANDA_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    if sys.platform == "darwin":
        names.append("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the system's Chromium. Without one: skipped with the reason, and failed where CI=true."""
    path = find_chromium()
    if path is None:
        reason = (
            "no Chromium nor Google Chrome found (.ci/run installs it; COMANDA_CHROMIUM=/path names another)"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path

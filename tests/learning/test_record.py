"""The learner's record: nothing is lost, whatever happens to the process, the file or the folder."""

import json
import random
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from workshop.learning import record as records
from workshop.learning.record import Record, State, record

WRITER = """
import sys
from workshop.learning.record import record
name = sys.argv[1]
count = int(sys.argv[2])
print("ready", flush=True)
while count:
    count -= 1
    state = record().change(lambda s: setattr(s.exercise(name), "failed", s.exercise(name).failed + 1))
    print(state.exercise(name).failed, flush=True)
"""


def writer(name: str, count: int) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, name, str(count)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def failed(name: str) -> int:
    return record().read().exercise(name).failed


def fail_once(name: str) -> None:
    def edit(state: State) -> None:
        state.exercise(name).failed += 1

    record().change(edit)


def test_what_was_recorded_survives_sigkill_in_mid_write(home):
    """Many children write without rest and are killed at random moments."""
    fail_once("07.9")
    luck = random.Random(7)
    for attempt in range(25):
        before = failed("07.1")
        child = writer("07.1", 1_000_000)
        assert child.stdout is not None
        # Neither too early nor in step with the writes.
        select.select([], [], [], luck.uniform(0.001, 0.05))
        child.send_signal(signal.SIGKILL)
        said = child.stdout.read().split()
        child.wait()
        child.stdout.close()
        told = int(said[-1]) if said else before
        kept = failed("07.1")
        # A write may be on disk a moment before it is told; never the other way round.
        assert told <= kept <= told + 1, f"attempt {attempt}"
        assert failed("07.9") == 1
    assert failed("07.1") > 25
    assert record().notices == []
    assert {path.name for path in home.iterdir()} <= {
        "progress.json",
        ".progress.json.lock",
        ".progress.json.new",
    }


def test_two_kernels_at_once_lose_nothing():
    children = [writer("07.1", 150), writer("07.1", 150), writer("07.2", 150)]
    for _ in range(50):
        fail_once("07.2")
    for child in children:
        assert child.communicate()[0]
        assert child.returncode == 0
    assert (failed("07.1"), failed("07.2")) == (300, 200)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b'{"version": 2}',
        b'{"version": 1, "exercises": []}',
        b'{"version": 1, "exercises": {"07.1": {"failed": "tres"}}}',
        b'{"version": 1, "exercises": {"07.1": {"failed": -1}}}',
        b'{"version": 1, "otra": 1}',
    ],
)
def test_a_file_spoilt_by_hand_is_kept_aside_and_said(home, content):
    home.mkdir()
    (home / "progress.json").write_bytes(content)
    assert record().read() == State()
    assert (home / "progress.ilegible-1.json").read_bytes() == content
    assert len(record().notices) == 1
    assert "progress.ilegible-1.json" in record().notices[0]
    fail_once("07.1")
    assert failed("07.1") == 1
    (home / "progress.json").write_bytes(b"otra vez")
    assert failed("07.1") == 0
    assert (home / "progress.ilegible-2.json").read_bytes() == b"otra vez"
    assert (home / "progress.ilegible-1.json").read_bytes() == content


def test_a_folder_in_its_place_is_kept_aside(home):
    (home / "progress.json").mkdir(parents=True)
    assert record().read() == State()
    assert (home / "progress.ilegible-1.json").is_dir()


def unwritable(tmp_path: Path) -> Path:
    (tmp_path / "archivo").touch()
    return tmp_path / "archivo" / "home"


def test_an_unwritable_folder_works_in_memory_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("COMANDA_HOME", str(unwritable(tmp_path)))
    fail_once("07.1")
    fail_once("07.1")
    assert failed("07.1") == 2
    assert len(record().notices) == 1
    assert "No se puede guardar tu avance" in record().notices[0]
    assert "COMANDA_HOME" in record().notices[0]


def test_a_disk_that_fills_up_keeps_what_there_was(home, monkeypatch):
    fail_once("07.1")

    def full(self, state):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Record, "_save", full)
    fail_once("07.1")
    assert failed("07.1") == 2, "in memory"
    assert json.loads((home / "progress.json").read_text())["exercises"]["07.1"]["failed"] == 1
    assert "No space left" in record().notices[0]


def test_a_frozen_kernel_that_holds_the_lock_does_not_freeze_this_one(home, monkeypatch):
    fail_once("07.1")
    monkeypatch.setattr(records, "LOCK_SECONDS", 0.05)
    with Record(home)._locked():
        assert failed("07.1") == 1, "what can be read is still read"
        fail_once("07.1")
    assert failed("07.1") == 2
    assert "No se puede guardar" in record().notices[0]


def test_reading_writes_nothing(home):
    record().read()
    assert not (home / "progress.json").exists()
    fail_once("07.1")
    stamp = (home / "progress.json").stat().st_mtime_ns
    record().read()
    assert (home / "progress.json").stat().st_mtime_ns == stamp


def test_without_comanda_home_it_is_the_persons_data_folder(monkeypatch):
    monkeypatch.delenv("COMANDA_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", "/nowhere/data")
    if sys.platform == "linux":
        assert record().path == Path("/nowhere/data/la-comanda/progress.json")
    assert record().path.parent.name == "la-comanda"

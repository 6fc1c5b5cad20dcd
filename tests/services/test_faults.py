"""The faults that every service in a process of its own shares, on a real server."""

from collections.abc import Iterator

import psutil
import pytest
import redis

from workshop import redis_server, running, stop_all
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.redis.server import RedisServer


@pytest.fixture
def server() -> Iterator[RedisServer]:
    yield redis_server()
    stop_all()


def test_killed_it_is_seen_and_recovers_in_the_same_place(server):
    url, pid = server.url, server.pid
    assert server.kill() is server
    assert (server.status, server.fault) == ("muerto", Fault.KILLED)
    assert "muerto" in repr(running())
    with pytest.raises(redis.ConnectionError):
        server.client().ping()
    assert server.recover().client().ping()
    assert (server.url == url, server.pid == pid, server.status) == (True, False, "en marcha")


def test_frozen_it_says_nothing_and_thawed_it_goes_on(server):
    process = psutil.Process(server.pid)
    server.client().set("plato", "mole")
    assert server.freeze().status == "congelado"
    while process.status() != psutil.STATUS_STOPPED:  # it hears the signal the next time it runs
        pass
    with pytest.raises(redis.TimeoutError):
        redis.Redis.from_url(server.url, socket_timeout=0.2, retry=None).ping()
    assert server.thaw().client().get("plato") == "mole"
    assert server.pid == process.pid


def test_a_new_fault_takes_the_place_of_the_one_before(server):
    server.freeze()
    server.kill()
    assert server.status == "muerto"
    server.recover()
    assert server.fault is None


def test_stopping_or_starting_again_what_is_frozen_does_not_wait(server):
    assert server.freeze().start().status == "en marcha"
    process = psutil.Process(server.pid)
    server.freeze().stop()
    assert (server.status, process.is_running()) == ("detenido", False)


def test_what_is_dead_cannot_be_frozen_and_killing_twice_kills_once(server):
    server.kill()
    with pytest.raises(ServiceError, match=r"«redis» está muerto.*\.recover\(\)"):
        server.freeze()
    assert server.kill().status == "muerto"


@pytest.mark.parametrize("verb", ["kill", "freeze"])
def test_what_is_stopped_cannot_be_broken(server, verb):
    server.stop()
    with pytest.raises(ServiceError, match="«redis» está detenido"):
        getattr(server, verb)()
    assert (server.thaw().status, server.mend().status) == ("detenido", "detenido")


@pytest.mark.parametrize("ms", [0, -5, 10_001, 2.5, True, "300"])
def test_a_delay_that_is_no_delay_is_refused_and_changes_nothing(server, ms):
    with pytest.raises(ServiceError, match="de 1 a 10000"):
        server.slow(ms)
    assert server.status == "en marcha"

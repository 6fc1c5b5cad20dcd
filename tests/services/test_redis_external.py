"""`REDIS_URL`: the same code over a server that is somebody else's. Here, another real one."""

from collections.abc import Iterator

import pytest
import redis

from workshop import redis_server, running
from workshop.services import registry
from workshop.services.errors import ServiceError
from workshop.services.redis import external as redis_external
from workshop.services.redis.external import ExternalRedis
from workshop.services.redis.server import RedisServer


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[RedisServer]:
    """The external one. It is of this process too, but nothing here reaches it save by its address."""
    with RedisServer("de-otra-parte") as server:
        yield server


@pytest.fixture(autouse=True)
def address(elsewhere, monkeypatch) -> Iterator[str]:
    elsewhere.reset()
    monkeypatch.setattr(redis_external, "_was_empty", {})
    monkeypatch.setenv("REDIS_URL", elsewhere.url)
    yield elsewhere.url
    for server in registry.services():
        if server is not elsewhere:
            server.stop()


def test_the_same_code_talks_to_it(elsewhere):
    server = redis_server()
    server.client().set("plato", "mole")
    assert server.connection().get("plato") == b"mole"
    assert elsewhere.client().get("plato") == "mole"
    assert redis_server() is server
    assert repr(server) == "servidor Redis externo «redis»: en marcha"
    assert "servidor Redis externo" in repr(running())
    assert "servidor externo" in server.logs()


def test_stopped_it_goes_on_for_everybody_else(elsewhere):
    server = redis_server()
    server.client().set("plato", "mole")
    server.stop()
    server.stop()
    assert (server.status, elsewhere.client().get("plato")) == ("detenido", "mole")


@pytest.mark.parametrize("verb", ["kill", "freeze", "cut", "slow"])
def test_it_cannot_be_broken_and_it_says_what_can(verb):
    server = redis_server()
    with pytest.raises(ServiceError, match=r"externo \(REDIS_URL\).*no puede averiarlo.*private=True"):
        getattr(server, verb)(*[5][: verb == "slow"])
    assert server.status == "en marcha"


def test_empty_when_it_was_taken_it_can_be_emptied():
    server = redis_server()
    server.client().set("plato", "mole")
    assert server.reset().client().dbsize() == 0
    server.client().set("plato", "mole")
    assert redis_server(fresh=True).client().dbsize() == 0
    server.client().set("plato", "mole")
    server.restart()
    server.stop()
    assert redis_server().reset().client().dbsize() == 0


def test_with_somebody_elses_data_it_is_never_emptied(elsewhere):
    elsewhere.client().set("ajeno", "sí")
    server = redis_server()
    for order in (server.reset, lambda: redis_server(fresh=True)):
        with pytest.raises(ServiceError, match="puede ser de alguien más"):
            order()
    server.stop()
    with pytest.raises(ServiceError, match="puede ser de alguien más"):
        redis_server().reset()
    assert elsewhere.client().get("ajeno") == "sí"


def test_emptying_its_database_leaves_the_others_alone(elsewhere, monkeypatch):
    monkeypatch.setenv("REDIS_URL", f"{elsewhere.url}?db=9")
    with redis.Redis.from_url(elsewhere.url) as other:
        other.set("ajeno", "sí")
        server = redis_server()
        server.client().set("plato", "mole")
        server.reset()
        assert (server.client().dbsize(), other.get("ajeno")) == (0, b"s\xc3\xad")


def test_its_settings_are_not_changed(elsewhere):
    with pytest.raises(ServiceError, match=r"no cambia sus ajustes.*private=True"):
        redis_server("mesa", maxmemory="2mb")
    with pytest.raises(ServiceError, match="no cambia sus ajustes"):
        redis_server("mesa").config(maxmemory="2mb")
    assert elsewhere.client().config_get("maxmemory")["maxmemory"] == "0"


def test_a_private_one_can_still_be_had_under_the_same_name(elsewhere):
    assert isinstance(redis_server("mesa"), ExternalRedis)
    shelf = redis_server("mesa", maxmemory="3mb", private=True)
    assert isinstance(shelf, RedisServer)
    assert shelf.kill().recover().url != elsewhere.url
    assert elsewhere.status == "en marcha"


def test_gone_it_is_seen_and_back_it_recovers(elsewhere):
    server = redis_server()
    elsewhere.kill()
    assert server.status == "averiado"
    with pytest.raises(ServiceError, match="no se pudo conectar"):
        server.recover()
    elsewhere.recover()
    assert server.recover().status == "en marcha"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("redis://:secreto@127.0.0.1:1/0", r"redis://127\.0\.0\.1:1/0, y no se pudo conectar"),
        ("http://127.0.0.1", "no es una dirección como redis://"),
        ("redis", "no es una dirección como redis://"),
        ("redis://127.0.0.1:puerto", "no es una dirección como redis://"),
        ("redis://:secreto@[::1", "apunta a algo, que no es una dirección como redis://"),
    ],
)
def test_an_address_that_leads_nowhere_is_said_without_its_password(monkeypatch, url, says):
    monkeypatch.setenv("REDIS_URL", url)
    with pytest.raises(ServiceError, match=says) as failure:
        redis_server()
    assert "quítala para usar un servidor propio" in str(failure.value)
    assert "secreto" not in str(failure.value)
    assert [row[0] for row in running().rows] == ["de-otra-parte"]


def test_a_wrong_password_and_a_database_that_is_none_are_told_apart(monkeypatch, elsewhere):
    monkeypatch.setenv("REDIS_URL", elsewhere.url.replace("unix://:", "unix://:x"))
    with pytest.raises(ServiceError, match="no aceptó el usuario o la contraseña"):
        redis_server()
    monkeypatch.setenv("REDIS_URL", f"{elsewhere.url}?db=999")
    with pytest.raises(ServiceError, match=r"contestó con un error: .*out of range"):
        redis_server()


def test_one_that_does_not_answer_is_given_up(elsewhere):
    server = redis_server()
    elsewhere.freeze()
    try:
        assert server.status == "averiado"
    finally:
        elsewhere.recover()


def test_the_address_of_ones_own_server_told_to_its_children_makes_it_no_stranger(monkeypatch):
    monkeypatch.delenv("REDIS_URL")
    server = redis_server()
    monkeypatch.setenv("REDIS_URL", server.url)
    assert redis_server() is server
    assert server.kill() is redis_server()
    server.stop()
    assert isinstance(redis_server(), RedisServer)

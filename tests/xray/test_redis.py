"""Redis in the trace: which command and which key, never a value."""

import asyncio
from collections.abc import Iterator

import pytest
import redis
from redis.asyncio import Redis as AsyncRedis

from workshop import redis_server, xray
from workshop.services.redis.handle import RedisHandle


@pytest.fixture(scope="module")
def server() -> Iterator[RedisHandle]:
    with redis_server("redis_xray") as running:
        yield running


@pytest.fixture
def client(server: RedisHandle) -> Iterator[redis.Redis]:
    with server.client() as client:
        client.flushdb()
        yield client


def lines(trace: xray.Trace) -> list[str]:
    return [line.lstrip("├└─ ") for line in trace.tree().splitlines()[1:]]


def test_commands_are_told_by_name_and_key_with_what_was_not_there(client: redis.Redis) -> None:
    with xray("la caché") as trace:
        client.get("menu:1")
        client.set("menu:1", "secreto")
        client.get("menu:1")
        client.set("lock:menu:1", "mío", nx=True)
        client.set("lock:menu:1", "tuyo", nx=True)
        client.hset("order:7", mapping={"dish": "mole"})
        client.mget(["menu:1", "menu:2"])
        client.publish("kitchen", "secreto")
    assert lines(trace) == [
        "redis · GET menu:1 → nil",
        "redis · SET menu:1",
        "redis · GET menu:1",
        "redis · SET lock:menu:1",
        "redis · SET lock:menu:1 → nil",
        "redis · HSET order:7",
        "redis · MGET menu:1",
        "redis · PUBLISH kitchen",
    ]
    assert "secreto" not in str(trace.spans) + trace.mermaid()


def test_no_argument_that_may_be_a_value_is_told(client: redis.Redis) -> None:
    with xray() as trace:
        client.echo("secreto")
        client.config_set("maxmemory-samples", 5)
        client.eval("return ARGV[1]", 1, "menu:1", "secreto")
        client.eval("return 1", 0, "secreto")
        client.execute_command("SET", "menu:1", b"\xff secreto")
        client.get(b"menu:\xff")
    assert lines(trace) == [
        "redis · ECHO",
        "redis · CONFIG SET",
        "redis · EVAL menu:1",
        "redis · EVAL",
        "redis · SET menu:1",
        "redis · GET menu:\N{REPLACEMENT CHARACTER} → nil",
    ]


def test_what_is_random_in_a_key_is_not_told(client: redis.Redis) -> None:
    with xray() as trace:
        client.get("session:0f3a9be2-0b5e-4c39-9c22-94a1e7bd0a11")
        client.get("session:Zk3qUyV0aF9-x_81hPqLmT:seen")
        client.get("session:ZkqUyVaFQxhPqLmTnoDigitsAtAll")
        client.get("menu:platos-fuertes-del-domingo")
    assert lines(trace) == [
        "redis · GET session:… → nil",
        "redis · GET session:…:seen → nil",
        "redis · GET session:… → nil",
        "redis · GET menu:platos-fuertes-del-domingo → nil",
    ]


def test_a_pipeline_is_one_trip(client: redis.Redis) -> None:
    with xray() as trace:
        with client.pipeline() as pipe:
            pipe.incr("visits")
            pipe.expire("visits", 60)
            pipe.execute()
        with client.pipeline(transaction=False) as pipe:
            pipe.get("a")
            pipe.get("b")
            pipe.execute()
        with client.pipeline() as pipe:
            pipe.watch("visits")
            pipe.get("visits")
            pipe.multi()
            pipe.set("visits", 9)
            client.set("visits", 5)
            with pytest.raises(redis.WatchError):
                pipe.execute()
            pipe.execute()  # nothing left to send
    assert lines(trace) == [
        "redis · MULTI: INCRBY visits, EXPIRE visits",
        "redis · en un viaje: GET a, GET b",
        "redis · WATCH visits",
        "redis · GET visits",
        "redis · SET visits",
        "redis · MULTI: SET visits ✗ WatchError",
    ]


def test_an_error_is_told_and_goes_its_way(client: redis.Redis, server: RedisHandle) -> None:
    with xray() as trace:
        client.set("menu:1", "mole")
        with pytest.raises(redis.ResponseError):
            client.incr("menu:1")
    assert trace.error == "ResponseError"
    assert lines(trace)[-1] == "redis · INCRBY menu:1 ✗ ResponseError"
    with redis_server("redis_gone") as gone, gone.client(retry=None) as late:
        gone.kill()
        with xray() as trace, pytest.raises(redis.ConnectionError):
            late.get("menu:1")
    assert lines(trace) == ["redis · GET menu:1 ✗ ConnectionError"]


def test_asyncio_is_told_the_same(server: RedisHandle) -> None:
    async def ask() -> None:
        async with AsyncRedis.from_url(server.url) as client:
            await client.get("async:1")
            async with client.pipeline() as pipe:
                await pipe.set("async:1", 1).execute()

    with xray() as trace:
        asyncio.run(ask())
    assert lines(trace) == ["redis · GET async:1 → nil", "redis · MULTI: SET async:1"]


def test_outside_an_xray_nothing_is_kept(client: redis.Redis) -> None:
    with xray() as trace:
        pass
    client.set("menu:1", "mole")
    assert trace.spans == []


def test_the_diagram_calls_it_by_its_name(client: redis.Redis) -> None:
    with xray() as trace:
        client.get("menu")
    assert "participant p1 as redis" in trace.mermaid()
    assert "p0->>p1: GET menu" in trace.mermaid()

"""What learners write for 15.2: right in two ways, and wrong in the ways that happen."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import redis as redispy
from fastapi import FastAPI, HTTPException
from redis import RedisError
from sqlalchemy import Engine

from workshop.learning.checks import cache as cache_checks
from workshop.restaurant import SessionDep, best_sellers, cache_inspection, menu_routes
from workshop.services.redis.handle import RedisHandle

Cook = Callable[[], Any]
Remember = Callable[[str, Cook], Any]


def client(redis: RedisHandle, seconds: float = 0.1) -> redispy.Redis:
    return redispy.Redis.from_url(
        redis.url, decode_responses=True, socket_timeout=seconds, socket_connect_timeout=seconds, retry=None
    )


def given(redis: RedisHandle, engine: Engine) -> FastAPI:
    """What the exercise's cell brings already written."""
    app = FastAPI()
    app.include_router(menu_routes())
    app.include_router(cache_inspection(redis, engine))
    return app


def app_with(redis: RedisHandle, engine: Engine, remember: Remember) -> FastAPI:
    return with_its_route(given(redis, engine), remember)


def with_its_route(app: FastAPI, remember: Remember) -> FastAPI:
    """The route that the exercise's cell brings already written: it asks the function of the learner."""

    @app.get("/best-sellers")
    def sturdy(session: SessionDep):
        return remember("best-sellers", lambda: best_sellers(session))

    return app


def guarded(cache: Any, caught: Any = RedisError) -> Remember:
    def read(key, cook):
        try:
            saved = cache.get(key)
        except caught:
            saved = None
        if saved is not None:
            return json.loads(saved)
        rows = cook()
        with suppress(caught):
            cache.set(key, json.dumps(rows), ex=60)
        return rows

    return read


def untouched(redis: RedisHandle, engine: Engine) -> FastAPI:
    def read(key, cook):
        raise HTTPException(501, "Ejercicio 15.2, sin intentar")

    return app_with(redis, engine, read)


def right_with_two_guards(redis: RedisHandle, engine: Engine) -> FastAPI:
    return app_with(redis, engine, guarded(client(redis)))


def right_skipping_the_rest(redis: RedisHandle, engine: Engine) -> FastAPI:
    """After the first failure of a request, Redis is not asked again in it."""
    cache = client(redis, 0.2)

    def read(key, cook):
        try:
            if saved := cache.get(key):
                return json.loads(saved)
            rows = cook()
            cache.set(key, json.dumps(rows), ex=60)
        except RedisError:
            return cook()
        return rows

    return app_with(redis, engine, read)


def never_caches(redis: RedisHandle, engine: Engine) -> FastAPI:
    return app_with(redis, engine, lambda key, cook: cook())


def falls(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = client(redis)

    def read(key, cook):
        if saved := cache.get(key):
            return json.loads(saved)
        rows = cook()
        cache.set(key, json.dumps(rows), ex=60)
        return rows

    return app_with(redis, engine, read)


def says_sorry(redis: RedisHandle, engine: Engine) -> FastAPI:
    healthy = guarded(client(redis))

    def read(key, cook):
        try:
            client(redis).ping()
        except RedisError:
            raise HTTPException(503, "Vuelve en un rato.") from None
        return healthy(key, cook)

    return app_with(redis, engine, read)


def answers_empty(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = client(redis)
    healthy = guarded(cache)

    def read(key, cook):
        try:
            cache.ping()
        except RedisError:
            return []
        return healthy(key, cook)

    return app_with(redis, engine, read)


def last_copy(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = client(redis)
    kept: list[Any] = []

    def read(key, cook):
        try:
            saved = cache.get(key)
        except RedisError:
            return kept[-1] if kept else cook()
        if saved is None:
            kept.append(cook())
            saved = json.dumps(kept[-1])
            cache.set(key, saved, ex=60)
        return json.loads(saved)

    return app_with(redis, engine, read)


def gives_up(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = client(redis)
    healthy = guarded(cache)
    broken: list[bool] = []

    def read(key, cook):
        try:
            cache.ping()
        except RedisError:
            broken.append(True)
        return cook() if broken else healthy(key, cook)

    return app_with(redis, engine, read)


def only_connection_errors(redis: RedisHandle, engine: Engine) -> FastAPI:
    return app_with(redis, engine, guarded(client(redis), redispy.ConnectionError))


def waits_for_ever(redis: RedisHandle, engine: Engine) -> FastAPI:
    return app_with(redis, engine, guarded(redis.client()))


def waits_too_long(redis: RedisHandle, engine: Engine) -> FastAPI:
    """Each of the two trips is in time; together they are late."""
    return app_with(redis, engine, guarded(client(redis, 0.55 * cache_checks.PATIENCE)))


def keeps_another_thing(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = client(redis)

    def read(key, cook):
        try:
            if saved := cache.get(key):
                return json.loads(saved)[:2]
        except RedisError:
            pass
        rows = cook()
        with suppress(RedisError):
            cache.set(key, json.dumps(rows), ex=60)
        return rows

    return app_with(redis, engine, read)


def another_ranking(redis: RedisHandle, engine: Engine) -> FastAPI:
    return app_with(redis, engine, lambda key, cook: cook()[:3])

"""What learners write for 15.2: right in two ways, and wrong in the ways that happen."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import redis as redispy
from fastapi import FastAPI, HTTPException
from redis import RedisError
from sqlalchemy import Engine
from sqlmodel import Session

from workshop.learning.checks import cache as cache_checks
from workshop.restaurant import SessionDep, best_sellers, cache_inspection, menu_routes
from workshop.services.redis.handle import RedisHandle

KEY = "best-sellers"


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


def app_with(redis: RedisHandle, engine: Engine, read: Callable[[Session], Any]) -> FastAPI:
    app = given(redis, engine)

    @app.get("/best-sellers")
    def ranking(session: SessionDep):
        return read(session)

    return app


def guarded(cache: Any, caught: Any = RedisError) -> Callable[[Session], Any]:
    def read(session):
        try:
            saved = cache.get(KEY)
        except caught:
            saved = None
        if saved is not None:
            return json.loads(saved)
        rows = best_sellers(session)
        with suppress(caught):
            cache.set(KEY, json.dumps(rows), ex=60)
        return rows

    return read


def untouched(redis: RedisHandle, engine: Engine) -> FastAPI:
    def read(session):
        raise HTTPException(501, "Ejercicio 15.2, sin intentar")

    return app_with(redis, engine, read)


def right_with_two_guards(redis: RedisHandle, engine: Engine) -> FastAPI:
    return app_with(redis, engine, guarded(client(redis)))


def right_skipping_the_rest(redis: RedisHandle, engine: Engine) -> FastAPI:
    """After the first failure of a request, Redis is not asked again in it."""
    cache = client(redis, 0.2)

    def read(session):
        try:
            if saved := cache.get(KEY):
                return json.loads(saved)
            rows = best_sellers(session)
            cache.set(KEY, json.dumps(rows), ex=60)
        except RedisError:
            return best_sellers(session)
        return rows

    return app_with(redis, engine, read)


def never_caches(redis: RedisHandle, engine: Engine) -> FastAPI:
    return app_with(redis, engine, best_sellers)


def falls(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = client(redis)

    def read(session):
        if saved := cache.get(KEY):
            return json.loads(saved)
        rows = best_sellers(session)
        cache.set(KEY, json.dumps(rows), ex=60)
        return rows

    return app_with(redis, engine, read)


def says_sorry(redis: RedisHandle, engine: Engine) -> FastAPI:
    healthy = guarded(client(redis))

    def read(session):
        try:
            client(redis).ping()
        except RedisError:
            raise HTTPException(503, "Vuelve en un rato.") from None
        return healthy(session)

    return app_with(redis, engine, read)


def answers_empty(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = client(redis)
    healthy = guarded(cache)

    def read(session):
        try:
            cache.ping()
        except RedisError:
            return []
        return healthy(session)

    return app_with(redis, engine, read)


def last_copy(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = client(redis)
    kept: list[Any] = []

    def read(session):
        try:
            saved = cache.get(KEY)
        except RedisError:
            return kept[-1] if kept else best_sellers(session)
        if saved is None:
            kept.append(best_sellers(session))
            saved = json.dumps(kept[-1])
            cache.set(KEY, saved, ex=60)
        return json.loads(saved)

    return app_with(redis, engine, read)


def gives_up(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = client(redis)
    healthy = guarded(cache)
    broken: list[bool] = []

    def read(session):
        try:
            cache.ping()
        except RedisError:
            broken.append(True)
        return best_sellers(session) if broken else healthy(session)

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

    def read(session):
        try:
            if saved := cache.get(KEY):
                return json.loads(saved)[:2]
        except RedisError:
            pass
        rows = best_sellers(session)
        with suppress(RedisError):
            cache.set(KEY, json.dumps(rows), ex=60)
        return rows

    return app_with(redis, engine, read)


def another_ranking(redis: RedisHandle, engine: Engine) -> FastAPI:
    return app_with(redis, engine, lambda session: best_sellers(session)[:3])

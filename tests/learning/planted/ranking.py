"""What learners write for 15.1: right in two ways, and wrong in the ways that happen."""

import json
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, HTTPException
from sqlalchemy import Engine
from sqlmodel import Session

from workshop.restaurant import (
    Category,
    DishId,
    DishPublic,
    DishUpdate,
    SessionDep,
    best_sellers,
    cache_inspection,
    find_dish,
    menu_routes,
    write_dish,
)
from workshop.services.redis.handle import RedisHandle

Read = Callable[[Session, Category | None], Any]
Forget = Callable[[Any], None]


def given(redis: RedisHandle, engine: Engine) -> FastAPI:
    """What the exercise's cell brings already written."""
    app = FastAPI()
    app.include_router(menu_routes(without=["change_dish"]))
    app.include_router(cache_inspection(redis, engine))
    return app


def app_with(redis: RedisHandle, engine: Engine, read: Read, forget: Forget) -> FastAPI:
    app = given(redis, engine)

    @app.get("/best-sellers")
    def ranking(session: SessionDep, category: Category | None = None):
        return read(session, category)

    @app.patch("/dishes/{dish_id}", response_model=DishPublic)
    def change_dish(dish_id: DishId, dish: DishUpdate, session: SessionDep):
        row = write_dish(dish_id, dish.model_dump(exclude_unset=True), None, session)
        forget(row)
        return row

    return app


def key_of(category: Any) -> str:
    return f"best-sellers:{category}"


def aside(cache: Any, key: str, cook: Callable[[], Any], seconds: int | None = 60) -> Any:
    saved = cache.get(key)
    if saved is None:
        saved = json.dumps(cook())
        cache.set(key, saved, ex=seconds)
    return json.loads(saved)


def forget_both(cache: Any) -> Forget:
    return lambda row: cache.delete(key_of(None), key_of(row.category))


def untouched(redis: RedisHandle, engine: Engine) -> FastAPI:
    def read(session, category):
        raise HTTPException(501, "Ejercicio 15.1, sin intentar")

    return app_with(redis, engine, read, lambda row: None)


def right_with_delete(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = redis.client()
    return app_with(
        redis,
        engine,
        lambda session, category: aside(cache, key_of(category), lambda: best_sellers(session, category)),
        forget_both(cache),
    )


def right_with_a_hash(redis: RedisHandle, engine: Engine) -> FastAPI:
    """One hash that expires and is forgotten whole."""
    cache = redis.client()

    def read(session, category):
        field = category or "todo"
        saved = cache.hget("ranking", field)
        if saved is None:
            saved = json.dumps(best_sellers(session, category), ensure_ascii=False)
            cache.hset("ranking", field, saved)
            cache.expire("ranking", 30)
        return json.loads(saved)

    return app_with(redis, engine, read, lambda row: cache.delete("ranking"))


def right_with_versions(redis: RedisHandle, engine: Engine) -> FastAPI:
    """Nothing is deleted: the key says which edition of the menu it belongs to."""
    cache = redis.client()

    def read(session, category):
        edition = cache.get("menu:edition") or "0"
        return aside(cache, f"ranking:{edition}:{category}", lambda: best_sellers(session, category), 45)

    def forget(row):
        with cache.pipeline() as pipe:
            pipe.incr("menu:edition")
            pipe.expire("menu:edition", 60)
            pipe.execute()

    return app_with(redis, engine, read, forget)


def never_caches(redis: RedisHandle, engine: Engine) -> FastAPI:
    return app_with(redis, engine, best_sellers, lambda row: None)


def only_writes(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = redis.client()

    def read(session, category):
        rows = best_sellers(session, category)
        cache.set(key_of(category), json.dumps(rows), ex=60)
        return rows

    return app_with(redis, engine, read, forget_both(cache))


def in_the_process(redis: RedisHandle, engine: Engine) -> FastAPI:
    kept: dict[Any, Any] = {}

    def read(session, category):
        if category not in kept:
            kept[category] = best_sellers(session, category)
        return kept[category]

    return app_with(redis, engine, read, lambda row: kept.clear())


def text_instead_of_rows(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = redis.client()

    def read(session, category):
        saved = cache.get(key_of(category))
        if saved is None:
            rows = best_sellers(session, category)
            cache.set(key_of(category), json.dumps(rows), ex=60)
            return rows
        return saved

    return app_with(redis, engine, read, forget_both(cache))


def saves_with_str(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = redis.client()

    def read(session, category):
        saved = cache.get(key_of(category))
        if saved is None:
            rows = best_sellers(session, category)
            cache.set(key_of(category), str(rows), ex=60)
            return rows
        return json.loads(saved)

    return app_with(redis, engine, read, forget_both(cache))


def part_of_the_rows(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = redis.client()

    def read(session, category):
        saved = cache.get(key_of(category))
        if saved is None:
            rows = best_sellers(session, category)
            cache.set(key_of(category), json.dumps(rows[:3]), ex=60)
            return rows
        return json.loads(saved)

    return app_with(redis, engine, read, forget_both(cache))


def ignores_the_category(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = redis.client()
    return app_with(
        redis,
        engine,
        lambda session, category: aside(cache, "best-sellers", lambda: best_sellers(session, category)),
        lambda row: cache.delete("best-sellers"),
    )


def caches_only_the_whole(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = redis.client()

    def read(session, category):
        if category:
            return best_sellers(session, category)
        return aside(cache, key_of(None), lambda: best_sellers(session))

    return app_with(redis, engine, read, forget_both(cache))


def never_expires(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = redis.client()
    return app_with(
        redis,
        engine,
        lambda session, category: aside(
            cache, key_of(category), lambda: best_sellers(session, category), None
        ),
        forget_both(cache),
    )


def a_whole_day(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = redis.client()
    return app_with(
        redis,
        engine,
        lambda session, category: aside(
            cache, key_of(category), lambda: best_sellers(session, category), 86_400
        ),
        forget_both(cache),
    )


def no_invalidation(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = redis.client()
    return app_with(
        redis,
        engine,
        lambda session, category: aside(cache, key_of(category), lambda: best_sellers(session, category)),
        lambda row: None,
    )


def forgets_half(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = redis.client()
    return app_with(
        redis,
        engine,
        lambda session, category: aside(cache, key_of(category), lambda: best_sellers(session, category)),
        lambda row: cache.delete(key_of(None)),
    )


def empties_redis(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = redis.client()
    return app_with(
        redis,
        engine,
        lambda session, category: aside(cache, key_of(category), lambda: best_sellers(session, category)),
        lambda row: cache.flushall(),
    )


def invalidates_without_writing(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = redis.client()
    app = given(redis, engine)

    @app.get("/best-sellers")
    def ranking(session: SessionDep, category: Category | None = None):
        return aside(cache, key_of(category), lambda: best_sellers(session, category))

    @app.patch("/dishes/{dish_id}", response_model=DishPublic)
    def change_dish(dish_id: DishId, dish: DishUpdate, session: SessionDep):
        row = find_dish(dish_id, session)
        cache.delete(key_of(None), key_of(row.category))
        return row

    return app


def puts(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = redis.client()
    app = given(redis, engine)

    @app.get("/best-sellers")
    def ranking(session: SessionDep, category: Category | None = None):
        return aside(cache, key_of(category), lambda: best_sellers(session, category))

    return app


def gives_up_after_a_change(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = redis.client()
    changed: list[Any] = []

    def read(session, category):
        if changed:
            return best_sellers(session, category)
        return aside(cache, key_of(category), lambda: best_sellers(session, category))

    return app_with(redis, engine, read, changed.append)


def another_ranking(redis: RedisHandle, engine: Engine) -> FastAPI:
    cache = redis.client()
    return app_with(
        redis,
        engine,
        lambda session, category: aside(
            cache, key_of(category), lambda: best_sellers(session, category)[::-1]
        ),
        forget_both(cache),
    )


def crashes(redis: RedisHandle, engine: Engine) -> FastAPI:
    return app_with(redis, engine, lambda session, category: 1 / 0, lambda row: None)


def other_route(redis: RedisHandle, engine: Engine) -> FastAPI:
    app = given(redis, engine)

    @app.get("/ranking")
    def ranking(session: SessionDep):
        return best_sellers(session)

    return app

"""What learners write for 05.1: right in two ways, and wrong in the ways that happen."""

import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse

BADGE = "Bearer T-77"
TABLES = range(1, 10)
ASK = {"WWW-Authenticate": "Bearer"}


def book(**finals: Callable[..., Any]) -> FastAPI:
    """The right API but for the finals that are given: a mistake replaces one of them and nothing else."""
    app, taken = FastAPI(), set[int]()
    end: dict[str, Callable[..., Any]] = {
        "missing": lambda: answer(404),
        "stranger": lambda table: answer(401, ASK),
        "nonsense": lambda: answer(400),
        "conflict": lambda table: answer(409),
        "created": lambda table: (taken.add(table), answer(201, {"Location": f"/tables/{table}"}))[1],
        "released": lambda table: (taken.discard(table), Response(status_code=204))[1],
        **finals,
    }
    app.state.taken = taken

    @app.get("/tables/{table}")
    def read_table(table: int):
        return {"table": table, "taken": table in taken} if table in TABLES else end["missing"]()

    @app.post("/reservations")
    async def reserve(request: Request):
        table = table_of(await request.body())
        if request.headers.get("authorization") != BADGE:
            return end["stranger"](table)
        if table is None:
            return end["nonsense"]()
        return end["conflict" if table in taken else "created"](table)

    @app.delete("/reservations/{table}")
    def release(table: int):
        return end["released"](table)

    return app


def table_of(body: bytes) -> int | None:
    try:
        table = json.loads(body)["table"]
    except (ValueError, KeyError, TypeError):
        return None
    return table if table in TABLES else None


def answer(code: int, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"detail": "así es"}, code, headers)


def untouched() -> FastAPI:
    """The stub of the exercise, as it is delivered."""
    app, taken = FastAPI(), set[int]()

    @app.get("/tables/{table}")
    def read_table(table: int):
        return {"table": table, "taken": table in taken} if table in TABLES else {"error": "no existe"}

    @app.post("/reservations")
    async def reserve(request: Request):
        if request.headers.get("authorization") != BADGE:
            return {"error": "no sé quién eres"}
        table = table_of(await request.body())
        if table is None:
            return {"error": "no te entiendo"}
        taken.add(table)
        return {"table": table}

    @app.delete("/reservations/{table}")
    def release(table: int):
        taken.discard(table)
        return {"ok": True}

    return app


def right_with_responses() -> FastAPI:
    return book()


def right_with_exceptions() -> FastAPI:
    app, taken = FastAPI(), set[int]()

    @app.get("/tables/{table}")
    async def read_table(table: int):
        if not 0 < table < 10:
            raise HTTPException(404)
        return {"table": table, "taken": table in taken}

    @app.post("/reservations", status_code=201)
    async def reserve(request: Request, response: Response, authorization: Annotated[str, Header()] = ""):
        if authorization != BADGE:
            raise HTTPException(401, headers={"www-authenticate": 'Bearer realm="mesas"'})
        table = table_of(await request.body())
        if not table:
            raise HTTPException(400)
        if table in taken:
            raise HTTPException(409)
        taken.add(table)
        response.headers["location"] = f"http://127.0.0.1/tables/{table}"

    @app.delete("/reservations/{table}", status_code=204)
    async def release(table: int) -> None:
        taken.discard(table)

    return app


def no_404() -> FastAPI:
    return book(missing=lambda: answer(200))


def everybody_in() -> FastAPI:
    return book(stranger=lambda table: answer(200))


def forbids() -> FastAPI:
    return book(stranger=lambda table: answer(403))


def does_not_say_how() -> FastAPI:
    return book(stranger=lambda table: answer(401))


def reads_before_asking_who() -> FastAPI:
    return book(stranger=lambda table: answer(401, ASK) if table else answer(400))


def writes_before_asking_who() -> FastAPI:
    app = book(stranger=lambda table: (app.state.taken.add(table), answer(401, ASK))[1])
    return app


def validates_with_a_model() -> FastAPI:
    return book(nonsense=lambda: answer(422))


def nonsense_is_404() -> FastAPI:
    return book(nonsense=lambda: answer(404))


def nonsense_is_409() -> FastAPI:
    return book(nonsense=lambda: answer(409))


def nonsense_is_200() -> FastAPI:
    return book(nonsense=lambda: answer(200))


def nonsense_is_a_crash() -> FastAPI:
    return book(nonsense=lambda: 1 / 0)


def created_is_200() -> FastAPI:
    app = book(created=lambda table: (app.state.taken.add(table), answer(200))[1])
    return app


def does_not_say_where() -> FastAPI:
    app = book(created=lambda table: (app.state.taken.add(table), answer(201))[1])
    return app


def says_another_place() -> FastAPI:
    app = book(
        created=lambda table: (app.state.taken.add(table), answer(201, {"Location": "/reservations"}))[1]
    )
    return app


def promises_and_forgets() -> FastAPI:
    return book(created=lambda table: answer(201, {"Location": f"/tables/{table}"}))


def seats_two_on_one_table() -> FastAPI:
    return book(conflict=lambda table: answer(201, {"Location": f"/tables/{table}"}))


def conflict_is_400() -> FastAPI:
    return book(conflict=lambda table: answer(400))


def released_is_200() -> FastAPI:
    app = book(released=lambda table: (app.state.taken.discard(table), answer(200))[1])
    return app


def does_not_release() -> FastAPI:
    return book(released=lambda table: Response(status_code=204))


def another_body() -> FastAPI:
    app = book()
    app.router.routes[:] = [route for route in app.router.routes if route.path != "/tables/{table}"]

    @app.get("/tables/{table}")
    def read_table(table: int):
        if table not in TABLES:
            raise HTTPException(404)
        return {"mesa": table}

    return app

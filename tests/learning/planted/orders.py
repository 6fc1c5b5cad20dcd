"""What learners write for 07.2: right in two ways, and wrong in the ways that happen."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from sqlalchemy import Engine
from sqlmodel import Session, select

from workshop.restaurant import Order, OrderCreate, OrderPublic, menu_routes


def given(engine: Engine) -> FastAPI:
    """What the exercise's cell brings already written."""
    app = FastAPI()
    app.include_router(menu_routes())

    @app.get("/orders", response_model=list[OrderPublic])
    def list_orders():
        with Session(engine) as session:
            return session.exec(select(Order)).all()

    @app.delete("/orders/{folio}", status_code=204)
    def cancel_order(folio: str):
        with Session(engine) as session:
            if row := session.get(Order, folio):
                session.delete(row)
                session.commit()

    return app


def app_with(engine: Engine, put: Callable[..., Any]) -> FastAPI:
    app = given(engine)
    app.put("/orders/{folio}")(put)
    return app


def save(engine: Engine, folio: str, order: OrderCreate) -> None:
    with Session(engine) as session:
        session.merge(Order(folio=folio, **order.model_dump()))
        session.commit()


def saved(engine: Engine, folio: str) -> Order | None:
    with Session(engine) as session:
        return session.get(Order, folio)


def same(row: Order, order: OrderCreate) -> bool:
    return OrderCreate(**row.model_dump(include=set(OrderCreate.model_fields))) == order


def untouched(engine: Engine) -> FastAPI:
    def put(folio: str, order: OrderCreate, response: Response):
        raise HTTPException(501, "Ejercicio 07.2, sin intentar")

    return app_with(engine, put)


def right_with_guards(engine: Engine) -> FastAPI:
    def put(folio: str, order: OrderCreate, response: Response):
        row = saved(engine, folio)
        if row and not same(row, order):
            raise HTTPException(409)
        if not row:
            save(engine, folio, order)
            response.status_code = 201
        return order

    return app_with(engine, put)


def right_in_a_dict(engine: Engine) -> FastAPI:
    app = FastAPI()
    app.include_router(menu_routes())
    book: dict[str, OrderCreate] = {}

    @app.get("/orders")
    async def list_orders():
        return [{"folio": folio, **order.model_dump()} for folio, order in book.items()]

    @app.delete("/orders/{folio}", status_code=204)
    async def cancel_order(folio: str):
        book.pop(folio, None)

    @app.put("/orders/{folio}")
    async def put(folio: str, order: OrderCreate, response: Response):
        if folio not in book:
            response.status_code = 201
        if book.setdefault(folio, order) != order:
            raise HTTPException(409)

    return app


def always_200(engine: Engine) -> FastAPI:
    def put(folio: str, order: OrderCreate):
        save(engine, folio, order)

    return app_with(engine, put)


def always_201(engine: Engine) -> FastAPI:
    def put(folio: str, order: OrderCreate, response: Response):
        save(engine, folio, order)
        response.status_code = 201

    return app_with(engine, put)


def never_saves(engine: Engine) -> FastAPI:
    def put(folio: str, order: OrderCreate, response: Response):
        response.status_code = 201
        return order

    return app_with(engine, put)


def adds_blindly(engine: Engine) -> FastAPI:
    def put(folio: str, order: OrderCreate, response: Response):
        with Session(engine) as session:
            session.add(Order(folio=folio, **order.model_dump()))
            session.commit()
        response.status_code = 201

    return app_with(engine, put)


def any_repeat_conflicts(engine: Engine) -> FastAPI:
    def put(folio: str, order: OrderCreate, response: Response):
        if saved(engine, folio):
            raise HTTPException(409)
        save(engine, folio, order)
        response.status_code = 201

    return app_with(engine, put)


def replaces(engine: Engine) -> FastAPI:
    def put(folio: str, order: OrderCreate, response: Response):
        response.status_code = 200 if saved(engine, folio) else 201
        save(engine, folio, order)

    return app_with(engine, put)


def looks_only_at_quantity(engine: Engine) -> FastAPI:
    def put(folio: str, order: OrderCreate, response: Response):
        row = saved(engine, folio)
        if row and row.quantity != order.quantity:
            raise HTTPException(409)
        response.status_code = 200 if row else 201
        save(engine, folio, order)

    return app_with(engine, put)


def saves_then_refuses(engine: Engine) -> FastAPI:
    def put(folio: str, order: OrderCreate, response: Response):
        row = saved(engine, folio)
        save(engine, folio, order)
        if row and not same(row, order):
            raise HTTPException(409)
        response.status_code = 200 if row else 201

    return app_with(engine, put)


def deletes_on_conflict(engine: Engine) -> FastAPI:
    def put(folio: str, order: OrderCreate, response: Response):
        with Session(engine) as session:
            row = session.get(Order, folio)
            if row and not same(row, order):
                session.delete(row)
                session.commit()
                raise HTTPException(409)
        response.status_code = 200 if row else 201
        save(engine, folio, order)

    return app_with(engine, put)


def adds_up(engine: Engine) -> FastAPI:
    seen: dict[str, OrderCreate] = {}

    def put(folio: str, order: OrderCreate, response: Response):
        response.status_code = 200 if folio in seen else 201
        if seen.setdefault(folio, order) != order:
            raise HTTPException(409)
        row = saved(engine, folio)
        more = order.model_copy(update={"quantity": order.quantity + (row.quantity if row else 0)})
        save(engine, folio, more)

    return app_with(engine, put)


def compares_the_text(engine: Engine) -> FastAPI:
    texts: dict[str, bytes] = {}

    async def put(folio: str, order: OrderCreate, request: Request, response: Response):
        text = await request.body()
        response.status_code = 200 if folio in texts else 201
        if texts.setdefault(folio, text) != text:
            raise HTTPException(409)
        save(engine, folio, order)

    return app_with(engine, put)


def same_order_same_folio(engine: Engine) -> FastAPI:
    def put(folio: str, order: OrderCreate, response: Response):
        with Session(engine) as session:
            rows = session.exec(select(Order)).all()
        if any(same(row, order) for row in rows):
            return
        if saved(engine, folio):
            raise HTTPException(409)
        save(engine, folio, order)
        response.status_code = 201

    return app_with(engine, put)


def accepts_anything(engine: Engine) -> FastAPI:
    book: dict[str, Any] = {}
    app = FastAPI()
    app.include_router(menu_routes())

    @app.get("/orders")
    def list_orders():
        return [{"folio": folio, **order} for folio, order in book.items()]

    @app.delete("/orders/{folio}", status_code=204)
    def cancel_order(folio: str):
        book.pop(folio, None)

    @app.put("/orders/{folio}")
    def put(folio: str, order: dict[str, Any], response: Response):
        response.status_code = 200 if folio in book else 201
        if book.setdefault(folio, order) != order:
            raise HTTPException(409)

    return app


def posts(engine: Engine) -> FastAPI:
    app = given(engine)

    @app.post("/orders/{folio}", status_code=201)
    def post(folio: str, order: OrderCreate):
        save(engine, folio, order)

    return app


def broken_list(engine: Engine) -> FastAPI:
    app = FastAPI()
    app.include_router(menu_routes())

    @app.get("/orders")
    def list_orders():
        return {"orders": []}

    @app.put("/orders/{folio}", status_code=201)
    def put(folio: str, order: OrderCreate):
        save(engine, folio, order)

    return app

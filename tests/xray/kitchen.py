"""The app that the tests look through; a child process runs the same one."""

import os
import threading
from collections.abc import Iterator
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from sqlalchemy import Engine
from sqlmodel import Field, Session, SQLModel, create_engine, select


class Dish(SQLModel, table=True):
    __tablename__ = "xray_dish"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    price: int


class DishIn(SQLModel):
    name: str
    price: int = Field(gt=0)


def average(total: int, count: int) -> float:
    return total / count


def make_app(engine: Engine, gate: threading.Event) -> FastAPI:
    app = FastAPI(title="La Comanda")

    def get_session() -> Iterator[Session]:
        with Session(engine) as session:
            yield session

    db = Annotated[Session, Depends(get_session)]

    @app.post("/dishes", status_code=201)
    def create_dish(dish: DishIn, session: db) -> Dish:
        row = Dish.model_validate(dish)
        session.add(row)
        session.commit()
        session.refresh(row)
        return row

    @app.get("/dishes/{dish_id}")
    def read_dish(dish_id: int, session: db) -> Dish:
        row = session.get(Dish, dish_id)
        if row is None:
            raise HTTPException(404, "no hay")
        return row

    @app.get("/average")
    def average_price(session: db) -> float:
        session.exec(select(Dish).where(Dish.price < 0)).all()
        return average(1, 0)

    @app.get("/average-async")
    async def average_async() -> float:
        return average(1, 0)

    @app.get("/slow")
    def slow() -> str:
        gate.wait(30)
        return "listo"

    @app.post("/later")
    def later(tasks: BackgroundTasks) -> str:
        tasks.add_task(wash, engine)
        return "recibido"

    return app


def wash(engine: Engine) -> None:
    with Session(engine) as session:
        session.exec(select(Dish.id)).all()


def child() -> FastAPI:
    """What the child process serves: uvicorn's factory."""
    from workshop.xray.child import join

    if os.environ.get("XRAY_TEST_JOIN"):
        assert join()
    return make_app(create_engine(os.environ["XRAY_TEST_DATABASE"]), threading.Event())

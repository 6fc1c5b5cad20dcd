"""Exercise 00.1: one right answer in two ways, and the wrong ones that happen, each with its own message."""

from typing import Any

import pytest
from fastapi import FastAPI, HTTPException

from workshop import check, serve, stop_all

DISHES = [{"name": "Mole", "price": 190}, {"name": "Tacos", "price": 85.5}, {"name": "Agua", "price": 35}]


@pytest.fixture(autouse=True)
def nothing_left():
    yield
    stop_all()


def answering(content: Any, path: str = "/menu") -> FastAPI:
    app = FastAPI()
    app.get(path)(lambda: content)
    return app


def untouched() -> FastAPI:
    app = FastAPI()

    @app.get("/menu")
    def read_menu():
        raise HTTPException(501, "Ejercicio 00.1, sin intentar")

    return app


def verdict(app: FastAPI) -> str:
    return repr(check("00.1", serve(app, "menu")))


@pytest.mark.parametrize("content", [DISHES, [*DISHES, {"name": "Flan", "price": 70, "extra": True}]])
def test_right(content):
    assert "logrado" in verdict(answering(content))


def test_untouched():
    assert "sin intentar" in verdict(untouched())


WRONG = {
    "another path": (answering(DISHES, "/menus"), "Llegó: 404"),
    "nothing returned": (answering(None), "Falta el `return`"),
    "an object": (answering({"dishes": DISHES}), "Devuelve la lista directamente"),
    "two dishes": (answering(DISHES[:2]), "Agrega otro diccionario"),
    "no price": (answering([{"name": "Mole"}] * 3), "registros completos"),
    "a price in quotes": (answering([*DISHES, {"name": "Flan", "price": "$70"}]), "sin comillas y sin signo"),
    "a price of zero": (answering([*DISHES, {"name": "Flan", "price": 0}]), "revisa el signo"),
    "an empty name": (answering([*DISHES, {"name": " ", "price": 7}]), "Escríbelo entre comillas"),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_wrong(mistake):
    app, says = WRONG[mistake]
    said = verdict(app)
    assert "todavía no" in said
    assert says in said


def test_each_mistake_has_its_own_message():
    assert len({says for _, says in WRONG.values()}) == len(WRONG) == 8

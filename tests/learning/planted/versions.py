"""What learners write for 06.2: right in two ways, and wrong in the ways that happen."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Response
from pydantic import BaseModel

RETIRE = {"Deprecation": "@1861920000", "Sunset": "Mon, 31 Dec 2029 23:59:59 GMT"}
START = {1: {"name": "Mole negro", "cents": 18050}, 2: {"name": "Café de olla", "cents": 4500}}


class Money(BaseModel):
    amount: int
    currency: str = "MXN"


class PriceV1(BaseModel):
    price: float


class PriceV2(BaseModel):
    price: Money


def pantry() -> dict[int, dict[str, Any]]:
    return {number: dict(dish) for number, dish in START.items()}


def shop(
    *,
    pesos: Callable[[int], Any] = lambda cents: cents / 100,
    money: Callable[[int], Any] = lambda cents: Money(amount=cents),
    to_cents: Callable[[float], int] = lambda price: round(price * 100),
    warn: tuple[str, ...] = ("GET v1", "PATCH v1"),
    without: str = "",
    stores: int = 1,
    notice: dict[str, str] = RETIRE,
    before: bool = False,
    keys: Callable[[dict[str, Any]], Any] = lambda dish: dish,
) -> FastAPI:
    """The right API but for the part that is given."""
    app = FastAPI()
    first = pantry()
    kept = {"v1": first, "v2": first if stores == 1 else pantry()}
    app.state.pantry = first
    show = {"v1": pesos, "v2": money}

    def told(version: str, verb: str, dish_id: int, response: Response) -> Any:
        if f"{verb} {version}" in warn:
            response.headers.update(notice)
        dish = kept[version].get(dish_id)
        if dish is None:
            raise HTTPException(404)
        return keys({"id": dish_id, "name": dish["name"], "price": show[version](dish["cents"])})

    def written(version: str, dish_id: int, cents: int, response: Response) -> Any:
        old = told(version, "PATCH", dish_id, response)
        kept[version][dish_id]["cents"] = cents
        return old if before else told(version, "PATCH", dish_id, response)

    def read_v1(dish_id: int, response: Response):
        return told("v1", "GET", dish_id, response)

    def change_v1(dish_id: int, change: PriceV1, response: Response):
        return written("v1", dish_id, to_cents(change.price), response)

    def read_v2(dish_id: int, response: Response):
        return told("v2", "GET", dish_id, response)

    def change_v2(dish_id: int, change: PriceV2, response: Response):
        return written("v2", dish_id, change.price.amount, response)

    for function in (read_v1, change_v1, read_v2, change_v2):
        verb, version = function.__name__.replace("read", "GET").replace("change", "PATCH").split("_")
        if without not in {f"{verb} {version}", version}:
            app.add_api_route(f"/{version}/dishes/{{dish_id}}", function, methods=[verb])
    return app


def untouched() -> FastAPI:
    """The stub of the exercise, as it is delivered."""
    app = FastAPI()

    @app.get("/v1/dishes/{dish_id}")
    def read_v1(dish_id: int, response: Response):
        raise HTTPException(501, "Ejercicio 06.2, sin intentar")

    return app


def right_with_functions() -> FastAPI:
    return shop()


def right_with_routers() -> FastAPI:
    kept = pantry()

    def warn(response: Response) -> None:
        response.headers["sunset"] = RETIRE["Sunset"]
        response.headers["deprecation"] = RETIRE["Deprecation"]

    old, new = APIRouter(prefix="/v1"), APIRouter(prefix="/v2")

    @old.get("/dishes/{dish_id}")
    @old.patch("/dishes/{dish_id}")
    async def one(dish_id: int, response: Response, change: PriceV1 | None = None):
        warn(response)
        if change:
            kept[dish_id]["cents"] = int(change.price * 100 + 0.5)
        return {"price": kept[dish_id]["cents"] / 100, "name": kept[dish_id]["name"], "id": dish_id}

    @new.get("/dishes/{dish_id}")
    @new.patch("/dishes/{dish_id}")
    async def other(dish_id: int, change: PriceV2 | None = None):
        if change:
            kept[dish_id]["cents"] = change.price.amount
        price = {"currency": "MXN", "amount": kept[dish_id]["cents"]}
        return {"price": price, "name": kept[dish_id]["name"], "id": dish_id}

    app = FastAPI()
    app.state.pantry = kept
    app.include_router(old)
    app.include_router(new)
    return app


def only_the_old() -> FastAPI:
    return shop(without="v2")


def only_the_new() -> FastAPI:
    return shop(without="v1")


def new_first() -> FastAPI:
    """Begins with the new version and leaves the function that was delivered for later."""
    app = untouched()
    app.mount("/", shop(without="v1"))
    return app


def old_does_not_write() -> FastAPI:
    return shop(without="PATCH v1")


def old_speaks_like_the_new() -> FastAPI:
    return shop(pesos=lambda cents: Money(amount=cents))


def old_in_cents() -> FastAPI:
    return shop(pesos=lambda cents: cents)


def price_as_text() -> FastAPI:
    return shop(pesos=lambda cents: f"${cents / 100}")


def new_is_a_number() -> FastAPI:
    return shop(money=lambda cents: cents)


def no_currency() -> FastAPI:
    return shop(money=lambda cents: {"amount": cents})


def new_with_decimals() -> FastAPI:
    return shop(money=lambda cents: {"amount": cents / 100, "currency": "MXN"})


def two_pantries() -> FastAPI:
    return shop(stores=2)


def truncates() -> FastAPI:
    return shop(to_cents=lambda price: int(price * 100))


def keeps_pesos() -> FastAPI:
    return shop(to_cents=round)


def answers_what_it_was() -> FastAPI:
    return shop(before=True)


def does_not_warn() -> FastAPI:
    return shop(warn=())


def warns_only_when_read() -> FastAPI:
    return shop(warn=("GET v1",))


def another_day() -> FastAPI:
    return shop(notice={**RETIRE, "Sunset": "pronto"})


def retires_everything() -> FastAPI:
    return shop(warn=("GET v1", "PATCH v1", "GET v2", "PATCH v2"))


def only_the_price() -> FastAPI:
    return shop(keys=lambda dish: {"price": dish["price"]})


def renames_for_the_new() -> FastAPI:
    def rename(dish: dict[str, Any]) -> dict[str, Any]:
        return {**dish, "name": dish["name"].upper()} if isinstance(dish["price"], Money) else dish

    return shop(keys=rename)

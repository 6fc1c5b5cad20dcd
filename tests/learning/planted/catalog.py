"""What learners write for 07.1: right in two ways, and wrong in the ways that happen."""

from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from workshop.restaurant import Category, Dish, DishPublic

Limit = Annotated[int, Query(ge=1, le=50)]
Offset = Annotated[int, Query(ge=0)]


def all_rows(engine: Engine) -> list[Any]:
    with Session(engine) as session:
        return list(session.exec(select(Dish).order_by(Dish.id)).all())


def untouched(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes", response_model=list[DishPublic])
    def search(response: Response, category: Category | None = None):
        raise HTTPException(501, "Ejercicio 07.1, sin intentar")

    return app


def right_in_python(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    async def search(
        response: Response, category: str = "", max_price: int = 10**6, limit: Limit = 20, offset: Offset = 0
    ):
        rows = [d for d in all_rows(engine) if d.price <= max_price and category in ("", d.category)]
        response.headers["x-total-count"] = f"{len(rows)}"
        return rows[offset:][:limit]

    return app


def right_with_one_query(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes", response_model=list[DishPublic])
    def search(
        response: Response,
        category: Category | None = None,
        max_price: Annotated[int | None, Query(gt=0)] = None,
        limit: Limit = 20,
        offset: Offset = 0,
    ):
        wanted = [Dish.category == category] if category else []
        wanted += [Dish.price <= max_price] if max_price else []
        with Session(engine) as session:
            response.headers["X-Total-Count"] = str(
                session.scalar(select(func.count(Dish.id)).where(*wanted))
            )
            return session.exec(
                select(Dish).where(*wanted).order_by(Dish.id).limit(limit).offset(offset)
            ).all()

    return app


def no_return(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(category: Category | None = None): ...

    return app


def empty(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search():
        return []

    return app


def ignores_limit(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(response: Response, category: Category | None = None):
        rows = [d for d in all_rows(engine) if category in (None, d.category)]
        response.headers["X-Total-Count"] = str(len(rows))
        return rows

    return app


def no_total(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(limit: Limit = 20, offset: Offset = 0):
        return all_rows(engine)[offset : offset + limit]

    return app


def total_in_words(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(response: Response, limit: Limit = 20, offset: Offset = 0):
        response.headers["X-Total-Count"] = f"{len(all_rows(engine))} platos"
        return all_rows(engine)[offset : offset + limit]

    return app


def total_of_the_page(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(response: Response, limit: Limit = 20, offset: Offset = 0):
        rows = all_rows(engine)[offset : offset + limit]
        response.headers["X-Total-Count"] = str(len(rows))
        return rows

    return app


def wrapped(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(response: Response, limit: Limit = 20, offset: Offset = 0):
        return {"items": all_rows(engine)[offset : offset + limit]}

    return app


def only_names(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(response: Response, limit: Limit = 20, offset: Offset = 0):
        return [d.name for d in all_rows(engine)[offset : offset + limit]]

    return app


def unordered(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(response: Response, limit: Limit = 20, offset: Offset = 0):
        rows = sorted(all_rows(engine), key=lambda d: d.name)
        response.headers["X-Total-Count"] = str(len(rows))
        return rows[offset : offset + limit]

    return app


def ignores_offset(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(response: Response, limit: Limit = 20):
        rows = all_rows(engine)
        response.headers["X-Total-Count"] = str(len(rows))
        return rows[:limit]

    return app


def offset_is_a_page(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(response: Response, limit: Limit = 20, offset: Offset = 0):
        rows = all_rows(engine)
        response.headers["X-Total-Count"] = str(len(rows))
        return rows[offset * limit :][:limit]

    return app


def clamps(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(response: Response, limit: int = 20, offset: int = 0):
        rows = all_rows(engine)
        response.headers["X-Total-Count"] = str(len(rows))
        return rows[max(offset, 0) :][: min(max(limit, 1), 50)]

    return app


def no_upper_limit(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(response: Response, limit: Annotated[int, Query(ge=1)] = 20, offset: Offset = 0):
        rows = all_rows(engine)
        response.headers["X-Total-Count"] = str(len(rows))
        return rows[offset : offset + limit]

    return app


def negative_offset(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(response: Response, limit: Limit = 20, offset: int = 0):
        rows = all_rows(engine)
        response.headers["X-Total-Count"] = str(len(rows))
        return rows[offset:][:limit]

    return app


def empty_page_is_404(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(response: Response, limit: Limit = 20, offset: Offset = 0):
        rows = all_rows(engine)
        if offset >= len(rows):
            raise HTTPException(404, "No hay más platos")
        response.headers["X-Total-Count"] = str(len(rows))
        return rows[offset : offset + limit]

    return app


def other_default(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(response: Response, limit: Limit = 10, offset: Offset = 0):
        rows = all_rows(engine)
        response.headers["X-Total-Count"] = str(len(rows))
        return rows[offset : offset + limit]

    return app


def ignores_category(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(response: Response, max_price: int = 10**6, limit: Limit = 20, offset: Offset = 0):
        rows = [d for d in all_rows(engine) if d.price <= max_price]
        response.headers["X-Total-Count"] = str(len(rows))
        return rows[offset : offset + limit]

    return app


def strict_price(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(
        response: Response, category: str = "", max_price: int = 10**6, limit: Limit = 20, offset: Offset = 0
    ):
        rows = [d for d in all_rows(engine) if d.price < max_price and category in ("", d.category)]
        response.headers["X-Total-Count"] = str(len(rows))
        return rows[offset : offset + limit]

    return app


def one_filter_at_a_time(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(
        response: Response, category: str = "", max_price: int = 10**6, limit: Limit = 20, offset: Offset = 0
    ):
        rows = all_rows(engine)
        if category:
            rows = [d for d in rows if d.category == category]
        elif max_price:
            rows = [d for d in rows if d.price <= max_price]
        response.headers["X-Total-Count"] = str(len(rows))
        return rows[offset : offset + limit]

    return app


def total_of_the_table(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(
        response: Response, category: str = "", max_price: int = 10**6, limit: Limit = 20, offset: Offset = 0
    ):
        rows = all_rows(engine)
        response.headers["X-Total-Count"] = str(len(rows))
        return [d for d in rows if d.price <= max_price and category in ("", d.category)][offset:][:limit]

    return app


def filters_after_paging(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(
        response: Response, category: str = "", max_price: int = 10**6, limit: Limit = 20, offset: Offset = 0
    ):
        def wanted(rows: list[Any]) -> list[Any]:
            return [d for d in rows if d.price <= max_price and category in ("", d.category)]

        response.headers["X-Total-Count"] = str(len(wanted(all_rows(engine))))
        return wanted(all_rows(engine)[offset : offset + limit])

    return app


def crashes(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search():
        return [1 / 0]

    return app


def answers_a_page(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes", response_class=HTMLResponse)
    def search():
        return "<h1>Menú</h1>"

    return app


def redirects_forever(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search():
        return RedirectResponse("/dishes")

    return app


def other_route(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/menu")
    def search():
        return all_rows(engine)

    return app


def ids_of_every_kind(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    def search(response: Response, limit: Limit = 20, offset: Offset = 0):
        response.headers["X-Total-Count"] = "42"
        rows = [{"id": i if i % 2 else f"plato {i}", "category": None, "price": "caro"} for i in range(42)]
        return rows[offset : offset + limit]

    return app

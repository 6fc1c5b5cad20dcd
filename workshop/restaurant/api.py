"""La API del menú, ya resuelta: el capítulo 07 la escribe verbo por verbo y los demás la usan."""

from collections.abc import Collection
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Path, Query, Response
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select, update

from workshop.restaurant.database import SessionDep
from workshop.restaurant.errors import UnknownRouteError
from workshop.restaurant.models import Category, Dish, DishCreate, DishPublic, DishUpdate

MAX_ID = 2**63 - 1  # what fits in an INTEGER of SQLite and in a BIGINT of PostgreSQL
DishId = Annotated[int, Path(ge=1, le=MAX_ID)]
IfMatch = Annotated[str | None, Header()]

_routes = APIRouter(tags=["menú"])


def etag(row: Dish) -> str:
    """La etiqueta de la versión de un plato, entre comillas como pide HTTP (RFC 9110, sección 8.8.3)."""
    return f'"{row.version}"'


def find_dish(dish_id: int, session: Session) -> Dish:
    """El plato con ese id. Errores: `HTTPException` 404 si no existe."""
    row = session.get(Dish, dish_id)
    if row is None:
        raise HTTPException(404, f"No hay un plato con id {dish_id}.")
    return row


def write_dish(dish_id: int, changes: dict[str, Any], if_match: str | None, session: Session) -> Dish:
    """Escribe `changes` si nadie escribió desde la versión `if_match`; sin `if_match`, siempre.

    Repetir la misma escritura no cambia nada, ni la versión.
    Errores: `HTTPException` 404 si no existe, 412 si cambió, 409 si el nombre ya es de otro plato.
    """
    row = find_dish(dish_id, session)
    if if_match not in (None, etag(row)):
        raise HTTPException(412, f"El plato cambió: ahora va en la versión {row.version}.")
    if row.model_dump(include=set(changes)) == changes:
        return row
    seen = update(Dish).where(Dish.id == dish_id, Dish.version == row.version)  # type: ignore[arg-type]
    try:
        done = session.exec(seen.values(**changes, version=row.version + 1))
        session.commit()
    except IntegrityError:
        raise HTTPException(409, "Ya hay otro plato con ese nombre.") from None
    if not done.rowcount:
        raise HTTPException(412, "El plato cambió mientras lo escribías.")
    session.refresh(row)
    return row


@_routes.post("/dishes", response_model=DishPublic, status_code=201)
def create_dish(dish: DishCreate, response: Response, session: SessionDep) -> Dish:
    """Crea un plato. 409 si el nombre ya existe."""
    row = Dish.model_validate(dish)
    session.add(row)
    try:
        session.commit()
    except IntegrityError:
        raise HTTPException(409, f"Ya hay un plato llamado {dish.name!r}.") from None
    session.refresh(row)
    response.headers["Location"] = f"/dishes/{row.id}"
    return row


@_routes.get("/dishes", response_model=list[DishPublic])
def list_dishes(
    session: SessionDep,
    category: Category | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
    offset: Annotated[int, Query(ge=0, le=MAX_ID)] = 0,
) -> Any:
    """Una página del menú, en orden de id."""
    query = select(Dish).order_by(Dish.id).offset(offset).limit(limit)  # type: ignore[arg-type]
    if category:
        query = query.where(Dish.category == category)
    return session.exec(query).all()


@_routes.get("/dishes/{dish_id}", response_model=DishPublic)
def read_dish(dish_id: DishId, response: Response, session: SessionDep) -> Dish:
    """Un plato, con su versión en el encabezado ETag."""
    row = find_dish(dish_id, session)
    response.headers["ETag"] = etag(row)
    return row


@_routes.put("/dishes/{dish_id}", response_model=DishPublic)
def replace_dish(dish_id: DishId, dish: DishCreate, session: SessionDep, if_match: IfMatch = None) -> Dish:
    """Reemplaza un plato entero."""
    return write_dish(dish_id, dish.model_dump(), if_match, session)


@_routes.patch("/dishes/{dish_id}", response_model=DishPublic)
def change_dish(dish_id: DishId, dish: DishUpdate, session: SessionDep, if_match: IfMatch = None) -> Dish:
    """Cambia solo los campos que llegan."""
    return write_dish(dish_id, dish.model_dump(exclude_unset=True), if_match, session)


@_routes.delete("/dishes/{dish_id}", status_code=204)
def delete_dish(dish_id: DishId, session: SessionDep) -> None:
    """Borra un plato."""
    session.delete(find_dish(dish_id, session))
    session.commit()


def menu_routes(without: Collection[str] = ()) -> APIRouter:
    """Las rutas de `/dishes` para `app.include_router(...)`.

    `without` nombra las funciones que escribes tú y no se incluyen: `create_dish`, `list_dishes`,
    `read_dish`, `replace_dish`, `change_dish` o `delete_dish`.

    Errores: `UnknownRouteError` si `without` nombra una que no hay.
    """
    by_name = {getattr(route, "name", ""): route for route in _routes.routes}
    unknown = set(without) - by_name.keys()
    if unknown:
        raise UnknownRouteError(f"No hay una ruta {sorted(unknown)}; hay: {', '.join(by_name)}.")
    chosen = APIRouter()
    chosen.routes = [route for name, route in by_name.items() if name not in without]
    return chosen

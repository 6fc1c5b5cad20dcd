"""Las ventas de un año: la tabla grande y la consulta costosa que el capítulo 15 pone tras una caché."""

from typing import Any

from sqlalchemy import Engine, Table, text
from sqlmodel import Field, Session, SQLModel, func, select

from workshop.restaurant.database import menu_database
from workshop.restaurant.models import Category, Dish

SALES = 200_000
TOP = 5

# Made inside SQLite, which is five times as fast as sending the rows. Multiplying two residues that walk at
# different paces gives some dishes many more sales than others, the same ones every time.
_FILL = text("""
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :sales)
INSERT INTO sale (id, dish_id, day, quantity)
SELECT i, 1 + (((i * 7919) % 10007) * ((i * 104729) % 10007) % 10007) * :dishes / 10007,
       i * 365 / :sales, 1 + (i * 31) % 3
FROM n
""")


class Sale(SQLModel, table=True):
    """La tabla `sale`: un plato vendido. `day` es el día del año, de 0 a 365; `quantity`, cuántos."""

    id: int | None = Field(default=None, primary_key=True)
    # Without a foreign key: checking it would read the whole table each time that the menu starts afresh.
    dish_id: int
    day: int
    quantity: int


_SALE: Table = SQLModel.metadata.tables["sale"]


def sales_database() -> Engine:
    """Deja el menú como recién abierto y, la primera vez, le suma un año de ventas: 200 000 filas.

    Devuelve el motor, el mismo que usa `SessionDep`. Las ventas son siempre las mismas.
    """
    engine = menu_database()
    SQLModel.metadata.create_all(engine, tables=[_SALE])
    with Session(engine) as session:
        if session.exec(select(Sale.id).limit(1)).first() is None:
            dishes = session.exec(select(func.count()).select_from(Dish)).one()
            session.connection().execute(_FILL, {"sales": SALES, "dishes": dishes})
            session.commit()
    return engine


def best_sellers(session: Session, category: Category | None = None) -> list[dict[str, Any]]:
    """Los cinco platos más vendidos del año, con su precio de hoy; solo los de `category`, si se pide.

    Lee las 200 000 ventas cada vez: es la consulta costosa.
    """
    sold = func.sum(Sale.quantity)
    query = select(Dish.id, Dish.name, Dish.price, sold).join(Sale, Sale.dish_id == Dish.id)  # type: ignore[arg-type]
    if category is not None:
        query = query.where(Dish.category == category)
    rows = session.exec(query.group_by(Dish.id).order_by(sold.desc(), Dish.id).limit(TOP))  # type: ignore[arg-type]
    return [dict(zip(("id", "name", "price", "sold"), row, strict=True)) for row in rows]

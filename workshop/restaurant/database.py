"""La base de datos del restaurante: un archivo SQLite en la carpeta temporal del kernel."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends
from sqlalchemy import Engine, Table, event
from sqlmodel import Session, SQLModel, create_engine, delete

from workshop.restaurant.menu import load_menu
from workshop.restaurant.models import Dish, Invoice, Order, Pot, Tip, User
from workshop.services import home

_MODELS = (
    Order,
    Dish,
    User,
    Invoice,
    Tip,
    Pot,
)  # in the order in which rows can be deleted: an order points to its dish
_TABLES: list[Table] = [SQLModel.metadata.tables[str(model.__tablename__)] for model in _MODELS]


def sqlite_engine(path: Path) -> Engine:
    """Un motor de SQLAlchemy sobre el archivo SQLite `path`, que varios hilos pueden usar a la vez."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # Readers do not wait for a writer, and SQLite only enforces foreign keys when asked.
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


@cache
def menu_engine() -> Engine:
    """El motor de este kernel, siempre el mismo; crea las tablas la primera vez.

    En una réplica o un trabajador abre la base de su kernel, que ya tiene las tablas.
    """
    engine = sqlite_engine(home.workdir() / "menu.db")
    if not home.lent():
        SQLModel.metadata.create_all(engine, tables=_TABLES)
    return engine


def menu_database(count: int | None = None) -> Engine:
    """Deja la base como recién abierta: los primeros `count` platos del menú (todos, si es None) y nada más.

    Devuelve el motor. Los identificadores vuelven a empezar en 1.
    """
    engine = menu_engine()
    with Session(engine) as session:
        for model in _MODELS:
            session.exec(delete(model))
        session.add_all(Dish.model_validate(dish) for dish in load_menu()[:count])
        session.commit()
    return engine


def get_session() -> Iterator[Session]:
    """Una sesión por petición, cerrada al terminar: para `Depends` de FastAPI."""
    with Session(menu_engine()) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]

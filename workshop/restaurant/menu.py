"""El menú de La Comanda y las bases de datos donde vive."""

from pathlib import Path

from sqlalchemy import Engine, event
from sqlmodel import Session, SQLModel, create_engine, func, select

from workshop import facts
from workshop.restaurant.models import Dish, DishCreate


def load_menu() -> list[DishCreate]:
    """Los platos de `data/menu.toml`, validados y en su orden.

    Errores: `pydantic.ValidationError` si alguno está mal escrito.
    """
    return [DishCreate.model_validate(dish) for dish in facts.load("menu.toml")["dish"]]


def fill(session: Session, count: int | None = None) -> int:
    """Pone en la tabla los primeros `count` platos del menú (todos, si es None), si está vacía.

    Devuelve cuántos platos hay al terminar.
    """
    if not session.exec(select(func.count()).select_from(Dish)).one():
        session.add_all(Dish.model_validate(dish) for dish in load_menu()[:count])
        session.commit()
    return session.exec(select(func.count()).select_from(Dish)).one()


def new_database(path: str | Path) -> Engine:
    """Una base SQLite nueva en `path`, con las tablas del restaurante vacías.

    Si el archivo existía, lo reemplaza. Varios hilos pueden usarla a la vez, y las claves foráneas se cumplen.
    """
    file = Path(path)
    for old in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        old.unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{file}", connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _configure(connection: object, _record: object) -> None:
        # Readers do not wait for a writer, and SQLite only enforces foreign keys when asked.
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]

    SQLModel.metadata.create_all(
        engine, tables=[t for t in SQLModel.metadata.sorted_tables if t.name in _TABLES]
    )
    return engine


_TABLES = {"dish", "order", "user"}

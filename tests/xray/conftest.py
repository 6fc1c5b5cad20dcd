"""A real kitchen: FastAPI and SQLModel over a SQLite file, served by `serve`, called with `requests`."""

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlmodel import Session, SQLModel, create_engine

from tests.xray.kitchen import Dish, make_app
from workshop import serve
from workshop.xray import collector


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    path: Path = tmp_path_factory.mktemp("kitchen") / "menu.db"
    engine = create_engine(f"sqlite:///{path}")
    SQLModel.metadata.create_all(engine, tables=[Dish.__table__])
    with Session(engine) as session:
        session.add(Dish(name="Mole", price=120))
        session.commit()
    gate = threading.Event()
    api = serve(make_app(engine, gate), name="xray_kitchen")
    yield SimpleNamespace(url=api.url, engine=engine, gate=gate, path=path)
    gate.set()
    api.stop()
    engine.dispose()


@pytest.fixture
def guests() -> Iterator[dict[str, str]]:
    """The environment of child processes that are invited to the traces of this one."""
    yield collector.invite()
    collector.close()

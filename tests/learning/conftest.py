"""A record of its own for each test, and planted solutions served for real."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from workshop import serve
from workshop.restaurant import menu_database

pytest.register_assert_rewrite("tests.learning.plants")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("COMANDA_HOME", str(folder))
    return folder


@pytest.fixture
def engine() -> Engine:
    """The whole menu and nothing else."""
    return menu_database()


@pytest.fixture(scope="module")
def served() -> Iterator[Callable[[Any], Any]]:
    """Serves an app; the next one, of the next test too, takes its place on the same port."""
    live = []

    def start(app: Any) -> Any:
        live.append(serve(app, name="plantado"))
        return live[-1]

    yield start
    for service in live:
        service.stop()

"""X-rays beside what a learner may already have: httpx, an OpenTelemetry of their own, or none at all."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from opentelemetry import trace as otel

from tests.xray.test_trace import READ
from workshop import xray

ROOT = Path(__file__).parent.parent.parent

BESIDE_ANOTHER_PROVIDER = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
trace.set_tracer_provider(TracerProvider())

import threading, requests
from sqlmodel import Session, SQLModel, create_engine
from tests.xray.kitchen import Dish, make_app
from workshop import serve, xray

engine = create_engine("sqlite:///menu.db")
SQLModel.metadata.create_all(engine)
with Session(engine) as session:
    session.add(Dish(name="Mole", price=120))
    session.commit()
api = serve(make_app(engine, threading.Event()))
with xray("leer un plato") as trace:
    requests.get(f"{api.url}/dishes/1")
print(trace)
api.stop()
"""

WITHOUT_OPENTELEMETRY = """
from workshop import xray
from workshop.errors import WorkshopError
try:
    with xray():
        pass
except WorkshopError as error:
    print(error)
"""


def run(code: str, folder: Path, **extra: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT), **extra}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_httpx_calls_are_traced_too(kitchen: SimpleNamespace) -> None:
    with xray("leer un plato") as trace:
        httpx.get(f"{kitchen.url}/dishes/1")
    assert trace.tree() == READ


def test_calls_of_an_asynchronous_cell_go_by_text_when_they_overlap(kitchen: SimpleNamespace) -> None:
    async def cell() -> str:
        with xray("a la vez") as trace:
            async with httpx.AsyncClient(base_url=kitchen.url) as client:
                await asyncio.gather(*(client.get(f"/dishes/{number}") for number in (404, 1, 405)))
        return trace.tree()

    calls = [line for line in asyncio.run(cell()).splitlines() if "cliente" in line]
    assert [call.rpartition("/")[2] for call in calls] == ["1 → 200", "404 → 404", "405 → 404"]


def test_another_provider_keeps_its_place_and_the_tree_is_the_same(tmp_path: Path) -> None:
    tree = run(BESIDE_ANOTHER_PROVIDER, tmp_path)
    assert tree == READ.replace("dependencia · get_session", "validación")


def test_a_switched_off_opentelemetry_is_said_in_spanish(tmp_path: Path) -> None:
    assert "variable de entorno OTEL_SDK_DISABLED" in run(
        WITHOUT_OPENTELEMETRY, tmp_path, OTEL_SDK_DISABLED="true"
    )


def test_fastapi_measures_nothing_outside_an_xray(
    kitchen: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with xray():
        pass
    started: list[str] = []
    tracer = type(otel.get_tracer("fastapi"))
    start = tracer.start_span

    def noted(self: object, name: str, *rest: object, **named: object) -> object:
        started.append(name)
        return start(self, name, *rest, **named)

    monkeypatch.setattr(tracer, "start_span", noted)
    httpx.get(f"{kitchen.url}/dishes/1")
    assert started == []
    with xray():
        httpx.get(f"{kitchen.url}/dishes/1")
    assert "fastapi.endpoint" in started

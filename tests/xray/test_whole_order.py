"""One order through everything: gateway, replica, Redis, queue, worker, PostgreSQL. Nothing is simulated."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import requests
from sqlalchemy import text

from workshop import gateway, postgres, redis_server, replicas, workers, xray
from workshop.services import module
from workshop.xray import collector

JOBS = """
import os

from sqlalchemy import create_engine, text

engine = create_engine(os.environ["ORDER_TEST_DATABASE"])

def invoice(folio):
    with engine.begin() as session:
        session.execute(text("UPDATE sale SET total = price * 1.16 WHERE folio = :folio"), {"folio": folio})
"""
APP = """
import os

from fastapi import FastAPI
from redis import Redis
from rq import Queue
from sqlalchemy import create_engine, text

import order_jobs

app = FastAPI(title="La Comanda")
engine = create_engine(os.environ["ORDER_TEST_DATABASE"])
redis = Redis.from_url(os.environ["ORDER_TEST_REDIS"])
kitchen = Queue("cocina", connection=redis)

def price_of(dish_id):
    known = redis.get(f"price:{dish_id}")
    if known is not None:
        return float(known)
    with engine.connect() as session:
        price = session.execute(text("SELECT price FROM plate WHERE id = :id"), {"id": dish_id}).scalar_one()
    redis.set(f"price:{dish_id}", float(price), ex=60)
    return float(price)

@app.post("/sales/{folio}", status_code=202)
def sell(folio: str, dish_id: int):
    price = price_of(dish_id)
    with engine.begin() as session:
        session.execute(
            text("INSERT INTO sale (folio, price) VALUES (:folio, :price)"), {"folio": folio, "price": price}
        )
    kitchen.enqueue(order_jobs.invoice, folio)
    return {"folio": folio}
"""
TREE = """\
un pedido
└─ cliente · POST /sales/{folio}?dish_id=1 → 202
   └─ order_door · POST /sales/{folio} → 202
      └─ api · POST /sales/{{folio}} → 202
         ├─ validación
         ├─ endpoint · sell
         │  ├─ {price}
         │  ├─ sql · BEGIN
         │  ├─ sql · INSERT INTO sale (folio, price) VALUES (%(folio)s, %(price)s)
         │  ├─ sql · COMMIT
         │  └─ cola · enqueue order_jobs.invoice
         │     └─ trabajo · order_jobs.invoice
         │        ├─ sql · BEGIN
         │        ├─ sql · UPDATE sale SET total = price * 1.16 WHERE folio = %(folio)s
         │        └─ sql · COMMIT
         └─ serialización"""
MISS = """\
redis · GET price:1 → nil
         │  ├─ sql · BEGIN
         │  ├─ sql · SELECT price FROM plate WHERE id = %(id)s
         │  ├─ sql · ROLLBACK
         │  ├─ redis · SET price:1"""
HIT = "redis · GET price:1"


@pytest.fixture(scope="module")
def restaurant() -> Iterator[SimpleNamespace]:
    with pytest.MonkeyPatch.context() as environment, postgres("order_base") as base:
        engine = base.engine()
        with engine.begin() as session:
            session.execute(text("CREATE TABLE plate (id int PRIMARY KEY, price numeric)"))
            session.execute(text("CREATE TABLE sale (folio text PRIMARY KEY, price numeric, total numeric)"))
            session.execute(text("INSERT INTO plate VALUES (1, 100)"))
        with redis_server("order_redis") as redis:
            environment.setenv("ORDER_TEST_DATABASE", base.url)
            environment.setenv("ORDER_TEST_REDIS", redis.url)
            module.write("order_jobs", JOBS)
            module.write("order_app", APP)
            with (
                workers(2, "cocina", redis=redis, name="order_workers") as cooks,
                replicas("order_app:app", 2, name="order_replicas") as kitchens,
                gateway(kitchens, name="order_door") as door,
            ):
                yield SimpleNamespace(url=door.url, engine=engine, workers=cooks)
        engine.dispose()
    collector.close()


def test_one_order_is_one_trace_from_the_cell_to_the_last_commit(restaurant: SimpleNamespace) -> None:
    for number in range(
        5
    ):  # by both replicas and whichever worker is free: the tree does not tell them apart
        with xray("un pedido", wait=10) as trace:
            requests.post(f"{restaurant.url}/sales/F{number}", params={"dish_id": 1})
        assert trace.tree() == TREE.format(folio=f"F{number}", price=HIT if number else MISS)
        assert not trace.gave_up
    with restaurant.engine.connect() as session:
        assert session.execute(text("SELECT total FROM sale")).scalars().all() == [116] * 5


def test_the_diagram_has_everybody_in_the_order_of_the_story(restaurant: SimpleNamespace) -> None:
    with xray("un pedido", wait=10) as trace:
        requests.post(f"{restaurant.url}/sales/G1", params={"dish_id": 1})
    people = [line.partition(" as ")[2] for line in trace.mermaid().splitlines() if " as " in line]
    stores = ["redis", "base de datos", "cola", "trabajador"]
    assert people == ["este cuaderno", "order_door", "La Comanda", *stores]


def test_an_order_while_the_workers_are_dead_says_that_it_goes_on(restaurant: SimpleNamespace) -> None:
    restaurant.workers.kill()
    with xray("un pedido", wait=1) as trace:
        requests.post(f"{restaurant.url}/sales/H1", params={"dish_id": 1})
    restaurant.workers.recover()
    assert trace.gave_up
    assert trace.tree().endswith("(se dejó de esperar tras 1 s: algo de esta traza seguía en marcha)")

"""What an X-ray adds to a request that reads and writes the database."""

from collections.abc import Iterator
from statistics import median

import requests
from fastapi import FastAPI

from tests.benchmarks.requests_a_second import p50_milliseconds
from tests.benchmarks.row import Row, at_most
from workshop import serve, xray
from workshop.restaurant import menu_database, menu_routes

BLOCKS = 8
REQUESTS = 60


def measure() -> Iterator[Row]:
    menu_database(10)
    app = FastAPI()
    app.include_router(menu_routes())
    with serve(app) as api, requests.Session() as client:

        def ask() -> None:
            client.get(f"{api.url}/dishes", params={"limit": 5}, timeout=5)

        def plain() -> float:
            return p50_milliseconds(ask, REQUESTS)

        def traced() -> float:
            with xray("medida"):
                return p50_milliseconds(ask, REQUESTS)

        traced()  # the first one installs the instruments
        pairs = [(plain(), traced()) for _ in range(BLOCKS)]
    without, with_xray = (median(column) for column in zip(*pairs, strict=True))
    what = f"rayos X: p50 de {without:.2f} a {with_xray:.2f} ms"
    yield at_most(what, 100 * (with_xray / without - 1), 25, "%")

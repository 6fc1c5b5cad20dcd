"""How soon `serve(app)` is ready, and how many requests a swap refuses."""

import threading
import time
from collections.abc import Iterator
from statistics import median

import requests
from fastapi import FastAPI

from tests.benchmarks.row import Row, at_most
from workshop import serve

STARTS = 15
SWAPS = 25


def saying(word: str) -> FastAPI:
    app = FastAPI()
    app.get("/word")(lambda: word)
    return app


def ready_milliseconds() -> float:
    app = saying("hola")
    taken = []
    for _ in range(STARTS):
        began = time.perf_counter()
        api = serve(app)
        taken.append(1000 * (time.perf_counter() - began))
        api.stop()
    return median(taken)


def refused_during_swaps() -> tuple[int, int]:
    app = saying("0")
    api = serve(app)
    asked, refused, enough = [], [], threading.Event()

    def keep_asking() -> None:
        while not enough.is_set():
            try:
                asked.append(requests.get(f"{api.url}/word", timeout=5).json())
            except requests.RequestException as failure:
                refused.append(failure)

    client = threading.Thread(target=keep_asking)
    client.start()
    for version in range(1, SWAPS + 1):
        app = saying(str(version))
        serve(app)
        seen = len(asked)
        while len(asked) < seen + 5 and not refused:
            time.sleep(0.001)
    enough.set()
    client.join()
    api.stop()
    return len(refused), len(asked)


def measure() -> Iterator[Row]:
    yield at_most(f"serve(app) listo (mediana de {STARTS})", ready_milliseconds(), 60, "ms")
    refused, asked = refused_during_swaps()
    yield at_most(f"peticiones rechazadas en {SWAPS} cambios de app (de {asked})", refused, 0, "")

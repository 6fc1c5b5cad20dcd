"""What it costs to listen to the wire, and to open a TLS door."""

import http.client
import time
from collections.abc import Callable, Iterator
from statistics import median

import trustme
from fastapi import FastAPI

from tests.benchmarks.row import Row, at_most
from workshop import raw_server, serve, status_explorer, stop_all, tls_front
from workshop.services.wire.tap import Tap

REQUESTS = 400
STARTS = 9

app = FastAPI()


@app.get("/dish")
async def read_dish() -> dict[str, object]:
    return {"name": "Mole poblano", "price": 180}


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def median_request(port: int) -> float:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)

    def ask() -> None:
        client.request("GET", "/dish")
        client.getresponse().read()

    taken = [milliseconds(ask) for _ in range(REQUESTS)]
    client.close()
    return median(taken)


def measure() -> Iterator[Row]:
    try:
        api = serve(app, name="bench-cable")
        with Tap(api, name="bench-oido") as ear:
            median_request(ear.port)  # warm
            added = [median_request(ear.port) - median_request(api.port) for _ in range(5)]
        yield at_most("lo que un oído en el cable agrega a cada petición", median(added), 1, "ms", 2)
        ready = [milliseconds(Tap(api, name=f"bench-oido-{n}").start) for n in range(STARTS)]
        yield at_most(f"oído listo (mediana de {STARTS})", median(ready), 50, "ms", 1)
        certificate = trustme.CA().issue_cert("localhost")
        doors = [milliseconds(lambda n=n: tls_front(api, certificate, f"puerta-{n}")) for n in range(STARTS)]
        yield at_most(f"puerta con TLS lista (mediana de {STARTS})", median(doors), 50, "ms", 1)
        hands = [milliseconds(lambda n=n: raw_server(lambda wire: None, f"mano-{n}")) for n in range(STARTS)]
        yield at_most(f"servidor a mano listo (mediana de {STARTS})", median(hands), 50, "ms", 1)
        explorer = status_explorer()
        every = milliseconds(lambda: [explorer.ask(code) for code in explorer.codes])
        yield at_most("pedir de verdad todos los códigos de estado", every, 2000, "ms")
    finally:
        stop_all()

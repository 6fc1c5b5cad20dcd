"""How soon replicas and a gateway are ready, and whom their changes disturb."""

import time
from collections.abc import Callable, Iterator
from statistics import median

from tests.benchmarks.row import Row, at_most
from workshop import gateway, replicas, stop_all
from workshop.services import module, nursery
from workshop.services.apps.replica_group import ReplicaSet
from workshop.services.gateway.gateway import Gateway
from workshop.services.load.run import LoadRun
from workshop.xray import collector

APP = """
from fastapi import FastAPI

app = FastAPI()

@app.get("/dish")
async def read_dish() -> dict[str, object]:
    return {"name": "Mole poblano", "price": 180}
"""
STARTS = 5
WARM_SECONDS = 6  # what a learner takes, at least, from the module's cell to the one that asks for replicas


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure() -> Iterator[Row]:
    try:
        yield from _measure()
    finally:
        stop_all()
        collector.close()


def _measure() -> Iterator[Row]:
    module.write("bench_kitchen", APP)
    yield at_most("4 réplicas listas, la primera vez y en frío", _first(warm=False), 3, "s", 2)
    yield at_most("4 réplicas listas, la primera vez", _first(warm=True), 1, "s", 2)
    kitchen = replicas("bench_kitchen:app", 4)
    yield at_most(f"4 réplicas listas (mediana de {STARTS})", _again(kitchen), 1, "s", 2)
    gate = gateway(kitchen)
    yield at_most(f"gateway listo (mediana de {STARTS})", _again(gate), 0.3, "s", 2)
    yield _disturbed(kitchen, gate)


def _first(warm: bool) -> float:
    nursery.close()
    if warm:
        nursery.warm()
        time.sleep(WARM_SECONDS)
    taken = seconds(lambda: replicas("bench_kitchen:app", 4))
    stop_all()
    return taken


def _again(service: ReplicaSet | Gateway) -> float:
    taken = []
    for _ in range(STARTS):
        service.stop()
        taken.append(seconds(service.start))
    return median(taken)


def _disturbed(kitchen: ReplicaSet, gate: Gateway) -> Row:
    asking = LoadRun(f"{gate.url}/dish", 10, 60).start()
    for n in (2, 4, 3, 1, 4):
        kitchen.scale(n)
        gate.policy("random").policy("round_robin")
    kitchen.restart()
    result = asking.stop()
    what = f"peticiones fallidas en 15 cambios y un relevo (de {result.done})"
    return at_most(what, result.failed, 0, "")

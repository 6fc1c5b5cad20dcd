"""How soon Redis is ready, and how soon it is back after it is killed."""

import time
from collections.abc import Callable, Iterator
from statistics import median

from tests.benchmarks.row import Row, at_most
from workshop.services.redis.server import RedisServer

TIMES = 15


def milliseconds(action: Callable[[], object], after: Callable[[], object]) -> float:
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        action()
        taken.append(1000 * (time.perf_counter() - began))
        after()
    return median(taken)


def measure() -> Iterator[Row]:
    server = RedisServer("medida")
    yield at_most(f"Redis listo (mediana de {TIMES})", milliseconds(server.start, server.stop), 150, "ms")
    with server.start():
        server.kill()
        recovering = milliseconds(server.recover, server.kill)
    yield at_most(f"Redis recuperado tras kill (mediana de {TIMES})", recovering, 150, "ms")

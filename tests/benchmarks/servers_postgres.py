"""How soon PostgreSQL and a cluster of three are ready in a new kernel, and how soon another is promoted."""

import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from tests.benchmarks.row import Row, at_most

TIMES = 7
# In a kernel of its own each time, since the first server of each one is what a learner waits for.
START = """
import time
from workshop import postgres, postgres_cluster
began = time.perf_counter()
server = {maker}()
print(time.perf_counter() - began)
server.stop()
"""
FAILOVER = """
import time
from workshop import postgres_cluster
cluster = postgres_cluster()
with cluster.connect() as connection:
    connection.execute("CREATE TABLE orders (id int)")
former = cluster.primary.kill()
began = time.perf_counter()
cluster.promote()
with cluster.connect() as connection:
    connection.execute("INSERT INTO orders VALUES (1)")
promoted = time.perf_counter()
cluster.rejoin(former)
print(promoted - began, time.perf_counter() - promoted)
"""


def seconds(code: str) -> list[float]:
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return [float(figure) for figure in said.split()]


def measure() -> Iterator[Row]:
    for what, maker, limit in (
        ("PostgreSQL", "postgres", 0.5),
        ("PostgreSQL con dos réplicas", "postgres_cluster", 1.5),
    ):
        code = START.format(maker=maker)
        seconds(code)  # the first-ever one makes the template
        taken = median(seconds(code)[0] for _ in range(TIMES))
        yield at_most(f"{what}: en marcha (mediana de {TIMES})", taken, limit, "s", 2)
    promoted, rejoined = (
        median(column) for column in zip(*(seconds(FAILOVER) for _ in range(3)), strict=True)
    )
    yield at_most("muere el primario: otro ascendido y escribiendo", promoted, 1, "s", 2)
    yield at_most("el primario anterior, de vuelta como réplica", rejoined, 1.5, "s", 2)

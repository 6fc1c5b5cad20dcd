"""`make bench`: the bar's rows, measured now on this machine, each beside its target."""

import sys
from collections.abc import Callable, Iterator

from tests.benchmarks import (
    kernels,
    package,
    requests_a_second,
    servers_postgres,
    servers_redis,
    servers_replicas,
    servers_workers,
    serving,
    wire,
    xrays,
)
from tests.benchmarks.row import Row

MEASURES: tuple[Callable[[], Iterator[Row]], ...] = (
    package.measure,
    serving.measure,
    requests_a_second.measure,
    wire.measure,
    xrays.measure,
    servers_redis.measure,
    servers_postgres.measure,
    servers_replicas.measure,
    servers_workers.measure,
    kernels.measure,
)


def main() -> None:
    print(f"{'medida':62} {'aquí':>12} {'meta':>12}")
    rows = 0
    for measure in MEASURES:
        for row in measure():
            rows += 1
            print(
                f"{row.what:62} {row.measured:>12} {row.target:>12}  {'✓' if row.met else '✗ no cumple'}",
                flush=True,
            )
    print(f"{rows} medidas")


if __name__ == "__main__":
    sys.exit(main())

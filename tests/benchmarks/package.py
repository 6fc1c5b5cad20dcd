"""What `import workshop` costs over a bare interpreter."""

import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median

from tests.benchmarks.row import Row, at_most

TIMES = 9


def seconds(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - began


def measure() -> Iterator[Row]:
    # In turns, so that the machine's moods fall on both alike.
    pairs = [(seconds("pass"), seconds("import workshop")) for _ in range(TIMES)]
    bare, full = (median(column) for column in zip(*pairs, strict=True))
    yield at_most("import workshop, sobre un intérprete vacío", full - bare, 0.3, "s", 2)

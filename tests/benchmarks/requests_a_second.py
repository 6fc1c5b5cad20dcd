"""The same app inside the kernel and under the `uvicorn` command: same client, same run."""

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import requests

from tests.benchmarks.row import Row, at_most
from workshop import serve

APP = """
from fastapi import FastAPI
app = FastAPI()

@app.get("/dish")
def read_dish() -> dict[str, object]:
    return {"name": "Mole poblano", "price": 180}
"""
BLOCKS = 8
REQUESTS = 150
READY_SECONDS = 30


def p50_milliseconds(ask: Callable[[], object], count: int = REQUESTS) -> float:
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - began))
    return median(taken)


@contextmanager
def under_uvicorn_command(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "bench_app:app",
        "--port",
        str(port),
        "--app-dir",
        str(folder),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            await_answer(f"http://127.0.0.1:{port}/dish")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def await_answer(url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            requests.get(url, timeout=5)
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def measure() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "bench_app.py").write_text(APP, "utf-8")
        namespace: dict[str, object] = {}
        exec(compile(APP, "bench_app.py", "exec"), namespace)
        with (
            under_uvicorn_command(Path(place)) as outside,
            serve(namespace["app"], "bench") as inside,
            requests.Session() as here,
            requests.Session() as there,
        ):
            pairs = [
                (
                    p50_milliseconds(lambda: here.get(f"{inside.url}/dish", timeout=5)),
                    p50_milliseconds(lambda: there.get(f"{outside}/dish", timeout=5)),
                )
                for _ in range(BLOCKS)
            ]
    kernel, command = (median(column) for column in zip(*pairs, strict=True))
    what = f"p50 en el kernel ({kernel:.2f} ms) frente al comando uvicorn ({command:.2f} ms)"
    yield at_most(what, kernel / command, 1.3, "veces", 2)

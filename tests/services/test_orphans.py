"""Nothing outlives its kernel, however it dies. Real kernels, real children, real SIGKILL."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

from workshop.services import home

START = """
from fastapi import FastAPI
from workshop import redis_server, running, serve, stop_all
from workshop.services import guard, home

app = FastAPI()

@app.get("/word")
def read_word():
    return "hola"

api = serve(app)
redis = redis_server()
"""
REPORT = "print(api.port, redis.pid, guard.shared().pid, home.workdir())"
GONE_SECONDS = 10  # a generous deadline: the benchmark prints the real figure beside its target


class Kernel:
    """A real ipykernel, driven as Jupyter does."""

    def __init__(self, **environment: str) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(env={**os.environ, **environment})
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()

    def ready(self) -> "Kernel":
        """The same one, once it attends: several are born at once and awaited afterwards."""
        self.client.wait_for_ready(timeout=60)
        return self

    def run(self, code: str) -> str:
        said: list[str] = []
        reply = self.client.execute_interactive(
            textwrap.dedent(code), timeout=60, output_hook=lambda message: said.append(_text(message))
        )
        assert reply["content"]["status"] == "ok", "".join(said)
        return "".join(said)

    def report(self) -> tuple[int, list[int], Path]:
        port, redis, guard, folder = self.run(REPORT).split()
        return int(port), [int(redis), int(guard)], Path(folder)

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def _text(message: dict) -> str:
    content = message["content"]
    return content.get("text", "") + "\n".join(content.get("traceback", []))


@pytest.fixture(scope="module")
def kernels() -> Iterator[list[Kernel]]:
    """Born at once, which takes less than one by one: the first one lasts, and the others are ended."""
    born = [Kernel() for _ in range(3)]
    yield born
    for kernel in born:
        kernel.close()


@pytest.fixture
def kernel(kernels: list[Kernel]) -> Kernel:
    """The one that lasts, with everything in motion whatever the test before did to it."""
    kernels[0].ready().run(START)
    return kernels[0]


@pytest.fixture(scope="module")
def others(kernels: list[Kernel]) -> Iterator[Kernel]:
    return iter(kernels[1:])


@pytest.fixture
def ending(others: Iterator[Kernel]) -> Kernel:
    """Another with everything in motion, that the test ends in its own way."""
    one = next(others).ready()
    one.run(START)
    return one


def assert_gone(pids: list[int], folder: Path, port: int) -> None:
    """Await the end of the processes; then the folder is gone and the port refuses."""
    still = psutil.wait_procs([p for p in map(_process, pids) if p], timeout=GONE_SECONDS)[1]
    assert still == []
    assert not folder.exists()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{port}/word", timeout=5)


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


def test_a_kernel_killed_with_sigkill_leaves_nothing_and_does_not_disturb_another(kernel, ending):
    (port, pids, folder), (other_port, other_pids, other_folder) = ending.report(), kernel.report()
    assert all(map(psutil.pid_exists, pids))
    assert folder.exists()
    assert port != other_port
    assert folder != other_folder
    ending.manager.signal_kernel(signal.SIGKILL)
    assert_gone(pids, folder, port)
    assert all(map(psutil.pid_exists, other_pids))
    assert other_folder.exists()
    assert requests.get(f"http://127.0.0.1:{other_port}/word", timeout=5).ok


def test_an_orderly_shutdown_leaves_nothing(ending):
    port, pids, folder = ending.report()
    ending.manager.shutdown_kernel()
    assert_gone(pids, folder, port)


def test_interrupting_a_cell_leaves_its_services_attending(kernel):
    port, pids, _ = kernel.report()
    kernel.client.execute("import threading; print('esperando', flush=True); threading.Event().wait()")
    while "esperando" not in _text(kernel.client.get_iopub_msg(timeout=30)):
        pass
    kernel.manager.interrupt_kernel()
    kernel.client.get_shell_msg(timeout=30)
    assert requests.get(f"http://127.0.0.1:{port}/word", timeout=5).json() == "hola"
    assert kernel.run("print(redis.client().ping())").strip() == "True"
    assert all(map(psutil.pid_exists, pids))


def test_running_a_cell_twice_keeps_one_of_each(kernel):
    before = kernel.report()
    kernel.run(START)
    assert kernel.report() == before
    assert kernel.run("print(len(running()))").strip() == "2"
    assert kernel.run("print(stop_all()); print(running())").splitlines() == [
        "Detenido: app, redis.",
        "No hay nada en marcha.",
    ]


def test_a_restarted_kernel_leaves_nothing_and_starts_again(kernel):
    port, pids, folder = kernel.report()
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=60)
    assert_gone(pids, folder, port)
    kernel.run(START)
    assert kernel.run("import requests; print(requests.get(f'{api.url}/word').json())").strip() == "hola"


def test_a_folder_that_its_guard_could_not_remove_is_swept_at_the_next_start(tmp_path):
    script = """
        import os, signal
        from workshop.services import guard, home
        folder = home.workdir()
        os.kill(guard.shared().pid, signal.SIGKILL)
        print(folder, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False
    )
    folder = Path(run.stdout.strip())
    assert folder.is_dir(), run.stderr
    assert folder in home.sweep()
    assert not folder.exists()


def test_a_living_kernels_folder_is_private_and_never_swept():
    folder = home.workdir()
    assert folder not in home.sweep()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert home.base().stat().st_mode & 0o777 == 0o700

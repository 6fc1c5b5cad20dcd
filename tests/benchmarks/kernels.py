"""Kernels: what is left after SIGKILL, what a learner occupies, and how long each chapter takes."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient

from tests.benchmarks.row import Row, at_most
from tests.services.test_orphans import GONE_SECONDS, START, Kernel

SOLVED = Path(__file__).parents[2] / "notebooks" / "soluciones"


def measure() -> Iterator[Row]:
    yield orphans()
    for notebook in sorted(SOLVED.glob("*.ipynb")):
        yield memory(notebook)
        yield seconds(notebook)


def orphans() -> Row:
    kernel = Kernel()
    kernel.run(START)
    _, pids, _ = kernel.report()
    children = [psutil.Process(pid) for pid in pids]
    began = time.perf_counter()
    kernel.manager.signal_kernel(signal.SIGKILL)
    left = psutil.wait_procs(children, timeout=GONE_SECONDS)[1]
    taken = time.perf_counter() - began
    kernel.close()
    return at_most(f"huérfanos tras SIGKILL: {len(left)}; el último se fue en", taken, 2, "s", 2)


def memory(notebook: Path) -> Row:
    """Every cell but the last one, which stops everything; then the kernel and its children."""
    content = nbformat.read(notebook, as_version=4)
    content.cells = [cell for cell in content.cells if cell.cell_type == "code"][:-1]
    client = NotebookClient(content, resources={"metadata": {"path": str(notebook.parent)}})
    occupied = asyncio.run(_occupied_after_running(client))
    return at_most(f"memoria del kernel y sus procesos, {notebook.stem}", occupied, 350, "MB")


async def _occupied_after_running(client: NotebookClient) -> float:
    async with client.async_setup_kernel():
        for index, cell in enumerate(client.nb.cells):
            await client.async_execute_cell(cell, index)
        kernel = psutil.Process(client.km.provisioner.process.pid)
        family = [kernel, *kernel.children(recursive=True)]
        return sum(process.memory_full_info().uss for process in family) / 2**20


def seconds(notebook: Path) -> Row:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--nbval",
        "--nbval-current-env",
    ]
    began = time.perf_counter()
    subprocess.run([*command, str(notebook)], check=True, stdout=subprocess.DEVNULL)
    return at_most(f"nbval estricto, {notebook.stem}", time.perf_counter() - began, 15, "s", 1)

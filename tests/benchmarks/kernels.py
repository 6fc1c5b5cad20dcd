"""Kernels: what is left after SIGKILL, what a learner occupies, and how long each chapter takes."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient

from tests.benchmarks.row import Row, at_most
from tests.services.test_everything import Busy, start_everything
from tests.services.test_orphans import GONE_SECONDS

SOLVED = Path(__file__).parents[2] / "notebooks" / "soluciones"


def measure() -> Iterator[Row]:
    yield orphans()
    for notebook in sorted(SOLVED.glob("*.ipynb")):
        yield memory(notebook)
        yield seconds(notebook)


def orphans() -> Row:
    busy = Busy("mole")
    start_everything([busy])
    left = family = busy.family()
    began = time.perf_counter()
    busy.kill()
    while left and time.perf_counter() - began < GONE_SECONDS:
        left = {one for one in left if _alive(one)}
        time.sleep(0.01)
    taken = time.perf_counter() - began
    busy.kernel.close()
    what = f"huérfanos tras SIGKILL, de {len(family)} procesos: {len(left)}; el último se fue en"
    return at_most(what, taken, 2, "s", 2)


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


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

"""Five kernels at once, each with everything running: they do not meet and leave nothing behind."""

import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from tests.services.test_orphans import GONE_SECONDS, Kernel, _text

MARK = "COMANDA_TEST_KERNEL"  # inherited by whatever a kernel starts, also by what another process adopted
WORDS = ("mole", "pozole", "tamal", "atole", "chile")

IMPORTS = """
import os

import requests
from fastapi import FastAPI
from rq.job import Job
from workshop import (
    gateway, postgres, postgres_cluster, redis_server, replicas, serve, wait_for, workers
)
from workshop.services import home
"""
MODULE = """\
%%module whole_orders
import os

import psycopg
from fastapi import FastAPI
from rq import Queue
from workshop import redis_server

app = FastAPI()

@app.post("/orders/{dish}")
def order(dish: str) -> str:
    redis = redis_server()
    redis.client().set(f"dish:{dish}", "pedido")
    return Queue("cocina", connection=redis.connection()).enqueue("whole_orders.cook", dish).id

def cook(dish: str) -> None:
    with psycopg.connect(os.environ["STORE"]) as store:
        store.execute("INSERT INTO cooked VALUES (%s)", [dish])
"""
EVERYTHING = """\
redis, store, cluster = redis_server(), postgres(), postgres_cluster(standbys=1)
os.environ["STORE"] = store.conninfo
for base in (store, cluster):
    with base.connect() as connection:
        connection.execute("CREATE TABLE cooked (dish text)")
pool, kitchen = workers(2, "cocina", redis=redis), replicas("whole_orders:app", 2)
door, app = gateway(kitchen), FastAPI()

@app.get("/cooked")
def cooked():
    with store.connect() as one:
        return [dish for (dish,) in one.execute("SELECT dish FROM cooked")]

api = serve(app)
print(home.workdir(), home.datadir())
"""
ORDER = """
placed = requests.post(f"{door.url}/orders/<word>", timeout=10).json()
wait_for(Job.fetch(placed, connection=redis.connection()))
with cluster.connect() as primary:
    primary.execute("INSERT INTO cooked VALUES ('<word>')")
    in_cluster = [dish for (dish,) in primary.execute("SELECT dish FROM cooked")]
in_store = requests.get(f"{api.url}/cooked", timeout=10).json()
print(*{*in_store, *in_cluster, *[key.partition(":")[2] for key in redis.client().keys("dish:*")]})
"""
BREAK = """
redis.freeze(), store.freeze(), cluster.standbys[0].freeze(), cluster.primary.kill()
pool.members[0].freeze(), kitchen.members[0].freeze(), kitchen.members[1].cut(), door.slow(500), api.cut()
"""


class Busy:
    """A kernel with everything running, and how to find whatever it started."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.mark = uuid4().hex
        self.kernel = Kernel(**{MARK: self.mark})  # awaited by `start_everything`
        self._asked = ""

    def ask(self, code: str) -> None:
        """Leaves it working, and does not wait."""
        self._asked = self.kernel.client.execute(code.replace("<word>", self.word))

    def hear(self) -> str:
        """What it printed in answer to the last that was asked."""
        said: list[str] = []
        while True:
            message = self.kernel.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") == self._asked:
                said.append(_text(message))
                if message["content"].get("execution_state") == "idle":
                    break
        reply = self.kernel.client.get_shell_msg(timeout=60)
        assert reply["content"]["status"] == "ok", "".join(said)
        return "".join(said)

    def family(self) -> set[psutil.Process]:
        """Whatever it started that still lives; PostgreSQL writes its state over its environment."""
        marked = {one for one in psutil.process_iter() if self._started(one)}
        return marked.union(*(one.children(recursive=True) for one in marked))

    def _started(self, one: psutil.Process) -> bool:
        with suppress(psutil.Error, OSError):
            return one.environ().get(MARK) == self.mark
        return False

    def kill(self) -> None:
        self.kernel.manager.signal_kernel(signal.SIGKILL)


def at_once(kernels: list[Busy], code: str) -> list[str]:
    """What each one says of the same code, all working at the same time."""
    for one in kernels:
        one.ask(code)
    return [one.hear().strip() for one in kernels]


def start_everything(kernels: list[Busy]) -> list[list[str]]:
    """Puts everything in motion in each one; returns each one's temporary folders."""
    for one in kernels:
        one.kernel.ready()
    at_once(kernels, IMPORTS)
    at_once(kernels, MODULE)
    return [line.split() for line in at_once(kernels, EVERYTHING)]


@pytest.fixture
def five() -> Iterator[list[Busy]]:
    kernels: list[Busy] = []
    try:
        kernels += (Busy(word) for word in WORDS)
        yield kernels
    finally:
        for one in kernels:
            one.kernel.close()


def assert_all_gone(kernels: list[Busy], folders: list[str]) -> None:
    """After SIGKILL: each process, adopted ones too, and each folder."""
    families = set().union(*(one.family() for one in kernels))
    assert len(families) > 10 * len(kernels)
    for one in kernels:
        one.kill()
    assert psutil.wait_procs(families, timeout=GONE_SECONDS)[1] == []
    assert set().union(*(one.family() for one in kernels)) == set()
    assert [folder for folder in folders if Path(folder).exists()] == []


def test_kernels_with_everything_running_do_not_meet_and_leave_nothing(five):
    folders = start_everything(five)
    assert len({folder for own in folders for folder in own}) == 2 * len(five)
    assert at_once(five, ORDER) == list(WORDS)

    at_once(five[:1], BREAK)
    assert_all_gone(five[:1], folders[0])
    assert at_once(five[1:], ORDER) == list(WORDS[1:]), "what was left of one kernel disturbed the others"

    assert_all_gone(five[1:], [folder for own in folders[1:] for folder in own])

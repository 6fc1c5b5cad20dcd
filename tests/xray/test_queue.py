"""The queue in the trace: who enqueued, and what another process did for it."""

from collections.abc import Iterator
from contextvars import Context
from datetime import timedelta
from pathlib import Path
from time import sleep
from types import SimpleNamespace

import pytest
from rq import Queue, Retry
from rq.job import Job

from workshop import redis_server, workers, xray
from workshop.services import module
from workshop.services.queues.state import queue_state
from workshop.xray import collector

JOBS = """
import time
from pathlib import Path

import sqlalchemy
from rq import Queue, get_current_job

def invoice(database, order):
    engine = sqlalchemy.create_engine(database)
    with engine.begin() as session:
        session.execute(sqlalchemy.text("SELECT 1"))
    engine.dispose()
    return order

def burn():
    total = 1
    raise ValueError("se acabó el mole")

def forgive(path):
    first = not Path(path).exists()
    Path(path).touch()
    if first:
        raise OSError("horno apagado")

def hurry(path):
    "Lasts while the file is not there."
    while not Path(path).exists():
        time.sleep(0.01)

def hand_over():
    Queue("postres", connection=get_current_job().connection).enqueue("xray_jobs.sweeten")

def sweeten():
    pass

def bake():
    time.sleep(0.4)
"""


@pytest.fixture(scope="module")
def rail() -> Iterator[SimpleNamespace]:
    with redis_server("redis_xray_queue") as redis, redis.connection() as connection:
        jobs = module.write("xray_jobs", JOBS)
        with workers(2, ["xray", "postres"], redis=redis, name="xray_workers") as pool:
            queue = Queue("xray", connection=connection)
            yield SimpleNamespace(queue=queue, jobs=jobs, pool=pool, connection=connection)
    collector.close()


def test_the_sql_of_a_job_hangs_from_who_enqueued_it(rail: SimpleNamespace, tmp_path: Path) -> None:
    trees = set()
    for order in range(3):
        with xray("una factura") as trace:
            rail.queue.enqueue(rail.jobs.invoice, f"sqlite:///{tmp_path}/orders.db", order)
        trees.add(trace.tree())
    assert trees == {
        """\
una factura
└─ cola · enqueue xray_jobs.invoice
   └─ trabajo · xray_jobs.invoice
      ├─ sql · BEGIN
      ├─ sql · SELECT 1
      └─ sql · COMMIT"""
    }
    assert not trace.gave_up
    assert trace.sql == ["BEGIN", "SELECT 1", "COMMIT"]


def test_a_job_that_fails_names_its_line(rail: SimpleNamespace) -> None:
    with xray("sin mole") as trace:
        rail.queue.enqueue(rail.jobs.burn)
    line = JOBS.splitlines().index('    raise ValueError("se acabó el mole")') + 1
    assert trace.error == f"ValueError en burn, línea {line} de xray_jobs.py"
    assert not trace.gave_up


def test_a_retry_is_awaited_and_told_after_what_failed(rail: SimpleNamespace, tmp_path: Path) -> None:
    with xray("a la segunda", wait=10) as trace:
        rail.queue.enqueue(rail.jobs.forgive, str(tmp_path / "first"), retry=Retry(max=3, interval=1))
    first, second = (line.strip() for line in trace.tree().splitlines()[2:])
    assert first.startswith("├─ trabajo · xray_jobs.forgive ✗ OSError en forgive")
    assert second == "└─ trabajo · xray_jobs.forgive (intento 2)"


def test_several_at_once_hang_from_one_and_are_all_awaited(rail: SimpleNamespace) -> None:
    with xray("muchos", wait=10) as trace:
        rail.queue.enqueue_many([Queue.prepare_data(rail.jobs.bake) for _ in range(3)])
    assert [line.strip("│├└─ ") for line in trace.tree().splitlines()[1:]] == [
        "cola · enqueue_many × 3",
        *["trabajo · xray_jobs.bake"] * 3,
    ]


def test_what_a_job_enqueues_is_awaited_too(rail: SimpleNamespace) -> None:
    with xray("de mano en mano") as trace:
        rail.queue.enqueue(rail.jobs.hand_over)
    assert (
        trace.tree()
        == """\
de mano en mano
└─ cola · enqueue xray_jobs.hand_over
   └─ trabajo · xray_jobs.hand_over
      └─ cola · enqueue xray_jobs.sweeten
         └─ trabajo · xray_jobs.sweeten"""
    )


def test_a_job_that_outlasts_the_wait_is_said_to_go_on(rail: SimpleNamespace, tmp_path: Path) -> None:
    enough = tmp_path / "enough"
    with xray("sin fin", wait=0.3) as trace:
        rail.queue.enqueue(rail.jobs.hurry, str(enough))
    enough.touch()
    assert trace.gave_up
    assert (
        trace.tree()
        == """\
sin fin
├─ cola · enqueue xray_jobs.hurry
└─ (se dejó de esperar tras 0.3 s: algo de esta traza seguía en marcha)"""
    )


def test_nobody_waits_for_what_was_put_off(rail: SimpleNamespace) -> None:
    with xray("para luego", wait=30) as trace:
        rail.queue.enqueue_in(timedelta(hours=1), rail.jobs.sweeten)
    assert trace.tree() == "para luego\n└─ cola · enqueue xray_jobs.sweeten"
    assert not trace.gave_up


def who_cooks(rail: SimpleNamespace, job_id: str) -> str | None:
    while True:
        for job in queue_state(rail.connection, "xray").started:
            if job.id == job_id and job.attempts:
                return job.worker
        sleep(0.01)


def test_the_second_worker_takes_over_in_the_same_trace(rail: SimpleNamespace, tmp_path: Path) -> None:
    enough = tmp_path / "enough"
    with xray("relevo", wait=20) as trace:
        job = rail.queue.enqueue(rail.jobs.hurry, str(enough), retry=Retry(max=1))
        # In a context of its own: to look for who took it is no part of the story.
        cook = Context().run(who_cooks, rail, job.id)
        next(worker for worker in rail.pool.members if worker.name == cook).kill()
        enough.touch()
    rail.pool.recover()
    assert (
        trace.tree()
        == """\
relevo
└─ cola · enqueue xray_jobs.hurry
   └─ trabajo · xray_jobs.hurry (intento 2)"""
    )


def test_a_job_enqueued_without_an_xray_carries_nothing(rail: SimpleNamespace) -> None:
    job: Job = rail.queue.enqueue(rail.jobs.sweeten)
    assert Job.fetch(job.id, connection=rail.connection).meta == {}


def test_the_diagram_goes_through_the_queue_to_the_worker(rail: SimpleNamespace) -> None:
    with xray("un postre") as trace:
        rail.queue.enqueue(rail.jobs.sweeten)
    told = [line.strip() for line in trace.mermaid().splitlines()]
    assert told[-3:] == [
        "p0->>p1: enqueue xray_jobs.sweeten",
        "p1->>p2: xray_jobs.sweeten",
        "p2-->>p1: hecho",
    ]
    assert "participant p1 as cola" in told
    assert "participant p2 as trabajador" in told


def test_the_waterfall_says_that_nobody_waits_for_a_queued_job(rail: SimpleNamespace) -> None:
    with xray("un postre") as trace:
        rail.queue.enqueue(rail.jobs.sweeten)
    assert "quien lo encoló no lo espera" in trace.view().bars.value
    with xray("sin cola") as trace:
        rail.connection.get("menu")
    assert "quien lo encoló" not in trace.view().bars.value

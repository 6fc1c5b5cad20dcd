"""The state of the queues, read from real jobs; and what is refused before it is enqueued."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from time import monotonic, sleep
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from rq import Queue, Retry
from rq.job import Job

from tests.services.rail_kitchen import rail_kitchen
from workshop import redis_server, wait_for, workers
from workshop.services.errors import ServiceError
from workshop.services.queues import tickets
from workshop.services.queues.failures import reason
from workshop.services.queues.reader import LISTED
from workshop.services.queues.state import queue_state

JOBS = """
import time
from pathlib import Path
from rq import get_current_job

def plate(*args, **named):
    return args

def bake(until):
    job = get_current_job()
    job.meta["progress"] = 40
    job.save_meta()
    while not Path(until).exists():
        time.sleep(0.01)

def burn():
    raise ValueError("se acabó el mole")

def outer():
    def inner():
        pass
    return inner

class Order:
    pass
"""


@pytest.fixture(scope="module")
def rail() -> Iterator[SimpleNamespace]:
    tickets.check_when_enqueued()
    with rail_kitchen("redis_queues", "rail_jobs", JOBS, queue="riel") as made:
        yield made


@pytest.fixture(autouse=True)
def empty(rail: SimpleNamespace) -> None:
    rail.connection.flushdb()


def until(rail: SimpleNamespace, state: str, count: int) -> None:
    deadline = monotonic() + 20
    while queue_state(rail.connection, "riel").counts[state] != count:
        assert monotonic() < deadline, f"{count} {state} were expected"
        sleep(0.01)


def test_jobs_are_told_by_state_with_who_cooks_what(rail: SimpleNamespace, tmp_path: Any) -> None:
    enough = tmp_path / "enough"
    rail.queue.enqueue(rail.jobs.plate, "mole", salt=1)
    rail.queue.enqueue(rail.jobs.burn, retry=Retry(max=1))
    later = rail.queue.enqueue_in(timedelta(hours=1), rail.jobs.plate)
    before = queue_state(rail.redis, "riel")
    assert [job.attempts for job in before.queued] == [0, 0]
    assert before.workers == ()
    with workers(1, "riel", redis=rail.redis, name="cooks"):
        until(rail, "failed", 1)
        baking = rail.queue.enqueue(rail.jobs.bake, str(enough))
        waiting = rail.queue.enqueue(rail.jobs.plate, job_id="folio-7")
        until(rail, "started", 1)
        while queue_state(rail.connection, "riel").started[0].progress is None:
            sleep(0.01)
        state = queue_state(rail.connection, ["riel"])
        enough.touch()
    assert state.counts == {"queued": 1, "scheduled": 1, "started": 1, "finished": 1, "failed": 1}
    assert state.pending == 3
    assert repr(state) == "riel · en espera 1, aplazados 1, en marcha 1, hechos 1, fallidos 1"
    ((queued,), (scheduled,), (started,)) = state.queued, state.scheduled, state.started
    ((finished,), (failed,), (worker,)) = state.finished, state.failed, state.workers
    assert (queued.id, queued.short, queued.worker) == (waiting.id, "folio-7", None)
    assert (scheduled.id, scheduled.short) == (later.id, later.id[:8])
    assert (started.id, started.worker, started.progress) == (baking.id, "cooks-1", 40)
    assert (finished.description, finished.attempts) == ("rail_jobs.plate('mole', salt=1)", 1)
    assert (failed.error, failed.attempts) == ("ValueError: se acabó el mole", 2)
    assert (worker.name, worker.queues, worker.alive) == ("cooks-1", ("riel",), True)
    assert worker.cooking == (started,)


def test_the_latest_failure_comes_first(rail: SimpleNamespace) -> None:
    with workers(1, "riel", redis=rail.redis, name="cooks"):
        ids = [rail.queue.enqueue(rail.jobs.burn).id for _ in range(4)]
        until(rail, "failed", 4)
    assert [job.id for job in queue_state(rail.connection, "riel").failed] == ids[::-1]


def test_a_killed_worker_gives_no_sign_of_life(rail: SimpleNamespace) -> None:
    with workers(1, "riel", redis=rail.redis, name="cooks") as pool:
        assert queue_state(rail.connection, "riel").workers[0].alive
        pool.members[0].kill()
        deadline = monotonic() + 20
        while queue_state(rail.connection, "riel").workers[0].alive:
            assert monotonic() < deadline
            sleep(0.05)


def test_long_queues_are_counted_whole_and_listed_in_part(rail: SimpleNamespace) -> None:
    rail.queue.enqueue_many([Queue.prepare_data("rail_jobs.plate", (n,)) for n in range(LISTED + 20)])
    state = queue_state(rail.connection, "riel")
    assert state.counts["queued"] == LISTED + 20
    assert [job.description for job in state.queued[:2]] == ["rail_jobs.plate(0)", "rail_jobs.plate(1)"]
    assert len(state.queued) == LISTED


def test_looking_changes_nothing(rail: SimpleNamespace) -> None:
    job = rail.queue.enqueue(rail.jobs.plate)
    rail.connection.zadd(rail.queue.started_job_registry.key, {f"{job.id}:abandoned": 1})
    before = {key: rail.connection.dump(key) for key in rail.connection.scan_iter()}
    queue_state(rail.connection, "riel")
    assert {key: rail.connection.dump(key) for key in rail.connection.scan_iter()} == before


def test_a_job_that_has_expired_is_not_listed(rail: SimpleNamespace) -> None:
    job = rail.queue.enqueue(rail.jobs.plate)
    rail.connection.delete(Job.key_for(job.id))
    state = queue_state(rail.connection, "riel")
    assert state.queued == ()
    assert state.counts["queued"] == 1


@pytest.mark.parametrize(("noted", "told"), [(-5, 0), (250, 100), (33.4, 33), ("mucho", None), (True, None)])
def test_progress_is_a_percentage_or_nothing(rail: SimpleNamespace, noted: object, told: int | None) -> None:
    rail.queue.enqueue(rail.jobs.plate, meta={"progress": noted})
    assert queue_state(rail.connection, "riel").queued[0].progress == told


def test_a_client_of_text_is_refused_with_the_right_one(rail: SimpleNamespace) -> None:
    with rail.redis.client() as client, pytest.raises(ServiceError, match=r"redis\.connection\(\)"):
        queue_state(client, "riel")
    with rail.redis.client() as client, pytest.raises(ServiceError, match=r"redis\.connection\(\)"):
        Queue("riel", connection=client).enqueue(rail.jobs.plate, 1)
    assert rail.connection.keys() == []


def of_this_notebook() -> None: ...


of_this_notebook.__module__ = "__main__"


class Dish:
    """As if a cell had defined it."""


Dish.__module__ = "__main__"


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (of_this_notebook, "%%module jobs` y encola `jobs.of_this_notebook"),
        (lambda: 1, "no tiene un nombre"),
        ("rail_jobs.nothing", "No encuentro «rail_jobs.nothing»"),
        ("rail_jobs", "módulo.función"),
        (None, "quítalos"),
        (42, "llegó 42"),
    ],
)
def test_what_a_worker_could_not_import_is_refused(rail: SimpleNamespace, what: Any, said: str) -> None:
    for enqueue in (rail.queue.enqueue, lambda job: rail.queue.enqueue_in(timedelta(1), job)):
        with pytest.raises(ServiceError) as refused:
            enqueue(what)
        assert said in str(refused.value)
    with pytest.raises(ServiceError):
        rail.queue.enqueue_many([Queue.prepare_data(what)])
    assert rail.connection.keys() == []


def test_a_function_inside_another_is_refused(rail: SimpleNamespace) -> None:
    with pytest.raises(ServiceError, match="al margen izquierdo"):
        rail.queue.enqueue(rail.jobs.outer())


def test_what_does_not_travel_is_named_with_the_way_out(rail: SimpleNamespace) -> None:
    with pytest.raises(ServiceError, match=r"argumento 2 \(lock\) no cabe.*un id"):
        rail.queue.enqueue(rail.jobs.plate, 1, threading.Lock())
    with pytest.raises(ServiceError, match=r"argumento 'session' \(Redis\)"):
        rail.queue.enqueue(rail.jobs.plate, session=rail.connection)
    with pytest.raises(ServiceError, match=r"Dish solo existe en este cuaderno.*datos sueltos"):
        rail.queue.enqueue(rail.jobs.plate, [Dish()])
    assert rail.connection.keys() == []


@pytest.fixture
def own() -> Iterator[SimpleNamespace]:
    """A Redis that may be broken."""
    with rail_kitchen("redis_roto", "own_jobs", JOBS, queue="riel") as made:
        yield made


def ways_to_enqueue(made: SimpleNamespace) -> list[Any]:
    plate = made.jobs.plate
    return [
        lambda: made.queue.enqueue(plate),
        lambda: made.queue.enqueue_in(timedelta(1), plate),
        lambda: made.queue.enqueue_many([Queue.prepare_data(plate)]),
    ]


def test_a_redis_that_does_not_answer_is_told_with_the_way_back(own: SimpleNamespace) -> None:
    hung = own.queue.enqueue(own.jobs.plate)
    own.redis.kill()
    for ask in (hung.get_status, lambda: wait_for(hung)):
        with pytest.raises(ServiceError, match=r"un trabajo de «riel»: Redis no contesta.*recover\(\)"):
            ask()
    with pytest.raises(redis.ConnectionError, match=r"No se pudo buscar el trabajo: .*recover\(\)"):
        own.queue.fetch_job(hung.id)
    for enqueue in ways_to_enqueue(own):
        with pytest.raises(ServiceError, match=r"encolar en «riel»: Redis no contesta.*recover\(\)"):
            enqueue()
    with pytest.raises(ServiceError, match=r"vaciar «riel»: Redis no contesta.*recover\(\)"):
        own.queue.empty()
    own.redis.recover()
    own.queue.enqueue(own.jobs.plate)
    assert queue_state(own.connection, "riel").counts["queued"] == 1


def test_a_queue_of_a_redis_that_was_stopped_is_told_to_be_made_again(own: SimpleNamespace) -> None:
    hung = own.queue.enqueue(own.jobs.plate)
    own.redis.stop()
    with redis_server("redis_roto") as another:
        with pytest.raises(ServiceError, match=r"buscar el trabajo: la cola es de un Redis que ya se detuvo"):
            own.queue.fetch_job(hung.id)
        for enqueue in ways_to_enqueue(own):
            with pytest.raises(redis.ConnectionError, match=r'Hazla de nuevo: Queue\("riel"'):
                enqueue()
        with pytest.raises(ServiceError, match=r'Hazla de nuevo: Queue\("riel"'):
            own.queue.empty()
        with another.connection() as connection:
            assert Queue("riel", connection=connection).enqueue(own.jobs.plate).is_queued


def test_what_travels_is_enqueued_as_ever(rail: SimpleNamespace) -> None:
    job = rail.queue.enqueue(rail.jobs.plate, rail.jobs.Order(), {"a": [1]}, job_timeout=5, job_id="folio")
    assert type(job) is Job
    assert rail.queue.fetch_job("folio").timeout == 5
    assert rail.queue.enqueue_call("rail_jobs.plate", (1,)).args == (1,)


@pytest.mark.parametrize(
    ("traceback", "told"),
    [
        ("Traceback…\n  File x\nKeyError: 'mole'\n", "KeyError: 'mole'"),
        ("rq.exceptions.X: Moved to FailedJobRegistry, due to AbandonedJobError, at 2026", "reintentos"),
        ("Work-horse terminated unexpectedly; waitpid returned 256; ", "terminó sin avisar"),
        ("Job stopped by user, work-horse terminated.", "alguien lo detuvo"),
        ("ValueError: Invalid attribute name: taste", "no se encontró «taste»"),
        ("", ""),
    ],
)
def test_the_reason_of_a_failure_is_one_line(traceback: str, told: str) -> None:
    assert told in reason(traceback)
    assert "\n" not in reason(traceback)

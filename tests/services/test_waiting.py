"""wait_for(jobs) waits for the end of queued jobs, and children share their kernel's folder."""

import os
from collections.abc import Iterator

import pytest
from rq import Queue, Retry

from workshop import redis_server, wait_for, workers
from workshop.services import home, module
from workshop.services.errors import ServiceError
from workshop.xray import collector

JOBS = """
import os
from pathlib import Path
from time import sleep

from workshop.services import home

def rest(seconds):
    sleep(seconds)

def burn():
    raise ValueError("se acabó el mole")

def forgive(path):
    "Fails the first time only."
    first = not os.path.exists(path)
    Path(path).touch()
    if first:
        raise OSError("horno apagado")

def where():
    return str(home.workdir())

def tables():
    from sqlalchemy import text
    from workshop.restaurant import menu_engine
    with menu_engine().connect() as connection:
        return connection.execute(text("SELECT count(*) FROM dish")).scalar()
"""


@pytest.fixture(scope="module")
def jobs():
    return module.write("waiting_jobs", JOBS)


@pytest.fixture(scope="module")
def queue() -> Iterator[Queue]:
    with (
        redis_server("espera-redis") as redis,
        workers(2, "espera", redis=redis, name="espera"),
        redis.connection() as connection,
    ):
        yield Queue("espera", connection=connection)
    collector.close()


def test_it_tells_how_each_job_ended_in_the_same_order(queue, jobs):
    long, wrong, short = queue.enqueue(jobs.rest, 0.1), queue.enqueue(jobs.burn), queue.enqueue(jobs.rest, 0)
    assert wait_for([long, wrong, short]) == ["finished", "failed", "finished"]
    assert wait_for(short) == ["finished"]
    assert wait_for([]) == []


def test_what_it_waited_for_is_up_to_date(queue, jobs):
    job = queue.enqueue(jobs.rest, 0)
    assert (job.ended_at, job.worker_name) == (None, None)
    wait_for(job)
    assert job.ended_at is not None
    assert job.worker_name in {"espera-1", "espera-2"}


def test_a_failure_that_will_be_tried_again_is_not_the_end(queue, jobs, tmp_path):
    job = queue.enqueue(jobs.forgive, str(tmp_path / "tried"), retry=Retry(max=1))
    assert wait_for(job) == ["finished"]


def test_it_says_what_does_not_end_and_where_to_look(queue, jobs):
    done = queue.enqueue(jobs.rest, 0)
    nobody = Queue("nadie", connection=queue.connection)
    waiting = nobody.enqueue(jobs.rest, 0)
    with pytest.raises(ServiceError) as failure:
        wait_for([done, waiting], seconds=1)
    text = str(failure.value)
    for part in ("Después de 1 s, 1 de 2", "waiting_jobs.rest(0) (queued)", "running()", "la cola «nadie»"):
        assert part in text
    waiting.delete()


def test_it_says_that_what_somebody_is_doing_needs_more_time(queue, jobs):
    slow = queue.enqueue(jobs.rest, 1)
    while slow.get_status() != "started":
        pass
    with pytest.raises(ServiceError, match=r"Ya los tiene alguien.*seconds="):
        wait_for(slow, seconds=0)
    assert wait_for(slow) == ["finished"]


@pytest.mark.parametrize("stranger", [7, "trabajo", [None]])
def test_what_is_not_a_job_is_told(stranger):
    with pytest.raises(ServiceError, match=r"espera trabajos, lo que devuelve `cola.enqueue"):
        wait_for(stranger)


def test_a_child_shares_the_folder_and_the_menu_of_its_kernel(queue, jobs):
    from workshop.restaurant import menu_database

    menu_database(4)
    place, dishes = queue.enqueue(jobs.where), queue.enqueue(jobs.tables)
    wait_for([place, dishes])
    assert place.return_value() == str(home.workdir())
    assert dishes.return_value() == 4
    assert home.LENT not in os.environ  # only children are told

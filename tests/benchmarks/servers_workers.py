"""How soon workers listen, how soon a job is done, and how soon a killed worker's job is another's."""

import time
from collections.abc import Callable, Iterator
from statistics import median

from rq import Queue, Retry
from rq.job import Job

from tests.benchmarks.row import Row, at_most
from workshop import redis_server, workers
from workshop.services import module, nursery
from workshop.services.queues.state import JobState, queue_state
from workshop.services.queues.worker_pool import WorkerPool
from workshop.services.redis.handle import RedisHandle
from workshop.xray import collector

STARTS = 5
JOBS = 50
KILLS = 5
SOURCE = """
import time

def plate():
    pass

def bake(seconds):
    time.sleep(seconds)
"""


def measure() -> Iterator[Row]:
    module.write("measured_jobs", SOURCE)
    with redis_server("redis_medido") as redis, redis.connection() as connection:
        queue = Queue("medida", connection=connection)
        nursery.close()
        yield at_most("4 trabajadores listos, con el vivero frío", ready(redis), 1.5, "s", 2)
        warm = median(ready(redis) for _ in range(STARTS))
        yield at_most(f"4 trabajadores listos (mediana de {STARTS})", warm, 1.5, "s", 2)
        with workers(2, "medida", redis=redis, name="medidos") as pool:
            round_trip = median(1000 * until_done(queue) for _ in range(JOBS))
            yield at_most(f"un trabajo, de encolarlo a hecho (mediana de {JOBS})", round_trip, 30, "ms")
            slowest = max(relief(queue, pool) for _ in range(KILLS))
            yield at_most(
                f"el trabajo de un trabajador muerto, en otro (peor de {KILLS})", slowest, 5, "s", 1
            )
    nursery.close()
    collector.close()


def ready(redis: RedisHandle) -> float:
    began = time.perf_counter()
    pool = workers(4, "medida", redis=redis, name="medidos")
    taken = time.perf_counter() - began
    pool.stop()
    return taken


def until_done(queue: Queue) -> float:
    began = time.perf_counter()
    job = queue.enqueue("measured_jobs.plate")
    while job.get_status() != "finished":
        time.sleep(0.001)
    return time.perf_counter() - began


def relief(queue: Queue, pool: WorkerPool) -> float:
    """From the death of the worker to the second beginning of its job."""
    job = queue.enqueue("measured_jobs.bake", 1.5, retry=Retry(max=1))
    cook = begun(queue, job, 1).worker
    next(worker for worker in pool.members if worker.name == cook).kill()
    died = time.perf_counter()
    begun(queue, job, 2)
    taken = time.perf_counter() - died
    pool.recover()
    await_condition(lambda: job.get_status() == "finished")
    return taken


def begun(queue: Queue, job: Job, attempt: int) -> JobState:
    def found() -> list[JobState]:
        started = queue_state(queue.connection, queue.name).started
        return [one for one in started if one.id == job.id and one.attempts == attempt]

    await_condition(lambda: bool(found()))
    return found()[0]


def await_condition(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.01)

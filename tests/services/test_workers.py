"""Workers: real RQ in real processes, killed and frozen for real."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from types import SimpleNamespace

import psutil
import pytest
from rq import Queue, Retry
from rq.job import Job

from tests.services.rail_kitchen import rail_kitchen
from workshop import redis_server, running, workers
from workshop.services import module
from workshop.services.errors import ServiceError
from workshop.services.queues.rail import RailQueue
from workshop.services.queues.state import JobState, queue_state
from workshop.services.queues.worker_pool import WorkerPool

PATIENCE = 20  # a deadline, not a time that is asserted
JOBS = """
import os
import time
from pathlib import Path

def plate(n):
    return n * 2

def where():
    return os.getpid()

def cook(path, until):
    "Notes that it began; lasts until the file `until` is there."
    with open(path, "a") as book:
        book.write(f"{os.getpid()}\\n")
    while not Path(until).exists():
        time.sleep(0.01)
    return "listo"

def burn():
    raise ValueError("se acabó el mole")

def hang():
    while True:
        time.sleep(1)

def die():
    os.kill(os.getpid(), 9)

def note(path, word):
    with open(path, "a") as book:
        book.write(word)

def forgive(path):
    "Fails the first time only."
    first = not os.path.exists(path)
    Path(path).touch()
    if first:
        raise OSError("horno apagado")
    return "segunda"
"""


@pytest.fixture(scope="module")
def kitchen() -> Iterator[SimpleNamespace]:
    with rail_kitchen("redis_workers", "kitchen_jobs", JOBS, queue="cocina", urgent="urgente") as made:
        yield made


@pytest.fixture(autouse=True)
def empty(kitchen: SimpleNamespace) -> None:
    kitchen.connection.flushdb()


@contextmanager
def pool_of(n: int, kitchen: SimpleNamespace, *queues: str) -> Iterator[WorkerPool]:
    with workers(n, queues or ("cocina",), redis=kitchen.redis) as pool:
        yield pool
        for horse in under_way(pool):  # what a test leaves under way is not waited for
            with suppress(psutil.NoSuchProcess):
                horse.kill()


def under_way(pool: WorkerPool) -> list[psutil.Process]:
    """The processes of the jobs that its workers are at."""
    pids = [worker.pid for worker in pool.members if worker.running]
    return [horse for pid in pids for horse in psutil.Process(pid).children()]


def eventually(condition: Callable[[], object], what: str) -> object:
    deadline = monotonic() + PATIENCE
    while not (found := condition()):
        assert monotonic() < deadline, what
        sleep(0.01)
    return found


def ended(*jobs: Job) -> list[str]:
    over = {"finished", "failed"}
    eventually(lambda: all(job.get_status() in over for job in jobs), "the jobs did not end")
    return [str(job.get_status().value) for job in jobs]


def cooking(kitchen: SimpleNamespace, job: Job, attempts: int = 1) -> JobState:
    def found() -> JobState | None:
        started = queue_state(kitchen.connection, ["cocina", "urgente"]).started
        return next((one for one in started if one.id == job.id and one.attempts == attempts), None)

    return eventually(found, f"attempt {attempts} did not begin")  # type: ignore[return-value]


def told(kitchen: SimpleNamespace, job: Job) -> JobState:
    state = queue_state(kitchen.connection, ["cocina", "urgente"])
    return next(one for one in (*state.failed, *state.finished) if one.id == job.id)


def test_a_job_is_done_by_another_process(kitchen: SimpleNamespace) -> None:
    with pool_of(1, kitchen) as pool:
        here = kitchen.queue.enqueue(kitchen.jobs.where)
        there = kitchen.queue.enqueue("kitchen_jobs.plate", 21)
        assert ended(here, there) == ["finished", "finished"]
        assert there.return_value() == 42
        assert here.return_value() not in (os.getpid(), pool.members[0].pid)


def test_they_are_told_in_good_spanish(kitchen: SimpleNamespace) -> None:
    with pool_of(1, kitchen) as pool:
        assert repr(pool) == "1 trabajador «workers» en cocina: en marcha"
        assert repr(workers(2, ["urgente", "cocina"], redis=kitchen.redis)) == (
            "2 trabajadores «workers» en urgente, cocina: en marcha"
        )
        assert [row for row in running().rows if row[0].startswith("workers")] == [
            ("workers", "grupo de trabajadores", "en marcha"),
            ("workers-1", "trabajador", "en marcha"),
            ("workers-2", "trabajador", "en marcha"),
        ]
        assert pool.status == "detenido"  # other queues are another group, and the name was taken over


def test_the_cell_run_again_adjusts_the_same_group(kitchen: SimpleNamespace) -> None:
    with pool_of(1, kitchen) as pool:
        first = pool.members[0].pid
        assert workers(3, "cocina", redis=kitchen.redis) is pool
        assert len(pool.members) == 3
        assert pool.members[0].pid == first
        gone = pool.members[2].pid
        assert len(pool.scale(2).members) == 2
        assert not psutil.pid_exists(gone)


def test_a_job_runs_the_code_that_its_cell_has_now(kitchen: SimpleNamespace) -> None:
    with pool_of(1, kitchen):
        module.write("kitchen_recipe", "def taste():\n    return 'sin sal'\n")
        assert ended(before := kitchen.queue.enqueue("kitchen_recipe.taste")) == ["finished"]
        module.write("kitchen_recipe", "def taste():\n    return 'con sal'\n")
        assert ended(after := kitchen.queue.enqueue("kitchen_recipe.taste")) == ["finished"]
        assert (before.return_value(), after.return_value()) == ("sin sal", "con sal")


def test_when_workers_are_killed_or_frozen_others_take_their_jobs(
    kitchen: SimpleNamespace, tmp_path: Path
) -> None:
    enough = tmp_path / "enough"
    books = [tmp_path / name for name in ("killed", "frozen", "given_up")]
    with pool_of(3, kitchen) as pool:
        by_name = {worker.name: worker for worker in pool.members}
        jobs = [
            kitchen.queue.enqueue(kitchen.jobs.cook, str(book), str(enough), retry=retry)
            for book, retry in zip(books, (Retry(max=2), Retry(max=2), None), strict=True)
        ]
        killed, frozen, given_up = (by_name[cooking(kitchen, job).worker or ""] for job in jobs)
        horses = psutil.Process(killed.pid).children()
        killed.kill()
        given_up.kill()
        frozen.freeze()
        assert [worker.status for worker in (killed, frozen, given_up)] == ["muerto", "congelado", "muerto"]
        assert pool.status == "en marcha"  # one that is frozen has not gone
        assert psutil.wait_procs(horses, timeout=5)[1] == []
        assert [worker.status for worker in pool.scale(5).members[3:]] == ["en marcha"] * 2
        again = {cooking(kitchen, job, attempts=2).worker for job in jobs[:2]}
        assert again == {"workers-4", "workers-5"}
        enough.touch()
        assert ended(*jobs) == ["finished", "finished", "failed"]
        assert [len(book.read_text().splitlines()) for book in books] == [2, 2, 1]
        assert told(kitchen, jobs[2]).error == "su trabajador murió a la mitad y no le quedaban reintentos"
        assert frozen.recover().status == "en marcha"
        assert ended(kitchen.queue.enqueue(kitchen.jobs.plate, 1)) == ["finished"]


def test_a_job_dies_with_its_worker_also_when_the_worker_alone_is_killed(
    kitchen: SimpleNamespace, tmp_path: Path
) -> None:
    with pool_of(1, kitchen) as pool:
        job = kitchen.queue.enqueue(kitchen.jobs.cook, str(tmp_path / "book"), str(tmp_path / "never"))
        cooking(kitchen, job)
        pid = pool.members[0].pid
        assert pid is not None
        horses = psutil.Process(pid).children()
        os.kill(pid, signal.SIGKILL)
        assert len(horses) == 1
        assert psutil.wait_procs(horses, timeout=5)[1] == []
        assert pool.members[0].status == "averiado"
        assert pool.start().members[0].status == "en marcha"


@pytest.mark.parametrize("queues", [("cocina",), ("urgente", "cocina")])
def test_a_job_that_was_taken_and_never_begun_goes_back_to_its_place(
    kitchen: SimpleNamespace, queues: tuple[str, ...]
) -> None:
    job = kitchen.queue.enqueue(kitchen.jobs.plate, 4)
    # What a worker leaves that dies right after it took it.
    kitchen.connection.lmove(kitchen.queue.key, kitchen.queue.intermediate_queue_key)
    with pool_of(1, kitchen, *queues):
        assert ended(job) == ["finished"]
        assert kitchen.connection.llen(kitchen.queue.intermediate_queue_key) == 0


def test_what_is_taken_from_several_queues_is_never_out_of_every_list(kitchen: SimpleNamespace) -> None:
    rails = [RailQueue(name, connection=kitchen.connection) for name in ("urgente", "cocina")]
    job = kitchen.queue.enqueue(kitchen.jobs.plate, 1)
    taken = RailQueue.dequeue_any(rails, None, kitchen.connection)
    assert taken is not None
    assert taken[0].id == job.id
    assert kitchen.connection.lrange(kitchen.queue.intermediate_queue_key, 0, -1) == [job.id.encode()]
    assert RailQueue.dequeue_any(rails, None, kitchen.connection) is None


def test_one_that_redis_forgot_makes_itself_known_again(kitchen: SimpleNamespace) -> None:
    with pool_of(1, kitchen):
        kitchen.connection.delete("rq:worker:workers-1", "rq:workers", "rq:workers:cocina")
        eventually(lambda: queue_state(kitchen.connection, "cocina").workers, "it is not known")


def test_at_a_server_that_others_use_each_kernels_workers_have_names_of_their_own(
    kitchen: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", kitchen.redis.url)
    with (
        workers(1, "cocina", redis=redis_server("elsewhere")) as shared,
        workers(1, "cocina", redis=kitchen.redis, name="mine") as private,
    ):
        names = sorted(worker.name for worker in queue_state(kitchen.connection, "cocina").workers)
        assert names == [private.members[0].name, shared.members[0].name]
        assert re.fullmatch(r"workers-[0-9a-f]{4}-1", shared.members[0].name)
        assert private.members[0].name == "mine-1"
    redis_server("elsewhere").stop()


def test_the_first_queue_goes_first(kitchen: SimpleNamespace, tmp_path: Path) -> None:
    book = str(tmp_path / "book")
    jobs = [kitchen.queue.enqueue(kitchen.jobs.note, book, "n") for _ in range(3)]
    jobs += [kitchen.urgent.enqueue(kitchen.jobs.note, book, "u") for _ in range(2)]
    with pool_of(1, kitchen, "urgente", "cocina"):
        ended(*jobs)
        assert Path(book).read_text() == "uunnn"


def test_what_fails_says_why_in_spanish_and_leaves_nothing_running(kitchen: SimpleNamespace) -> None:
    with pool_of(2, kitchen) as pool:
        reasons = {
            kitchen.queue.enqueue(kitchen.jobs.burn): "ValueError: se acabó el mole",
            kitchen.queue.enqueue(kitchen.jobs.hang, job_timeout=1): "pasó de su límite de 1 s",
            kitchen.queue.enqueue(kitchen.jobs.die): "su proceso murió de golpe (señal 9)",
        }
        assert ended(*reasons) == ["failed"] * 3
        for job, reason in reasons.items():
            assert (told(kitchen, job).error or "").startswith(reason)
        eventually(lambda: not under_way(pool), "what failed is still running")


def test_a_module_that_is_gone_is_named_with_the_way_out(kitchen: SimpleNamespace) -> None:
    module.write("kitchen_gone", "def taste():\n    return 'sal'\n")
    job = kitchen.queue.enqueue("kitchen_gone.taste")
    (module.folder() / "kitchen_gone.py").unlink()
    with pool_of(1, kitchen):
        assert ended(job) == ["failed"]
        assert "kitchen_gone" in (told(kitchen, job).error or "")
        assert "%%module" in (told(kitchen, job).error or "")


def test_retries_with_an_interval_need_no_process_of_their_own(
    kitchen: SimpleNamespace, tmp_path: Path
) -> None:
    with pool_of(1, kitchen) as pool:
        job = kitchen.queue.enqueue(
            kitchen.jobs.forgive, str(tmp_path / "first"), retry=Retry(max=2, interval=[1, 2])
        )
        later = kitchen.queue.enqueue_in(timedelta(milliseconds=1), kitchen.jobs.plate, 5)
        assert ended(job, later) == ["finished", "finished"]
        assert job.return_value() == "segunda"
        assert told(kitchen, job).attempts == 2
        eventually(lambda: not under_way(pool), "something else is running")


def test_workers_survive_the_death_of_redis(kitchen: SimpleNamespace) -> None:
    with redis_server("redis_dying") as redis, workers(1, redis=redis, name="survivors") as pool:
        pid = pool.members[0].pid
        redis.kill()
        with pytest.raises(ServiceError, match=r"está muerto.*\.recover\(\)"):
            workers(1, redis=redis, name="late")
        redis.recover()
        with redis.connection() as connection:
            job = Queue(connection=connection).enqueue(kitchen.jobs.plate, 3)
            assert ended(job) == ["finished"]
        assert pool.members[0].pid == pid


def test_one_that_leaves_finishes_what_it_cooks(kitchen: SimpleNamespace, tmp_path: Path) -> None:
    enough = tmp_path / "enough"
    with pool_of(2, kitchen) as pool:
        jobs = [
            kitchen.queue.enqueue(kitchen.jobs.cook, str(tmp_path / f"book{n}"), str(enough))
            for n in range(2)
        ]
        for job in jobs:
            cooking(kitchen, job)
        pool.members[1].dismiss()
        enough.touch()
        pool.scale(1)
        assert ended(*jobs) == ["finished", "finished"]
        assert [told(kitchen, job).attempts for job in jobs] == [1, 1]


def test_a_whole_group_is_frozen_killed_and_recovered(kitchen: SimpleNamespace) -> None:
    with pool_of(2, kitchen) as pool:
        assert pool.freeze().status == "congelado"
        job = kitchen.queue.enqueue(kitchen.jobs.plate, 2)
        assert psutil.Process(pool.members[0].pid).status() == psutil.STATUS_STOPPED
        assert job.get_status() == "queued"
        assert [worker.status for worker in pool.thaw().members] == ["en marcha"] * 2
        assert ended(job) == ["finished"]
        assert pool.kill().status == "muerto"
        assert [worker.status for worker in pool.recover().members] == ["en marcha"] * 2
        assert ended(kitchen.queue.enqueue(kitchen.jobs.plate, 2)) == ["finished"]


def test_faults_and_stops_can_be_repeated(kitchen: SimpleNamespace) -> None:
    with pool_of(1, kitchen) as pool:
        (worker,) = pool.members
        with pytest.raises(ServiceError, match=r"no admite cut\(\).*kill\(\), freeze\(\)"):
            worker.cut()
        assert worker.kill().kill().status == "muerto"
        with pytest.raises(ServiceError, match="no se puede averiar"):
            worker.freeze()
        pool.stop()
        pool.stop()
        with pytest.raises(ServiceError, match="no se puede averiar"):
            pool.freeze()
        assert worker.status == "detenido"


def test_two_groups_do_not_mix(kitchen: SimpleNamespace) -> None:
    with (
        workers(1, "cocina", redis=kitchen.redis, name="frío"),
        workers(1, "urgente", redis=kitchen.redis, name="caliente"),
    ):
        jobs = [kitchen.queue.enqueue(kitchen.jobs.plate, 1), kitchen.urgent.enqueue(kitchen.jobs.plate, 1)]
        ended(*jobs)
        assert [told(kitchen, job).worker for job in jobs] == ["frío-1", "caliente-1"]


def test_one_that_cannot_reach_redis_says_so_with_its_log(kitchen: SimpleNamespace) -> None:
    with redis_server("redis_lost") as redis:
        pool = WorkerPool("lost", 1, ("cocina",), redis)
        redis.stop()
        with pytest.raises(ServiceError, match=r"«lost-1» no arrancó.*terminó antes de escuchar"):
            pool.start()
        assert pool.status == "averiado"
        assert not pool.members[0].running
        pool.stop()


KERNEL = """
import os, signal, sys, time
import psutil
from rq import Queue
from tests.services.rail_kitchen import rail_kitchen
from workshop import redis_server, workers
from workshop.services import guard, module
from workshop.services.queues.rail import RailQueue
from workshop.services.queues.state import queue_state

redis = redis_server()
jobs = module.write("endless_jobs", "import time\\ndef hang():\\n    while True: time.sleep(1)\\n")
pool = workers(2, redis=redis)
pool.members[1].freeze()
Queue(connection=redis.connection()).enqueue(jobs.hang)
while not psutil.Process(pool.members[0].pid).children():
    time.sleep(0.01)
print(*(process.pid for process in psutil.Process().children(recursive=True)), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_neither_workers_nor_their_jobs_outlive_a_killed_kernel() -> None:
    run = subprocess.run([sys.executable, "-c", KERNEL], capture_output=True, text=True, check=False)
    pids = [int(pid) for pid in run.stdout.split()]
    assert len(pids) == 6, run.stderr  # guard, Redis, nursery, two workers and a job
    alive = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    assert psutil.wait_procs(alive, timeout=10)[1] == []


@pytest.mark.parametrize("n", [0, -1, 17, 1.5, True, "2"])
def test_an_impossible_number_is_refused(kitchen: SimpleNamespace, n: object) -> None:
    with pytest.raises(ServiceError, match="de 1 a 16"):
        workers(n, redis=kitchen.redis)  # type: ignore[arg-type]


@pytest.mark.parametrize("queues", [[], "", ["a", ""], ["a,b"], [7]])
def test_queues_that_are_no_names_are_refused(kitchen: SimpleNamespace, queues: object) -> None:
    with pytest.raises(ServiceError, match="nombres de las colas"):
        workers(1, queues, redis=kitchen.redis)  # type: ignore[arg-type]


def test_a_client_is_no_server(kitchen: SimpleNamespace) -> None:
    with pytest.raises(ServiceError, match=r"redis=redis_server\(\)"):
        workers(1, redis=kitchen.connection)

"""`postgres()` and `postgres_cluster()` in a replica or a worker: those that their notebook started."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import psutil
import pytest
import requests
from rq import Queue

from workshop import postgres, postgres_cluster, redis_server, replicas, running, stop_all, wait_for, workers
from workshop.services import guard, home, module
from workshop.services.errors import ServiceError
from workshop.xray import collector

# Both a replica and a worker evaluate what they are asked, as a cell would in the notebook.
CHILD = """
from fastapi import FastAPI
from workshop import postgres, postgres_cluster, running
from workshop.services.errors import ServiceError

app = FastAPI()

def rows(base, query):
    with base.connect() as connection:
        return connection.execute(query).fetchall()

@app.get("/say")
def say(code: str) -> str:
    try:
        return str(eval(code))
    except ServiceError as problem:
        return f"ServiceError: {problem}"
"""
Say = Callable[[str], str]


@pytest.fixture(scope="module")
def notebook() -> Iterator[SimpleNamespace]:
    """Both with the name that each has by default: they do not meet."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("DATABASE_URL", raising=False)
        store, cluster = postgres(), postgres_cluster(1)
        with store.connect() as connection:
            connection.execute("CREATE TABLE dish AS SELECT 'mole' AS name")
        with cluster.connect() as connection:
            connection.execute("CREATE TABLE dish AS SELECT 'atole' AS name")
        module.write("hijos", CHILD)
        yield SimpleNamespace(store=store, cluster=cluster, kitchen=replicas("hijos:app", 1))
        stop_all()
        collector.close()


@pytest.fixture
def say(notebook: SimpleNamespace) -> Say:
    """What its replica answers."""
    (url,) = notebook.kitchen.urls
    return lambda code: requests.get(f"{url}/say", {"code": code}, timeout=10).json()


def test_a_replica_finds_the_server_and_the_cluster_and_starts_nothing(notebook, say):
    assert [row[0] for row in running().rows] == [
        "cluster", "cluster-1", "cluster-2", "hijos", "hijos-1", "postgres",
    ]  # fmt: skip
    pid, before = notebook.store.pid, set(home.datadir().iterdir())
    assert say("rows(postgres(fresh=True), 'SELECT name FROM dish')") == "[('mole',)]"
    assert say("rows(postgres_cluster(3, synchronous=True), 'SELECT name FROM dish')") == "[('atole',)]"
    assert say("running()").splitlines()[1:] == [
        "cluster   grupo de PostgreSQL del cuaderno  en marcha",
        "postgres  servidor PostgreSQL del cuaderno  en marcha",
    ]
    assert (notebook.store.pid, set(home.datadir().iterdir())) == (pid, before)
    assert [psutil.Process(one).name() for one in guard.family(notebook.kitchen.members[0].pid)] == [
        psutil.Process(notebook.kitchen.members[0].pid).name()
    ]


def test_asked_for_again_it_is_the_same_with_the_same_engine(say):
    assert say("postgres().engine() is postgres().engine()") == "True"
    assert say("postgres_cluster().engine() is postgres_cluster().engine()") == "True"


def test_a_worker_finds_it_too(notebook):
    redis = redis_server()
    with workers(1, ["cocina"], redis=redis), redis.connection() as connection:
        job = Queue("cocina", connection=connection).enqueue(
            "hijos.say", "rows(postgres(), 'SELECT name FROM dish')"
        )
        wait_for(job)
        assert job.return_value() == "[('mole',)]"


def test_the_addresses_of_the_cluster_are_those_of_now(notebook, say):
    cluster = notebook.cluster
    assert say("postgres_cluster().url_write") == cluster.url_write
    assert say("postgres_cluster().urls_read") == str(cluster.urls_read)
    former, before = cluster.primary, cluster.urls_read
    cluster.promote()
    assert say("postgres_cluster().urls_read") == str(cluster.urls_read) != str(before)
    assert say("rows(postgres_cluster(), 'SELECT pg_is_in_recovery()')") == "[(False,)]"
    cluster.rejoin(former)


@pytest.mark.parametrize(
    "order", ["postgres().kill()", "postgres().reset()", "postgres_cluster().promote()",
              "postgres_cluster().primary", "postgres_cluster().slow(5)"],
)  # fmt: skip
def test_it_is_broken_emptied_and_governed_in_the_notebook_alone(notebook, say, order):
    assert "se ajusta, se vacía y se avería desde el cuaderno" in say(order)
    assert notebook.store.status == notebook.cluster.status == "en marcha"


def test_what_is_no_part_of_a_cluster_is_said_as_python_does(say):
    assert say("hasattr(postgres_cluster(), 'promovido')") == "False"


def test_without_one_or_with_a_stopped_or_dead_one_it_says_what_to_do_in_the_notebook(notebook, say):
    assert 'ejecuta allí postgres("nadie")' in say("postgres('nadie')")
    assert 'ejecuta allí postgres_cluster("postgres")' in say("postgres_cluster(name='postgres')")
    assert 'ejecuta allí postgres("cluster")' in say("postgres('cluster')")
    assert not (home.workdir() / "nadie").exists()
    notebook.store.kill()
    assert "del cuaderno, y no se pudo entrar" in say("postgres()")
    notebook.store.stop()
    assert 'ejecuta allí postgres("postgres")' in say("postgres()")
    notebook.store = postgres()
    assert say("rows(postgres(), 'SELECT name FROM dish')") == "[('mole',)]"


def test_in_the_notebook_their_names_are_not_one_anothers(notebook):
    with pytest.raises(ServiceError, match=r"«cluster» ya lo lleva otro.*\(grupo de PostgreSQL\)"):
        postgres("cluster")
    with pytest.raises(ServiceError, match=r"«postgres» ya lo lleva otro.*\(servidor PostgreSQL\)"):
        postgres_cluster(1, name="postgres")
    assert notebook.cluster.status == "en marcha"

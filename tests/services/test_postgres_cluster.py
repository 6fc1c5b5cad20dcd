"""`postgres_cluster()`: a real primary and real standbys, their faults, and never two primaries."""

import ctypes
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import text

from workshop import postgres_cluster, running
from workshop.services import home, registry
from workshop.services.errors import ServiceError
from workshop.services.postgres.cluster import PostgresCluster
from workshop.services.postgres.node import PostgresNode
from workshop.services.postgres.replay import Lag

NAME = "libretas"


@pytest.fixture(scope="module")
def shared() -> Iterator[PostgresCluster]:
    yield postgres_cluster(2, NAME)
    for service in registry.services():
        service.stop()


@pytest.fixture
def cluster(shared) -> PostgresCluster:
    """Whole, in its place, with one empty table that all of its nodes have."""
    whole = postgres_cluster(2, NAME).reset()
    write(whole, "CREATE TABLE orders (id int)")
    for standby in whole.standbys:
        whole.resume_replay(standby)
        whole.catch_up(standby)
    return whole


def write(cluster: PostgresCluster, query: str) -> None:
    with cluster.connect() as connection:
        connection.execute(query)


def ids(node: PostgresNode) -> list[int]:
    with node.connect() as connection:
        return [row[0] for row in connection.execute("SELECT id FROM orders ORDER BY id")]


def primaries(cluster: PostgresCluster) -> list[PostgresNode]:
    """Who would accept a write, asked to each one that answers."""
    return [one for one in cluster.members if one.well and one.ask("SELECT pg_is_in_recovery()") == (False,)]


def test_what_the_primary_writes_each_standby_reads_and_nobody_else_writes(cluster):
    write(cluster, "INSERT INTO orders VALUES (1)")
    for standby in cluster.standbys:
        cluster.catch_up(standby)
        assert ids(standby) == [1]
        assert cluster.lag(standby) == Lag(0, 0.0)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), standby.connect() as connection:
            connection.execute("INSERT INTO orders VALUES (2)")
    assert cluster.urls_read == tuple(standby.url for standby in cluster.standbys)
    assert postgres_cluster(2, NAME) is cluster


def test_running_shows_each_node_with_its_role_below_the_group(cluster):
    rows = [row for row in running().rows if row[0].startswith(NAME)]
    assert [row[0] for row in rows] == [NAME, f"{NAME}-1", f"{NAME}-2", f"{NAME}-3"]
    assert [row[1] for row in rows].count("primario de PostgreSQL") == 1
    cluster.standbys[0].kill()
    assert cluster.status == "en marcha (2 de 3)"


def test_paused_a_standby_stays_in_its_instant_and_resumed_it_catches_up(cluster):
    late, other = cluster.standbys
    cluster.pause_replay(late)
    write(cluster, "INSERT INTO orders VALUES (1)")
    cluster.catch_up(other)
    assert (ids(late), ids(other)) == ([], [1])
    assert cluster.lag(late).bytes > 0
    assert cluster.lag(late).seconds > 0
    with pytest.raises(ServiceError, match="no alcanzó al primario"):
        cluster.catch_up(late, seconds=0.05)
    cluster.resume_replay(late)
    cluster.catch_up(late)
    assert ids(late) == [1]


def test_without_its_primary_it_is_read_and_not_written_until_another_is_promoted(cluster):
    former = cluster.primary
    with cluster.engine().begin() as connection:
        connection.execute(text("INSERT INTO orders VALUES (1)"))
    for standby in cluster.standbys:
        cluster.catch_up(standby)
    url = cluster.url_write
    former.kill()
    assert [ids(standby) for standby in cluster.standbys] == [[1], [1]]
    with pytest.raises(psycopg.OperationalError):
        write(cluster, "INSERT INTO orders VALUES (2)")
    chosen = cluster.promote()
    assert (cluster.primary, chosen.is_primary, former.kind) == (chosen, True, "réplica de PostgreSQL")
    with cluster.engine().begin() as connection:  # the same engine: its address follows the primary
        connection.execute(text("INSERT INTO orders VALUES (2)"))
    assert cluster.url_write == url
    assert cluster.rejoin(former) is former
    for standby in cluster.standbys:
        cluster.catch_up(standby)
        assert ids(standby) == [1, 2]
    assert primaries(cluster) == [chosen]


def test_what_only_the_former_primary_wrote_is_undone_when_it_rejoins(cluster):
    former, (chosen, _) = cluster.primary, cluster.standbys
    for standby in cluster.standbys:
        standby.kill()
    write(cluster, "INSERT INTO orders VALUES (666)")  # nobody else has it
    former.kill()
    for standby in cluster.standbys:
        standby.recover()
    cluster.promote(chosen)
    write(cluster, "INSERT INTO orders VALUES (1)")
    former.recover()  # also this way it comes back as a standby
    cluster.catch_up(former)
    assert ids(former) == [1]
    assert primaries(cluster) == [chosen]


@pytest.mark.parametrize("fault", ["freeze", "cut", "slow"])
def test_a_primary_that_does_not_answer_well_is_killed_before_another_is_promoted(cluster, fault):
    former = cluster.primary
    getattr(former, fault)(*[50][: fault == "slow"])
    pid = former.pid
    chosen = cluster.promote()
    assert former.status == "muerto"
    assert former.thaw().status == "muerto"
    write(cluster, "INSERT INTO orders VALUES (1)")
    former.recover()
    assert former.pid != pid
    assert primaries(cluster) == [chosen]
    cluster.catch_up(former)
    assert ids(former) == [1]


def test_a_healthy_primary_hands_over_and_loses_nothing(cluster):
    former = cluster.primary
    write(cluster, "INSERT INTO orders SELECT generate_series(1, 500)")
    chosen = cluster.promote(cluster.standbys[1])
    assert len(ids(chosen)) == 500
    cluster.rejoin(former)
    assert primaries(cluster) == [chosen]


def test_a_standby_ahead_of_the_promoted_one_undoes_what_it_alone_has(cluster):
    behind, ahead = cluster.standbys
    behind.freeze()
    write(cluster, "INSERT INTO orders VALUES (666)")
    cluster.catch_up(ahead)
    cluster.primary.kill()
    behind.thaw()
    cluster.promote(behind)
    write(cluster, "INSERT INTO orders VALUES (1)")
    for standby in (ahead, cluster.rejoin(cluster.standbys[0])):
        cluster.catch_up(standby)
    assert ids(ahead) == ids(behind)
    assert primaries(cluster) == [behind]


def test_a_standby_that_lost_everything_is_copied_again(cluster):
    lost = cluster.standbys[0].forget_data()
    write(cluster, "INSERT INTO orders VALUES (1)")
    cluster.rejoin(lost)
    cluster.catch_up(lost)
    assert ids(lost) == [1]


def test_stopped_twice_and_started_again_it_is_the_same_group(cluster):
    chosen = cluster.promote()
    cluster.stop()
    cluster.stop()
    assert [node.state for node in cluster.members] == ["detenido"] * 3
    cluster.start()
    assert cluster.primary is chosen
    assert primaries(cluster) == [chosen]


def test_what_cannot_be_asked_is_said(cluster):
    primary, standby = cluster.primary, cluster.standbys[0]
    for verb in (cluster.promote, cluster.pause_replay, cluster.resume_replay, cluster.lag, cluster.catch_up):
        with pytest.raises(ServiceError, match="es el primario"):
            verb(primary)
    with pytest.raises(ServiceError, match="no tiene a quién seguir"):
        cluster.rejoin(primary)
    with pytest.raises(ServiceError, match=r"grupo\.standbys\[0\]"):
        cluster.promote("libretas-2")
    with pytest.raises(ServiceError, match="nodo por nodo"):
        cluster.kill()
    standby.kill()
    with pytest.raises(ServiceError, match=r"está muerto: recupérala"):
        cluster.promote(standby)
    primary.kill()
    with pytest.raises(ServiceError, match=r"está muerto: ponlo en marcha"):
        cluster.reset()


@pytest.mark.parametrize("standbys", [0, 5, True, "2", 1.5])
def test_a_number_of_standbys_that_is_none_is_refused(standbys):
    with pytest.raises(ServiceError, match="de 1 a 4 réplicas"):
        postgres_cluster(standbys)


def test_synchronous_no_write_is_confirmed_until_a_standby_has_it(shared):
    shared.stop()
    with postgres_cluster(1, NAME, synchronous=True) as pair:
        standby = pair.standbys[0]
        write(pair, "CREATE TABLE orders (id int)")
        standby.kill()
        confirmed = threading.Thread(target=write, args=(pair, "INSERT INTO orders VALUES (1)"), daemon=True)
        confirmed.start()
        pair.primary.await_truth(
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep'", "nadie espera"
        )
        assert confirmed.is_alive()
        standby.recover()
        confirmed.join(10)
        assert not confirmed.is_alive()
        assert ids(standby) == [1]


DIES = """
    import os, signal
    from workshop import postgres_cluster
    from workshop.services import guard, home
    cluster = postgres_cluster(1)
    cluster.standbys[0].freeze()
    told = [(node.data / "postmaster.pid").read_text().split() for node in cluster.members]
    print(home.datadir(), *(words[-3] for words in told))  # the key of its segment of memory
    print(*(pid for node in cluster.members for pid in guard.family(node.pid)), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kernel_killed_with_sigkill_leaves_no_process_of_it_and_the_next_frees_its_memory(cluster):
    said = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(DIES)], capture_output=True, text=True, check=False, timeout=60
    )
    folder, *keys = said.stdout.splitlines()[0].split()
    pids = said.stdout.splitlines()[1].split()
    assert (len(keys), len(pids) > 8) == (2, True), said.stderr
    family = [psutil.Process(int(pid)) for pid in pids if psutil.pid_exists(int(pid))]
    assert psutil.wait_procs(family, timeout=10)[1] == []
    while Path(folder).exists():
        pass  # its guard removes it last
    cluster.standbys[0].restart()
    assert [ctypes.CDLL(None).shmget(int(key), 0, 0) for key in keys] == [-1, -1]
    assert list(home.datadir().parent.glob(f"{Path(folder).name}.*.shm")) == []

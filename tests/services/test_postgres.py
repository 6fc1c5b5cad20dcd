"""`postgres()`: a real one, private to its kernel, and what happens when it is broken."""

import stat
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import Field, Session, SQLModel, select

from workshop import postgres, running
from workshop.services import guard, registry
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.postgres.server import PostgresServer

NAME = "despensa"


@pytest.fixture(scope="module")
def shared() -> Iterator[PostgresServer]:
    yield postgres(NAME)
    for service in registry.services():
        service.stop()


@pytest.fixture
def server(shared) -> PostgresServer:
    """In its place, without faults and empty."""
    return postgres(NAME).reset()


def one(server: PostgresServer, query: str) -> object:
    with server.connect() as connection:
        return connection.execute(query).fetchone()[0]


def test_it_answers_as_soon_as_it_returns_and_is_one_however_often_it_is_asked_for(server):
    assert one(server, "SELECT 1") == 1
    assert postgres(NAME) is server
    assert server.engine() is postgres(NAME).engine()
    assert repr(server) == "servidor PostgreSQL «despensa»: en marcha"


class Jar(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    label: str


def test_sqlmodel_writes_and_reads_through_its_engine(server):
    SQLModel.metadata.create_all(server.engine(), tables=[Jar.__table__])
    with Session(server.engine()) as session:
        session.add(Jar(label="ñora"))
        session.commit()
        assert session.exec(select(Jar.label)).one() == "ñora"
    assert one(server, "SELECT upper(label) FROM jar") == "ÑORA"


def test_it_opens_no_port_and_asks_for_its_password(server):
    assert stat.S_ISSOCK(Path(server.socket).stat().st_mode)
    assert one(server, "SHOW listen_addresses") == ""
    assert server.place.stat().st_mode & 0o777 == 0o700
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.conninfo.replace(server.password, "otra"))


def test_killed_it_keeps_what_was_committed_and_nothing_else(server):
    url, pid = server.url, server.pid
    with server.engine().begin() as connection:
        connection.execute(text("CREATE TABLE dish (name text)"))
        connection.execute(text("INSERT INTO dish VALUES ('mole')"))
    half = server.connect()
    half.execute("INSERT INTO dish VALUES ('a medias')")
    family = [psutil.Process(one) for one in guard.family(pid)]
    assert server.kill().status == "muerto"
    assert psutil.wait_procs(family, timeout=5)[1] == []
    half.close()
    with pytest.raises(psycopg.OperationalError):
        server.connect()
    server.recover()
    assert (server.url, server.pid == pid, server.fault) == (url, False, None)
    with server.engine().connect() as connection:  # a pool that was connected to the dead one
        assert connection.execute(text("SELECT name FROM dish")).scalars().all() == ["mole"]


def test_frozen_its_whole_family_stops_and_thawed_the_same_connection_goes_on(server):
    with server.connect() as connection:
        family = [psutil.Process(pid) for pid in guard.family(server.pid)]
        assert len(family) > 3
        server.freeze()
        while {process.status() for process in family} != {psutil.STATUS_STOPPED}:
            pass  # the signal was sent: each one stops when it is its turn to run
        assert server.status == "congelado"
        with pytest.raises(ServiceError, match=r"«despensa» está congelado.*recover"):
            server.reset()
        answer: list[object] = []
        asking = threading.Thread(
            target=lambda: answer.extend(connection.execute("SELECT 7").fetchone()), daemon=True
        )
        asking.start()
        asking.join(0.2)
        assert answer == []
        server.thaw()
        asking.join(10)
        assert answer == [7]


def test_slow_each_answer_waits_and_mended_none_does(server):
    server.slow(150)
    assert server.status == "lento (+150 ms)"
    with server.connect() as connection:
        began = time.monotonic()
        connection.execute("SELECT 1")
        assert time.monotonic() - began >= 0.15
    with server.mend().connect() as connection:
        took = [quick(connection) for _ in range(5)]
    assert min(took) < 0.15


def quick(connection: psycopg.Connection) -> float:
    began = time.monotonic()
    connection.execute("SELECT 1")
    return time.monotonic() - began


def test_cut_it_drops_who_was_connected_refuses_the_rest_and_mended_lets_them_in(server):
    with suppress(psycopg.Error), server.connect() as connected:
        server.cut()
        with pytest.raises(psycopg.OperationalError):
            connected.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="refused"):
        server.connect()
    assert "sin red" in repr(running())
    server.mend()
    assert one(server, "SELECT 1") == 1


@pytest.mark.parametrize("fault", list(Fault))
def test_stopping_what_is_broken_does_not_wait_and_it_starts_well(server, fault):
    verb = {Fault.KILLED: server.kill, Fault.FROZEN: server.freeze, Fault.CUT: server.cut}
    verb.get(fault, lambda: server.slow(50))()
    server.stop()
    server.stop()
    assert (server.state, server.pid) == ("detenido", None)
    with pytest.raises(ServiceError, match="está detenido"):
        server.kill()
    assert one(postgres(NAME), "SELECT 1") == 1


def test_killed_from_outside_it_is_seen_and_starts_again(server):
    psutil.Process(server.pid).kill()
    server._process.wait(5)
    assert server.state == "averiado"
    assert one(postgres(NAME), "SELECT 1") == 1


def test_stopped_it_keeps_its_data_and_fresh_it_forgets_them(server):
    with server.connect() as connection:
        connection.execute("CREATE TABLE dish (name text)")
    server.stop()
    again = postgres(NAME)
    assert one(again, "SELECT count(*) FROM dish") == 0
    fresh = postgres(NAME, fresh=True)
    with pytest.raises(psycopg.errors.UndefinedTable):
        one(fresh, "SELECT count(*) FROM dish")


def test_reset_empties_it_while_it_runs(server):
    pid = server.pid
    with server.connect() as connection:
        connection.execute("CREATE TABLE dish (name text)")
    assert server.reset().pid == pid
    assert one(server, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


def test_corrupt_data_are_said_with_the_way_out_which_works():
    broken = postgres("rota").stop() or PostgresServer("rota")
    (broken.data / "global" / "pg_control").write_bytes(b"nada")
    with pytest.raises(ServiceError, match=r'(?s)No pudo con los datos.*postgres\("rota", fresh=True\)'):
        broken.start()
    assert registry.get("rota") is None
    assert one(postgres("rota", fresh=True), "SELECT 1") == 1
    postgres("rota").stop()


def test_what_other_servers_of_this_account_are_told_is_not_heard(server, monkeypatch):
    monkeypatch.setenv("PGPORT", "7777")
    monkeypatch.setenv("PGDATA", "/no/existe")
    server.restart()
    assert one(server, "SHOW port") == "5432"


@pytest.mark.parametrize("name", ["", "a/b", "..", 7, "n" * 41])
def test_a_name_that_is_no_name_is_refused(name):
    with pytest.raises(ServiceError, match="El nombre de un servicio"):
        postgres(name)

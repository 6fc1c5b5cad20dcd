"""`DATABASE_URL`: the same code over a server that is somebody else's. Here, another real one."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import text

from workshop import postgres, running
from workshop.services import registry
from workshop.services.errors import ServiceError
from workshop.services.postgres.external import ExternalPostgres
from workshop.services.postgres.server import PostgresServer


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[PostgresServer]:
    """The external one. It is of this process too, but nothing here reaches it save by its address."""
    with PostgresServer("de-otra-parte") as server:
        yield server


@pytest.fixture(autouse=True)
def address(elsewhere, monkeypatch) -> Iterator[str]:
    elsewhere.recover().reset()
    monkeypatch.setenv("DATABASE_URL", elsewhere.conninfo)
    yield elsewhere.conninfo
    for server in registry.services():
        if server is not elsewhere:
            server.stop()


def make_table(server: PostgresServer) -> None:
    with server.connect() as connection:
        connection.execute("CREATE TABLE dish (name text)")


def test_the_same_code_talks_to_it(elsewhere):
    server = postgres()
    make_table(elsewhere)
    with server.engine().connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM dish")).scalar_one() == 0
    with server.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert postgres() is server
    assert repr(server) == "servidor PostgreSQL externo «postgres»: en marcha"
    assert "servidor PostgreSQL externo" in repr(running())
    assert "servidor externo" in server.logs()


def test_stopped_it_goes_on_for_everybody_else(elsewhere):
    server = postgres()
    server.stop()
    server.stop()
    assert (server.status, elsewhere.status) == ("detenido", "en marcha")


@pytest.mark.parametrize("verb", ["kill", "freeze", "cut", "slow"])
def test_it_cannot_be_broken_and_it_says_what_can(verb):
    server = postgres()
    with pytest.raises(ServiceError, match=r"externo \(DATABASE_URL\).*no puede averiarlo.*private=True"):
        getattr(server, verb)(*[5][: verb == "slow"])


def test_empty_when_it_was_taken_it_can_be_emptied(elsewhere):
    server = postgres()
    make_table(server)
    assert postgres(fresh=True) is server
    with pytest.raises(psycopg.errors.UndefinedTable), elsewhere.connect() as connection:
        connection.execute("SELECT * FROM dish")


def test_with_somebodys_tables_it_is_not_emptied(elsewhere):
    make_table(elsewhere)
    with pytest.raises(ServiceError, match="ya tenía tablas"):
        postgres(fresh=True)
    with elsewhere.connect() as connection:
        assert connection.execute("SELECT count(*) FROM dish").fetchone() == (0,)


def test_down_it_is_seen_and_said(elsewhere):
    server = postgres()
    elsewhere.kill()
    assert server.state == "averiado"
    with pytest.raises(ServiceError, match=r"DATABASE_URL apunta a .*no se pudo entrar"):
        postgres()


def test_its_password_is_not_said(elsewhere, monkeypatch):
    wrong = elsewhere.conninfo.replace(elsewhere.password, "secreta")
    monkeypatch.setenv("DATABASE_URL", wrong)
    with pytest.raises(ServiceError, match="password authentication failed") as failure:
        postgres()
    assert "secreta" not in str(failure.value)


@pytest.mark.parametrize("address", ["sqlite:///menu.db", "mysql://yo@aqui/menu", "menu"])
def test_an_address_that_is_not_of_postgresql_is_refused(monkeypatch, address):
    monkeypatch.setenv("DATABASE_URL", address)
    with pytest.raises(ServiceError, match="DATABASE_URL debe ser una dirección de PostgreSQL"):
        postgres()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_any_spelling_of_the_address_uses_the_workshops_driver(scheme):
    server = ExternalPostgres("menu", f"{scheme}://yo:clave@aqui:5432/menu")
    assert server.url == "postgresql+psycopg://yo:clave@aqui:5432/menu"
    assert server.conninfo == "postgresql://yo:clave@aqui:5432/menu"


def test_a_private_one_is_still_had_when_asked_for():
    with postgres("propia", private=True) as server:
        assert isinstance(server, PostgresServer)


def test_this_kernels_own_address_given_to_its_children_is_still_its_own(monkeypatch):
    server = postgres("propia", private=True)
    monkeypatch.setenv("DATABASE_URL", server.url)
    assert postgres("propia") is server

"""Chapter 05's checks against planted solutions: an API that tells its codes, and a server of bare bytes."""

import time
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Header, HTTPException, Request, Response

from tests.learning.planted import bytes as wire_bytes
from tests.learning.planted import codes
from tests.learning.plants import Plants, assert_done, assert_not_tried, flat
from workshop.learning.checks import http as http_checks
from workshop.learning.errors import LearningError
from workshop.learning.exercise import find
from workshop.learning.record import record
from workshop.learning.verdict import check
from workshop.services.wire.raw import raw_server

# Words that only the message for that mistake has.
CODES_MISTAKES = {
    "no_404": "Esa mesa no existe",
    "everybody_in": "Sin la credencial no se sabe quién pide",
    "forbids": "403 es «sé quién eres y no puedes»",
    "does_not_say_how": "Un 401 dice cómo identificarse",
    "reads_before_asking_who": "el 401 va antes que el 400",
    "writes_before_asking_who": "siga libre después de los 401",
    "validates_with_a_model": "422 lo contesta FastAPI por ti",
    "nonsense_is_404": "404 habla de la dirección",
    "nonsense_is_409": "no puede estar tomada",
    "nonsense_is_200": "Llegó: 200. Dónde mirar: Si no se entiende qué mesa pide",
    "nonsense_is_a_crash": "Llegó: 500. Dónde mirar: Si no se entiende qué mesa pide",
    "created_is_200": "`status_code=201` en el decorador",
    "does_not_say_where": "Llegó: ninguno con ese nombre. Dónde mirar: El 201 dice dónde",
    "says_another_place": "Llegó: `/reservations`",
    "promises_and_forgets": "Un 201 promete",
    "seats_two_on_one_table": "Llegó: 201. Dónde mirar: La petición está bien escrita y choca",
    "conflict_is_400": "Llegó: 400. Dónde mirar: La petición está bien escrita y choca",
    "released_is_200": "Salió bien y no hay nada que devolver",
    "does_not_release": "Un 204 promete",
    "another_body": "El cuerpo del 200 estaba bien",
}
BYTES_MISTAKES = {
    "counts_letters": "Contaste letras",
    "counts_wrong": "en la respuesta a `GET /menu`. Llegó: 7.",
    "does_not_count": "el cliente no sabe dónde termina",
    "no_blank_line": "Después del último encabezado va una línea vacía",
    "only_line_feeds": "no solo con `\\n`",
    "no_status_line": "Llegó: «Content-Type: application/json",
    "bad_header": "que cada encabezado sea",
    "only_the_body": 'Llegó: «["mole"',
    "no_type": "El cliente no adivina",
    "python_instead_of_json": "El cuerpo es `json.dumps(MENU)`",
    "always_404": "La ruta es la segunda palabra",
    "fails": "¿Falló tu función?",
    "refuses_head": "acepta los dos verbos",
    "head_with_body": "se manda solo la cabeza",
    "head_says_zero": "la longitud que tendría el GET",
    "starts_with": "que `GET /menus` conteste 404",
    "always_the_menu": "que `GET /postres` conteste 404",
    "any_verb": "La ruta existe y ese verbo no",
    "does_not_say_which": "Un 405 dice qué sí se puede",
    "nonsense_is_404": "Si la primera línea no tiene tres partes",
    "error_with_a_lie": "`Content-Length: 7` en la respuesta a `GET /postres`",
}
PLANTS = Plants({"05.1": codes, "05.2": wire_bytes}, {"05.1": CODES_MISTAKES, "05.2": BYTES_MISTAKES})


@pytest.fixture
def planted(served) -> Iterator[Any]:
    """planted(number, name) → the service that runs that solution."""
    raw = []

    def start(number: str, solution: Any) -> Any:
        if number == "05.1":
            return served(solution())
        raw.append(raw_server(lambda wire: wire.sendall(solution(wire.recv(65536))), name="plantado-a-mano"))
        return raw[-1]

    yield start
    for server in raw:
        server.stop()


def from_the_data(number: str) -> Any:
    """The solution that hint() shows, run as the learner would paste it."""
    cell: dict[str, Any] = {
        "fix_app": FastAPI(), "taken": set(), "TABLES": codes.TABLES, "BADGE": codes.BADGE,
        "HTTPException": HTTPException, "Request": Request, "Response": Response,
        "json": wire_bytes.json, "MENU": wire_bytes.MENU, "Annotated": Annotated, "Header": Header,
    }  # fmt: skip
    exec(find(number).solution, cell)
    return (lambda: cell["fix_app"]) if number == "05.1" else cell["answer"]


@pytest.mark.parametrize(("number", "name"), PLANTS.right)
def test_a_right_solution_is_done(number, name, planted):
    verdict = check(number, planted(number, PLANTS.get(number, name)))
    assert_done(number, verdict)


@pytest.mark.parametrize("number", PLANTS.modules)
def test_the_solution_that_is_shown_is_done(number, planted):
    verdict = check(number, planted(number, from_the_data(number)))
    assert_done(number, verdict)


@pytest.mark.parametrize(("number", "name"), PLANTS.wrong)
def test_a_wrong_solution_is_told_its_own_mistake(number, name, planted):
    verdict = check(number, planted(number, PLANTS.get(number, name)))
    PLANTS.assert_told(number, name, verdict)


@pytest.mark.parametrize("number", PLANTS.modules)
def test_the_untouched_stub_is_not_a_failure(number, planted):
    verdict = check(number, planted(number, PLANTS.get(number, "untouched")))
    assert_not_tried(number, verdict)


@pytest.mark.parametrize("number", PLANTS.modules)
@pytest.mark.parametrize("chosen", [PLANTS.right, PLANTS.wrong], ids=["right", "wrong"])
def test_a_verdict_reads_the_same_every_time(number, chosen, planted):
    builds = [PLANTS.get(number, name) for which, name in chosen if which == number]
    assert builds
    for build in builds:
        said = {repr(check(number, planted(number, build))) for _ in range(2)}
        assert len(said) == 1


def test_the_check_of_the_codes_leaves_the_tables_as_they_were(served):
    app = codes.right_with_responses()
    app.state.taken |= {1, 5}
    assert check("05.1", served(app)).state == "logrado"
    assert app.state.taken == {1, 5}


def test_no_free_table_is_not_the_learners_failure(served):
    app = codes.right_with_responses()
    app.state.taken |= set(codes.TABLES)
    with pytest.raises(LearningError, match="necesita una libre"):
        check("05.1", served(app))
    assert record().read().exercises == {}


def test_a_function_that_never_ends_is_told(planted, monkeypatch):
    monkeypatch.setattr(http_checks, "SECONDS", 0.3)

    def endless(request: bytes) -> bytes:
        time.sleep(1)
        return b""

    assert "espera de 0.3 s" in flat(check("05.2", planted("05.2", endless)))


def test_every_exercise_is_planted_enough():
    PLANTS.assert_enough("05", helpers={"book", "reply", "menu", "bare", "server"})

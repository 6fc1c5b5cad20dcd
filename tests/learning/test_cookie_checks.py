"""Chapter 11's checks against planted solutions, with a real Redis and real passes."""

from collections.abc import Iterator
from typing import Annotated, Any

import jwt
import pytest
from fastapi import Cookie, FastAPI, Header, HTTPException, Response

from tests.learning.planted import coats, passes
from tests.learning.plants import Plants, assert_done, assert_not_tried, flat
from workshop import redis_server
from workshop.learning.checks import cookies_y_sesiones as cookie_checks
from workshop.learning.errors import LearningError
from workshop.learning.exercise import find
from workshop.learning.record import record
from workshop.learning.verdict import check
from workshop.restaurant import cloakroom
from workshop.services.redis.handle import RedisHandle

# Words that only the message for that mistake has.
COAT_MISTAKES = {
    "lets_anybody_in": "si no coincide, `HTTPException(401)`",
    "no_cookie": "ninguna cookie",
    "scripts_can_read_it": "sea HttpOnly",
    "goes_with_every_site": "diga SameSite",
    "only_for_login": "Path=/login",
    "the_name_as_ticket": "uno que contiene el nombre",
    "one_two_three": "Llegó: uno de 1",
    "always_the_same": "un ticket nuevo al volver a entrar",
    "takes_what_comes": "el que traía el cliente",
    "one_coat_for_all": "la llave de Redis lleva el ticket",
    "stops_at_the_door": "sigue como se entregó",
    "says_the_ticket": "Lo que se guarda con el ticket es de quién es",
    "everybody_is_somebody": "que `GET /me` sin cookie conteste 401",
    "believes_the_name": "El ticket no es un nombre",
    "in_the_process": "un Redis vacío.",
    "never_expires": "una llave sin caducidad",
    "a_whole_day": "`ex` va en segundos",
    "remembers_by_itself": "pregúntale a Redis cada vez",
    "only_forgets_the_cookie": "Borrar la cookie no cierra la sesión",
    "closes_every_device": "la sesión del otro dispositivo",
    "says_who_exists": "dicen quién existe",
    "the_clock_tells": "dos tiempos distintos",
}
PASS_MISTAKES = {
    "refuses_everything": "Llegó: 401. Dónde mirar: El encabezado es",
    "tells_the_whole_pass": "tal como vienen en el pase, y nada más",
    "needs_the_header": "Sin pase no se sabe quién es",
    "asks_for_no_audience": "Llegó: 500. Dónde mirar: El encabezado es",
    "crashes_on_rubbish": "atrapa `jwt.InvalidTokenError`",
    "deletes_nothing_yet": "sigue como se entregó",
    "only_reads_it": "La firma no se comprueba",
    "lets_the_pass_choose": "con `alg: none`",
    "for_ever": "No apagues `verify_exp`",
    "for_anybody": "Di para quién vale",
    "forgets_to_require": "sin `exp` conteste 401",
    "for_nobody_in_particular": "sin `sub` conteste 401",
    "does_not_say_how": "Un 401 dice cómo identificarse",
    "everybody_deletes": "Compara `role` antes de quitar nada",
    "does_not_know_the_waiter": "El 401 es para quien no se identificó",
    "nobody_deletes": "A la gerencia sí le toca",
}
PLANTS = Plants({"11.1": coats, "11.2": passes}, {"11.1": COAT_MISTAKES, "11.2": PASS_MISTAKES})


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisHandle]:
    with redis_server("plantado-abrigos", private=True) as server:
        yield server


def planted(number: str, name: str, redis: RedisHandle) -> FastAPI:
    made = PLANTS.get(number, name)
    return made(redis) if number == "11.1" else made()


def from_the_data(number: str, redis: RedisHandle) -> FastAPI:
    """The solution that hint() shows, run as the learner would paste it."""
    app = coats.given(redis) if number == "11.1" else FastAPI()
    own = {"coat_app": app, "pass_app": app, "coats": redis.client(), "KEY": passes.KEY, "jwt": jwt}
    theirs = {"Cookie": Cookie, "Header": Header, "HTTPException": HTTPException, "Response": Response}
    cell: dict[str, Any] = vars(coats) | own | theirs | {"Annotated": Annotated}
    exec(find(number).solution, cell)
    return app


@pytest.mark.parametrize(("number", "name"), PLANTS.right)
def test_a_right_solution_is_done(number, name, redis, served):
    verdict = check(number, served(planted(number, name, redis)))
    assert_done(number, verdict)


@pytest.mark.parametrize("number", PLANTS.modules)
def test_the_solution_that_is_shown_is_done(number, redis, served):
    verdict = check(number, served(from_the_data(number, redis)))
    assert_done(number, verdict)


@pytest.mark.parametrize(("number", "name"), PLANTS.wrong)
def test_a_wrong_solution_is_told_its_own_mistake(number, name, redis, served):
    verdict = check(number, served(planted(number, name, redis)))
    PLANTS.assert_told(number, name, verdict)


@pytest.mark.parametrize("number", PLANTS.modules)
def test_the_untouched_stub_is_not_a_failure(number, redis, served):
    verdict = check(number, served(planted(number, "untouched", redis)))
    assert_not_tried(number, verdict)


@pytest.mark.parametrize("number", PLANTS.modules)
def test_a_verdict_reads_the_same_every_time(number, redis, served):
    wrong = {"11.1": "only_forgets_the_cookie", "11.2": "forgets_to_require"}[number]
    said = [flat(check(number, served(planted(number, wrong, redis)))), record().reset()]
    assert flat(check(number, served(planted(number, wrong, redis)))) == said[0]


def test_without_the_given_routes_the_learner_is_not_blamed(served):
    app = FastAPI()

    @app.post("/login")
    def log_in():
        raise HTTPException(401)

    with pytest.raises(LearningError, match="Esa ruta viene hecha"):
        check("11.1", served(app))
    assert record().read().exercises == {}


def test_every_exercise_is_planted_enough():
    PLANTS.assert_enough("11", helpers={"given", "app_with", "guarded"})


def test_the_check_and_the_exercise_agree_on_what_they_share():
    assert cookie_checks.NEIGHBOUR == cloakroom.NEIGHBOUR
    assert cookie_checks.KEY == passes.KEY

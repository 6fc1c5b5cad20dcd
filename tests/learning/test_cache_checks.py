"""Chapter 15's checks against planted solutions, each with a real Redis that is broken for real."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis as redispy
from fastapi import FastAPI
from sqlmodel import Session, select

from tests.learning.planted import absent, ranking
from tests.learning.plants import Plants, assert_done, assert_not_tried, flat
from workshop import redis_server, restaurant
from workshop.learning import probe
from workshop.learning.checks import cache as cache_checks
from workshop.learning.errors import LearningError
from workshop.learning.exercise import find
from workshop.learning.record import record
from workshop.learning.verdict import check
from workshop.restaurant import inspection, sales
from workshop.services.redis.handle import RedisHandle

# Words that only the message for that mistake has.
RANKING_MISTAKES = {
    "never_caches": "y ninguna llave en Redis",
    "only_writes": "Guardas, pero no lees",
    "in_the_process": "está en la memoria del proceso",
    "text_instead_of_rows": "Redis guarda texto",
    "saves_with_str": "`str(rows)` no es JSON",
    "part_of_the_rows": "tiene que salir lo mismo que entró",
    "ignores_the_category": "La llave no dice de qué categoría",
    "caches_only_the_whole": "La lectura con categoría también se guarda",
    "never_expires": "una llave sin caducidad",
    "a_whole_day": "`ex` va en segundos",
    "no_invalidation": "Lo guardado ya no es verdad",
    "forgets_half": "pero no el de su categoría",
    "empties_redis": "un Redis vaciado",
    "invalidates_without_writing": "Invalidar no sustituye a escribir",
    "puts": "La ruta es `/dishes/{dish_id}`, con PATCH",
    "gives_up_after_a_change": "Invalidar es borrar una vez",
    "another_ranking": "Con la caché vacía se contesta",
    "crashes": "La ruta es `/best-sellers`, con GET. Mira la traza",
    "other_route": "404. Dónde mirar: La ruta es `/best-sellers`",
}
ABSENT_MISTAKES = {
    "never_caches": "Con Redis sano, la caché se usa",
    "falls": "El fallo de la caché llegó a quien pregunta",
    "says_sorry": "La caché es una ayuda",
    "answers_empty": "contestar vacío es decir que no se vendió nada",
    "last_copy": "no una copia guardada en el proceso",
    "gives_up": "se deja de usar para siempre",
    "only_connection_errors": "atrapa `RedisError`, que es el de ambos",
    "waits_for_ever": "ninguna respuesta a tiempo",
    "waits_too_long": "una respuesta tardía",
    "keeps_another_thing": "tiene que salir lo mismo que entró",
    "another_ranking": "Contesta lo que da `best_sellers(session)`",
}
PLANTS = Plants({"15.1": ranking, "15.2": absent}, {"15.1": RANKING_MISTAKES, "15.2": ABSENT_MISTAKES})


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisHandle]:
    with redis_server("plantado-redis", private=True) as server:
        yield server


@pytest.fixture(scope="module", autouse=True)
def a_short_year() -> Iterator[None]:
    """Two thousand sales: a check counts queries, and does not ask that they be slow."""

    def forget() -> None:
        sales.Sale.metadata.drop_all(restaurant.menu_database(), tables=[sales.Sale.metadata.tables["sale"]])

    forget()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sales, "SALES", 2_000)
        yield
    forget()


@pytest.fixture
def engine() -> Any:
    return restaurant.sales_database()


def from_the_data(number: str, redis: RedisHandle, engine: Any) -> FastAPI:
    """The solution that hint() shows, run as the learner would paste it."""
    app = PLANTS.modules[number].given(redis, engine)
    own = {"ranking_app": app, "sturdy_app": app, "redis": redis, "cache": redis.client()}
    cell: dict[str, Any] = vars(restaurant) | vars(redispy) | {"json": __import__("json")} | own
    exec(find(number).solution, cell)
    if remember := cell.get("remember_or_cook"):
        absent.with_its_route(app, remember)
    return app


@pytest.mark.parametrize(("number", "name"), PLANTS.right)
def test_a_right_solution_is_done(number, name, redis, engine, served):
    verdict = check(number, served(PLANTS.get(number, name)(redis, engine)))
    assert_done(number, verdict)


@pytest.mark.parametrize("number", PLANTS.modules)
def test_the_solution_that_is_shown_is_done(number, redis, engine, served):
    verdict = check(number, served(from_the_data(number, redis, engine)))
    assert_done(number, verdict)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check waits in vain for some of the wrong ones: less here than in class."""
    monkeypatch.setattr(cache_checks, "PATIENCE", 0.8)
    monkeypatch.setattr(probe, "SECONDS", 2.0)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(("number", "name"), PLANTS.wrong)
def test_a_wrong_solution_is_told_its_own_mistake(number, name, redis, engine, served):
    verdict = check(number, served(PLANTS.get(number, name)(redis, engine)))
    PLANTS.assert_told(number, name, verdict)
    assert redis.status == "en marcha"


@pytest.mark.parametrize("number", PLANTS.modules)
def test_the_untouched_stub_is_not_a_failure(number, redis, engine, served):
    verdict = check(number, served(PLANTS.get(number, "untouched")(redis, engine)))
    assert_not_tried(number, verdict)


@pytest.mark.parametrize("number", PLANTS.modules)
def test_a_verdict_reads_the_same_every_time_and_prices_go_back(number, redis, engine, served):
    def prices() -> list[int]:
        with Session(engine) as session:
            return list(session.exec(select(restaurant.Dish.price)).all())

    before, said = prices(), []
    for name in (RIGHT_OF[number], A_WRONG_ONE[number], A_WRONG_ONE[number]):
        said.append(flat(check(number, served(PLANTS.get(number, name)(redis, engine)))))
        assert prices() == before
        record().reset()
    assert said[1] == said[2] != said[0]


RIGHT_OF = {"15.1": "right_with_versions", "15.2": "right_skipping_the_rest"}
A_WRONG_ONE = {"15.1": "forgets_half", "15.2": "last_copy"}


def test_two_exercises_count_the_same_database_each_on_its_own(redis, engine, served):
    first = served(ranking.right_with_delete(redis, engine))
    assert check("15.1", first).state == "logrado"
    absent.right_with_two_guards(redis, engine)
    assert check("15.1", first).state == "logrado"


@pytest.mark.parametrize("number", PLANTS.modules)
def test_without_the_given_routes_the_learner_is_not_blamed(number, redis, engine, served):
    app = FastAPI()
    app.get("/best-sellers")(list)
    with pytest.raises(LearningError, match="Esa ruta viene hecha"):
        check(number, served(app))
    assert record().read().exercises == {}


def test_every_exercise_is_planted_enough():
    PLANTS.assert_enough("15", helpers={"given", "app_with", "with_its_route"})


def test_the_check_and_the_inspection_agree_on_the_neighbour():
    assert cache_checks.NEIGHBOUR == inspection.NEIGHBOUR

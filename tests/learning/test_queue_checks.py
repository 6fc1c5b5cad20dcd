"""Chapter 16's checks against planted solutions, with real queues, workers and database."""

import importlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, Response
from rq import Queue
from sqlmodel import Session, select

from notebooks import build
from tests.learning.planted import tips
from tests.learning.plants import assert_done, assert_not_tried, assert_told, solutions
from workshop import redis_server, workers
from workshop.learning.checks import colas_de_tareas
from workshop.learning.errors import LearningError
from workshop.learning.exercise import exercises, find
from workshop.learning.record import record
from workshop.learning.verdict import check
from workshop.restaurant import Pot, Tip, tip_routes
from workshop.services import module
from workshop.services.redis.server import RedisServer
from workshop.xray import collector

# Words that only the message for that mistake has.
RECEIPT_MISTAKES = {
    "answers_200": "Si todavía no está hecho, el código es 202",
    "answers_201": "201 dice que ya quedó creado",
    "other_route": "404. Dónde mirar: La ruta es `/receipts`, con POST",
    "no_location": "ninguno con ese nombre",
    "location_of_the_job": "Llegó: `/jobs/A`",
    "calls_it": "uno hecho por la API. Dónde mirar",
    "in_the_background_of_the_api": "uno hecho por la API. Dónde mirar",
    "enqueues_the_result": "'made_by': 'la API'}. Si escribiste los paréntesis",
    "enqueues_a_function_of_the_notebook": "print_it solo existe en este cuaderno",
    "enqueues_the_whole_request": "Encola datos sueltos, textos o números",
    "waits_for_it": "No esperes al trabajo dentro de la función",
    "another_rail": "`queued` después de",
    "turned_around": "Revisa el orden de los argumentos",
    "always_the_same_receipt": "Encola con el folio y el total que llegaron",
    "only_the_status": "Devuelve un diccionario con esas dos claves",
    "in_spanish": "sin traducir",
    "no_result": "Lo que devolvió la función está en `job.return_value()`",
    "not_yet_is_404": "aunque no esté listo",
    "stranger_is_queued": "devuelve `None` si no existe",
    "stranger_crashes": "de un folio que nadie pidió conteste sin errores",
    "failure_is_finished": "no lo des por terminado",
    "refuses_what_will_fail": "quien falla es el trabajo",
}
TIP_MISTAKES = {
    "only_adds": "ninguna propina. Dónde mirar: La primera vez se suma",
    "only_notes": "Llegó: $0. Dónde mirar: La primera vez se suma",
    "never_commits": "Llegó: $0. Dónde mirar: La primera vez se suma",
    "adds_each_time": "Se sumó dos veces",
    "repeating_fails": "Repetir no es un fallo",
    "by_amount": "Lo que identifica a una propina es su folio",
    "swallows_everything": "tu función se calló",
    "two_transactions": "van en la misma transacción",
    "misspelled": "Lee la última línea del error",
}
SAME_MESSAGE = [{"calls_it", "in_the_background_of_the_api"}, {"only_notes", "never_commits"}]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with (
        redis_server("plantado-colas") as found,
        workers(2, ["receipts", "tips"], redis=found, name="plantados"),
    ):
        yield found
    collector.close()


@pytest.fixture(scope="module")
def receipts(server: RedisServer) -> ModuleType:
    """The planted apps, beside the module that the chapter itself brings written."""
    source = build.read_source(build.House().notebooks / "src" / "16_colas_de_tareas.py")
    cell = next(c for c in source.cells if c.node.source.startswith("%%module receipts"))
    module.write("receipts", cell.node.source.partition("\n")[2])
    return importlib.import_module("tests.learning.planted.receipts")


@pytest.fixture
def rail(server: RedisServer) -> Queue:
    return Queue("receipts", connection=server.connection())


@pytest.fixture
def jar(server: RedisServer, engine: Any, served: Any) -> Any:
    """Serves the exercise's app over the `tips` module with that body."""

    def serve(body: str) -> Any:
        add_tip = module.write("tips", tips.HEAD + body).add_tip
        app = FastAPI()
        app.include_router(tip_routes(Queue("tips", connection=server.connection()), add_tip))
        return served(app)

    return serve


RIGHT_RECEIPTS = ["right_with_the_folio_as_job", "right_with_a_book_of_jobs", "right_by_name"]


@pytest.mark.parametrize("name", RIGHT_RECEIPTS)
def test_a_right_receipt_is_done(name, receipts, rail, served):
    assert_done("16.1", check("16.1", served(getattr(receipts, name)(rail))))


@pytest.mark.parametrize("name", RECEIPT_MISTAKES)
def test_a_wrong_receipt_is_told_its_own_mistake(name, receipts, rail, served, monkeypatch):
    if name == "another_rail":  # it never ends
        monkeypatch.setattr(colas_de_tareas, "SECONDS", 0.3)
    assert_told(
        check("16.1", served(getattr(receipts, name)(rail))), RECEIPT_MISTAKES, name, alike=SAME_MESSAGE
    )


def test_the_receipts_that_are_shown_are_done(receipts, rail, served):
    app = FastAPI()
    cell: dict[str, Any] = {
        "receipts_app": app, "rail": rail, "receipts": receipts.receipts, "Receipt": receipts.Receipt,
        "HTTPException": HTTPException, "Response": Response,
    }  # fmt: skip
    exec(find("16.1").solution, cell)
    assert_done("16.1", check("16.1", served(app)))


@pytest.mark.parametrize("name", tips.RIGHT)
def test_a_right_tip_is_done(name, jar):
    assert_done("16.2", check("16.2", jar(tips.RIGHT[name])))


def test_the_tip_that_is_shown_is_done(jar):
    head, _, body = find("16.2").solution.partition("\n")
    assert head in tips.HEAD
    assert_done("16.2", check("16.2", jar(body + "\n")))


@pytest.mark.parametrize("name", tips.WRONG)
def test_a_wrong_tip_is_told_its_own_mistake(name, jar):
    assert_told(check("16.2", jar(tips.WRONG[name])), TIP_MISTAKES, name, alike=SAME_MESSAGE)


def test_the_untouched_stubs_are_not_failures(receipts, rail, served, jar):
    stubs = {"16.1": lambda: served(receipts.untouched(rail)), "16.2": lambda: jar(tips.UNTOUCHED)}
    for number, stub in stubs.items():
        assert_not_tried(number, check(number, stub()))


def test_a_check_leaves_the_pots_as_they_were(jar, engine):
    with Session(engine) as session:
        session.add(Pot(name="barra", total=70))
        session.flush()
        session.add(Tip(folio="mesa-3", pot="barra", amount=70))
        session.commit()
    for body in (tips.RIGHT["looks_first"], tips.WRONG["two_transactions"], tips.UNTOUCHED):
        check("16.2", jar(body))
        with Session(engine) as session:
            assert [pot.model_dump() for pot in session.exec(select(Pot))] == [{"name": "barra", "total": 70}]
            assert [tip.folio for tip in session.exec(select(Tip))] == ["mesa-3"]


def test_a_verdict_reads_the_same_every_time(receipts, rail, served, jar):
    for number, build_it in (
        ("16.1", lambda: served(receipts.answers_200(rail))),
        ("16.1", lambda: served(receipts.right_by_name(rail))),
        ("16.2", lambda: jar(tips.WRONG["adds_each_time"])),
    ):
        said = []
        for _ in range(2):
            said.append(repr(check(number, build_it())))
            record().reset()
        assert said[0] == said[1]


def test_nobody_at_work_is_not_the_learners_failure(server, served, engine, monkeypatch):
    monkeypatch.setattr(colas_de_tareas, "SECONDS", 0.3)
    add_tip = module.write("tips", tips.HEAD + tips.RIGHT["looks_first"]).add_tip
    app = FastAPI()
    app.include_router(tip_routes(Queue("nobody", connection=server.connection()), add_tip))
    with pytest.raises(LearningError, match="Nadie hizo el trabajo"):
        check("16.2", served(app))
    assert record().read().exercises == {}


def test_every_exercise_is_planted_enough(receipts):
    assert {number for number in exercises() if number.startswith("16.")} == {"16.1", "16.2"}
    assert solutions(receipts) - {"app_with"} == {*RIGHT_RECEIPTS, *RECEIPT_MISTAKES, "untouched"}
    assert tips.WRONG.keys() == TIP_MISTAKES.keys()

"""Chapter 06's checks against planted solutions: a menu in two packages, and a price in two versions."""

import xml.etree.ElementTree as ET
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Header, HTTPException, Response
from fastapi.responses import JSONResponse

from tests.learning.planted import packages, versions
from tests.learning.plants import Plants, assert_done, assert_not_tried
from workshop.learning.errors import LearningError
from workshop.learning.exercise import find
from workshop.learning.record import record
from workshop.learning.verdict import check

# Words that only the message for that mistake has.
PACKAGE_MISTAKES = {
    "always_json": "Llegó: un cuerpo en JSON",
    "always_xml": "Llegó: application/xml. Dónde mirar: Contesta `JSONResponse(MENU",
    "xml_inside_json": "El XML llegó dentro de un JSON",
    "text_inside_json": "quedó empaquetado dos veces",
    "wrapped_list": "sin envolverla en otro objeto",
    "pastes_texts": "No pegues textos",
    "does_not_say_xml": "Llegó: text/plain",
    "other_tags": "Llegó: <menu> con <plato>",
    "forgets_the_price": "`<price>180</price>` en el XML",
    "one_dish": "Se esperaba: 2 platos en el XML",
    "refuses_anything": "es lo que envía quien no tiene preferencia",
    "requires_accept": "Un cliente puede no enviar `Accept`",
    "looks_for_the_word": "`Accept: application/xml;q=0.4, application/json`. Llegó: application/xml",
    "order_of_writing": "`Accept: text/html, application/xml;q=0.9, */*;q=0.1`. Llegó: application/json",
    "only_the_first": "conteste 200. Llegó: 406. Dónde mirar: El cliente acepta varios",
    "json_to_everybody": "conteste 406. Llegó: 200",
    "unsupported_is_415": "conteste 406. Llegó: 415",
    "does_not_vary": "`Vary: Accept` en `GET /dishes` con `Accept: application/json`. Llegó: ninguno",
    "varies_by_another": "Llegó: Accept-Encoding",
    "fails_with_xml": "conteste sin errores del servidor",
}
VERSION_MISTAKES = {
    "only_the_old": "no encuentra el plato 1: se escribe con `/v2`",
    "only_the_new": "no encuentra el plato 1: se escribe con `/v1`",
    "old_does_not_write": "Esa dirección existe, pero sin ese verbo",
    "old_speaks_like_the_new": 'número en `GET /v1/dishes/1`. Llegó: {"id":1,"name":"Mole negro","price":{',
    "old_in_cents": "Llegó: 18050 pesos y 18050 centavos",
    "price_as_text": '"price":"$180.5"',
    "new_is_a_number": '"price":18050}. Dónde mirar',
    "no_currency": 'Llegó: {"id":1,"name":"Mole negro","price":{"amount":18050}}',
    "new_with_decimals": "en `/v2` no se divide",
    "two_pantries": "Las dos versiones leen y escriben en el mismo lugar",
    "truncates": "`int` tira lo que sobra",
    "keeps_pesos": "multiplica por 100 al guardar",
    "answers_what_it_was": "escribe primero y lee después",
    "does_not_warn": "en `GET /v1/dishes/1`. Llegó: ninguno",
    "warns_only_when_read": "en `PATCH /v1/dishes/1`. Llegó: ninguno",
    "another_day": "Llegó: pronto",
    "retires_everything": "la nueva no se va a retirar",
    "only_the_price": "Llegó: `price`",
    "renames_for_the_new": "Entre versiones solo cambia el precio",
    "new_first": "`GET /v1/dishes/1` conteste 200. Llegó: 501. Dónde mirar: Esa operación todavía",
}
PLANTS = Plants({"06.1": packages, "06.2": versions}, {"06.1": PACKAGE_MISTAKES, "06.2": VERSION_MISTAKES})


def from_the_data(number: str) -> FastAPI:
    """The solution that hint() shows, run as the learner would paste it."""
    kept = versions.pantry()

    def find_dish(dish_id: int) -> dict[str, Any]:
        return kept[dish_id]

    cell: dict[str, Any] = {
        "menu_app": FastAPI(), "versions_app": FastAPI(), "ET": ET, "Annotated": Annotated, "Header": Header,
        "HTTPException": HTTPException, "Response": Response, "JSONResponse": JSONResponse,
        "MENU": packages.MENU, "wanted": packages.wanted, "find": find_dish, "RETIRE": versions.RETIRE,
        "Money": versions.Money, "PriceV1": versions.PriceV1, "PriceV2": versions.PriceV2,
    }  # fmt: skip
    exec(find(number).solution, cell)
    return cell["menu_app" if number == "06.1" else "versions_app"]


@pytest.mark.parametrize(("number", "name"), PLANTS.right)
def test_a_right_solution_is_done(number, name, served):
    verdict = check(number, served(PLANTS.get(number, name)()))
    assert_done(number, verdict)


@pytest.mark.parametrize("number", PLANTS.modules)
def test_the_solution_that_is_shown_is_done(number, served):
    verdict = check(number, served(from_the_data(number)))
    assert_done(number, verdict)


@pytest.mark.parametrize(("number", "name"), PLANTS.wrong)
def test_a_wrong_solution_is_told_its_own_mistake(number, name, served):
    verdict = check(number, served(PLANTS.get(number, name)()))
    PLANTS.assert_told(number, name, verdict)


@pytest.mark.parametrize("number", PLANTS.modules)
def test_the_untouched_stub_is_not_a_failure(number, served):
    verdict = check(number, served(PLANTS.get(number, "untouched")()))
    assert_not_tried(number, verdict)


@pytest.mark.parametrize("number", PLANTS.modules)
@pytest.mark.parametrize("chosen", [PLANTS.right, PLANTS.wrong], ids=["right", "wrong"])
def test_a_verdict_reads_the_same_every_time(number, chosen, served):
    builds = [PLANTS.get(number, name) for which, name in chosen if which == number]
    assert builds
    for build in builds:
        said = {repr(check(number, served(build()))) for _ in range(2)}
        assert len(said) == 1


@pytest.mark.parametrize(
    "name", ["right_with_functions", "right_with_routers", "two_pantries", "does_not_warn"]
)
def test_the_check_of_the_versions_leaves_the_price_as_it_was(name, served):
    app = getattr(versions, name)()
    check("06.2", served(app))
    assert app.state.pantry == versions.START


def test_a_price_that_the_check_cannot_use_is_not_the_learners_failure(served):
    app = versions.right_with_functions()
    app.state.pantry[1]["cents"] = 5
    with pytest.raises(LearningError, match="menos de un peso"):
        check("06.2", served(app))
    assert record().read().exercises == {}


def test_every_exercise_is_planted_enough():
    PLANTS.assert_enough("06", helpers={"packer", "shop"})

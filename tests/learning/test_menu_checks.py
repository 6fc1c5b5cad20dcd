"""Each check against planted solutions: right ones, wrong ones with a message of their own, the stub."""

from typing import Annotated, Any

import pytest
from fastapi import FastAPI, HTTPException, Query, Response
from sqlmodel import Session, func, select

from tests.learning.planted import catalog, orders
from tests.learning.plants import Plants, assert_done, assert_not_tried
from workshop import restaurant
from workshop.learning.errors import LearningError
from workshop.learning.exercise import find
from workshop.learning.record import record
from workshop.learning.verdict import check

# Words that only the message for that mistake has.
CATALOG_MISTAKES = {
    "no_return": "null. Dónde mirar: Falta el `return`",
    "empty": "Llegó: una lista vacía",
    "ignores_limit": "Declara `limit` como parámetro",
    "no_total": "ninguno con ese nombre",
    "total_in_words": "«42 platos»",
    "total_of_the_page": "no uses el largo de la página",
    "wrapped": 'un objeto: {"items":',
    "only_names": 'un elemento distinto: "Guacamole',
    "unordered": "Sin `order_by`",
    "ignores_offset": "parece que `offset` no se usa",
    "offset_is_a_page": "`offset` no es un número de página",
    "clamps": "que `GET /dishes?limit=0` conteste 422",
    "no_upper_limit": "que `GET /dishes?limit=51` conteste 422",
    "negative_offset": "que `GET /dishes?offset=-1` conteste 422",
    "empty_page_is_404": "Una búsqueda sin resultados también es un 200",
    "other_default": "que `GET /dishes`, sin `limit`, conteste 20 platos",
    "ignores_category": "where(Dish.category == category)",
    "strict_price": "El precio máximo se incluye",
    "one_filter_at_a_time": "Los filtros se suman",
    "total_of_the_table": "ni toda la tabla ni solo la página",
    "filters_after_paging": "Primero se filtra y después se pagina",
    "crashes": "`.logs()`",
    "answers_a_page": "un cuerpo que no es JSON (text/html",
    "redirects_forever": "una redirección que nunca termina",
    "other_route": "404. Dónde mirar: La ruta es `/dishes`",
    "ids_of_every_kind": "una que la revisión no supo leer",
}
ORDER_MISTAKES = {
    "always_200": "se creó un recurso, y eso se dice con 201",
    "always_201": "La segunda vez no se creó nada",
    "never_saves": "Guarda el pedido con su folio",
    "adds_blindly": "se agregó otra fila con ese folio",
    "any_repeat_conflicts": "El mismo contenido no es un conflicto",
    "replaces": "con otra cantidad, conteste 409",
    "looks_only_at_quantity": "con otra mesa, conteste 409",
    "saves_then_refuses": "Rechaza antes de guardar",
    "deletes_on_conflict": "Un 409 rechaza: no borres",
    "adds_up": "no sumes ni cambies lo guardado",
    "compares_the_text": "en JSON el orden no importa",
    "same_order_same_folio": "Lo que identifica al pedido es el folio",
    "accepts_anything": "recibe un `OrderCreate`",
    "posts": "El verbo es PUT",
    "broken_list": "Devuelve la lista directamente",
}
PLANTS = Plants({"07.1": catalog, "07.2": orders}, {"07.1": CATALOG_MISTAKES, "07.2": ORDER_MISTAKES})


def from_the_data(number: str, engine: Any) -> FastAPI:
    """The solution that hint() shows, run as the learner would paste it."""
    app = FastAPI() if number == "07.1" else orders.given(engine)
    own = {"catalog_app": app, "orders_app": app, "Annotated": Annotated, "Query": Query}
    theirs = {"Response": Response, "HTTPException": HTTPException, "func": func, "select": select}
    cell: dict[str, Any] = vars(restaurant) | own | theirs
    exec(find(number).solution, cell)
    return app


@pytest.mark.parametrize(("number", "name"), PLANTS.right)
def test_a_right_solution_is_done(number, name, engine, served):
    verdict = check(number, served(PLANTS.get(number, name)(engine)))
    assert_done(number, verdict)


@pytest.mark.parametrize("number", PLANTS.modules)
def test_the_solution_that_is_shown_is_done(number, engine, served):
    verdict = check(number, served(from_the_data(number, engine)))
    assert_done(number, verdict)


@pytest.mark.parametrize(("number", "name"), PLANTS.wrong)
def test_a_wrong_solution_is_told_its_own_mistake(number, name, engine, served):
    verdict = check(number, served(PLANTS.get(number, name)(engine)))
    PLANTS.assert_told(number, name, verdict)


@pytest.mark.parametrize("number", PLANTS.modules)
def test_the_untouched_stub_is_not_a_failure(number, engine, served):
    verdict = check(number, served(PLANTS.get(number, "untouched")(engine)))
    assert_not_tried(number, verdict)


@pytest.mark.parametrize("number", PLANTS.modules)
@pytest.mark.parametrize("name", ["right", "wrong"])
def test_a_verdict_reads_the_same_every_time(number, name, engine, served):
    chosen = {"right": PLANTS.right, "wrong": PLANTS.wrong}[name]
    builds = [PLANTS.get(number, n) for k, n in chosen if k == number]
    assert builds
    for build in builds:
        said = []
        for _ in range(2):
            restaurant.menu_database()
            said.append(repr(check(number, served(build(engine)))))
            record().reset()
        assert said[0] == said[1]


@pytest.mark.parametrize("number", PLANTS.modules)
def test_a_check_leaves_the_data_as_it_was(number, engine, served):
    def everything() -> list[Any]:
        with Session(engine) as session:
            tables = (restaurant.Dish, restaurant.Order)
            return [row.model_dump() for table in tables for row in session.exec(select(table)).all()]

    with Session(engine) as session:
        session.add(restaurant.Order(folio="mesa-3", table_number=3, dish_id=1, quantity=1))
        session.commit()
    before = everything()
    module = PLANTS.modules[number]
    for key, name in [*PLANTS.right, *PLANTS.wrong]:
        if key == number and name != "broken_list":  # that one answers nothing else than PUT
            check(number, served(getattr(module, name)(engine)))
            assert everything() == before, name


def test_every_exercise_is_planted_enough():
    PLANTS.assert_enough("07", helpers={"given", "app_with"})


def test_too_few_dishes_is_not_the_learners_failure(engine, served):
    with Session(engine) as session:
        for row in session.exec(select(restaurant.Dish)).all()[3:]:
            session.delete(row)
        session.commit()
    with pytest.raises(LearningError, match="tiene 3 platos"):
        check("07.1", served(catalog.right_in_python(engine)))
    assert record().read().exercises == {}

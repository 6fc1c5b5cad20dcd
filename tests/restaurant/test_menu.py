"""The menu, its database and its API, over real HTTP and a real SQLite file."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from fastapi import FastAPI
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from workshop import serve, stop_all
from workshop.restaurant import Category, Dish, DishCreate, Order, load_menu, menu_database, menu_routes
from workshop.restaurant.errors import UnknownRouteError

TACOS = {"name": "Tacos de la casa", "category": "plato fuerte", "price": 90}


@pytest.fixture
def url() -> Iterator[str]:
    menu_database(6)
    app = FastAPI()
    app.include_router(menu_routes())
    yield serve(app).url
    stop_all()


def card(dish: dict) -> dict:
    return {field: dish[field] for field in DishCreate.model_fields}


def test_the_menu_is_a_real_one():
    menu = load_menu()
    assert len(menu) >= 40
    assert len({dish.name for dish in menu}) == len(menu)
    assert set(Counter(dish.category for dish in menu)) == set(Category)
    assert {dish.available for dish in menu} == {True, False}


def test_opening_the_database_again_leaves_it_as_new():
    for count in (3, 5, None):
        with Session(menu_database(count)) as session:
            ids = session.exec(select(Dish.id).order_by(Dish.id)).all()
            assert list(ids) == list(range(1, (count or len(load_menu())) + 1))
            session.add(Order(folio="A-1", table_number=1, dish_id=1))
            session.commit()


def test_the_database_refuses_an_order_of_a_dish_that_is_not_there():
    with Session(menu_database(1)) as session:
        session.add(Order(folio="A-1", table_number=1, dish_id=99))
        with pytest.raises(IntegrityError, match="FOREIGN KEY"):
            session.commit()


def test_creating_says_where_and_twice_is_a_conflict(url):
    first, second = (requests.post(f"{url}/dishes", json=TACOS, timeout=5) for _ in range(2))
    assert (first.status_code, first.headers["Location"]) == (201, "/dishes/7")
    assert requests.get(url + first.headers["Location"], timeout=5).json() == first.json()
    assert (second.status_code, second.json()["detail"]) == (
        409,
        "Ya hay un plato llamado 'Tacos de la casa'.",
    )


@pytest.mark.parametrize(
    "wrong",
    [{"price": 0}, {"price": "caro"}, {"name": ""}, {"category": "sopa"}, {"color": "verde"}],
    ids=lambda wrong: next(iter(wrong)) + str(next(iter(wrong.values()))),
)
def test_what_breaks_the_contract_is_refused_before_the_database(url, wrong):
    assert requests.post(f"{url}/dishes", json=TACOS | wrong, timeout=5).status_code == 422
    assert len(requests.get(f"{url}/dishes", timeout=5).json()) == 6


def test_reading_pages_filters_and_says_what_is_missing(url):
    assert [d["id"] for d in requests.get(f"{url}/dishes?limit=2&offset=3", timeout=5).json()] == [4, 5]
    starters = requests.get(f"{url}/dishes?category=entrada", timeout=5).json()
    assert {dish["category"] for dish in starters} == {"entrada"}
    codes = [
        requests.get(f"{url}/dishes{end}", timeout=5).status_code
        for end in ("/99", "/mole", "?limit=51", "/0")
    ]
    assert codes == [404, 422, 422, 422]


def test_put_replaces_and_patch_touches_only_what_arrives(url):
    patched = requests.patch(f"{url}/dishes/1", json={"price": 99}, timeout=5).json()
    assert (patched["price"], patched["version"]) == (99, 2)
    assert patched["description"]
    replaced = requests.put(f"{url}/dishes/1", json=TACOS, timeout=5).json()
    assert (replaced["name"], replaced["description"]) == (TACOS["name"], "")
    null = requests.patch(f"{url}/dishes/1", json={"price": None}, timeout=5)
    assert (null.status_code, "no lo envíes" in null.text) == (422, True)


def test_writing_the_same_again_changes_nothing_not_even_the_version(url):
    versions = [requests.put(f"{url}/dishes/2", json=TACOS, timeout=5).json()["version"] for _ in range(3)]
    assert versions == [2, 2, 2]


def test_a_name_that_is_of_another_dish_is_a_conflict(url):
    taken = requests.get(f"{url}/dishes/1", timeout=5).json()["name"]
    assert requests.patch(f"{url}/dishes/2", json={"name": taken}, timeout=5).status_code == 409


def test_deleting_twice_leaves_it_deleted(url):
    assert [requests.delete(f"{url}/dishes/3", timeout=5).status_code for _ in range(2)] == [204, 404]


def test_whoever_writes_over_an_old_copy_is_told(url):
    old = requests.get(f"{url}/dishes/1", timeout=5)
    requests.patch(f"{url}/dishes/1", json={"price": 500}, timeout=5)
    late = requests.put(
        f"{url}/dishes/1", json=card(old.json()), headers={"If-Match": old.headers["ETag"]}, timeout=5
    )
    assert late.status_code == 412
    assert requests.get(f"{url}/dishes/1", timeout=5).json()["price"] == 500


def test_eight_writers_at_once_lose_no_raise(url):
    def raise_one_peso(_: int) -> None:
        while True:
            seen = requests.get(f"{url}/dishes/1", timeout=10)
            changed = card(seen.json()) | {"price": seen.json()["price"] + 1}
            done = requests.put(
                f"{url}/dishes/1", json=changed, headers={"If-Match": seen.headers["ETag"]}, timeout=10
            )
            if done.ok:
                return
            assert done.status_code == 412, done.text

    before = requests.get(f"{url}/dishes/1", timeout=5).json()["price"]
    with ThreadPoolExecutor(8) as writers:
        list(writers.map(raise_one_peso, range(24)))
    assert requests.get(f"{url}/dishes/1", timeout=5).json()["price"] == before + 24


def test_routes_that_the_lesson_writes_can_be_left_out():
    app = FastAPI()
    app.include_router(menu_routes(without=["create_dish", "delete_dish"]))
    assert {verb for verbs in app.openapi()["paths"].values() for verb in verbs} == {"get", "put", "patch"}
    with pytest.raises(UnknownRouteError, match="create_dish, list_dishes"):
        menu_routes(without=["crear"])

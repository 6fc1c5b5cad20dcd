"""A year of sales, the costly query over it, and the counter of what the database feels."""

import gc
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, func, select, text

from workshop.restaurant import SALES, Category, Dish, QueryCounter, Sale, best_sellers, sales_database
from workshop.restaurant import counter as counters


def test_a_year_of_sales_is_there_once_and_is_always_the_same():
    def summary():
        with Session(sales_database()) as session:
            columns = (func.count(), func.sum(Sale.quantity), func.sum(Sale.dish_id), func.max(Sale.day))
            return session.exec(select(*columns)).one(), best_sellers(session)

    first = summary()
    assert first[0][0] == SALES
    assert first[0][3] in (364, 365)
    assert summary() == first


def test_every_dish_is_sold_and_some_much_more_than_others():
    with Session(sales_database()) as session:
        sold = dict(session.exec(select(Sale.dish_id, func.sum(Sale.quantity)).group_by(Sale.dish_id)).all())
        assert sold.keys() == set(session.exec(select(Dish.id)).all())
    assert max(sold.values()) > 1.2 * min(sold.values())


@pytest.mark.parametrize("category", [None, *Category])
def test_the_ranking_has_five_dishes_in_order_with_today_s_price(category):
    with Session(sales_database()) as session:
        rows = best_sellers(session, category)
        assert len(rows) == 5
        assert all(a["sold"] >= b["sold"] for a, b in pairwise(rows))
        for row in rows:
            dish = session.get(Dish, row["id"])
            assert (dish.name, dish.price) == (row["name"], row["price"])
            assert category in (None, dish.category)


def test_the_menu_starts_afresh_and_the_sales_stay():
    with Session(sales_database()) as session:
        session.get(Dish, 1).price = 9_999
        session.commit()
    with Session(sales_database()) as session:
        assert session.get(Dish, 1).price != 9_999
        assert session.exec(select(func.count()).select_from(Sale)).one() == SALES


def test_the_counter_counts_each_statement_once_from_any_thread():
    engine = sales_database()
    felt = QueryCounter(engine)
    assert repr(felt) == "la base sintió 0 consultas"

    def ask(_: int) -> None:
        with Session(engine) as session:
            best_sellers(session)

    ask(0)
    assert repr(felt) == "la base sintió 1 consulta"
    assert felt.at_once == 1
    felt.reset()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(8)))
    assert felt.queries == 8
    assert 1 <= felt.at_once <= 4
    assert sum(count for _, count in felt.per_second(parts=10)) == 8 * 10


def test_a_statement_that_fails_was_felt_and_is_no_longer_under_way():
    engine = sales_database()
    felt = QueryCounter(engine)
    with Session(engine) as session:
        for _ in range(3):
            with suppress(OperationalError):
                session.connection().execute(text("SELECT nothing FROM nowhere"))
    assert (felt.queries, felt.at_once) == (3, 1)


def test_two_counters_count_apart_and_one_that_nobody_keeps_stops():
    engine = sales_database()
    first = QueryCounter(engine)
    with Session(engine) as session:
        session.exec(select(Dish.id)).all()
        second = QueryCounter(engine)
        session.exec(select(Dish.id)).all()
    assert (first.queries, second.queries) == (2, 1)
    gc.collect()
    kept = len(counters._watched[engine])
    del second
    gc.collect()
    assert len(counters._watched[engine]) == kept - 1


def test_it_waits_until_the_database_has_finished():
    engine = sales_database()
    felt = QueryCounter(engine)

    def ask() -> None:
        with Session(engine) as session:
            best_sellers(session)

    with ThreadPoolExecutor(6) as pool:
        for _ in range(6):
            pool.submit(ask)
        while felt.queries < 6:
            time.sleep(0.001)
        felt.settle()
        felt.reset()  # what is still under way would be felt at once
        assert (felt.queries, felt.at_once) == (0, 0)

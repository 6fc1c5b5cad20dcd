"""Chapter 11's cloakroom: the page looks only at its own cookies, and the inspection leaves the neighbour."""

from collections.abc import Iterator

import pytest
import requests
from fastapi import FastAPI

from workshop import redis_server, serve
from workshop.restaurant import session_inspection, wallet_page
from workshop.services.redis.handle import RedisHandle


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisHandle]:
    with redis_server("abrigos-de-prueba", private=True) as server:
        yield server


@pytest.fixture
def url(redis: RedisHandle) -> Iterator[str]:
    app = FastAPI()
    app.include_router(wallet_page(["comanda_a", "comanda_b"]))
    app.include_router(session_inspection(redis))
    with serve(app, name="guardarropa-de-prueba") as service:
        yield service.url


def test_the_wallet_tells_only_of_the_cookies_that_it_knows(url):
    theirs = {"_xsrf": "secreto", "username-127-0-0-1-8888": "secreto", "comanda_b": "77"}
    assert requests.get(f"{url}/wallet/received", cookies=theirs).json() == ["comanda_b"]
    page = requests.get(f"{url}/wallet", cookies=theirs)
    assert '["comanda_a", "comanda_b"]' in page.text
    assert "secreto" not in page.text


def test_the_inspection_sees_each_session_and_forgets_all_but_the_neighbour(url, redis):
    with redis.client() as coats:
        coats.set("session:1", "ana", ex=60)
        coats.set("session:2", "luz")
    seen = {row["key"]: row["ttl"] for row in requests.get(f"{url}/inspection/sessions").json()}
    assert 0 < seen["session:1"] <= 60
    assert seen["session:2"] == -1
    assert requests.delete(f"{url}/inspection/sessions").status_code == 204
    assert [row["key"] for row in requests.get(f"{url}/inspection/sessions").json()] == ["riel:mesa-7"]

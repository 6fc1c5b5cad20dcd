"""One name, one service: who may take a name from whom, and who is told to choose another."""

from collections.abc import Callable, Iterator

import pytest
import requests
from fastapi import FastAPI

from workshop import gateway, postgres, postgres_cluster, raw_server, redis_server, serve, stop_all, workers
from workshop.services import registry
from workshop.services.apps.served import ServedApp
from workshop.services.errors import ServiceError

app = FastAPI()


@app.get("/word")
def read_word() -> str:
    return "hola"


@pytest.fixture(scope="module")
def api() -> Iterator[ServedApp]:
    yield serve(app, name="mesa")
    stop_all()


OTHERS: dict[str, Callable[[], object]] = {
    "raw_server": lambda: raw_server(lambda wire: None, name="mesa"),
    "redis_server": lambda: redis_server("mesa"),
    "postgres": lambda: postgres("mesa", fresh=True),
    "postgres_cluster": lambda: postgres_cluster(1, name="mesa"),
    "workers": lambda: workers(1, redis=redis_server("otro"), name="mesa"),
    "gateway": lambda: gateway("http://127.0.0.1:9", name="mesa"),
}


@pytest.mark.parametrize("maker", OTHERS)
def test_a_name_that_something_else_has_is_refused_and_what_has_it_goes_on(api, maker):
    with pytest.raises(ServiceError, match=r"«mesa» ya lo lleva otro.*\(API en este kernel\).*name=…"):
        OTHERS[maker]()
    assert registry.get("mesa") is api
    assert requests.get(f"{api.url}/word", timeout=5).json() == "hola"


def test_stopped_it_leaves_its_name_to_whoever_wants_it():
    serve(app, name="barra").stop()
    with redis_server("barra") as server:
        assert registry.get("barra") is server
        with pytest.raises(ServiceError, match=r"\(servidor Redis\)"):
            serve(app, name="barra")
    assert serve(app, name="barra").status == "en marcha"


def test_one_of_the_same_kind_takes_the_name_and_the_former_is_stopped():
    former = gateway("http://127.0.0.1:9", name="puerta")
    heir = gateway("http://127.0.0.1:9", tls=True, name="puerta")
    assert (former.status, heir.status) == ("detenido", "en marcha")
    assert registry.get("puerta") is heir
    heir.stop()

"""`serve(app)`: ready, swapped in place, stopped, started again; and what it refuses."""

import threading
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager

import psutil
import pytest
import requests
from fastapi import APIRouter, FastAPI

from workshop import running, serve, stop_all
from workshop.services.errors import ServiceError


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    stop_all()


def saying(word: str) -> FastAPI:
    app = FastAPI()

    @app.get("/word")
    def read_word() -> str:
        return word

    return app


def heard(api) -> str:
    return requests.get(f"{api.url}/word", timeout=5).json()


def test_it_answers_as_soon_as_serve_returns():
    assert heard(serve(saying("hola"))) == "hola"


def test_it_listens_on_the_loopback_address_alone():
    api = serve(saying("hola"))
    mine = [c for c in psutil.Process().net_connections("tcp") if c.laddr.port == api.port]
    assert {c.laddr.ip for c in mine if c.status == psutil.CONN_LISTEN} == {"127.0.0.1"}


def test_the_date_of_its_answers_goes_on():
    api = serve(saying("hola"))
    first = requests.get(f"{api.url}/word", timeout=5).headers["Date"]
    deadline = time.monotonic() + 30
    while requests.get(f"{api.url}/word", timeout=5).headers["Date"] == first:
        assert time.monotonic() < deadline, f"still {first}"
        time.sleep(0.05)


def test_its_name_is_that_of_the_variable():
    kitchen = saying("hola")
    pantry = saying("adiós")
    assert [serve(kitchen).name, serve(pantry).name] == ["kitchen", "pantry"]
    assert len(running()) == 2


def test_what_it_prints_has_no_port():
    app = saying("hola")
    api = serve(app)
    assert repr(api) == "API en este kernel «app»: en marcha"
    api.stop()
    assert repr(api) == "API en este kernel «app»: detenido"


def test_serving_again_swaps_the_app_on_the_same_port():
    app = saying("antes")
    api = serve(app)
    app = saying("después")
    assert serve(app) is api
    assert heard(api) == "después"


def test_a_route_defined_again_on_the_same_app_is_the_one_that_answers():
    """A learner edits the cell of a route and runs it again; the app was made in another cell."""
    app = saying("antes")
    api = serve(app)
    assert heard(api) == "antes"
    assert "después" not in requests.get(f"{api.url}/openapi.json", timeout=5).text

    @app.get("/word", summary="después")
    def read_word() -> str:
        return "después"

    read_word.__qualname__ = app.routes[-1].endpoint.__qualname__ = "saying.<locals>.read_word"
    serve(app)
    assert heard(api) == "después"
    assert "después" in requests.get(f"{api.url}/openapi.json", timeout=5).text


def test_a_client_that_never_stops_asking_is_never_refused_during_swaps():
    app = saying("0")
    api = serve(app)
    words, failures, enough = [], [], threading.Event()

    def keep_asking() -> None:
        while not enough.is_set():
            try:
                words.append(heard(api))
            except requests.RequestException as failure:
                failures.append(failure)

    client = threading.Thread(target=keep_asking)
    client.start()
    for version in range(1, 21):
        app = saying(str(version))
        serve(app)
        while str(version) not in words[-1:] and not failures:
            pass
    enough.set()
    client.join()
    assert failures == []
    assert words == sorted(words, key=int), "an old answer came after a newer one"
    assert set(words) >= {str(version) for version in range(1, 21)}


def test_a_request_in_flight_ends_in_the_app_that_received_it():
    entered, leave = threading.Event(), threading.Event()
    app = FastAPI()

    @app.get("/word")
    def read_word() -> str:
        entered.set()
        leave.wait(10)
        return "la vieja"

    api = serve(app)
    answers: list[str] = []
    client = threading.Thread(target=lambda: answers.append(heard(api)))
    client.start()
    assert entered.wait(5)
    app = saying("la nueva")
    serve(app)
    assert heard(api) == "la nueva"
    leave.set()
    client.join()
    assert answers == ["la vieja"]


def with_lifespan(events: list[str], name: str, fail: bool = False) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app):
        if fail:
            raise RuntimeError("falta la sal")
        events.append(f"abre {name}")
        yield
        events.append(f"cierra {name}")

    app = FastAPI(lifespan=lifespan)
    app.get("/word")(lambda: name)
    return app


def test_each_app_opens_before_it_attends_and_closes_when_it_is_replaced_or_stopped():
    events: list[str] = []
    app = with_lifespan(events, "a")
    api = serve(app)
    assert events == ["abre a"]
    app = with_lifespan(events, "b")
    serve(app)
    assert heard(api) == "b"
    api.stop()
    assert sorted(events) == ["abre a", "abre b", "cierra a", "cierra b"]


def test_an_app_that_cannot_open_says_why_and_leaves_the_previous_one_attending():
    events: list[str] = []
    app = with_lifespan(events, "a")
    api = serve(app)
    app = with_lifespan(events, "b", fail=True)
    with pytest.raises(ServiceError, match="falta la sal") as failure:
        serve(app)
    assert "La versión anterior sigue atendiendo" in str(failure.value)
    assert heard(api) == "a"


def test_a_first_app_that_cannot_open_leaves_nothing_running():
    app = with_lifespan([], "a", fail=True)
    with pytest.raises(ServiceError, match="falta la sal"):
        serve(app)
    assert len(running()) == 0


def test_stopped_it_refuses_and_started_again_it_answers_at_the_same_address():
    app = saying("hola")
    api = serve(app)
    address = api.url
    for _ in range(2):
        api.stop()
        with pytest.raises(requests.ConnectionError):
            heard(api)
    for _ in range(2):
        api.start()
        assert (api.url, heard(api)) == (address, "hola")
    assert api.restart().url == address


def test_stopping_does_not_wait_for_a_request_that_never_ends():
    entered, leave = threading.Event(), threading.Event()
    app = FastAPI()

    @app.get("/word")
    def read_word() -> None:
        entered.set()
        leave.wait(30)

    api = serve(app)

    def ask() -> None:
        with pytest.raises(requests.RequestException):
            heard(api)

    client = threading.Thread(target=ask)
    client.start()
    assert entered.wait(5)
    api.stop()
    assert api.state == "detenido"
    with pytest.raises(requests.ConnectionError):
        requests.get(api.url, timeout=5)
    leave.set()
    client.join()


def test_as_a_context_manager_it_stops_at_the_end():
    app = saying("hola")
    with serve(app) as api:
        assert heard(api) == "hola"
    assert len(running()) == 0


def test_its_logbook_has_the_requests_and_the_traceback_of_an_error():
    app = FastAPI()
    app.get("/boom")(lambda: 1 / 0)
    api = serve(app)
    assert requests.get(f"{api.url}/boom", timeout=5).status_code == 500
    assert '"GET /boom HTTP/1.1" 500' in api.logs(200)
    while "ZeroDivisionError" not in api.logs(200):  # written once the answer has left
        threading.Event().wait(0.01)
    assert len(api.logs(3).splitlines()) == 3


def test_two_services_keep_separate_logbooks():
    one, two = saying("1"), saying("2")
    first, second = serve(one), serve(two)
    heard(first)
    assert "/word" in first.logs()
    assert "/word" not in second.logs()


def test_its_documentation_page_asks_nothing_of_another_host():
    app = saying("hola")
    api = serve(app)
    for page, asset in (("/docs", "swagger-ui-bundle.js"), ("/redoc", "redoc.standalone.js")):
        text = requests.get(f"{api.url}{page}", timeout=5).text
        assert asset in text
        assert "http://" not in text.replace(api.url, "")
        assert "https://" not in text
    assert requests.get(f"{api.url}/static-offline-docs/swagger-ui.css", timeout=5).ok


def test_behind_the_proxy_its_documentation_points_through_the_proxy():
    app = saying("hola")
    api = serve(app)
    prefix = f"/user/ana/proxy/{api.port}"
    text = requests.get(f"{api.url}/docs", headers={"X-Forwarded-Context": prefix}, timeout=5).text
    assert f"{prefix}/openapi.json" in text
    assert f"{prefix}/static-offline-docs/swagger-ui.css" in text


def plain_function() -> int:
    return 1


class Flask:
    """As Flask's: a WSGI callable that also has `wsgi_app`."""

    def wsgi_app(self, environ, start_response): ...

    __call__ = wsgi_app


async def two_arguments(scope, receive) -> None: ...


@pytest.mark.parametrize(
    ("what", "says"),
    [
        (None, "return app"),
        ("main:app", "quita las comillas"),
        (FastAPI, "créala primero con `FastAPI\\(\\)`"),
        (APIRouter(), "include_router"),
        (requests, "el módulo requests"),
        (7, "de tipo int"),
        (plain_function, "decórala con"),
        (two_arguments, "recibe 2 argumentos"),
        (Flask(), "WSGI"),
    ],
)
def test_what_is_not_an_application_is_refused_with_a_way_out(what, says):
    with pytest.raises(ServiceError, match=says) as failure:
        serve(what)
    assert str(failure.value).startswith("serve() espera una aplicación")
    assert len(running()) == 0


def test_a_name_that_is_not_one_is_refused():
    with pytest.raises(ServiceError, match="letras, números"):
        serve(saying("hola"), name="../cocina")


def test_running_and_stop_all_say_what_they_found():
    assert repr(running()) == "No hay nada en marcha."
    app = saying("hola")
    serve(app)
    assert repr(running()).splitlines()[1].split("  ")[0] == "app"
    assert "<td>app</td>" in running()._repr_html_()
    assert repr(stop_all()) == "Detenido: app."
    assert repr(stop_all()) == "No había nada en marcha."

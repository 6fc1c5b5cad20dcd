"""The faults of an app that lives in this kernel: killed, slow and cut off, over a real connection."""

import threading
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
import requests
from fastapi import FastAPI, WebSocket
from websockets.exceptions import ConnectionClosed, InvalidMessage
from websockets.sync.client import connect

from workshop import running, serve, stop_all
from workshop.services.apps.served import ServedApp
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault

DELAY = 200  # milliseconds


class Kitchen:
    """An app that tells when it has opened and closed, and whose slow dish waits for the test."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.cooking, self.leave = threading.Event(), threading.Event()
        self.cooked = 0

    def app(self) -> FastAPI:
        @asynccontextmanager
        async def lifespan(app):
            self.events.append("abre")
            yield
            self.events.append("cierra")

        app = FastAPI(lifespan=lifespan)
        app.get("/word")(lambda: "hola")
        app.post("/dish")(self._cook)
        app.get("/stew")(self._stew)
        app.websocket("/echo")(_echo)
        return app

    def _cook(self) -> int:
        self.cooked += 1
        return self.cooked

    def _stew(self) -> None:
        self.cooking.set()
        self.leave.wait(10)


async def _echo(peer: WebSocket) -> None:
    await peer.accept()
    async for text in peer.iter_text():
        await peer.send_text(text)


@pytest.fixture
def kitchen() -> Iterator[Kitchen]:
    kitchen = Kitchen()
    yield kitchen
    kitchen.leave.set()


@pytest.fixture
def api(kitchen) -> Iterator[ServedApp]:
    yield serve(kitchen.app(), name="api")
    stop_all()


def seconds_of(session, url: str) -> float:
    began = time.monotonic()
    assert session.get(url, timeout=5).json() == "hola"
    return time.monotonic() - began


@contextmanager
def stewing(api: ServedApp, kitchen: Kitchen) -> Iterator[list[BaseException]]:
    """A request under way; at the end of the block, what its client was told."""
    told: list[BaseException] = []

    def ask() -> None:
        try:
            requests.get(f"{api.url}/stew", timeout=30)
        except requests.RequestException as failure:
            told.append(failure)

    client = threading.Thread(target=ask)
    client.start()
    assert kitchen.cooking.wait(5)
    yield told
    client.join(5)
    assert not client.is_alive()


def test_slow_each_answer_takes_that_much_longer_until_it_is_mended(api):
    with requests.Session() as session:
        assert api.slow(DELAY) is api
        assert (api.status, api.fault) == (f"lento (+{DELAY} ms)", Fault.SLOW)
        assert f"lento (+{DELAY} ms)" in repr(running())
        assert [seconds_of(session, f"{api.url}/word") >= DELAY / 1000 for _ in range(2)] == [True] * 2
        api.mend()
        assert min(seconds_of(session, f"{api.url}/word") for _ in range(5)) < DELAY / 1000
        assert (api.status, api.fault) == ("en marcha", None)


def test_a_client_that_gives_up_on_a_slow_app_does_not_know_that_it_was_done(api, kitchen):
    api.slow(2000)
    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{api.url}/dish", timeout=0.2)
    assert kitchen.cooked == 1


def test_slow_a_websocket_is_slow_too(api):
    with connect(f"{api.url}/echo".replace("http", "ws")) as peer:
        api.slow(DELAY)
        began = time.monotonic()
        peer.send("mole")
        assert peer.recv(5) == "mole"
        assert time.monotonic() - began >= DELAY / 1000


@pytest.mark.parametrize("verb", ["cut", "kill"])
def test_cut_or_killed_it_breaks_what_was_under_way_and_answers_nobody(api, kitchen, verb):
    with requests.Session() as kept:
        kept.get(f"{api.url}/word", timeout=5)
        with stewing(api, kitchen) as told:
            getattr(api, verb)()
        assert isinstance(told[0], requests.ConnectionError)
        for client in (kept, requests):
            with pytest.raises(requests.ConnectionError):
                client.get(f"{api.url}/word", timeout=5)


def test_killed_its_app_is_told_nothing(api, kitchen):
    api.kill()
    for thread in [one for one in threading.enumerate() if one.name == "comanda-serve"]:
        thread.join(5)
    assert kitchen.events == ["abre"]


@pytest.mark.parametrize("verb", ["cut", "kill"])
def test_cut_or_killed_it_breaks_its_websockets(api, verb):
    address = f"{api.url}/echo".replace("http", "ws")
    with connect(address) as peer:
        peer.send("mole")
        assert peer.recv(5) == "mole"
        getattr(api, verb)()
        with pytest.raises(ConnectionClosed):
            peer.recv(5)
    with pytest.raises((InvalidMessage, OSError)), connect(address):
        pass


@pytest.mark.parametrize("verb", ["cut", "slow", "kill"])
def test_it_recovers_at_the_same_address_and_a_second_time_too(api, verb):
    address = api.url
    for _ in range(2):
        getattr(api, verb)(*[5][: verb == "slow"])
        assert api.recover() is api
        assert (api.url, api.status, api.fault) == (address, "en marcha", None)
        assert requests.get(f"{address}/word", timeout=5).json() == "hola"


def test_cut_it_keeps_what_it_knew_and_killed_it_opens_again(api, kitchen):
    api.cut().mend()
    assert kitchen.events == ["abre"]
    api.kill().recover()
    assert kitchen.events == ["abre", "abre"]


def test_killed_it_refuses_at_once_and_is_seen(api):
    api.kill()
    assert (api.status, api.fault) == ("muerto", Fault.KILLED)
    assert "muerto" in repr(running())
    with pytest.raises(requests.ConnectionError, match="refused"):
        requests.get(api.url, timeout=5)
    with pytest.raises(ServiceError, match=r"está muerto.*\.recover\(\)"):
        api.slow(5)


@pytest.mark.parametrize(("verb", "arguments"), [("slow", [2000]), ("cut", []), ("kill", [])])
def test_serving_it_again_heals_it(api, kitchen, verb, arguments):
    getattr(api, verb)(*arguments)
    assert serve(kitchen.app(), name="api") is api
    assert (api.status, requests.get(f"{api.url}/word", timeout=1).json()) == ("en marcha", "hola")


def test_frozen_it_cannot_be_and_it_says_what_can(api):
    with pytest.raises(ServiceError, match=r"se congelaría con ella.*replicas\("):
        api.freeze()
    assert api.status == "en marcha"


def test_stopping_it_broken_does_not_wait_and_leaves_it_clean(api):
    for verb, arguments in (("slow", [10_000]), ("cut", []), ("kill", [])):
        getattr(api, verb)(*arguments)
        api.stop()
        assert (api.status, api.fault) == ("detenido", None)
        api.start()
        assert requests.get(f"{api.url}/word", timeout=1).json() == "hola"


def test_what_the_network_does_is_not_in_the_apps_logbook(api):
    api.cut()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{api.url}/word", timeout=5)
    api.mend()
    requests.get(f"{api.url}/word", timeout=5)
    assert api.logs(50).count("GET /word") == 1
    assert "ERROR" not in api.logs(50)

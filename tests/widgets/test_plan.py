"""The plan of the services: what it shows, and its buttons on real servers, also pressed at a bad moment."""

import threading
from html import unescape
from re import sub
from types import SimpleNamespace

import pytest
import redis
from fastapi import FastAPI

from workshop import plan, redis_server, serve, stop_all
from workshop.services.apps.served import ServedApp
from workshop.widgets.errors import WidgetError


@pytest.fixture
def server():
    yield redis_server()
    stop_all()


@pytest.fixture
def live():
    made = []

    def make(*services):
        made.append(plan(*services))
        return made[-1]

    yield make
    for each in made:
        each.stop()
    assert "comanda-pulse" not in {thread.name for thread in threading.enumerate()}


def press(panel, name, verb):
    panel.rooms[name].buttons[verb].click()
    panel.wait()


def said(panel) -> str:
    return " ".join(unescape(sub(r"<[^>]+>", " ", panel._said.value)).split())


def test_the_text_twin_has_a_line_for_each_service(server, live):
    serve(FastAPI(), name="cocina")
    server.freeze()
    assert live().text() == "✓ cocina · API en este kernel · en marcha\n❄ redis · servidor Redis · congelado"


def test_a_button_breaks_for_real_and_says_the_line_of_code(server, live):
    panel = live()
    press(panel, "redis", "kill")
    with pytest.raises(redis.ConnectionError):
        server.client().ping()
    assert (said(panel), panel.text()) == (
        "✓ «redis».kill() «redis»: muerto.",
        "✗ redis · servidor Redis · muerto",
    )
    press(panel, "redis", "recover")
    assert server.client().ping()


def test_it_says_the_name_of_the_variable_that_holds_the_service(server, live, monkeypatch):
    kernel = SimpleNamespace(user_ns={"_": server, "caja": server})
    panel = live()
    monkeypatch.setattr("workshop.widgets.cell.shell", lambda: kernel)
    press(panel, "redis", "freeze")
    assert said(panel) == "✓ caja.freeze() «redis»: congelado."


@pytest.mark.parametrize(
    ("name", "verb", "undo"),
    [
        ("redis", "kill", "Recuperar"),
        ("redis", "freeze", "Descongelar"),
        ("cocina", "slow", "Reparar la red"),
        ("cocina", "cut", "Reparar la red"),
    ],
)
def test_each_fault_has_a_button_and_the_last_one_undoes_it(server, live, name, verb, undo):
    services = {"redis": server, "cocina": serve(FastAPI(), name="cocina")}
    panel = live()
    room = panel.rooms[name]
    press(panel, name, verb)
    assert (room.buttons[verb].disabled, room.undo.description, room.undo.disabled) == (True, undo, False)
    press(panel, name, "recover")
    assert (room.undo.description, room.undo.disabled) == ("Recuperar", True)
    assert services[name].status == "en marcha"


def test_the_delay_is_the_one_that_was_written(live):
    api = serve(FastAPI(), name="cocina")
    panel = live(api)
    panel.delay.value = 40
    press(panel, "cocina", "slow")
    assert api.status == "lento (+40 ms)" and said(panel).startswith("✓ «cocina».slow(40)")
    stop_all()


def test_once_it_says_what_it_did_nobody_is_told_to_wait(server, live, monkeypatch):
    panel = live()
    told, say = [], panel._say
    monkeypatch.setattr(
        panel, "_say", lambda *words: (told.append((words[0][0], panel.rooms["redis"].busy)), say(*words))
    )
    press(panel, "redis", "freeze")
    assert told == [("…", True), ("✓", False)]


def test_a_button_pressed_twice_acts_once(server, live):
    panel = live()
    pid, button = server.pid, panel.rooms["redis"].buttons["kill"]
    server._lock.acquire()  # whatever it is doing takes its time
    try:
        clicks = threading.Thread(target=lambda: [button.click() for _ in range(3)])
        clicks.start()
        clicks.join(5)
        assert not clicks.is_alive(), "a click must never wait for the service"
        assert said(panel) == "… «redis» todavía no termina lo anterior."
    finally:
        server._lock.release()
    panel.wait()
    assert said(panel).startswith("✓ «redis».kill()") and server.pid == pid


def test_a_button_pressed_when_it_no_longer_serves_says_why(server, live):
    panel = live()
    server.kill()
    press(panel, "redis", "freeze")
    assert said(panel).startswith("✗ «redis».freeze() «redis» está muerto")
    server.stop()
    press(panel, "redis", "recover")
    assert server.client().ping()


def test_it_follows_what_starts_breaks_and_stops(server, live, until):
    panel = live()
    server.freeze()
    until(lambda: panel.rooms["redis"].undo.description == "Descongelar")
    redis_server("carta")
    until(lambda: set(panel.rooms) == {"carta", "redis"})
    stop_all()
    until(lambda: not panel.rooms)
    assert panel.text() == "No hay nada en marcha."


def test_only_what_was_asked_for_is_shown_even_when_it_is_stopped(server, live):
    other = redis_server("carta")
    panel = live(other)
    other.stop()
    assert panel.text() == "– carta · servidor Redis · detenido"
    press(panel, "carta", "recover")
    assert panel.text() == "✓ carta · servidor Redis · en marcha"


def test_nothing_is_refreshed_while_nobody_sees_it(server, live, until):
    panel = live()
    panel._view_count = 1
    panel._view_count = 0
    server.freeze()
    looked = threading.Event()
    panel._pulse._look = lambda: looked.set() or True
    panel._pulse.nudge()  # what each cell does at its end
    assert not looked.wait(0.8)
    panel._view_count = 1
    assert looked.wait(5)


def test_when_nothing_runs_it_rests_until_a_cell_has_run(live, until):
    panel = live()
    looks = []
    panel._pulse._look = lambda: looks.append(1) is not None
    panel._pulse.nudge()
    until(lambda: looks)
    panel._pulse._period = 0.01
    panel._pulse.nudge()
    until(lambda: len(looks) == 2)
    assert not panel._pulse._ended.wait(0.3) and len(looks) == 2


def test_running_its_cell_again_stops_the_one_before(live, monkeypatch):
    run = iter(["first", "second"])
    monkeypatch.setattr("workshop.widgets.cell.current", lambda: ("a cell", next(run)))
    earlier, later = live(), live()
    assert (earlier.watching, later.watching) == (False, True)


def test_what_is_no_service_is_refused():
    with pytest.raises(WidgetError, match=r"plan espera servicios.*llegó str"):
        plan("redis")


def test_names_are_escaped(live):
    ServedApp(FastAPI(), "<b>").start()  # serve() would refuse such a name
    assert "<b>&lt;b&gt;</b>" in live().rooms["<b>"]._head.value
    stop_all()

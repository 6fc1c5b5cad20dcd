"""The panel of a load: what it shows of a real one, and every way to end it."""

import asyncio
import threading
from html import unescape
from re import findall, sub

import pytest
from fastapi import FastAPI, HTTPException

from workshop import load, serve, stop_all
from workshop.services.errors import ServiceError
from workshop.services.load.tally import Snapshot
from workshop.widgets import load_view
from workshop.widgets.pace import Pace

app = FastAPI()


@app.get("/menu")
async def menu():
    await asyncio.sleep(0.002)
    return ["mole"]


@app.get("/agotado")
async def sold_out():
    raise HTTPException(503)


@pytest.fixture(scope="module")
def kitchen():
    yield serve(app, name="cocina")
    stop_all()


@pytest.fixture
def fire(kitchen, capsys):
    """Starts a load; at the end of the test nothing of it is left."""
    made = []

    def start(target=None, clients=4, seconds=0.3, **options):
        made.append(load(kitchen if target is None else target, clients, seconds, **options))
        return made[-1]

    yield start
    for each in made:
        each.stop()
    names = {thread.name for thread in threading.enumerate()}
    assert not names & {"comanda-load", "comanda-carga"}


def seen(panel) -> str:
    """What is on the screen, without its tags."""
    html = "".join(part.value for part in (panel.children[1], panel._status, panel._shown))
    return " ".join(unescape(sub(r"<[^>]+>", " ", html)).replace("\u00a0", "").split())


def test_it_waits_for_the_end_and_shows_what_was_measured(fire):
    panel = fire(path=["/menu", "/agotado"])
    result = panel.result
    shown = seen(panel)
    assert not panel.running and panel.stopper.disabled and "✓ Terminó." in shown
    assert result.done == result.ok + result.failed == sum(result.codes.values()) > 0
    assert f"peticiones {result.done} respuestas por segundo" in shown
    assert f"✓ 200 OK · Correcto {result.codes['200']}" in shown
    assert f"✗ 503 Service Unavailable · Servicio no disponible {result.codes['503']}" in shown
    assert "contestadas bien" in shown and "fallidas" in shown


def test_the_text_twin_says_what_is_asked_and_no_figure(fire, kitchen, capsys):
    panel = fire(path="/menu")
    assert panel.text() == (
        "Carga a «cocina» · GET /menu · 4 clientes, 0.3 s. La gráfica y las cifras están en el panel."
    )
    assert capsys.readouterr().out == f"{panel.text()}\n"  # outside a notebook it shows itself as text, once
    assert (
        fire(f"{kitchen.url}/menu", 1, title="un cliente")
        .text()
        .startswith("un cliente · GET /menu · 1 cliente")
    )
    assert "«cocina»" in fire(f"{kitchen.url}/menu").text()


def test_its_report_has_the_figures_as_text(fire):
    panel = fire(path="/menu")
    lines = panel.report().replace("\u00a0", "").splitlines()
    assert lines[0].startswith("REAL · Carga a «cocina»")
    assert f"{panel.result.done} peticiones en" in lines[1] and f"200: {panel.result.done}" in lines
    assert "0 fallidas" in lines


@pytest.mark.parametrize("end", ["press", "stop", "replace"])
def test_it_can_be_ended_before_its_time(fire, end, until):
    panel = fire(seconds=30, path="/menu", wait=False)
    until(lambda: panel.run.snapshot().done > 0)
    if end == "press":
        for _ in range(3):  # pressed again while it is ending, too
            panel.stopper.click()
    else:
        panel.stop()
    assert panel.result.elapsed < 20
    until(lambda: "■ Detenida a los" in seen(panel))
    assert 'text-anchor="middle">30<' not in panel._shown.value  # the axis ends where the load did
    panel.stop()
    panel.stopper.click()
    assert "■ Detenida a los" in seen(panel) and panel.result.failed == 0


def test_interrupting_the_cell_ends_it(fire, monkeypatch):
    panel = fire(seconds=30, path="/menu", wait=False)

    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(panel._over, "wait", lambda timeout=None: interrupted() if timeout is None else True)
    with pytest.raises(KeyboardInterrupt):
        panel.wait()
    assert not panel.running and panel.result.elapsed < 20


def test_when_what_it_asks_is_stopped_it_ends_too(fire, until):
    other = serve(FastAPI(), name="otra")
    panel = fire(other, seconds=30, wait=False)
    until(lambda: panel.run.snapshot().done > 0)
    other.stop()
    until(lambda: not panel.running)
    assert panel.result.elapsed < 20


def test_no_answer_is_told_with_its_reason(fire):
    other = serve(FastAPI(), name="otra")
    other.kill()
    panel = fire(other, clients=1)
    assert panel.result.failed == panel.result.done > 0
    assert "conexión rechazada" in seen(panel) and "p50" in seen(panel)
    other.stop()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"target": "http://example.com"}, "de esta máquina"),
        ({"clients": 500}, "`clients`"),
        ({"seconds": 0}, "`seconds`"),
    ],
)
def test_what_does_not_serve_is_refused_before_anything_starts(fire, options, said):
    with pytest.raises(ServiceError, match=said):
        fire(**options)


def test_who_answered_is_drawn_in_proportion():
    now = Snapshot(done=30, ok=30, by_replica={"c-1": 20, "c-2": 10}, p95_by_replica={"c-1": 4.0, "c-2": 8.0})
    html = load_view.drawn(now, Pace(3), 3)
    assert findall(r'class="bar" x="0" y="2" width="([\d.]+)"', html) == ["100.0", "50.0"]
    assert "c-1" in html and ">8<" in html


def test_the_pace_is_the_difference_between_two_counts():
    pace = Pace(3)
    for elapsed, ok, failed in ((0.1, 1, 0), (0.5, 50, 0), (1.0, 150, 10), (1.1, 160, 10)):
        pace.add(Snapshot(elapsed=elapsed, ok=ok, failed=failed))
    assert pace.well == [(0.0, 100.0), (0.5, 100.0), (1.0, 200.0)]
    assert pace.badly == [(0.0, 0.0), (0.5, 0.0), (1.0, 20.0)]
    pace.add(Snapshot(elapsed=1.2, ok=170, failed=10), last=True)
    assert pace.well[-1] == (1.2, pytest.approx(100))


def test_a_load_without_a_single_answer_still_draws():
    assert "<svg" in load_view.drawn(Snapshot(), Pace(3), 3)
    assert "p50 — ms" in load_view.as_text(Snapshot())

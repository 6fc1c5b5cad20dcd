"""The rail of the queues: real jobs, real workers, and a Redis that breaks under it."""

import threading
from datetime import timedelta
from html import unescape
from re import sub
from types import SimpleNamespace

import pytest

from tests.services.rail_kitchen import rail_kitchen
from workshop import plan, queue_board, redis_server, stop_all, workers
from workshop.services.errors import ServiceError
from workshop.services.queues.state import JobState, QueueState
from workshop.widgets import rail
from workshop.widgets.errors import WidgetError

JOBS = """
import time
from pathlib import Path
from rq import get_current_job

def invoice(number, until):
    job = get_current_job()
    job.meta["progress"] = 40
    job.save_meta()
    while not Path(until).exists():
        time.sleep(0.01)

def torn(number):
    raise ValueError("se acabó la <tinta>")
"""


@pytest.fixture(scope="module")
def kitchen():
    with rail_kitchen("redis_riel", "board_jobs", JOBS, urgent="urgente", queue="cocina") as made:
        yield made
    stop_all()


@pytest.fixture
def live(kitchen):
    kitchen.redis.recover()
    kitchen.connection.flushdb()
    made = []

    def make(*arguments):
        made.append(queue_board(*(arguments or (kitchen.redis, kitchen.urgent, kitchen.queue))))
        return made[-1]

    yield make
    for each in made:
        each.stop()
    assert "comanda-pulse" not in {thread.name for thread in threading.enumerate()}


def seen(panel) -> str:
    """What is on the screen, without its tags."""
    return " ".join(unescape(sub(r"<[^>]+>", " ", panel._summary.value + panel._rail.value)).split())


def test_its_text_counts_jobs_by_state_and_what_is_shown_first_does_not(kitchen, live):
    kitchen.queue.enqueue(kitchen.jobs.invoice, 1, "x")
    kitchen.queue.enqueue_in(timedelta(hours=1), kitchen.jobs.invoice, 2, "x")
    panel = live()
    assert panel.text() == (
        "Riel de comandas · colas «urgente», «cocina»\n"
        "1 en espera · 1 aplazado · 0 en marcha · 0 hechos · 0 fallidos"
    )
    assert panel._repr_mimebundle_()["text/plain"] == "Riel de comandas · colas «urgente», «cocina»"


def test_what_waits_is_in_the_order_in_which_it_will_be_taken_and_the_rest_is_counted(kitchen, live):
    for number in range(8):
        kitchen.queue.enqueue(kitchen.jobs.invoice, number, "x")
    kitchen.urgent.enqueue(kitchen.jobs.invoice, 99, "x")
    shown = seen(live())
    assert shown.index("invoice(99") < shown.index("invoice(0") < shown.index("invoice(4")
    assert "invoice(5" not in shown and "y 3 más" in shown
    assert "Ningún trabajador atiende estas colas." in shown


def test_it_follows_a_job_from_the_queue_to_its_end(kitchen, live, until, tmp_path):
    done = tmp_path / "listo"
    panel = live()
    kitchen.queue.enqueue(kitchen.jobs.invoice, 7, str(done))
    kitchen.queue.enqueue(kitchen.jobs.torn, 8)
    with workers(1, ["urgente", "cocina"], redis=kitchen.redis, name="cocineros"):
        until(lambda: "40 %" in seen(panel))
        assert "cocineros-1 ▶ prepara board_jobs.invoice(7" in seen(panel)
        done.touch()
        state = panel.wait(20)
        assert (state.counts["finished"], state.counts["failed"], state.pending) == (1, 1, 0)
        assert "ValueError: se acabó la <tinta>" in seen(panel) and "<tinta>" not in panel._rail.value
        until(lambda: "cocineros-1 – libre" in seen(panel))


def test_waiting_for_what_nobody_cooks_gives_up_and_says_what_is_pending(kitchen, live):
    kitchen.queue.enqueue(kitchen.jobs.invoice, 1, "x")
    with pytest.raises(WidgetError, match=r"siguen pendientes 1 trabajos.*trabajadores en marcha"):
        live().wait(0.2)


@pytest.mark.parametrize("fault", ["kill", "freeze", "cut"])
def test_a_redis_that_breaks_is_told_at_once_and_followed_when_it_recovers(kitchen, live, until, fault):
    panel = live()
    getattr(kitchen.redis, fault)()
    assert panel.text().endswith(
        f"Redis está {kitchen.redis.status}. Lo que se ve es de antes; al recuperarlo, el riel seguirá."
    )
    until(lambda: "✗ Redis está" in seen(panel))
    with pytest.raises(WidgetError, match="Redis está"):
        panel.wait(1)
    kitchen.redis.recover()
    until(lambda: "0 en espera" in seen(panel))


def test_after_its_redis_is_stopped_it_rests(live, until):
    other = redis_server("redis_otro")
    panel = live(other, "cocina")
    other.stop()
    until(lambda: "Redis está detenido" in seen(panel))
    assert panel.refresh() is False
    other.start()
    assert panel.refresh() is True and "0 en espera" in seen(panel)
    other.stop()


def test_a_connection_of_its_own_serves_too(kitchen, live):
    kitchen.queue.enqueue(kitchen.jobs.invoice, 1, "x")
    assert "1 en espera" in live(kitchen.connection, "cocina").text()
    assert "colas" not in live(kitchen.connection).text() and "«default»" in live(kitchen.connection).text()


def test_what_is_neither_a_server_nor_a_queue_is_refused(kitchen):
    with pytest.raises(WidgetError, match=r"redis_server\(\).*llegó str"):
        queue_board("cocina")
    with pytest.raises(WidgetError, match=r"Una cola es su nombre.*llegó 7"):
        queue_board(kitchen.redis, 7)
    with kitchen.redis.client() as text, pytest.raises(ServiceError, match=r"redis\.connection\(\)"):
        queue_board(text, "cocina")


def test_a_second_attempt_and_a_lost_worker_are_told():
    job = JobState("abc", "jobs.invoice(1)", "cocina", "started", worker="w-1", progress=100, attempts=2)
    counts = {"queued": 0, "scheduled": 0, "started": 1, "finished": 0, "failed": 0}
    gone = SimpleNamespace(name="w-1", alive=False, cooking=(job,))
    html = rail.drawn(QueueState(("cocina",), (), (), (job,), (), (), (gone,), counts))
    assert "intento 2" in html and "✗ no da señales; tenía <code>jobs.invoice(1)</code>" in html
    assert "width:100%" in html


def test_the_plan_adds_and_takes_away_workers(kitchen, live, until):
    live()
    pool = workers(1, "cocina", redis=kitchen.redis, name="cocineros")
    panel = plan(pool)
    room = panel.rooms["cocineros"]
    assert room.buttons["fewer"].disabled
    room.buttons["more"].click()
    panel.wait()
    assert len(pool.members) == 2 and "cocineros-2" in panel.rooms
    assert "«cocineros».scale(2)" in panel._said.value
    room.buttons["fewer"].click()
    panel.wait()
    assert len(pool.members) == 1 and "cocineros-2" not in panel.rooms
    panel.rooms["cocineros-1"].buttons["kill"].click()
    panel.wait()
    assert panel.text().splitlines()[1] == "  ✗ cocineros-1 · trabajador · muerto"
    panel.stop()
    pool.stop()

"""Each widget in a real JupyterLab, in both themes: it works, and axe has nothing serious to say."""

import re

import pytest

SERVE = """
import requests
from fastapi import FastAPI
from workshop import check, console, hint, page, predict, progress, quiz, serve, table, xray
from workshop.restaurant.api import menu_routes
from workshop.restaurant.database import menu_database
from workshop.restaurant.models import Dish

engine = menu_database()
app = FastAPI(title="El menú")
app.include_router(menu_routes())
api = serve(app)
"""
CELLS = {
    "console": "console(api, path='/dishes?limit=2')",
    "table": "table(Dish, engine)",
    "page": "page(api, '/docs')",
    "xray": "with xray('leer el menú') as trace:\n    requests.get(f'{api.url}/dishes')\ntrace",
    "choice": "predict('¿Cuál pesa más?', ['el plato', 'el menú'])",
    "measure": "predict('¿Cuánto tarda?', unit='ms')",
    "check": "check('07.1', api)",
    "hint": "hint('07.1')",
    "quiz": "quiz('07')",
    "progress": "progress()",
}
PLACE = {name: number for number, name in enumerate(CELLS, start=2)}


@pytest.fixture(params=["light", "dark"])
def workbench(request, open_notebook, write):
    """A notebook with every widget on it, in one of the themes."""
    notebook = open_notebook(write("widgets", SERVE, *CELLS.values()), theme=request.param)
    notebook.run_all()
    assert notebook.failures() == []
    assert notebook.page.locator(".comanda").count() >= len(CELLS) - 1
    return notebook


def test_every_widget_answers(workbench):
    console = workbench.cell(PLACE["console"])
    console.get_by_label("Ruta").fill("/dishes/999")
    console.get_by_label("Ruta").press("Tab")
    console.get_by_role("button", name="Enviar").click()
    console.get_by_text(re.compile("404")).first.wait_for()
    console.get_by_role("tab", name="Rayos X").click()
    console.get_by_text(re.compile("SELECT")).locator("visible=true").first.wait_for()

    docs = workbench.cell(PLACE["page"]).frame_locator("iframe")
    docs.get_by_text("/dishes/{dish_id}").first.wait_for()

    workbench.photograph(f"widgets-{workbench.theme}")
    assert workbench.accessibility(".comanda") == []


LIVE = """
%load_ext workshop
import time
from fastapi import FastAPI
from rq import Queue
from workshop import bars, curve, load, plan, queue_board, redis_server, serve, stop_all, workers

app = FastAPI()

@app.get("/menu")
async def menu():
    return ["mole"]

api, redis = serve(app), redis_server()
"""
JOBS = """
%%module facturas
import time
from rq import get_current_job

def invoice(number):
    job = get_current_job()
    for part in range(100):
        job.meta["progress"] = part
        job.save_meta()
        time.sleep(0.1)
"""
LIVE_CELLS = {
    "jobs": JOBS.strip(),
    "queue": "import facturas\ncola = Queue('cocina', connection=redis.connection())\n"
    "jobs = [cola.enqueue(facturas.invoice, n) for n in range(1, 9)]\n"
    "pool = workers(2, 'cocina', redis=redis)",
    "bars": "bars({'fallo': [40, 44, 41], 'acierto': [1.1, 0.9]}, title='leer el menú', claim='más: True')",
    "curve": "curve({'LRU': {1: 20, 2: 45}, 'LFU': {1: 31, 2: 52}}, x='memoria (MB)', y='aciertos (%)')",
    "board": "board = queue_board(redis, cola)\nboard",
    "plan": "plan()",
    "load": "short = load(api, 4, 0.5, path='/menu')",
    "long": "long = load(api, 4, 50, path='/menu')",
    "end": "print(stop_all())",
}
AT = {name: number for number, name in enumerate(LIVE_CELLS, start=2)}


@pytest.fixture(params=["light", "dark"])
def live(request, open_notebook, write):
    """A notebook whose services run, with every board of them on it."""
    notebook = open_notebook(write("live", LIVE, *LIVE_CELLS.values()), theme=request.param)
    notebook.run_cells(1, AT["long"])
    assert notebook.failures() == []
    return notebook


def test_boards_follow_what_runs_and_their_buttons_act_while_a_cell_runs(live):
    board, plan, long = (live.cell(AT[name]) for name in ("board", "plan", "long"))
    board.get_by_text(re.compile(r"^\d+ %$")).first.wait_for()
    board.get_by_text("▶ prepara").first.wait_for()
    live.cell(AT["load"]).get_by_text("✓ Terminó.").wait_for()
    live.cell(AT["curve"]).get_by_text("Ver las cifras").press("Enter")
    live.cell(AT["curve"]).get_by_role("cell", name="52").wait_for()

    live.start_cell(AT["long"])  # the kernel is busy from here on, and the buttons act all the same
    long.get_by_text("▶ En marcha.").wait_for()
    plan.get_by_role("button", name="Matar").first.dblclick()
    plan.get_by_text("api.kill()").wait_for()
    long.get_by_text("conexión rechazada").wait_for()
    plan.get_by_role("button", name="Recuperar").and_(live.page.locator(":enabled")).press("Enter")
    plan.get_by_text("api.recover()").wait_for()
    plan.locator(".comanda-room .comanda-room").first.get_by_role("button", name="Matar").click()
    plan.get_by_text("pool.members[0].kill()").wait_for()
    long.get_by_role("button", name="Detener").dblclick()
    long.get_by_text("■ Detenida a los").wait_for()
    live.wait_ready()

    live.photograph(f"boards-{live.theme}")
    assert live.accessibility(".comanda") == []
    live.run_cells(AT["end"], AT["end"] + 1)
    board.get_by_text("Redis está detenido").wait_for()
    plan.get_by_text("No hay nada en marcha.").wait_for()

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

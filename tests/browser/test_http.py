"""Chapter 05's panels in a real browser, and what the browser itself does with a redirect."""

import pytest

from workshop import serve, stop_all
from workshop.services.wire.tap import Tap

WIRE = """
import requests
from fastapi import FastAPI
from workshop import raw_server, serve, status_explorer, tap

app = FastAPI()

@app.post("/login")
def login(form: dict) -> dict:
    return {"token": "T-77"}

api = serve(app)
ear = tap(api)
"""
ASK = "requests.post(f'{ear.url}/login', json={'password': 'tlayuda-42'}).status_code"


@pytest.fixture(params=["light", "dark"])
def workbench(request, open_notebook, write):
    notebook = open_notebook(write("wire", WIRE, "ear", ASK, "status_explorer()"), theme=request.param)
    notebook.run_all()
    assert notebook.failures() == []
    return notebook


def test_the_tap_shows_what_passes_and_the_explorer_sends_what_is_chosen(workbench):
    ear = workbench.cell(2)
    ear.get_by_text("POST /login ⇒ 200 OK").wait_for()
    ear.get_by_text('"tlayuda-42"').first.wait_for()
    ear.get_by_text("línea de estado").first.wait_for()
    workbench.run_cells(3, 4)
    ear.get_by_text("2 intercambios en claro").wait_for()

    explorer = workbench.cell(4)
    explorer.get_by_label("Buscar").fill("tetera")
    explorer.get_by_role("img", name="El gato del 418").wait_for()
    explorer.get_by_label("Buscar").fill("")
    codes = explorer.get_by_label("Código")
    codes.focus()
    codes.select_option(label="204 · Sin contenido")
    explorer.get_by_role("button", name="Pedirlo de verdad").press("Enter")
    explorer.get_by_text("HTTP/1.1 204 No Content").wait_for()
    assert (
        explorer.get_by_role("link", name="HTTP Cats").get_attribute("href") == "https://http.cat/status/204"
    )

    workbench.photograph(f"wire-{workbench.theme}")
    assert workbench.accessibility(".comanda") == []

    ear.get_by_role("button", name="Olvidar lo oído").click()
    ear.get_by_text("Todavía no pasa nada").wait_for()


def test_a_browser_keeps_the_verb_where_the_code_says_so(browser):
    """What chapter 05 tells of requests and httpx, of Chromium: 301 loses the order, 307 and 308 do not."""
    from fastapi import FastAPI, Request
    from fastapi.responses import RedirectResponse

    app = FastAPI()

    @app.get("/")
    def home() -> str:
        return "La Comanda"

    @app.post("/old/{code}")
    def moved(code: int):
        return RedirectResponse("/orders", code)

    @app.api_route("/orders", methods=["GET", "POST"])
    async def orders(request: Request) -> int:
        return len(await request.body())

    with Tap(serve(app, name="pedidos")) as ear:
        page = browser.new_page()
        page.goto(f"{ear.url}/")
        for code, verb, size in ((301, "GET", 0), (307, "POST", 4), (308, "POST", 4)):
            ear.clear()
            sent = page.evaluate(
                "code => fetch(`/old/${code}`, {method: 'POST', body: 'mole'}).then(r => r.json())", code
            )
            assert sent == size
            asked = [exchange.request for exchange in ear.exchanges if "/orders" in exchange.request.target]
            assert [(one.method, one.content.total) for one in asked] == [(verb, size)], code
        page.close()
    stop_all()

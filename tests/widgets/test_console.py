"""Every control of the console, pressed from Python; what counts is what the server received."""

import threading

import pytest
from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from workshop import console, serve, stop_all
from workshop.widgets.errors import WidgetError
from workshop.widgets.request import build


def press(c):
    c.send.click()
    return c.wait(10)


def test_method_path_headers_and_body_reach_the_server(kitchen):
    c = console(kitchen.api)
    c.method.value = "PATCH"
    c.path.value = "/dishes/3?force=1"
    c.headers.value = 'If-Match: "7"\n\nX-Mesa:   4  \nX-Acento: café'
    c.body.value = '{"price": 80, "name": "Piña"}'
    response = press(c)
    (got,) = kitchen.got
    assert (got.method, got.target) == ("PATCH", "/dishes/3?force=1")
    assert (got.header("If-Match"), got.header("X-Mesa"), got.header("X-Acento")) == ('"7"', "4", "café")
    assert got.body == '{"price": 80, "name": "Piña"}'.encode()
    assert got.header("Content-Type") == "application/json"
    assert response is c.response
    assert (response.status_code, response.json()) == (200, {"ok": True})


def test_the_form_can_be_filled_when_it_is_made(kitchen):
    c = console(kitchen.api, "put", "/dishes/1", body={"name": "Ñ"}, headers={"X-A": "1"})
    assert (c.method.value, c.headers.value) == ("PUT", "X-A: 1")
    press(c)
    (got,) = kitchen.got
    assert (got.method, got.target, got.header("X-A")) == ("PUT", "/dishes/1", "1")
    assert got.body == '{\n  "name": "Ñ"\n}'.encode()
    with pytest.raises(WidgetError, match=r"BREW.*GET, POST"):
        console(kitchen.api, "BREW")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"path": None}, "La ruta es un texto"),
        ({"headers": "X-A: 1"}, "headers es un diccionario"),
        ({"timeout": 0}, "más de 0 y hasta 600"),
        ({"timeout": "1"}, "más de 0 y hasta 600"),
        ({"body": {1, 2}}, "no se puede escribir como JSON: llegó set"),
        ({"body": b"{}"}, "llegó bytes"),
    ],
)
def test_what_the_form_cannot_begin_with_is_explained(kitchen, options, words):
    with pytest.raises(WidgetError, match=words):
        console(kitchen.api, **options)


def test_a_model_can_be_the_body(kitchen):
    class Draft(BaseModel):
        name: str = "Mole"

    assert console(kitchen.api, "POST", "/d", body=Draft()).body.value == '{\n  "name": "Mole"\n}'


def test_a_text_body_is_kept_as_it_is_written(kitchen):
    c = console(kitchen.api, "POST", "/d", body="{'a': 1}")
    assert c.body.value == "{'a': 1}"


def test_a_cut_body_is_not_sent_until_it_is_asked_for(kitchen):
    c = console(kitchen.api, "POST", "/dishes", body='{"name": "Mo')
    assert "✗ Línea 1, columna 10" in c.form.validity.value
    press(c)
    assert (kitchen.got, c.response) == ([], None)
    assert "parece cortado" in c.problem and "«Enviar tal cual»" in c.problem
    assert c.problem.replace('"', "&quot;") in c.panes.status.value
    assert c.text() == f"POST /dishes\n✗ {c.problem}"
    c.as_is.value = True
    press(c)
    assert kitchen.got[0].body == b'{"name": "Mo'
    assert c.problem == ""


def test_the_body_is_checked_while_it_is_written(kitchen):
    c = console(kitchen.api, "POST")
    seen = []
    for text in ('{"a"', '{"a": 1}', ""):
        c.body.value = text
        seen.append(c.form.verdict()[0] if c.form.validity.value else "")
    assert seen == ["✗", "✓", ""]
    c.body.value, c.headers.value = "hola", "Content-Type: text/plain"
    assert "no reviso" in c.form.validity.value
    c.headers.value = "sin dos puntos"
    assert "Encabezados, línea 1" in c.form.validity.value
    c.headers.value, c.body.value, c.method.value = "", "[1]", "GET"
    assert "GET no lleva cuerpo" in c.form.validity.value


def test_a_body_left_in_the_form_does_not_travel_with_a_get(kitchen):
    c = console(kitchen.api, "GET", "/dishes", body={"a": 1})
    press(c)
    assert kitchen.got[0].body == b""
    assert kitchen.got[0].header("Content-Type") is None
    assert "salió sin cuerpo" in c.panes.status.value
    c.as_is.value = True
    press(c)
    assert b'"a": 1' in kitchen.got[1].body


@pytest.mark.parametrize(
    ("written", "asked", "note"),
    [
        ("dishes", "/dishes", "usé «/dishes»"),
        ("  /dishes ", "/dishes", ""),
        ("{url}/dishes?limit=1", "/dishes?limit=1", "Quité la dirección"),
        ("{url}", "/", "Quité la dirección"),
        ("", "/", "usé «/»"),
    ],
)
def test_a_path_is_mended_and_it_is_said(kitchen, written, asked, note):
    c = console(kitchen.api, path=written.format(url=kitchen.api.url))
    press(c)
    assert kitchen.got[0].target == asked
    assert note in c.panes.status.value
    assert c.text().startswith(f"GET {asked}\n")


def test_a_path_with_a_hole_or_of_another_place_is_refused(kitchen):
    c = console(kitchen.api, path="/dishes/{dish_id}/extras")
    press(c)
    assert c.problem == "Cambia {dish_id} por un valor, por ejemplo «/dishes/1/extras»."
    c.path.value = "https://example.com/dishes"
    press(c)
    assert "solo habla con «cocina»" in c.problem
    assert kitchen.got == []
    c.path.value, c.as_is.value = "/dishes/{dish_id}", True
    press(c)
    assert kitchen.got[0].target == "/dishes/%7Bdish_id%7D"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("X-A", "faltan los dos puntos"),
        ("Con espacio: 1", "no sirve como nombre"),
        ("Año: 1", "no sirve como nombre"),
        (": 1", "no sirve como nombre"),
        ("X-Precio: 10 €", "«€» no cabe"),
        ("X-A: a\x00b", "carácter de control"),
        ("Content-Length: 5", "lo calcula el cliente"),
        ("X-Mesa: 1\nx-mesa: 2", "línea 2: x-mesa ya está más arriba"),
    ],
)
def test_a_wrong_header_is_explained_and_nothing_is_sent(kitchen, line, words):
    c = console(kitchen.api)
    c.headers.value = line
    press(c)
    assert words in c.problem
    assert kitchen.got == []


def test_redirects_are_shown_hop_by_hop_and_followed_only_if_asked():
    app = FastAPI()

    @app.get("/old")
    def old():
        return RedirectResponse("/older")

    @app.get("/older")
    def older():
        return RedirectResponse("/new", 303)

    @app.get("/new")
    def new():
        return "aquí"

    c = console(serve(app, name="menú"), path="/old")
    assert press(c).status_code == 307
    assert "GET /old → 307 → /older" in c.panes.body.value
    assert "marca «Seguir redirecciones»" in c.panes.body.value
    c.follow.value = True
    assert press(c).status_code == 200
    assert c.text() == (
        "GET /old\n  GET /old → 307 → /older\n  GET /older → 303 → /new\n  GET /new → 200\n"
        '✓ 200 OK · Correcto\n"aquí"'
    )
    assert c.sent.count(b"HTTP/1.1\r\n") == 3
    stop_all()


def test_the_answer_is_told_in_every_tab(kitchen):
    kitchen.answers["/dishes"] = (404, "application/json", '{"detail":"<b>no</b> hay ñ"}'.encode())
    c = console(kitchen.api, path="/dishes")
    press(c)
    assert "404 Not Found · No encontrado" in c.panes.status.value
    assert " ms · " in c.panes.status.value
    assert "&quot;detail&quot;: &quot;&lt;b&gt;no&lt;/b&gt; hay ñ&quot;" in c.panes.body.value
    assert "<td>application/json</td>" in c.panes.headers.value
    assert "HTTP/1.1 404 Not Found\\r\\n" in c.panes.wire.value
    assert "GET /dishes HTTP/1.1\\r\\n" in c.panes.wire.value
    assert c.text() == 'GET /dishes\n✗ 404 Not Found · No encontrado\n{\n  "detail": "<b>no</b> hay ñ"\n}'
    assert repr(c) == c.text()
    assert list(c.tabs.titles) == [
        "Respuesta", "Encabezados", "En el cable", "curl", "Python", "Rayos X", "Historial"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "content", "note"),
    [
        ("application/json", b'{"a": 1', "anuncia JSON, pero el cuerpo no lo es. Línea 1, columna 8"),
        ("text/html; charset=utf-8", b"<h1>Hola</h1>", "text/html"),
        ("image/png", b"\x89PNG\r\n" * 300, "Cuerpo binario: 1\u00a0800 bytes de tipo image/png"),
        ("", b"\xff\xfe\x00", "Cuerpo binario: 3 bytes de tipo desconocido"),
        ("text/plain", "piña".encode(), "piña"),
        ("text/plain", b"", "Sin cuerpo"),
        ("text/plain", b"a" * 50_000, "Se muestran 20\u00a0000 de 50\u00a0000 caracteres"),
        ("application/json", b"[" + b"1," * 2_600_000 + b"1]", "La respuesta es enorme"),
    ],
)
def test_bodies_of_every_kind_are_readable_and_bounded(kitchen, kind, content, note):
    kitchen.answers["/b"] = (200, kind, content)
    c = console(kitchen.api, path="/b")
    press(c)
    assert c.problem == ""
    assert note in c.panes.body.value
    assert "<h1>" not in c.panes.body.value
    assert len(c.panes.body.value) < 150_000 and len(c.text()) < 5_000


def test_history_puts_a_request_back_in_the_form_and_keeps_twenty(kitchen):
    c = console(kitchen.api, "POST", "/first", body={"a": 1}, headers={"X-A": "1"})
    press(c)
    c.method.value, c.path.value, c.body.value, c.headers.value = "GET", "/second", "", ""
    press(c)
    labels = [label for label, _ in c.history.options]
    assert labels[1:] == ["2 · GET /second · 200", "1 · POST /first · 200"]
    c.history.index = 2
    assert (c.method.value, c.path.value, c.headers.value) == ("POST", "/first", "X-A: 1")
    press(c)
    assert (kitchen.got[2].method, kitchen.got[2].target) == ("POST", "/first")
    assert kitchen.got[2].body == kitchen.got[0].body
    for _ in range(20):
        press(c)
    assert len(c.history.options) == 21
    assert c.history.options[1][0].startswith("23 · ")


def test_paths_are_suggested_and_follow_a_swapped_app(kitchen):
    first, second = FastAPI(), FastAPI()
    first.get("/dishes", summary="Lista los platos")(lambda: "hay")
    second.get("/orders")(lambda: "hay")
    api = serve(first, name="rutas")
    c = console(api)
    assert list(c.path.options) == ["/dishes"]
    c.path.value = "/dishes?limit=1"
    assert "<b>GET</b> Lista los platos" in c.form.hint.value
    serve(second, name="rutas")
    press(c)
    assert list(c.path.options) == ["/orders"]


def test_a_bare_url_is_asked_for_its_paths(kitchen, until):
    kitchen.openapi_paths["/dishes"] = {"get": {"summary": "Lista"}}
    c = console(kitchen.api.url)
    until(lambda: list(c.path.options) == ["/dishes"])
    kitchen.openapi_paths["/orders"] = {"post": {}}
    kitchen.answers["/gone"] = (404, "text/plain", b"")
    c.path.value = "/gone"
    press(c)
    until(lambda: "/orders" in c.path.options)
    assert c.text().startswith("GET /gone\n✗ 404")


def test_an_app_whose_contract_fails_still_gets_its_requests(kitchen):
    class Broken(FastAPI):
        def openapi(self):
            raise RuntimeError("a model that cannot be described")

    app = Broken()
    app.get("/dishes")(lambda: "hay")
    c = console(serve(app, name="rota"), path="/dishes")
    assert list(c.path.options) == []
    assert press(c).json() == "hay"


def test_sending_never_blocks_and_a_second_press_is_refused(kitchen, until):
    gate, entered = threading.Event(), threading.Event()
    app = FastAPI()

    @app.get("/slow")
    def slow():
        entered.set()
        gate.wait(10)
        return "listo"

    c = console(serve(app, name="lenta"), path="/slow")
    c.send.click()
    assert entered.wait(5)
    assert (c.send.disabled, c.stop.disabled, c.response) == (True, False, None)
    assert c.text() == "GET /slow\n… en camino"
    with pytest.raises(WidgetError, match="sigue en camino"):
        c.wait(0.01)
    c.send.click()
    assert "Ya hay una petición en camino" in c.panes.status.value
    until(lambda: "Esperando la respuesta: 1 s" in c.panes.status.value)
    gate.set()
    assert c.wait(10).json() == "listo"
    assert (c.send.disabled, c.stop.disabled) == (False, True)
    assert len(c.history.options) == 2


def test_a_request_can_be_abandoned_and_the_console_goes_on(kitchen, misbehave):
    c = console(misbehave(lambda _, ended: ended.wait(10)), path="/never")
    c.stop.click()
    assert "No hay ninguna petición" in c.panes.status.value
    c.send.click()
    c.stop.click()
    assert c.wait(5) is None
    assert "Detuviste la espera" in c.problem
    assert "Detuviste la espera" in c.panes.status.value
    assert c.history.options[1][0] == "1 · GET /never · sin respuesta"


def test_each_request_is_xrayed_unless_it_is_turned_off(kitchen):
    app = FastAPI()
    app.get("/dishes")(lambda: "hay")
    c = console(serve(app, name="rayos"), path="/dishes")
    assert (c.xray.value, c.xray.disabled) == (True, False)
    press(c)
    (view,) = c.panes.xray.children
    assert "GET /dishes" in view.text() and "→ 200" in view.text()
    assert b"traceparent" in c.sent
    c.xray.value = False
    press(c)
    assert b"traceparent" not in c.sent
    assert "sin Rayos X" in c.panes.xray.children[0].value


def test_an_xray_around_the_click_also_sees_the_request(kitchen):
    from workshop import xray

    c = console(kitchen.api, path="/dishes")
    with xray("desde la celda") as trace:
        press(c)
    assert "GET /dishes → 200" in trace.tree()
    assert "otros" in c.panes.xray.children[0].value or "rayos X" in c.panes.xray.children[0].value


@pytest.mark.parametrize(
    "place",
    ["http://example.com", "http://127.0.0.1.example.com", "https://127.0.0.1:8000", "http://user@example.com:80",
     "ftp://localhost", "127.0.0.1:8000", "http://localhost:99999", "http://[::2]/", ""],
)  # fmt: skip
def test_another_machine_is_refused_in_spanish(place):
    with pytest.raises(WidgetError, match=r"127\.0\.0\.1, localhost o \[::1\]"):
        console(place)


@pytest.mark.parametrize(
    "place", ["http://localhost:8000", "http://[::1]:8000/", "http://127.0.0.1:8000/docs?a"]
)
def test_the_ways_to_name_this_machine(place):
    c = console(place, path="/dishes")
    assert build(c.form.draft, c.target).url == f"{place.split('8000')[0]}8000/dishes"


@pytest.mark.parametrize("thing", [None, 8000, FastAPI()])
def test_what_is_not_a_service_is_refused_in_spanish(thing):
    with pytest.raises(WidgetError, match=r"api = serve\(app\)"):
        console(thing)


def test_every_control_has_a_visible_name(kitchen):
    c = console(kitchen.api)
    controls = (c.method, c.path, c.headers, c.body, c.send, c.stop, c.follow, c.as_is, c.xray, c.history)
    assert all(control.description for control in controls)

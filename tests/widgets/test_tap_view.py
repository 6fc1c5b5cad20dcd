"""The tap's panel: both directions are shown as they pass, and told as text that is always the same."""

from html import unescape
from re import sub

import pytest
import requests
import trustme
from fastapi import FastAPI, Response

from workshop import console, serve, stop_all, tap
from workshop.services.errors import ServiceError
from workshop.services.wire.raw import raw_server
from workshop.services.wire.tls_front import tls_front

app = FastAPI()


@app.post("/orders", status_code=201)
def order(dish: dict, response: Response) -> dict:
    response.headers["Location"] = "/orders/1"
    return dish


@pytest.fixture(scope="module")
def api():
    yield serve(app, name="cocina")
    stop_all()


@pytest.fixture
def ear(api):
    with tap(api) as ear:
        yield ear


def seen(panel) -> str:
    return unescape(sub(r"<[^>]+>", " ", panel._summary.value + panel._pieces.value))


ORDER = {"headers": {"User-Agent": "mesera", "Accept-Encoding": "", "Accept": "*/*"}, "timeout": 5}


def test_the_text_twin_names_every_piece_and_is_the_same_in_every_run(ear):
    requests.post(f"{ear.url}/orders", json={"dish": "mole"}, **ORDER)
    assert ear.text() == (
        "Oído en el cable · 1 conexión · 1 intercambio en claro\n"
        "\n"
        "conexión 1\n"
        "→ línea de petición   POST /orders HTTP/1.1\\r\\n\n"
        "→ encabezado          Host: «tap»\\r\\n\n"
        "→ encabezado          User-Agent: mesera\\r\\n\n"
        "→ encabezado          Accept-Encoding: \\r\\n\n"
        "→ encabezado          Accept: */*\\r\\n\n"
        "→ encabezado          Connection: keep-alive\\r\\n\n"
        "→ encabezado          Content-Length: 16\\r\\n\n"
        "→ encabezado          Content-Type: application/json\\r\\n\n"
        "→ línea vacía         \\r\\n\n"
        '→ cuerpo              {"dish": "mole"}\n'
        "← línea de estado     HTTP/1.1 201 Created\\r\\n\n"
        "← encabezado          date: (cambia cada vez)\\r\\n\n"
        "← encabezado          server: uvicorn\\r\\n\n"
        "← encabezado          content-length: 15\\r\\n\n"
        "← encabezado          content-type: application/json\\r\\n\n"
        "← encabezado          location: /orders/1\\r\\n\n"
        "← línea vacía         \\r\\n\n"
        '← cuerpo              {"dish":"mole"}'
    )
    assert repr(ear) == ear.text() == ear._repr_mimebundle_()["text/plain"]


def test_what_passes_is_seen_without_asking(ear, until):
    assert "Todavía no pasa nada" in seen(ear)
    requests.post(f"{ear.url}/orders", json={"dish": "mole"}, timeout=5)
    until(lambda: "POST /orders ⇒ 201 Created" in seen(ear))
    until(lambda: '{"dish":"mole"}' in seen(ear))
    assert "cliente → servidor" in seen(ear) and "servidor → cliente" in seen(ear)
    assert "1 conexión · 1 intercambio en claro" in seen(ear)
    ear.forget.click()
    assert "Todavía no pasa nada" in seen(ear)


def test_only_the_last_one_is_open_and_the_oldest_leave(ear, until):
    for _ in range(14):
        requests.get(f"{ear.url}/nada", timeout=5)
    until(lambda: "14 intercambios" in seen(ear))
    assert ear._pieces.value.count("<details") == 12
    assert ear._pieces.value.count("<details open>") == 1
    assert "conexión 14" in ear._pieces.value.rpartition("<details open>")[2]


def test_what_passes_is_escaped(ear, until):
    requests.post(f"{ear.url}/orders", json={"dish": "<script>alert(1)</script>"}, timeout=5)
    until(lambda: "<script>alert(1)</script>" in seen(ear))
    assert "<script>" not in ear._pieces.value


def test_under_tls_the_panel_has_sizes_and_the_text_has_none(api, until, tmp_path):
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with tls_front(api, ca.issue_cert("localhost")) as front, tap(front, name="ruido") as ear:
        url = ear.url.replace("127.0.0.1", "localhost")
        requests.post(f"{url}/orders", json={"dish": "mole"}, verify=str(tmp_path / "ca.pem"), timeout=5)
        assert ear.text() == (
            "Oído en el cable · 1 conexión · 1 con TLS · 0 intercambios en claro\n"
            "\n"
            "conexión 1 · TLS\n"
            "→ saludo en claro     pide hablar con «localhost»\n"
            "→ datos cifrados      ruido; los tamaños están en el panel\n"
            "← datos cifrados      ruido; los tamaños están en el panel"
        )
        until(lambda: "TLS: " in seen(ear) and "datos cifrados" in seen(ear))
        assert "mole" not in seen(ear) and " bytes" in seen(ear)


def test_what_went_wrong_is_told(until):
    def cut(wire):
        wire.recv(65536)
        wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nmole")

    with raw_server(cut, name="corta") as server, tap(server) as ear:
        with pytest.raises(requests.RequestException):
            requests.get(ear.url, timeout=5)
        words = "✗ La conexión se cerró antes de tiempo: llegaron 4 de los 9 bytes anunciados."
        assert ear.text().endswith(words)
        until(lambda: words.removeprefix("✗ ") in seen(ear))


def test_a_stopped_tap_keeps_what_it_heard(api):
    ear = tap(api, name="otro")
    requests.get(f"{ear.url}/nada", timeout=5)
    ear.stop()
    assert "GET /nada" in ear.text() and "GET /nada ⇒ 404 Not Found" in seen(ear)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{ear.url}/nada", timeout=5)
    url = ear.url
    assert requests.get(f"{ear.start().url}/nada", timeout=5).status_code == 404 and ear.url == url
    ear.stop()


def test_the_console_talks_through_it(ear, until):
    desk = console(ear, method="POST", path="/orders", body={"dish": "flan"})
    desk.send.click()
    until(lambda: "201 Created" in desk.text())
    assert ear.heard('{"dish": "flan"}') or ear.heard('{"dish":"flan"}')
    assert ear.state == "en marcha"


def test_what_cannot_be_listened_to_is_explained():
    with pytest.raises(ServiceError, match=r"api = serve\(app\)"):
        tap(app)


def test_it_says_that_nobody_is_behind(api, until):
    gone = serve(FastAPI(), name="apagada")
    with tap(gone, name="oido-apagada") as ear:
        gone.stop()
        with pytest.raises(requests.ConnectionError):
            requests.get(ear.url)
        assert ear.text().endswith("conexión 1\n✗ Nadie atiende detrás.")
        until(lambda: "sin servidor" in seen(ear))
        assert "nada todavía" not in seen(ear)

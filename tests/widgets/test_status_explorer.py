"""The explorer of status codes: each one has its name, its cat and its bytes."""

from html import unescape
from re import findall, sub
from xml.etree import ElementTree

import pytest
import requests

from workshop import status_explorer, stop_all
from workshop.widgets import cat
from workshop.widgets.errors import WidgetError
from workshop.widgets.status import registered


@pytest.fixture(scope="module")
def explorer():
    yield status_explorer()
    stop_all()


def seen(html) -> str:
    return unescape(sub(r"<[^>]+>", " ", html.value))


def test_it_lists_every_registered_code(explorer):
    explorer.choose(404)
    assert [code for _, code in explorer.listed.options] == sorted(registered())
    assert f"{len(registered())} códigos" in seen(explorer._found)
    assert "404 Not Found · No encontrado" in seen(explorer._card)
    assert 'href="https://http.cat/status/404"' in explorer._card.value


def test_the_button_sends_it_and_shows_the_bytes_of_both_directions(explorer):
    explorer.choose(204)
    explorer.send.click()
    shown = seen(explorer._wire)
    assert "GET /status/204 HTTP/1.1" in shown and "HTTP/1.1 204 No Content" in shown and "REAL" in shown
    explorer.listed.value = 404
    assert "Pulsa «Pedirlo de verdad»" in seen(explorer._wire)


def test_the_text_twin_has_the_bytes_without_the_date(explorer):
    exchange = explorer.ask(301)
    assert exchange.response.status == 301
    assert explorer.text() == (
        f"Códigos de estado · {len(registered())} registrados\n"
        "301 Moved Permanently · Movido para siempre\n"
        f"{registered()[301].meaning}\n"
        "El gato del 301, «Movido para siempre», mira hacia otro lado.\n"
        "→ línea de petición   GET /status/301 HTTP/1.1\\r\\n\n"
        "→ encabezado          Host: la-comanda\\r\\n\n"
        "→ encabezado          Connection: close\\r\\n\n"
        "→ línea vacía         \\r\\n\n"
        "← línea de estado     HTTP/1.1 301 Moved Permanently\\r\\n\n"
        "← encabezado          Date: (cambia cada vez)\\r\\n\n"
        "← encabezado          Location: /status/200\\r\\n\n"
        "← encabezado          Content-Type: text/plain; charset=utf-8\\r\\n\n"
        f"← encabezado          Content-Length: {exchange.response.body.total}\\r\\n\n"
        "← encabezado          Connection: close\\r\\n\n"
        "← línea vacía         \\r\\n\n"
        f"← cuerpo              Movido para siempre. {registered()[301].meaning}"
    )
    assert repr(explorer) == explorer.text()


def test_an_interim_code_is_followed_by_the_final_one(explorer):
    assert [one.status for one in explorer.ask(102).interim] == [102]
    assert "HTTP/1.1 102 Processing" in seen(explorer._wire) and "200 OK" in seen(explorer._wire)


def test_searching_by_code_word_and_family(explorer):
    def found(words, family=0):
        explorer.search.value, explorer.family.value = words, family
        return [code for _, code in explorer.listed.options]

    assert found("40") == [code for code in registered() if "40" in str(code)]
    assert 409 in found("CONFLICTO")
    assert found("tetera") == [418] and explorer.code == 418
    assert set(found("", 3)) == {code for code in registered() if code // 100 == 3}
    assert found("no existe ninguno así") == []
    assert "Ninguno" in seen(explorer._found)
    assert found("teapot") == [418] and explorer.code == explorer.listed.value == 418
    assert found("", 5)[0] == explorer.code == explorer.listed.value == 500
    explorer.choose(500)
    assert explorer.listed.value == 500 and explorer.search.value == ""


def test_any_client_can_ask_it(explorer):
    assert requests.get(f"{explorer.url}/status/418", timeout=5).status_code == 418


def test_what_is_not_a_code_is_explained(explorer):
    for wrong in (299, "404", None, True, 4.04):
        with pytest.raises(WidgetError, match="no es un código registrado"):
            explorer.choose(wrong)
    with pytest.raises(WidgetError, match="999"):
        status_explorer(999)


def test_each_cat_is_its_own_is_well_drawn_and_is_described():
    drawn = {code: cat.draw(code, status.name) for code, status in registered().items()}
    without_number = {sub(r"<text.*?</text>|aria-label=\"[^\"]*\"", "", svg) for svg in drawn.values()}
    assert len(without_number) == len(drawn)
    for code, svg in drawn.items():
        ElementTree.fromstring(svg)
        assert f"El gato del {code}," in svg and f">{code}</text>" in svg
        assert not findall(r"#[0-9a-f]{3,6}\b|rgb\(", svg), "only the theme's colours"
        assert svg == cat.draw(code, registered()[code].name)

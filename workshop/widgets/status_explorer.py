"""`status_explorer()`: todos los códigos de estado registrados, cada uno pedido de verdad."""

from html import escape
from typing import Any, ClassVar

import ipywidgets as widgets

from workshop.services.wire import teller
from workshop.services.wire.talk import Exchange
from workshop.twin import Twin
from workshop.widgets import cat, cell, heard, heard_html, look
from workshop.widgets.errors import WidgetError
from workshop.widgets.status import Status, registered

HTTP_CATS = "https://http.cat/status/"
_FAMILIES = {
    "Todas las familias": 0,
    "1XX · informa": 1,
    "2XX · éxito": 2,
    "3XX · redirige": 3,
    "4XX · error del cliente": 4,
    "5XX · error del servidor": 5,
}
_CSS = """
.comanda-codes { border: 1px solid var(--jp-border-color2); border-radius: 4px; padding: 8px 12px; gap: 8px; }
.comanda-codes .comanda-line { flex-wrap: wrap; gap: 8px; align-items: flex-start; }
.comanda-codes .comanda-list { flex: 1 1 300px; width: auto; height: auto; }
.comanda-codes .comanda-list select { width: 100%; }
.comanda-codes .comanda-card { flex: 2 1 340px; min-width: 0; }
.comanda-codes .comanda-card > div { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: center; }
.comanda-codes .comanda-card .words { flex: 1 1 200px; }
.comanda-codes h3 { margin: 0 0 4px; font-size: var(--jp-content-font-size2); }
.comanda-codes p { margin: 4px 0; }
.comanda-codes a { color: var(--jp-content-link-color); text-decoration: underline; }
"""


class StatusExplorer(Twin):
    """El explorador. Se crea con `status_explorer()`; sus controles: `search`, `family`, `listed` y `send`.

    `.url` es la dirección de quien contesta: `requests.get(f"{explorer.url}/status/418")`.
    """

    css: ClassVar[str] = _CSS + heard_html.CSS + cat.CSS

    def __init__(self, code: int) -> None:
        self._server = teller.teller()
        self._exchange: Exchange | None = None
        wide = {"style": {"description_width": "initial"}}
        self.search = widgets.Text(description="Buscar", placeholder="404, conflicto, teapot…", **wide)
        self.family = widgets.Dropdown(options=list(_FAMILIES.items()), description="Familia", **wide)
        self.listed = widgets.Select(description="Código", rows=12, **wide).add_class("comanda-list")
        self.send = widgets.Button(
            description="Pedirlo de verdad",
            icon="paper-plane",
            layout=widgets.Layout(width="auto", align_self="flex-start"),
        )
        self._found, self._card, self._wire = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self._card.add_class("comanda-card")
        bar = widgets.HBox([self.search, self.family, self._found]).add_class("comanda-line")
        both = widgets.HBox([self.listed, self._card]).add_class("comanda-line")
        super().__init__([bar, both, self.send, self._wire])
        self.add_class("comanda-codes").add_class("comanda-heard")
        self.search.observe(lambda _: self._filter(), "value")
        self.family.observe(lambda _: self._filter(), "value")
        self.listed.observe(lambda change: self._choose(change["new"]), "value")
        self.send.on_click(lambda _: self.ask())
        self._filter()
        self.choose(code)

    @property
    def url(self) -> str:
        """La dirección de quien contesta con el código que le pidan en `/status/<código>`."""
        return self._server.url

    @property
    def code(self) -> int:
        """El código elegido."""
        return self._status.code

    @property
    def codes(self) -> list[int]:
        """Todos los códigos registrados, en orden."""
        return sorted(registered())

    def choose(self, code: int) -> None:
        """Elige un código, como en la lista.

        Errores: `WidgetError` si no está registrado.
        """
        _require(code)
        if code not in dict(self.listed.options).values():
            self.search.value, self.family.value = "", 0
        self.listed.value = code
        self._choose(code)

    def ask(self, code: int | None = None) -> Exchange:
        """Pide el código (el elegido, o `code`) y muestra los bytes que pasaron. Devuelve el intercambio.

        Errores: `WidgetError` si no está registrado; `ServiceError` si nadie contesta.
        """
        if code is not None:
            self.choose(code)
        self._server.start()
        self._exchange = teller.ask(self._server.url, self.code)
        _, body = heard_html.exchange_html(self._exchange)
        self._wire.value = look.status(f"<b>REAL</b>: los bytes del socket.{body}")
        return self._exchange

    def stop(self) -> None:
        """Apaga a quien contesta."""
        self._server.stop()

    def text(self) -> str:
        """El código elegido y, si ya se pidió, los bytes que pasaron, sin la fecha."""
        status = self._status
        lines = [
            f"Códigos de estado · {len(registered())} registrados",
            status.line,
            status.meaning,
            cat.describe(status.code, status.name),
        ]
        return "\n".join(lines + (heard.exchange_text(self._exchange) if self._exchange else []))

    def _filter(self) -> None:
        words = self.search.value.strip().casefold()
        found = [status for status in registered().values() if _matches(status, words, self.family.value)]
        chosen = self.listed.value
        self.listed.options = [(f"{each.code} · {each.name}", each.code) for each in found]
        if found:  # what is asked for is always one that is listed
            self.listed.value = chosen if chosen in {each.code for each in found} else found[0].code
        shown = heard.count(len(found), "código", "códigos") if found else "Ninguno: prueba con otra palabra"
        self._found.value = look.status(shown)

    def _choose(self, code: int | None) -> None:
        if code is None or code not in registered():
            return
        self._status = status = registered()[code]
        self._exchange = None
        self._wire.value = "<p>Pulsa «Pedirlo de verdad» y verás los bytes de ida y de vuelta.</p>"
        link = f'<a href="{HTTP_CATS}{code}" target="_blank" rel="noopener">Su gato en HTTP Cats</a>'
        self._card.value = (
            f'<div>{cat.draw(code, status.name)}<div class="words">'
            f"<h3>{status.sign} {escape(status.line)}</h3>"
            f"<p>{escape(status.meaning)}</p><p>{link} (si tienes internet, y si lo tiene)</p></div></div>"
        )


def _matches(status: Status, words: str, family: int) -> bool:
    text = f"{status.code} {status.phrase} {status.name} {status.meaning}".casefold()
    return family in (0, status.code // 100) and all(word in text for word in words.split())


def _require(code: Any) -> None:
    if code not in registered() or isinstance(code, bool):
        known = ", ".join(str(each) for each in list(registered())[:8])
        raise WidgetError(f"{code!r} no es un código registrado. Los hay de 100 a 511: {known}…")


def status_explorer(code: int = 404) -> StatusExplorer:
    """Todos los códigos de estado registrados: su nombre, su gato y un servicio que contesta cada uno.

    - `code`: el que se muestra primero.

    Error: `WidgetError` si ese código no está registrado.
    """
    _require(code)
    return cell.replace(StatusExplorer(code))

"""La respuesta en pestañas: lo que ve quien mira la consola."""

from collections.abc import Sequence
from html import escape
from typing import Any

import ipywidgets as widgets

from workshop.widgets import answer, snippet
from workshop.widgets.address import Target
from workshop.widgets.exchange import Exchange
from workshop.widgets.history import Entry
from workshop.widgets.request import Request

TITLES = ("Respuesta", "Encabezados", "En el cable", "curl", "Python", "Rayos X", "Historial")
_CHOOSE = "Elige una petición para volver a ponerla en el formulario"


class Panes(widgets.VBox):  # type: ignore[misc]  # ipywidgets ships no types
    """El estado arriba y, debajo, una pestaña por cada manera de ver el intercambio."""

    def __init__(self) -> None:
        self.status = widgets.HTML()
        self.body, self.headers, self.wire = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.curl, self.python = widgets.HTML(), widgets.HTML()
        self.xray = widgets.VBox([widgets.HTML("<p>Marca «Rayos X» y envía una petición.</p>")])
        self.history = widgets.Select(
            options=[(_CHOOSE, None)], description="Historial", rows=8, style={"description_width": "initial"}
        )
        self.history.add_class("comanda-history")
        pages = [self.body, self.headers, self.wire, self.curl, self.python, self.xray, self.history]
        self.tabs = widgets.Tab([widgets.VBox([page]) for page in pages], titles=TITLES)
        for page in (self.body, self.headers, self.wire, self.curl, self.python):
            page.value = "<p>Todavía no hay nada aquí. Pulsa «Enviar».</p>"
        super().__init__([self.status, self.tabs])
        self.say("Lista para enviar.")

    def say(self, words: str, sign: str = "·") -> None:
        """Un aviso en la línea de estado."""
        self.status.value = _live(f"<p>{sign} {escape(words)}</p>")

    def refuse(self, why: str) -> None:
        """La petición no salió: se dice por qué y se vacía lo que era de la anterior."""
        self.status.value = _live(f'<p class="comanda-problem"><b>✗ No se envió.</b> {escape(why)}</p>')
        for page in (self.body, self.headers, self.wire, self.curl, self.python):
            page.value = "<p>La petición no salió.</p>"

    def show_request(self, request: Request) -> None:
        """La petición como `curl` y como Python."""
        self.curl.value = answer.scroll(snippet.as_curl(request), "La petición como curl")
        self.python.value = answer.scroll(snippet.as_python(request), "La petición como Python")

    def show(self, exchange: Exchange, target: Target) -> None:
        """El intercambio terminado."""
        notes = "".join(f"<p>· {escape(note)}</p>" for note in exchange.request.notes)
        self.status.value = _live(answer.headline(exchange) + notes)
        self.body.value = answer.chain(exchange, target) + answer.body_html(exchange)
        self.headers.value = answer.headers_html(exchange)
        self.wire.value = answer.wire_html(exchange)

    def show_trace(self, view: Any) -> None:
        """La radiografía de la petición: un widget, o una frase que dice por qué no hay."""
        self.xray.children = [widgets.HTML(f"<p>{escape(view)}</p>") if isinstance(view, str) else view]

    def show_history(self, entries: Sequence[Entry]) -> None:
        """Las peticiones anteriores, con ninguna elegida."""
        self.history.options = [(_CHOOSE, None), *((entry.label, entry) for entry in entries)]


def _live(html: str) -> str:
    return f'<div class="comanda-answer" role="status" aria-live="polite">{html}</div>'

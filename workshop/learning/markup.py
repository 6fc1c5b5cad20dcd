"""El aspecto que comparten las vistas de learning: texto seguro en HTML y paneles que se muestran solos."""

import re
from html import escape
from typing import ClassVar

import ipywidgets as widgets

from workshop import twin
from workshop.learning.record import record

CSS = """
.comanda .learning-card { border-left: 4px solid var(--jp-border-color1); padding: 2px 12px; margin: 4px 0;
  line-height: 1.5; max-width: 80ch; overflow-wrap: anywhere; white-space: normal; }
.comanda .learning-card p { margin: 4px 0; }
.comanda .learning-card pre { margin: 4px 0; padding: 6px 8px; background: var(--jp-layout-color2);
  color: var(--jp-content-font-color1); }
.comanda .learning-card.good { border-left-color: var(--jp-success-color1); }
.comanda .learning-card.bad { border-left-color: var(--jp-warn-color1); }
.comanda .learning-title { font-weight: 600; line-height: 1.5; max-width: 80ch; margin: 4px 0;
  white-space: normal; }
.comanda .widget-radio { width: auto; max-width: 80ch; }
.comanda .widget-radio-box { max-width: none; }
.comanda .widget-radio-box label { display: flex; flex-direction: row-reverse; justify-content: flex-end;
  align-items: flex-start; gap: 6px; height: auto; line-height: 1.4; padding: 2px 0; white-space: normal;
  color: var(--jp-content-font-color1); }
.comanda .widget-label, .comanda .widget-text { color: var(--jp-content-font-color1); }
"""


def button(label: str, about: str = "") -> widgets.Button:
    """Un botón tan ancho como su texto; `about` lo explica al señalarlo."""
    layout = widgets.Layout(width="auto", align_self="flex-start")
    return widgets.Button(description=label, tooltip=about or label, layout=layout)


def rich(text: str) -> str:
    """`text` como HTML seguro: lo escrito entre acentos graves va en letra de código."""
    safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
    return safe.replace("\n", "<br>")


def title(text: str) -> str:
    """El encabezado de un panel, en HTML seguro."""
    return f'<div class="learning-title">{rich(text)}</div>'


def card(html: str, mood: str = "") -> str:
    """Una tarjeta; `mood` es «good», «bad» o nada. El color solo acompaña: el texto ya lo dice."""
    return html and f'<div class="learning-card {mood}" role="status">{html}</div>'


def paragraph(text: str) -> str:
    """Un párrafo de texto seguro."""
    return f"<p>{rich(text)}</p>"


def notices() -> list[str]:
    """Los avisos sobre el archivo de avance que esta sesión tiene que contar."""
    return [f"Aviso: {notice}" for notice in record().notices]


class Panel(twin.Twin):
    """Un panel de learning."""

    css: ClassVar[str] = CSS


class Note(Panel):
    """Una tarjeta con su gemelo de texto. `seen` son los renglones de la tarjeta, si son otros."""

    def __init__(self, lines: list[str], mood: str = "", seen: list[str] | None = None) -> None:
        self.lines = lines
        self.html = widgets.HTML(card("".join(map(paragraph, lines if seen is None else seen)), mood))
        super().__init__([self.html])

    def text(self) -> str:
        """Los renglones de la tarjeta."""
        return "\n".join(self.lines)


class SelfShown(Panel, twin.SelfShown):
    """Un panel de learning que se muestra al crearse."""

"""Dos paneles juntos: uno al lado del otro si caben, y si no, uno debajo del otro."""

from typing import ClassVar

import ipywidgets as widgets

from workshop.twin import Twin

_CSS = """
.comanda-side > .comanda { flex: 1 1 28rem; min-width: 0; }
.comanda-side { flex-flow: row wrap; align-items: flex-start; gap: 0 1rem; }
.comanda .comanda-side th, .comanda .comanda-side td { padding: 2px 6px; }
"""


class Side(Twin):
    """Dos paneles y un solo gemelo de texto: el de uno y el del otro."""

    css: ClassVar[str] = _CSS

    def __init__(self, first: Twin, second: Twin) -> None:
        self.first, self.second = first, second
        super().__init__([widgets.HBox([first, second]).add_class("comanda-side")])

    def text(self) -> str:
        """El texto de los dos paneles, en orden."""
        return f"{self.first.text()}\n\n{self.second.text()}"

"""La traza a la vista: un panel con el árbol, el diagrama de secuencia y la cascada."""

from html import escape
from typing import ClassVar

import ipywidgets as widgets

from workshop.twin import Twin
from workshop.xray import waterfall

# A branch broken over two lines is no longer a tree: it scrolls instead.
TREE_CSS = """
.comanda .comanda-tree { white-space: pre; overflow: auto; max-height: none; }
.comanda .widget-html:has(> .widget-html-content > .comanda-tree) > .widget-html-content { min-width: 0; }
"""
TABS = ("Árbol", "Secuencia", "Cascada")


class TraceView(Twin):
    """Las tres vistas de una traza. Su `text/plain` es el árbol."""

    css: ClassVar[str] = waterfall.CSS + TREE_CSS

    def __init__(self, tree: str, mermaid: str, bars: str) -> None:
        self._tree = tree
        self.tree = widgets.HTML(
            "<pre class='comanda-tree' tabindex='0' role='region' aria-label='Árbol de la traza'>"
            f"{escape(tree)}</pre>"
        )
        self.sequence = widgets.Output()
        # Written into the trait: clear_output and captured prints would never compare equal under nbval.
        bundle = {"text/vnd.mermaid": mermaid, "text/plain": mermaid}
        self.sequence.outputs = ({"output_type": "display_data", "data": bundle, "metadata": {}},)
        self.bars = widgets.HTML(bars)
        self.tabs = widgets.Tab([self.tree, self.sequence, self.bars], titles=TABS)
        super().__init__([self.tabs])

    def text(self) -> str:
        """El árbol de la traza."""
        return self._tree

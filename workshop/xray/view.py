"""La traza a la vista: un panel con el árbol, el diagrama de secuencia y la cascada."""

from html import escape
from typing import ClassVar

import ipywidgets as widgets

from workshop.twin import Twin
from workshop.xray import waterfall

TABS = ("Árbol", "Secuencia", "Cascada")


class TraceView(Twin):
    """Las tres vistas de una traza. Su `text/plain` es el árbol."""

    css: ClassVar[str] = waterfall.CSS

    def __init__(self, tree: str, mermaid: str, bars: str) -> None:
        self._tree = tree
        self.tree = widgets.HTML(f"<pre tabindex='0' aria-label='Árbol de la traza'>{escape(tree)}</pre>")
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

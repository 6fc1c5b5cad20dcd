"""Un panel de widgets que también se lee como texto."""

from collections.abc import Iterable
from typing import Any, ClassVar

import ipywidgets as widgets
from IPython.core.getipython import get_ipython
from IPython.display import display

# Only JupyterLab's own variables carry colour, so that light and dark themes both stay readable. Widgets are
# written in the interface's size, which presentation mode does not enlarge: here they follow the text.
BASE_CSS = """
.comanda { color: var(--jp-content-font-color1); font-size: var(--jp-content-font-size1);
  --jp-widgets-font-size: max(var(--jp-ui-font-size1), var(--jp-content-font-size1) - 1px); }
.comanda .widget-html > .widget-html-content { line-height: 1.5; }
.comanda table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.comanda th, .comanda td { padding: 2px 10px; text-align: left;
  border-bottom: 1px solid var(--jp-border-color2); }
.comanda pre, .comanda code { font-family: var(--jp-code-font-family); font-size: var(--jp-code-font-size); }
.comanda pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
@media (prefers-reduced-motion: reduce) {
  .comanda * { animation: none !important; transition: none !important; }
}
"""


class Twin(widgets.VBox):  # type: ignore[misc]  # ipywidgets ships no types
    """Panel cuyo `text/plain` es su gemelo de texto: lo leen los lectores de pantalla y lo compara nbval."""

    css: ClassVar[str] = ""

    def __init__(self, children: Iterable[widgets.Widget] = ()) -> None:
        style = widgets.HTML(f"<style>{BASE_CSS}{self.css}</style>", layout=widgets.Layout(display="none"))
        super().__init__([style, *children])
        self.add_class("comanda")

    def text(self) -> str:
        """El gemelo de texto: determinista, sin puertos, tiempos ni identificadores."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        # ipywidgets would cut the plain text at 110 characters; the twin has to be whole.
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        bundle["text/plain"] = self.text()
        return bundle


class SelfShown(Twin):
    """Un panel que se muestra al crearse, aunque la celda sea una asignación, y una sola vez por celda."""

    _shown_in: int | None = None

    def show(self) -> None:
        """Muestra el panel en la celda actual."""
        shell = get_ipython()
        if shell is None:
            print(self.text())  # noqa: T201  # outside a notebook this is the only screen
            return
        self._shown_in = shell.execution_count
        display(self._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]  # IPython's own

    def _ipython_display_(self) -> None:
        # A bare `predict(...)` at the end of a cell would otherwise appear twice.
        shell = get_ipython()
        if shell is None or shell.execution_count != self._shown_in:
            self.show()

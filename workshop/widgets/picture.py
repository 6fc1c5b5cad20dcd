"""Un dibujo de cifras: si son reales, qué se mira en él y la afirmación que se compara."""

from abc import abstractmethod
from html import escape

import ipywidgets as widgets

from workshop.twin import Twin


class Picture(Twin):
    """Lo común de los dibujos de cifras medidas. `.label` dice REAL o SIMULADO."""

    def __init__(self, title: str, claim: str, simulated: bool) -> None:
        self.title, self.claim = title, claim
        self.label = "SIMULADO" if simulated else "REAL"
        super().__init__([widgets.HTML(self._html())])

    def text(self) -> str:
        """Qué hay en el dibujo y la afirmación; las cifras, que cambian cada vez, quedan en el panel."""
        head = f"{self.label} · {self.title + ': ' if self.title else ''}{self._about()}"
        return "\n".join([f"{head}. Las cifras están en el panel.", *filter(None, [self.claim])])

    @abstractmethod
    def _about(self) -> str:
        """What is drawn, in words and without figures."""

    @abstractmethod
    def _html(self) -> str:
        """The whole drawing."""

    def _head(self) -> str:
        return f"<strong>{self.label}</strong>{f' · {escape(self.title)}' if self.title else ''}"

    def _foot(self) -> str:
        return f'<p class="claim">{escape(self.claim)}</p>' if self.claim else ""

"""`checkup()`: enciende cada pieza del taller una vez y dice cuál falla y cómo se repara."""

import threading
from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import ClassVar

import ipywidgets as widgets
from IPython.display import display

from workshop.services.checkup.pieces import PIECES, Finding, Health, Piece, examine
from workshop.twin import Twin

_SIGNS = {Health.READY: "✓", Health.BROKEN: "✗", Health.ABSENT: "–"}
_CSS = """
.comanda-checkup .ready { border-left: 4px solid var(--jp-success-color1); }
.comanda-checkup .broken { border-left: 4px solid var(--jp-error-color1); }
.comanda-checkup .absent, .comanda-checkup .waiting { border-left: 4px solid var(--jp-border-color1); }
.comanda-checkup td, .comanda-checkup th { vertical-align: top; padding: 6px 12px; }
.comanda-checkup small { font-weight: normal; }
.comanda-checkup .seen { white-space: pre-wrap; max-width: 70ch; }
"""


class Checkup(Twin):
    """La revisión, pieza por pieza. Se crea con `checkup()`."""

    css: ClassVar[str] = _CSS

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = tuple(pieces)
        self.findings: list[Finding] = []
        self.again = widgets.Button(description="Revisar otra vez", icon="refresh", disabled=True)
        self.again.layout.width = "auto"
        self._bar = widgets.IntProgress(max=len(self.pieces), description="Revisando")
        self._table = widgets.HTML()
        super().__init__([self._bar, self._table, self.again])
        self.layout.align_items = "flex-start"
        self.add_class("comanda-checkup")
        self.again.on_click(lambda _: self.run_aside())
        self._draw()

    def run(self) -> None:
        """Prueba cada pieza, una tras otra, y dibuja lo que va saliendo."""
        self.findings, self.again.disabled = [], True
        self._draw()
        for piece in self.pieces:
            self.findings.append(examine(piece))
            self._draw()
        self.again.disabled = False

    def run_aside(self) -> threading.Thread:
        """Como `run`, en otro hilo: el kernel sigue libre mientras tanto."""
        aside = threading.Thread(target=self.run, name="comanda-checkup", daemon=True)
        aside.start()
        return aside

    def summary(self) -> str:
        """Cuántas piezas hay y cómo están."""
        health = Counter(finding.health for finding in self.findings)
        counts = ", ".join(
            f"{health[state]} {_plural(state, health[state])}" for state in Health if health[state]
        )
        return f"{len(self.findings)} piezas: {counts}."

    def text(self) -> str:
        """Qué piezas se revisan y, si ya se hizo, cómo están y qué repara cada avería."""
        found = {finding.piece.name: finding for finding in self.findings}
        return "\n".join(_line(piece, found.get(piece.name)) for piece in self.pieces)

    def _draw(self) -> None:
        found = {finding.piece.name: finding for finding in self.findings}
        rows = "".join(_row(piece, found.get(piece.name)) for piece in self.pieces)
        head = "".join(f'<th scope="col">{name}</th>' for name in ("Pieza", "Estado", "Qué pasó"))
        self._table.value = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        self._bar.value = len(self.findings)
        self._bar.layout.display = "none" if len(self.findings) == len(self.pieces) else ""


def _plural(state: Health, count: int) -> str:
    return state if count == 1 or state is Health.ABSENT else f"{state}s"


def _line(piece: Piece, finding: Finding | None) -> str:
    if finding is None:
        return f"· {piece.name}: {piece.purpose}"
    mend = f" Para repararla: {piece.mend}" if finding.health is Health.BROKEN else ""
    return f"{_SIGNS[finding.health]} {piece.name}: {finding.health}; {finding.seen}.{mend}"


def _row(piece: Piece, finding: Finding | None) -> str:
    name = f'<th scope="row">{escape(piece.name)}<br><small>{escape(piece.purpose)}</small></th>'
    if finding is None:
        return f'<tr class="waiting">{name}<td>…</td><td></td></tr>'
    mend = ""
    if finding.health is Health.BROKEN:
        mend = f"<p>Para repararla, en una terminal: <code>{escape(piece.mend)}</code></p>"
    seen = f'<td class="seen">{escape(finding.seen)}{mend}</td>'
    state = f"<td>{_SIGNS[finding.health]} {finding.health}</td>"
    return f'<tr class="{finding.health.name.lower()}">{name}{state}{seen}</tr>'


def checkup() -> None:
    """Revisa tu instalación: enciende y apaga cada pieza del taller y muestra una tabla con el resultado.

    Una pieza averiada dice qué le pasó y qué comando la repara.
    """
    panel = Checkup(PIECES)
    display(panel)  # type: ignore[no-untyped-call]
    panel.run()
    print(panel.summary())  # noqa: T201  # the cell's last word, in text

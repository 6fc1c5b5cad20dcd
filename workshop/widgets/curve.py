"""`curve({...})`: cómo cambia una cifra medida cuando cambia otra."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, ClassVar

from workshop.widgets import chart, look
from workshop.widgets.chart import Line
from workshop.widgets.errors import WidgetError
from workshop.widgets.figure import figure, measured, words
from workshop.widgets.picture import Picture

MOST = 500
_EXAMPLE = 'curve({"LRU": [(1, 20), (2, 45)]}, x="memoria (MB)", y="aciertos (%)")'


class Curve(Picture):
    """Hasta cuatro líneas sobre los mismos ejes. Se crea con `curve({...}, x=..., y=...)`."""

    css: ClassVar[str] = chart.CSS + look.CURVE

    def __init__(  # noqa: PLR0913, PLR0917  # what is drawn, and how it is called
        self,
        lines: Sequence[Line],
        x: str,
        y: str,
        title: str,
        claim: str,
        simulated: bool,
        top: float | None,
    ) -> None:
        self.lines, self.x, self.y, self._top = lines, x, y, top
        super().__init__(title, claim, simulated)
        self.add_class("comanda-curve")

    def _about(self) -> str:
        return f"{', '.join(f'«{line.name}»' for line in self.lines)}; {self.y} según {self.x}"

    def _html(self) -> str:
        names = [line.name for line in self.lines]
        told = f"Gráfica de {self.y} según {self.x}: {', '.join(names)}. Debajo están las cifras."
        return (
            f'<div class="head">{self._head()}</div>{chart.legend(names)}'
            f"{chart.plot(self.lines, self.x, self.y, told, top=self._top)}{self._foot()}"
            f"<details><summary>Ver las cifras</summary>{self._table()}</details>"
        )

    def _table(self) -> str:
        heads = "".join(
            f'<th scope="col">{escape(name)}</th>' for name in [self.x, *(line.name for line in self.lines)]
        )
        found = [dict(line.points) for line in self.lines]
        rows = "".join(
            f'<tr><th scope="row">{figure(at)}</th>'
            + "".join(f"<td>{figure(line[at]) if at in line else '—'}</td>" for line in found)
            + "</tr>"
            for at in sorted({at for line in found for at in line})
        )
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def curve(  # noqa: PLR0913  # what is drawn, and how it is called
    series: Mapping[str, Any],
    *,
    x: str,
    y: str,
    title: str = "",
    claim: str = "",
    top: float | None = None,
    simulated: bool = False,
) -> Curve:
    """Dibuja de 1 a 4 líneas medidas sobre los mismos ejes, cada una con su trazo y su marca.

    - `series`: el nombre de cada línea y sus puntos, como `{x: y, ...}` o como lista de pares `(x, y)`:
      `curve({"LRU": {1: 20, 2: 45}, "LFU": {1: 31, 2: 52}}, x="memoria (MB)", y="aciertos (%)")`.
    - `x`, `y`: qué mide cada eje, con su unidad.
    - `title`, `claim`, `simulated`: como en `bars`.
    - `top`: hasta dónde llega el eje vertical (100 si son porcentajes); por omisión, hasta donde haga falta.

    El eje vertical empieza en cero. Error: `WidgetError` si algún valor no sirve.
    """
    if not isinstance(series, Mapping) or not 1 <= len(series) <= chart.KINDS:
        raise WidgetError(
            f"curve espera un diccionario con 1 a {chart.KINDS} líneas. Por ejemplo: {_EXAMPLE}."
        )
    lines = [
        Line(words(name, "El nombre de una línea"), _points(name, points)) for name, points in series.items()
    ]
    axes = words(x, "x"), words(y, "y")
    highest = None if top is None else max(measured(top, "top"), 1e-9)
    return Curve(lines, *axes, str(title), str(claim), bool(simulated), highest)


def _points(name: str, points: Any) -> list[tuple[float, float]]:
    pairs = list(
        points.items() if isinstance(points, Mapping) else points if isinstance(points, Iterable) else ()
    )
    if not 1 <= len(pairs) <= MOST or any(not isinstance(pair, Sequence) or len(pair) != 2 for pair in pairs):
        raise WidgetError(f"«{name}» necesita de 1 a {MOST} puntos (x, y). Por ejemplo: {_EXAMPLE}.")
    found = {measured(a, f"La x de «{name}»"): measured(b, f"La y de «{name}»") for a, b in pairs}
    return sorted(found.items())

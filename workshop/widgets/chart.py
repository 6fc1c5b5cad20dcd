"""Una gráfica de líneas en SVG: ejes con números redondos, y cada línea con su trazo y su marca."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from workshop.widgets.figure import figure

WIDTH, HEIGHT = 640.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 16.0, 30.0, 34.0
KINDS = 4  # as many as can be told apart without colour
_MARKS = (
    "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
    "M-3.2 -3.2h6.4v6.4h-6.4z",
    "M0 -4.2L4 3.2H-4z",
    "M0 -4.4L4.4 0L0 4.4L-4.4 0z",
)
CSS = """
.comanda svg.chart { display: block; width: 100%; max-width: 720px; height: auto; }
.comanda .chart text { fill: var(--jp-content-font-color1); font-family: var(--jp-ui-font-family);
  font-size: 12px; font-variant-numeric: tabular-nums; }
.comanda .chart .axis { font-weight: 600; }
.comanda .chart .grid { stroke: var(--jp-border-color2); stroke-width: 1; }
.comanda .chart .base { stroke: var(--jp-content-font-color2); stroke-width: 1; }
.comanda .chart .trace { fill: none; stroke-width: 2.25; stroke-linejoin: round; stroke-linecap: round; }
.comanda .chart .wash { opacity: 0.14; }
.comanda .chart .kind-0 { stroke: var(--jp-brand-color1); }
.comanda .chart .kind-1 { stroke: var(--jp-warn-color0); stroke-dasharray: 8 4; }
.comanda .chart .kind-2 { stroke: var(--jp-success-color1); stroke-dasharray: 2 5; }
.comanda .chart .kind-3 { stroke: var(--jp-content-font-color2); stroke-dasharray: 10 4 2 4; }
.comanda .chart .fill-0 { fill: var(--jp-brand-color1); }
.comanda .chart .fill-1 { fill: var(--jp-warn-color0); }
.comanda .chart .fill-2 { fill: var(--jp-success-color1); }
.comanda .chart .fill-3 { fill: var(--jp-content-font-color2); }
.comanda .chart-legend { display: flex; flex-wrap: wrap; gap: 2px 20px; }
.comanda .chart-legend svg.chart { display: inline-block; width: 34px; height: 12px;
  vertical-align: middle; margin-right: 6px; }
"""


@dataclass(frozen=True)
class Line:
    """Una línea: su nombre y sus puntos, en orden de `x`."""

    name: str
    points: Sequence[tuple[float, float]]
    marks: bool = True


@dataclass(frozen=True)
class Axis:
    """De qué valor a qué valor va un eje, y entre qué píxeles."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """El píxel de un valor."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Valores redondos (1, 2 o 5 por una potencia de diez) que cubren de `low` a `high`."""
    rough = max(high - low, 1e-9) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * nice for nice in (1, 2, 5, 10) if power * nice >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 12) for n in range(first, last + 1)]


def plot(  # noqa: PLR0913  # the lines, and what their two axes say
    lines: Sequence[Line],
    x_label: str,
    y_label: str,
    told: str,
    *,
    across: Sequence[float] = (),
    top: float | None = None,
) -> str:
    """Las líneas sobre sus ejes. `told` lo oye quien no ve la gráfica.

    `across`: valores que el eje horizontal tiene que alcanzar. `top`: hasta dónde llega el vertical.
    """
    xs = [*across, *(x for line in lines for x, _ in line.points)]
    ys = [y for line in lines for _, y in line.points] or [0.0]
    along = ticks(min(xs), max(xs), 7) if min(xs) < max(xs) else xs[:1]
    up = ticks(0.0, top or max(ys) or 1.0)
    x = Axis(min(xs), max(*xs, min(xs) + 1e-9), LEFT, WIDTH - RIGHT)
    y = Axis(0.0, up[-1], HEIGHT - BOTTOM, TOP)
    inside = [tick for tick in along if x.low <= tick <= x.high]
    drawn = "".join(_line(line, kind % KINDS, x, y) for kind, line in enumerate(lines))
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(told)}">'
        f"{_frame(inside, up, x, y)}{_titles(x_label, y_label)}{drawn}</svg>"
    )


def legend(names: Sequence[str], marks: bool = True) -> str:
    """El nombre de cada línea junto a una muestra de su trazo."""
    items = "".join(
        f'<span><svg class="chart" viewBox="0 0 34 12" aria-hidden="true">'
        f'<path class="trace kind-{kind % KINDS}" d="M1 6H33"></path>'
        f"{_mark(17, 6, kind % KINDS) if marks else ''}</svg>{escape(name)}</span>"
        for kind, name in enumerate(names)
    )
    return f'<div class="chart-legend">{items}</div>'


def _frame(along: Sequence[float], up: Sequence[float], x: Axis, y: Axis) -> str:
    rows = "".join(
        f'<path class="{"grid" if value else "base"}" d="M{x.start:g} {y.place(value):.1f}H{x.end:g}"></path>'
        f'<text x="{x.start - 8:g}" y="{y.place(value) + 4:.1f}" text-anchor="end">{figure(value)}</text>'
        for value in up
    )
    columns = "".join(
        f'<path class="base" d="M{x.place(value):.1f} {y.start:g}v4"></path>'
        f'<text x="{x.place(value):.1f}" y="{y.start + 17:g}" text-anchor="middle">{figure(value)}</text>'
        for value in along
    )
    return rows + columns


def _titles(x_label: str, y_label: str) -> str:
    # The upright title stands above its axis: turned by 90 degrees it would be read by nobody.
    return (
        f'<text class="axis" x="0" y="14">{escape(y_label)}</text>'
        f'<text class="axis" x="{WIDTH - RIGHT:g}" y="{HEIGHT - 2:g}" text-anchor="end">'
        f"{escape(x_label)}</text>"
    )


def _line(line: Line, kind: int, x: Axis, y: Axis) -> str:
    placed = [(x.place(a), y.place(b)) for a, b in line.points]
    if not placed:
        return ""
    path = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in placed)
    trace = f'<path class="trace kind-{kind}" d="{path}"></path>'
    if line.marks:
        return trace + "".join(_mark(a, b, kind) for a, b in placed)
    ground = f"L{placed[-1][0]:.1f} {y.start:g}L{placed[0][0]:.1f} {y.start:g}z"
    return f'<path class="wash fill-{kind}" d="{path}{ground}"></path>{trace}'


def _mark(x: float, y: float, kind: int) -> str:
    return f'<path class="fill-{kind}" transform="translate({x:.1f} {y:.1f})" d="{_MARKS[kind]}"></path>'

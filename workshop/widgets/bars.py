"""`bars({...})`: unas pocas cifras medidas, como barras que se comparan de un vistazo."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from statistics import median
from typing import Any, ClassVar

from workshop.widgets import look
from workshop.widgets.errors import WidgetError
from workshop.widgets.figure import figure, measured, times, words
from workshop.widgets.picture import Picture

MOST = 20
DOTS = 200  # more would be a smear


@dataclass(frozen=True)
class Bar:
    """Una barra: su nombre y lo que se midió, una vez o varias."""

    name: str
    samples: tuple[float, ...]

    @property
    def value(self) -> float:
        """Lo que mide la barra: la mediana de las medidas."""
        return float(median(self.samples))


class Bars(Picture):
    """Cifras como barras. Se crea con `bars({"fallo": 41.2, "acierto": 0.9}, "ms")`."""

    css: ClassVar[str] = look.BARS

    def __init__(
        self, drawn: list[Bar], unit: tuple[str, str], title: str, claim: str, simulated: bool
    ) -> None:
        self.bars = drawn
        self.one, self.unit = unit
        super().__init__(title, claim, simulated)
        self.add_class("comanda-bars")

    @property
    def values(self) -> dict[str, float]:
        """Lo que mide cada barra, por nombre."""
        return {bar.name: bar.value for bar in self.bars}

    def _about(self) -> str:
        return f"{', '.join(f'«{bar.name}»' for bar in self.bars)} ({self.unit})"

    def _html(self) -> str:
        most = max(max(bar.samples) for bar in self.bars) or 1.0
        least = min(bar.value for bar in self.bars)
        several = any(len(bar.samples) > 1 for bar in self.bars)
        rows = "".join(self._row(bar, most, least) for bar in self.bars)
        note = " · la barra es la mediana; cada raya, una medida" if several else ""
        return (
            f"<table><caption>{self._head()}{note}</caption>"
            f'<thead class="jp-sr"><tr><th scope="col">Qué</th><th scope="col">Barra</th>'
            f'<th scope="col">{escape(self.unit)}</th><th scope="col">Veces el menor</th></tr></thead>'
            f"<tbody>{rows}</tbody></table>{self._foot()}"
        )

    def _row(self, bar: Bar, most: float, least: float) -> str:
        more = times(bar.value / least) if least else "1"
        ratio = "" if more == "1" else f"{more} veces el menor"
        unit = self.one if bar.value == 1 else self.unit
        return (
            f'<tr><th scope="row">{escape(bar.name)}</th><td class="track">{_track(bar, most)}</td>'
            f'<td class="num"><b>{figure(bar.value)}</b> {escape(unit)}</td>'
            f'<td class="ratio">{ratio}</td></tr>'
        )


def _track(bar: Bar, most: float) -> str:
    width = 100 * bar.value / most
    ticks = bar.samples[:: -(-len(bar.samples) // DOTS)] if len(bar.samples) > 1 else ()
    marks = "".join(
        f'<rect class="sample" x="{99.75 * one / most:.2f}" y="0" width="0.25" height="22"></rect>'
        for one in ticks
    )
    return (
        '<svg aria-hidden="true" viewBox="0 0 100 22" preserveAspectRatio="none">'
        '<rect class="ground" x="0" y="10" width="100" height="2"></rect>'
        f'<rect class="bar" x="0" y="3" width="{max(width, 0.4):.2f}" height="16"></rect>{marks}</svg>'
    )


def bars(
    values: Mapping[str, Any],
    unit: str | tuple[str, str] = "ms",
    *,
    title: str = "",
    claim: str = "",
    simulated: bool = False,
) -> Bars:
    """Dibuja cifras medidas como barras, con su valor y cuántas veces es cada una la menor.

    - `values`: de 1 a 20 nombres con su cifra, o con la lista de sus medidas (la barra es su mediana):
      `bars({"fallo": 41.2, "acierto": [0.9, 0.8, 1.1]})`.
    - `unit`: la unidad, como `"ms"`; si cambia en plural, las dos: `("consulta", "consultas")`.
    - `title`: qué se compara, si hace falta decirlo.
    - `claim`: la afirmación que se compara letra por letra, como `f"fue 10 veces más rápida: {ratio > 10}"`.
      El texto del panel (`print(panel)`) la incluye, y deja fuera las cifras, que cambian en cada corrida.
    - `simulated`: True si las cifras no se midieron; el panel dice SIMULADO en lugar de REAL.

    En `.values` queda lo que mide cada barra. Error: `WidgetError` si algún valor no sirve.
    """
    if not isinstance(values, Mapping) or not 1 <= len(values) <= MOST:
        raise WidgetError(
            f'bars espera un diccionario de 1 a {MOST} cifras, como {{"fallo": 41.2, "acierto": 0.9}}; '
            f"llegó {type(values).__name__} con {len(values) if hasattr(values, '__len__') else '?'}."
        )
    drawn = [
        Bar(words(name, "El nombre de una barra"), _samples(name, value)) for name, value in values.items()
    ]
    return Bars(drawn, _unit(unit), str(title), str(claim), bool(simulated))


def _unit(unit: Any) -> tuple[str, str]:
    one, many = unit if isinstance(unit, tuple) and len(unit) == 2 else (unit, unit)
    return words(one, "unit", 20), words(many, "unit", 20)


def _samples(name: str, value: Any) -> tuple[float, ...]:
    several = value if isinstance(value, Iterable) and not isinstance(value, str) else [value]
    found = tuple(measured(one, f"La cifra de «{name}»") for one in several)
    if not found:
        raise WidgetError(f"«{name}» no tiene ninguna medida. Mide al menos una vez antes de dibujar.")
    return found

"""Measured figures, drawn: the panel has them, and its text twin only what is true in every run."""

from html import unescape
from re import findall, sub

import pytest

from workshop import bars, curve
from workshop.widgets.chart import ticks
from workshop.widgets.errors import WidgetError
from workshop.widgets.figure import figure


def seen(panel) -> str:
    """What is on the screen, without its tags."""
    return unescape(sub(r"<[^>]+>", " ", panel.children[1].value))


def test_bars_show_each_figure_its_unit_and_how_many_times_the_least_it_is():
    panel = bars({"fallo": 41.234, "acierto": 0.912}, title="leer el menú")
    shown = " ".join(seen(panel).split())
    assert "REAL · leer el menú" in shown
    assert "fallo 41.2 ms 45 veces el menor" in shown and "acierto 0.912 ms" in shown
    assert panel.values == {"fallo": 41.234, "acierto": 0.912}


def test_bars_that_are_about_the_same_are_not_said_to_be_once_the_least():
    assert "veces el menor" not in seen(bars({"con la puerta": 10.3, "sin ella": 10}))
    assert "1.1 veces el menor" in seen(bars({"con la puerta": 11, "sin ella": 10}))


def test_a_single_one_is_said_in_singular():
    shown = seen(bars({"sin candado": 20, "con candado": 1, "con copia": 0}, ("consulta", "consultas")))
    shown = " ".join(shown.split())
    assert all(said in shown for said in ("20 consultas", " 1 consulta ", " 0 consultas"))


def test_the_text_twin_has_the_claim_and_no_figure():
    panel = bars({"fallo": 41.234, "acierto": 0.912}, claim="fue más de 10 veces más rápido: True")
    assert panel.text() == (
        "REAL · «fallo», «acierto» (ms). Las cifras están en el panel.\nfue más de 10 veces más rápido: True"
    )
    assert panel._repr_mimebundle_()["text/plain"] == panel.text()
    assert "fue más de 10 veces más rápido: True" in seen(panel)


def test_a_bar_of_many_measures_is_their_median_and_shows_them_all():
    panel = bars({"fallo": [40, 90, 41]})
    assert panel.values == {"fallo": 41}
    assert "la barra es la mediana" in seen(panel)
    assert panel.children[1].value.count('class="sample"') == 3


def test_the_longest_bar_fills_its_track_and_the_others_keep_their_proportion():
    html = bars({"a": 50, "b": 25, "c": 0}).children[1].value
    assert findall(r'class="bar" x="0" y="3" width="([\d.]+)"', html) == ["100.00", "50.00", "0.40"]


def test_nothing_measured_above_zero_still_draws():
    assert "0 ms" in " ".join(seen(bars({"a": 0, "b": 0})).split())


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "de 1 a 20"),
        ([3, 4], "diccionario.*llegó list con 2"),
        (7, "llegó int con"),
        ({"a": -1}, "«a» tiene que ser un número de cero en adelante; llegó -1"),
        ({"a": float("nan")}, "llegó nan"),
        ({"a": "40 ms"}, "llegó '40 ms'"),
        ({"a": True}, "llegó True"),
        ({"a": []}, "«a» no tiene ninguna medida"),
        ({"": 1}, "El nombre de una barra"),
        ({1: 1}, "El nombre de una barra.*llegó 1"),
    ],
)
def test_what_is_no_figure_is_refused_in_spanish(values, said):
    with pytest.raises(WidgetError, match=said):
        bars(values)


def test_a_curve_draws_each_line_with_its_own_stroke_and_lists_its_figures():
    panel = curve({"LRU": [(2, 45), (1, 20)], "LFU": {1: 31}}, x="memoria (MB)", y="aciertos (%)", top=100)
    html = panel.children[1].value
    assert all(f'class="trace kind-{kind}"' in html for kind in (0, 1))
    assert "memoria (MB) LRU LFU 1 20 31 2 45 —" in " ".join(seen(panel).split())
    assert "aria-label" in html and ">100<" in html
    assert (
        panel.text() == "REAL · «LRU», «LFU»; aciertos (%) según memoria (MB). Las cifras están en el panel."
    )


def test_a_single_point_has_its_place_on_the_axis():
    html = curve({"LRU": {64: 20}}, x="memoria (MB)", y="aciertos (%)").children[1].value
    assert 'text-anchor="middle">64</text>' in html


def test_a_simulated_figure_says_so():
    assert bars({"a": 1}, simulated=True).text().startswith("SIMULADO · ")
    assert "SIMULADO" in seen(curve({"a": {0: 1}}, x="s", y="n", simulated=True))


@pytest.mark.parametrize(
    ("series", "said"),
    [
        ({}, "1 a 4 líneas"),
        ({str(n): {0: 1} for n in range(5)}, "1 a 4 líneas"),
        ({"a": []}, "«a» necesita de 1 a 500 puntos"),
        ({"a": 3}, "«a» necesita"),
        ({"a": [1, 2]}, "«a» necesita"),
        ({"a": [(1, None)]}, "La y de «a»"),
    ],
)
def test_what_is_no_line_is_refused_in_spanish(series, said):
    with pytest.raises(WidgetError, match=said):
        curve(series, x="x", y="y")


def test_names_are_escaped():
    for panel in (bars({"<b>": 1}, title="<i>", claim="<u>"), curve({"<b>": {0: 1}}, x="<i>", y="<u>")):
        assert not findall(r"<(?:b|i|u)>(?!\d)", panel.children[1].value)


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (0, 93, [0, 20, 40, 60, 80, 100]),
        (0, 0.34, [0, 0.1, 0.2, 0.3, 0.4]),
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (64, 1024, [0, 200, 400, 600, 800, 1000, 1200]),
    ],
)
def test_axes_have_round_numbers_that_cover_what_was_measured(low, high, found):
    assert ticks(low, high) == found


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (0.0123456, "0.0123"),
        (0.9121, "0.912"),
        (41.234, "41.2"),
        (349.6, "350"),
        (1204.4, "1\u00a0204"),
    ],
)
def test_a_figure_has_three_significant_digits(value, said):
    assert figure(value) == said

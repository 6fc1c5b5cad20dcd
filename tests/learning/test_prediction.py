"""A prediction is fixed once, before seeing, and compared with what was measured."""

from fractions import Fraction

import pytest

from workshop import predict
from workshop.errors import WorkshopError
from workshop.learning import scale
from workshop.learning.record import record


def choice():
    return predict("¿Cuál pesa más?", ["esta", "aquella", "igual"])


def test_the_button_fixes_what_is_marked():
    bet = choice()
    bet.control.value = "aquella"
    bet.fix.click()
    assert bet.choice == "aquella"
    assert bet.control.disabled
    assert bet.fix.disabled
    assert "quedó fija: «aquella»" in bet.status.value
    assert "quedó fija: «aquella»" in repr(bet)


def test_nothing_is_marked_at_first_and_the_button_says_so():
    bet = choice()
    assert bet.control.value is None
    bet.fix.click()
    assert bet.choice is None
    assert not bet.control.disabled
    assert "Primero responde" in bet.status.value


def test_from_code_it_is_the_same():
    bet = choice()
    bet.choose("igual")
    assert bet.control.disabled
    assert bet.control.value == "igual"
    with pytest.raises(WorkshopError, match="ya fijaste «igual»"):
        bet.choose("esta")
    assert bet.choice == "igual"


@pytest.mark.parametrize(
    ("chosen", "right", "said"),
    [("esta", True, "✓ Coincide con tu predicción."), ("igual", False, "✗ No coincide con tu predicción.")],
)
def test_compare_says_it_with_sign_and_words(chosen, right, said):
    bet = choice()
    bet.choose(chosen)
    comparison = bet.compare("esta")
    assert comparison.right is right
    assert repr(comparison) == f"{said}\nPredijiste: «{chosen}».\nLo medido: «esta»."
    assert said in comparison.html.value
    assert record().read().predictions["¿Cuál pesa más?"].right is right


def test_without_a_prediction_it_is_never_an_error():
    bet = choice()
    comparison = bet.compare("esta")
    assert repr(comparison) == "○ No fijaste una predicción; lo medido: «esta»."
    assert comparison.right is None
    assert record().read().predictions == {}


def test_after_seeing_nobody_predicts():
    bet = choice()
    bet.compare("esta")
    assert bet.control.disabled
    assert bet.fix.disabled
    with pytest.raises(WorkshopError, match="ya viste lo medido"):
        bet.choose("esta")
    bet.control.value = "esta"
    bet.fix.click()
    assert bet.choice is None
    assert "ya viste lo medido" in bet.status.value


def test_running_the_cell_again_makes_a_new_one_but_the_first_counts():
    for chosen in ("igual", "esta"):
        bet = choice()
        assert bet.choice is None
        bet.choose(chosen)
        bet.compare("esta")
    kept = record().read().predictions["¿Cuál pesa más?"]
    assert (kept.choice, kept.right) == ("igual", False)


def test_options_may_be_numbers():
    bet = predict("¿Qué código?", [200, 404])
    bet.choose("404")
    assert bet.choice == 404
    assert bet.compare(404).right
    assert "«404»" in repr(bet)


@pytest.mark.parametrize("measured", ["otra", None, 3])
def test_measured_has_to_be_an_option(measured):
    bet = choice()
    with pytest.raises(WorkshopError, match="Son: «esta», «aquella», «igual»"):
        bet.compare(measured)
    assert not bet.locked


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("¿?", []), "llegaron 0"),
        (("¿?", ["una"]), "llegaron 1"),
        (("¿?", ["a", "b", "a"]), "repetidas: «a»"),
        (("¿?", [1, "1"]), "repetidas: «1»"),
        (("¿?", ["a", " "]), "opción vacía"),
        (("¿?", "abc"), "van en una lista"),
        (("¿?", 3), "van en una lista"),
        (("¿?",), "opciones o una unidad"),
        (("", ["a", "b"]), "Falta la pregunta"),
        ((["a", "b"],), "Falta la pregunta"),
    ],
)
def test_bad_questions(arguments, said):
    with pytest.raises(WorkshopError, match=said):
        predict(*arguments)


def test_options_and_unit_together():
    with pytest.raises(WorkshopError, match="y no ambas"):
        predict("¿?", ["a", "b"], unit="ms")


def number():
    return predict("¿Cuánto tarda?", unit="ms")


@pytest.mark.parametrize(
    ("written", "kept"),
    [("12", 12), ("2.5", 2.5), ("2,5", 2.5), (" 2.5 ms ", 2.5), ("-3", -3), ("1e3", 1000.0)],
)
def test_a_number_is_written_as_people_write(written, kept):
    bet = number()
    bet.control.value = written
    bet.fix.click()
    assert bet.choice == kept
    assert bet.control.disabled


@pytest.mark.parametrize("written", ["mucho", "nan", "inf", "1 2", "--3", "²"])
def test_what_is_not_a_number_is_refused_and_can_be_mended(written):
    bet = number()
    bet.control.value = written
    bet.fix.click()
    assert bet.choice is None
    assert not bet.control.disabled
    assert "Se esperaba un número en ms" in bet.status.value
    with pytest.raises(WorkshopError, match="Se esperaba un número en ms"):
        bet.choose(written)


def test_an_empty_number_is_not_a_zero():
    bet = number()
    bet.fix.click()
    assert bet.choice is None
    assert "Primero responde" in bet.status.value


@pytest.mark.parametrize("measured", [1.234567, 9.87654, Fraction(22, 5)])
def test_a_measured_time_is_only_in_the_panel(measured):
    bet = number()
    bet.choose(5)
    comparison = bet.compare(measured)
    assert repr(comparison) == ("Predijiste: 5 ms.\nLo medido y qué tan lejos quedaste están en el panel."), (
        "the twin is the same whatever was measured"
    )
    assert f"{float(measured):.3g} ms" in comparison.html.value
    assert "tu predicción fue" in comparison.html.value


def test_a_measured_time_without_a_prediction():
    comparison = number().compare(1.234567)
    assert repr(comparison) == "○ No fijaste una predicción; lo medido está en el panel."
    assert "1.23 ms" in comparison.html.value


def test_a_count_is_in_both():
    bet = predict("¿Cuántas filas?", unit="filas")
    bet.choose(21)
    comparison = bet.compare(7)
    assert repr(comparison) == (
        "✗ Lejos: tu predicción fue 3 veces mayor.\nPredijiste: 21 filas.\nLo medido: 7 filas."
    )


@pytest.mark.parametrize("measured", ["siete", None, float("nan"), True, [7]])
def test_measured_has_to_be_a_number(measured):
    with pytest.raises(WorkshopError, match="Se esperaba un número en ms"):
        number().compare(measured)


@pytest.mark.parametrize(
    ("predicted", "measured", "words", "near"),
    [
        (9.0, 3.0, "tu predicción fue 3 veces mayor.", False),
        (3.0, 9.0, "tu predicción fue 3 veces menor.", False),
        (5.0, 2.0, "tu predicción fue 2.5 veces mayor.", False),
        (1000, 2, "tu predicción fue 500 veces mayor.", False),
        (13.0, 10.0, "tu predicción fue un 30 % mayor.", True),
        (8.0, 10.0, "tu predicción fue un 20 % menor.", True),
        (10.1, 10.0, "tu predicción fue casi igual.", True),
        (4, 4, "tu predicción fue exacta.", True),
        (0, 4, "tu predicción fue 4 ms menor.", False),
        (0, 0, "tu predicción fue exacta.", True),
        (-2.0, 4.0, "tu predicción fue 6 ms menor.", False),
    ],
)
def test_how_far(predicted, measured, words, near):
    assert scale.distance(predicted, measured, "ms") == words
    assert scale.close(predicted, measured) is near


def test_learner_text_cannot_become_html():
    bet = predict("¿<b>Cuál</b>?", ["<script>", "b"])
    bet.choose("<script>")
    assert "<b>" not in bet.children[1].value
    assert "<script>" not in bet.status.value
    assert "<script>" not in bet.compare("b").html.value

"""Hints open one at a time; the solution, when it has been earned."""

import pytest

from tests.learning.planted import catalog
from workshop import check, hint
from workshop.errors import WorkshopError
from workshop.learning.exercise import exercises, find

FIRST, SECOND = find("07.1").hints
OPENING = find("07.1").solution.splitlines()[0]


def test_one_more_each_call():
    text = repr(hint("07.1"))
    assert "Pista 1 de 2: " + FIRST in text
    assert SECOND not in text
    assert "Queda 1." in text
    text = repr(hint("07.1"))
    assert FIRST in text
    assert "Pista 2 de 2: " + SECOND in text
    assert "No quedan pistas. La solución se abre" in text
    assert "llevas 0" in text
    assert repr(hint("07.1")) == text
    assert OPENING not in text


def test_the_button_opens_the_next_one():
    view = hint("07.1")
    assert view.remaining == 1
    assert SECOND.split("`")[0] not in view.html.value
    view.more.click()
    assert view.remaining == 0
    assert SECOND.split("`")[0] in view.html.value
    assert view.more.disabled
    assert view.more.description == "No quedan pistas"


def test_each_exercise_has_its_own():
    hint("07.1")
    assert "Pista 1 de 2" in repr(hint("07.2"))
    assert "Pista 2 de 2" not in repr(hint("07.2")).split("Pista 2 de 2: " + find("07.2").hints[1])[0]


def test_three_failures_open_the_solution(engine, served):
    api = served(catalog.no_total(engine))
    for _ in range(2):
        assert "solución" not in check("07.1", api).message
    assert OPENING not in repr(hint("07.1"))
    assert 'La solución ya está abierta: hint("07.1")' in check("07.1", api).message
    view = hint("07.1")
    assert find("07.1").solution in repr(view)
    assert "@catalog_app.get(" in view.html.value


def test_success_opens_the_solution(engine, served):
    check("07.1", served(catalog.right_in_python(engine)))
    assert find("07.1").solution in repr(hint("07.1"))


def test_untouched_does_not_count_as_a_failure(engine, served):
    api = served(catalog.untouched(engine))
    for _ in range(4):
        check("07.1", api)
    assert OPENING not in repr(hint("07.1"))


def test_unknown_exercise():
    with pytest.raises(WorkshopError, match=r"No hay un ejercicio «99\.9»"):
        hint("99.9")


def test_every_exercise_has_what_it_needs():
    assert len(exercises()) >= 2
    for exercise in exercises().values():
        assert len(exercise.hints) == 2
        assert exercise.title
        assert exercise.goal
        compile(exercise.solution, exercise.name, "exec")
        assert "\n\n" not in exercise.goal

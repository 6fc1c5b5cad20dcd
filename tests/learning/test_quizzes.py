"""Quizzes: sound as data, answered from the panel and from code, and never giving the answers away."""

import copy

import pytest

from workshop import facts, quiz
from workshop.errors import WorkshopError
from workshop.learning import questions
from workshop.learning.quizzes import LETTERS
from workshop.learning.record import record

FILES = sorted((facts.DATA / "quizzes").glob("*.toml"))


def right_letter(view) -> str:
    return next(LETTERS[i] for i, option in enumerate(view.question.options) if option.right)


def wrong_letter(view) -> str:
    return next(LETTERS[i] for i, option in enumerate(view.question.options) if not option.right)


def test_there_are_quizzes():
    assert "07_rest_api.toml" in [path.name for path in FILES]
    assert [path.name for path in FILES] == [path.name for path in questions.quiz_files().values()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_quiz_is_sound(path):
    asked = questions.read(facts.load(f"quizzes/{path.name}"))
    assert questions.faults(asked) == []


def spoil(change):
    data = copy.deepcopy(facts.load("quizzes/07_rest_api.toml")["question"])
    data = change(data) or data
    return questions.faults(questions.read({"question": data}))


def sort_right_first(data):
    for question in data:
        question["options"].sort(key=lambda option: not option.get("right", False))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d[:3], "4 o 5 preguntas y tiene 3"),
        (lambda d: d + d[:1], "pregunta repetida"),
        (
            lambda d: d[0]["options"][0].update(right=True, misconception=""),
            "una sola respuesta correcta y tiene 2",
        ),
        (
            lambda d: [o.pop("right", 0) for o in d[1]["options"]] and None,
            "una sola respuesta correcta y tiene 0",
        ),
        (lambda d: d[0]["options"][0].pop("misconception") and None, "no nombra la confusión"),
        (lambda d: d[0]["options"][0].update(why=" "), "le falta el texto o la explicación"),
        (lambda d: d[0]["options"][1].update(text=d[0]["options"][0]["text"] + "."), "opción repetida"),
        (lambda d: d[2]["options"].pop() and None, "al menos tres opciones"),
        (lambda d: d[0]["options"][2].update(misconception="x"), "es correcta y nombra una confusión"),
        (sort_right_first, "siempre en el mismo lugar"),
        (
            lambda d: (
                [o.update(text=o["text"] + "." * 99) for q in d for o in q["options"] if o.get("right")]
                and None
            ),
            "siempre la más larga",
        ),
        (lambda d: d[0].update(text=""), "falta la pregunta"),
        (lambda d: d[0]["options"][0].update(why="En *cache-aside*, no."), "los asteriscos se verían"),
    ],
)
def test_the_validator_sees_each_fault(change, said):
    assert any(said in fault for fault in spoil(change)), spoil(change)


def test_the_text_twin_lists_and_does_not_reveal():
    text = repr(quiz("07"))
    for question in questions.questions("07")[1]:
        assert question.text in text
        for option in question.options:
            assert option.text in text
            assert option.why not in text
            assert not option.misconception or option.misconception not in text
    assert "✓" not in text


def test_every_control_wrong_then_right():
    made = quiz("07")
    assert len(made.questions) == 5
    for view in made.questions:
        view.send.click()
        assert "Primero elige una opción" in view.feedback.value
        view.control.index = LETTERS.index(wrong_letter(view))
        view.send.click()
        assert "✗ No es esa. La confusión: " in view.feedback.value
        assert view.send.description == "Responder otra vez"
        view.control.index = LETTERS.index(right_letter(view))
        view.send.click()
        assert "✓ Correcto." in view.feedback.value
    assert made.score == 5
    assert "Aciertos: 5 de 5; a la primera: 0." in made.status.value
    made.again.click()
    assert all(view.control.value is None and view.said == [] for view in made.questions)
    assert all(view.send.description == "Responder" for view in made.questions)
    assert "✓" not in repr(made)
    assert made.score == 5, "starting again does not take away what was won"


def test_answers_from_code():
    made = quiz("07")
    for number, view in enumerate(made.questions, start=1):
        option = next(option for option in view.question.options if option.right)
        said = made.answer(number, option.text)
        assert repr(said) == f"✓ Correcto. {option.why}"
        assert view.control.index == view.question.options.index(option)
    assert "a la primera: 5" in made.status.value
    saved = record().read().quizzes["07"]
    assert {entry.tries for entry in saved.values()} == {1}
    assert all(entry.first for entry in saved.values())


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_each_wrong_option_explains_its_misconception(number):
    made = quiz("07")
    for letter, option in zip(LETTERS, made.questions[number - 1].question.options, strict=False):
        said = repr(made.answer(number, letter.upper()))
        assert option.why in said
        assert option.right or f"La confusión: {option.misconception}." in said
        assert option.why in repr(made)


def test_a_right_answer_later_does_not_become_first():
    made = quiz("07")
    view = made.questions[0]
    made.answer(1, wrong_letter(view))
    made.answer(1, right_letter(view))
    made.answer(1, wrong_letter(view))
    entry = record().read().quizzes["07"]["1"]
    assert (entry.tries, entry.right, entry.first) == (3, True, False)
    assert quiz("07").score == 1, "another panel reads the same record"


@pytest.mark.parametrize("number", [0, 6, "1", None, True, 1.5])
def test_a_question_that_is_not_there(number):
    with pytest.raises(WorkshopError, match="van de la 1 a la 5"):
        quiz("07").answer(number, "a")


@pytest.mark.parametrize("option", ["z", "", None, "GET", 3])
def test_an_option_that_is_not_there(option):
    with pytest.raises(WorkshopError, match="Responde con una letra"):
        quiz("07").answer(1, option)


@pytest.mark.parametrize("chapter", ["99", "rest", None])
def test_a_chapter_without_a_quiz(chapter):
    with pytest.raises(WorkshopError, match=r"Los que hay: .*\b07\b"):
        quiz(chapter)


@pytest.mark.parametrize("chapter", ["7", 7, "07"])
def test_a_chapter_is_named_as_people_do(chapter):
    assert quiz(chapter).chapter == "07"

"""Progress: what the table says, exporting and starting again."""

import json
import shutil

import pytest

from tests.learning.planted import catalog
from workshop import check, facts, predict, progress, quiz
from workshop.errors import WorkshopError
from workshop.learning.record import record


def line(text: str, start: str) -> str:
    return next(row for row in text.splitlines() if row.startswith(start))


def test_a_fresh_table_has_every_chapter():
    text = repr(progress())
    chapters = facts.load("curriculum.toml")["chapter"]
    assert len(chapters) == 18
    for chapter in chapters:
        assert f"{chapter['number']:02} · {chapter['title']}" in text
    assert line(text, "07 ·").split()[-6:] == ["0", "de", "2", "0", "de", "5"]
    assert "Predicciones comparadas: 0; acertadas: 0." in text


def test_a_chapter_without_a_notebook_is_still_to_come(tmp_path, monkeypatch):
    shutil.copytree(facts.DATA, tmp_path / "data")
    monkeypatch.setattr(facts, "DATA", tmp_path / "data")
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    (notebooks / "07_rest_api.ipynb").touch()
    text = repr(progress())
    assert "por venir" in line(text, "00 ·")
    assert "por venir" not in line(text, "07 ·")
    assert text.count("por venir") == 17


def test_what_was_done_is_counted(engine, served):
    check("07.1", served(catalog.right_in_python(engine)))
    made = quiz("07")
    made.answer(1, "c")
    made.answer(2, "b")
    for question, chosen in (("¿A?", "x"), ("¿B?", "y")):
        bet = predict(question, ["x", "y"])
        bet.choose(chosen)
        bet.compare("x")
    board = progress()
    row = line(repr(board), "07 ·")
    assert "1 de 2" in row
    assert "1 de 5" in row
    assert "Predicciones comparadas: 2; acertadas: 1." in repr(board)
    assert "<td>1 de 2</td>" in board.html.value


def test_all_done_is_marked():
    def all_done(state):
        for number in ("07.1", "07.2"):
            state.exercise(number).solved = True

    record().change(all_done)
    assert "2 de 2 ✓" in line(repr(progress()), "07 ·")


def test_without_a_curriculum_it_still_works(tmp_path, monkeypatch):
    monkeypatch.setattr(facts, "DATA", tmp_path)
    assert "Predicciones comparadas: 0" in repr(progress())


def test_export(tmp_path):
    record().change(lambda state: setattr(state.exercise("07.1"), "solved", True))
    target = progress().export(tmp_path / "avance.json")
    assert json.loads(target.read_text())["exercises"]["07.1"]["solved"] is True
    with pytest.raises(WorkshopError, match=r"«avance\.json» ya existe y no se tocó"):
        progress().export(target)
    target.write_text("viejo")
    progress().export(target, overwrite=True)
    assert json.loads(target.read_text())["version"] == 1


@pytest.mark.parametrize("name", ["nada/avance.json", "."])
def test_export_where_one_cannot(tmp_path, name):
    with pytest.raises(WorkshopError):
        progress().export(tmp_path / name)


def test_the_export_button(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    board = progress()
    board.file.value = "mio.json"
    board.save.click()
    assert json.loads((tmp_path / "mio.json").read_text())["version"] == 1
    assert "quedó en «mio.json»" in board.status.value
    board.save.click()
    assert "ya existe" in board.status.value


def test_reset_wants_to_be_asked_twice(home):
    record().change(lambda state: setattr(state.exercise("07.1"), "solved", True))
    board = progress()
    for unsure in (False, "sí", 1):
        with pytest.raises(WorkshopError, match="sure=True"):
            board.reset(sure=unsure)
    assert record().read().exercises["07.1"].solved
    board.reset(sure=True)
    assert record().read().exercises == {}
    kept = home / "progress.anterior-1.json"
    assert json.loads(kept.read_text())["exercises"]["07.1"]["solved"] is True
    assert "0 de 2" in board.html.value


def test_the_reset_buttons(home):
    record().change(lambda state: setattr(state.exercise("07.1"), "solved", True))
    board = progress()
    assert board.confirm.layout.display == board.keep.layout.display == "none"
    board.clear.click()
    assert board.confirm.layout.display == board.keep.layout.display == ""
    assert board.clear.disabled
    assert "¿Dejar tu avance en cero?" in board.status.value
    board.keep.click()
    assert board.confirm.layout.display == "none"
    assert not board.clear.disabled
    assert record().read().exercises["07.1"].solved
    board.clear.click()
    board.confirm.click()
    assert record().read().exercises == {}
    assert "Tu avance está en cero. Lo anterior quedó en" in board.status.value
    assert board.confirm.layout.display == "none"
    assert (home / "progress.anterior-1.json").exists()


def test_reset_with_nothing_to_keep(home):
    progress().reset(sure=True)
    assert not list(home.glob("progress.anterior*"))


@pytest.mark.parametrize(
    "show", [progress, lambda: quiz("07").status.value, lambda: __import__("workshop").hint("07.1")]
)
def test_a_spoilt_file_is_said_wherever_one_looks(home, show):
    home.mkdir()
    (home / "progress.json").write_text("{")
    assert "Aviso: Tu archivo de avance no se pudo leer" in str(show())


def test_a_chapter_may_be_asked_for_alone():
    chapters = [str(one["number"]).zfill(2) for one in facts.load("curriculum.toml")["chapter"]]
    alone, whole = repr(progress("07")).splitlines(), repr(progress()).splitlines()
    assert len(whole) - len(alone) == len(chapters) - 1
    assert [line.split("  ")[0] for line in alone if " · " in line] == [
        line.split("  ")[0] for line in whole if line.startswith("07 ·")
    ]


@pytest.mark.parametrize("chapter", ["99", 7, "7", ""])
def test_a_chapter_that_there_is_not_is_said_with_those_there_are(chapter):
    with pytest.raises(WorkshopError, match=f"llegó {chapter!r}.*00, 01, 02"):
        progress(chapter)

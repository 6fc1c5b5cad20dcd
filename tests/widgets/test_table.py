"""The live table: what changed in the base is marked, told and kept in view."""

import threading
from html import unescape
from re import sub

import pytest
from sqlalchemy import event, text
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, SQLModel, create_engine

from tests.widgets.plates import Plate
from workshop import serve, stop_all, table
from workshop.widgets import rows as rows_module
from workshop.widgets.errors import WidgetError


@pytest.fixture
def live(engine):
    made = []

    def make(**options):
        made.append(table(Plate, engine, **options))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def change(engine, *, add=(), price=(), delete=()):
    with Session(engine) as session:
        session.add_all(Plate(name=name, price=1) for name in add)
        for key, value in dict(price).items():
            session.get(Plate, key).price = value
        for key in delete:
            session.delete(session.get(Plate, key))
        session.commit()


def seen(panel) -> str:
    """What is on the screen, without its tags."""
    return unescape(sub(r"<[^>]+>", " ", panel._summary.value + panel._grid.value))


def test_the_text_twin_is_an_aligned_table(live):
    assert live().text() == (
        "Tabla «widget_plate» · filas 1–3 de 3\n"
        "marca  id  name    price\n"
        "       1   Mole    120\n"
        "       2   Pozole  95\n"
        "       3   Flan    40\n"
        "Sin cambios."
    )


def test_each_change_is_marked_by_sign_and_word(live, engine):
    panel = live()
    change(engine, add=["Atole"], price={2: 99}, delete=[1])
    assert panel.text() == (
        "Tabla «widget_plate» · filas 1–4 de 4 (1 ya no está en la base)\n"
        "marca      id  name    price\n"
        "− borrada  1   Mole    120\n"
        "✎ cambió   2   Pozole  99 (antes: 95)\n"
        "           3   Flan    40\n"
        "+ nueva    4   Atole   1\n"
        "+ 1 nueva (4) · ✎ 1 cambió (2) · − 1 borrada (1)"
    )
    assert repr(panel) == panel.text()


def woken_only_by_commits(panel):
    panel._watcher._period = 3600
    panel.text()  # ends the wait that began with the old period
    return panel


def test_it_follows_a_commit_that_the_base_finishes_after_the_first_look(live, engine, until):
    panel = woken_only_by_commits(live())
    look, looked = panel._watcher._look, threading.Event()
    panel._watcher._look = lambda: (look(), looked.set())
    event.listen(engine, "commit", lambda _: looked.wait(5))
    change(engine, add=["Atole"])
    assert looked.is_set()
    until(lambda: "+ 1 nueva (4)" in seen(panel))


def test_it_follows_a_commit_by_itself(live, engine, until):
    panel = woken_only_by_commits(live())
    change(engine, add=["Atole"])
    until(lambda: "+ 1 nueva (4)" in seen(panel))
    assert "+ nueva" in seen(panel) and "Atole" in seen(panel)
    change(engine, price={3: 45})
    until(lambda: "✎ 45 antes: 40" in " ".join(seen(panel).split()))


def test_it_follows_what_another_engine_wrote(live, engine, until):
    panel = live()
    other = create_engine(engine.url)
    panel._watcher._period = 0.05
    panel._watcher._wake.set()
    change(other, delete=[3])
    other.dispose()
    until(lambda: "− 1 borrada (3)" in seen(panel))


def test_it_follows_a_request_to_a_real_service(live, engine, until):
    import requests
    from fastapi import FastAPI

    app = FastAPI()

    @app.post("/plates")
    def create():
        change(engine, add=["Tlayuda"])

    panel = live()
    requests.post(f"{serve(app, name='platos').url}/plates", timeout=5)
    until(lambda: "Tlayuda" in seen(panel))
    stop_all()


def test_marks_stay_until_the_next_change(live, engine):
    panel = live()
    change(engine, add=["Atole"])
    panel.refresh()
    panel.update.click()
    assert "+ 1 nueva (4)" in seen(panel)
    change(engine, price={1: 1})
    panel.update.click()
    assert "✎ 1 cambió (1)" in seen(panel)
    assert "nueva" not in seen(panel)


def test_changes_of_one_burst_are_shown_together(live, engine, until):
    panel = live()
    change(engine, add=["Atole"])
    until(lambda: "Atole" in seen(panel))
    change(engine, price={1: 1})
    assert panel.text().endswith("+ 1 nueva (4) · ✎ 1 cambió (1)")


def test_pages_follow_the_change_and_the_buttons(live, engine):
    panel = live(rows=2)
    assert "filas 1–2 de 3" in seen(panel) and panel.previous.disabled
    panel.following.click()
    assert "filas 3–3 de 3" in seen(panel) and panel.following.disabled
    panel.previous.click()
    assert "filas 1–2 de 3" in seen(panel)
    change(engine, add=["Atole", "Tlayuda"])
    panel.refresh()
    assert "filas 3–4 de 5" in seen(panel)
    assert "+ 2 nuevas (4, 5)" in seen(panel)


def test_columns_can_be_chosen(live):
    assert live(columns=["name"]).text().splitlines()[1:3] == ["marca  name", "       Mole"]
    with pytest.raises(WidgetError, match=r"no tiene la columna 'precio'.*id, name, price"):
        live(columns=["precio"])


def test_a_long_table_says_what_it_does_not_show(live, engine, monkeypatch):
    monkeypatch.setattr(rows_module, "LIMIT", 3)
    monkeypatch.setattr("workshop.widgets.grid.LIMIT", 3)
    change(engine, add=["Atole", "Tlayuda"])
    panel = live()
    assert "se leen las primeras 3 de 5" in seen(panel)
    change(engine, delete=[1])  # plate 4 moves into view: nobody created it
    panel.refresh()
    assert "− 1 borrada (1)" in seen(panel) and "nueva" not in seen(panel)


def test_what_is_in_the_cells_is_escaped(live, engine):
    change(engine, add=["<script>alert(1)</script>"])
    panel = live()
    assert "<script>" not in panel._grid.value
    assert "<script>alert(1)</script>" in seen(panel)


def test_a_dropped_table_is_told_and_comes_back(live, engine):
    panel = live()
    Plate.__table__.drop(engine)
    panel.update.click()
    assert "La tabla «widget_plate» no existe en esta base" in seen(panel)
    assert "create_all(engine)" in panel.text()
    SQLModel.metadata.create_all(engine, tables=[Plate.__table__])
    panel.update.click()
    assert "no existe" not in seen(panel)


def test_a_base_that_is_gone_is_told(live, engine, tmp_path):
    panel = live()
    engine.dispose()
    (tmp_path / "plates.db").unlink()
    (tmp_path / "plates.db").mkdir()
    panel.refresh()
    assert "La base de datos no contesta" in panel.text()


def test_a_table_that_changed_its_shape_is_told(live, engine):
    panel = live()
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE widget_plate RENAME COLUMN price TO cost"))
    panel.refresh()
    assert "No pude leer la tabla «widget_plate»" in panel.text() and "price" in panel.text()


def test_stop_ends_its_thread_and_frees_the_engine(live, engine):
    before = {each.name for each in threading.enumerate() if each.name == "comanda-table"}
    panel = live()
    listener = panel._watcher._on_commit
    assert panel.watching and event.contains(engine, "commit", listener)
    panel.stop()
    assert not event.contains(engine, "commit", listener)
    panel.stop()
    assert not panel.watching and "detenida" in seen(panel)
    assert {each.name for each in threading.enumerate() if each.name == "comanda-table"} == before
    change(engine, add=["Atole"])
    assert "Atole" not in seen(panel)
    panel.update.click()
    assert "Atole" in seen(panel)


def test_its_reading_does_not_show_in_the_log_of_the_engine(live, engine, caplog):
    panel = live()
    engine.echo = True
    with caplog.at_level("INFO", logger="sqlalchemy.engine.Engine"):
        panel.refresh()
    engine.echo = False
    assert "SELECT" not in caplog.text


def test_what_is_not_a_table_or_an_engine_is_explained(engine):
    class Draft(SQLModel):
        name: str

    memory = create_engine("sqlite://", poolclass=StaticPool)
    with pytest.raises(WidgetError, match="Draft no es una tabla"):
        table(Draft, engine)
    with pytest.raises(WidgetError, match="llegó str"):
        table(Plate, "sqlite:///x.db")
    with pytest.raises(WidgetError, match="en la memoria"):
        table(Plate, memory)
    for rows in (0, 101, 2.5, True):
        with pytest.raises(WidgetError, match="de 1 a 100"):
            table(Plate, engine, rows=rows)
    memory.dispose()


class Shell:
    """The part of IPython's shell that the tables use, run by hand."""

    def __init__(self):
        self.callbacks = {"pre_run_cell": [], "post_run_cell": []}
        self.events = self
        self.parent = {}

    def register(self, name, action):
        self.callbacks[name].append(action)

    def unregister(self, name, action):
        self.callbacks[name].remove(action)

    def get_parent(self):
        return self.parent

    def run(self, cell, turn, code):
        self.parent = {"metadata": {"cellId": cell}, "header": {"msg_id": turn}}
        for action in list(self.callbacks["pre_run_cell"]):
            action(None)
        result = code()
        for action in list(self.callbacks["post_run_cell"]):
            action(None)
        return result


@pytest.fixture
def shell(monkeypatch):
    shell = Shell()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    return shell


def test_a_cell_shows_what_it_changed_and_the_next_one_only_its_own(live, engine, shell):
    panel = shell.run("a", "1", live)
    shell.run("b", "2", lambda: change(engine, add=["Atole"]))

    def third():
        change(engine, price={1: 1})
        first = panel.text()
        change(engine, price={2: 2})
        return first, panel.text()

    first, second = shell.run("c", "3", third)
    assert first.endswith("\n✎ 1 cambió (1)")
    assert second.endswith("\n✎ 2 cambiaron (1, 2)")


def test_running_a_cell_again_replaces_its_tables(live, shell):
    first, twin = shell.run("a", "1", lambda: (live(), live()))
    other = shell.run("b", "2", live)
    assert first.watching and twin.watching
    again = shell.run("a", "3", live)
    assert not first.watching and not twin.watching
    assert other.watching and again.watching
    again.stop()
    other.stop()
    assert shell.callbacks == {"pre_run_cell": [], "post_run_cell": []}

"""Each notebook, in both editions, as its learner lives it in a real JupyterLab."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.browser.notebook import Notebook

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
EDITIONS = sorted([*NOTEBOOKS.glob("[0-9]*.ipynb"), *NOTEBOOKS.glob("soluciones/[0-9]*.ipynb")])

# Each theme is photographed once a chapter: the editions differ in two cells.
THEME = {"notebooks": "light", "soluciones": "dark"}


@dataclass(frozen=True)
class Control:
    """A chapter's main control: its section, what is written and pressed, and what must then be seen."""

    section: str
    press: str
    sees: str
    inside: str = ".comanda"
    write: dict[str, str] = field(default_factory=dict)


# One entry a chapter. What is seen can only come from a service that answered.
MAIN = {
    "00": Control(
        section="1. ¿Todo enciende?",
        inside=".comanda-checkup",
        press="Revisar otra vez",
        sees="dejó pasar una petición hasta una API",
    ),
    "05": Control(
        section="6. Todos los demás",
        inside=".comanda-codes",
        press="Pedirlo de verdad",
        sees="HTTP/1.1 418",
    ),
    "06": Control(
        section="2. Una dirección por función",
        inside=".comanda-console",
        write={"Ruta": "/users/create"},
        press="Enviar",
        sees='"id": 4',
    ),
    "07": Control(
        section="1. Un recurso, seis operaciones",
        inside=".comanda-console",
        write={"Ruta": "/dishes/987654"},
        press="Enviar",
        sees="No hay un plato con id 987654",
    ),
    "11": Control(
        section="6. Roles, teléfonos y un despido",
        inside=".comanda-console",
        press="Enviar",
        sees="200 OK",
    ),
    "15": Control(
        section="Sala de averías",
        inside=".comanda-plan",
        press="Matar",
        sees="«averias»: muerto",
    ),
    "16": Control(
        section="3. Avisar que ya está",
        inside=".comanda-console",
        press="Enviar",
        sees="en el riel",
    ),
}


def label(file: Path) -> str:
    return f"{file.stem}-{'resuelto' if file.parent.name == 'soluciones' else 'participante'}"


def test_there_are_notebooks_in_both_editions():
    solved = [file.name for file in EDITIONS if file.parent.name == "soluciones"]
    assert len(solved) >= 1
    assert solved == [file.name for file in EDITIONS if file.parent == NOTEBOOKS]
    assert {name[:2] for name in solved} == MAIN.keys()


@pytest.fixture(params=EDITIONS, ids=label)
def chapter(request, open_notebook) -> Notebook:
    return open_notebook(str(Path("notebooks") / request.param.relative_to(NOTEBOOKS)))


def test_a_learner_gets_through_it(request, chapter):
    """In one sitting, as opening JupyterLab costs as much as running a chapter."""
    chapter.run_all()
    assert chapter.failures() == []
    assert chapter.not_run() == []
    for theme in ("light", "dark"):
        chapter.use_theme(theme)
        assert chapter.accessibility(".comanda") == []
    chapter.use_theme(THEME[Path(chapter.path).parent.name])
    chapter.photograph(request.node.callspec.id)
    press(chapter, MAIN[Path(chapter.path).name[:2]])
    go_on_after_a_restart(chapter)


def press(chapter: Notebook, control: Control) -> None:
    """Run its section again (the last cell of a chapter stops everything) and use the control by hand."""
    chapter.run_cells(*chapter.sections()[control.section])
    assert chapter.failures() == []
    area = chapter.page.locator(f".jp-NotebookPanel {control.inside}").first
    for name, value in control.write.items():
        area.get_by_label(name, exact=True).fill(value)
        area.get_by_label(name, exact=True).press("Tab")
    area.evaluate("area => area.querySelectorAll('*').forEach(old => { old.dataset.old = ''; })")
    area.get_by_role("button", name=control.press).click()
    area.locator(":not([data-old])").filter(has_text=control.sees).locator("visible=true").first.wait_for()


def go_on_after_a_restart(chapter: Notebook) -> None:
    """The section in the middle, in a kernel that ran nothing before it."""
    sections = list(chapter.sections().values())
    chapter.restart()
    chapter.run_cells(*sections[len(sections) // 2])
    assert chapter.failures() == []

"""El avance a la vista: capítulos, ejercicios, cuestionarios y predicciones."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from workshop import facts
from workshop.learning.errors import LearningError
from workshop.learning.exercise import exercises
from workshop.learning.markup import Panel, button, card, notices, paragraph
from workshop.learning.questions import questions, quiz_files
from workshop.learning.record import State, record

HEADS = ("Capítulo", "Minutos", "Ejercicios", "Cuestionario")
EXPORT_NAME = "mi-avance.json"
WIDE = widgets.Layout(width="auto")


@dataclass(frozen=True)
class Row:
    """Un capítulo en la tabla, con todo ya dicho en palabras."""

    chapter: str
    minutes: str
    exercises: str
    quiz: str

    def cells(self) -> tuple[str, str, str, str]:
        """Las celdas, en el orden de los encabezados."""
        return self.chapter, self.minutes, self.exercises, self.quiz


class Board(Panel):
    """El avance. `.file` y `.save` exportan; `.clear` pide borrar, y `.confirm` o `.keep` deciden."""

    def __init__(self) -> None:
        self.html = widgets.HTML()
        self.file = widgets.Text(
            value=EXPORT_NAME, description="Archivo:", style={"description_width": "auto"}, layout=WIDE
        )
        self.save = button("Exportar")
        self.clear = button("Borrar mi avance")
        self.confirm = button("Sí, borrarlo")
        self.keep = button("No, conservarlo")
        self.status = widgets.HTML(card(""))
        self.save.on_click(lambda _: self._press_save())
        self.clear.on_click(lambda _: self._ask(True))
        self.keep.on_click(lambda _: self._ask(False))
        self.confirm.on_click(lambda _: self._press_confirm())
        self._ask(False)
        buttons = widgets.HBox(
            [self.file, self.save, self.clear, self.confirm, self.keep],
            layout=widgets.Layout(flex_flow="row wrap"),
        )
        super().__init__([self.html, buttons, self.status])
        self._draw()

    def export(self, path: str | Path, overwrite: bool = False) -> Path:
        """Escribe el avance en `path`, como JSON, y devuelve la ruta.

        Errores: `LearningError` si el archivo ya existe (salvo con `overwrite=True`) o no se puede escribir.
        """
        target = Path(path).expanduser()
        text = record().read().model_dump_json(indent=2) + "\n"
        try:
            with target.open("w" if overwrite else "x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            raise LearningError(
                f"«{target.name}» ya existe y no se tocó. Usa otro nombre o agrega overwrite=True."
            ) from None
        except OSError as error:
            raise LearningError(
                f"No se pudo escribir «{target}» ({error.strerror}). Revisa que la carpeta exista y sea tuya."
            ) from None
        return target

    def reset(self, sure: bool = False) -> None:
        """Empieza de nuevo. Lo anterior se conserva en otro archivo, junto al de avance.

        Errores: `LearningError` si no se confirma con `sure=True`.
        """
        if sure is not True:
            raise LearningError(
                "Esto deja tu avance en cero. Si es lo que quieres: progress().reset(sure=True)."
            )
        kept = record().reset()
        self._ask(False)
        where = f" Lo anterior quedó en {kept}." if kept else ""
        self.status.value = card(paragraph(f"Tu avance está en cero.{where}"))
        self._draw()

    def text(self) -> str:
        """La tabla y el resumen, como texto alineado."""
        state = record().read()
        table = [HEADS, *(row.cells() for row in _rows(state))]
        widths = [max(len(line[i]) for line in table) for i in range(len(HEADS))]
        lines = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in table]
        return "\n".join([*lines, _summary(state), *notices()])

    def _draw(self) -> None:
        state = record().read()
        head = "".join(f'<th scope="col">{name}</th>' for name in HEADS)
        body = "".join(_html_row(row) for row in _rows(state))
        rest = "".join(map(paragraph, [_summary(state), *notices()]))
        self.html.value = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"

    def _ask(self, asking: bool) -> None:
        self.clear.disabled = asking
        for choice in (self.confirm, self.keep):
            choice.layout.display = "" if asking else "none"
        question = "¿Dejar tu avance en cero? Lo anterior se guarda en otro archivo." if asking else ""
        self.status.value = card(paragraph(question) if question else "")

    def _press_confirm(self) -> None:
        self._try(lambda: self.reset(sure=True))

    def _press_save(self) -> None:
        def save() -> None:
            saved = self.export(self.file.value.strip() or EXPORT_NAME)
            self.status.value = card(paragraph(f"Tu avance quedó en «{saved}»."), "good")

        self._try(save)

    def _try(self, action: Any) -> None:
        try:
            action()
        except (LearningError, OSError) as error:
            self.status.value = card(paragraph(str(error)), "bad")


def progress() -> Board:
    """Tu avance: una fila por capítulo, y cuántas predicciones hiciste y acertaste.

    `.export(ruta)` lo escribe en un archivo JSON y `.reset(sure=True)` empieza de nuevo.
    """
    return Board()


def _rows(state: State) -> list[Row]:
    try:
        chapters = facts.load("curriculum.toml")["chapter"]
    except (FileNotFoundError, KeyError):
        chapters = []
    return [_row(chapter, state) for chapter in chapters]


def _row(chapter: dict[str, Any], state: State) -> Row:
    number = f"{int(chapter['number']):02}"
    mine = [name for name in exercises() if name.startswith(f"{number}.")]
    solved = sum(name in state.exercises and state.exercises[name].solved for name in mine)
    asked = len(questions(number)[1]) if number in quiz_files() else 0
    right = sum(entry.right for entry in state.quizzes.get(number, {}).values())
    name, minutes = f"{number} · {chapter['title']}", str(chapter.get("minutes", ""))
    if not facts.is_written(int(number)):
        return Row(name, minutes, "por venir", "")
    return Row(name, minutes, _of(solved, len(mine)), _of(right, asked))


def _of(done: int, total: int) -> str:
    if not total:
        return "—"
    return f"{done} de {total}" + (" ✓" if done >= total else "")


def _html_row(row: Row) -> str:
    first, *rest = row.cells()
    cells = "".join(f"<td>{escape(cell)}</td>" for cell in rest)
    return f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'


def _summary(state: State) -> str:
    made = len(state.predictions)
    right = sum(entry.right for entry in state.predictions.values())
    return f"Predicciones comparadas: {made}; acertadas: {right}."

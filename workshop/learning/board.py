"""El avance a la vista: capítulos, ejercicios, cuestionarios y predicciones."""

from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from workshop.learning.chapters import Row, chapters, number_of, row_of, summary
from workshop.learning.errors import LearningError
from workshop.learning.markup import Panel, button, card, notices, paragraph
from workshop.learning.record import State, record

HEADS = ("Capítulo", "Minutos", "Ejercicios", "Cuestionario")
EXPORT_NAME = "mi-avance.json"
WIDE = widgets.Layout(width="auto")


class Board(Panel):
    """El avance. `.file` y `.save` exportan; `.clear` pide borrar, y `.confirm` o `.keep` deciden."""

    def __init__(self, chapter: str | None = None) -> None:
        self._chapter = chapter
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
        table = [HEADS, *(row.cells() for row in self._rows(state))]
        widths = [max(len(line[i]) for line in table) for i in range(len(HEADS))]
        lines = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in table]
        return "\n".join([*lines, summary(state), *notices()])

    def _rows(self, state: State) -> list[Row]:
        mine = [one for one in chapters() if self._chapter in (None, number_of(one))]
        return [row_of(chapter, state) for chapter in mine]

    def _draw(self) -> None:
        state = record().read()
        head = "".join(f'<th scope="col">{name}</th>' for name in HEADS)
        body = "".join(_html_row(row) for row in self._rows(state))
        rest = "".join(map(paragraph, [summary(state), *notices()]))
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


def progress(chapter: str | None = None) -> Board:
    """Tu avance: una fila por capítulo, y cuántas predicciones hiciste y acertaste.

    - `chapter`: texto, como `"07"`, para ver solo la fila de ese capítulo; por omisión, todas.

    `.export(ruta)` lo escribe en un archivo JSON y `.reset(sure=True)` empieza de nuevo.
    Errores: `LearningError` si no hay un capítulo con ese número.
    """
    known = [number_of(one) for one in chapters()]
    if chapter is not None and chapter not in known:
        raise LearningError(
            f'progress() espera el número de un capítulo entre comillas, como progress("07"); '
            f"llegó {chapter!r}. Hay: {', '.join(known)}."
        )
    return Board(chapter)


def _html_row(row: Row) -> str:
    first, *rest = row.cells()
    cells = "".join(f"<td>{escape(cell)}</td>" for cell in rest)
    return f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'

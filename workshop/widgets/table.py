"""`table(Dish, engine)`: una tabla de la base que se actualiza sola y marca lo que cambió."""

from collections.abc import Sequence
from html import escape
from typing import Any, ClassVar

import ipywidgets as widgets
from sqlalchemy import Engine, Table
from sqlalchemy.pool import SingletonThreadPool, StaticPool

from workshop.twin import Twin
from workshop.widgets import cell, grid, look
from workshop.widgets.board import Board
from workshop.widgets.errors import WidgetError
from workshop.widgets.rows import Mark
from workshop.widgets.watch import Watcher

PATIENCE = 2.0


class LiveTable(Twin):
    """Una tabla viva. Se crea con `table(Modelo, engine)`; botones: `update`, `previous`, `following`.

    Vigila hasta `.stop()`; después, `.refresh()` sigue sirviendo.
    """

    css: ClassVar[str] = look.TABLE

    def __init__(self, source: Table, columns: Sequence[str], engine: Engine, rows: int) -> None:
        self._board = Board(source, columns, engine)
        self._size, self._page = rows, 0
        self.update = widgets.Button(description="Actualizar", icon="refresh")
        self.previous = widgets.Button(description="Anteriores", icon="chevron-left")
        self.following = widgets.Button(description="Siguientes", icon="chevron-right")
        self._summary, self._grid = widgets.HTML(), widgets.HTML()
        bar = widgets.HBox([self.update, self.previous, self.following, self._summary])
        super().__init__([bar.add_class("comanda-line"), self._grid])
        self.add_class("comanda-table")
        self.update.on_click(lambda _: self.refresh())
        self.previous.on_click(lambda _: self._turn(-1))
        self.following.on_click(lambda _: self._turn(1))
        self._look()
        self._show()
        self._watcher = Watcher(engine, self._look)
        self._forget = [cell.on("pre_run_cell", self._cell_begins), cell.on("post_run_cell", self._cell_ends)]
        self._board.in_cell = cell.shell() is not None

    @property
    def watching(self) -> bool:
        """Si todavía se actualiza sola."""
        return self._watcher.alive

    def refresh(self) -> None:
        """Mira ahora, y marca lo que cambió desde la mirada anterior."""
        self._catch_up()
        self._board.settle()

    def stop(self) -> None:
        """Deja de actualizarse sola."""
        for forget in self._forget:
            forget()
        self._watcher.stop()
        self._show()

    def text(self) -> str:
        """La tabla alineada, con sus marcas; mira la base antes de contestar."""
        self._catch_up()
        return grid.as_text(self._board, self._page, self._size)

    def _catch_up(self) -> None:
        if not self.watching:
            self._look()
        elif not self._watcher.look(PATIENCE):
            self._summary.value = "<p>La base tarda en contestar; la tabla puede estar atrasada.</p>"

    def _look(self) -> None:
        if self._board.look():
            self._page = self._page_of_change()
            self._show()

    def _page_of_change(self) -> int:
        for mark in (Mark.NEW, Mark.CHANGED, Mark.DELETED):
            if marked := self._board.marked(mark):
                return self._board.rows.index(marked[0]) // self._size
        return min(self._page, grid.pages(self._board, self._size) - 1)

    def _turn(self, step: int) -> None:
        self._page = max(0, min(self._page + step, grid.pages(self._board, self._size) - 1))
        self._show()

    def _show(self) -> None:
        last = grid.pages(self._board, self._size) - 1
        self.previous.disabled, self.following.disabled = self._page == 0, self._page >= last
        still = "" if not hasattr(self, "_watcher") or self.watching else " · detenida: pulsa «Actualizar»"
        self._summary.value = look.status(f"{escape(grid.summary(self._board))}{still}")
        self._grid.value = grid.as_html(self._board, self._page, self._size)

    def _cell_begins(self) -> None:
        self._watcher.look(0.3)  # bounded: a frozen base must not hold every cell of the notebook
        self._board.settle()
        self._board.in_cell = True

    def _cell_ends(self) -> None:
        self._board.in_cell = False


def table(model: Any, engine: Any, columns: Sequence[str] | None = None, rows: int = 10) -> LiveTable:
    """La tabla de un modelo de SQLModel, viva: marca las filas nuevas, cambiadas y borradas.

    - `model`: una clase con `table=True`.
    - `engine`: el `Engine` de SQLAlchemy de una base en archivo o de un servidor.
    - `columns`: qué columnas mostrar, por nombre; por omisión, todas.
    - `rows`: cuántas filas por página, de 1 a 100.

    Lee hasta 500 filas. Error: `WidgetError` si algún valor no sirve.
    """
    source = _source(model)
    _require_engine(engine)
    names = [column.name for column in source.columns]
    if unknown := [name for name in columns or () if name not in names]:
        raise WidgetError(f"«{source.name}» no tiene la columna {unknown[0]!r}. Tiene: {', '.join(names)}.")
    if isinstance(rows, bool) or not isinstance(rows, int) or not 1 <= rows <= 100:
        raise WidgetError(f"rows es cuántas filas por página, de 1 a 100; llegó {rows!r}.")
    keys = [column.name for column in source.primary_key]
    return cell.replace(LiveTable(source, list(columns or dict.fromkeys([*keys, *names])), engine, rows))


def _source(model: Any) -> Table:
    source = getattr(model, "__table__", None)
    if not isinstance(source, Table):
        name = getattr(model, "__name__", repr(model))
        raise WidgetError(
            f"{name} no es una tabla. Pásale la clase declarada con table=True, por ejemplo Dish."
        )
    return source


def _require_engine(engine: Any) -> None:
    if not isinstance(engine, Engine):
        raise WidgetError(f"Se esperaba el engine de create_engine(...) y llegó {type(engine).__name__}.")
    if isinstance(engine.pool, StaticPool | SingletonThreadPool):
        # One shared connection: reading from another thread would roll back a half-done transaction.
        raise WidgetError(
            "Esta base vive en la memoria de una sola conexión y no se puede mirar desde fuera. "
            "Usa un archivo: create_engine('sqlite:///comanda.db')."
        )

"""Lo que una tabla viva recuerda: la última lectura y las marcas que siguen a la vista."""

import threading
import time
from collections.abc import Sequence

from sqlalchemy import Engine, Table, inspect
from sqlalchemy.exc import SQLAlchemyError

from workshop.widgets.rows import Mark, Row, Snapshot, compare, snapshot

BURST = 1.0


class Board:
    """Filas con marcas. Los cambios seguidos se muestran juntos, comparados con lo que había antes."""

    def __init__(self, source: Table, columns: Sequence[str], engine: Engine) -> None:
        self.source, self.columns, self.engine = source, columns, engine
        self.rows: list[Row] = []
        self.total = 0
        self.problem = ""
        self.in_cell = False
        self._lock = threading.RLock()
        self._before: Snapshot | None = None
        self._now: Snapshot | None = None
        self._closed = False
        self._changed_at = 0.0

    def look(self) -> bool:
        """Lee la tabla; dice si hay algo nuevo que mostrar."""
        with self._lock:
            try:
                found = snapshot(self.source, self.columns, self.engine)
            except Exception as error:  # whatever happens to the base, the panel says it and stays
                problem, self.problem = self.problem, self._explain(error)
                return problem != self.problem
            recovered, self.problem = bool(self.problem), ""
            if found == self._now:
                return recovered
            self._accept(found)
            return True

    def settle(self) -> None:
        """El próximo cambio empieza un grupo nuevo: las marcas de ahora se quitarán cuando llegue."""
        with self._lock:
            self._closed = True

    def marked(self, mark: Mark) -> list[Row]:
        """Las filas con esa marca."""
        return [row for row in self.rows if row.mark is mark]

    def _accept(self, found: Snapshot) -> None:
        quiet = not self.in_cell and time.monotonic() - self._changed_at > BURST
        if self._before is None:
            self._before = found
        elif self._closed or quiet:
            self._before = self._now
            self._closed = False
        assert self._before is not None
        self._now, self._changed_at = found, time.monotonic()
        self.rows, self.total = compare(self._before, found), found.total

    def _explain(self, error: Exception) -> str:
        name = self.source.name
        try:
            if not inspect(self.engine).has_table(name, schema=self.source.schema):
                return (
                    f"La tabla «{name}» no existe en esta base. "
                    "Créala con SQLModel.metadata.create_all(engine)."
                )
        except SQLAlchemyError as worse:
            return f"La base de datos no contesta. Enciéndela y pulsa «Actualizar». ({_first_line(worse)})"
        return f"No pude leer la tabla «{name}»: {_first_line(error)}"


def _first_line(error: Exception) -> str:
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__

"""Las filas de una tabla en dos momentos, y qué cambió entre ellos."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any

from sqlalchemy import Engine, Table, func, select

Key = tuple[Any, ...]
Cells = Mapping[str, Any]
LIMIT = 500


class Mark(StrEnum):
    """Qué le pasó a una fila desde la última mirada."""

    SAME = ""
    NEW = "+ nueva"
    CHANGED = "✎ cambió"
    DELETED = "− borrada"


@dataclass(frozen=True)
class Snapshot:
    """Las primeras filas de una tabla, en el orden de su llave, y cuántas hay en total."""

    rows: Mapping[Key, Cells]
    total: int

    @property
    def partial(self) -> bool:
        """Si hay más filas de las que se leyeron."""
        return self.total > len(self.rows)


@dataclass(frozen=True)
class Row:
    """Una fila con su marca; `before` guarda el valor anterior de cada celda que cambió."""

    key: Key
    cells: Cells
    mark: Mark = Mark.SAME
    before: Cells = field(default_factory=dict)


def snapshot(source: Table, columns: Sequence[str], engine: Engine) -> Snapshot:
    """Lee hasta 500 filas.

    Errores: los de SQLAlchemy si la tabla o la base ya no están.
    """
    keys = [column.name for column in source.primary_key]
    wanted = [source.c[name] for name in dict.fromkeys([*keys, *columns])]
    query = select(*wanted).order_by(*source.primary_key).limit(LIMIT)
    with engine.connect() as connection:
        connection._echo = False  # with echo=True, what a learner reads is their own SQL, not ours
        found = [dict(row) for row in connection.execute(query).mappings()]
        total = len(found)
        if total == LIMIT:
            total = connection.execute(select(func.count()).select_from(source)).scalar_one()
    return Snapshot({tuple(row[name] for name in keys): row for row in found}, total)


def compare(before: Snapshot, now: Snapshot) -> list[Row]:
    """Las filas de ahora y las borradas, en orden, con sus marcas."""
    rows = [_compared(key, cells, before) for key, cells in now.rows.items()]
    gone = [key for key in before.rows if key not in now.rows and _in_view(key, now)]
    for key in gone:
        rows.insert(_place(key, before, rows), Row(key, before.rows[key], Mark.DELETED))
    return rows


def _compared(key: Key, cells: Cells, before: Snapshot) -> Row:
    if key not in before.rows:
        return Row(key, cells, Mark.NEW if _in_view(key, before) else Mark.SAME)
    old = before.rows[key]
    changed = {name: old[name] for name in cells if name in old and old[name] != cells[name]}
    return Row(key, cells, Mark.CHANGED if changed else Mark.SAME, changed)


def _in_view(key: Key, seen: Snapshot) -> bool:
    """A row beyond the last one that was read may have been there: nothing can be said about it."""
    if not seen.partial or not seen.rows:
        return True
    try:
        return bool(key <= list(seen.rows)[-1])
    except TypeError:
        return False


def _place(key: Key, before: Snapshot, rows: Sequence[Row]) -> int:
    """Where a deleted row stood: after the nearest earlier row that is still listed."""
    order = list(before.rows)
    earlier = set(order[: order.index(key)])
    return next((at + 1 for at in range(len(rows) - 1, -1, -1) if rows[at].key in earlier), 0)


def shown(value: Any) -> str:
    """Una celda como texto."""
    if value is None:
        return "NULL"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    text = str(value)
    return text if len(text) <= 200 else f"{text[:199]}…"

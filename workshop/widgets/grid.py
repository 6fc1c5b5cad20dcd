"""Una tabla con marcas, dibujada como HTML y como texto alineado."""

from collections.abc import Sequence
from html import escape
from unicodedata import east_asian_width

from workshop.widgets.board import Board
from workshop.widgets.rows import LIMIT, Mark, Row, shown

_CLASSES = {Mark.NEW: "marked", Mark.CHANGED: "marked", Mark.DELETED: "marked deleted", Mark.SAME: ""}
_PLURALS = {Mark.NEW: "nuevas", Mark.CHANGED: "cambiaron", Mark.DELETED: "borradas"}
TEXT_WIDTH = 40


def pages(board: Board, size: int) -> int:
    """Cuántas páginas hay; al menos una."""
    return max(1, -(-len(board.rows) // size))


def summary(board: Board) -> str:
    """Por ejemplo `+ 1 nueva (43) · ✎ 2 cambiaron (3, 8)`."""
    parts = []
    for mark, plural in _PLURALS.items():
        if marked := board.marked(mark):
            sign, singular = mark.value.split()
            parts.append(
                f"{sign} {len(marked)} {singular if len(marked) == 1 else plural} ({_named(marked)})"
            )
    return " · ".join(parts) or "Sin cambios."


def _named(rows: Sequence[Row]) -> str:
    names = [", ".join(shown(part) for part in row.key) for row in rows[:5]]
    return ", ".join(names) + (", …" if len(rows) > 5 else "")


def span(board: Board, page: int, size: int) -> str:
    """Por ejemplo `filas 1–10 de 42`; las borradas que siguen a la vista no cuentan en el total."""
    if not board.rows:
        return "0 filas"
    first, last = page * size + 1, min((page + 1) * size, len(board.rows))
    part = f"filas {first}–{last} de {len(board.rows)}"
    if gone := len(board.marked(Mark.DELETED)):
        part += f" ({gone} ya no está{'' if gone == 1 else 'n'} en la base)"
    if board.total > LIMIT:
        part += f"; se leen las primeras {LIMIT} de {board.total}"
    return part


def as_html(board: Board, page: int, size: int) -> str:
    """La página de filas como tabla HTML, con todo escapado."""
    if board.problem:
        return f"<p>✗ {escape(board.problem)}</p>"
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("marca", *board.columns))
    rows = "".join(_row_html(row, board.columns) for row in board.rows[page * size : (page + 1) * size])
    caption = f"Tabla «{escape(board.source.name)}» · {span(board, page, size)}"
    return (
        f'<div class="comanda-scroll" tabindex="0" role="region" aria-label="{caption}">'
        f"<table><caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row_html(row: Row, columns: Sequence[str]) -> str:
    cells = "".join(_cell_html(row, name) for name in columns)
    return f'<tr class="{_CLASSES[row.mark]}"><td class="mark">{row.mark.value or "&nbsp;"}</td>{cells}</tr>'


def _cell_html(row: Row, name: str) -> str:
    value = row.cells.get(name)
    kind = ' class="number"' if isinstance(value, int | float) and not isinstance(value, bool) else ""
    text = escape(shown(value))
    if name not in row.before:
        return f'<td{kind} title="{text}">{text}</td>' if len(text) > 30 else f"<td{kind}>{text}</td>"
    old = escape(shown(row.before[name]))
    return f'<td class="changed">✎ {text} <span class="before">antes: <s>{old}</s></span></td>'


def as_text(board: Board, page: int, size: int) -> str:
    """La página de filas como texto alineado."""
    title = f"Tabla «{board.source.name}»"
    if board.problem:
        return f"{title}\n✗ {board.problem}"
    body = [_row_text(row, board.columns) for row in board.rows[page * size : (page + 1) * size]]
    lines = _aligned([["marca", *board.columns], *body])
    return "\n".join([f"{title} · {span(board, page, size)}", *lines, summary(board)])


def _row_text(row: Row, columns: Sequence[str]) -> list[str]:
    return [row.mark.value, *(_cell_text(row, name) for name in columns)]


def _cell_text(row: Row, name: str) -> str:
    text = _short(shown(row.cells.get(name)))
    return f"{text} (antes: {_short(shown(row.before[name]))})" if name in row.before else text


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= TEXT_WIDTH else f"{text[: TEXT_WIDTH - 1]}…"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)

"""Lo que oyó el cable, como texto: sin puertos, ni fechas, ni tamaños que cambien cada vez."""

import re

from workshop.services.wire.message import Piece
from workshop.services.wire.talk import Exchange, Talk
from workshop.services.wire.tap import Tap
from workshop.services.wire.tls_record import Records
from workshop.widgets.answer import number, size, visible

SHOWN = 12  # exchanges, and connections of noise
SHOWN_BODY = 800  # bytes
_OF_ONE_RUN = re.compile(r"^((?:date|traceparent|tracestate):).*?((?:\\r\\n)?)$", re.IGNORECASE)
_ARROWS = {True: "→", False: "←"}


def count(many: int, one: str, several: str) -> str:
    """Por ejemplo `1 conexión` o `2 conexiones`."""
    return f"{number(many)} {one if many == 1 else several}"


def summary(talks: list[Talk], connections: int) -> str:
    """Cuánto se ha oído: conexiones, intercambios y, si los hay, conexiones cifradas."""
    parts = [count(connections, "conexión", "conexiones")]
    if noise := sum(talk.tls is not None for talk in talks):
        parts.append(count(noise, "con TLS", "con TLS"))
    parts.append(
        count(sum(len(talk.exchanges) for talk in talks), "intercambio en claro", "intercambios en claro")
    )
    return " · ".join(parts)


def shown(piece: Piece) -> tuple[str, str]:
    """Los bytes de la pieza con sus `\\r\\n` a la vista, y un aviso si no se muestran todos."""
    cut = f"Se muestran los primeros {number(SHOWN_BODY)} de {size(piece.total)}."
    return visible(piece.data[:SHOWN_BODY]).removesuffix("\n"), cut if piece.total > SHOWN_BODY else ""


def as_text(ear: Tap) -> str:
    """Lo oído, en orden, con cada pieza y su nombre."""
    talks, connections = ear.now()
    lines = [f"Oído en el cable · {summary(talks, connections)}"]
    for talk in talks[-SHOWN:]:
        lines += ["", f"conexión {talk.number}{' · TLS' if talk.tls else ''}"]
        lines += _noise_text(talk.tls) if talk.tls else []
        lines += [f"✗ {why}" for why in [absence(talk)] if why]
        for exchange in talk.exchanges[-SHOWN:]:
            lines += exchange_text(exchange)
    return ear.plain("\n".join(lines))


def exchange_text(exchange: Exchange) -> list[str]:
    """El intercambio, una pieza por renglón, sin lo que cambia de una corrida a otra."""
    lines = [
        line
        for message, pieces in exchange.turns()
        for piece in pieces
        for line in _piece_text(piece, _ARROWS[message.is_request])
    ]
    return lines + [f"✗ {why}" for why in problems(exchange)]


def absence(talk: Talk) -> str:
    """Por qué la conexión no llegó a nadie; vacío si llegó."""
    return "Nadie atiende detrás." if talk.ended == "nadie atiende detrás" else ""


def problems(exchange: Exchange) -> list[str]:
    """Lo que salió mal en el intercambio, si algo salió mal."""
    return [why for why in (*(one.problem for one in exchange.messages), exchange.problem) if why]


def _piece_text(piece: Piece, arrow: str) -> list[str]:
    text, cut = shown(piece)
    first, *more = _OF_ONE_RUN.sub(r"\1 (cambia cada vez)\2", text).split("\n")
    lines = [f"{arrow} {piece.label:18}  {first}".rstrip()]
    return lines + [f"{'':22}{line}".rstrip() for line in (*more, *([cut] if cut else []))]


def _noise_text(tls: tuple[Records, Records]) -> list[str]:
    lines = [f"→ saludo en claro     pide hablar con {greeted(tls[0])}"]
    for arrow, way in (("→", tls[0]), ("←", tls[1])):
        if any(record.kind == "datos cifrados" for record in way.records):
            lines.append(f"{arrow} datos cifrados      ruido; los tamaños están en el panel")
    return lines


def greeted(records: Records) -> str:
    """A quién se saludó, entre comillas; o que no se dijo."""
    return f"«{records.greeting}»" if records.greeting else "una dirección, sin decir un nombre"

"""Lo que oyó el cable, como HTML y como texto."""

import re
from html import escape

from workshop.services.message import Message, Piece
from workshop.services.talk import Exchange, Talk
from workshop.services.tap import Tap
from workshop.services.tls_record import Records
from workshop.widgets.answer import clip, number, size, visible

SHOWN = 12  # exchanges, and connections of noise
SHOWN_BODY = 800  # characters
SHOWN_NOISE = 48  # bytes
_OF_ONE_RUN = re.compile(r"^((?:date|traceparent|tracestate):).*?((?:\\r\\n)?)$", re.IGNORECASE)
_ARROWS = {True: "→", False: "←"}
_WAYS = {True: "cliente → servidor", False: "servidor → cliente"}

CSS = """
.comanda-heard summary { cursor: pointer; padding: 4px 0; font-weight: 600; overflow-wrap: anywhere; }
.comanda-heard table { width: 100%; margin: 4px 0 10px; border-left: 4px solid var(--jp-border-color1); }
.comanda-heard table.told { border-left-style: double; border-left-width: 6px;
  background: var(--jp-layout-color2); }
.comanda-heard caption { text-align: left; padding: 2px 0; font-weight: 600; }
.comanda-heard th { font-weight: 400; white-space: nowrap; width: 11em; vertical-align: top;
  color: var(--jp-content-font-color1); }
.comanda-heard td code { white-space: pre-wrap; overflow-wrap: anywhere; background: none; padding: 0;
  color: var(--jp-content-font-color1); }
.comanda-heard .crlf { color: var(--jp-content-font-color2); }
"""


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
    text, cut = clip(visible(piece.data).removesuffix("\n"), SHOWN_BODY)
    if not cut and piece.total > len(piece.data):
        cut = f"Se guardaron {size(len(piece.data))} de {size(piece.total)}."
    return text, cut


# --- text: without ports, dates nor sizes that change from one run to the next ------------------------------


def as_text(ear: Tap) -> str:
    """Lo oído, en orden, con cada pieza y su nombre."""
    talks, connections = ear.now()
    lines = [f"Oído en el cable · {summary(talks, connections)}"]
    for talk in talks[-SHOWN:]:
        lines += ["", f"conexión {talk.number}{' · TLS' if talk.tls else ''}"]
        lines += _noise_text(talk.tls) if talk.tls else []
        for exchange in talk.exchanges[-SHOWN:]:
            lines += exchange_text(exchange)
    return ear.plain("\n".join(lines))


def exchange_text(exchange: Exchange) -> list[str]:
    """El intercambio, una pieza por renglón, sin lo que cambia de una corrida a otra."""
    lines = [line for message in exchange.messages for line in _message_text(message)]
    return [*lines, f"✗ {exchange.problem}"] if exchange.problem else lines


def _message_text(message: Message) -> list[str]:
    arrow = _ARROWS[message.is_request]
    lines = []
    for piece in message.pieces():
        text, cut = shown(piece)
        text = _OF_ONE_RUN.sub(r"\1 (cambia cada vez)\2", text)
        first, *more = text.split("\n")
        lines.append(f"{arrow} {piece.label:18}  {first}".rstrip())
        lines += [f"{'':22}{line}".rstrip() for line in more]
        lines += [f"{'':22}{cut}"] if cut else []
    return [*lines, f"✗ {message.problem}"] if message.problem else lines


def _noise_text(tls: tuple[Records, Records]) -> list[str]:
    lines = [f"→ saludo en claro     pide hablar con {_greeted(tls[0])}"]
    for arrow, way in (("→", tls[0]), ("←", tls[1])):
        if any(record.kind == "datos cifrados" for record in way.records):
            lines.append(f"{arrow} datos cifrados      ruido; los tamaños están en el panel")
    return lines


def _greeted(records: Records) -> str:
    return f"«{records.greeting}»" if records.greeting else "una dirección, sin decir un nombre"


# --- html ---------------------------------------------------------------------------------------------------


def as_html(talks: list[Talk]) -> str:
    """Lo oído: cada intercambio se abre y se cierra; el último está abierto."""
    blocks: list[tuple[Talk, Exchange | None]] = []
    for talk in talks:
        blocks += [(talk, exchange) for exchange in talk.exchanges] or [(talk, None)]
    blocks = blocks[-SHOWN:]
    if not blocks:
        return "<p>Todavía no pasa nada por aquí. Haz una petición a la dirección de este oído.</p>"
    parts = []
    for place, (talk, exchange) in enumerate(blocks, start=1):
        opened = " open" if place == len(blocks) else ""
        title, body = exchange_html(exchange) if exchange else _talk_html(talk)
        parts.append(
            f"<details{opened}><summary>conexión {talk.number} · {escape(title)}</summary>{body}</details>"
        )
    return "".join(parts)


def exchange_html(exchange: Exchange) -> tuple[str, str]:
    """El intercambio: un título que lo resume y una tabla por mensaje."""
    asked = exchange.request.start.rsplit(" ", 1)[0] if exchange.request else "sin petición"
    told = [str(one.status) for one in exchange.interim]
    if exchange.response is not None:
        told.append(exchange.response.start.partition(" ")[2] or "bytes que no son HTTP")
    body = "".join(_message_html(message) for message in exchange.messages)
    return f"{asked} ⇒ {', '.join(told) or 'sin respuesta'}", body + _problem(exchange.problem)


def _message_html(message: Message) -> str:
    rows = "".join(_piece_html(piece) for piece in message.pieces())
    way = "asked" if message.is_request else "told"
    return (
        f'<table class="{way}"><caption>{_WAYS[message.is_request]} · {size(message.total)}</caption>'
        f"<tbody>{rows}</tbody></table>{_problem(message.problem)}"
    )


def _piece_html(piece: Piece) -> str:
    text, cut = shown(piece)
    marked = escape(text).replace("\\r\\n", '<span class="crlf">\\r\\n</span>')
    note = f"<br><small>{escape(cut)}</small>" if cut else ""
    return f'<tr><th scope="row">{escape(piece.label)}</th><td><code>{marked}</code>{note}</td></tr>'


def _talk_html(talk: Talk) -> tuple[str, str]:
    if talk.tls is None:
        return "nada todavía", _problem(
            "Nadie atiende detrás." if talk.ended == "nadie atiende detrás" else ""
        )
    asked, told = talk.tls
    head = f"<p>Lo único que se entiende es el saludo: pide hablar con {escape(_greeted(asked))}.</p>"
    tables = _records_html(asked, True) + _records_html(told, False)
    return f"TLS: {size(asked.tape.total)} de ida y {size(told.tape.total)} de vuelta", head + tables


def _records_html(records: Records, is_request: bool) -> str:
    rows = "".join(
        f'<tr><th scope="row">{record.kind}</th><td>{size(record.total)}</td></tr>'
        for record in records.records[:SHOWN]
    )
    more = len(records.records) - SHOWN
    left = f"<p>… y {count(more, 'registro', 'registros')} más.</p>" if more > 0 else ""
    noise = bytes(records.tape)[-SHOWN_NOISE:].hex(" ")
    return (
        f'<table class="{"asked" if is_request else "told"}"><caption>{_WAYS[is_request]} · '
        f"{size(records.tape.total)}</caption><tbody>{rows}"
        f'<tr><th scope="row">los últimos bytes</th><td><code>{noise}</code></td></tr></tbody></table>{left}'
    )


def _problem(words: str) -> str:
    return f'<p class="comanda-problem"><b>✗</b> {escape(words)}</p>' if words else ""

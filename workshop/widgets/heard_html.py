"""Lo que oyó el cable, como HTML: cada mensaje en su tabla, cada byte con su nombre."""

from html import escape

from workshop.services.wire.message import Message, Piece
from workshop.services.wire.talk import Exchange, Talk
from workshop.services.wire.tls_record import Records
from workshop.widgets.answer import size
from workshop.widgets.heard import SHOWN, absence, count, greeted, problems, shown

SHOWN_NOISE = 48  # bytes
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
    body = "".join(_turn_html(message, pieces) for message, pieces in exchange.turns())
    wrong = "".join(map(_problem, problems(exchange)))
    return f"{asked} ⇒ {', '.join(told) or 'sin respuesta'}", body + wrong


def _turn_html(message: Message, pieces: list[Piece]) -> str:
    way = "asked" if message.is_request else "told"
    total = size(sum(piece.total for piece in pieces))
    return (
        f'<table class="{way}"><caption>{_WAYS[message.is_request]} · {total}</caption>'
        f"<tbody>{''.join(map(_piece_html, pieces))}</tbody></table>"
    )


def _piece_html(piece: Piece) -> str:
    text, cut = shown(piece)
    marked = escape(text).replace("\\r\\n", '<span class="crlf">\\r\\n</span>')
    note = f"<br><small>{escape(cut)}</small>" if cut else ""
    return f'<tr><th scope="row">{escape(piece.label)}</th><td><code>{marked}</code>{note}</td></tr>'


def _talk_html(talk: Talk) -> tuple[str, str]:
    if talk.tls is None:
        why = absence(talk)
        return "sin servidor" if why else "nada todavía", _problem(why)
    asked, told = talk.tls
    head = f"<p>Lo único que se entiende es el saludo: pide hablar con {escape(greeted(asked))}.</p>"
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

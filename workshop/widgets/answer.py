"""Cómo se lee una respuesta: estado, encabezados, cuerpo y cable, como HTML y como texto."""

from dataclasses import dataclass
from html import escape

import requests

from workshop.services.wire.tape import Tape
from workshop.widgets.address import Target
from workshop.widgets.body import NotJSONError, pretty, read_json
from workshop.widgets.errors import WidgetError
from workshop.widgets.exchange import Exchange
from workshop.widgets.status import explain
from workshop.widgets.wire import Hop

SHOWN = 20_000
SHOWN_IN_TEXT = 4_000
SHOWN_ON_WIRE = 16_000
_TEXT_TYPES = ("text/", "json", "xml", "javascript", "x-www-form-urlencoded", "yaml")


def number(value: int) -> str:
    """El número con un espacio duro entre millares: `1 204`."""
    return f"{value:,}".replace(",", "\u00a0")


def size(value: int) -> str:
    """Por ejemplo `1 204 bytes` o `1 byte`."""
    return f"{number(value)} byte{'' if value == 1 else 's'}"


def clip(text: str, limit: int) -> tuple[str, str]:
    """El texto hasta `limit` caracteres, y un aviso si se recortó (vacío si no)."""
    if len(text) <= limit:
        return text, ""
    return text[:limit], f"Se muestran {number(limit)} de {number(len(text))} caracteres."


@dataclass(frozen=True)
class Body:
    """El cuerpo listo para leer: texto, y una nota sobre cómo leerlo."""

    text: str = ""
    note: str = ""


def read_body(response: requests.Response, clipped: bool = False) -> Body:
    """El cuerpo de una respuesta: JSON con sangría, texto tal cual o el tamaño de un binario."""
    content = response.content
    kind = response.headers.get("Content-Type", "")
    cut = f" La respuesta es enorme: dejé de leer en {size(len(content))}." if clipped else ""
    if not content:
        return Body(note="Sin cuerpo.")
    text = _decode(content, kind, response.encoding)
    if text is None:
        return Body(note=f"Cuerpo binario: {size(len(content))} de tipo {kind or 'desconocido'}.{cut}")
    if "json" in kind.lower():
        try:
            return Body(pretty(read_json(text, strict=False)), f"JSON, {size(len(content))}.{cut}")
        except NotJSONError as error:
            why = f"El servicio anuncia JSON, pero el cuerpo no lo es. {error}"
            return Body(text, cut.strip() if clipped else why)
    return Body(text, f"{kind or 'Sin Content-Type'}, {size(len(content))}.{cut}")


def _decode(content: bytes, kind: str, encoding: str | None) -> str | None:
    if kind and not any(mark in kind.lower() for mark in _TEXT_TYPES):
        return None
    if "charset" not in kind.lower():
        encoding = "utf-8"  # requests would guess Latin-1 for text/*
    try:
        text = content.decode(encoding or "utf-8", "strict")
    except (UnicodeDecodeError, LookupError):
        try:
            text = content[:-3].decode("utf-8", "ignore") if kind else content.decode("utf-8")
        except UnicodeDecodeError:
            return None
    return text if kind or "\0" not in text else None


def headline(exchange: Exchange) -> str:
    """El estado en una línea con su significado y la medida, o el problema."""
    if exchange.problem:
        return f'<p class="comanda-problem"><b>✗ Sin respuesta completa.</b> {escape(exchange.problem)}</p>'
    response = exchange.response
    if response is None:
        return ""
    status = explain(response.status_code, response.reason or "")
    measured = f"{exchange.milliseconds:.0f} ms · {size(len(response.content))}"
    return (
        f'<div class="comanda-status family-{status.code // 100}"><b>{status.sign} {escape(status.line)}</b>'
        f"<span>{measured}</span></div><p>{escape(status.meaning)}</p>"
    )


def chain(exchange: Exchange, target: Target) -> str:
    """Los saltos de una redirección como lista HTML; vacío si no hubo."""
    hops = exchange.hops
    if len(hops) < 2 and not (hops and hops[0].location and (hops[0].status or 0) // 100 == 3):
        return ""
    rows = "".join(f"<li><code>{escape(line)}</code></li>" for line in _hop_lines(hops, target))
    more = (
        ""
        if exchange.request.follow
        else "<p>No la seguí: marca «Seguir redirecciones» para llegar al final.</p>"
    )
    return f"<p>Redirecciones:</p><ol>{rows}</ol>{more}"


def _hop_lines(hops: list[Hop], target: Target) -> list[str]:
    return [
        f"{hop.method} {target.relative(hop.url)} → {hop.status or 'sin respuesta'}"
        + (f" → {target.relative(hop.location)}" if hop.location else "")
        for hop in hops
    ]


def body_html(exchange: Exchange) -> str:
    """El cuerpo, escapado y acotado."""
    if exchange.response is None:
        return "<p>No llegó ninguna respuesta.</p>"
    body = read_body(exchange.response, exchange.clipped)
    shown, cut = clip(body.text, SHOWN)
    note = " ".join(part for part in (body.note, cut) if part)
    code = scroll(shown, "Cuerpo de la respuesta") if shown else ""
    return f'<p class="comanda-note">{escape(note)}</p>{code}'


def scroll(text: str, label: str) -> str:
    """Un bloque de código que se puede recorrer también con el teclado."""
    return f'<pre tabindex="0" role="region" aria-label="{escape(label)}">{escape(text)}</pre>'


def headers_html(exchange: Exchange) -> str:
    """Los encabezados que se enviaron y los que llegaron, en dos tablas."""
    if exchange.response is None:
        return "<p>No llegó ninguna respuesta, así que no hay encabezados.</p>"
    came = (
        exchange.response.raw.headers.items() if exchange.response.raw else exchange.response.headers.items()
    )
    sent = exchange.response.request.headers.items()
    return _pairs("Llegaron", came) + _pairs("Salieron", sent)


def _pairs(title: str, pairs: object) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(_shown(name))}</th><td>{escape(_shown(value))}</td></tr>'
        for name, value in list(pairs)  # type: ignore[call-overload]
    )
    return f"<table><caption>{title}</caption>{rows}</table>"


def _shown(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def wire_html(exchange: Exchange) -> str:
    """Los bytes de cada ida y vuelta, con los saltos de línea a la vista."""
    if not exchange.hops:
        return "<p>No pasó ningún byte.</p>"
    parts = []
    for turn, hop in enumerate(exchange.hops, start=1):
        which = f" · vuelta {turn}" if len(exchange.hops) > 1 else ""
        parts.append(_tape_html(f"→ Salieron {size(hop.sent.total)}{which}", hop.sent))
        parts.append(_tape_html(f"← Llegaron {size(hop.received.total)}{which}", hop.received))
    legend = "REAL: grabado en el socket. \\r\\n es el fin de línea de HTTP; \\xNN, un byte que no es texto."
    if b"\r\ntraceparent:" in bytes(exchange.hops[0].sent):
        legend += " El encabezado traceparent lo añaden los Rayos X."
    return f'<p class="comanda-note">{legend}</p>{"".join(parts)}'


def _tape_html(title: str, tape: Tape) -> str:
    shown = visible(bytes(tape)[:SHOWN_ON_WIRE])
    cut = f"<p>Se muestran los primeros {size(SHOWN_ON_WIRE)}.</p>" if tape.total > SHOWN_ON_WIRE else ""
    return f"<h4>{escape(title)}</h4>{scroll(shown or '(nada)', title)}{cut}"


def visible(data: bytes) -> str:
    """Los bytes como texto, sin esconder nada: `\\r\\n` para CRLF y `\\xNN` para lo que no es texto."""
    text = data.decode("utf-8", "backslashreplace")
    kept = (
        letter if letter.isprintable() or letter in "\r\n\t" else f"\\x{ord(letter):02x}" for letter in text
    )
    return "".join(kept).replace("\r\n", "\\r\\n\n").replace("\r", "\\r")


def as_text(exchange: Exchange, target: Target) -> str:
    """El gemelo de texto: método, ruta, estado y cuerpo; sin puertos, tiempos ni fechas."""
    request = exchange.request
    lines = [f"{request.method} {target.relative(request.url)}"]
    if len(exchange.hops) > 1:
        lines += [f"  {line}" for line in _hop_lines(exchange.hops, target)]
    if exchange.problem:
        return "\n".join([*lines, f"✗ {target.relative(exchange.problem)}"])
    if exchange.response is not None:
        status = explain(exchange.response.status_code, exchange.response.reason or "")
        body = read_body(exchange.response, exchange.clipped)
        shown, cut = clip(body.text, SHOWN_IN_TEXT)
        readable = shown and "json" in exchange.response.headers.get("Content-Type", "")
        lines += [f"{status.sign} {status.line}", target.relative(shown) or body.note, cut]
        lines += [] if readable or not shown else [body.note]
    return "\n".join(line for line in lines if line)


def as_json_text(value: object) -> str:
    """Un valor de Python como el JSON que se escribe en el formulario; un texto queda como está.

    Error: `WidgetError` si no se puede escribir como JSON.
    """
    if isinstance(value, str):
        return value
    try:
        return pretty(value.model_dump(mode="json") if hasattr(value, "model_dump") else value)
    except (TypeError, ValueError):
        raise WidgetError(
            f"El cuerpo no se puede escribir como JSON: llegó {type(value).__name__}. "
            "Usa un diccionario, una lista, un número o un texto."
        ) from None

"""Los nombres con los que quien aprende lee un tramo."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from workshop.xray.spans import Span

WIDEST = 160  # characters of a statement or an address before it is cut
LONG_LIST = 30  # characters of a list of columns that is still worth reading
FAILED = "✗"
SERVER_ERROR = 500

_OURS = {  # by scope: the layer, and what it is called on the side that consumes
    "workshop.threads": ("hilo", "hilo"),
    "workshop.redis": ("redis", "redis"),
    "workshop.queues": ("cola", "trabajo"),
}
_OPERATIONS = {
    "fastapi.endpoint": "endpoint",
    "fastapi.serialization": "serialización",
    "fastapi.background_task": "tarea de fondo",
}


def layer(span: Span) -> str:
    """La capa de un tramo, con una palabra que se entiende sin color."""
    if "db.query.text" in span.attributes:
        return "sql"
    if span.scope in _OURS:
        return _OURS[span.scope][span.kind == "consumer"]
    if span.scope == "fastapi":
        return "api" if span.kind == "server" else _operation(span)
    if _method(span) and span.kind in ("client", "server"):
        return "cliente" if span.kind == "client" else _stranger(span) or "servidor"
    return _stranger(span) or "tramo"


def label(span: Span) -> str:
    """`api · POST /dishes → 201`: la capa, lo que hizo y cómo terminó. Sin tiempos ni puertos."""
    return "".join((layer(span), _what(span), outcome(span)))


def what(span: Span) -> str:
    """Lo que hizo, sin la capa ni el final."""
    return _what(span).removeprefix(" · ")


def outcome(span: Span) -> str:
    """Cómo terminó: ` → 201`, ` ✗ 500 · ValueError en total, línea 3` o nada."""
    status = _status(span)
    failed = span.error is not None or (status is not None and status >= SERVER_ERROR)
    answer = status if status is not None else ("nil" if span.attributes.get("comanda.nil") else None)
    parts = [str(part) for part in (answer, span.error) if part is not None]
    ended = f" {FAILED if failed else '→'} {' · '.join(parts)}" if parts else ""
    invalid = span.attributes.get("comanda.invalid")
    ended += f" · no es válido: {', '.join(invalid)}" if invalid else ""
    return ended if span.end is not None else f"{ended} … sigue abierto"


def statement(span: Span) -> str:
    """La sentencia SQL en una sola línea, entera."""
    return one_line(str(span.attributes.get("db.query.text", "")))


def brief(sql: str) -> str:
    """La sentencia con su lista de columnas abreviada, si es larga: lo que importa está en el resto."""
    columns, found, rest = sql.partition(" FROM ")
    first, comma, others = columns.partition(",")
    if not found or not sql.startswith("SELECT ") or "(" in columns or len(others) < LONG_LIST:
        return sql
    return f"{first}{comma} … FROM {rest}"


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def cut(text: str, widest: int = WIDEST) -> str:
    return text if len(text) <= widest else text[: widest - 1] + "…"


def _operation(span: Span) -> str:
    if span.name == "fastapi.dependencies":
        count = len(span.attributes.get("comanda.dependencies") or ())
        return ("validación", "dependencia")[count] if count < 2 else "dependencias"
    return _OPERATIONS.get(span.name, span.name)


def _what(span: Span) -> str:
    return f" · {text}" if (text := _subject(span)) else ""


def _subject(span: Span) -> str:
    attributes = span.attributes
    if "db.query.text" in attributes:
        size = attributes.get("db.operation.batch.size")
        return cut(brief(statement(span))) + (f" × {size}" if size else "")
    if span.name == "fastapi.dependencies":
        return ", ".join(attributes.get("comanda.dependencies") or ())
    if span.name == "fastapi.serialization":
        return ""
    if "code.function.name" in attributes and span.kind == "internal":
        return str(attributes["code.function.name"]).rpartition(".")[2]
    if method := _method(span):
        return cut(f"{method} {_path(span)}")
    attempt = attributes.get("comanda.attempts", 1)
    return cut(one_line(span.name)) + (f" (intento {attempt})" if attempt > 1 else "")


def _path(span: Span) -> str:
    attributes = span.attributes
    if "http.route" in attributes:
        route, path = str(attributes["http.route"]), str(attributes.get("url.path", ""))
        return route if "{" in route or path.rstrip("/") != route.rstrip("/") else path
    url = urlsplit(str(attributes.get("url.full") or attributes.get("http.url") or ""))
    path = url.path or str(attributes.get("url.path") or attributes.get("http.target") or "/")
    return one_line(unquote(path + (f"?{url.query}" if url.query else "")))


def _method(span: Span) -> str:
    return str(span.attributes.get("http.request.method") or span.attributes.get("http.method") or "")


def _status(span: Span) -> int | None:
    found: Any = span.attributes.get("http.response.status_code", span.attributes.get("http.status_code"))
    return int(found) if found is not None else None


def _stranger(span: Span) -> str:
    """The name under which a program that is not ours introduces itself (`caddy`)."""
    return span.service.removeprefix("unknown_service:") if span.service != "unknown_service" else ""

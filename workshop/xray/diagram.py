"""El diagrama de secuencia de una traza, en el lenguaje de Mermaid."""

from collections.abc import Iterable, Iterator

from workshop.xray.names import FAILED, cut, one_line, outcome, what
from workshop.xray.spans import Span
from workshop.xray.tree import Node, walk

WIDEST = 60  # characters of a message before it is cut
KERNEL = "este cuaderno"
QUEUE = "cola"
_STORES = {"sql": "base de datos", "redis": "redis"}
_SPECIAL = set("#;:%<>\"'`\\{}[]()|&$")


def escape(text: str) -> str:
    """Text that Mermaid shows as it is: whatever has a meaning of its own becomes a numeric entity."""
    return "".join(f"#{ord(sign)};" if sign in _SPECIAL else sign for sign in one_line(text))


def sequence(title: str, nodes: tuple[Node, ...], notes: Iterable[str] = ()) -> str:
    """`sequenceDiagram` con lo grabado: quién llamó a quién, en qué orden y cómo contestó."""
    told = list(_tell(nodes, KERNEL))
    people = list(dict.fromkeys([KERNEL, *(name for line in told for name in line[:2] if name)]))
    mark = {name: f"p{position}" for position, name in enumerate(people)}
    return "\n".join(
        [
            "sequenceDiagram",
            f"    accTitle: {escape(title)}",
            f"    accDescr: REAL, grabado de {sum(1 for _ in walk(nodes))} tramos, los mismos del árbol",
            f"    title REAL · {escape(title)}",
            *(f"    participant {mark[name]} as {escape(name)}" for name in people),
            *(_line(mark, *line) for line in told),
            *(f"    Note over {mark[KERNEL]}: {escape(note)}" for note in notes),
        ]
    )


def _line(mark: dict[str, str], sender: str, receiver: str, arrow: str, text: str) -> str:
    message = escape(cut(one_line(text), WIDEST))
    if not arrow:
        return f"    Note over {mark[sender]}: {message}"
    return f"    {mark[sender]}{arrow}{mark[receiver]}: {message}"


def _tell(nodes: Iterable[Node], here: str) -> Iterator[tuple[str, str, str, str]]:
    """Sender, receiver, arrow and text of every message; a note has no receiver and no arrow."""
    for node in nodes:
        span, layer = node.span, node.span.layer
        if layer in _STORES:
            failed = outcome(span) if span.error else ""
            yield here, _STORES[layer], "-x" if span.error else "->>", what(span) + failed
        elif layer == "cliente":
            yield from _call(node, here)
        elif span.kind == "server":
            yield from _serve(node, here, what(span))
        elif layer == "cola":
            yield here, QUEUE, "->>", what(span)
            yield from _tell(node.children, QUEUE)
        elif layer == "trabajo":
            yield from _serve(node, here, what(span))
        else:
            yield here, "", "", span.label
            yield from _tell(node.children, here)


def _call(node: Node, here: str) -> Iterator[tuple[str, str, str, str]]:
    servers = [child for child in node.children if child.span.kind == "server"]
    for child in node.children:
        # What was asked is what left from here (`/dishes/7`), not the route that answered (`/dishes/{id}`).
        yield from _serve(child, here, what(node.span)) if child in servers else _tell([child], here)
    if servers:
        return
    # Nobody at the other end took part in the trace: refused, external or without telemetry.
    yield here, "servicio", "->>", what(node.span)
    yield "servicio", here, *_answer(node.span)


def _serve(node: Node, caller: str, asked: str) -> Iterator[tuple[str, str, str, str]]:
    late = [child for child in node.children if _after(child.span, node.span)]
    inside = [child for child in node.children if child not in late]
    name = _name(node.span)
    yield caller, name, "->>", asked
    yield from _tell(inside, name)
    yield name, caller, *_answer(node.span)
    yield from _tell(late, name)


def _after(child: Span, server: Span) -> bool:
    """A session that closes, a task in the background: it happens once the answer has left."""
    return server.end is not None and child.start >= server.end


def _answer(span: Span) -> tuple[str, str]:
    ended = outcome(span).strip()
    nothing = "hecho" if span.layer == "trabajo" else "sin respuesta"
    return "--x" if FAILED in ended else "-->>", ended.removeprefix("→ ") or nothing


def _name(span: Span) -> str:
    if span.layer == "trabajo":
        return "trabajador"
    return span.layer if span.layer != "api" or span.service in ("", "FastAPI") else span.service

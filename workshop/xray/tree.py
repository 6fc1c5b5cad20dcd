"""El árbol de texto de una traza: determinista, sin tiempos, puertos ni identificadores."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from workshop.xray.names import label
from workshop.xray.spans import Span


@dataclass(frozen=True, slots=True)
class Node:
    """A span and the spans it contains, in the order in which they are told."""

    span: Span
    children: tuple["Node", ...]


def grow(spans: Iterable[Span], root: int) -> tuple[Node, ...]:
    """Nests the spans. One whose parent is unknown hangs from the top, so that nothing is ever left out."""
    inside: dict[int, list[Span]] = {}
    known = {span.id for span in spans}
    for span in spans:
        parent = span.parent if span.parent in known else root
        inside.setdefault(parent or root, []).append(span)

    def nodes(parent: int) -> tuple[Node, ...]:
        return _in_order(Node(span, nodes(span.id)) for span in inside.get(parent, ()))

    return nodes(root)


def walk(nodes: Iterable[Node], depth: int = 0) -> Iterator[tuple[int, Span]]:
    """Every span with its depth, parents first."""
    for node in nodes:
        yield depth, node.span
        yield from walk(node.children, depth + 1)


def draw(title: str, nodes: tuple[Node, ...], notes: Iterable[str] = ()) -> str:
    """El árbol como texto; `notes` son líneas que cierran el árbol."""
    return "\n".join([title, *_branches(nodes, tuple(notes))])


def _branches(nodes: tuple[Node, ...], notes: tuple[str, ...] = ()) -> Iterator[str]:
    last = len(nodes) + len(notes) - 1
    for position, node in enumerate(nodes):
        yield f"{'└─' if position == last else '├─'} {label(node.span)}"
        indent = "   " if position == last else "│  "
        yield from (indent + line for line in _branches(node.children))
    for position, note in enumerate(notes, start=len(nodes)):
        yield f"{'└─' if position == last else '├─'} ({note})"


def _in_order(siblings: Iterable[Node]) -> tuple[Node, ...]:
    """Start order, except that what happens at the same time has no order of its own: it goes by text."""
    groups: list[list[Node]] = []
    for node in siblings:
        if groups and _at_once(groups[-1], node):
            groups[-1].append(node)
        else:
            groups.append([node])
    return tuple(node for group in groups for node in sorted(group, key=_rank))


def _at_once(group: list[Node], node: Node) -> bool:
    if node.span.layer == group[-1].span.layer and node.span.layer in ("hilo", "trabajo"):
        return True
    if node.span.layer != "cliente" or group[-1].span.layer != "cliente":
        return False
    return any(other.span.end is None or other.span.end > node.span.start for other in group)


def _rank(node: Node) -> tuple[Any, ...]:
    """A job's second attempt comes after its first; for the rest, what they say."""
    attempt = node.span.attributes.get("comanda.attempts", 1)
    return (attempt, label(node.span), *(label(span) for _, span in walk(node.children)))

"""La cascada: cada tramo como una barra sobre el tiempo medido."""

from collections.abc import Iterable
from html import escape

from workshop.xray.names import FAILED, cut, label, outcome
from workshop.xray.spans import NS_PER_MS, Span
from workshop.xray.tree import Node, walk

WIDEST = 60  # characters of a step before it is cut: the tree has it whole
CSS = """
.comanda-cascada { width: 100%; }
.comanda-cascada caption { text-align: left; padding-bottom: 6px; }
.comanda-cascada td.num { text-align: right; white-space: nowrap; }
.comanda-cascada td.paso { font-family: var(--jp-code-font-family); overflow-wrap: anywhere; }
.comanda-cascada td.pista { width: 45%; min-width: 160px; }
.comanda-cascada svg { display: block; width: 100%; height: 14px; }
.comanda-cascada .fondo { fill: var(--jp-layout-color2); }
.comanda-cascada .barra { fill: var(--jp-brand-color1); }
.comanda-cascada .barra.sql { fill: var(--jp-success-color1); }
.comanda-cascada .barra.cliente { fill: var(--jp-ui-font-color2); }
.comanda-cascada .barra.mal { fill: var(--jp-error-color1); }
"""


def bars(title: str, nodes: tuple[Node, ...], notes: Iterable[str] = ()) -> str:
    """Una tabla HTML con una fila por tramo: capa, qué hizo, cuándo empezó, cuánto duró y qué parte es."""
    rows = list(walk(nodes))
    if not rows:
        return "".join(f"<p>{escape(note)}</p>" for note in notes)
    first = min(span.start for _, span in rows)
    last = max(span.end or span.start for _, span in rows)
    total = max(last - first, 1)
    queued = any(span.layer == "trabajo" for _, span in rows)
    body = "".join(_row(depth, span, first, total) for depth, span in rows)
    return (
        f'<table class="comanda-cascada"><caption>{_caption(title, total, queued)}</caption>'
        "<thead><tr><th scope='col'>Capa</th><th scope='col'>Tramo</th><th scope='col'>En el tiempo</th>"
        "<th scope='col'>Empezó (ms)</th><th scope='col'>Duró (ms)</th><th scope='col'>Parte del total</th>"
        f"</tr></thead><tbody>{body}</tbody></table>" + "".join(f"<p>{escape(note)}</p>" for note in notes)
    )


def _caption(title: str, total: int, queued: bool) -> str:
    return (
        f"<strong>REAL</strong> · {escape(title)} · en total: <strong>{total / NS_PER_MS:.2f} ms</strong>, "
        "del comienzo de la primera llamada al final del último tramo. «Empezó» se cuenta desde ahí; "
        "«Duró» incluye lo que cada tramo lleva dentro, por eso las partes no suman 100 %."
        + (" Un trabajo encolado es la excepción: quien lo encoló no lo espera." if queued else "")
    )


def _row(depth: int, span: Span, first: int, total: int) -> str:
    layer, _, rest = label(span).partition(" · ")
    start, length = span.start - first, (span.end or first + total) - span.start
    duration = f"{length / NS_PER_MS:.2f}" if span.end is not None else "sigue abierto"
    share = f"{100 * length / total:.0f} %" if 100 * length >= total else "menos de 1 %"
    told = f"{label(span)}: empezó a los {start / NS_PER_MS:.2f} ms, duró {duration} ms, {share} del total"
    if span.end is None:
        told = f"{label(span)}: empezó a los {start / NS_PER_MS:.2f} ms"
    return (
        f"<tr><th scope='row'>{escape(layer)}</th>"
        f"<td class='paso' style='padding-left:calc(10px + {depth}em)'>"
        f"{escape(cut(rest, WIDEST))}</td>"
        f"<td class='pista'>{_bar(span, 100 * start / total, 100 * length / total, told)}</td>"
        f"<td class='num'>{start / NS_PER_MS:.2f}</td><td class='num'>{duration}</td>"
        f"<td class='num'>{share}</td></tr>"
    )


def _bar(span: Span, left: float, width: float, told: str) -> str:
    kinds = {"sql": "barra sql", "cliente": "barra cliente"}
    kind = "barra mal" if FAILED in outcome(span) else kinds.get(span.layer, "barra")
    return (
        f"<svg role='img' aria-label='{escape(told)}' viewBox='0 0 100 14' preserveAspectRatio='none'>"
        "<rect class='fondo' x='0' y='6' width='100' height='2'></rect>"
        f"<rect class='{kind}' x='{left:.3f}' y='2' width='{max(width, 0.4):.3f}' height='10'></rect>"
        "</svg>"
    )

"""The views: they say what the tree says, and nothing that a learner types can break them."""

import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
import requests
from sqlalchemy import text
from sqlmodel import Session

from workshop import xray
from workshop.twin import Twin
from workshop.xray.diagram import escape
from workshop.xray.trace import Trace

HOSTILE = """SELECT 'a;b#c', "d", '<b>&amp;', '%%{init}', '$x$'  -- end
\n AS "wrap:" """


@pytest.fixture(scope="module")
def trace(kitchen: SimpleNamespace) -> Trace:
    with xray("crear; #1 <b>") as trace:
        requests.post(f"{kitchen.url}/dishes", json={"name": "Tamal", "price": 30})
        requests.get(f"{kitchen.url}/dishes/1")
        requests.get(f"{kitchen.url}/average-async")
    return trace


def test_mermaid_tells_who_called_whom_and_what_came_back(trace: Trace) -> None:
    lines = [line.strip() for line in trace.mermaid().splitlines()]
    assert lines[0] == "sequenceDiagram"
    assert "title REAL · crear#59; #35;1 #60;b#62;" in lines
    assert [line for line in lines if line.startswith("participant")] == [
        "participant p0 as este cuaderno", "participant p1 as La Comanda", "participant p2 as base de datos",
    ]  # fmt: skip
    assert lines[lines.index("p0->>p1: POST /dishes") + 1] == "Note over p1: dependencia · get_session"
    assert lines.index("p1->>p2: COMMIT") < lines.index("p1-->>p0: 201") < lines.index("p1->>p2: ROLLBACK")
    assert "p0->>p1: GET /dishes/1" in lines
    assert any(line.startswith("p1--xp0: ✗ 500 · ZeroDivisionError en average") for line in lines)


def test_no_text_breaks_the_diagram(kitchen: SimpleNamespace) -> None:
    with xray("roto\n; end") as trace, Session(kitchen.engine) as session:
        session.exec(text(HOSTILE))  # type: ignore[call-overload]
    lines = trace.mermaid().splitlines()[1:]
    allowed = r"accTitle: .*|accDescr: .*|title REAL · .*|participant p\d as .*|p\d(->>|-x|--x|-->>)p\d: .*"
    for line in lines:
        assert re.fullmatch(f"    ({allowed}|Note over p0: .*)", line), line
        bare = re.sub(r"#\d+;", "", line.partition(": ")[2])
        assert not set(bare) & set(";#%\"'<>{}$`"), line


def test_escaping_is_reversible() -> None:
    escaped = escape(HOSTILE)
    back = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), escaped)
    assert back == " ".join(HOSTILE.split())


class Table(HTMLParser):
    """The rows of the waterfall, and what each bar says to who cannot see it."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[str] = []
        self.bars: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append("")
        if tag == "svg":
            self.bars.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        if self.rows:
            self.rows[-1] += data + " "


def test_the_waterfall_has_a_labelled_bar_for_every_span(trace: Trace) -> None:
    html = trace.view().bars.value
    table = Table()
    table.feed(html)
    assert "REAL" in html
    assert "<b>" not in html
    assert len(table.bars) == len(table.rows) - 1 == len(trace.spans) > 10
    for bar in table.bars:
        assert bar["role"] == "img"
        assert re.search(
            r"empezó a los [\d.]+ ms, duró [\d.]+ ms, (\d+|menos de 1) % del total", bar["aria-label"] or ""
        )
    assert not re.search(r"#[0-9a-f]{3,6}|rgb\(", html + trace.view().css)
    total = float(re.search(r"<strong>([\d.]+) ms", html)[1])  # type: ignore[index]
    assert total >= max(span.ms or 0 for span in trace.spans)


def test_the_panel_is_a_twin_of_the_tree(trace: Trace) -> None:
    view = trace.view()
    assert isinstance(view, Twin)
    assert view is trace.view()
    assert view.tabs.titles == ("Árbol", "Secuencia", "Cascada")
    assert view.sequence.outputs[0]["data"]["text/vnd.mermaid"] == trace.mermaid()
    bundle = trace._repr_mimebundle_()
    assert bundle["text/plain"] == trace.tree() == repr(trace)
    assert set(bundle) == {"text/plain", "application/vnd.jupyter.widget-view+json"}
    assert not re.search(r"\d+\.\d+ ?ms|127\.0\.0\.1|:\d{4,5}", bundle["text/plain"])


def test_an_open_trace_is_displayed_as_a_message() -> None:
    with xray("abierta") as trace:
        assert trace._repr_mimebundle_() == {}
        assert "quita la sangría" in repr(trace)

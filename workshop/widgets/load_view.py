"""Una carga dibujada: sus cifras, su ritmo, sus códigos y lo que contestó cada réplica."""

from html import escape

from workshop.services.load.tally import Snapshot
from workshop.widgets import chart
from workshop.widgets.chart import Line
from workshop.widgets.figure import figure
from workshop.widgets.pace import Pace
from workshop.widgets.status import explain

CSS = (
    chart.CSS
    + """
.comanda-load { gap: 4px; }
.comanda-load .comanda-line { flex-wrap: wrap; gap: 4px 12px; align-items: center; }
.comanda-load .figures { display: flex; flex-wrap: wrap; gap: 4px 28px; margin: 4px 0 8px; }
.comanda-load .figures div { display: flex; flex-direction: column-reverse; }
.comanda-load .figures dt, .comanda-load .figures dd { float: none; width: auto; margin: 0; padding: 0;
  white-space: nowrap; font-weight: 400; }
.comanda-load .figures dt { color: var(--jp-content-font-color2); }
.comanda-load .figures dd { font-size: var(--jp-content-font-size3);
  font-variant-numeric: tabular-nums; line-height: 1.2; }
.comanda-load .figures small { font-size: var(--jp-content-font-size1); }
.comanda-load .tables { display: flex; flex-wrap: wrap; gap: 8px 40px; align-items: flex-start; }
.comanda-load caption { text-align: left; font-weight: 600; padding: 2px 0; }
.comanda-load td.num { text-align: right; }
.comanda-load td.track { width: 180px; }
.comanda-load td.track svg { display: block; width: 100%; height: 14px; }
.comanda-load .bar { fill: var(--jp-brand-color1); }
.comanda-load .ground { fill: var(--jp-border-color2); }
.comanda-load .time { height: 6px; max-width: 720px; background: var(--jp-border-color2); }
.comanda-load .time i { display: block; height: 100%; background: var(--jp-brand-color1); }
"""
)


def drawn(now: Snapshot, pace: Pace, seconds: float) -> str:
    """Todo lo medido hasta `now`, en HTML."""
    return f"{_figures(now)}{_chart(pace, seconds)}<div class='tables'>{_codes(now)}{_replicas(now)}</div>"


def clock(elapsed: float, seconds: float) -> str:
    """Cuánto va de la carga, como una barra que se llena."""
    part = min(100.0, 100 * elapsed / seconds)
    return f'<div class="time" aria-hidden="true"><i style="width:{part:.0f}%"></i></div>'


def as_text(now: Snapshot) -> str:
    """Lo mismo en renglones, con sus cifras."""
    lines = [
        f"{figure(now.done)} peticiones en {now.elapsed:.1f} s",
        f"{figure(round(now.throughput, 1))} respuestas por segundo",
        " · ".join(f"{name} {_ms(value)} ms" for name, value in _percentiles(now)),
        f"{figure(now.failed)} fallidas",
        *(f"{code}: {figure(count)}" for code, count in now.codes.items()),
        *(f"sin respuesta, {reason}: {figure(count)}" for reason, count in now.errors.items()),
        *(f"réplica {name}: {figure(count)}" for name, count in now.by_replica.items()),
    ]
    return "\n".join(lines)


def _percentiles(now: Snapshot) -> list[tuple[str, float | None]]:
    return [("p50", now.p50), ("p95", now.p95), ("p99", now.p99)]


def _ms(value: float | None) -> str:
    return "—" if value is None else figure(value)


def _figures(now: Snapshot) -> str:
    told = [
        ("peticiones", figure(now.done), ""),
        ("respuestas por segundo", figure(round(now.throughput, 1)), ""),
        *((f"{name}", _ms(value), "ms") for name, value in _percentiles(now)),
        ("fallidas", f"{'✗' if now.failed else '✓'} {figure(now.failed)}", ""),
    ]
    items = "".join(
        f"<div><dt>{name}</dt><dd>{value}{f' <small>{unit}</small>' if unit else ''}</dd></div>"
        for name, value, unit in told
    )
    return f'<dl class="figures">{items}</dl>'


def _chart(pace: Pace, seconds: float) -> str:
    lines = [Line("contestadas bien", pace.well, marks=False)]
    if any(rate for _, rate in pace.badly):
        lines.append(Line("fallidas", pace.badly, marks=False))
    told = "Respuestas por segundo a lo largo de la carga; sus totales están en las cifras y las tablas."
    across = (0.0, max([seconds, *(at for at, _ in pace.well)]))
    return chart.legend([line.name for line in lines], marks=False) + chart.plot(
        lines, "segundos", "respuestas por segundo", told, across=across
    )


def _codes(now: Snapshot) -> str:
    rows = "".join(
        f'<tr><th scope="row">{explain(int(code)).sign} {escape(explain(int(code)).line)}</th>'
        f'<td class="num">{figure(count)}</td></tr>'
        for code, count in now.codes.items()
    )
    rows += "".join(
        f'<tr><th scope="row">✗ {escape(reason)}</th><td class="num">{figure(count)}</td></tr>'
        for reason, count in now.errors.items()
    )
    return f"<table><caption>Respuestas</caption><tbody>{rows}</tbody></table>" if rows else ""


def _replicas(now: Snapshot) -> str:
    if not now.by_replica:
        return ""
    most = max(now.by_replica.values())
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="track">{_bar(count / most)}</td>'
        f'<td class="num">{figure(count)}</td><td class="num">{_ms(now.p95_by_replica.get(name))}</td></tr>'
        for name, count in now.by_replica.items()
    )
    heads = "".join(
        f'<th scope="col">{name}</th>' for name in ("réplica", "reparto", "respuestas", "p95 (ms)")
    )
    head = f"<caption>Quién contestó</caption><thead><tr>{heads}</tr></thead>"
    return f"<table>{head}<tbody>{rows}</tbody></table>"


def _bar(share: float) -> str:
    return (
        '<svg aria-hidden="true" viewBox="0 0 100 14" preserveAspectRatio="none">'
        '<rect class="ground" x="0" y="6" width="100" height="2"></rect>'
        f'<rect class="bar" x="0" y="2" width="{max(100 * share, 0.5):.1f}" height="10"></rect></svg>'
    )

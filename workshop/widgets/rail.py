"""El riel de comandas dibujado: una columna por estado, una comanda por trabajo, y quién cocina qué."""

from collections.abc import Sequence
from html import escape

from workshop.services.queues.state import STATES, JobState, QueueState, WorkerState
from workshop.widgets.figure import figure

SHOWN = 6  # jobs of each column
_ALWAYS = ("queued", "started", "finished", "failed")  # a column for jobs put off, only if there are any
_SIGNS = {"queued": "…", "scheduled": "◔", "started": "▶", "finished": "✓", "failed": "✗"}
CSS = """
.comanda-rail .summary { margin: 0 0 6px; }
.comanda-rail .total { display: flex; height: 10px; gap: 2px; margin: 0 0 8px; }
.comanda-rail .total i { min-width: 3px; border-radius: 2px; }
.comanda-rail .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr));
  gap: 10px; }
.comanda-rail .column { border-top: 4px solid; padding-top: 4px; min-width: 0; }
.comanda-rail .column .head { font-weight: 600; display: flex; justify-content: space-between;
  margin: 0 0 4px; }
.comanda-rail ul { list-style: none; margin: 0; padding: 0; }
.comanda-rail li { border: 1px solid var(--jp-border-color1); border-radius: 3px; padding: 3px 8px;
  margin: 0 0 5px; overflow-wrap: anywhere; line-height: 1.4; background: var(--jp-layout-color1); }
.comanda-rail li code { background: none; padding: 0; }
.comanda-rail li .more { color: var(--jp-content-font-color2); }
.comanda-rail .meter { display: block; height: 8px; margin: 3px 0; border-radius: 2px;
  border: 1px solid var(--jp-border-color1); }
.comanda-rail li > span { white-space: nowrap; }
.comanda-rail .meter i { display: block; height: 100%; background: var(--jp-brand-color1); }
.comanda-rail .empty { color: var(--jp-content-font-color2); margin: 0; }
.comanda-rail .column.queued, .comanda-rail .column.scheduled { border-color: var(--jp-border-color0); }
.comanda-rail .column.started { border-color: var(--jp-brand-color1); }
.comanda-rail .column.finished { border-color: var(--jp-success-color1); }
.comanda-rail .column.failed { border-color: var(--jp-error-color1); border-top-style: double; }
.comanda-rail i.queued, .comanda-rail i.scheduled { background: var(--jp-border-color0); }
.comanda-rail i.started { background: var(--jp-brand-color1); }
.comanda-rail i.finished { background: var(--jp-success-color1); }
.comanda-rail i.failed { background: var(--jp-error-color1); }
.comanda-rail .cooks { display: flex; flex-wrap: wrap; gap: 4px 8px; margin: 8px 0 0; padding: 6px 0 0;
  border-top: 1px solid var(--jp-border-color2); }
.comanda-rail .cooks li { margin: 0; }
.comanda-rail .lost { border-style: dashed; }
"""


def named(names: Sequence[str]) -> str:
    """Por ejemplo `Riel de comandas · colas «urgente», «cocina»`."""
    which = "cola" if len(names) == 1 else "colas"
    return f"Riel de comandas · {which} {', '.join(f'«{name}»' for name in names)}"


def counted(state: QueueState) -> str:
    """Cuántos trabajos hay en cada estado."""
    return " · ".join(_count(name, state.counts[name]) for name in STATES if _column(name, state))


def drawn(state: QueueState) -> str:
    """El riel entero, en HTML."""
    columns = "".join(_jobs(name, state) for name in STATES if _column(name, state))
    return f'{_total(state)}<div class="columns">{columns}</div>{_cooks(state.workers)}'


def _count(name: str, count: int) -> str:
    return f"{count} {STATES[name].removesuffix('s') if count == 1 else STATES[name]}"


def _column(name: str, state: QueueState) -> bool:
    return name in _ALWAYS or bool(state.counts[name])


def _total(state: QueueState) -> str:
    order = ("finished", "failed", "started", "scheduled", "queued")
    parts = "".join(
        f'<i class="{name}" style="flex:{state.counts[name]} 0 0"></i>'
        for name in order
        if state.counts[name]
    )
    return f'<div class="total" aria-hidden="true">{parts}</div>'


def _jobs(name: str, state: QueueState) -> str:
    jobs: tuple[JobState, ...] = getattr(state, name)
    total, title = state.counts[name], STATES[name].capitalize()
    several = len(state.names) > 1
    items = "".join(_job(job, several) for job in jobs[:SHOWN])
    rest = total - min(len(jobs), SHOWN)
    items += f'<li class="rest">y {figure(rest)} más</li>' if rest else ""
    body = f"<ul>{items}</ul>" if items else '<p class="empty">nada</p>'
    return (
        f'<div class="column {name}" role="group" aria-label="{title}: {total}"><p class="head">'
        f'<span><span aria-hidden="true">{_SIGNS[name]}</span> {title}</span><span>{figure(total)}</span></p>'
        f"{body}</div>"
    )


def _job(job: JobState, several: bool) -> str:
    more = [f"cola {job.queue}"] if several else []
    more += [job.worker] if job.worker and job.status != "queued" else []
    more += [f"intento {job.attempts}"] if job.attempts > 1 else []
    notes = f'<div class="more">{escape(" · ".join(more))}</div>' if more else ""
    why = f"<div>{escape(job.error)}</div>" if job.error and job.status != "finished" else ""
    return f"<li><code>{escape(job.description)}</code>{_meter(job)}{notes}{why}</li>"


def _meter(job: JobState) -> str:
    if job.status != "started" or job.progress is None:
        return ""
    return (
        f' <span>{job.progress} %</span><span class="meter" aria-hidden="true">'
        f'<i style="width:{job.progress}%"></i></span>'
    )


def _cooks(workers: Sequence[WorkerState]) -> str:
    if not workers:
        return '<p class="empty">Ningún trabajador atiende estas colas.</p>'
    return f'<ul class="cooks" aria-label="Trabajadores">{"".join(map(_cook, workers))}</ul>'


def _cook(worker: WorkerState) -> str:
    doing = ", ".join(f"<code>{escape(job.description)}</code>" for job in worker.cooking)
    if not worker.alive:
        words = f"✗ no da señales{'; tenía ' + doing if doing else ''}"
    else:
        words = f"▶ prepara {doing}" if doing else "– libre"
    lost = "" if worker.alive else ' class="lost"'
    return f"<li{lost}><b>{escape(worker.name)}</b> {words}</li>"

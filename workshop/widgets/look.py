"""El aspecto de los paneles: solo variables de JupyterLab, para que sirva en claro y en oscuro."""

CONSOLE = """
.comanda-console { border: 1px solid var(--jp-border-color2); border-radius: 4px; padding: 12px 16px;
  gap: 8px; }
.comanda-console h3 { margin: 0; font-size: var(--jp-content-font-size2); }
.comanda-console h4 { margin: 10px 0 4px; font-size: var(--jp-content-font-size1); font-weight: 600; }
.comanda-console p { margin: 4px 0; }
.comanda-console .comanda-line { flex-wrap: wrap; gap: 8px; align-items: center; }
.comanda-console .comanda-line .widget-dropdown { width: 165px; }
.comanda-console .comanda-path { flex: 1 1 260px; width: auto; }
.comanda-console .comanda-line .widget-button { width: 104px; }
.comanda-console .comanda-fields { flex-wrap: wrap; gap: 12px; }
.comanda-console .widget-textarea { flex: 2 1 320px; width: auto; flex-direction: column; height: auto; }
.comanda-console .widget-textarea:first-child { flex: 1 1 240px; }
.comanda-console .widget-textarea > label { width: auto; text-align: left; }
.comanda-console textarea { width: 100%; font-family: var(--jp-code-font-family);
  font-size: var(--jp-code-font-size); resize: vertical; }
.comanda-console .comanda-options { flex-wrap: wrap; gap: 4px 16px; align-items: center; }
.comanda-console .comanda-options .widget-checkbox { width: auto; }
.comanda-console .comanda-verdict { color: var(--jp-content-font-color1); }
.comanda-console .comanda-note { color: var(--jp-content-font-color2); }
.comanda-console .comanda-answer { border-left: 4px solid var(--jp-border-color1); padding: 4px 12px;
  background: var(--jp-layout-color2); min-height: 28px; }
.comanda-console .comanda-answer:has(.family-2) { border-left-color: var(--jp-success-color1); }
.comanda-console .comanda-answer:has(.family-3) { border-left-color: var(--jp-brand-color1); }
.comanda-console .comanda-answer:has(.family-4, .family-5, .comanda-problem) {
  border-left-color: var(--jp-error-color1); }
.comanda-console .comanda-history select { width: 100%; font-family: var(--jp-code-font-family); }
.comanda-console .comanda-status { display: flex; justify-content: space-between; gap: 12px;
  flex-wrap: wrap; }
.comanda-console .comanda-status b { font-size: var(--jp-content-font-size2); }
.comanda-console pre { max-height: 320px; overflow: auto; padding: 8px 10px;
  background: var(--jp-layout-color2);
  color: var(--jp-content-font-color1); line-height: 1.45; }
.comanda-console caption { text-align: left; font-weight: 600; padding: 6px 0; }
.comanda-console .lm-TabBar-content { flex-wrap: wrap; }
.comanda-console .jupyter-widgets.widget-tab > .lm-TabBar .lm-TabBar-tab { flex: 0 1 auto;
  min-width: max-content; padding: 0 9px; }
.comanda-console .comanda-history { width: 100%; flex-direction: column; height: auto; }
.comanda-console .comanda-history > label { width: auto; text-align: left; }
"""

PAGE = """
.comanda-page { border: 1px solid var(--jp-border-color2); border-radius: 4px; padding: 8px; gap: 6px; }
.comanda-page .comanda-line { flex-wrap: wrap; gap: 8px; align-items: center; }
.comanda-page iframe { width: 100%; border: 1px solid var(--jp-border-color2);
  background: var(--jp-layout-color0); }
.comanda-page a { color: var(--jp-content-link-color); text-decoration: underline; }
"""

TABLE = """
.comanda-table { border: 1px solid var(--jp-border-color2); border-radius: 4px; padding: 8px 12px; gap: 6px; }
.comanda-table .comanda-line { flex-wrap: wrap; gap: 8px; align-items: center; }
.comanda-table .comanda-scroll { overflow-x: auto; }
.comanda-table caption { text-align: left; font-weight: 600; padding: 2px 0 6px; }
.comanda-table thead th { border-bottom: 2px solid var(--jp-border-color1); }
.comanda-table td { max-width: 240px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
  line-height: 1.4; }
.comanda-table td.changed { white-space: normal; max-width: 320px; }
.comanda-table td.number { text-align: right; }
.comanda-table tr.marked td { background: var(--jp-layout-color2); font-weight: 600; }
.comanda-table td.mark { white-space: nowrap; }
.comanda-table tr.deleted td:not(.mark) { text-decoration: line-through; }
.comanda-table .before { font-weight: 400; color: var(--jp-content-font-color2); white-space: nowrap; }
"""

CLAIM = """
.comanda .claim { margin: 6px 0 0; font-weight: 600; }
"""

BARS = (
    CLAIM
    + """
.comanda-bars { padding: 4px 0; }
.comanda-bars table { width: 100%; max-width: 760px; }
.comanda-bars caption, .comanda-curve .head { text-align: left; padding: 2px 0 6px; }
.comanda-bars thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.comanda-bars tbody th { font-weight: 600; white-space: nowrap; width: 1%; }
.comanda-bars tbody th, .comanda-bars td { border-bottom: none; padding: 5px 10px; }
.comanda-bars td.num, .comanda-bars td.ratio { text-align: right; white-space: nowrap; width: 1%; }
.comanda-bars td.ratio { color: var(--jp-content-font-color2); }
.comanda-bars svg { display: block; width: 100%; min-width: 120px; height: 22px; }
.comanda-bars .ground { fill: var(--jp-border-color2); }
.comanda-bars .bar { fill: var(--jp-brand-color1); }
.comanda-bars .sample { fill: var(--jp-content-font-color1); opacity: 0.45; }
"""
)

CURVE = (
    CLAIM
    + """
.comanda-curve { padding: 4px 0; }
.comanda-curve .head { padding: 2px 0 4px; }
.comanda-curve details { margin-top: 6px; }
.comanda-curve summary { cursor: pointer; }
.comanda-curve td, .comanda-curve th { text-align: right; }
"""
)

PLAN = """
.comanda-plan { gap: 8px; }
.comanda-rooms { display: flex; flex-flow: row wrap; gap: 10px; align-items: stretch; }
.comanda-room { border: 1px solid var(--jp-border-color1); border-left-width: 5px; border-radius: 4px;
  padding: 8px 12px; gap: 4px; flex: 0 1 auto; min-width: 220px; background: var(--jp-layout-color1); }
.comanda-room.well { border-left-color: var(--jp-success-color1); }
.comanda-room.ill { border-left: 8px double var(--jp-error-color1); }
.comanda-room .name { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 16px; }
.comanda-room .kind { color: var(--jp-content-font-color2); }
.comanda-room.ill .state { font-weight: 600; }
.comanda-room .comanda-line { flex-wrap: wrap; gap: 4px; }
.comanda-room .widget-button { width: auto; padding: 0 8px; margin: 0; }
.comanda-plan .widget-label { color: var(--jp-content-font-color1); }
"""


def status(html: str) -> str:
    """Un aviso que un lector de pantalla lee en cuanto cambia."""
    return f'<div role="status" aria-live="polite">{html}</div>'

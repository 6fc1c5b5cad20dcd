"""A notebook open in a real browser: what a learner does to it and what it then shows."""

import re
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page

from tests.browser.lab import ROOT, Lab

ARTIFACTS = ROOT / "artifacts"
PANEL = "window.jupyterapp.shell.currentWidget"
KERNEL = f"{PANEL}?.sessionContext?.session?.kernel"
READY = f"() => {KERNEL}?.connectionStatus === 'connected' && {KERNEL}.status === 'idle'"
CELLS = f"{PANEL}.content.widgets"
OPEN = "path => void window.jupyterapp.commands.execute('docmanager:open', {path, factory: 'Notebook'})"
SHOWN = f"path => window.jupyterapp && {PANEL}?.context?.isReady && {PANEL}.context.path === path"
CLOSE = f"""async () => {{
    const panel = {PANEL}, session = panel.sessionContext.session?.id;
    panel.dispose();
    if (session) await window.jupyterapp.serviceManager.sessions.shutdown(session);
}}"""
SCROLLER = "document.querySelector('.jp-NotebookPanel .jp-WindowedPanel-outer')"
# JupyterLab leaves a page of room below the last cell: the notebook ends where that cell does.
MEASURES = f"""
    const last = [...{SCROLLER}.querySelectorAll('.jp-Cell')].at(-1);
    const below = last.getBoundingClientRect().bottom - {SCROLLER}.getBoundingClientRect().top;
    return [{SCROLLER}.clientHeight, {SCROLLER}.scrollTop + below];
"""
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
PICTURE = 4000  # pixels high

# Pattern of a console error that is not ours -> why it cannot be helped.
HARMLESS: dict[str, str] = {}


class Tab:
    """A tab with JupyterLab in it, where notebooks open one after another: loading it costs more than a test.

    `problems` gathers what must not happen.
    """

    def __init__(self, context: BrowserContext, lab: Lab):
        self.context = context
        self.lab = lab
        self.problems: list[str] = []
        self._page: Page | None = None
        self._kept: set[str] = set()

    def open(self, path: str) -> Page:
        """Show that notebook, with a kernel of its own, and return the page."""
        if self._page is None:
            self._page = self.context.new_page()
            self._page.on("request", lambda request: self._outside(request.url))
            self._page.on("websocket", lambda socket: self._outside(socket.url))
            self._page.on("pageerror", lambda error: self._complaint(f"{error.name}: {error.message}"))
            self._page.on("console", lambda said: said.type == "error" and self._complaint(said.text))
            self._page.goto(self.lab.address(path))
        else:
            self._page.evaluate(OPEN, path)
        self._page.wait_for_function(SHOWN, arg=path, timeout=60_000)
        self._kept = self._cookies()
        return self._page

    def forget(self) -> None:
        """Leave nothing of a test to the next one: neither its cookies nor its problems."""
        for name in self._cookies() - self._kept:
            self.context.clear_cookies(name=name)
        self.problems = []

    def is_blocked(self) -> bool:
        """Whether a dialog that nobody answered would keep the next notebook from the keyboard."""
        return self._page is not None and self._page.locator(".jp-Dialog").count() > 0

    def discard(self) -> None:
        """Whatever is open in it is lost, and the next notebook gets a JupyterLab that nobody has touched."""
        if self._page is not None:
            self._page.close()
        self._page = None

    def _cookies(self) -> set[str]:
        return {cookie["name"] for cookie in self.context.cookies()}

    def _outside(self, url: str) -> None:
        if not re.match(r"(https?|wss?)://127\.0\.0\.1:|data:|blob:|about:", url):
            self.problems.append(f"request to an outside host: {url}")

    def _complaint(self, text: str) -> None:
        if not any(re.search(pattern, text) for pattern in HARMLESS):
            self.problems.append(f"console error: {text}")


class Notebook:
    """One notebook, open in a tab of JupyterLab."""

    def __init__(self, tab: Tab, path: str, theme: str = "light"):
        self.tab = tab
        self.lab = tab.lab
        self.path = path
        self.closed = False
        self.page = tab.open(path)
        self.wait_ready()
        self.use_theme(theme)

    def command(self, name: str, **arguments: Any) -> None:
        """Ask JupyterLab for one of its commands, as its menu does, without waiting for the end."""
        self.page.evaluate(
            "([name, args]) => void window.jupyterapp.commands.execute(name, args)", [name, arguments]
        )

    def use_theme(self, theme: str) -> None:
        """`light` or `dark`."""
        self.theme = theme
        self.command("apputils:change-theme", theme=f"JupyterLab {theme.capitalize()}")
        light = str(theme == "light").lower()
        self.page.wait_for_function(f"() => document.body.dataset.jpThemeLight === '{light}'")

    def sections(self) -> dict[str, tuple[int, int]]:
        """Second-level headings that have code under them -> first cell, and the one after the last."""
        cells = self.page.evaluate(f"() => {CELLS}.map(c => [c.model.type, c.model.sharedModel.getSource()])")
        starts = [i for i, (kind, text) in enumerate(cells) if kind == "markdown" and text.startswith("## ")]
        bounds = zip(starts, [*starts[1:], len(cells)], strict=True)
        return {
            cells[first][1].splitlines()[0].removeprefix("## "): (first, end)
            for first, end in bounds
            if any(kind == "code" for kind, _ in cells[first:end])
        }

    def wait_ready(self) -> None:
        self.page.wait_for_function(READY, timeout=60_000)

    def sources(self) -> list[str]:
        return self.page.evaluate(f"() => {CELLS}.map(c => c.model.sharedModel.getSource())")

    def run_all(self, seconds: float = 180) -> None:
        self._run(f"{PANEL}.content", "notebook:run-all-cells", seconds)

    def run_cells(self, first: int, last: int, seconds: float = 120) -> None:
        """Select the cells from `first` up to `last`, without it, and run them."""
        self.page.evaluate(
            f"""([first, last]) => {{
                const notebook = {PANEL}.content;
                notebook.deselectAll();
                notebook.activeCellIndex = first;
                notebook.extendContiguousSelectionTo(last - 1);
            }}""",
            [first, last],
        )
        self._run(f"{PANEL}.content", "notebook:run-cell", seconds)

    def start_cell(self, index: int) -> None:
        """Run one cell and come back while it is still running."""
        self.page.evaluate(f"index => {{ {PANEL}.content.activeCellIndex = index; }}", index)
        self.command("notebook:run-cell")
        self.page.wait_for_function(f"() => {KERNEL}?.status === 'busy'")

    def _run(self, notebook: str, command: str, seconds: float) -> None:
        self.page.evaluate(
            """command => {
                window.comandaRun = 'running';
                window.jupyterapp.commands.execute(command).finally(() => { window.comandaRun = 'done'; });
            }""",
            command,
        )
        self.page.wait_for_function("() => window.comandaRun === 'done'", timeout=seconds * 1000)
        self.wait_ready()

    def failures(self) -> list[str]:
        """`cell 3: NameError: …` for each cell that failed, or wrote to stderr, and was not meant to."""
        return self.page.evaluate(
            f"""() => {CELLS}.flatMap((cell, i) => cell.model.type !== 'code'
                || (cell.model.getMetadata('tags') || []).includes('raises-exception') ? []
                : cell.model.outputs.toJSON().flatMap(o => o.output_type === 'error'
                    ? [`cell ${{i}}: ${{o.ename}}: ${{o.evalue}}`]
                    : o.name === 'stderr' ? [`cell ${{i}}: stderr: ${{o.text}}`] : []))"""
        )

    def not_run(self) -> list[int]:
        """Code cells with something in them that were never executed."""
        return self.page.evaluate(
            f"""() => {CELLS}.flatMap((cell, i) => cell.model.type === 'code'
                && cell.model.executionCount === null
                && cell.model.sharedModel.getSource().trim() ? [i] : [])"""
        )

    def output(self, index: int) -> str:
        return self.page.evaluate(f"i => {CELLS}[i].outputArea.node.innerText", index)

    def cell(self, index: int) -> Locator:
        """What the cell shows below its code."""
        return self.page.locator(".jp-NotebookPanel .jp-Cell").nth(index).locator(".jp-Cell-outputArea")

    def outputs(self) -> Locator:
        return self.page.locator(".jp-OutputArea-output")

    def restart(self) -> None:
        """Kernel → Restart Kernel…, and yes in its dialog."""
        old = self.page.evaluate(f"() => {PANEL}.sessionContext.session.kernel.id")
        pid = {k.pid for k in self.lab.kernels()}
        self.command("kernelmenu:restart")
        self.page.locator(".jp-Dialog button.jp-mod-accept").click()
        self.page.locator(".jp-Dialog").wait_for(state="detached")
        self.page.wait_for_function(READY, timeout=60_000)
        assert self.page.evaluate(f"() => {PANEL}.sessionContext.session.kernel.id") == old
        assert {k.pid for k in self.lab.kernels()} != pid

    def interrupt(self) -> None:
        self.command("notebook:interrupt-kernel")
        self.wait_ready()

    def shut_down(self) -> None:
        """Kernel → Shut Down Kernel."""
        self.command("kernelmenu:shutdown")
        self.page.wait_for_function(f"() => !{KERNEL}")

    def accessibility(self, area: str) -> list[str]:
        """Violations inside the elements of `area` that axe calls serious or critical."""
        assert self.page.locator(area).count() > 0, f"nothing on the page is {area}"
        found = (
            Axe().run(self.page, context=area, options={"resultTypes": ["violations"]}).response["violations"]
        )
        return [
            f"{v['id']} ({v['impact']}): {v['help']}: {node['html'][:200]} {node['failureSummary']}"
            for v in found
            if v["impact"] in ("serious", "critical")
            for node in v["nodes"]
        ]

    def photograph(self, name: str) -> list[Path]:
        """The whole notebook in artifacts/, from top to bottom, in as few pictures as Chromium can take."""
        ARTIFACTS.mkdir(exist_ok=True)
        size = self.page.viewport_size or {"width": 1280, "height": 900}
        self.page.set_viewport_size({"width": size["width"], "height": PICTURE})
        files, top, end = [], 0, 1
        while top < end:
            seen, end = self.page.evaluate(f"top => {{ {SCROLLER}.scrollTop = top; {MEASURES} }}", top)
            self.page.wait_for_function(DRAWN)
            files.append(ARTIFACTS / f"{name}-{len(files) + 1}.png")
            self.page.screenshot(path=files[-1])
            top += seen
        self.page.set_viewport_size(size)
        return files

    def close(self) -> None:
        """Close it and then end its kernel: a live page would complain that its service is gone.

        The widgets do complain, of what they were about to say, and are not heard. Twice does nothing.
        """
        if self.closed:
            return
        self.closed = True
        said, self.tab.problems = self.tab.problems, []
        self.page.evaluate(CLOSE)
        self.tab.problems = said

"""JupyterLab and Chromium, shared by the browser tests."""

import re
from collections.abc import Callable, Iterator

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import Browser, sync_playwright

from tests.browser.lab import Lab, jupyterlab
from tests.browser.notebook import Notebook, Tab

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing but this machine can be reached
]

FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def lab(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with jupyterlab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium a module: while Playwright lives, nothing else in this thread may run an asyncio loop."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def tab(lab: Lab, browser: Browser) -> Iterator[Tab]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(30_000)
    yield Tab(context, lab)
    context.close()


@pytest.fixture
def open_notebook(request: pytest.FixtureRequest, tab: Tab) -> Iterator[Callable[..., Notebook]]:
    """Open a notebook of the laboratory's folder. At the end: no console error, no outside request."""
    opened: list[Notebook] = []

    def _open(path: str, **options: str) -> Notebook:
        opened.append(Notebook(tab, path, **options))
        return opened[-1]

    yield _open
    failed, problems, clean = request.node.stash.get(FAILED, False), tab.problems, False
    try:
        for notebook in reversed(opened):  # the last one is in sight
            if failed:
                notebook.photograph("fallo-" + re.sub(r"\W+", "-", request.node.name))
            notebook.close()
        clean = not (failed or problems or tab.is_blocked())
    finally:
        tab.forget()
        if not clean:
            tab.discard()
    assert problems == []


@pytest.fixture
def write(lab: Lab) -> Callable[..., str]:
    """Write a notebook in the laboratory's folder: a title, then a cell for each source. Returns its path."""

    def _write(name: str, *cells: str) -> str:
        book = new_notebook(cells=[new_markdown_cell(f"# {name}"), *map(new_code_cell, cells)])
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(book, lab.root / f"{name}.ipynb")
        return f"{name}.ipynb"

    return _write

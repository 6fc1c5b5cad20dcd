"""The harness sees what it is there to see: each fault planted here is reported."""

import pytest

SERVE = """
import requests, ipywidgets as w
from fastapi import FastAPI
from workshop import serve

app = FastAPI()

@app.get("/dishes")
def dishes():
    return ["pozole"]

api = serve(app)
"""
WIDGET = """
send, seen = w.Button(description="Enviar"), w.HTML("nada")
send.on_click(lambda _: setattr(seen, "value", requests.get(f"{api.url}/dishes").text))
w.VBox([send, seen]).add_class("comanda")
"""
UNNAMED = """
w.HTML('<button></button><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">').add_class("comanda")
"""


def test_a_button_makes_a_real_call(open_notebook, write):
    notebook = open_notebook(write("boton", SERVE, WIDGET))
    notebook.run_all()
    assert notebook.failures() == []
    assert notebook.not_run() == []
    notebook.page.get_by_role("button", name="Enviar").click()
    notebook.outputs().get_by_text('["pozole"]').wait_for()
    assert notebook.accessibility(".comanda") == []


def test_a_cell_that_fails_or_complains_is_reported(open_notebook, write):
    complains = "import sys; print('ay', file=sys.stderr)"
    notebook = open_notebook(write("fallo", complains, "1 / 0", "2"))
    notebook.run_all()
    assert notebook.failures() == ["cell 1: stderr: ay\n", "cell 2: ZeroDivisionError: division by zero"]
    assert notebook.not_run() == [3]


def test_a_control_without_a_name_is_a_violation(open_notebook, write):
    notebook = open_notebook(write("accesible", "import ipywidgets as w", UNNAMED))
    notebook.run_all()
    assert {line.split()[0] for line in notebook.accessibility(".comanda")} == {"button-name", "image-alt"}


def test_outside_requests_and_console_errors_are_problems(open_notebook, write):
    notebook = open_notebook(
        write(
            "fuera",
            "from IPython.display import HTML, Javascript",
            'HTML("<img alt=x src=https://example.org/x.png>")',
            "Javascript(\"console.error('roto')\")",
        )
    )
    notebook.run_all()
    notebook.page.wait_for_function("() => [...document.images].every(image => image.complete)")
    seen = notebook.tab.problems
    notebook.tab.forget()
    assert "request to an outside host: https://example.org/x.png" in seen
    assert "console error: roto" in seen


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_picture_of_the_whole_notebook_is_kept(open_notebook, write, theme, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.browser.notebook.ARTIFACTS", tmp_path)
    notebook = open_notebook(write("foto", "for n in range(400): print(n)"), theme=theme)
    notebook.run_all()
    pictures = notebook.photograph("foto")
    assert len(pictures) >= 2
    assert all(picture.stat().st_size > 5_000 for picture in pictures)


def test_a_tab_gives_nothing_of_one_notebook_to_the_next(tab, open_notebook, write):
    path = write("vecino", "kept = 1", "'kept' in globals()", "import ipywidgets as w; w.HTML('sigue')")
    first = open_notebook(path, theme="dark")
    first.run_all()
    first.page.evaluate("document.cookie = 'comanda=1'; console.error('ay')")
    assert tab.problems == ["console error: ay"]
    first.close()
    tab.forget()

    second = open_notebook(path)
    assert second.page is first.page
    assert tab.problems == []
    assert "comanda" not in second.page.evaluate("document.cookie")
    assert second.page.evaluate("document.body.dataset.jpThemeLight") == "true"
    assert second.not_run() == [1, 2, 3]
    second.run_cells(2, 3)
    assert second.output(2).endswith("False")
    (kernel,) = second.lab.kernels()
    second.close()
    kernel.wait(timeout=10)


def test_jupyterlab_asks_for_no_news_and_no_updates(lab, open_notebook, write):
    notebook = open_notebook(write("noticias", "1"))
    plugin = notebook.page.evaluate(
        """async () => (await fetch('/lab/api/settings/@jupyterlab/apputils-extension:notification',
            {headers: {Authorization: 'token ' + arguments}})).json()""".replace(
            "arguments", f"'{lab.token}'"
        )
    )
    properties = plugin["schema"]["properties"]
    assert properties["fetchNews"]["default"] == "false"
    assert properties["checkForUpdates"]["default"] is False

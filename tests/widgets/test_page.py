"""`page`: the address that the frame loads, and that it really answers there."""

import os
import re
from types import SimpleNamespace

import pytest
import requests
from fastapi import FastAPI
from jupyter_server import serverapp

from workshop import page, serve, stop_all
from workshop.widgets.errors import WidgetError


@pytest.fixture
def api():
    app = FastAPI(title="El menú")
    app.get("/dishes")(lambda: "hay")
    yield serve(app, name="menú")
    stop_all()


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """No hub around and no Jupyter behind this kernel, whatever the machine has."""
    for name in ("JUPYTERHUB_SERVICE_PREFIX", "BINDER_SERVICE_HOST", "BINDER_REPO_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(serverapp, "list_running_servers", lambda: iter(()))


def source(panel) -> str:
    return re.search(r'src="([^"]*)"', panel.frame.value)[1]


def test_on_this_machine_the_frame_asks_directly_and_gets_the_page(api):
    panel = page(api, "/docs")
    assert source(panel) == f"{api.url}/docs"
    assert "El menú" in requests.get(source(panel), timeout=5).text
    assert 'title="menú: /docs"' in panel.frame.value
    assert f'href="{api.url}/docs" target="_blank"' in panel.link.value
    assert panel.text() == "Página de «menú»: /docs"


@pytest.mark.parametrize("variable", ["JUPYTERHUB_SERVICE_PREFIX", "BINDER_SERVICE_HOST"])
def test_in_a_hub_it_goes_through_jupyter(api, monkeypatch, variable):
    monkeypatch.setenv(variable, "/user/ana")
    start = "/user/ana/" if variable.startswith("JUPYTERHUB") else "/"
    assert source(page(api, "/docs")) == f"{start}proxy/{api.port}/docs"
    assert source(page(api, "/docs", via="direct")) == f"{api.url}/docs"


def test_the_base_url_is_that_of_the_jupyter_that_started_the_kernel(api, monkeypatch):
    servers = [{"pid": 1, "base_url": "/otro/"}, {"pid": 77, "base_url": "/lab/"}]
    monkeypatch.setattr(serverapp, "list_running_servers", lambda: iter(servers))
    monkeypatch.setenv("JPY_PARENT_PID", "77")
    assert source(page(api, "/x", via="proxy")) == f"/lab/proxy/{api.port}/x"
    monkeypatch.setenv("JPY_PARENT_PID", str(os.getpid()))
    assert source(page(api, "/x", via="proxy")) == f"/proxy/{api.port}/x"


def test_the_buttons_change_the_way_and_load_it_again(api):
    panel = page(api, "/docs")
    assert panel.toggle.description == "¿No se ve? Pásala por Jupyter"
    panel.toggle.click()
    assert (panel.via, source(panel)) == ("proxy", f"/proxy/{api.port}/docs")
    panel.toggle.click()
    assert (panel.via, source(panel)) == ("direct", f"{api.url}/docs")
    before = panel.frame.value
    panel.refresh.click()
    assert panel.frame.value != before and source(panel) == f"{api.url}/docs"


def test_behind_the_proxy_docs_finds_all_its_files(api):
    prefix = f"/lab/proxy/{api.port}"
    headers = {"X-Forwarded-Context": prefix}
    text = requests.get(f"{api.url}/docs", headers=headers, timeout=5).text
    files = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert len(files) >= 3
    for file in files:
        assert file.startswith(prefix), file
        got = requests.get(api.url + file.removeprefix(prefix), headers=headers, timeout=5)
        assert got.status_code == 200, file
    contract = requests.get(f"{api.url}/openapi.json", headers=headers, timeout=5).json()
    assert contract["servers"] == [{"url": prefix}]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"path": "docs"}, r"empieza con /: escribe page\(api, '/docs'\)"),
        ({"path": None}, "empieza con /"),
        ({"via": "tunnel"}, "usa 'auto', 'direct' o 'proxy'"),
        ({"height": "480px"}, "un entero entre 80 y 4000"),
        ({"height": 10}, "un entero entre 80 y 4000"),
    ],
)
def test_what_cannot_be_is_explained(api, options, words):
    with pytest.raises(WidgetError, match=words):
        page(api, **options)
    with pytest.raises(WidgetError, match="esta máquina"):
        page("http://example.com")


def test_a_path_cannot_break_out_of_the_frame(api):
    panel = page(SimpleNamespace(url=api.url, name="<b>", port=api.port), '/"><script>x</script>')
    assert "<script>" not in panel.frame.value + panel.link.value
    assert "<b><b>" not in panel.children[1].children[0].value

"""The same request as curl and as Python: both are run, and the server has to receive the same."""

import json
import shutil
import subprocess
from html import unescape
from re import search

import pytest

from workshop import console

TEXT = {"Content-Type": "text/plain"}
REQUESTS = {
    "get": {"path": "/dishes?limit=2&q=con%20todo"},
    "accents and blanks": {"path": "/platos/piña y mole/[1]?q={x}&r='"},
    "dots": {"path": "/a/%2e%2e/b//c"},
    "post": {"method": "POST", "path": "/dishes", "body": {"name": "Ñ 'a' \"b\" $HOME `x`", "n": [1, None]}},
    "long": {"method": "POST", "path": "/dishes", "body": {"d": "palabra " * 40, "otros": list(range(60))}},
    "empty object": {"method": "PUT", "path": "/d/1", "body": {}},
    "scalar": {"method": "POST", "path": "/d", "body": "null"},
    "infinite": {"method": "POST", "path": "/d", "body": '{"n": 1e999}'},
    "headers": {"method": "PATCH", "path": "/d", "headers": {"If-Match": '"7"', "X-Vacio": ""}},
    "own type": {"method": "POST", "path": "/d", "body": "a=1&b=@x", "headers": {"content-type": "text/x"}},
    "at": {"method": "POST", "path": "/d", "body": "@/etc/hostname", "headers": TEXT},
    "no body": {"method": "POST", "path": "/d"},
    "delete": {"method": "DELETE", "path": "/d/1"},
    "head": {"method": "HEAD", "path": "/d/1"},
    "options": {"method": "OPTIONS", "path": "/d/1"},
}  # fmt: skip
AS_IS = {
    "cut": {"method": "POST", "path": "/d", "body": '{"name": "Mo'},
    "get with body": {"method": "GET", "path": "/d", "body": '{"a": 1}'},
    "delete with body": {"method": "DELETE", "path": "/d", "body": "[1,\n2]"},
}
ALL = {**REQUESTS, **AS_IS}


def shown(pane) -> str:
    return unescape(search(r"(?s)<pre[^>]*>(.*)</pre>", pane.value)[1])


def significant(got, written):
    """What the person wrote has to arrive; each client adds headers of its own."""
    wanted = {name.lower() for name in written} | {"content-type"}
    return got.method, got.target, got.body, sorted(pair for pair in got.headers if pair[0] in wanted)


@pytest.fixture(params=ALL)
def sent(request, kitchen):
    asked = ALL[request.param]
    c = console(kitchen.api, **asked)
    c.as_is.value = request.param in AS_IS or "{x}" in asked["path"]
    c.send.click()
    c.wait()
    assert c.problem == ""
    assert len(kitchen.got) == 1
    return c, asked.get("headers", {})


def test_the_python_snippet_sends_the_same(sent, kitchen, capsys):
    c, written = sent
    exec(shown(c.panes.python), {})
    assert capsys.readouterr().out.startswith("200\n")
    first, second = kitchen.got
    if "    json=" in shown(c.panes.python):
        # json= writes the same value with other blanks and escapes.
        assert json.loads(first.body) == json.loads(second.body)
        second.body = first.body
    assert significant(first, written) == significant(second, written)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_command_sends_the_same(sent, kitchen):
    c, written = sent
    done = subprocess.run(shown(c.panes.curl), shell=True, capture_output=True, timeout=20, check=False)
    assert done.stdout.startswith(b"HTTP/1.1 200"), done.stderr
    first, second = (significant(got, written) for got in kitchen.got)
    assert first == second

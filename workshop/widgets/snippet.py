"""La misma petición, escrita como `curl` y como Python."""

import json
import pprint
import shlex

from workshop.widgets.request import Request


def as_curl(request: Request) -> str:
    """Una orden `curl` que repite la petición al pegarla en una terminal."""
    url = request.prepared().url or request.url
    words = ["curl", "--include", "--path-as-is"]
    if request.follow:
        words.append("--location")
    options = [shlex.join(words), *_curl_method(request)]
    for name, value in request.headers.items():
        # curl drops a header written "Name:"; "Name;" is how it sends an empty one.
        options.append(shlex.join(["--header", f"{name}: {value}" if value else f"{name};"]))
    if request.body is not None:
        options.append(shlex.join(["--data-raw", request.body.decode("utf-8")]))
    return " \\\n  ".join([*options, shlex.quote(url)])


def _curl_method(request: Request) -> list[str]:
    if request.method == "HEAD" and request.body is None:
        return ["--head"]
    if request.method == "HEAD":
        return ["--request HEAD", "--max-time 10"]  # it would wait for a body that HEAD never gets
    if request.method == ("GET" if request.body is None else "POST"):
        return []
    return [shlex.join(["--request", request.method])]


def as_python(request: Request) -> str:
    """Un programa con `requests` que repite la petición."""
    lines = [f"    {request.url!r},"]
    headers = dict(request.headers)
    as_json = _is_literal(request.json)
    if as_json:
        headers.pop("Content-Type", None)  # json= sets it
    if headers:
        lines.append(f"    headers={_literal(headers, 12)},")
    if as_json:
        lines.append(f"    json={_literal(request.json, 9)},")
    elif request.body is not None:
        lines.append(f"    data={request.body!r},")
    lines += [f"    allow_redirects={request.follow},", "    timeout=10,"]
    call = f"response = requests.{request.method.lower()}("
    return "\n".join(
        ["import requests", "", call, *lines, ")", "print(response.status_code)", "print(response.text)"]
    )


def _is_literal(value: object) -> bool:
    if not isinstance(value, dict | list):
        return False
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False  # 1e999 is valid JSON, but its repr, inf, is not Python
    return True


def _literal(value: object, indent: int) -> str:
    text = pprint.pformat(value, width=100 - indent, sort_dicts=False)
    return text.replace("\n", "\n" + " " * indent)

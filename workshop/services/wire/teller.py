"""Quien contesta con el código que le pidan: `GET /status/418`. Sirve para verlos todos en el cable."""

import re
import socket
from email.utils import formatdate
from functools import cache
from typing import Any

from workshop.facts import load
from workshop.services.errors import ServiceError
from workshop.services.wire.raw import RawServer
from workshop.services.wire.talk import Exchange, Talk

_PATH = re.compile(rb"[A-Z]+ /status/(\d{3})[ ?]")
_NO_BODY = (204, 304)
_SECONDS = 3.0
_LONGEST = 64 * 1024

# What each code must or usually does bring, so that what is seen is how it looks in the wild.
_HEADERS: dict[int, tuple[str, ...]] = {
    101: ("Upgrade: comanda-eco", "Connection: Upgrade"),
    103: ("Link: </menu.css>; rel=preload; as=style",),
    104: ("Location: /cargas/1",),
    201: ("Location: /platos/1",),
    206: ("Content-Range: bytes 0-3/10",),
    300: ('Link: </menu.es>; rel="alternate", </menu.en>; rel="alternate"',),
    **dict.fromkeys((301, 302, 303, 305, 307, 308), ("Location: /status/200",)),
    304: ('ETag: "menu-7"',),
    401: ('WWW-Authenticate: Basic realm="La Comanda"',),
    405: ("Allow: PUT, DELETE",),
    407: ('Proxy-Authenticate: Basic realm="La Comanda"',),
    416: ("Content-Range: bytes */10",),
    426: ("Upgrade: HTTP/3.0", "Connection: Upgrade"),
    429: ("Retry-After: 30",),
    451: ('Link: </juzgado>; rel="blocked-by"',),
    503: ("Retry-After: 120",),
}


@cache
def codes() -> dict[int, dict[str, Any]]:
    """Los códigos registrados en la IANA, con su frase en inglés y su nombre y su sentido en español."""
    return {row["code"]: row for row in load("http_status.toml")["status"]}


def answer(code: int) -> bytes:
    """Los bytes con los que se contesta `code`; tras uno provisional (1XX) viene uno definitivo."""
    if code == 101:
        return _head(code) + b"desde aqui ya no se habla HTTP\n"
    if code < 200:
        return _head(code) + answer(200)
    if code in _NO_BODY:
        return _head(code, "Connection: close")
    fact = codes()[code]
    body = b"" if code == 205 else f"{fact['name']}. {fact['meaning']}\n".encode()
    text = ("Content-Type: text/plain; charset=utf-8",) if body else ()
    return _head(code, *text, f"Content-Length: {len(body)}", "Connection: close") + body


def _head(code: int, *more: str) -> bytes:
    reason = codes()[code]["phrase"].partition("(")[0].strip()
    dated = (f"Date: {formatdate(usegmt=True)}",) if code >= 200 else ()
    lines = [f"HTTP/1.1 {code} {reason}", *dated, *_HEADERS.get(code, ()), *more, "", ""]
    return "\r\n".join(lines).encode()


def tell(wire: socket.socket) -> None:
    """Atiende una conexión: lee la petición y contesta con el código de su ruta."""
    asked = b""
    while b"\r\n\r\n" not in asked and len(asked) < _LONGEST:
        more = wire.recv(_LONGEST)
        if not more:
            return
        asked += more
    found = _PATH.match(asked)
    code = int(found[1]) if found else 404
    told = answer(code if code in codes() else 404)
    if asked.startswith(b"HEAD "):
        told = told[: told.index(b"\r\n\r\n") + 4]
    wire.sendall(told)


def teller(name: str = "codigos") -> RawServer:
    """Pone en marcha a quien contesta con cualquier código."""
    return RawServer(tell, name).start()


def ask(url: str, code: int) -> Exchange:
    """Pide `code` por un socket, byte por byte, y devuelve el intercambio leído.

    Errores: `ServiceError` si nadie atiende en `url` o si no contesta.
    """
    host, _, port = url.removeprefix("http://").partition(":")
    upgrade = "Connection: Upgrade\r\nUpgrade: comanda-eco" if code == 101 else "Connection: close"
    asked = f"GET /status/{code} HTTP/1.1\r\nHost: la-comanda\r\n{upgrade}\r\n\r\n".encode()
    talk = Talk(1)
    try:
        with socket.create_connection((host, int(port)), _SECONDS) as wire:
            wire.sendall(asked)
            talk.client_said(asked)
            while told := wire.recv(_LONGEST):
                talk.server_said(told)
            talk.server_said(b"")
    except OSError as problem:
        raise ServiceError(
            f"Quien contesta los códigos no respondió ({type(problem).__name__}): "
            "vuelve a ejecutar la celda del explorador."
        ) from None
    return talk.exchanges[0]

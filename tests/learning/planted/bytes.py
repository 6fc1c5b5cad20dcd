"""What learners write for 05.2: right in two ways, and wrong in the ways that happen."""

import json
from collections.abc import Callable

MENU = ["mole", "jalapeño relleno", "café de olla"]
JSON = "Content-Type: application/json\r\n"
ALLOW = "Allow: GET, HEAD\r\n"


def reply(status: str, body: bytes = b"", more: str = "", length: int | None = None) -> bytes:
    length = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\n{more}Content-Length: {length}\r\nConnection: close\r\n\r\n".encode() + body


def menu(body: bytes | None = None, more: str = JSON, length: int | None = None) -> bytes:
    body = json.dumps(MENU, ensure_ascii=False).encode() if body is None else body
    return reply("200 OK", body, more, length)


def bare(told: bytes) -> bytes:
    return told.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def server(request: bytes, **finals: Callable[[], bytes]) -> bytes:
    """The right answer but for the finals that are given."""
    end = {
        "menu": menu,
        "head": lambda: bare(end["menu"]()),
        "missing": lambda: reply("404 Not Found"),
        "verb": lambda: reply("405 Method Not Allowed", more=ALLOW),
        "nonsense": lambda: reply("400 Bad Request"),
        **finals,
    }
    line = request.split(b"\r\n")[0].split()
    if len(line) != 3:
        return end["nonsense"]()
    if line[1] != b"/menu":
        return end["missing"]()
    return end[{b"GET": "menu", b"HEAD": "head"}.get(line[0], "verb")]()


def untouched(request: bytes) -> bytes:
    return reply("501 Not Implemented")


def right_with_parts(request: bytes) -> bytes:
    return server(request)


def right_with_escapes_and_bodies(request: bytes) -> bytes:
    """JSON's own escapes, a body in each error, headers in small letters, no Connection: close."""

    def say(status: str, body: bytes, more: str = "") -> bytes:
        return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{more}\r\n".encode() + body

    return server(
        request,
        menu=lambda: say(
            "200 OK", json.dumps(MENU).encode(), "content-type: application/json; charset=utf-8\r\n"
        ),
        missing=lambda: say("404 Not Found", "No está en el menú.".encode()),
        verb=lambda: say("405 No", "Así no.".encode(), "allow: HEAD, GET, OPTIONS\r\n"),
        nonsense=lambda: say("400 ", "¿Qué?".encode()),
    )


def counts_letters(request: bytes) -> bytes:
    text = json.dumps(MENU, ensure_ascii=False)
    return server(request, menu=lambda: menu(text.encode(), length=len(text)))


def counts_wrong(request: bytes) -> bytes:
    return server(request, menu=lambda: menu(length=7))


def does_not_count(request: bytes) -> bytes:
    return server(request, menu=lambda: b"HTTP/1.1 200 OK\r\n" + JSON.encode() + b"\r\n" + menu()[-40:])


def no_blank_line(request: bytes) -> bytes:
    return server(request, menu=lambda: menu().replace(b"\r\n\r\n", b"\r\n"))


def only_line_feeds(request: bytes) -> bytes:
    return server(request, menu=lambda: menu().replace(b"\r\n", b"\n"))


def no_status_line(request: bytes) -> bytes:
    return server(request, menu=lambda: menu().partition(b"\r\n")[2])


def bad_header(request: bytes) -> bytes:
    return server(request, menu=lambda: menu(more="Content-Type application/json\r\n"))


def only_the_body(request: bytes) -> bytes:
    return server(request, menu=lambda: json.dumps(MENU).encode())


def no_type(request: bytes) -> bytes:
    return server(request, menu=lambda: menu(more=""))


def python_instead_of_json(request: bytes) -> bytes:
    return server(request, menu=lambda: menu(str(MENU).encode()))


def always_404(request: bytes) -> bytes:
    return reply("404 Not Found")


def fails(request: bytes) -> bytes:
    raise NameError("MENU")


def refuses_head(request: bytes) -> bytes:
    return server(request, head=lambda: reply("405 Method Not Allowed", more=ALLOW))


def head_with_body(request: bytes) -> bytes:
    return server(request, head=menu)


def head_says_zero(request: bytes) -> bytes:
    return server(request, head=lambda: reply("200 OK", more=JSON))


def starts_with(request: bytes) -> bytes:
    return server(request.replace(b"/menus ", b"/menu "))


def always_the_menu(request: bytes) -> bytes:
    return server(request, missing=menu)


def any_verb(request: bytes) -> bytes:
    return server(request, verb=menu)


def does_not_say_which(request: bytes) -> bytes:
    return server(request, verb=lambda: reply("405 Method Not Allowed"))


def nonsense_is_404(request: bytes) -> bytes:
    return server(request, nonsense=lambda: reply("404 Not Found"))


def error_with_a_lie(request: bytes) -> bytes:
    return server(request, missing=lambda: reply("404 Not Found", b"No hay.", length=0))

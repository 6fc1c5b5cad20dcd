"""The recorded bytes are the ones of the socket, not a reconstruction."""

import pytest

from workshop import console
from workshop.widgets.answer import visible


def test_the_bytes_are_exactly_those_of_the_two_ends(misbehave):
    odd = b"HTTP/1.1  200   De acuerdo\r\nx-ODD:   1\r\nContent-Length: 2\r\n\r\n\xff\x00"
    c = console(misbehave(lambda connection, _: connection.sendall(odd)), "POST", "/d", body="[1]")
    c.xray.value = False
    c.send.click()
    assert c.wait().content == b"\xff\x00"
    assert c.received == odd
    head, body = c.sent.split(b"\r\n\r\n")
    assert head.startswith(b"POST /d HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"Content-Length: 3\r\n" in head + b"\r\n" and body == b"[1]"
    assert "x-ODD:   1\\r\\n" in c.panes.wire.value
    assert f"Llegaron {len(odd)} bytes" in c.panes.wire.value


def test_a_long_tape_keeps_its_beginning_and_its_count(kitchen):
    kitchen.answers["/b"] = (200, "text/plain", b"x" * 200_000)
    c = console(kitchen.api, path="/b")
    c.send.click()
    assert len(c.wait().content) == 200_000
    (hop,) = c.exchange.hops
    assert hop.received.total > 200_000
    assert len(c.received) == 64 * 1024
    assert "Se muestran los primeros 16\u00a0000 bytes" in c.panes.wire.value


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"a\r\nb", "a\\r\\n\nb"), ("ñ".encode(), "ñ"), (b"\xff\x00", "\\xff\\x00"), (b"a\nb\tc", "a\nb\tc")],
)
def test_nothing_is_hidden(data, text):
    assert visible(data) == text

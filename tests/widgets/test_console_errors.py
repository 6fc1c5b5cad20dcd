"""What can go wrong on the wire, each time with a real socket that does it."""

import socket

import pytest

from workshop import console, stop_all

QUICK = 0.3


def press(c):
    c.send.click()
    assert c.wait(10) is None
    assert c.problem in c.text()
    return c.problem


def test_a_service_that_is_off_says_how_to_turn_it_on(kitchen):
    c = console(kitchen.api, path="/dishes")
    kitchen.api.stop()
    words = press(c)
    assert "Nadie atiende en «cocina»" in words and ".start()" in words
    kitchen.api.start()
    c.send.click()
    assert c.wait().status_code == 200


def test_a_closed_port_is_told_without_its_number():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    c = console(f"http://127.0.0.1:{port}", path="/dishes")
    assert "la conexión fue rechazada" in press(c)
    assert str(port) not in c.text()
    assert "No pasó ningún byte" in c.panes.wire.value or "Salieron 0 bytes" in c.panes.wire.value


def test_a_server_that_never_answers(misbehave):
    c = console(misbehave(lambda _, ended: ended.wait(10)), timeout=QUICK)
    assert "no contestó en 0.3 s" in press(c)
    assert c.sent.startswith(b"GET / HTTP/1.1\r\n")


def test_a_server_that_stops_in_the_middle_of_the_body(misbehave):
    def stall(connection, ended):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789")
        ended.wait(10)

    c = console(misbehave(stall), timeout=QUICK)
    assert "no contestó en 0.3 s" in press(c)
    assert c.received.endswith(b"0123456789")


def test_half_an_answer(misbehave):
    half = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n0123456789"
    c = console(misbehave(lambda connection, _: connection.sendall(half)))
    assert f"a media respuesta: llegaron {len(half)} bytes" in press(c)
    assert c.received == half
    assert "0123456789" in c.panes.body.value


def test_half_a_chunk(misbehave):
    half = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nabc"
    c = console(misbehave(lambda connection, _: connection.sendall(half)))
    assert "a media respuesta" in press(c)


def test_a_body_that_lies_about_being_compressed(misbehave):
    lie = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nhola"
    c = console(misbehave(lambda connection, _: connection.sendall(lie)))
    assert "Content-Encoding" in press(c)


def test_something_that_is_not_http(misbehave):
    c = console(misbehave(lambda connection, _: connection.sendall(b"220 mail ready\r\n")))
    assert "16 bytes que no forman una respuesta HTTP" in press(c)
    assert "220 mail ready" in c.panes.wire.value


def test_a_server_that_hangs_up(misbehave):
    c = console(misbehave(lambda _connection, _ended: None))
    assert "cerró la conexión" in press(c)


def test_a_redirect_loop_shows_its_chain(kitchen):
    kitchen.answers["/a"] = (307, "", b"/b")
    kitchen.answers["/b"] = (307, "", b"/a")
    c = console(kitchen.api, path="/a")
    c.follow.value = True
    assert "Es un ciclo: /a → /b → /a" in press(c)
    assert "GET /b → 307 → /a" in c.panes.body.value
    assert len(kitchen.got) == 11


@pytest.mark.parametrize("away", [b"http://example.com/", b"https://example.com/", b"//192.0.2.1/x"])
def test_a_redirect_to_another_machine_is_not_followed(kitchen, away):
    kitchen.answers["/away"] = (302, "", away)
    c = console(kitchen.api, path="/away")
    c.follow.value = True
    assert "fuera de esta máquina" in press(c)
    assert len(kitchen.got) == 1


def test_a_proxy_in_the_environment_is_not_used(kitchen, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    c = console(kitchen.api, path="/dishes", timeout=2)
    c.send.click()
    assert c.wait().status_code == 200
    stop_all()

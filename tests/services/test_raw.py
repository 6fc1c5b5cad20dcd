"""`raw_server`: a server of which only the bytes are written; the rest is kept in order."""

import socket
import threading
import time

import pytest
import requests

from workshop import stop_all
from workshop.services.errors import ServiceError
from workshop.services.wire.raw import raw_server

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"


@pytest.fixture(autouse=True)
def nothing_left():
    yield
    stop_all()


def mole(wire):
    wire.recv(65536)
    wire.sendall(OK + b"mole")


def test_a_function_that_writes_bytes_is_a_server():
    server = raw_server(mole)
    assert requests.get(server.url, timeout=5).text == "mole"
    assert repr(server) == "servidor a mano «mole»: en marcha"


def test_running_the_cell_again_changes_the_function_in_the_same_port():
    first = raw_server(mole, name="cocina")
    url = first.url

    def flan(wire):
        wire.recv(65536)
        wire.sendall(OK + b"flan")

    again = raw_server(flan, name="cocina")
    assert again is first and again.url == url
    assert requests.get(url, timeout=5).text == "flan"


def test_a_function_that_fails_leaves_its_trace_in_the_log_and_goes_on():
    turns = []

    def shaky(wire):
        wire.recv(65536)
        turns.append(1)
        if len(turns) == 1:
            raise ValueError("se quemó")
        wire.sendall(OK + b"mole")

    server = raw_server(shaky)
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url, timeout=5)
    assert server.logs().endswith("ValueError: se quemó")
    assert requests.get(server.url, timeout=5).ok


def test_stopping_lets_go_of_clients_that_wait_and_frees_the_port():
    reached = threading.Event()

    def hanging(wire):
        while wire.recv(65536):
            reached.set()

    server = raw_server(hanging)
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert reached.wait(5)
        began = time.monotonic()
        server.stop()
        server.stop()
        assert client.recv(1) == b""
        assert time.monotonic() - began < 5
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=5)


def test_it_is_killed_and_recovers_in_the_same_place():
    server = raw_server(mole)
    url = server.url
    assert server.kill().status == "muerto"
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)
    server.recover()
    assert server.url == url and requests.get(url, timeout=5).ok


def test_what_is_not_a_function_of_one_argument_is_explained():
    with pytest.raises(ServiceError, match="Se esperaba una función y llegó bytes"):
        raw_server(b"HTTP/1.1 200 OK")
    with pytest.raises(ServiceError, match="recibe 2 argumentos"):
        raw_server(lambda wire, address: None)
    with pytest.raises(ServiceError, match="recibe 0 argumentos"):
        raw_server(lambda: None)
    with pytest.raises(ServiceError, match="El nombre de un servicio"):
        raw_server(mole, name="a/b")
    with raw_server(lambda wire: wire.sendall(OK)) as server:
        assert server.name == "servidor"

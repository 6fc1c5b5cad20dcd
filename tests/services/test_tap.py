"""The tap: what passes is not changed, and every byte of both directions is written down with its name."""

import http.client
import json
import socket
import ssl
import time

import pytest
import requests
import trustme
from fastapi import FastAPI, WebSocket
from fastapi.responses import StreamingResponse
from websockets.sync.client import connect

from workshop import running, serve, stop_all
from workshop.services.errors import ServiceError
from workshop.services.wire.raw import raw_server
from workshop.services.wire.tap import Tap
from workshop.services.wire.tls_front import tls_front

app = FastAPI()


@app.post("/login")
def login(who: dict) -> dict:
    return {"hola": who["user"]}


@app.get("/menu")
def menu() -> StreamingResponse:
    return StreamingResponse(iter(["mole\n", "", "pozole\n"]))


@app.websocket("/ws")
async def chat(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text((await socket.receive_text())[::-1])
    await socket.close()


@pytest.fixture(scope="module")
def api():
    yield serve(app, name="cocina")
    stop_all()


@pytest.fixture
def ear(api):
    with Tap(api) as ear:
        yield ear


def behind(script):
    """A tap before a server whose function is `script`; both end with the module."""
    return Tap(raw_server(script, name="a-mano"), name="oído").start()


def say(url, data, until_closed=True):
    """Send bytes as they are and read all that comes, until the server closes."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as wire:
        wire.sendall(data)
        came = b""
        while until_closed and (more := wire.recv(65536)):
            came += more
        return came


def labels(message):
    return [piece.label for piece in message.pieces()]


def test_it_labels_start_line_headers_and_body_of_both_directions(ear):
    answer = requests.post(f"{ear.url}/login", json={"user": "mesera", "password": "tlayuda-42"}, timeout=5)
    assert answer.json() == {"hola": "mesera"}
    (exchange,) = ear.exchanges
    asked, told = exchange.request, exchange.response
    assert (asked.method, asked.target, told.status) == ("POST", "/login", 200)
    assert labels(asked)[0] == "línea de petición" and labels(asked)[-2:] == ["línea vacía", "cuerpo"]
    assert labels(told)[0] == "línea de estado" and set(labels(told)[1:-2]) == {"encabezado"}
    assert json.loads(bytes(asked.content))["password"] == "tlayuda-42"
    assert asked.header("content-type") == "application/json" == told.header("Content-Type")
    assert asked.complete and told.complete and not asked.problem + told.problem + exchange.problem


def test_no_byte_is_lost_repeated_or_changed(ear, api):
    question = (
        b'POST /login HTTP/1.1\r\nHost: x\r\ncontent-length: 13\r\nConnection: close\r\n\r\n{"user": "a"}'
    )
    through, direct = say(ear.url, question), say(api.url, question)
    (talk,) = ear.talks
    assert bytes(talk.sent) == question
    assert bytes(talk.received) == through
    assert through.split(b"\r\n\r\n")[1] == direct.split(b"\r\n\r\n")[1]
    (exchange,) = ear.exchanges
    assert b"".join(piece.data for piece in exchange.request.pieces()) == question
    assert b"".join(piece.data for piece in exchange.response.pieces()) == through


def test_a_password_is_heard_in_clear(ear):
    requests.post(f"{ear.url}/login", json={"user": "a", "password": "tlayuda-42"}, timeout=5)
    assert ear.heard("tlayuda-42") and not ear.heard("tlayuda-43")


def test_a_chunked_body_is_told_from_its_framing(ear):
    assert requests.get(f"{ear.url}/menu", timeout=5).text == "mole\npozole\n"
    (exchange,) = ear.exchanges
    assert exchange.response.chunks == 2
    assert bytes(exchange.response.content) == b"mole\npozole\n"
    assert bytes(exchange.response.body) == b"5\r\nmole\n\r\n7\r\npozole\n\r\n0\r\n\r\n"
    assert labels(exchange.response)[-1] == "cuerpo en 2 trozos"


def test_a_connection_kept_alive_is_one_and_has_all_its_exchanges(ear):
    with requests.Session() as session:
        for user in "abc":
            session.post(f"{ear.url}/login", json={"user": user}, timeout=5)
    for user in "de":
        requests.post(f"{ear.url}/login", json={"user": user}, timeout=5)
    assert ear.connections == 3
    assert [len(talk.exchanges) for talk in ear.talks] == [3, 1, 1]
    said = [json.loads(bytes(each.response.content))["hola"] for each in ear.exchanges]
    assert said == list("abcde")


def test_pipelined_requests_get_each_its_own_answer():
    def three_at_once(wire):
        wire.recv(65536)
        wire.sendall(b"".join(b"HTTP/1.1 20%d X\r\nContent-Length: 1\r\n\r\n%d" % (n, n) for n in range(3)))

    ear = behind(three_at_once)
    say(ear.url, b"".join(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % n for n in range(3)))
    assert [(e.request.target, e.response.status) for e in ear.exchanges] == [
        ("/0", 200),
        ("/1", 201),
        ("/2", 202),
    ]


def test_thousands_of_pipelined_requests_do_not_exhaust_it():
    def greedy(wire):
        while wire.recv(65536):
            pass

    ear = behind(greedy)
    say(ear.url, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 2000, until_closed=False)
    assert len(ear.exchanges) == 2000


def test_interim_answers_come_before_the_final_one():
    def patient(wire):
        wire.recv(65536)
        wire.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        wire.recv(65536)
        for _ in range(2):
            wire.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")
        wire.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

    ear = behind(patient)
    with socket.create_connection(("127.0.0.1", ear.port), timeout=5) as wire:
        wire.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        assert wire.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.sendall(b"mole")
        while wire.recv(65536):
            pass
    (exchange,) = ear.exchanges
    assert [one.status for one in exchange.interim] == [100, 102, 102]
    assert exchange.response.status == 201 and bytes(exchange.request.content) == b"mole"
    assert [one.status for one in exchange.messages] == [None, 100, 102, 102, 201]
    said = [(message.status, [piece.label for piece in pieces][-1]) for message, pieces in exchange.turns()]
    assert said == [
        (None, "línea vacía"), (100, "línea vacía"), (None, "cuerpo"),
        (102, "línea vacía"), (102, "línea vacía"), (201, "línea vacía"),
    ]  # fmt: skip


def test_interim_answers_to_a_request_without_body_follow_it_whole():
    def slow(wire):
        wire.recv(65536)
        wire.sendall(b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")

    ear = behind(slow)
    say(ear.url, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    (exchange,) = ear.exchanges
    assert [message.status for message, _ in exchange.turns()] == [None, 102, 204]
    assert b"".join(p.data for _, pieces in exchange.turns()[:1] for p in pieces).endswith(b"\r\n\r\n")


def test_an_answer_to_head_has_no_body_however_long_it_says():
    def two(wire):
        wire.recv(65536)
        wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")

    ear = behind(two)
    say(ear.url, b"HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nDELETE /b HTTP/1.1\r\nHost: x\r\n\r\n")
    assert [(e.response.status, e.response.body.total) for e in ear.exchanges] == [(200, 0), (204, 0)]


def test_an_answer_that_ends_with_the_connection_is_complete():
    def old(wire):
        wire.recv(65536)
        wire.sendall(b"HTTP/1.0 200 OK\r\n\r\nmole")

    ear = behind(old)
    say(ear.url, b"GET / HTTP/1.0\r\n\r\n")
    (exchange,) = ear.exchanges
    assert exchange.response.complete and bytes(exchange.response.content) == b"mole"


@pytest.mark.parametrize(
    ("bytes_sent", "problem"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nmole", "llegaron 4 de los 9 bytes"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nmole", "a la mitad del mensaje"),
        (b"HTTP/1.1 200 OK\r\nConte", "a la mitad del mensaje"),
        (b"marchando una de mole\r\n\r\n", "no es HTTP"),
    ],
)
def test_a_server_that_leaves_early_or_talks_nonsense_is_told(bytes_sent, problem):
    def rude(wire):
        wire.recv(65536)
        wire.sendall(bytes_sent)

    ear = behind(rude)
    assert say(ear.url, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") == bytes_sent
    (exchange,) = ear.exchanges
    assert problem in exchange.response.problem and not exchange.response.complete
    assert bytes(exchange.response) == bytes_sent


def test_a_server_that_leaves_without_a_word_is_told():
    def silent(wire):
        wire.recv(65536)

    ear = behind(silent)
    with pytest.raises(requests.ConnectionError):
        requests.get(ear.url, timeout=5)
    assert ear.exchanges[0].problem == "El servidor cerró la conexión sin contestar."
    assert ear.talks[0].ended == "el servidor"


def test_a_client_that_leaves_early_is_told(ear):
    say(ear.url, b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n{", until_closed=False)
    deadline = time.monotonic() + 5
    while not (ear.exchanges and ear.exchanges[0].request.problem):
        assert time.monotonic() < deadline
    assert "llegaron 1 de los 90 bytes" in ear.exchanges[0].request.problem
    assert ear.talks[0].ended == "el cliente"


def test_a_request_without_host_is_explained(ear):
    say(ear.url, b"GET /menu HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert "Falta el encabezado Host" in ear.exchanges[0].request.problem


def test_a_websocket_passes_and_what_follows_is_not_taken_for_http(ear):
    with connect(f"ws://127.0.0.1:{ear.port}/ws") as client:
        client.send("mole")
        assert client.recv() == "elom"
    (exchange,) = ear.exchanges
    assert exchange.response.status == 101 and not exchange.problem


def test_a_great_body_passes_whole_and_only_its_beginning_is_kept():
    size = 3_000_000

    def generous(wire):
        wire.recv(65536)
        wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)

    ear = behind(generous)
    assert len(requests.get(ear.url, timeout=20).content) == size
    body = ear.exchanges[0].response.body
    assert body.total == size and len(bytes(body)) == 64 * 1024
    assert ear.exchanges[0].response.complete


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    ca = trustme.CA()
    ca.path = str(tmp_path_factory.mktemp("ca") / "ca.pem")
    ca.cert_pem.write_to_path(ca.path)
    return ca


def test_under_tls_it_hears_noise_sizes_and_only_the_name_that_is_greeted(api, authority):
    with tls_front(api, authority.issue_cert("localhost")) as front, Tap(front) as ear:
        assert ear.url.startswith("https://")
        answer = requests.post(
            f"https://localhost:{ear.port}/login",
            json={"user": "mesera", "password": "tlayuda-42"},
            verify=authority.path,
            timeout=5,
        )
        assert answer.json() == {"hola": "mesera"}
        (talk,) = ear.talks
        hello, told = talk.tls
        assert hello.greeting == "localhost" and ear.heard("localhost")
        assert not any(map(ear.heard, ("tlayuda-42", "/login", "mesera", "HTTP/1.1", "json")))
        assert ear.exchanges == []
        assert hello.records[0].kind == told.records[0].kind == "saludo"
        assert "datos cifrados" in {record.kind for record in told.records}
        assert sum(record.total for record in hello.records) == talk.sent.total
        assert sum(record.total for record in told.records) == talk.received.total


def test_many_clients_at_once_are_told_apart(ear):
    from concurrent.futures import ThreadPoolExecutor

    def ask(user):
        answer = requests.post(f"{ear.url}/login", json={"user": user}, timeout=10)
        return answer.json()["hola"]

    with ThreadPoolExecutor(16) as clients:
        assert list(clients.map(ask, map(str, range(64)))) == list(map(str, range(64)))
    assert ear.connections == 64
    for exchange in ear.exchanges:
        asked, told = (json.loads(bytes(each.content)) for each in (exchange.request, exchange.response))
        assert asked["user"] == told["hola"]


def test_it_can_be_killed_and_comes_back_in_the_same_place(ear):
    port = ear.port
    with requests.Session() as session:
        session.get(f"{ear.url}/menu", timeout=5)
        assert ear.kill().status == "muerto"
        with pytest.raises(requests.ConnectionError):
            session.get(f"{ear.url}/menu", timeout=5)
        assert "muerto" in repr(running())
        assert ear.recover().port == port
        assert session.get(f"{ear.url}/menu", timeout=5).ok
    assert ear.status == "en marcha"


def test_it_follows_the_service_that_restarts_and_tells_when_nobody_is_behind():
    pantry = serve(FastAPI(), name="despensa")
    with Tap(pantry, name="oído-2") as ear:
        pantry.stop()
        with pytest.raises(requests.ConnectionError):
            requests.get(ear.url, timeout=5)
        assert ear.talks[0].ended == "nadie atiende detrás"
        assert "nadie atiende detrás" in ear.logs()
        pantry.start()
        assert requests.get(ear.url, timeout=5).status_code == 404
    pantry.stop()


def test_it_stops_with_clients_connected_and_twice(api):
    ear = Tap(api, name="oído-3").start()
    client = http.client.HTTPConnection("127.0.0.1", ear.port, timeout=5)
    client.request("GET", "/menu")
    assert client.getresponse().read() == b"mole\npozole\n"
    ear.stop()
    ear.stop()
    assert ear.state == "detenido" and len(ear.exchanges) == 1
    client.close()


def test_clear_forgets_what_was_heard(ear):
    requests.get(f"{ear.url}/menu", timeout=5)
    ear.clear()
    assert (ear.connections, ear.exchanges) == (0, [])


def test_a_connection_in_which_nobody_speaks_is_not_noted_until_it_does(ear):
    silent = [socket.create_connection(("127.0.0.1", ear.port), timeout=5) for _ in range(2)]
    silent[0].close()
    requests.get(f"{ear.url}/menu", timeout=5)
    assert ear.connections == len(ear.talks) == 1
    with silent[1] as speaks:
        speaks.sendall(b"GET /menu HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        while speaks.recv(4096):
            pass
    assert ear.connections == 2 and len(ear.exchanges) == 2
    first, second = (talk.number for talk in ear.talks)
    assert second == first + 1


def test_a_connection_that_goes_on_after_a_clear_is_heard_again(ear):
    with requests.Session() as session:
        session.get(f"{ear.url}/menu", timeout=5)
        ear.clear()
        assert ear.exchanges == [] and not ear.heard("mole")
        session.get(f"{ear.url}/menu", timeout=5)
        session.post(f"{ear.url}/login", json={"user": "a"}, timeout=5)
    assert [exchange.request.target for exchange in ear.exchanges] == ["/menu", "/login"]
    assert ear.connections == 1


def test_only_this_machine_is_listened_to():
    for wrong in ("http://example.com", "ftp://127.0.0.1:21", "http://[", 7, None, FastAPI()):
        with pytest.raises(ServiceError, match=r"api = serve\(app\)|de esta máquina"):
            Tap(wrong)
    with pytest.raises(ServiceError, match="El nombre de un servicio"):
        Tap("http://127.0.0.1:8000", name="a/b")


def test_a_plain_client_of_a_tls_door_is_not_taken_for_http(api, authority):
    with tls_front(api, authority.issue_cert("localhost")) as front, Tap(front) as ear:
        with pytest.raises((requests.ConnectionError, ssl.SSLError)):
            requests.get(f"http://127.0.0.1:{ear.port}/menu", timeout=5)
        assert ear.talks[0].tls is None

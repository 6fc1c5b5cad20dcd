"""Every registered code comes back from a real socket, as a real client reads it."""

import http.client

import pytest
import requests

from workshop.services.errors import ServiceError
from workshop.services.wire import teller

CODES = sorted(teller.codes())


@pytest.fixture(scope="module")
def server():
    with teller.teller() as server:
        yield server


def test_there_are_codes_of_every_family():
    assert len(CODES) >= 60
    assert {code // 100 for code in CODES} == {1, 2, 3, 4, 5}


@pytest.mark.parametrize("code", CODES)
def test_each_code_is_sent_and_is_well_formed(server, code):
    exchange = teller.ask(server.url, code)
    told = [one.status for one in exchange.messages if not one.is_request]
    assert not any(one.problem for one in exchange.messages) and not exchange.problem
    if code < 200 and code != 101:
        assert told == [code, 200]
    else:
        assert told == [code]
    assert exchange.request.target == f"/status/{code}"


@pytest.mark.parametrize("code", [code for code in CODES if code >= 200])
def test_a_library_reads_each_final_code(server, code):
    answer = requests.get(f"{server.url}/status/{code}", allow_redirects=False, timeout=5)
    assert answer.status_code == code
    assert bool(answer.content) == (code not in (204, 205, 304))
    assert "Location" in answer.headers or code not in (201, 301, 302, 307, 308)


@pytest.mark.parametrize("code", [204, 205, 304])
def test_where_no_body_may_be_not_a_byte_follows_the_head(code):
    assert teller.answer(code).endswith(b"\r\n\r\n")


def test_a_head_has_no_body_and_an_unknown_path_is_a_404(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("HEAD", "/status/404")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (404, b"") and int(answer.headers["Content-Length"]) > 0
    connection.close()
    assert [requests.get(f"{server.url}{path}", timeout=5).status_code for path in ("/", "/status/299")] == [
        404,
        404,
    ]


def test_asking_a_server_that_is_off_is_explained():
    with teller.teller("apagado") as server:
        url = server.url
    with pytest.raises(ServiceError, match="no respondió"):
        teller.ask(url, 200)

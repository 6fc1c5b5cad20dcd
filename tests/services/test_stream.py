"""However the bytes of a connection are cut into pieces, they are read as the same messages."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as some

from workshop.services.wire.talk import Talk

ASKED = (
    b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
    b"POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nmole\r\n0\r\n\r\n"
    b"HEAD /c HTTP/1.1\r\nHost: x\r\n\r\n"
)
TOLD = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nuno"
    b"HTTP/1.1 100 Continue\r\n\r\n"
    b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ndos\r\n0\r\n\r\n"
    b"HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\n"
)


def cut(data, places):
    edges = [0, *sorted(place % len(data) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(edges) if a < b]


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(some.lists(some.integers(0, 10_000), max_size=12), some.lists(some.integers(0, 10_000), max_size=12))
def test_any_cut_reads_the_same(asked, told):
    talk = Talk(1)
    for piece in cut(ASKED, asked):
        talk.client_said(piece)
    for piece in cut(TOLD, told):
        talk.server_said(piece)
    talk.server_said(b"")
    first, second, third = talk.exchanges
    assert [each.request.target for each in talk.exchanges] == ["/a", "/b", "/c"]
    assert [each.response.status for each in talk.exchanges] == [200, 201, 404]
    assert [one.status for one in second.interim] == [100]
    assert bytes(first.response.content) == b"uno" and bytes(second.response.content) == b"dos"
    assert bytes(second.request.content) == b"mole"
    assert third.response.complete and not third.response.body.total
    assert b"".join(map(bytes, (m for e in talk.exchanges for m in e.messages if m.is_request))) == ASKED
    assert b"".join(map(bytes, (m for e in talk.exchanges for m in e.messages if not m.is_request))) == TOLD


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(some.lists(some.binary(min_size=1), max_size=5), some.lists(some.binary(min_size=1), max_size=5))
def test_no_noise_makes_it_fail_or_lose_count(asked, told):
    talk = Talk(1)
    for piece in asked:
        talk.client_said(piece)
    for piece in told:
        talk.server_said(piece)
    talk.client_said(b"")
    talk.server_said(b"")
    assert (talk.sent.total, talk.received.total) == (len(b"".join(asked)), len(b"".join(told)))

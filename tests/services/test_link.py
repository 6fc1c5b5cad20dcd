"""The stretch of network that can be slow or cut, before real servers on a unix socket and on a port."""

import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from workshop.services.errors import ServiceError
from workshop.services.network.link import Link, UnixLink
from workshop.services.network.tcp_link import TcpLink

DELAY = 150  # milliseconds


class Echo(socketserver.StreamRequestHandler):
    """Says back each line; at the end of what it hears, says goodbye."""

    def handle(self) -> None:
        with suppress(ConnectionError):
            for line in self.rfile:
                self.wfile.write(line)
            self.wfile.write(b"adios\n")


class UnixEcho(socketserver.ThreadingUnixStreamServer):
    block_on_close = False
    daemon_threads = True


class TcpEcho(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    block_on_close = False
    daemon_threads = True


@contextmanager
def attending(server: socketserver.BaseServer) -> Iterator[socketserver.BaseServer]:
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def unix(tmp_path) -> Iterator[tuple[UnixLink, Callable[[], socket.socket]]]:
    path = tmp_path / "echo.sock"
    link = UnixLink(path)
    with attending(UnixEcho(str(path), Echo)):
        yield link, lambda: dial(path)
        link.close()


@pytest.fixture
def tcp() -> Iterator[tuple[TcpLink, Callable[[], socket.socket]]]:
    """A server that has already moved from its public port to the link's real one."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    link = TcpLink(port)
    with attending(TcpEcho(("127.0.0.1", link.real), Echo)):
        yield link, lambda: socket.create_connection(("127.0.0.1", port), timeout=5)
        link.close()


@pytest.fixture(params=["unix", "tcp"])
def case(request) -> tuple[Link, Callable[[], socket.socket]]:
    return request.getfixturevalue(request.param)


def dial(path: Path) -> socket.socket:
    peer = socket.socket(socket.AF_UNIX)
    peer.settimeout(5)
    try:
        peer.connect(str(path))
    except OSError:
        peer.close()
        raise
    return peer


def ask(peer: socket.socket, line: bytes) -> bytes:
    peer.sendall(line)
    return peer.recv(100)


def seconds_of(peer: socket.socket, line: bytes = b"mole\n") -> float:
    began = time.monotonic()
    assert ask(peer, line) == line
    return time.monotonic() - began


def test_each_answer_comes_later_by_the_delay_and_no_sooner(case):
    link, connect = case
    link.open(DELAY)
    with connect() as peer:
        assert [seconds_of(peer) >= DELAY / 1000 for _ in range(3)] == [True] * 3


def test_answers_under_way_together_are_delayed_together_and_keep_their_order(case):
    link, connect = case
    link.open(DELAY)
    lines = [f"{n}\n".encode() for n in range(20)]
    with connect() as peer, peer.makefile("rb") as answers:
        began = time.monotonic()
        for line in lines:
            peer.sendall(line)
            time.sleep(0.01)  # apart, so that each one travels by itself
        assert [answers.readline() for _ in lines] == lines
        assert time.monotonic() - began < len(lines) * DELAY / 1000 / 2


def test_a_large_answer_arrives_whole(case):
    link, connect = case
    link.open(1)
    page = b"x" * 8_000_000 + b"\n"
    with connect() as peer, peer.makefile("rb") as answers:
        sending = threading.Thread(target=peer.sendall, args=[page])
        sending.start()
        assert answers.readline() == page
        sending.join()


def test_who_has_asked_everything_still_hears_the_answers(case):
    link, connect = case
    link.open(DELAY)
    with connect() as peer, peer.makefile("rb") as answers:
        peer.sendall(b"mole\n")
        peer.shutdown(socket.SHUT_WR)
        assert answers.read() == b"mole\nadios\n"


def test_cut_it_refuses_and_closed_it_lets_pass(case):
    link, connect = case
    for _ in range(2):
        link.cut()
        with pytest.raises(ConnectionRefusedError):
            connect()
    link.close()
    link.open(1)
    with connect() as peer:
        assert ask(peer, b"mole\n") == b"mole\n"


@pytest.mark.parametrize("end", ["close", "cut", "open"])
def test_what_passes_through_is_broken_when_the_weather_changes(case, end):
    link, connect = case
    link.open(10_000)
    with connect() as peer:
        peer.sendall(b"mole\n")
        link.open(1) if end == "open" else getattr(link, end)()
        with suppress(ConnectionResetError):
            assert peer.recv(100) == b""


def test_a_client_that_leaves_or_a_server_that_is_gone_disturbs_nobody_else(unix):
    link, connect = unix
    link.open(1)
    with connect() as staying:
        for _ in range(20):
            with connect() as leaving:
                leaving.sendall(b"mole\n")
        assert ask(staying, b"mole\n") == b"mole\n"
    link.real.unlink()
    with connect() as peer, suppress(ConnectionError):
        assert ask(peer, b"mole\n") == b""


def test_on_a_unix_socket_the_owner_still_reaches_the_server_and_the_address_stays(unix, tmp_path):
    link, connect = unix
    link.path.chmod(0o750)
    assert link.real == link.path
    link.cut()
    with dial(link.real) as peer:
        assert ask(peer, b"mole\n") == b"mole\n"
    link.open(DELAY)
    assert link.path.stat().st_mode & 0o777 == 0o750
    with connect() as slow, dial(link.real) as direct:
        assert (seconds_of(slow) >= DELAY / 1000, seconds_of(direct) < DELAY / 1000) == (True, True)
    link.close()
    link.close()
    assert link.real == link.path
    with connect() as peer:
        assert ask(peer, b"mole\n") == b"mole\n"


def test_without_a_server_at_its_address_it_says_so(tmp_path):
    with pytest.raises(ServiceError, match=r"ya no está en .*recover\(\)"):
        UnixLink(tmp_path / "nadie.sock").open(5)


def test_a_port_that_was_not_freed_is_refused_with_the_reason():
    with socket.create_server(("127.0.0.1", 0)) as busy:
        link = TcpLink(busy.getsockname()[1])
        with pytest.raises(ServiceError, match="sigue ocupado"):
            link.cut()
        link.close()

"""A door with TLS: who is let in and who is refused, as real clients decide it."""

import datetime
import shutil
import ssl
import subprocess

import pytest
import requests
import trustme
from fastapi import FastAPI

from workshop import serve, stop_all
from workshop.services.errors import ServiceError
from workshop.services.wire.tls_front import tls_front

LONG_AGO = datetime.datetime(2019, 1, 1)
A_YEAR_LATER = datetime.datetime(2020, 1, 1)
app = FastAPI()


@app.get("/word")
def word() -> str:
    return "hola"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    ca = trustme.CA()
    ca.path = str(tmp_path_factory.mktemp("ca") / "ca.pem")
    ca.cert_pem.write_to_path(ca.path)
    return ca


@pytest.fixture(scope="module")
def front(authority):
    yield tls_front(serve(app, name="cocina"), authority.issue_cert("localhost", "127.0.0.1"))
    stop_all()


def ask(front, authority):
    return requests.get(f"{front.url}/word", verify=authority.path, timeout=5)


CERTIFICATES = {
    "unable to get local issuer": lambda ca: trustme.CA().issue_cert("127.0.0.1"),
    "IP address mismatch": lambda ca: ca.issue_cert("otra.example"),
    "certificate has expired": lambda ca: ca.issue_cert(
        "127.0.0.1", not_before=LONG_AGO, not_after=A_YEAR_LATER
    ),
}


def test_a_certificate_of_a_trusted_authority_is_accepted(front, authority):
    front.renew(authority.issue_cert("127.0.0.1"))
    assert ask(front, authority).json() == "hola"


@pytest.mark.parametrize("reason", CERTIFICATES)
def test_a_certificate_that_proves_nothing_is_refused_with_its_reason(front, authority, reason):
    url = front.url
    front.renew(CERTIFICATES[reason](authority))
    with pytest.raises(requests.exceptions.SSLError, match=reason):
        ask(front, authority)
    front.renew(authority.issue_cert("127.0.0.1"))
    assert ask(front, authority).json() == "hola" and front.url == url


def test_the_authority_is_unknown_to_whoever_was_not_given_it(front):
    with pytest.raises(requests.exceptions.SSLError, match="local issuer"):
        requests.get(f"{front.url}/word", timeout=5)


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on the PATH")
def test_openssl_says_the_same(front, authority):
    def said(certificate):
        front.renew(certificate)
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{front.port}", "-CAfile", authority.path]
        return subprocess.run(
            command, input="", capture_output=True, text=True, timeout=10, check=False
        ).stdout

    assert "Verify return code: 0 (ok)" in said(authority.issue_cert("127.0.0.1"))
    assert "certificate has expired" in said(CERTIFICATES["certificate has expired"](authority))


def test_a_client_that_talks_in_clear_breaks_nothing(front, authority):
    front.renew(authority.issue_cert("127.0.0.1"))
    with pytest.raises(requests.ConnectionError):
        requests.get(front.url.replace("https", "http"), timeout=5)
    assert ask(front, authority).json() == "hola"


def test_old_versions_of_tls_are_refused(front):
    old = ssl.create_default_context()
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    with pytest.warns(DeprecationWarning):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    import socket

    with (
        socket.create_connection(("127.0.0.1", front.port), timeout=5) as wire,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        old.wrap_socket(wire)


def test_what_is_not_a_certificate_is_explained(front):
    with pytest.raises(ServiceError, match=r"ca\.issue_cert\('localhost'\).*llegó str"):
        front.renew("cert.pem")


def test_running_its_cell_again_keeps_the_address(front, authority):
    url = front.url
    again = tls_front(serve(app, name="otra-cocina"), authority.issue_cert("127.0.0.1"))
    assert again is front and again.url == url
    assert ask(front, authority).json() == "hola"
    with pytest.raises(ServiceError, match="solo se escucha lo propio"):
        tls_front("https://example.com", authority.issue_cert("127.0.0.1"))

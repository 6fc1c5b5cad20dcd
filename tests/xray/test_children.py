"""Other processes join the trace through the collector; strangers do not."""

import gzip
import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.trace import get_current_span

from tests.xray.test_trace import READ
from workshop import xray
from workshop.xray import collector, export, recording

ROOT = Path(__file__).parent.parent.parent


@contextmanager
def child_kitchen(kitchen: SimpleNamespace, **extra: str) -> Iterator[str]:
    """The same kitchen in a process of its own, under `uvicorn`, on a socket that listens already."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        descriptor = listener.fileno()
        uvicorn = [sys.executable, "-m", "uvicorn", "--factory", "tests.xray.kitchen:child"]
        process = subprocess.Popen(
            [*uvicorn, "--fd", str(descriptor)],
            cwd=ROOT, pass_fds=[descriptor], stderr=subprocess.PIPE,
            env={**os.environ, "XRAY_TEST_DATABASE": f"sqlite:///{kitchen.path}", **extra},
        )  # fmt: skip
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            requests.get(f"{url}/dishes/1", timeout=30)  # answered once it is up
            yield url
        finally:
            process.terminate()
            _, said = process.communicate(timeout=10)
            assert b"telemetry configuration failed" not in said


def test_a_plain_child_joins_with_the_environment_alone(
    kitchen: SimpleNamespace, guests: dict[str, str]
) -> None:
    assert os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] == guests["OTEL_EXPORTER_OTLP_ENDPOINT"]
    with child_kitchen(kitchen) as url:
        trees = set()
        for _ in range(3):
            with xray("desde otro proceso") as trace:
                requests.get(f"{url}/dishes/1")
            trees.add(trace.tree())
    assert trees == {
        """\
desde otro proceso
└─ cliente · GET /dishes/1 → 200
   └─ api · GET /dishes/{dish_id} → 200
      ├─ validación
      ├─ endpoint · read_dish
      └─ serialización"""
    }
    assert not trace.gave_up


def test_a_child_that_joins_sends_its_sql_and_the_line_of_its_errors(
    kitchen: SimpleNamespace, guests: dict[str, str]
) -> None:
    with child_kitchen(kitchen, XRAY_TEST_JOIN="1") as url:
        for _ in range(3):
            with xray("leer un plato") as trace:
                requests.get(f"{url}/dishes/1")
            assert trace.tree() == READ
        with xray() as trace:
            requests.get(f"{url}/average")
        assert "ZeroDivisionError en average, línea" in (trace.error or "")


def test_the_app_in_the_kernel_does_not_export_to_its_own_collector(
    kitchen: SimpleNamespace, guests: dict[str, str]
) -> None:
    from tests.xray.kitchen import make_app
    from workshop import serve

    api = serve(make_app(kitchen.engine, kitchen.gate), name="xray_local")
    threads = {thread.name for thread in threading.enumerate()}
    with xray("leer un plato") as trace:
        requests.get(f"{api.url}/dishes/1")
    api.stop()
    assert trace.tree() == READ
    assert "OtelBatchSpanRecordProcessor" not in threads
    assert "telemetry configuration failed" not in api.logs()


def test_a_server_without_telemetry_is_not_waited_for_long(guests: dict[str, str]) -> None:
    with silent_backend() as (url, _), xray("sin telemetría") as trace:
        requests.post(f"{url}/pedido", data=b"x")
    assert trace.tree() == "sin telemetría\n└─ cliente · POST /pedido → 200"
    assert not trace.gave_up


def batch(trace_id: int, name: str = "intruso", span_id: bytes = b"intruder", parent: bytes = b"") -> bytes:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.trace_id, span.span_id, span.parent_span_id = trace_id.to_bytes(16, "big"), span_id, parent
    span.name, span.start_time_unix_nano, span.end_time_unix_nano = name, 1, 2
    return request.SerializeToString()


def test_only_who_knows_the_path_and_an_open_trace_gets_in(guests: dict[str, str]) -> None:
    url = guests["OTEL_EXPORTER_OTLP_ENDPOINT"]
    origin = url.rpartition("/")[0]
    post = requests.Session.send.__wrapped__  # unrecorded, as another program would

    def send(address: str, body: bytes, **headers: str) -> int:
        call = requests.Request("POST", address, data=body, headers=headers).prepare()
        return post(requests.Session(), call).status_code

    with xray() as trace:
        (trace_id,) = recording.active
        assert send(f"{origin}/v1/traces", batch(trace_id)) == 404
        assert send(f"{origin}/{secrets.token_urlsafe(24)}/v1/traces", batch(trace_id)) == 404
        assert send(f"{url}/v1/traces", b"\xff not protobuf") == 400
        assert send(f"{url}/v1/traces", b"") == 413
        assert send(f"{url}/v1/traces", batch(trace_id + 1)) == 200
        assert send(f"{url}/v1/traces", gzip.compress(batch(trace_id)), **{"Content-Encoding": "gzip"}) == 200
    assert [span.name for span in trace.spans] == ["intruso"]


def test_a_span_whose_parent_is_under_way_waits_for_it(guests: dict[str, str]) -> None:
    with xray("en desorden") as trace:
        here = get_current_span().get_span_context()
        root = here.span_id.to_bytes(8, "big")
        parent = batch(here.trace_id, "padre", b"parent00", root)
        collector.receive(batch(here.trace_id, "hijo", b"child000", b"parent00"))
        # Later than the silence after which a trace that has all its parents is taken as complete.
        threading.Timer(2 * recording.QUIET_SECONDS, collector.receive, [parent]).start()
    assert trace.tree() == "en desorden\n└─ tramo · padre\n   └─ tramo · hijo"
    assert not trace.gave_up


def test_a_parent_that_never_comes_is_given_up(guests: dict[str, str]) -> None:
    with xray("huérfano", wait=0.3) as trace:
        here = get_current_span().get_span_context()
        collector.receive(batch(here.trace_id, "hijo", b"child000", b"parent00"))
    assert trace.gave_up
    assert trace.tree().splitlines()[1] == "├─ tramo · hijo"


def test_closing_the_collector_restores_the_environment() -> None:
    before = dict(os.environ)
    collector.invite()
    assert collector.invite() == collector.invite()
    collector.close()
    collector.close()
    assert dict(os.environ) == before
    assert not collector.listening()


@contextmanager
def silent_backend() -> Iterator[tuple[str, list[tuple[str, dict[str, str], bytes]]]]:
    """A server that takes whatever is posted to it, as a Jaeger would."""
    received: list[tuple[str, dict[str, str], bytes]] = []
    arrived = threading.Condition()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with arrived:
                received.append((self.path, dict(self.headers), body))
                arrived.notify_all()
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.arrived = arrived  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", received
        with arrived:
            arrived.wait_for(lambda: bool(received), 5)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("invited", [False, True])
def test_a_backend_of_the_learner_gets_the_trace_too(
    kitchen: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, invited: bool
) -> None:
    with silent_backend() as (url, received):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-clave=a%20b")
        if invited:
            collector.invite()
        try:
            with xray("también a Jaeger") as trace:
                requests.get(f"{kitchen.url}/dishes/1")
        finally:
            collector.close()
    (path, headers, body), *_ = received
    assert path == "/v1/traces"
    assert headers["X-Clave"] == "a b"
    names = [span.name for resource in ExportTraceServiceRequest.FromString(body).resource_spans
             for scope in resource.scope_spans for span in scope.spans]  # fmt: skip
    assert len(names) == len(trace.spans) + 1  # and the one that holds them all
    assert {"también a Jaeger", "GET /dishes/{dish_id}", "fastapi.endpoint", "SELECT"} <= set(names)


def test_who_is_about_to_leave_waits_for_what_it_sends() -> None:
    with silent_backend() as (url, received):
        export.post(export.Backend(f"{url}/v1/traces", {}), b"spans")
        export.flush()
        assert [body for _, _, body in received] == [b"spans"]

"""`LoadRun`: many real clients in a process of their own, counted one by one."""

import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace

import psutil
import pytest
from fastapi import FastAPI, Request, Response

from workshop import serve
from workshop.services import nursery
from workshop.services.errors import ServiceError
from workshop.services.load.run import LoadRun
from workshop.services.load.tally import Latencies, Snapshot


@pytest.fixture(scope="module")
def shop() -> Iterator[SimpleNamespace]:
    """A service that remembers who asked for what."""
    app = FastAPI()
    asked: Counter[str] = Counter()
    gate = threading.Event()

    @app.api_route("/dishes/{name}", methods=["GET", "HEAD", "POST"])
    async def read(name: str, request: Request, response: Response) -> str:
        body = (await request.body()).decode()
        asked[f"{request.method} {request.url.path} {request.url.query} {body}".rstrip()] += 1
        asked[request.headers.get("x-table", "")] += 1
        asked[request.headers.get("cookie", "")] += 1
        response.headers["X-Replica"] = f"cocina-{name}"
        response.set_cookie("mesa", request.headers.get("x-table", "0"))
        return name

    @app.get("/broken/{status}")
    async def broken(status: int) -> Response:
        return Response(status_code=status)

    @app.get("/stuck")
    def stuck() -> str:
        gate.wait(20)
        return "por fin"

    api = serve(app, name="carga_prueba")
    yield SimpleNamespace(url=api.url, api=api, asked=asked, gate=gate)
    gate.set()
    api.stop()
    nursery.close()


@pytest.fixture(autouse=True)
def nothing_asked(shop: SimpleNamespace) -> None:
    shop.asked.clear()


def test_each_request_is_made_answered_and_counted_once(shop):
    result = LoadRun(shop.url, 5, 20, path="dishes/1", requests=137).start().wait()
    assert (result.done, result.ok, result.failed, result.codes) == (137, 137, 0, {"200": 137})
    assert result.by_replica == {"cocina-1": 137}
    assert shop.asked["GET /dishes/1"] == 137
    assert sum(result.per_second) == 137
    assert 0 < result.p50 <= result.p95 <= result.p99
    assert list(result.p95_by_replica) == ["cocina-1"]


def test_it_ends_when_its_time_is_up_and_tells_how_it_goes_meanwhile(shop):
    seen = []
    run = LoadRun(shop.url, 3, 0.5, path="dishes/1", on_tick=seen.append).start()
    assert run.running
    result = run.result
    assert not run.running
    assert run.snapshot() == result == seen[-1]
    assert [snapshot.done for snapshot in seen] == sorted(snapshot.done for snapshot in seen)
    assert len(seen) >= 3
    assert result.throughput == pytest.approx(result.done / result.elapsed)


def test_it_runs_in_another_process_that_ends_with_it(shop):
    run = LoadRun(shop.url, 2, 20, path="dishes/1").start()
    process = psutil.Process(run.pid)
    assert process.pid != os.getpid()
    began = time.monotonic()
    while time.monotonic() < began + 0.3 or not run.snapshot().done:
        pass  # a busy kernel, as a learner's cell would be
    assert run.stop().ok > 0
    assert psutil.wait_procs([process], timeout=5)[1] == []


def test_stopped_it_counts_what_was_under_way_and_stopped_again_it_says_the_same(shop):
    run = LoadRun(shop.url, 4, 20, path="dishes/1").start()
    result = run.stop()
    assert run.stop() == result
    assert result.done == shop.asked["GET /dishes/1"]


def test_method_body_headers_paths_and_cookies_are_sent(shop):
    headers = {"X-Table": "mesa-{client}"}
    LoadRun(
        shop.url, 2, 20, method="post", path="/dishes/2?a=1", json={"ñ": 1}, headers=headers, requests=6
    ).start().wait()
    assert shop.asked['POST /dishes/2 a=1 {"ñ": 1}'] == 6
    assert shop.asked["mesa-1"] + shop.asked["mesa-2"] == 6
    assert shop.asked[""] == 2  # each client comes without a cookie the first time only
    assert LoadRun(shop.url, 2, 20, method="HEAD", path="/dishes/1", requests=9).start().wait().ok == 9


def test_a_list_of_paths_is_drawn_from_by_chance(shop):
    result = LoadRun(shop.url, 4, 20, path=["/dishes/1", "/dishes/2"], requests=200).start().wait()
    assert set(result.by_replica) == {"cocina-1", "cocina-2"}
    assert sum(result.by_replica.values()) == 200


def test_codes_of_error_count_as_failed(shop):
    paths = ["/broken/404", "/broken/503"]
    result = LoadRun(shop.url, 2, 20, path=paths, requests=40).start().wait()
    assert (result.failed, set(result.codes), result.errors) == (40, {"404", "503"}, {})


def test_who_gets_no_answer_says_why(shop):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{probe.getsockname()[1]}"
        assert LoadRun(closed, 2, 20, requests=4).start().wait().errors == {"conexión rechazada": 4}
    stuck = LoadRun(shop.url, 2, 20, path="stuck", requests=2, timeout=0.1).start().wait()
    assert (stuck.errors, stuck.failed, stuck.done) == ({"sin respuesta en 0.1 s": 2}, 2, 2)
    shop.api.cut()
    broken = LoadRun(shop.url, 2, 20, path="dishes/1", requests=4).start().wait()
    shop.api.mend()
    assert broken.failed == 4


def test_whoever_still_waits_at_the_end_is_counted_as_failed(shop):
    result = LoadRun(shop.url, 2, 0.1, path="stuck").start().wait()
    assert (result.done, result.errors) == (2, {"sin respuesta al terminar": 2})


def test_clients_that_pause_ask_less(shop):
    result = LoadRun(shop.url, 2, 0.5, path="dishes/1", pause_ms=200).start().wait()
    assert 2 <= result.done <= 2 * 4


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "https://8.8.8.8/x",
        "http://192.0.2.1:80",
        "http://0.0.0.0:1",
        "http://mi-vecina",
    ],
)
def test_any_other_machine_is_refused(url):
    with pytest.raises(ServiceError, match="esta máquina"):
        LoadRun(url)


@pytest.mark.parametrize("url", ["", "api", None, 7, "ftp://127.0.0.1", "http://", "http://127.0.0.1:x"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ServiceError, match=r"api\.url"):
        LoadRun(url)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"clients": 0}, "`clients` un entero, de 1 a 200"),
        ({"clients": 201}, "de 1 a 200"),
        ({"clients": 2.5}, "de 1 a 200"),
        ({"seconds": 61}, "`seconds` un número, de 0.1 a 60"),
        ({"seconds": "3"}, "`seconds`"),
        ({"seconds": float("nan")}, "`seconds`"),
        ({"requests": 0}, "`requests`"),
        ({"pause_ms": -1}, "`pause_ms`"),
        ({"timeout": 0}, "`timeout`"),
        ({"method": "BAILA"}, "llegó 'BAILA'"),
        ({"json": {1, 2}}, "quepa en JSON"),
        ({"path": []}, "lista de caminos"),
        ({"path": 7}, "lista de caminos"),
        ({"headers": {"X": "a\r\nB: c"}}, "encabezados de una línea"),
        ({"ca": "/no/existe.pem"}, "certificado"),
    ],
)
def test_a_load_that_makes_no_sense_is_refused_and_says_what_was_expected(values, message):
    with pytest.raises(ServiceError, match=message):
        LoadRun("http://127.0.0.1:1", **values)


def test_a_load_is_used_once_and_waited_for_only_if_it_began(shop):
    run = LoadRun(shop.url, 1, 20, path="dishes/1", requests=1)
    with pytest.raises(ServiceError, match=r"\.start\(\)"):
        run.wait()
    run.start().wait()
    with pytest.raises(ServiceError, match="ya empezó"):
        run.start()


def test_if_its_process_dies_it_is_said(shop):
    run = LoadRun(shop.url, 1, 20, path="dishes/1").start()
    psutil.Process(run.pid).kill()
    with pytest.raises(ServiceError, match="antes de tiempo"):
        run.wait()


def test_if_its_process_dies_with_a_word_unread_nobody_is_left_waiting(shop):
    run = LoadRun(shop.url, 1, 20, path="dishes/1").start()
    process = psutil.Process(run.pid)
    process.suspend()
    run._kernel.send(b".")
    process.kill()
    with pytest.raises(ServiceError, match="antes de tiempo"):
        run.wait(10)
    assert not run.running


def test_the_service_itself_can_be_passed_and_its_figures_are_not_printed(shop):
    run = LoadRun(shop.api, 1, 20, path="dishes/1", requests=2)
    assert repr(run) == "Carga de 1 cliente: por empezar"
    assert run.start().wait().ok == 2
    assert repr(run) == "Carga de 1 cliente: terminada"
    assert repr(run.snapshot()) == repr(Snapshot())


def test_percentiles_are_those_of_the_sorted_times_within_one_in_a_hundred():
    latencies = Latencies()
    times = [n / 1000 for n in range(1, 1001)]
    for seconds in reversed(times):
        latencies.add(seconds)
    assert latencies.percentile(0.5) == pytest.approx(500, rel=0.011)
    assert latencies.percentile(0.99) == pytest.approx(990, rel=0.011)
    assert Latencies().percentile(0.5) is None

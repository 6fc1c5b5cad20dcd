"""`gateway(...)`: a real Caddy before real replicas; what changes, changes without closing the door."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import requests
from fastapi import FastAPI

from workshop import gateway, redis_server, replicas, running, serve, stop_all, xray
from workshop.services import module
from workshop.services.apps.replica_group import ReplicaSet
from workshop.services.errors import ServiceError
from workshop.services.gateway import caddy
from workshop.services.gateway.gateway import Gateway
from workshop.services.load.run import LoadRun
from workshop.xray import collector

KITCHEN = """
import asyncio, os
from fastapi import FastAPI, Request, Response

app = FastAPI()
health = {"well": True}

@app.get("/cook")
@app.post("/cook")
async def cook(request: Request, seconds: float = 0) -> dict[str, str]:
    await asyncio.sleep(seconds)
    return {"by": os.environ["COMANDA_REPLICA"], "body": (await request.body()).decode()}

@app.get("/health")
async def check() -> Response:
    return Response(status_code=200 if health["well"] else 500)

@app.post("/fall-ill")
async def fall_ill() -> None:
    health["well"] = False
"""


@pytest.fixture(scope="module", autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    stop_all()
    collector.close()


@pytest.fixture(scope="module")
def started() -> ReplicaSet:
    module.write("fogones", KITCHEN)
    return replicas("fogones:app", 2)


@pytest.fixture
def kitchen(started: ReplicaSet) -> ReplicaSet:
    return replicas("fogones:app", 2)


@pytest.fixture
def gate(kitchen: ReplicaSet) -> Gateway:
    return gateway(kitchen)


def eventually(happens: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not happens():
        assert time.monotonic() < deadline, "it never happened"


def cooks(gate: Gateway, times: int = 12, **headers: str) -> Counter[str]:
    url = f"{gate.url}/cook"
    return Counter(requests.get(url, headers=headers, timeout=5).json()["by"] for _ in range(times))


def test_one_address_deals_to_all_in_turns_and_passes_the_request_on(gate):
    assert cooks(gate) == {"fogones-1": 6, "fogones-2": 6}
    answer = requests.post(f"{gate.url}/cook", data="con sal", timeout=5)
    assert answer.json()["body"] == "con sal"
    assert answer.headers["X-Replica"] in ("fogones-1", "fogones-2")
    assert repr(gate) == "gateway «gateway»: en marcha"
    assert repr(gate.upstreams()[1]) == "fogones-2: 0 entre manos, 0 fallos recientes"


def test_asked_for_again_it_is_the_same_one_with_what_is_asked_now(kitchen, gate):
    pid, url = gate.pid, gate.url
    assert gateway(kitchen, policy="weighted", weights=[2, 1]) is gate
    assert cooks(gate, 9) == {"fogones-1": 6, "fogones-2": 3}
    assert gateway(kitchen) is gate
    assert (gate.pid, gate.url) == (pid, url)


def test_each_policy_chooses_as_it_says(gate):
    gate.policy("ip_hash")
    assert len(cooks(gate, 8, **{"X-Forwarded-For": "10.0.0.7"})) == 1
    assert len({next(iter(cooks(gate, 1, **{"X-Forwarded-For": f"10.0.{n}.1"}))) for n in range(12)}) == 2
    gate.policy("cookie")
    with requests.Session() as client:
        assert len({client.get(f"{gate.url}/cook", timeout=5).json()["by"] for _ in range(8)}) == 1
    gate.policy("least_conn")
    busy = LoadRun(f"{gate.url}/cook?seconds=1", clients=1, requests=1).start()
    eventually(lambda: any(upstream.busy for upstream in gate.upstreams()))
    (other,) = (upstream.name for upstream in gate.upstreams() if not upstream.busy)
    assert cooks(gate, 6) == {other: 6}
    busy.stop()
    gate.policy("random")
    assert cooks(gate, 40).keys() == {"fogones-1", "fogones-2"}


def test_it_follows_the_group_while_it_grows_shrinks_and_is_renewed_and_nobody_notices(kitchen, gate):
    runs = [LoadRun(f"{gate.url}/cook", 4, 30, method=method).start() for method in ("GET", "POST")]
    kitchen.scale(3)
    assert [upstream.name for upstream in gate.upstreams()] == ["fogones-1", "fogones-2", "fogones-3"]
    assert cooks(gate)["fogones-3"]
    kitchen.scale(1)
    assert cooks(gate).keys() == {"fogones-1"}
    kitchen.scale(2)
    kitchen.restart()
    gate.policy("least_conn").policy("round_robin")
    results = [run.stop() for run in runs]
    assert [(result.failed, result.errors) for result in results] == [(0, {}), (0, {})]
    assert all(result.ok for result in results)


def test_a_killed_replica_is_felt_by_nobody_with_retries_and_by_some_without(kitchen, gate):
    # Dishes that take a while: killed in the middle of an answer, half of it has gone out already.
    with_retries = LoadRun(f"{gate.url}/cook?seconds=0.1", 4, 30).start()
    eventually(lambda: with_retries.snapshot().ok)
    kitchen.members[0].kill()
    assert cooks(gate, 6) == {"fogones-2": 6}
    assert with_retries.stop().failed == 0
    gateway(kitchen, retries=False)
    codes = LoadRun(f"{gate.url}/cook", 2, 30, requests=20).start().wait().codes
    assert codes.keys() == {"200", "502"}


def test_whoever_answers_ill_to_the_health_check_is_left_alone(kitchen):
    kitchen.restart()
    gate = gateway(kitchen, health="/health")
    requests.post(f"{kitchen.urls[0]}/fall-ill", timeout=5)
    eventually(lambda: cooks(gate, 4) == {"fogones-2": 4})
    kitchen.members[0].restart()
    eventually(lambda: cooks(gate, 4).keys() == {"fogones-1", "fogones-2"})


def test_an_answer_that_does_not_come_in_time_is_a_504(kitchen):
    gate = gateway(kitchen, timeout=0.2, retries=False)
    assert requests.get(f"{gate.url}/cook?seconds=0.8", timeout=5).status_code == 504


def test_killed_frozen_slow_or_cut_it_is_felt_and_recovers_at_the_same_address(gate):
    url = gate.url
    gate.kill()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/cook", timeout=5)
    gate.recover().freeze()
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{url}/cook", timeout=0.2)
    with pytest.raises(ServiceError, match=r"congelado.*\.recover\(\)"):
        gate.upstreams()
    gate.thaw().slow(300)
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{url}/cook", timeout=0.15)
    assert (cooks(gate, 1).total(), gate.status) == (1, "lento (+300 ms)")
    gate.cut()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/cook", timeout=5)
    assert (cooks(gate.mend(), 4).total(), gate.url) == (4, url)


def test_what_changes_while_it_is_broken_is_there_when_it_recovers(kitchen, gate):
    for broken, mended in ((gate.freeze, gate.thaw), (gate.kill, gate.recover), (gate.cut, gate.mend)):
        broken()
        kitchen.scale(3)
        mended()
        assert cooks(gate).keys() == {"fogones-1", "fogones-2", "fogones-3"}
        kitchen.scale(2)


def test_over_tls_only_whoever_trusts_its_authority_gets_in(kitchen):
    with gateway(kitchen, tls=True, name="seguro") as safe:
        assert safe.url.startswith("https://")
        assert requests.get(f"{safe.url}/cook", verify=safe.ca_path, timeout=5).ok
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{safe.url}/cook", timeout=5)
        assert LoadRun(f"{safe.url}/cook", 2, 20, requests=10, ca=safe.ca_path).start().wait().ok == 10
        stranger = LoadRun(f"{safe.url}/cook", 1, 20, requests=1).start().wait()
        assert stranger.errors == {"certificado no válido": 1}
        key = safe.folder / "key.pem"
        assert key.stat().st_mode & 0o777 == 0o600


def test_an_app_of_the_kernel_or_a_list_of_addresses_will_do(kitchen):
    app = FastAPI()
    app.get("/cook")(lambda: {"by": "kernel"})
    with serve(app, "del_kernel") as api, gateway(api, name="uno") as one:
        assert cooks(one, 2) == {"kernel": 2}
        assert one.upstreams()[0].name == "del_kernel"
        with gateway([api, kitchen.urls[0]], name="varios") as many:
            assert cooks(many, 4) == {"kernel": 2, "fogones-1": 2}


def test_the_xray_goes_through_it(gate):
    for _ in range(2):
        with xray("un plato") as trace:
            requests.get(f"{gate.url}/cook", timeout=5)
        assert trace.tree().splitlines()[:4] == [
            "un plato",
            "└─ cliente · GET /cook → 200",
            "   └─ gateway · GET /cook → 200",
            "      └─ api · GET /cook → 200",
        ]
        assert not trace.gave_up


def test_it_opens_one_port_and_keeps_its_things_where_only_its_owner_reads(gate):
    process = psutil.Process(gate.pid)
    ports = {c.laddr.port for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN}
    assert ports == {gate.port}
    assert gate.folder.stat().st_mode & 0o777 == 0o700
    assert process.environ()["XDG_DATA_HOME"] == str(gate.folder)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"policy": "a_dedo"}, "round_robin, least_conn"),
        ({"policy": "weighted"}, r"weights=\[3, 1\]"),
        ({"weights": [1, 2]}, r"weights=\[3, 1\]"),
        ({"policy": "weighted", "weights": [1, 2, 3]}, "Hay 2 réplicas y 3 pesos"),
        ({"policy": "weighted", "weights": [1, -2]}, "enteros desde 0"),
        ({"health": "health"}, '"/health"'),
        ({"timeout": 0}, "mayor que 0"),
        ({"name": "dos palabras"}, "letras, números"),
    ],
)
def test_what_makes_no_sense_is_refused_and_the_gateway_goes_on(kitchen, gate, values, message):
    with pytest.raises(ServiceError, match=message):
        gateway(kitchen, **values)
    assert cooks(gate, 2).total() == 2


@pytest.mark.parametrize("to", [None, 7, [], [7], "api", "https://127.0.0.1:1", "http://127.0.0.1:1/x", {}])
def test_what_cannot_be_dealt_to_is_refused(to):
    with pytest.raises(ServiceError, match="gateway"):
        gateway(to)


def test_a_server_that_does_not_speak_http_is_refused():
    with redis_server("sin_http") as redis, pytest.raises(ServiceError, match="http, con puerto"):
        gateway(redis)


def test_stopped_twice_it_is_gone_and_the_group_is_not_held_back(kitchen, gate):
    pid = gate.pid
    gate.stop()
    gate.stop()
    assert not psutil.pid_exists(pid)
    kitchen.scale(3).scale(2)
    assert "gateway" not in repr(running())
    with pytest.raises(ServiceError, match="detenido"):
        gate.upstreams()


def test_a_broken_configuration_quotes_its_log(kitchen):
    class Misconfigured(Gateway):
        def _config(self, *_args: object) -> dict[str, object]:
            return {"apps": {"http": {"servers": {"x": {"listen": ["no-es-un-puerto"]}}}}}

    wrong = gateway(kitchen)
    broken = Misconfigured(wrong._source, wrong._dealing, False, "mal")
    with pytest.raises(ServiceError, match=r"(?s)«mal» no arrancó.*no-es-un-puerto"):
        broken.start()
    assert "mal" not in [row[0] for row in running().rows]


def test_no_thread_of_ours_stays_at_the_door(gate):
    gate.policy("random").policy("round_robin")
    eventually(lambda: "comanda-portero" not in {thread.name for thread in threading.enumerate()})


def a_caddy(folder: Path, version: str) -> Path:
    program = folder / "caddy"
    program.write_text(f"#!/bin/sh\necho 'v{version} h1:abc='\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(("version", "chosen"), [("2.8.4", True), ("2.11.0", True), ("2.6.2", False)])
def test_the_program_on_the_path_is_preferred_when_it_is_recent_enough(
    tmp_path, monkeypatch, version, chosen
):
    program = a_caddy(tmp_path, version)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert (caddy.binary() == str(program)) is chosen


def test_without_any_program_it_names_both_ways_out(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(caddy, "_bundled", lambda: tmp_path / "no-existe")
    with pytest.raises(ServiceError, match=r"`caddy` 2\.8 o posterior.*make clean lab"):
        caddy.binary()

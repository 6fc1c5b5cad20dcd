"""`replicas(...)`: real processes of one app, one more or one less while clients ask."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from workshop import replicas, running, stop_all, xray
from workshop.services import module, nursery
from workshop.services.apps.replica_group import ReplicaSet
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.load.run import LoadRun
from workshop.xray import collector

KITCHEN = """
import os
from fastapi import FastAPI

app = FastAPI(title="Cocina")

@app.get("/cook")
async def cook() -> dict[str, str]:
    return {"dish": "DISH", "by": os.environ["COMANDA_REPLICA"]}
"""


def write_kitchen(dish: str = "mole") -> None:
    module.write("hornillas", KITCHEN.replace("DISH", dish))


@pytest.fixture(scope="module")
def started() -> Iterator[ReplicaSet]:
    write_kitchen()
    yield replicas("hornillas:app", 2)
    stop_all()
    collector.close()


@pytest.fixture
def kitchen(started: ReplicaSet) -> ReplicaSet:
    return replicas("hornillas:app", 2)


def cooked(url: str) -> dict[str, str]:
    return requests.get(f"{url}/cook", timeout=5).json()


def test_each_one_answers_at_its_own_address_and_signs_with_its_name(kitchen):
    answers = [requests.get(f"{url}/cook", timeout=5) for url in kitchen.urls]
    names = ["hornillas-1", "hornillas-2"]
    assert [answer.json()["by"] for answer in answers] == names
    assert [answer.headers["X-Replica"] for answer in answers] == names
    assert len({member.pid for member in kitchen.members} | {os.getpid()}) == 3
    assert [row[0] for row in running().rows] == ["hornillas", *names]


def test_asked_for_again_it_is_the_same_group_and_its_faults_are_gone(kitchen):
    pids = [member.pid for member in kitchen.members]
    kitchen.members[0].slow(50)
    kitchen.members[1].freeze()
    assert replicas("hornillas:app", 2) is kitchen
    assert [member.pid for member in kitchen.members] == pids
    assert [member.fault for member in kitchen.members] == [None, None]


def test_one_more_and_one_less_while_clients_ask_and_nobody_is_refused(kitchen):
    asking = LoadRun(f"{kitchen.url}/cook", clients=4, seconds=20).start()
    kitchen.scale(4)
    assert [cooked(url)["by"] for url in kitchen.urls][-1] == "hornillas-4"
    leaving = [(member.pid, member.url) for member in kitchen.members[1:]]
    kitchen.scale(1)
    result = asking.stop()
    assert (result.failed, list(result.by_replica)) == (0, ["hornillas-1"])
    assert not any(psutil.pid_exists(pid) for pid, _ in leaving)
    for _, url in leaving:
        with pytest.raises(requests.ConnectionError):
            cooked(url)


def test_one_that_leaves_ends_first_what_it_has_in_hand(kitchen):
    module.write(
        "lenta", KITCHEN.replace("    return", "    import asyncio; await asyncio.sleep(1.3)\n    return")
    )
    slow = replicas("lenta:app", 2)
    asking = LoadRun(f"{slow.urls[1]}/cook", clients=3, requests=3).start()
    while not asking.snapshot().elapsed:
        pass
    slow.scale(1)
    assert asking.wait().codes == {"200": 3}
    slow.stop()


def test_a_changed_module_takes_over_behind_the_same_doors_while_clients_ask(kitchen):
    asking = [LoadRun(f"{url}/cook", clients=3, seconds=20).start() for url in kitchen.urls]
    before, pids = kitchen.urls, {member.pid for member in kitchen.members}
    write_kitchen("pozole")
    assert replicas("hornillas:app", 2) is kitchen
    assert [cooked(url)["dish"] for url in kitchen.urls] == ["pozole", "pozole"]
    assert kitchen.urls == before
    assert not pids & {member.pid for member in kitchen.members}
    assert [run.stop().failed for run in asking] == [0, 0]


def test_new_code_that_does_not_start_leaves_the_previous_version_at_work(kitchen):
    write_kitchen("birria")
    replicas("hornillas:app", 2)
    path = module.folder() / "hornillas.py"
    path.write_text("import no_existe_en_ningun_lado\n")
    with pytest.raises(ServiceError, match=r"no_existe_en_ningun_lado(?s:.*)La versión anterior sigue"):
        kitchen.restart()
    assert [cooked(url)["dish"] for url in kitchen.urls] == ["birria", "birria"]
    write_kitchen()


def test_killed_its_door_refuses_the_others_go_on_and_it_recovers_in_its_place(kitchen):
    first, second = kitchen.members
    url, pid = first.url, first.pid
    first.kill()
    assert (first.status, kitchen.status) == ("muerto", "en marcha (1 de 2)")
    assert not psutil.pid_exists(pid)
    with pytest.raises(requests.ConnectionError):
        cooked(url)
    assert cooked(second.url)["by"] == "hornillas-2"
    first.recover()
    assert (first.url, cooked(url)["by"], kitchen.status) == (url, "hornillas-1", "en marcha")


def test_frozen_it_takes_the_call_and_says_nothing_until_thawed(kitchen):
    member = kitchen.members[0].freeze()
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{member.url}/cook", timeout=0.2)
    member.thaw()
    assert cooked(member.url)["by"] == "hornillas-1"


def test_slow_or_cut_only_that_one_suffers(kitchen):
    broken, healthy = kitchen.members
    broken.slow(300)
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{broken.url}/cook", timeout=0.15)
    assert requests.get(f"{healthy.url}/cook", timeout=5).ok
    broken.cut()
    with pytest.raises(requests.ConnectionError):
        cooked(broken.url)
    assert cooked(broken.mend().url)["by"] == "hornillas-1"


def test_the_whole_group_can_be_broken_and_recovers(kitchen):
    kitchen.kill()
    assert (kitchen.status, {member.fault for member in kitchen.members}) == ("muerto", {Fault.KILLED})
    kitchen.recover().cut()
    with pytest.raises(requests.ConnectionError):
        cooked(kitchen.url)
    assert len({cooked(url)["by"] for url in kitchen.mend().urls}) == 2


def test_a_request_to_a_replica_joins_the_xray(kitchen):
    with xray("un plato") as trace:
        requests.get(f"{kitchen.url}/cook", timeout=5)
    assert trace.tree().splitlines()[:3] == [
        "un plato",
        "└─ cliente · GET /cook → 200",
        "   └─ api · GET /cook → 200",
    ]
    assert not trace.gave_up


WRONG = {
    "sin_modulo:app": (None, r"No hay ningún módulo 'sin_modulo'.*%%module sin_modulo"),
    "con_error:app": ("x = 1\ny = x / 0", r"ZeroDivisionError.*con_error\.py, línea 2.*%%module con_error"),
    "sin_nombre:cocina": ("app = 1", r"no tiene nada llamado 'cocina'.*cocina = FastAPI\(\)"),
    "sin_app:app": ("app = 7", r"replicas\(\) espera una aplicación.*un valor de tipo int"),
    "sin_vida:app": (
        "from fastapi import FastAPI\nasync def life(app):\n    raise OSError('sin despensa')\n    yield\n"
        "app = FastAPI(lifespan=life)",
        r"Su arranque \(lifespan\) falló",
    ),
    "muere:app": ("import os\nos._exit(3)", "terminó con el código 3"),
}


@pytest.mark.parametrize("app", WRONG)
def test_what_cannot_be_served_is_refused_with_the_way_to_mend_it(started, app):
    source, message = WRONG[app]
    if source is not None:
        (module.folder() / f"{app.partition(':')[0]}.py").write_text(source)
    with pytest.raises(ServiceError, match=f"(?s){message}"):
        replicas(app, 2)
    assert [row[0] for row in running().rows] == ["hornillas", "hornillas-1", "hornillas-2"]


@pytest.mark.parametrize("app", [None, object(), "hornillas", "hornillas:", "a b:app", ":app", "a/b:app"])
def test_what_is_no_name_of_an_app_is_refused(app):
    with pytest.raises(ServiceError, match='"cocina:app"'):
        replicas(app)


@pytest.mark.parametrize("n", [0, 17, -1, 2.0, True, "2"])
def test_a_number_of_replicas_that_is_none_is_refused_and_changes_nothing(kitchen, n):
    with pytest.raises(ServiceError, match="de 1 a 16"):
        replicas("hornillas:app", n)
    with pytest.raises(ServiceError, match="de 1 a 16"):
        kitchen.scale(n)
    assert len(kitchen.members) == 2


def test_stopped_twice_it_is_gone_and_starts_again_behind_the_same_doors(kitchen):
    urls, pids = kitchen.urls, [member.pid for member in kitchen.members]
    kitchen.stop()
    kitchen.stop()
    assert not any(map(psutil.pid_exists, pids))
    with pytest.raises(ServiceError, match=r"está detenido.*\.start\(\)"):
        kitchen.scale(3)
    assert kitchen.start().urls == urls


def test_if_the_nursery_dies_so_do_its_children_and_the_next_ones_are_born_in_another(kitchen):
    pids = [member.pid for member in kitchen.members]
    os.kill(nursery.pid(), signal.SIGKILL)
    children = [psutil.Process(pid) for pid in pids]
    while any(member.state == "en marcha" for member in kitchen.members):
        pass
    assert psutil.wait_procs(children, timeout=5)[1] == []
    assert cooked(kitchen.recover().url)["by"] == "hornillas-1"


def test_a_kernel_killed_with_sigkill_takes_its_nursery_and_its_replicas_along(tmp_path):
    script = f"""
        import os, signal
        from workshop import replicas
        from workshop.services import module, nursery
        module.write("hornillas", {KITCHEN!r})
        group = replicas("hornillas:app", 2)
        group.members[0].freeze()
        print(*[member.pid for member in group.members], nursery.pid(), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False
    )
    pids = [int(pid) for pid in run.stdout.split()]
    assert len(pids) == 3, run.stderr
    left = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    assert psutil.wait_procs(left, timeout=10)[1] == []


def test_a_child_is_born_with_the_environment_and_the_packages_that_its_kernel_has_now(
    kitchen, tmp_path, monkeypatch
):
    (tmp_path / "tarde.py").write_text("from hornillas import app\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("COMANDA_DICHO_TARDE", "sí")
    source = KITCHEN.replace('"DISH"', 'os.environ.get("COMANDA_DICHO_TARDE", "no")')
    (tmp_path / "tarde.py").write_text(source)
    with replicas("tarde:app", 1) as late:
        assert cooked(late.url) == {"dish": "sí", "by": "tarde-1"}


def test_what_a_replica_prints_is_in_its_log(started):
    module.write("habla", "print('listo para cocinar')\n" + KITCHEN)
    with replicas("habla:app", 1, name="habladora") as talking:
        assert "listo para cocinar" in talking.members[0].logs()
        assert Path(talking.members[0].log_path).exists()
        assert "habladora-1:" in talking.logs()


def test_one_more_that_does_not_start_leaves_the_group_as_it_was(kitchen):
    path = module.folder() / "hornillas.py"
    source = path.read_text()
    path.write_text("import os\nassert not os.environ['COMANDA_REPLICA'].endswith('4')\n" + source)
    with pytest.raises(ServiceError, match="AssertionError"):
        kitchen.scale(4)
    path.write_text(source)
    assert [cooked(url)["by"] for url in kitchen.urls] == ["hornillas-1", "hornillas-2"]
    assert len(psutil.Process(nursery.pid()).children()) == 2

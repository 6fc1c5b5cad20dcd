"""What an X-ray records: whole trees, asserted whole."""

import inspect
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import requests
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, get_tracer, set_span_in_context
from sqlmodel import Session, select

from tests.xray import kitchen as code
from tests.xray.kitchen import Dish
from workshop import xray
from workshop.xray import recording
from workshop.xray.errors import XrayError
from workshop.xray.names import brief

WHOLE = "SELECT xray_dish.id, xray_dish.name, xray_dish.price FROM xray_dish WHERE xray_dish.id = ?"
SELECT = "SELECT xray_dish.id, … FROM xray_dish WHERE xray_dish.id = ?"  # as the tree tells it

READ = f"""\
leer un plato
└─ cliente · GET /dishes/1 → 200
   └─ api · GET /dishes/{{dish_id}} → 200
      ├─ dependencia · get_session
      ├─ endpoint · read_dish
      │  ├─ sql · BEGIN
      │  └─ sql · {SELECT}
      ├─ serialización
      └─ sql · ROLLBACK"""


def line_of(function: object, text: str) -> int:
    lines, first = inspect.getsourcelines(function)  # type: ignore[arg-type]
    return first + next(number for number, line in enumerate(lines) if text in line)


def test_a_write_is_told_from_the_call_to_the_commit(kitchen: SimpleNamespace) -> None:
    with xray("crear un plato") as trace:
        requests.post(f"{kitchen.url}/dishes", json={"name": "Pozole", "price": 95})
    assert (
        trace.tree()
        == f"""\
crear un plato
└─ cliente · POST /dishes → 201
   └─ api · POST /dishes → 201
      ├─ dependencia · get_session
      ├─ endpoint · create_dish
      │  ├─ sql · BEGIN
      │  ├─ sql · INSERT INTO xray_dish (name, price) VALUES (?, ?)
      │  ├─ sql · COMMIT
      │  ├─ sql · BEGIN
      │  └─ sql · {SELECT}
      ├─ serialización
      └─ sql · ROLLBACK"""
    )
    assert trace.sql == ["BEGIN", "INSERT INTO xray_dish (name, price) VALUES (?, ?)", "COMMIT", "BEGIN",
                         WHOLE, "ROLLBACK"]  # fmt: skip
    assert trace.error is None
    assert not trace.gave_up


def test_the_same_request_gives_the_same_tree_twenty_times(kitchen: SimpleNamespace) -> None:
    trees = set()
    for _ in range(20):
        with xray("leer un plato") as trace:
            requests.get(f"{kitchen.url}/dishes/1")
        trees.add(trace.tree())
    assert trees == {READ}


@pytest.mark.parametrize("path", ["/average", "/average-async"])
def test_an_endpoint_that_raises_is_traced_to_its_line(kitchen: SimpleNamespace, path: str) -> None:
    with xray() as trace:
        assert requests.get(kitchen.url + path).status_code == 500
    line = line_of(code.average, "total / count")
    assert trace.error == f"ZeroDivisionError en average, línea {line} de kitchen.py"
    labels = {span.layer: span.label for span in trace.spans}
    assert labels["cliente"] == f"cliente · GET {path} ✗ 500"
    assert labels["api"] == f"api · GET {path} ✗ 500 · {trace.error}"
    assert labels["endpoint"].endswith(f" ✗ {trace.error}")


def test_what_was_not_valid_or_not_found_is_said(kitchen: SimpleNamespace) -> None:
    with xray("pedidos raros") as trace:
        requests.post(f"{kitchen.url}/dishes", json={"name": "Atole", "price": 0})
        requests.get(f"{kitchen.url}/dishes/404")
    assert (
        trace.tree()
        == f"""\
pedidos raros
├─ cliente · POST /dishes → 422
│  └─ api · POST /dishes → 422 · no es válido: body.price
│     └─ dependencia · get_session
└─ cliente · GET /dishes/404 → 404
   └─ api · GET /dishes/{{dish_id}} → 404
      ├─ dependencia · get_session
      ├─ endpoint · read_dish
      │  ├─ sql · BEGIN
      │  └─ sql · {SELECT}
      └─ sql · ROLLBACK"""
    )


def test_a_refused_statement_is_marked_and_rolled_back(kitchen: SimpleNamespace) -> None:
    with xray() as trace:
        requests.post(f"{kitchen.url}/dishes", json={"name": "Mole", "price": 1})
    sql = [span.label for span in trace.spans if span.layer == "sql"]
    assert sql == ["sql · BEGIN", "sql · INSERT INTO xray_dish (name, price) VALUES (?, ?) ✗ IntegrityError",
                   "sql · ROLLBACK"]  # fmt: skip
    assert "IntegrityError en create_dish" in trace.tree()


def test_background_work_is_waited_for(kitchen: SimpleNamespace) -> None:
    with xray("para después") as trace:
        requests.post(f"{kitchen.url}/later")
    assert (
        trace.tree()
        == """\
para después
└─ cliente · POST /later → 200
   └─ api · POST /later → 200
      ├─ validación
      ├─ endpoint · later
      ├─ serialización
      └─ tarea de fondo · wash
         ├─ sql · BEGIN
         ├─ sql · SELECT xray_dish.id FROM xray_dish
         └─ sql · ROLLBACK"""
    )


def test_each_trip_of_a_redirect_is_a_call(kitchen: SimpleNamespace) -> None:
    with xray() as trace:
        requests.get(f"{kitchen.url}/average-async/", allow_redirects=True)
    calls = [span.label for span in trace.spans if span.layer in ("cliente", "api")]
    assert [label.partition(" ✗ 500")[0] for label in calls] == [
        "cliente · GET /average-async/ → 307", "api · GET /average-async/ → 307",
        "cliente · GET /average-async", "api · GET /average-async",
    ]  # fmt: skip


def test_a_refused_connection_names_its_error(refused_port: int) -> None:
    with xray() as trace, pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{refused_port}/menu?tipo=postre%20fr%C3%ADo")
    assert trace.tree() == "rayos X\n└─ cliente · GET /menu?tipo=postre frío ✗ ConnectionError"
    assert trace.error == "ConnectionError"


@pytest.fixture
def refused_port() -> int:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def test_sql_without_a_request(kitchen: SimpleNamespace) -> None:
    with xray("a mano") as trace, Session(kitchen.engine) as session:
        session.exec(select(Dish.name).where(Dish.id == 1)).one()
    assert (
        trace.tree()
        == """\
a mano
├─ sql · BEGIN
├─ sql · SELECT xray_dish.name FROM xray_dish WHERE xray_dish.id = ?
└─ sql · ROLLBACK"""
    )


def test_what_is_still_running_is_given_up_and_said(kitchen: SimpleNamespace) -> None:
    with xray("con prisa", wait=0.2) as trace, pytest.raises(requests.Timeout):
        requests.get(f"{kitchen.url}/slow", timeout=0.2)
    kitchen.gate.set()
    assert trace.gave_up
    assert (
        trace.tree()
        == """\
con prisa
├─ cliente · GET /slow ✗ ReadTimeout
│  └─ api · GET /slow … sigue abierto
│     ├─ validación
│     └─ endpoint · slow … sigue abierto
└─ (se dejó de esperar tras 0.2 s: algo de esta traza seguía en marcha)"""
    )
    assert not recording.active


def test_x_rays_in_two_threads_do_not_mix(kitchen: SimpleNamespace) -> None:
    together = threading.Barrier(2)

    def look(path: str) -> str:
        with xray(path) as trace:
            for _ in range(5):
                together.wait(10)
                requests.get(kitchen.url + path)
        return trace.tree()

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(look, ["/dishes/1", "/average-async"])
    assert one.count("read_dish") == one.count("cliente") == 5
    assert two.count("endpoint · average_async") == two.count("cliente") == 5
    assert "average" not in one
    assert "read_dish" not in two


def test_threads_of_the_block_belong_to_it_in_a_fixed_order(kitchen: SimpleNamespace) -> None:
    trees = set()
    for _ in range(5):
        with xray("tres a la vez") as trace, ThreadPoolExecutor(3) as pool:
            list(pool.map(requests.get, [f"{kitchen.url}/dishes/{number}" for number in (404, 1, 405)]))
        trees.add(trace.tree())
    (tree,) = trees
    lines = tree.splitlines()
    assert [line for line in lines if "hilo" in line] == ["├─ hilo · get", "├─ hilo · get", "└─ hilo · get"]
    calls = [line.rpartition("/")[2] for line in lines if "cliente" in line]
    assert calls == ["1 → 200", "404 → 404", "405 → 404"]


def test_a_thread_started_in_the_block_is_waited_for(kitchen: SimpleNamespace) -> None:
    def order() -> None:
        requests.get(f"{kitchen.url}/dishes/1")

    with xray() as trace:
        thread = threading.Thread(target=order)
        thread.start()
    thread.join()
    assert trace.tree().splitlines()[1:3] == ["└─ hilo · order", "   └─ cliente · GET /dishes/1 → 200"]


def test_nothing_outside_the_block_is_recorded(kitchen: SimpleNamespace) -> None:
    requests.get(f"{kitchen.url}/dishes/1")
    with xray() as trace:
        pass
    requests.get(f"{kitchen.url}/dishes/1")
    assert trace.spans == []
    assert "sin llamadas: haz la petición dentro del bloque" in trace.tree()


def test_a_stranger_cannot_ask_to_be_recorded(kitchen: SimpleNamespace) -> None:
    call = requests.Request("GET", f"{kitchen.url}/dishes/1").prepare()
    call.headers["traceparent"] = f"00-{'a' * 32}-{'b' * 16}-01"
    with xray() as trace:
        send = requests.Session.send.__wrapped__  # as a program that knows nothing of the X-ray
        assert send(requests.Session(), call).status_code == 200
        foreign = SpanContext(0xA, 0xB, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
        inside = set_span_in_context(NonRecordingSpan(foreign))
        assert not get_tracer("ajeno").start_span("ajeno", inside).is_recording()
    assert trace.spans == []


def test_a_learners_own_span_is_told(kitchen: SimpleNamespace) -> None:
    with xray() as trace, get_tracer("mío").start_as_current_span("preparar la mesa"):
        requests.get(f"{kitchen.url}/average-async")
    assert trace.tree().splitlines()[1:3] == [
        "└─ tramo · preparar la mesa", "   └─ cliente · GET /average-async ✗ 500",
    ]  # fmt: skip


def test_a_failing_block_keeps_its_trace_and_its_error(kitchen: SimpleNamespace) -> None:
    with pytest.raises(KeyError), xray("se cae") as trace:
        raise KeyError(requests.get(f"{kitchen.url}/dishes/1").json()["precio"])
    assert trace.tree().splitlines()[0] == "se cae ✗ KeyError"
    assert trace.tree().splitlines()[1] == "└─ cliente · GET /dishes/1 → 200"
    assert trace.error == "KeyError"


def test_misuse_is_answered_in_spanish(kitchen: SimpleNamespace) -> None:
    with pytest.raises(XrayError, match="espera un título entre comillas"):
        xray(requests.get(f"{kitchen.url}/dishes/1"))
    with pytest.raises(XrayError, match="entre 0 y 60"):
        xray("x", wait=-1)
    with xray("afuera") as trace:
        assert "se sigue grabando" in repr(trace)
        with pytest.raises(XrayError, match="se sigue grabando"):
            trace.tree()
        with pytest.raises(XrayError, match="Ya hay unos rayos X abiertos"), xray("adentro"):
            pass
        requests.get(f"{kitchen.url}/dishes/1")
    assert trace.tree() == READ.replace("leer un plato", "afuera")


def test_a_title_is_one_line() -> None:
    with xray("  dos\n líneas ") as trace:
        pass
    assert trace.tree().splitlines()[0] == "dos líneas"


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT dish.name, dish.category, dish.price, dish.id FROM dish", "SELECT dish.name, … FROM dish"),
        ("SELECT id, name FROM dish WHERE id IN (SELECT dish_id FROM order)", None),
        ("SELECT count(*), max(dish.price), min(dish.price), avg(dish.price) FROM dish", None),
        ("INSERT INTO dish (name, category, price, available, description) VALUES (?, ?, ?, ?, ?)", None),
    ],
)
def test_only_a_long_list_of_plain_columns_is_told_briefly(sql, told):
    assert brief(sql) == (told or sql)

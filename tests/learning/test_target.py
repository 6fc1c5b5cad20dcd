"""What check() says about what it is given, and about services that misbehave."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from tests.learning.planted import catalog, orders
from workshop.errors import WorkshopError
from workshop.learning import probe
from workshop.learning.record import record
from workshop.learning.verdict import check


def refused(target, number="07.1"):
    with pytest.raises(WorkshopError) as caught:
        check(number, target)
    assert record().read().exercises == {}, "nothing was checked, so nothing is noted"
    return str(caught.value)


@contextmanager
def listener(answer: bytes | None) -> Iterator[str]:
    """A server that says `answer` and hangs up, or that never says a word (None)."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                held.append(connection)
                if answer is not None and connection.recv(65_536):
                    connection.sendall(answer)
                    connection.shutdown(socket.SHUT_RDWR)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in held:
            connection.close()


def test_unknown_exercise_lists_the_known_ones():
    said = refused(None, "07.3")
    assert "¿Quisiste decir «07." in said
    assert "07.1 · El catálogo que se puede buscar; 07.2 · El pedido que se puede repetir" in said


@pytest.mark.parametrize("number", ["7.1", 7.1, " 07.1 "])
def test_a_number_is_written_as_people_do(number):
    assert "Falta decir qué revisar" in refused(None, number)


@pytest.mark.parametrize("number", ["", None, "catalogo", "07", [1]])
def test_what_is_not_a_number(number):
    assert "No hay un ejercicio" in refused(None, number)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (None, 'Falta decir qué revisar: check("07.1", api)'),
        (42, "Se esperaba un servicio y llegó un número"),
        ({}, "Se esperaba un servicio y llegó un diccionario"),
        (object(), "llegó algo de tipo `object`"),
        (FastAPI(), "Llegó la aplicación, que todavía no corre"),
        ("", "no es la dirección de un servicio de esta máquina"),
        ("api", "no es la dirección de un servicio de esta máquina"),
        ("http://example.com", "no es la dirección de un servicio de esta máquina"),
        ("http://127.0.0.1:nope", "no es la dirección de un servicio de esta máquina"),
        ("http://127.0.0.1:1", "Nadie contesta"),
    ],
)
def test_what_is_not_a_service(target, said):
    assert said in refused(target)


def test_a_stopped_service(engine, served):
    api = served(catalog.right_in_python(engine))
    address = api.url
    api.stop()
    assert "«plantado» está detenido" in refused(api)
    assert "Nadie contesta" in refused(address)
    api.start()
    assert check("07.1", api).state == "logrado"


def test_the_address_works_too(engine, served):
    api = served(catalog.right_in_python(engine))
    assert check("07.1", f"{api.url}/").state == "logrado"


def test_silence_is_a_time_out(monkeypatch):
    monkeypatch.setattr(probe, "SECONDS", 0.2)
    with listener(None) as url:
        verdict = check("07.1", url)
    assert verdict.state == "todavía no"
    assert "ninguna respuesta completa" in verdict.message
    assert "ciclo sin fin" in verdict.message


def test_an_endless_body_is_a_time_out(monkeypatch, served):
    monkeypatch.setattr(probe, "SECONDS", 0.3)
    app = FastAPI()
    over = threading.Event()

    @app.get("/dishes")
    def drip():
        def drops():
            while not over.is_set():
                yield b"["
                time.sleep(0.01)

        return StreamingResponse(drops(), media_type="application/json")

    try:
        verdict = check("07.1", served(app))
    finally:
        over.set()
    assert "ninguna respuesta completa" in verdict.message


def test_a_flood_is_cut(monkeypatch, served):
    monkeypatch.setattr(probe, "MAX_BYTES", 1000)
    app = FastAPI()
    app.get("/dishes")(lambda: ["x" * 5000])
    assert "ninguna respuesta completa" in check("07.1", served(app)).message


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[", b"hola"])
def test_a_broken_conversation(answer):
    with listener(answer) as url:
        verdict = check("07.1", url)
    assert verdict.state == "todavía no"
    assert "una conexión cortada a la mitad" in verdict.message


def test_the_other_exercises_service(engine, served):
    verdict = check("07.2", served(catalog.right_in_python(engine)))
    assert "`PUT /orders/A` conteste 201. Llegó: 404" in verdict.message.replace("\n", " ")
    assert "`X-Total-Count`" in check("07.1", served(orders.given(engine))).message


def test_an_error_shows_only_its_message():
    with pytest.raises(WorkshopError) as caught:
        check("07.1")
    assert caught.value._render_traceback_() == [f"LearningError: {caught.value}"]

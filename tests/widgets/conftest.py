"""Real counterparts for the widgets: an app that remembers what it got, and sockets that misbehave."""

import json
import socket
import threading
import time
from dataclasses import dataclass, field

import pytest
from sqlmodel import Session, SQLModel, create_engine

from tests.widgets.plates import Plate
from workshop import serve, stop_all


@dataclass
class Got:
    """A request as the server received it."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name):
        return next((value for key, value in self.headers if key == name.lower()), None)


@dataclass
class Recorder:
    """An ASGI app that answers what `answers` says for a path, and remembers every request."""

    answers: dict = field(default_factory=dict)
    got: list[Got] = field(default_factory=list)
    openapi_paths: dict = field(default_factory=dict)

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        self.got.append(Got(scope["method"], (scope["raw_path"] + query).decode(), headers, body))
        status, kind, content = self.answer(scope["path"])
        location = [(b"location", content)] if status // 100 == 3 else []
        kind = [(b"content-type", kind.encode())] if kind else []
        await send({"type": "http.response.start", "status": status, "headers": [*kind, *location]})
        await send({"type": "http.response.body", "body": b"" if location else content})

    def answer(self, path):
        if path == "/openapi.json":
            return 200, "application/json", json.dumps({"paths": self.openapi_paths}).encode()
        return self.answers.get(path, (200, "application/json", b'{"ok": true}'))


@pytest.fixture
def kitchen():
    """The recording app, served by the real `serve`; its handle is `kitchen.api`."""
    app = Recorder()
    app.api = serve(app, name="cocina")
    yield app
    stop_all()


@pytest.fixture
def misbehave():
    """misbehave(script) → URL of a socket server; `script(connection)` runs for each connection."""
    closing = []

    def start(script):
        listener = socket.create_server(("127.0.0.1", 0))
        ended = threading.Event()
        threads = []

        def attend(connection):
            with connection:
                if not ended.is_set() and connection.recv(65536):
                    script(connection, ended)

        def accept():
            while not ended.is_set():
                # A thread for each: a console made with a bare URL also asks for /openapi.json.
                threads.append(threading.Thread(target=attend, args=[listener.accept()[0]]))
                threads[-1].start()

        threads.append(threading.Thread(target=accept))
        threads[0].start()
        closing.append((listener, ended, threads))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener, ended, threads in closing:
        ended.set()
        socket.create_connection(listener.getsockname()).close()  # wakes accept()
        for thread in threads:
            thread.join(5)
        listener.close()


@pytest.fixture
def engine(tmp_path):
    """A SQLite file with three plates."""
    engine = create_engine(f"sqlite:///{tmp_path}/plates.db")
    SQLModel.metadata.create_all(engine, tables=[Plate.__table__])
    with Session(engine) as session:
        for name, price in (("Mole", 120), ("Pozole", 95), ("Flan", 40)):
            session.add(Plate(name=name, price=price))
        session.commit()
    yield engine
    engine.dispose()


@pytest.fixture
def until():
    """until(condition): waits for it, up to five seconds, and fails if it does not come."""

    def wait(condition, seconds=5):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "the condition never came true"
            time.sleep(0.01)  # a poll of a condition, not a guess of how long it takes

    return wait

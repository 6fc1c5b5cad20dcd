"""Restart, interrupt, close and kill the kernel of a notebook with live services: nothing is left behind."""

import json
import socket
from pathlib import Path

import psutil
import pytest

LIVE = [
    """
import requests
from fastapi import FastAPI
from workshop import redis_server, serve
from workshop.services.home import workdir

app = FastAPI()

@app.get("/ping")
def ping():
    return "pong"

api = serve(app)
redis = redis_server()
""",
    "requests.get(f'{api.url}/ping').json(), redis.client().ping()",
    "print(workdir())",
    "while True: pass",
]
ANSWER = "('pong', True)"


@pytest.fixture
def live(open_notebook, write):
    """A notebook whose kernel has a live app, a live server and its guard. Cell 0 is the title."""
    notebook = open_notebook(write("vivo", *LIVE))
    notebook.run_cells(1, 4)
    assert notebook.output(2).endswith(ANSWER)
    return notebook


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def owner(port: int) -> str:
    found = (
        c.pid
        for c in psutil.net_connections("inet")
        if c.laddr.port == port and c.status == psutil.CONN_LISTEN
    )
    return f"port {port} of {[psutil.Process(pid).cmdline() for pid in found if pid]}"


class Alive:
    """What a kernel keeps alive: itself, its descendants, their ports and its folder."""

    def __init__(self, notebook):
        self.page = notebook.page
        (self.kernel,) = notebook.lab.kernels()
        self.children = self.kernel.children(recursive=True)
        inside = [c for p in [self.kernel, *self.children] for c in p.net_connections("inet")]
        listening = {c.laddr.port for c in inside if c.status == psutil.CONN_LISTEN}
        # Jupyter gives the next kernel the same ports for its own messages.
        connection = json.loads(Path(self.kernel.cmdline()[-1]).read_text())
        self.ports = listening - {value for name, value in connection.items() if name.endswith("_port")}
        self.folder = notebook.lab.root / notebook.output(3).strip()
        assert len(self.children) >= 2  # the server and the guard
        assert self.ports
        assert self.folder.is_dir()

    def left(self) -> list[str]:
        """What there still is of it, after the time that the guard may take."""
        for _ in range(100):
            running = [str(p) for p in [self.kernel, *self.children] if p.is_running()]
            ports = [port for port in self.ports if answers(port)]
            if not (running or ports or self.folder.exists()):
                return []
            self.page.wait_for_timeout(100)
        return [*running, *map(owner, ports), *([str(self.folder)] if self.folder.exists() else [])]


def test_sigkill_leaves_nothing(live):
    alive = Alive(live)
    alive.kernel.kill()
    assert alive.left() == []
    live.page.get_by_role("dialog").get_by_role(
        "button", name="Ok"
    ).click()  # it is told that its kernel died


def test_shutting_down_leaves_nothing(live):
    alive = Alive(live)
    live.shut_down()
    assert alive.left() == []


def test_restarting_leaves_nothing_and_the_cells_run_again(live):
    alive = Alive(live)
    live.restart()
    assert alive.left() == []
    live.run_cells(1, 3)
    assert live.failures() == []
    assert live.output(2).endswith(ANSWER)


def test_interrupting_keeps_the_services(live):
    alive = Alive(live)
    live.start_cell(4)
    live.interrupt()
    assert live.failures() == ["cell 4: KeyboardInterrupt: "]
    live.run_cells(2, 3)
    assert live.output(2).endswith(ANSWER)
    assert Alive(live).ports == alive.ports

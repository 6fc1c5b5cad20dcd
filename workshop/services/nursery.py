"""El vivero: un proceso con FastAPI ya importado, del que nacen en milisegundos los hijos de este kernel.

Un hijo nace con el entorno, la carpeta y el `sys.path` que el kernel tiene en ese momento.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from workshop.services import guard, home, module, nursery_process
from workshop.services.child import Child
from workshop.services.errors import ServiceError

__all__ = ["Child", "Nursery", "close", "pid", "spawn", "warm"]

BIRTH_SECONDS = 30.0  # the first one waits for the imports of a cold machine
STOP_SECONDS = 5.0


class Nursery:
    """Lado del kernel: pide hijos por un socket que solo él mantiene abierto."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._lock = threading.Lock()
        self._line, theirs = socket.socketpair()
        with theirs:
            # Isolated: it learns below where this kernel finds its packages.
            self._process: subprocess.Popen[bytes] = subprocess.Popen(
                [sys.executable, "-I", nursery_process.__file__],
                stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                start_new_session=True, cwd="/",
                env={**os.environ, "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"},  # for macOS
            )  # fmt: skip
        guard.shared().watch(self._process.pid)
        self._send({"path": _absolute_path()}, [])

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def spawn(self, order: Mapping[str, Any], fds: Sequence[int]) -> Child:
        mine, theirs = socket.socketpair()
        with self._lock, theirs:
            self._send(order, [theirs.fileno(), *fds])
        mine.settimeout(BIRTH_SECONDS)
        try:
            pid = int(mine.recv(64))
        except (OSError, ValueError):
            mine.close()
            raise ServiceError(self._explain()) from None
        return Child(pid, mine)

    def close(self) -> None:
        """Termina el vivero; con él mueren los hijos que queden."""
        self._line.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        self._process.kill()
        self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()
        guard.shared().forget(self._process.pid)

    def _send(self, order: Mapping[str, Any], fds: Sequence[int]) -> None:
        body = json.dumps(order).encode()
        with suppress(BrokenPipeError, ConnectionResetError):  # its silence is explained by who waits for it
            socket.send_fds(self._line, [len(body).to_bytes(4, "big")], fds)
            self._line.sendall(body)

    def _explain(self) -> str:
        said = ""
        if self.alive():
            reason = f"no contestó en {BIRTH_SECONDS:g} s"
        else:
            reason = f"terminó con el código {self._process.returncode}"
            said = self._process.stderr.read().decode(errors="replace") if self._process.stderr else ""
        return (
            f"El proceso del que nacen los demás (el vivero) {reason}. Vuelve a ejecutar la celda; si se "
            f"repite, el capítulo 00 revisa tu instalación.\n\n{said}".rstrip()
        )


_nursery: Nursery | None = None
_making = threading.Lock()


def warm() -> Nursery:
    """El vivero de este kernel. La primera vez empieza a prepararse, y no lo espera."""
    global _nursery  # noqa: PLW0603  # one nursery a process
    with _making:
        if _nursery is not None and _nursery.owner == os.getpid():
            if _nursery.alive():
                return _nursery
            _nursery.close()
        _nursery = Nursery()
        return _nursery


def spawn(
    target: str, arguments: Mapping[str, Any], log: Path, fds: Sequence[int] = (), **environ: str
) -> Child:
    """Un proceso nuevo que llama a `target(arguments, fds)`, con `target` como `"módulo:función"`.

    - `arguments`: lo que cabe en JSON. `fds`: descriptores abiertos que el hijo recibe, con otros números.
    - `log`: el archivo al que va lo que escriba. `environ`: variables que se añaden a las del kernel.

    Errores: `ServiceError` si el vivero no arranca.
    """
    module.folder()  # on the path from the start: a cell may write its module after its worker is born
    order = {
        "target": target,
        "arguments": dict(arguments),
        "environ": {**os.environ, home.LENT: str(home.workdir()), **environ},
        "path": _absolute_path(),
        "folder": str(Path.cwd()),
    }
    with log.open("ab") as book:
        return warm().spawn(order, [book.fileno(), *fds])


def close() -> None:
    """Termina el vivero, si lo hay; vuelve a empezar cuando haga falta."""
    global _nursery  # idem
    with _making:
        found, _nursery = _nursery, None
        if found is not None and found.owner == os.getpid():
            found.close()


def pid() -> int | None:
    """El identificador del proceso del vivero, o None si no hay."""
    return _nursery.pid if _nursery is not None else None


def _absolute_path() -> list[str]:
    return [str(Path(entry).absolute()) for entry in sys.path]

"""Los servicios que son procesos hijos: vigilados, con su bitácora en un archivo y su fin asegurado."""

import os
import signal
import subprocess
import time
from abc import abstractmethod
from contextlib import suppress
from typing import Any

from workshop.services import guard
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.logged import LoggedService

READY_SECONDS = 10.0
STOP_SECONDS = 5.0
_LOOK_EVERY = 0.005  # seconds; a server that is about to listen cannot be awaited, only asked


class ProcessService(LoggedService):
    """Un servidor en un proceso hijo. No sobrevive al kernel, muera como muera."""

    faults = frozenset({Fault.KILLED, Fault.FROZEN})

    _inherited: tuple[int, ...] = ()  # descriptors that the program finds open, such as a socket that listens

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """El identificador del proceso, o None si no hay."""
        return self._process.pid if self._process else None

    @abstractmethod
    def _command(self) -> list[str]:
        """The program and its arguments."""

    @abstractmethod
    def _answers(self) -> bool:
        """Does the server answer its own protocol yet?"""

    def _options(self) -> dict[str, Any]:
        """What `Popen` is told besides: its folder, its environment, its account."""
        return {"cwd": self.folder}

    def _launch(self) -> None:
        with self.log_path.open("ab") as log:
            # In a session of its own: interrupting the kernel must not interrupt its servers.
            self._process = subprocess.Popen(
                self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, pass_fds=self._inherited, **self._options(),
            )  # fmt: skip
        guard.shared().watch(self._process.pid)
        self._await_answer(self._process)

    def _await_answer(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers():
            if process.poll() is not None:
                raise ServiceError(self._explain(f"terminó con el código {process.returncode}"))
            if time.monotonic() > deadline:
                raise ServiceError(self._explain(f"no contestó en {READY_SECONDS:g} s"))
            time.sleep(_LOOK_EVERY)

    def _halt(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for order in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, order)
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
                break
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # whatever the server itself left behind
        guard.shared().forget(process.pid)

    def _inflict(self, fault: Fault, delay: int) -> None:
        assert self._process is not None
        if fault is Fault.FROZEN:
            guard.signal_family(self._process.pid, signal.SIGSTOP)
        elif fault is Fault.KILLED:
            guard.signal_family(self._process.pid, signal.SIGKILL)
            self._process.wait(STOP_SECONDS)

    def _relieve(self, fault: Fault) -> None:
        if fault is Fault.FROZEN and self._process is not None:
            guard.signal_family(self._process.pid, signal.SIGCONT)

    def _alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

"""Un proceso nacido en el vivero, visto desde el kernel: si vive, cómo terminó y cómo se termina."""

import os
import select
import signal
import socket
import threading
from contextlib import suppress

from workshop.services import guard

STOP_SECONDS = 5.0


class Child:
    """Un proceso nacido en el vivero, con su propio grupo de procesos. No sobrevive al kernel."""

    def __init__(self, pid: int, lifeline: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._lifeline = lifeline  # the nursery writes here how the child ended
        lifeline.setblocking(False)
        self._lock = threading.Lock()
        guard.shared().watch(pid)  # by itself too: the nursery could be the one that dies

    def poll(self) -> int | None:
        """Su código de salida, o None si sigue vivo; negativo si murió por una señal."""
        with self._lock:
            if self.returncode is None:
                with suppress(BlockingIOError):
                    self._ended(self._lifeline.recv(64))
            return self.returncode

    def wait(self, seconds: float) -> int | None:
        """Espera su fin, hasta `seconds` segundos, y devuelve lo mismo que `poll()`."""
        if self.poll() is None:
            watcher = select.poll()
            watcher.register(self._lifeline, select.POLLIN)
            watcher.poll(seconds * 1000)
        return self.poll()

    def signal(self, order: signal.Signals) -> None:
        """Manda la señal al hijo y a su descendencia, si vive."""
        if self.poll() is None:
            guard.signal_family(self.pid, order)

    def end(self, patience: float = STOP_SECONDS) -> None:
        """Le pide terminar y espera; si no termina en `patience` segundos, lo mata con toda su familia."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
            if self.wait(patience) is None:
                self.signal(signal.SIGKILL)
                self.wait(STOP_SECONDS)

    def _ended(self, said: bytes) -> None:
        if not said:  # the nursery is gone: nobody would tell of this child any more
            guard.signal_family(self.pid, signal.SIGKILL)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)  # whatever the child itself left behind
        self.returncode = int(said or -signal.SIGKILL)
        self._lifeline.close()
        guard.shared().forget(self.pid)

"""El proceso del vivero: importa lo que sus hijos usarán, los hace nacer y cuenta cómo terminaron.

Se ejecuta como programa; hasta que el kernel le dice dónde están los paquetes, solo tiene los de Python.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import threading
import traceback
from contextlib import suppress
from typing import Any

# In order of need. Between one and the next it attends to who is waiting already.
PRELOAD = (
    "workshop.services.apps.replica_child",
    "workshop.services.load.child",
    "workshop.xray.provider",
    "redis",
    "sqlmodel",
    "workshop.services.queues.worker_child",
)
_HEAD = 4  # bytes that say how long the order is
_MOST_FDS = 16
_LEAVES_WITH_ITS_KERNEL = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Nursery:
    """Un solo hilo: un proceso que se bifurca no debe tener otros."""

    def __init__(self, kernel: socket.socket) -> None:
        self._kernel = kernel
        self._lifelines: dict[int, socket.socket] = {}
        self._pending = list(PRELOAD)
        self._alarm, self._bell = os.pipe()

    def live(self) -> None:
        os.set_blocking(self._bell, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._bell)
        self._attend()  # where the packages are
        while True:
            watched = [self._kernel.fileno(), self._alarm]
            ready, _, _ = select.select(watched, [], [], 0 if self._pending else None)
            if self._alarm in ready:
                os.read(self._alarm, 64)
                self._reap()
            if self._kernel.fileno() in ready:
                if not self._attend():
                    break
            elif self._pending:
                with suppress(Exception):  # whoever needs it will say what is wrong with it
                    importlib.import_module(self._pending.pop(0))
        for pid in self._lifelines:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)

    def _attend(self) -> bool:
        """One order of the kernel; False when the kernel has gone."""
        head, fds, _, _ = socket.recv_fds(self._kernel, _HEAD, _MOST_FDS)
        body = self._kernel.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL) if head else b""
        if not body:
            return False
        order = json.loads(body)
        sys.path[:] = order["path"]
        if fds:
            self._bear(order, fds)
        return True

    def _bear(self, order: dict[str, Any], fds: list[int]) -> None:
        lifeline = socket.socket(fileno=fds[0])
        for name in (order["target"].partition(":")[0], *order["arguments"].get("preload", ())):
            with suppress(ImportError):
                importlib.import_module(name)  # once here, and not once in each child
        gc.freeze()  # or each child's collector would touch, and so copy, the pages that they share
        pid = os.fork()
        if pid == 0:
            lifeline.close()
            self._become(order, fds[1], fds[2:])
        for fd in fds[1:]:
            os.close(fd)
        self._lifelines[pid] = lifeline
        lifeline.send(str(pid).encode())

    def _become(self, order: dict[str, Any], log: int, fds: list[int]) -> None:
        """In the child: never returns."""
        code = 1
        try:
            self._leave_home(log)
            importlib.invalidate_caches()
            os.environ.clear()
            os.environ.update(order["environ"])
            with suppress(OSError):
                os.chdir(order["folder"])
            module, _, name = order["target"].partition(":")
            code = getattr(importlib.import_module(module), name)(order["arguments"], fds) or 0
        except SystemExit as wish:
            code = wish.code if isinstance(wish.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            _finish(code)

    def _leave_home(self, log: int) -> None:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for usual in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(usual, signal.SIG_DFL)
        for lifeline in self._lifelines.values():
            lifeline.close()
        os.close(self._alarm)
        os.close(self._bell)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        os.close(nothing)
        os.close(log)
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = found
                with suppress(OSError), self._lifelines.pop(pid) as lifeline:
                    lifeline.send(str(os.waitstatus_to_exitcode(status)).encode())


def _finish(code: int) -> None:
    # Not sys.exit: it would go back into the nursery's own loop. Its last threads still deliver their spans.
    with suppress(BaseException):
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join(1)
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    for ignored in _LEAVES_WITH_ITS_KERNEL:
        signal.signal(ignored, signal.SIG_IGN)
    Nursery(socket.socket(fileno=0)).live()

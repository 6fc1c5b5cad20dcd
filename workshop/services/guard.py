"""La guardia: un proceso que espera el fin del kernel y entonces apaga a sus hijos y borra sus carpetas.

Funciona aunque el kernel muera con SIGKILL: lee de una tubería que solo el kernel mantiene abierta,
y el sistema operativo la cierra con él.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class Guard:
    """Lado del kernel: anota qué procesos y carpetas no deben sobrevivirle."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()
        self._pids: set[int] = set()
        self._folders: set[Path] = set()

    @property
    def pid(self) -> int | None:
        """El identificador del proceso guardián; None si aún no hizo falta."""
        return self._process.pid if self._process else None

    def watch(self, pid: int) -> None:
        """Desde ahora, el grupo de procesos `pid` muere con el kernel."""
        with self._lock:
            self._pids.add(pid)
            self._tell(f"watch {pid}")

    def forget(self, pid: int) -> None:
        """El proceso `pid` ya terminó: su número puede volver a usarse para otro."""
        with self._lock:
            self._pids.discard(pid)
            self._tell(f"forget {pid}")

    def adopt_folder(self, folder: Path) -> None:
        """Desde ahora, la carpeta se borra cuando el kernel muera."""
        with self._lock:
            self._folders.add(folder)
            self._tell(f"folder {folder}")

    def dismiss(self) -> None:
        """Hace ahora lo que haría a la muerte del kernel, y espera a que el guardián termine."""
        with self._lock:
            process, self._process = self._process, None
            if process is not None and process.stdin is not None:
                process.stdin.close()
                process.wait()

    def _tell(self, line: str) -> None:
        if os.getpid() != self._owner:
            return  # a forked child does not own what its parent started
        if self._process is None or self._process.poll() is not None:
            self._hire()
        else:
            self._write(line)

    def _hire(self) -> None:
        # In a session of its own: Jupyter ends a kernel by signalling its whole process group.
        # Isolated and without site: it starts in milliseconds and imports nothing of the learner's.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )
        for pid in self._pids:
            self._write(f"watch {pid}")
        for folder in self._folders:
            self._write(f"folder {folder}")

    def _write(self, line: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()

    def _leave_to_parent(self) -> None:
        # A forked child that kept the pipe open would keep the guard waiting after the kernel's death.
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                os.close(self._process.stdin.fileno())


_guard: Guard | None = None
_making = threading.Lock()


def shared() -> Guard:
    """La guardia de este kernel (una sola, contratada cuando hace falta)."""
    global _guard  # noqa: PLW0603  # one guard a process
    with _making:
        if _guard is None or _guard._owner != os.getpid():
            _guard = Guard()
            os.register_at_fork(after_in_child=_guard._leave_to_parent)
        return _guard


def family(*pids: int) -> list[int]:
    """Esos procesos y toda su descendencia, también la que abrió sesión propia; los padres primero."""
    offspring: dict[int, list[int]] = {}
    for child, parent in _processes():
        offspring.setdefault(parent, []).append(child)
    found = list(pids)
    for parent in found:
        found += offspring.get(parent, [])
    return found


def signal_family(pid: int, order: signal.Signals) -> None:
    """Manda la señal a toda la familia de `pid`; quien ya no esté no cuenta."""
    for member in family(pid):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(member, order)


def _processes() -> list[tuple[int, int]]:
    """Every process with its parent. /proc is ten times faster than ps, which macOS needs."""
    if not Path("/proc/self/stat").exists():
        said = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=False)
        return [(int(child), int(parent)) for child, parent in map(str.split, said.stdout.splitlines())]
    pairs = []
    for name in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208  # names alone are wanted, and fast
        with suppress(OSError):
            # The name of the program, in parentheses, may itself hold spaces and parentheses.
            pairs.append(
                (int(name), int(Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[1]))
            )
    return pairs


def _wait_and_clean() -> None:
    """Lado del guardián: anota hasta que la tubería se cierre; entonces apaga y borra."""
    pids: set[str] = set()
    folders: set[str] = set()
    orders: dict[str, Callable[[str], None]] = {
        "watch": pids.add, "forget": pids.discard, "folder": folders.add,
    }  # fmt: skip
    for line in sys.stdin:
        order, _, value = line.rstrip("\n").partition(" ")
        orders[order](value)
    # Their families too: PostgreSQL's processes have sessions of their own, and frozen ones outlive it.
    for pid in family(*map(int, pids)):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    for pid in map(int, pids):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)  # it leaves when its kernel does, and not before
    _wait_and_clean()

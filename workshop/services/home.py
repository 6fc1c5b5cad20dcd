"""La carpeta temporal de este kernel: privada, y borrada cuando el kernel termina, como sea que termine."""

import atexit
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO

from workshop.services import guard
from workshop.services.errors import ServiceError

LENT = "COMANDA_WORKDIR"  # the variable that tells a child which folder is its kernel's
_ALIVE = "alive.lock"
_locks: list[
    IO[bytes]
] = []  # an open lock says that the folder's kernel lives; closing it would free the folder


def base() -> Path:
    """La carpeta de todos los kernels de esta persona: `<temp>/la-comanda-<uid>`, con permisos 0700.

    Errores: `ServiceError` si existe y es de alguien más (en una máquina compartida, una trampa).
    """
    folder = Path(tempfile.gettempdir()) / f"la-comanda-{os.getuid()}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise ServiceError(
            f"La carpeta temporal {folder} ya existe y no es tuya. "
            "Bórrala, o elige otra con la variable TMPDIR."
        )
    folder.chmod(0o700)
    return folder


@cache
def workdir() -> Path:
    """La carpeta de este kernel; la primera vez la crea y barre las de kernels que ya murieron.

    En un proceso hijo (una réplica, un trabajador) es la de su kernel: así comparten módulos y base de datos.
    """
    if lent():
        return Path(os.environ[LENT])
    with _turn():
        _sweep()
        folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=base()))
        lock = (folder / _ALIVE).open("wb")
        fcntl.flock(lock, fcntl.LOCK_EX)
    _locks.append(lock)
    atexit.register(lock.close)
    guard.shared().adopt_folder(folder)
    return folder


def lent() -> bool:
    """Si este proceso es hijo de un kernel y usa su carpeta."""
    return LENT in os.environ


def sweep() -> list[Path]:
    """Borra las carpetas cuyos kernels ya no viven y las devuelve."""
    with _turn():
        return _sweep()


@contextmanager
def _turn() -> Iterator[None]:
    # One at a time: a folder that has no lock yet is being born, and must not be swept.
    with (base() / "turn.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sweep() -> list[Path]:
    folders = [entry for entry in base().iterdir() if entry.is_dir()]
    return [folder for folder in folders if _abandoned(folder) and _remove(folder)]


def _abandoned(folder: Path) -> bool:
    try:
        with (folder / _ALIVE).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except OSError:
        return False  # held by a living kernel
    return True


def _remove(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()

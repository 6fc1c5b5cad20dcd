"""La carpeta temporal de este kernel: privada, y borrada cuando el kernel termina, como sea que termine."""

import atexit
import fcntl
import os
import shutil
import stat
import tempfile
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO

from workshop.services import guard
from workshop.services.errors import ServiceError

LENT = "COMANDA_WORKDIR"  # the variable that tells a child which folder is its kernel's
_ALIVE = "alive.lock"
_GET_FLAGS, _SET_FLAGS, _TOP_OF_HIERARCHY = 0x80086601, 0x40086602, 0x20000  # Linux's own numbers
_DEEPEST = 33  # bytes of the temporary folder's path that leave room for a socket's
_locks: list[
    IO[bytes]
] = []  # an open lock says that the folder's kernel lives; closing it would free the folder


def base() -> Path:
    """La carpeta de todos los kernels de esta persona: `<temp>/la-comanda-<uid>`, con permisos 0700.

    Errores: `ServiceError` si existe y es de alguien más (en una máquina compartida, una trampa).
    """
    return _claim(Path(tempfile.gettempdir()) / f"la-comanda-{os.getuid()}", 0o700)


def _claim(folder: Path, mode: int) -> Path:
    with suppress(FileExistsError):
        folder.mkdir(mode=mode)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise ServiceError(
            f"La carpeta temporal {folder} ya existe y no es tuya. "
            "Bórrala, o elige otra con la variable TMPDIR."
        )
    folder.chmod(mode)
    return folder


@cache
def workdir() -> Path:
    """La carpeta de este kernel; la primera vez la crea y barre las de kernels que ya murieron.

    En un proceso hijo (una réplica, un trabajador) es la de su kernel: así comparten módulos y base de datos.
    """
    if lent():
        return Path(os.environ[LENT])
    return _settle(base(), 0o700)


@cache
def datadir() -> Path:
    """La carpeta de este kernel para los datos de sus servidores; dura lo mismo que `workdir()`.

    Para root deja pasar, sin dejar leer, a la cuenta sin privilegios con la que corren los servidores que no
    aceptan ser root.
    """
    mode = 0o711 if os.geteuid() == 0 else 0o700
    temporary = Path(tempfile.gettempdir())
    # Sockets live here too, and their paths are bounded: macOS's own temporary folder is too deep.
    place = temporary if len(os.fsencode(temporary)) <= _DEEPEST else Path("/tmp")
    base = _claim(place / f"la-comanda-{os.getuid()}-datos", mode)
    spread(base)
    folder = _settle(base, mode)
    spread(folder)
    return folder


def spread(folder: Path) -> None:
    """Hace que cada carpeta nueva dentro de `folder` empiece en otra parte del disco, si se puede."""
    # ext4 looks for a file's place near its folder and steps over every one freed in the last seconds: after
    # a server's thousand files are deleted, the next thousand take seconds. Flagged as the top of a hierarchy
    # (chattr +T), what is new begins far from there. Other file systems need nothing.
    with suppress(OSError):
        here = os.open(folder, os.O_RDONLY)
        try:
            flags = array("l", [0])
            fcntl.ioctl(here, _GET_FLAGS, flags)
            flags[0] |= _TOP_OF_HIERARCHY
            fcntl.ioctl(here, _SET_FLAGS, flags)
        finally:
            os.close(here)


def _settle(base: Path, mode: int) -> Path:
    with _turn(base):
        _sweep(base)
        folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=base))
        folder.chmod(mode)
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
    with _turn(base()):
        return _sweep(base())


@contextmanager
def _turn(base: Path) -> Iterator[None]:
    # One at a time: a folder that has no lock yet is being born, and must not be swept.
    with (base / "turn.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sweep(base: Path) -> list[Path]:
    folders = [entry for entry in base.iterdir() if entry.is_dir()]
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

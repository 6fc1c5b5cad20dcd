"""Lo que deja un servidor PostgreSQL que murió: procesos que no se enteran, avisos de que vive y memoria."""

import ctypes
from contextlib import suppress
from pathlib import Path

_SECONDS = 5
_REMOVE = 0  # IPC_RMID, in Linux and in macOS


def bury(data: Path, lock: Path) -> None:
    """Acaba con los procesos que aún usan el directorio `data` y quita los avisos de que tiene servidor.

    Otro servidor no puede empezar mientras quede alguno; y el número de proceso que dicen esos avisos puede
    ser ya de otro programa.
    """
    import psutil

    left = [one for one in psutil.process_iter(["cwd"]) if one.info["cwd"] == str(data)]
    for stray in left:
        with suppress(psutil.Error):
            stray.kill()
    psutil.wait_procs(left, _SECONDS)
    for key, number in _segment(data):
        _release(key, number)
    for claim in (data / "postmaster.pid", lock):
        claim.unlink(missing_ok=True)


def note_memory(data: Path, kernel: Path) -> None:
    """Anota, fuera de la carpeta del kernel, el segmento de memoria que el servidor dejaría si lo matan.

    Son pocos bytes, pero macOS solo admite 32 y no los quita hasta que la máquina se reinicia.
    """
    for key, number in _segment(data):
        (kernel.parent / f"{kernel.name}.{number}.shm").write_text(str(key), "ascii")


def release_memory(base: Path) -> None:
    """Libera los segmentos anotados por kernels que ya no existen."""
    for note in base.glob("*.shm"):
        kernel, number, _ = note.name.rsplit(".", 2)
        if not (base / kernel).exists():
            with suppress(ValueError, FileNotFoundError):  # another kernel is doing the same
                _release(int(note.read_text("ascii")), int(number))
                note.unlink()


def _segment(data: Path) -> list[tuple[int, int]]:
    """The key and the number of its segment of memory, as its server wrote them."""
    with suppress(OSError, IndexError, ValueError):
        key, number = (data / "postmaster.pid").read_text("ascii").splitlines()[6].split()
        return [(int(key), int(number))]
    return []


def _release(key: int, number: int) -> None:
    with suppress(OSError, AttributeError):
        system = ctypes.CDLL(None)
        if system.shmget(ctypes.c_int(key & 0xFFFFFFFF), 0, 0) == number:  # or the number is another's by now
            system.shmctl(number, _REMOVE, None)

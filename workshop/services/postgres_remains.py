"""Lo que deja un servidor PostgreSQL que murió: procesos que no se enteran y avisos de que vive."""

from contextlib import suppress
from pathlib import Path

_SECONDS = 5


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
    for claim in (data / "postmaster.pid", lock):
        claim.unlink(missing_ok=True)

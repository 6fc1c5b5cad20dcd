"""La plantilla: un directorio de datos recién hecho, guardado en un solo archivo del que se sacan copias.

Hacerlo con `initdb` cuesta medio segundo o más; sacar una copia, décimas. Es un ZIP porque trae la suma
de comprobación de cada archivo: una plantilla dañada o a medias se nota al usarla y se hace de nuevo.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import platformdirs

from workshop.services import home
from workshop.services.postgres.programs import Programs
from workshop.services.postgres.settings import DATABASE, USER

_RECIPE = 1  # raise it when what `_make` does changes
# PostgreSQL needs template1 to repair itself and to create databases; the other two would double the copy.
_TRIM = f"""
ALTER DATABASE postgres RENAME TO {DATABASE};
ALTER DATABASE template0 IS_TEMPLATE false;
DROP DATABASE template0;
"""


def unpack(programs: Programs, *places: Path) -> str:
    """Pone en cada lugar, que no existe, un directorio de datos nuevo: todos del mismo sistema, idénticos.

    Devuelve la contraseña de la cuenta `comanda`. Un lugar aparece entero o no aparece.
    Errores: `ServiceError` si no se puede hacer la plantilla; `OSError` si no cabe.
    """
    archive = _archive(programs)
    try:
        return _copy_out(archive, programs, places)
    except (FileNotFoundError, zipfile.BadZipFile, EOFError, NotImplementedError, UnicodeError):
        with _turn(archive):
            if not _sound(archive):
                _make(archive, programs)
        return _copy_out(archive, programs, places)


def _archive(programs: Programs) -> Path:
    told = f"{_RECIPE} {programs.folder} {programs.version} {programs.account}"
    return _cache() / f"postgres-{programs.version}-{hashlib.sha256(told.encode()).hexdigest()[:12]}.zip"


def _cache() -> Path:
    chosen = os.environ.get("COMANDA_CACHE")
    folder = Path(chosen) if chosen else Path(platformdirs.user_cache_dir("la-comanda"))
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK | os.X_OK):
            return folder
    return home.base()  # a home that cannot be written: until the machine restarts


@contextmanager
def _turn(archive: Path) -> Iterator[None]:
    # Two kernels that start at once: the second waits and finds it made.
    with archive.with_suffix(".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sound(archive: Path) -> bool:
    try:
        with zipfile.ZipFile(archive) as pack:
            return pack.testzip() is None
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError, UnicodeError):
        return False


def _copy_out(archive: Path, programs: Programs, places: tuple[Path, ...]) -> str:
    # A new name each time: the disk chooses by it where its files begin (see home.spread).
    halves = [place.with_name(f"{secrets.token_hex(4)}.medio") for place in places]
    try:
        with zipfile.ZipFile(archive) as pack:
            for half in halves:
                half.mkdir(mode=0o700)
            for entry in pack.infolist():
                content = (
                    b"" if entry.is_dir() else pack.read(entry)
                )  # raises if its sum is not the one noted
                for half in halves:
                    _put(half / entry.filename, content, entry.is_dir(), programs)
            password = pack.comment.decode()
        for half, place in zip(halves, places, strict=True):
            if programs.account:
                programs.account.give(half)
            half.rename(place)
    finally:
        for half in halves:
            shutil.rmtree(half, ignore_errors=True)
    return password


def _put(path: Path, content: bytes, folder: bool, programs: Programs) -> None:
    if folder:
        path.mkdir(mode=0o700)
    else:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb", buffering=0) as file:  # noqa: PTH123  # a thousand of them: the plain way
            file.write(content)
    if programs.account:
        programs.account.give(path)


def _make(archive: Path, programs: Programs) -> None:
    with tempfile.TemporaryDirectory(dir=home.datadir()) as kitchen:
        place, secret = Path(kitchen), secrets.token_hex(16)
        password = place / "password"
        password.write_text(secret, "ascii")
        for lent in (place, password):
            if programs.account:
                programs.account.give(lent)
        data = place / "data"
        programs.run("initdb", *_options(programs, data, password))
        programs.run("postgres", "--single", "-D", str(data), "-c", "fsync=off", "template1", said=_TRIM)
        half = archive.with_name(f"{archive.name}.{os.getpid()}")
        try:
            _pack(data, half, secret)
            half.replace(archive)
        finally:
            half.unlink(missing_ok=True)


def _options(programs: Programs, data: Path, password: Path) -> list[str]:
    # Letters with accents have capitals, and rows sort the same on every machine.
    if programs.major >= 17:
        letters = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    else:
        letters = ["--lc-ctype=C.UTF-8" if sys.platform == "linux" else "--lc-ctype=en_US.UTF-8"]
    return [
        f"--pgdata={data}", f"--username={USER}", f"--pwfile={password}", "--auth=scram-sha-256",
        "--encoding=UTF8", "--no-locale", *letters, "--wal-segsize=1", "--no-sync", "--no-instructions",
    ]  # fmt: skip


def _pack(data: Path, archive: Path, password: str) -> None:
    archive.touch(mode=0o600)
    with zipfile.ZipFile(archive, "w") as pack:  # not compressed: it is read far more often than written
        for path in sorted(data.rglob("*")):
            pack.write(path, str(path.relative_to(data)))
        pack.comment = password.encode()

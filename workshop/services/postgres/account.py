"""La cuenta con la que corren los servidores que no aceptan ser root."""

import os
import pwd
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workshop.services.errors import ServiceError


@dataclass(frozen=True)
class Account:
    """La cuenta sin privilegios con la que corre el servidor cuando el kernel es de root."""

    uid: int
    gid: int

    def give(self, path: Path) -> None:
        """Le entrega el archivo o la carpeta."""
        os.chown(path, self.uid, self.gid)


def account_for_servers() -> Account | None:
    """«nobody» si el kernel es de root, que algunos servidores rechazan; None: la tuya.

    Errores: `ServiceError` si hace falta y no existe.
    """
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise ServiceError(
            "PostgreSQL no acepta correr como root y aquí no existe la cuenta «nobody», que usaría en su "
            "lugar. Abre el taller con una cuenta normal, o apunta DATABASE_URL a un servidor."
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


@cache
def as_somebody() -> list[str]:
    """Lo que va delante de un programa que exige que su cuenta tenga nombre, si la de este kernel no tiene.

    Pasa en contenedores que corren con un número de cuenta cualquiera: el programa se ve a sí mismo como
    «nobody», y lo que escribe sigue siendo tuyo.
    Errores: `ServiceError` si hace falta y esta máquina no puede.
    """
    with suppress(KeyError):
        pwd.getpwuid(os.geteuid())
        return []
    command = ["unshare", "--user", "--map-user=nobody", "--"]
    if shutil.which("unshare"):
        tried = subprocess.run([*command, "true"], capture_output=True, check=False)
        if not tried.returncode:
            return command
    raise ServiceError(
        f"PostgreSQL exige que la cuenta que lo corre tenga nombre, y la {os.geteuid()} no está en "
        "/etc/passwd. Pide que la agreguen, o apunta DATABASE_URL a un servidor."
    )

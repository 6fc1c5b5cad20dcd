"""Un servidor Redis o Valkey de verdad, solo para este kernel."""

import secrets
import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from typing import ClassVar, Self
from urllib.parse import quote

import redis

from workshop.services.base import State
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.lent import lend
from workshop.services.names import socket_path
from workshop.services.network.linked import LinkedProcess
from workshop.services.redis import settings as redis_settings
from workshop.services.redis.handle import RedisHandle, unseen
from workshop.services.redis.lent import ADDRESS
from workshop.services.redis.program import binary
from workshop.services.redis.settings import Settings

_SECONDS = 5  # what the server may take to answer its own administration


class RedisServer(RedisHandle, LinkedProcess):
    """Un servidor que habla el protocolo de Redis. Se crea con `redis_server()`."""

    kind: ClassVar[str] = "servidor Redis"

    def __init__(self, name: str = "redis") -> None:
        super().__init__(name)
        self._password = secrets.token_hex(16)
        self._settings: Settings = {}
        self._stock: Settings = {}  # what this process had before each setting that was changed

    @property
    def socket(self) -> str:
        """La ruta de su socket unix: no abre ningún puerto."""
        return str(self.folder / "redis.sock")

    @property
    def url(self) -> str:
        """La dirección completa, con contraseña, que entiende `redis.Redis.from_url`."""
        return f"unix://:{self._password}@{quote(self.socket)}"

    def config(self, **settings: str | int | bool) -> Self:
        """Cambia ajustes mientras atiende, como `config(maxmemory="2mb", maxmemory_policy="allkeys-lfu")`.

        Los conserva si muere y se recupera. Devuelve el mismo servidor.
        Errores: `ServiceError` si no está en marcha, o si no conoce el ajuste o su valor.
        """
        self._adjust(redis_settings.named(settings))
        return self

    def reset(self) -> Self:
        """Lo vacía, y pone en cero sus cuentas de aciertos y fallos. Devuelve el mismo servidor.

        Errores: `ServiceError` si no está en marcha.
        """
        with self._lock, self._admin() as admin:
            admin.flushall()
            admin.config_resetstat()
        return self

    def arrange(self, settings: Settings, fresh: bool) -> Self:
        """Lo deja en marcha y sin averías, con esos ajustes y ninguno más; con `fresh`, también vacío."""
        with self._lock:
            if self.state is not State.READY:
                return self._start_with(settings, fresh)
            self._heal()
            self._adjust({**self._stock, **settings})
            self._settings = settings
            return self.reset() if fresh else self

    def _start_with(self, settings: Settings, fresh: bool) -> Self:
        before, self._settings = self._settings, settings
        if fresh:
            self._forget_data()
        try:
            return self.start()
        except ServiceError:
            self._settings = before  # recover() would stumble on the same one
            raise

    def _adjust(self, settings: Settings) -> None:
        with self._lock, self._admin() as admin:
            for name, value in settings.items():
                self._stock.setdefault(name, redis_settings.apply(admin, name, value))
                self._settings[name] = value

    def _admin(self) -> AbstractContextManager[redis.Redis]:
        if self.state is not State.READY or self._fault is Fault.FROZEN:
            raise ServiceError(f"«{self.name}» está {self.status}: ponlo en marcha con .recover() y repite.")
        return self._administer()

    def _administer(self) -> AbstractContextManager[redis.Redis]:
        """A client that reaches the server whatever happens to its network."""
        assert self._link is not None
        client = redis.Redis(
            unix_socket_path=str(self._link.real), password=self._password, socket_timeout=_SECONDS,
            decode_responses=True,
        )  # fmt: skip
        return unseen(client)

    def _command(self) -> list[str]:
        config = self.folder / "redis.conf"
        # In a file and not among the arguments: those can be read by anybody on the machine.
        # appendfsync no: written before each answer, so that SIGKILL loses nothing; with the usual everysec
        # it waits while the disk is busy. Only a power cut would need more.
        config.touch(mode=0o600)
        config.write_text(
            f"port 0\nunixsocket {socket_path(Path(self.socket))}\nunixsocketperm 700\n"
            f'requirepass {self._password}\ndir {self.folder}\nsave ""\ndaemonize no\n'
            f"appendfsync no\nappendonly {self._settings.get('appendonly', 'no')}\n",
            "utf-8",
        )
        return [binary(), str(config)]

    def _launch(self) -> None:
        self._stock = {}
        super()._launch()
        lend(self.folder / ADDRESS, self.url)
        with self._administer() as admin:
            for name, value in self._settings.items():
                self._stock[name] = redis_settings.apply(admin, name, value)

    def _halt(self) -> None:
        if self._link is not None:  # or its folder may not even exist
            self._link.close()
            (self.folder / ADDRESS).unlink(missing_ok=True)
        super()._halt()

    def _drop_clients(self) -> None:
        with self._administer() as admin:
            admin.client_kill_filter(_type="normal", skipme=True)
            admin.client_kill_filter(_type="pubsub", skipme=True)

    def _forget_data(self) -> None:
        shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)

    def _explain(self, failure: str) -> str:
        said = self.logs(12)
        if "append only file" in said or "AOF" in said:
            failure += (
                ". No pudo leer o escribir los datos que guarda en disco (AOF). Si no los necesitas, "
                f'empieza vacío con redis_server("{self.name}", appendonly=True, fresh=True)'
            )
        return super()._explain(failure)

    def _answers(self) -> bool:
        try:
            with unseen(self.client()) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False

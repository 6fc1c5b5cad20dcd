"""Un servidor Redis de otra parte, al que apunta la variable REDIS_URL."""

from contextlib import AbstractContextManager
from typing import ClassVar, NoReturn, Self
from urllib.parse import urlsplit

import redis

from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.redis.handle import RedisHandle, unseen

_SECONDS = 5  # what a server elsewhere may take to connect and to answer
_GLANCE = 1  # seconds; `running()` only wants to know whether it is there
_WAY_OUT = "Revisa la variable REDIS_URL, o quítala para usar un servidor propio de este kernel."
_PRIVATE = "Para usar uno propio: redis_server(private=True)."

_was_empty: dict[str, bool] = {}  # each database, when this kernel took it: what it holds since then is ours


class ExternalRedis(RedisHandle):
    """Un servidor que ya estaba en marcha y que no es del taller: se usa, y no se toca lo que no es tuyo."""

    kind: ClassVar[str] = "servidor Redis externo"

    def __init__(self, name: str, address: str) -> None:
        super().__init__(name)
        self._address = address

    @property
    def url(self) -> str:
        """La dirección de REDIS_URL, tal como vino."""
        return self._address

    def logs(self, n: int = 20) -> str:
        """Su bitácora está en la máquina donde corre: aquí no se puede leer."""
        return "La bitácora de un servidor externo está en la máquina donde corre."

    def config(self, **settings: str | int | bool) -> NoReturn:
        """No se cambia un servidor que también puede ser de otras personas.

        Errores: `ServiceError`, siempre.
        """
        raise ServiceError(
            f"«{self.name}» es un servidor externo (REDIS_URL) y el taller no cambia sus ajustes. {_PRIVATE}"
        )

    def reset(self) -> Self:
        """Vacía su base de datos, si estaba vacía cuando este kernel la tomó.

        Errores: `ServiceError` si ya tenía datos, que pueden ser de alguien más.
        """
        if not _was_empty.get(self._address):
            raise ServiceError(
                f"«{self.name}» es un servidor externo y su base ya tenía datos cuando este kernel la tomó: "
                "no se borra lo que puede ser de alguien más. Apunta REDIS_URL a una base vacía, como "
                "redis://…:6379/9, o vacíala tú."
            )
        with self._asking(_SECONDS) as client:
            client.flushdb()
        return self

    def _launch(self) -> None:
        try:
            with self._asking(_SECONDS) as client:
                client.ping()
                if self._address not in _was_empty:
                    _was_empty[self._address] = client.dbsize() == 0
        except Exception as problem:
            raise ServiceError(self._no_entry(problem)) from None

    def _no_entry(self, problem: Exception) -> str:
        return f"REDIS_URL apunta a {self._place()}, {complaint(problem)} {_WAY_OUT}"

    def _halt(self) -> None:
        pass  # it was there before, and goes on

    def _alive(self) -> bool:
        try:
            with self._asking(_GLANCE) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _refuse(self, fault: Fault) -> NoReturn:
        raise ServiceError(
            f"«{self.name}» es un servidor externo (REDIS_URL): el taller no puede averiarlo. {_PRIVATE}"
        )

    def _asking(self, patience: int) -> AbstractContextManager[redis.Redis]:
        return unseen(self.client(socket_timeout=patience, socket_connect_timeout=patience))

    def _place(self) -> str:
        """The address without its password."""
        try:
            parts = urlsplit(self._address)
        except ValueError:
            return "algo"
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def complaint(problem: Exception) -> str:
    """Qué salió mal al hablarle, como el final de una frase."""
    if isinstance(problem, redis.AuthenticationError):
        return "que no aceptó el usuario o la contraseña."
    if isinstance(problem, redis.TimeoutError):
        return f"que no contestó en {_SECONDS} segundos."
    if isinstance(problem, redis.ConnectionError):
        return f"y no se pudo conectar ({problem})."
    if isinstance(problem, ValueError):
        return "que no es una dirección como redis://máquina:6379/0, rediss://… o unix:///ruta."
    return f"que contestó con un error: {problem}."

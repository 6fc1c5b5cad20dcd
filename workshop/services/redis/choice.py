"""`redis_server()`: el servidor que toca, uno propio de este kernel o el externo de REDIS_URL."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from workshop.services import home, registry
from workshop.services.errors import ServiceError
from workshop.services.names import valid_name
from workshop.services.redis import settings as redis_settings
from workshop.services.redis.external import ExternalRedis
from workshop.services.redis.handle import RedisHandle
from workshop.services.redis.lent import lent
from workshop.services.redis.server import RedisServer
from workshop.services.redis.settings import Settings


def redis_server(  # noqa: PLR0913  # a learner names each one
    name: str = "redis", *, maxmemory: str | int | None = None, policy: str | None = None,
    appendonly: bool = False, fresh: bool = False, private: bool = False,
) -> RedisHandle:  # fmt: skip
    """Pone en marcha un servidor Redis o Valkey privado, por un socket unix y con contraseña al azar.

    Devuelve su manija, con `.client()`, `.url`, `.config()`, `.reset()` y `.stop()`. Si ya estaba en marcha,
    devuelve el mismo, sin averías, con sus datos y con los ajustes de esta llamada.

    - `maxmemory`: cuánta memoria puede ocupar, como `"2mb"`; por omisión, sin límite.
    - `policy`: a quién desaloja cuando se llena, como `"allkeys-lru"`; por omisión, a nadie (`"noeviction"`).
    - `appendonly`: si anota cada cambio en disco, para recordarlo aunque muera.
    - `fresh`: si empieza vacío.
    - `private`: si es uno propio aunque `REDIS_URL` apunte a uno externo, que se usaría en su lugar.

    En una réplica o un trabajador, es el que el cuaderno puso en marcha con ese nombre.

    Errores: `ServiceError` si no hay programa, si no arranca o si un ajuste no es válido.
    """
    settings = redis_settings.declared(maxmemory, policy, appendonly)
    known = registry.get(valid_name(name))
    address = os.environ.get("REDIS_URL", "").strip()
    if address and not private and not _is_of_this_kernel(address, known):
        return _external(known, name, address, settings, fresh)
    if home.lent():
        return lent(name).start()
    server = known if isinstance(known, RedisServer) else RedisServer(name)
    return server.arrange(settings, fresh)


def _is_of_this_kernel(address: str, known: Any) -> bool:
    """Does REDIS_URL, written by a cell for its children, name one of ours, even one that has ended?"""
    if isinstance(known, RedisServer) and address == known.url:
        return True
    if not address.startswith("unix:"):
        return False
    path = Path(unquote(urlsplit(address).path))
    return path.is_relative_to(home.workdir()) and not path.exists()


def _external(known: Any, name: str, address: str, settings: Settings, fresh: bool) -> ExternalRedis:
    if settings != redis_settings.STOCK:
        raise ServiceError(
            "La variable REDIS_URL apunta a un servidor externo y el taller no cambia sus ajustes. Pide uno "
            "propio con private=True, o quita la variable."
        )
    server = (
        known if isinstance(known, ExternalRedis) and known.url == address else ExternalRedis(name, address)
    )
    server.start()
    return server.reset() if fresh else server

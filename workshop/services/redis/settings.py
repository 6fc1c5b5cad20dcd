"""Los ajustes de Redis que puede cambiar quien aprende, y lo que se le dice cuando no sirven."""

import time
from typing import Any

import redis

from workshop.services.errors import ServiceError

POLICIES = (
    "noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random",
    "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
)  # fmt: skip
_OURS = {"port", "tls-port", "bind", "unixsocket", "requirepass", "dir", "daemonize", "logfile"}
_FILE_SECONDS = 5.0
_ROOM = 128 * 1024  # bytes that a server needs over what it occupies empty, to keep anything at all

Settings = dict[str, str]
STOCK: Settings = {"maxmemory": "0", "maxmemory-policy": "noeviction", "appendonly": "no"}
"""Lo que tiene un servidor al que no se le pide nada."""


def declared(maxmemory: Any, policy: Any, appendonly: Any) -> Settings:
    """Los ajustes que pide `redis_server(...)`, con los nombres que les da el servidor.

    Errores: `ServiceError` si alguno no es del tipo que le toca o la política no existe.
    """
    if not isinstance(appendonly, bool):
        raise ServiceError(f"appendonly espera True o False; llegó {appendonly!r}.")
    chosen = {"maxmemory": maxmemory, "maxmemory-policy": policy, "appendonly": appendonly}
    return STOCK | {name: _text(name, value) for name, value in chosen.items() if value is not None}


def named(settings: dict[str, Any]) -> Settings:
    """Los ajustes de `config(...)`: `maxmemory_policy` se llama `maxmemory-policy`.

    Errores: `ServiceError` si alguno es de los que decide el taller, o su valor no es un valor.
    """
    renamed = {name.replace("_", "-"): value for name, value in settings.items()}
    kept = sorted(_OURS & renamed.keys())
    if kept:
        raise ServiceError(f"El ajuste {kept[0]} lo decide el taller, para que el servidor sea solo tuyo.")
    return {name: _text(name, value) for name, value in renamed.items()}


def apply(admin: redis.Redis, name: str, value: str) -> str:
    """Cambia un ajuste y devuelve el valor que tenía.

    Errores: `ServiceError` que dice qué valores admite; el ajuste queda como estaba.
    """
    before = str(admin.config_get(name).get(name, ""))
    try:
        admin.config_set(name, value)
    except redis.ResponseError as problem:
        raise ServiceError(_explain(name, value, str(problem))) from None
    if name == "maxmemory":
        _require_room(admin, value, before)
    if name == "appendonly" and value == "yes":
        _await_first_file(admin)
    return before


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str | int):
        raise ServiceError(f"El ajuste {name} espera un texto o un entero; llegó {value!r}.")
    if name == "maxmemory-policy" and value not in POLICIES:
        raise ServiceError(_explain(name, str(value), ""))
    return str(value)


def _await_first_file(admin: redis.Redis) -> None:
    # Until it is written, a server that is killed loses everything and one that is asked to end refuses.
    deadline = time.monotonic() + _FILE_SECONDS
    while time.monotonic() < deadline:
        told = admin.info("persistence")
        if not told.get("aof_rewrite_in_progress") and not told.get("aof_rewrite_scheduled"):
            return
        time.sleep(0.005)
    raise ServiceError(
        f"El servidor no terminó en {_FILE_SECONDS:g} s de escribir lo que ya tenía en el disco. "
        "Revisa que haya espacio, o vuelve con config(appendonly=False)."
    )


def _require_room(admin: redis.Redis, value: str, before: str) -> None:
    limit = int(admin.config_get("maxmemory")["maxmemory"] or 0)
    least = int(admin.info("memory").get("used_memory_startup", 0)) + _ROOM
    if 0 < limit < least:
        admin.config_set("maxmemory", before)
        raise ServiceError(
            f'maxmemory="{value}" no alcanza: vacío, este servidor ya ocupa unos {least // 1024} KB. '
            'Elige más, como "2mb".'
        )


def _explain(name: str, value: str, said: str) -> str:
    if name == "maxmemory":
        return f'maxmemory espera un tamaño, como "2mb" o "1500kb" ("0" es sin límite); llegó {value!r}.'
    if name == "maxmemory-policy":
        return f"La política de desalojo (policy) es una de: {', '.join(POLICIES)}; llegó {value!r}."
    if said.startswith("Unknown"):
        return f"Este servidor no tiene un ajuste que se llame {name}."
    return f"El servidor no admite {name} = {value!r}: {said}."

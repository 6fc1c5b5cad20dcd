"""`postgres()`: el servidor PostgreSQL que toca, uno propio de este kernel o el externo de DATABASE_URL."""

import os
from typing import Any

from workshop.services import home, registry
from workshop.services.names import valid_name
from workshop.services.postgres.external import ExternalPostgres
from workshop.services.postgres.handle import PostgresHandle
from workshop.services.postgres.lent import lent
from workshop.services.postgres.server import PostgresServer


def postgres(name: str = "postgres", *, fresh: bool = False, private: bool = False) -> PostgresHandle:
    """Pone en marcha un servidor PostgreSQL privado, por un socket unix y con contraseña al azar.

    Devuelve su manija, con `.url`, `.engine()`, `.connect()`, `.reset()` y `.stop()`. Si ya estaba en marcha,
    devuelve el mismo, sin averías y con sus datos.

    - `fresh`: si empieza vacío.
    - `private`: si es uno propio aunque `DATABASE_URL` apunte a uno externo, que se usaría en su lugar.

    En una réplica o un trabajador, es el que el cuaderno puso en marcha con ese nombre.

    Errores: `ServiceError` si no hay programa o si no arranca.
    """
    known = registry.get(valid_name(name))
    address = os.environ.get("DATABASE_URL", "").strip()
    if address and not private and not (isinstance(known, PostgresServer) and address == known.url):
        return _external(known, name, address, fresh)
    if home.lent():
        return lent(name)
    server = known if isinstance(known, PostgresServer) else PostgresServer(name)
    return (server.forget_data() if fresh else server).start()


def _external(known: Any, name: str, address: str, fresh: bool) -> ExternalPostgres:
    server = known if isinstance(known, ExternalPostgres) and known.address == address else None
    server = (server or ExternalPostgres(name, address)).start()
    return server.reset() if fresh else server

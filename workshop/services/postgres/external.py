"""Un servidor PostgreSQL de otra parte, al que apunta la variable DATABASE_URL."""

import re
from typing import Any, ClassVar, NoReturn, Self
from urllib.parse import urlsplit

from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.postgres.handle import PostgresHandle

_SECONDS = 5  # what a server elsewhere may take to connect
_GLANCE = 1  # seconds; `running()` only wants to know whether it is there
_WAY_OUT = "Revisa la variable DATABASE_URL, o quítala para usar un servidor propio de este kernel."
_PRIVATE = "Para usar uno propio: postgres(private=True)."
_OURS = "SELECT count(*) = 0 FROM pg_class WHERE relnamespace = 'public'::regnamespace"


class ExternalPostgres(PostgresHandle):
    """Un servidor que ya estaba en marcha y que no es del taller: se usa, y no se toca lo que no es tuyo."""

    kind: ClassVar[str] = "servidor PostgreSQL externo"

    def __init__(self, name: str, address: str) -> None:
        super().__init__(name)
        self.address = address
        self._url = _with_driver(address)
        self._ours: bool | None = None  # was its schema empty when this kernel took it?

    @property
    def url(self) -> str:
        """La dirección de DATABASE_URL, con el conductor que usa el taller (psycopg)."""
        return self._url

    def logs(self, n: int = 20) -> str:
        """Su bitácora está en la máquina donde corre: aquí no se puede leer."""
        return "La bitácora de un servidor externo está en la máquina donde corre."

    def reset(self) -> Self:
        """Vacía su esquema `public`, si estaba vacío cuando este kernel lo tomó.

        Errores: `ServiceError` si ya tenía tablas, que pueden ser de alguien más.
        """
        if not self._ours:
            raise ServiceError(
                f"«{self.name}» es un servidor externo y su base ya tenía tablas cuando este kernel la tomó: "
                "no se borra lo que puede ser de alguien más. Apunta DATABASE_URL a una base vacía, o "
                "vacíala tú."
            )
        with self._asking(_SECONDS) as connection:
            self._empty(connection)
        return self

    def _launch(self) -> None:
        import psycopg

        try:
            with self._asking(_SECONDS) as connection:
                if self._ours is None:
                    row = connection.execute(_OURS).fetchone()
                    self._ours = bool(row and row[0])
        except psycopg.Error as problem:
            said = str(problem).strip().splitlines()[-1:] or [type(problem).__name__]
            raise ServiceError(self._no_entry(said[0])) from None

    def _no_entry(self, said: str) -> str:
        return f"DATABASE_URL apunta a {self._place()}, y no se pudo entrar ({said}). {_WAY_OUT}"

    def _halt(self) -> None:
        self._dispose()  # the server was there before, and goes on

    def _alive(self) -> bool:
        import psycopg

        try:
            with self._asking(_GLANCE) as connection:
                return bool(connection.execute("SELECT 1").fetchone())
        except psycopg.Error:
            return False

    def _refuse(self, fault: Fault) -> NoReturn:
        raise ServiceError(
            f"«{self.name}» es un servidor externo (DATABASE_URL): el taller no puede averiarlo. {_PRIVATE}"
        )

    def _asking(self, patience: int) -> Any:
        return self.connect(connect_timeout=patience, autocommit=True)

    def _place(self) -> str:
        """The address without its password."""
        parts = urlsplit(self._url)
        return f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _with_driver(address: str) -> str:
    found = re.fullmatch(r"postgres(?:ql)?(?:\+\w+)?://(.*)", address, re.DOTALL)
    if not found:
        raise ServiceError(
            "DATABASE_URL debe ser una dirección de PostgreSQL, como "
            f"postgresql://cuenta:clave@máquina:5432/base. La que hay "
            f"empieza con {address.partition(':')[0]!r}. {_WAY_OUT}"
        )
    return f"postgresql+psycopg://{found[1]}"

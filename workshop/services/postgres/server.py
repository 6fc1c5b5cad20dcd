"""Un servidor PostgreSQL de verdad, solo para este kernel."""

import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Self

from workshop.services import home
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.lent import lend
from workshop.services.names import socket_path
from workshop.services.network.linked import LinkedProcess
from workshop.services.postgres.handle import PostgresHandle
from workshop.services.postgres.lent import ADDRESS
from workshop.services.postgres.programs import Programs, programs
from workshop.services.postgres.remains import bury, note_memory, release_memory
from workshop.services.postgres.settings import DATABASE, PORT, USER, address, settings_of, text_of
from workshop.services.postgres.template import unpack
from workshop.services.process import STOP_SECONDS

_PATIENCE = 5  # seconds that a server may take to let somebody in
_DROP = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE backend_type IN ('client backend', 'walsender') AND pid <> pg_backend_pid()"
)


class PostgresServer(PostgresHandle, LinkedProcess):
    """Un servidor PostgreSQL. Se crea con `postgres()`."""

    kind: ClassVar[str] = "servidor PostgreSQL"

    def __init__(self, name: str = "postgres") -> None:
        super().__init__(name)
        self._password = ""
        self._old = False  # does its data come from before this start?

    @property
    def place(self) -> Path:
        """La carpeta de sus datos y de su socket: no abre ningún puerto."""
        return home.datadir() / self.folder.name

    @property
    def data(self) -> Path:
        """Su directorio de datos."""
        return self.place / "data"

    @property
    def socket(self) -> str:
        """La ruta de su socket unix."""
        return str(self.place / f".s.PGSQL.{PORT}")

    @property
    def url(self) -> str:
        """La dirección completa, con contraseña, que entiende `create_engine`."""
        return address(self._password, self.place)

    def reset(self) -> Self:
        """Lo vacía: quita todas sus tablas. Devuelve el mismo servidor.

        Errores: `ServiceError` si no está en marcha.
        """
        with self._lock, self._admin() as admin:
            self._empty(admin)
        return self

    def forget_data(self) -> Self:
        """Tira sus datos, para que el siguiente arranque empiece de cero; si estaba en marcha, lo detiene."""
        with self._lock:
            self.stop()
            shutil.rmtree(self.data, ignore_errors=True)
        return self

    @property
    def password(self) -> str:
        """La contraseña de su cuenta `comanda`, hecha al azar."""
        return self._password

    @property
    def _secret(self) -> Path:
        return self.folder / "password"

    @property
    def reach(self) -> dict[str, Any]:
        """Por dónde lo administra su dueño, haya lo que haya en su red; sin la contraseña."""
        host = self._link.real.parent if self._link else self.place
        return {"host": str(host), "port": PORT, "user": USER, "dbname": DATABASE}

    def _admin(self) -> Any:
        """A connection that reaches the server whatever happens to its network; closed by `with`."""
        if not self._alive() or self._fault is Fault.FROZEN:
            raise ServiceError(f"«{self.name}» está {self.status}: ponlo en marcha con .recover() y repite.")
        import psycopg

        return psycopg.connect(
            **self.reach, password=self._password, autocommit=True, connect_timeout=_PATIENCE
        )

    def _command(self) -> list[str]:
        return [self._programs.path("postgres"), "-D", str(self.data)]

    def _options(self) -> dict[str, Any]:
        return {**self._programs.options(), "cwd": self.place}

    def _prepare(self) -> None:
        """Everything that the server reads when it starts."""
        self._programs = programs()
        release_memory(home.datadir().parent)
        self.make_place(self._programs)
        self._old = self.data.exists()
        if not self._old:
            self._fill()
        self._password = self._secret.read_text("ascii")
        self._configure()

    def make_place(self, which: Programs) -> None:
        """Prepara la carpeta de sus datos y de su socket."""
        self.place.mkdir(mode=0o700, exist_ok=True)
        home.spread(self.place)
        if which.account:
            which.account.give(self.place)
        socket_path(self.place / "real" / Path(self.socket).name)  # the longest: where a fault moves it

    def _fill(self) -> None:
        self.keep_password(unpack(self._programs, self.data))

    def keep_password(self, password: str) -> None:
        """Anota la contraseña que sus datos traen, donde solo su dueño la lee."""
        self._password = password
        self._secret.touch(mode=0o600)
        self._secret.write_text(password, "ascii")

    def _configure(self) -> None:
        text = text_of(settings_of(self._programs.major, self.place) | self._own_settings())
        (self.data / "postgresql.conf").write_text(text, "utf-8")

    def _own_settings(self) -> dict[str, str]:
        return {}

    def _launch(self) -> None:
        self._prepare()
        super()._launch()
        note_memory(self.data, home.datadir())
        lend(self.folder / ADDRESS, self.url)

    def _answers(self) -> bool:
        # What pg_ctl looks at: the server writes there that it lets people in.
        with suppress(FileNotFoundError, IndexError):
            lines = (self.data / "postmaster.pid").read_text("utf-8").splitlines()
            return lines[0] == str(self.pid) and lines[7].startswith("ready")
        return False

    def _halt(self) -> None:
        self._dispose()
        (self.folder / ADDRESS).unlink(missing_ok=True)
        self._close_link()
        process = self._process
        if process is not None and self._alive():
            process.send_signal(signal.SIGINT)  # SIGTERM would wait for its clients to leave
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
        super()._halt()
        if process is not None and process.returncode != 0:  # it did not end by itself, with all of its own
            bury(self.data, Path(f"{self.socket}.lock"))

    def _drop_clients(self) -> None:
        with self._admin() as admin:
            admin.execute(_DROP)

    def _explain(self, failure: str) -> str:
        said = self.logs(12)
        if "No space left on device" in said:
            failure += ". No queda espacio donde guarda sus datos: libéralo, o elige otra carpeta con TMPDIR"
        elif self._old:
            failure += (
                ". No pudo con los datos que ya tenía. Si no los necesitas, empieza de cero con "
                f'postgres("{self.name}", fresh=True)'
            )
        return super()._explain(failure)

"""Un nodo de un grupo de PostgreSQL: el primario, que escribe, o una réplica, que sigue sus cambios."""

import shutil
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from workshop.services import home
from workshop.services.base import State
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.postgres.server import PostgresServer
from workshop.services.postgres.settings import quoted

if TYPE_CHECKING:
    from workshop.services.postgres.cluster import PostgresCluster

PATIENCE = 10.0  # seconds for what a healthy node does in a tenth of one
_LOOK_EVERY = 0.01


class PostgresNode(PostgresServer):
    """Un miembro de `postgres_cluster()`. Qué papel tiene lo decide el grupo, aunque muera y se recupere."""

    listed: ClassVar[bool] = False

    def __init__(self, cluster: "PostgresCluster", number: int) -> None:
        super().__init__(f"{cluster.name}-{number}")
        self._cluster = cluster
        self._number = number
        self.diverged = False
        """Si puede tener cambios que los demás no vieron: antes de volver los deshace."""

    @property
    def kind(self) -> str:  # type: ignore[override]  # its role changes while it runs
        """Qué papel tiene ahora."""
        return "primario de PostgreSQL" if self.is_primary else "réplica de PostgreSQL"

    @property
    def is_primary(self) -> bool:
        """Si es el que acepta escrituras."""
        return self._cluster.primary is self

    @property
    def well(self) -> bool:
        """Si está en marcha y sin avería."""
        return self.state is State.READY and self.fault is None

    @property
    def folder(self) -> Path:
        """Su carpeta temporal, que ningún otro servicio comparte aunque se llame igual."""
        folder = home.workdir() / f"{self._cluster.name}.{self._number}"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def ask(self, query: str) -> tuple[Any, ...]:
        """La primera fila de lo que contesta, haya lo que haya en su red.

        Errores: `ServiceError` si no está en marcha.
        """
        with self._admin() as admin:
            return tuple(admin.execute(query).fetchone() or ())

    def await_truth(self, query: str, failure: str, seconds: float = PATIENCE) -> None:
        """Espera a que la consulta conteste `true`.

        Errores: `ServiceError` con `failure` y su bitácora si no llega a tiempo.
        """
        deadline = time.monotonic() + seconds
        with self._admin() as admin:
            while admin.execute(query).fetchone() != (True,):
                if time.monotonic() > deadline:
                    raise ServiceError(f"{failure} en {seconds:g} s. Su bitácora dice:\n\n{self.logs(6)}")
                time.sleep(_LOOK_EVERY)

    def received(self) -> int:
        """Hasta qué byte del registro de cambios tiene."""
        (there,) = self.ask(
            "SELECT coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) - '0/0'::pg_lsn"
        )
        return int(there)

    def step_down(self) -> None:
        """Deja de ser el primario, por las buenas si está bien; si no, lo mata: no puede quedar a medias."""
        with self._lock:
            if self.well:
                self.stop()  # its standbys receive everything before it ends
            elif self.state is State.READY:
                # Not by kill(), which thaws first: what was frozen in the middle of a write would finish it.
                self._inflict(Fault.KILLED, 0)
                self._fault, self._delay = Fault.KILLED, 0
                self._relieve(Fault.CUT)
            self.diverged = True

    def step_up(self) -> None:
        """Deja de seguir a nadie y acepta escrituras.

        Errores: `ServiceError` si no lo logra.
        """
        with self._lock:
            done = False
            try:
                done = self.ask(f"SELECT pg_promote(true, {PATIENCE:.0f})") == (True,)
            finally:
                if not done and self.state is State.READY:
                    self.kill()  # it must not finish later, when another may be the primary
                    (self.data / "promote").unlink(missing_ok=True)
            if not done:
                raise ServiceError(
                    f"«{self.name}» no pudo ascender en {PATIENCE:g} s. Su bitácora dice:\n\n{self.logs(6)}"
                )

    def follow(self) -> None:
        """Sigue al primario de ahora, sin reiniciarse; si está congelado, cuando despierte."""
        if self._process is not None and self._alive():
            self._configure()
            self._process.send_signal(signal.SIGHUP)

    def _own_settings(self) -> dict[str, str]:
        primary = self._cluster.primary
        there = {**primary.reach, "host": str(primary.place), "password": primary.password}
        own = {"cluster_name": self.name}
        if primary is not self:
            whole = {**there, "application_name": self.name}
            own["primary_conninfo"] = " ".join(f"{key}={quoted(value)}" for key, value in whole.items())
        if self._cluster.synchronous:
            own["synchronous_standby_names"] = "ANY 1 (*)"
        return own

    def _prepare(self) -> None:
        super()._prepare()
        if self.is_primary:
            (self.data / "standby.signal").unlink(missing_ok=True)
        else:
            if self.diverged:
                self._rewind()
            (self.data / "standby.signal").touch()
        self.diverged = False

    def _fill(self) -> None:
        if self.is_primary:
            super()._fill()
        else:
            self._copy_with("pg_basebackup", "--pgdata", "--dbname", "--checkpoint=fast")
            self.keep_password(self._cluster.primary.password)

    def _rewind(self) -> None:
        """Undo what only this one knows; if its log does not reach that far, copy everything."""
        with self._working_primary()._admin() as admin:
            # Before PostgreSQL 16, pg_rewind reads from disk which history the primary is on.
            admin.execute("CHECKPOINT")
        try:
            self._copy_with("pg_rewind", "--target-pgdata", "--source-server")
        except ServiceError:
            shutil.rmtree(self.data)
            self._fill()
        self._configure()  # the primary's own settings came along

    def _copy_with(self, program: str, to: str, source: str, *more: str) -> None:
        primary = self._working_primary()
        there = " ".join(f"{key}={quoted(value)}" for key, value in primary.reach.items())
        self._programs.run(
            program, f"{to}={self.data}", f"{source}={there}", "--no-sync", *more, PGPASSWORD=primary.password
        )

    def _working_primary(self) -> "PostgresNode":
        primary = self._cluster.primary
        if primary.state is not State.READY or primary.fault is Fault.FROZEN:
            raise ServiceError(
                f"«{self.name}» vuelve como réplica y tiene que copiar del primario, «{primary.name}», que "
                f"está {primary.status}: recupéralo antes, o asciende a otra réplica."
            )
        return primary

    def _launch(self) -> None:
        super()._launch()
        primary = self._cluster.primary
        if primary is not self and primary.well:
            self.await_streaming()

    def await_streaming(self) -> None:
        """Espera a que reciba los cambios del primario según ocurren.

        Errores: `ServiceError` si no llega a seguirlo.
        """
        self.await_truth(
            "SELECT count(*) > 0 FROM pg_stat_wal_receiver WHERE status = 'streaming'",
            f"«{self.name}» no logró seguir a «{self._cluster.primary.name}»",
        )

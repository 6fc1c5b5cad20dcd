"""Cómo va una réplica detrás de su primario: cuánto le falta, detenerla y esperarla."""

from abc import abstractmethod
from dataclasses import dataclass

from workshop.services.base import State
from workshop.services.faults import Fault
from workshop.services.postgres.node import PATIENCE, PostgresNode


@dataclass(frozen=True)
class Lag:
    """Cuánto le falta a una réplica por aplicar: bytes del registro de cambios y segundos."""

    bytes: int
    seconds: float


class Replay:
    """Lo que un grupo hace con el registro de cambios de sus réplicas."""

    @property
    @abstractmethod
    def primary(self) -> PostgresNode:
        """El nodo que acepta escrituras."""

    @abstractmethod
    def working_standby(self, node: PostgresNode, verb: str) -> PostgresNode:
        """El nodo, si es una réplica de este grupo que puede contestar."""

    def pause_replay(self, standby: PostgresNode) -> None:
        """La réplica sigue recibiendo cambios y deja de aplicarlos: sus lecturas se quedan en este instante.

        Errores: `ServiceError` si no es una réplica en marcha de este grupo.
        """
        self.working_standby(standby, "pause_replay").ask("SELECT pg_wal_replay_pause()")
        standby.await_truth(
            "SELECT pg_get_wal_replay_pause_state() = 'paused'", f"«{standby.name}» no se detuvo"
        )

    def resume_replay(self, standby: PostgresNode) -> None:
        """La réplica vuelve a aplicar cambios, empezando por los que recibió entretanto.

        Errores: `ServiceError` si no es una réplica en marcha de este grupo.
        """
        self.working_standby(standby, "resume_replay").ask("SELECT pg_wal_replay_resume()")

    def lag(self, standby: PostgresNode) -> Lag:
        """Cuánto le falta a la réplica por aplicar, en bytes y en segundos; `Lag(0, 0.0)` si está al día.

        Si el primario no responde, cuenta lo que la réplica recibió y todavía no aplica.
        Errores: `ServiceError` si no es una réplica en marcha de este grupo.
        """
        self.working_standby(standby, "lag")
        head = self._head(standby)
        replayed, age = standby.ask(
            "SELECT pg_last_wal_replay_lsn() - '0/0'::pg_lsn, "
            "coalesce(extract(epoch FROM now() - pg_last_xact_replay_timestamp()), 0)"
        )
        missing = max(0, head - int(replayed))
        return Lag(missing, max(0.0, float(age)) if missing else 0.0)

    def catch_up(self, standby: PostgresNode, seconds: float = PATIENCE) -> None:
        """Espera a que la réplica aplique todo lo que el primario ya escribió.

        Errores: `ServiceError` si no lo logra en `seconds` segundos.
        """
        head = self._head(self.working_standby(standby, "catch_up"))
        standby.await_truth(
            f"SELECT pg_last_wal_replay_lsn() - '0/0'::pg_lsn >= {head}",
            f"«{standby.name}» no alcanzó al primario", seconds,
        )  # fmt: skip

    def _head(self, standby: PostgresNode) -> int:
        primary = self.primary
        if primary.state is not State.READY or primary.fault is Fault.FROZEN:
            return standby.received()
        (written,) = primary.ask("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")
        return int(written)

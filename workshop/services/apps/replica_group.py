"""Un grupo de réplicas: la misma app en varios procesos, uno más o uno menos en vivo."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar, Self

from workshop.services import module, nursery, traces
from workshop.services.apps.replica import Replica
from workshop.services.base import Service, State
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.together import together

MOST = 16

Follower = Callable[[tuple[str, ...]], None]


class ReplicaSet(Service):
    """Un grupo de réplicas. Se crea con `replicas()`; cada una de sus `.members` se avería por separado."""

    kind: ClassVar[str] = "grupo de réplicas"
    faults = frozenset(Fault)

    def __init__(self, app: str, n: int, name: str) -> None:
        super().__init__(name)
        self.app = app
        self._module = app.partition(":")[0]
        self._members = [self._another(number) for number in range(1, n + 1)]
        self._followers: list[Follower] = []
        self._code = ""

    @property
    def members(self) -> tuple[Replica, ...]:
        """Las réplicas, cada una con `.url`, `.pid`, `.logs()` y sus averías."""
        return tuple(self._members)

    @property
    def urls(self) -> tuple[str, ...]:
        """Las direcciones de todas las réplicas."""
        return tuple(member.url for member in self._members)

    @property
    def url(self) -> str:
        """La dirección de la primera réplica; para repartir entre todas, usa `gateway(...)`."""
        return self._members[0].url

    @property
    def status(self) -> str:
        """Su estado; si no todas están en marcha, cuántas lo están."""
        ready = sum(member.state is State.READY and member.fault is None for member in self._members)
        if self.state is not State.READY or ready == len(self._members):
            return super().status
        return f"{State.READY} ({ready} de {len(self._members)})"

    def logs(self, n: int = 20) -> str:
        """Las últimas `n` líneas de cada réplica."""
        return "\n\n".join(f"{member.name}:\n{member.logs(n)}" for member in self._members)

    def start(self) -> Self:
        """Arranca las réplicas y espera a que contesten; a las que ya estaban, les quita su avería.

        Errores: `ServiceError` si alguna no arranca; dice por qué.
        """
        with self._lock:
            if self.state is not State.READY:
                return super().start()
            together(Replica.start, self._members)
            self._publish(self.urls)
        return self

    def restart(self) -> Self:
        """Cambia las réplicas, una tras otra, por otras con el código de ahora; nadie es rechazado."""
        with self._lock:
            if self.state is not State.READY:
                return self.start()
            code = module.fingerprint(self._module)
            for member in self._members:
                member.restart()
            self._code = code
            self._publish(self.urls)
        return self

    def scale(self, n: int) -> Self:
        """Deja el grupo en `n` réplicas (1 a 16). Las que sobran terminan antes lo que tienen entre manos.

        Errores: `ServiceError` si `n` no es un entero de ese rango o si una réplica nueva no arranca.
        """
        require_count(n, "scale")
        with self._lock:
            if self.state is not State.READY:
                raise ServiceError(f"«{self.name}» está {self.status}: ponlo en marcha con .start().")
            kept, leaving = self._members[:n], self._members[n:]
            coming = [self._another(number) for number in range(len(kept) + 1, n + 1)]
            try:
                together(Replica.start, coming)
            except ServiceError:
                together(Replica.stop, coming)
                raise
            self._members = [*kept, *coming]
            self._publish(self.urls)  # nobody sends any more to whoever leaves
            together(Replica.retire, leaving)
        return self

    def follow(self, follower: Follower) -> None:
        """Desde ahora, `follower` recibe las direcciones cada vez que cambian."""
        self._followers.append(follower)

    def unfollow(self, follower: Follower) -> None:
        """`follower` deja de recibirlas."""
        with suppress(ValueError):
            self._followers.remove(follower)

    def refreshed(self) -> Self:
        """Con el código de ahora: si su módulo cambió desde que arrancaron, las cambia por otras."""
        return self.restart() if self._code != module.fingerprint(self._module) else self

    def _another(self, number: int) -> Replica:
        return Replica(self.app, f"{self.name}-{number}")

    def _publish(self, urls: tuple[str, ...]) -> None:
        for follower in tuple(self._followers):
            follower(urls)

    def _launch(self) -> None:
        nursery.warm()  # it prepares itself while the collector opens
        traces.invite()
        self._code = module.fingerprint(self._module)
        together(Replica.start, self._members)
        self._publish(self.urls)

    def _halt(self) -> None:
        together(Replica.stop, self._members)

    def _alive(self) -> bool:
        return any(member.state is State.READY for member in self._members)

    def _inflict(self, fault: Fault, delay: int) -> None:
        for member in self._members:
            if member.state is State.READY:
                member.suffer(fault, delay)

    def _relieve(self, fault: Fault) -> None:
        for member in self._members:
            member.thaw() if fault is Fault.FROZEN else member.mend()


def require_count(n: Any, verb: str) -> None:
    """Acepta de 1 a 16; Errores: `ServiceError` con lo que llegó."""
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MOST:
        raise ServiceError(f"{verb}() espera un número de réplicas, de 1 a {MOST}; llegó {n!r}.")

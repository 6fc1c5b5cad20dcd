"""Un grupo de réplicas: la misma app en varios procesos, uno más o uno menos en vivo."""

import hashlib
import importlib.util
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Self

from workshop.services import nursery, traces
from workshop.services.base import Service, State
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.replica import Replica

MOST = 16

Follower = Callable[[tuple[str, ...]], None]


class ReplicaSet(Service):
    """Un grupo de réplicas. Se crea con `replicas()`; cada una de sus `.members` se avería por separado."""

    kind: ClassVar[str] = "grupo de réplicas"
    faults = frozenset(Fault)

    def __init__(self, app: str, n: int, name: str) -> None:
        super().__init__(name)
        self.app = app
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
            _together(Replica.start, self._members)
            self._publish(self.urls)
        return self

    def restart(self) -> Self:
        """Cambia las réplicas, una tras otra, por otras con el código de ahora; nadie es rechazado."""
        with self._lock:
            if self.state is not State.READY:
                return self.start()
            code = code_of(self.app)
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
                _together(Replica.start, coming)
            except ServiceError:
                _together(Replica.stop, coming)
                raise
            self._members = [*kept, *coming]
            self._publish(self.urls)  # nobody sends any more to whoever leaves
            _together(Replica.retire, leaving)
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
        return self.restart() if self._code != code_of(self.app) else self

    def _another(self, number: int) -> Replica:
        return Replica(self.app, f"{self.name}-{number}")

    def _publish(self, urls: tuple[str, ...]) -> None:
        for follower in tuple(self._followers):
            follower(urls)

    def _launch(self) -> None:
        nursery.warm()  # it prepares itself while the collector opens
        traces.invite()
        self._code = code_of(self.app)
        _together(Replica.start, self._members)
        self._publish(self.urls)

    def _halt(self) -> None:
        _together(Replica.stop, self._members)

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


def code_of(app: str) -> str:
    """La huella del archivo del módulo: cambia cuando su celda se vuelve a ejecutar con otro código."""
    with suppress(ImportError, ValueError, OSError):
        spec = importlib.util.find_spec(app.partition(":")[0])
        if spec is not None and spec.origin:
            return hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest()
    return ""


def _together(work: Callable[[Replica], Any], members: Iterable[Replica]) -> None:
    """Each in a thread, since each one waits for a process; raises the first failure, when all have ended."""
    failures: list[Exception] = []

    def attempt(member: Replica) -> None:
        try:
            work(member)
        except Exception as failure:
            failures.append(failure)

    # Not a pool: Python refuses those while it exits, which is when the last services are stopped.
    threads = [threading.Thread(target=attempt, args=[member], daemon=True) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]

"""La sala de averías: las mismas palabras para romper y recuperar cualquier servicio."""

from enum import StrEnum
from typing import NoReturn, Self

from workshop.services.errors import ServiceError

LONGEST_DELAY = 10_000  # milliseconds


class Fault(StrEnum):
    """Lo que le pasa a un servicio averiado a propósito, tal como lo dice `running()`."""

    KILLED = "muerto"
    FROZEN = "congelado"
    SLOW = "lento"
    CUT = "sin red"


VERBS = {Fault.KILLED: "kill", Fault.FROZEN: "freeze", Fault.SLOW: "slow", Fault.CUT: "cut"}


class Breakable:
    """Lo que se puede averiar. Una avería a la vez: la nueva sustituye a la anterior; `recover()` las quita.

    Se mezcla con `Service`, que sabe cómo se hace de verdad cada cosa.
    """

    name: str
    faults: frozenset[Fault] = frozenset()
    """Las averías que este servicio admite."""

    def __init__(self) -> None:
        self._fault: Fault | None = None
        self._delay = 0

    @property
    def fault(self) -> Fault | None:
        """La avería que tiene ahora, o None."""
        return self._fault

    def kill(self) -> Self:
        """Lo mata de golpe, sin dejarle terminar nada (SIGKILL)."""
        return self._break(Fault.KILLED)

    def freeze(self) -> Self:
        """Lo congela: sigue ahí, pero no hace ni contesta nada (SIGSTOP)."""
        return self._break(Fault.FROZEN)

    def slow(self, ms: int) -> Self:
        """Hace que cada respuesta tarde `ms` milisegundos más (1 a 10 000).

        Errores: `ServiceError` si `ms` no es un entero de ese rango.
        """
        if isinstance(ms, bool) or not isinstance(ms, int) or not 0 < ms <= LONGEST_DELAY:
            raise ServiceError(
                f"slow() espera un entero de milisegundos, de 1 a {LONGEST_DELAY}, como slow(300); "
                f"llegó {ms!r}."
            )
        return self._break(Fault.SLOW, ms)

    def cut(self) -> Self:
        """Corta su red: sus conexiones se rompen y las nuevas se rechazan."""
        return self._break(Fault.CUT)

    def thaw(self) -> Self:
        """Lo descongela. Si no estaba congelado, no hace nada."""
        return self._undo(Fault.FROZEN)

    def mend(self) -> Self:
        """Repara su red: deja de estar lento o cortado. Si no lo estaba, no hace nada."""
        return self._undo(Fault.SLOW, Fault.CUT)

    def recover(self) -> Self:
        """Le quita cualquier avería y lo deja en marcha, en el mismo sitio y con la misma dirección."""
        raise NotImplementedError

    def _break(self, fault: Fault, delay: int = 0) -> Self:
        raise NotImplementedError

    def _undo(self, *faults: Fault) -> Self:
        raise NotImplementedError

    def _refuse(self, fault: Fault) -> NoReturn:
        can = ", ".join(f"{VERBS[known]}()" for known in Fault if known in self.faults)
        raise ServiceError(
            f"«{self.name}» no admite {VERBS[fault]}(). "
            + (f"Con este servicio puedes usar: {can}." if can else "Este servicio no admite averías.")
        )

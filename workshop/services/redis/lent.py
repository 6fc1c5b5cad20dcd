"""El servidor Redis del cuaderno, visto desde una réplica o un trabajador suyo."""

from typing import ClassVar, NoReturn

from workshop.services.lent import Lent, borrowed
from workshop.services.redis.external import ExternalRedis, complaint

ADDRESS = "redis.txt"  # in the server's folder, for the kernel's children


class LentRedis(Lent, ExternalRedis):
    """El Redis del cuaderno."""

    kind: ClassVar[str] = "servidor Redis del cuaderno"

    def config(self, **settings: str | int | bool) -> NoReturn:
        """Se ajusta en el cuaderno.

        Errores: `ServiceError`, siempre.
        """
        self._send_back()

    def _no_entry(self, problem: Exception) -> str:
        return self._unreachable(complaint(problem))


def lent(name: str) -> LentRedis:
    """El servidor que el kernel de este proceso puso en marcha con ese nombre.

    Errores: `ServiceError` si no hay ninguno.
    """
    (address,) = borrowed(name, ADDRESS, "redis_server")
    return LentRedis(name, address)

"""El servidor Redis del cuaderno, visto desde una réplica o un trabajador suyo."""

from typing import NoReturn

from workshop.services import home
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.redis_external import ExternalRedis, complaint

ADDRESS = "address.txt"  # in the server's folder, for the kernel's children


class LentRedis(ExternalRedis):
    """El del cuaderno: aquí se usa; se ajusta, se vacía y se avería allí."""

    kind = "servidor Redis del cuaderno"

    def logs(self, n: int = 20) -> str:
        """Su bitácora se lee en el cuaderno."""
        return "La bitácora de este servidor se lee en el cuaderno."

    def config(self, **settings: str | int | bool) -> NoReturn:
        """Se ajusta en el cuaderno.

        Errores: `ServiceError`, siempre.
        """
        self._send_back()

    def reset(self) -> NoReturn:
        """Se vacía en el cuaderno.

        Errores: `ServiceError`, siempre.
        """
        self._send_back()

    def _refuse(self, fault: Fault) -> NoReturn:
        self._send_back()

    def _send_back(self) -> NoReturn:
        raise ServiceError(
            f"«{self.name}» es el servidor del cuaderno y este es otro proceso: "
            "se ajusta, se vacía y se avería desde el cuaderno."
        )

    def _explain(self, problem: Exception) -> str:
        return (
            f"Este proceso usa el servidor «{self.name}» del cuaderno, {complaint(problem)} Recupéralo allí."
        )


def lent(name: str) -> LentRedis:
    """El servidor que el kernel de este proceso puso en marcha con ese nombre.

    Errores: `ServiceError` si no hay ninguno.
    """
    try:
        address = (home.workdir() / name / ADDRESS).read_text("utf-8")
    except FileNotFoundError:
        raise ServiceError(
            f"El cuaderno no ha puesto en marcha ningún Redis que se llame «{name}»: ejecuta allí "
            f'redis_server("{name}") antes de crear este proceso.'
        ) from None
    return LentRedis(name, address)

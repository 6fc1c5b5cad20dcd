"""Un servidor del cuaderno visto desde una réplica o un trabajador suyo, que tienen su misma carpeta."""

from pathlib import Path
from typing import NoReturn

from workshop.services import home
from workshop.services.base import Service
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault


class Lent(Service):
    """Lo del cuaderno: aquí se usa; se ajusta, se vacía y se avería allí."""

    def logs(self, n: int = 20) -> str:
        """Su bitácora se lee en el cuaderno."""
        return "La bitácora de este servidor se lee en el cuaderno."

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

    def _unreachable(self, complaint: str) -> str:
        return f"Este proceso usa el servidor «{self.name}» del cuaderno, {complaint} Recupéralo allí."


def lend(place: Path, *addresses: str) -> None:
    """Anota en `place` las direcciones de un servidor, para los procesos de este cuaderno y nadie más."""
    draft = place.with_name(f"{place.name}.new")
    draft.touch(mode=0o600)
    draft.write_text("\n".join(addresses), "utf-8")
    draft.replace(place)  # whoever reads it meanwhile finds the old ones or the new ones, whole


def borrowed(name: str, file: str, maker: str) -> list[str]:
    """Las direcciones que el kernel de este proceso anotó en `file` para el servidor con ese nombre.

    Errores: `ServiceError` si no hay ninguno; dice que se crea con `maker`.
    """
    try:
        return (home.workdir() / name / file).read_text("utf-8").splitlines()
    except FileNotFoundError:
        raise ServiceError(
            "El cuaderno no tiene en marcha ese servidor: "
            f'ejecuta allí {maker}("{name}") antes de crear este proceso.'
        ) from None

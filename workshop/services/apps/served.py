"""`serve(app)`: una aplicación ASGI viva dentro del kernel."""

import inspect
import socket
from types import FrameType
from typing import Any, ClassVar, NoReturn

from workshop.services import logbook, registry
from workshop.services.apps.asgi import forget_replaced, require_app
from workshop.services.apps.server import KernelServer, NotReadyError
from workshop.services.base import State
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.names import valid_name
from workshop.services.port import PortService, bind


class ServedApp(PortService):
    """Una aplicación servida en 127.0.0.1. Se crea con `serve(app)`.

    Vive dentro del kernel: matarla corta sus conexiones, pero una función `def` que ya corría termina.
    """

    kind: ClassVar[str] = "API en este kernel"
    way_out: ClassVar[str] = "Corrige la aplicación y vuelve a ejecutar la celda."
    faults = frozenset({Fault.KILLED, Fault.SLOW, Fault.CUT})

    def __init__(self, app: Any, name: str) -> None:
        super().__init__(name)
        self.app = app
        self._book = logbook.new()
        self._server: KernelServer | None = None
        self._held: socket.socket | None = None

    def logs(self, n: int = 20) -> str:
        """Las últimas `n` líneas de la bitácora de uvicorn, con la traza de cada error."""
        return logbook.last_lines(self._book, n)

    def swap(self, app: Any) -> None:
        """Cambia la aplicación en el mismo puerto, sin rechazar ni cortar peticiones, y le quita su avería.

        Errores: `ServiceError` si la nueva no arranca; la anterior sigue atendiendo.
        """
        if self.state is not State.READY:
            self.app = app
        elif app is not self.app:
            self._swap_running(app)
            self.app = app
        self.start()

    def _launch(self) -> None:
        self._server = KernelServer(self.app, self._take_port(), self._book)
        try:
            self._server.start()
        except NotReadyError as failure:
            raise ServiceError(self._explain(str(failure))) from None

    def _swap_running(self, app: Any) -> None:
        assert self._server is not None
        try:
            self._server.swap(app)
        except NotReadyError as failure:
            raise ServiceError(
                f"{self._explain(str(failure))}\nLa versión anterior sigue atendiendo."
            ) from None

    def _halt(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None
        if self._held is not None:
            self._held.close()
            self._held = None

    def _inflict(self, fault: Fault, delay: int) -> None:
        assert self._server is not None
        if fault is Fault.SLOW:
            self._server.weather.slow(delay)
        elif fault is Fault.CUT:
            self._server.weather.cut()
        else:
            self._server.kill()
            self._held = bind(self.port)  # bound and not listening: the port waits for its recovery

    def _relieve(self, fault: Fault) -> None:
        if self._server is not None:
            self._server.weather.clear()

    def _refuse(self, fault: Fault) -> NoReturn:
        raise ServiceError(
            f"«{self.name}» no admite freeze(): vive dentro de este kernel, que se congelaría con ella. "
            'Para congelar una app, sírvela en procesos aparte con replicas("modulo:app", n=1).'
        )

    def _alive(self) -> bool:
        return self._server is not None and not self._server.closed.is_set()


def serve(app: Any, name: str | None = None) -> ServedApp:
    """Pone `app` en marcha dentro de este kernel y devuelve su manija, con `.url`, `.stop()` y `.logs()`.

    Si ya hay un servicio con ese nombre, cambia su aplicación por esta en el mismo puerto y sin rechazar
    peticiones: por eso puedes editar la celda y volver a ejecutarla.

    - `app`: una aplicación ASGI (FastAPI, Starlette…).
    - `name`: texto; por omisión, el nombre de la variable que la contiene.

    Escucha solo en 127.0.0.1, en un puerto libre.
    Errores: `ServiceError` si no es una aplicación o si no arranca.
    """
    require_app(app)
    forget_replaced(app)
    frame = inspect.currentframe()
    name = valid_name(name or _variable_of(app, frame.f_back if frame else None) or "api")
    known = registry.get(name)
    served = known if isinstance(known, ServedApp) else ServedApp(app, name)
    served.swap(app)
    return served


def _variable_of(app: Any, frame: FrameType | None) -> str | None:
    if frame is None:
        return None
    names = {**frame.f_globals, **frame.f_locals}.items()
    return next((name for name, value in names if value is app and _is_plain(name)), None)


def _is_plain(name: str) -> bool:
    return name.isidentifier() and not name.startswith("_")

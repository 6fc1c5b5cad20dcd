"""`queue_board(redis, "cocina")`: el riel de comandas de unas colas, vivo."""

import threading
import time
from html import escape
from typing import Any, ClassVar

import ipywidgets as widgets

from workshop.services.base import Service, State
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.queues.state import QueueState, queue_state
from workshop.widgets import cell, rail
from workshop.widgets.errors import WidgetError
from workshop.widgets.pulse import Live

PERIOD = 0.25
_STALE = "Lo que se ve es de antes; al recuperarlo, el riel seguirá."
_LOOK_EVERY = 0.05  # while `wait` waits: RQ announces nothing when a job ends


class QueueBoard(Live):
    """El riel de unas colas. Se crea con `queue_board(redis, ...)` y se actualiza solo hasta `.stop()`.

    `.state` es lo último que leyó: trabajos por estado, sus cuentas y quién los prepara.
    """

    css: ClassVar[str] = rail.CSS

    def __init__(self, server: Any, names: tuple[str, ...]) -> None:
        self._server, self.names = server, names
        self.state: QueueState | None = None
        self.problem = ""
        self._lock = threading.Lock()
        self._summary, self._rail = widgets.HTML(), widgets.HTML()
        super().__init__([self._summary, self._rail])
        self.add_class("comanda-rail")
        self.refresh()
        self._watch(PERIOD)

    def wait(self, timeout: float = 60) -> QueueState:
        """Espera a que no quede nada pendiente, hasta `timeout` segundos, y devuelve cómo quedaron las colas.

        Error: `WidgetError` si no terminan a tiempo o si Redis no contesta.
        """
        deadline = time.monotonic() + timeout
        while True:
            self.refresh()
            if self.problem or self.state is None:
                raise WidgetError(self.problem)
            if not self.state.pending:
                return self.state
            if time.monotonic() > deadline:
                raise WidgetError(
                    f"Después de {timeout:g} s siguen pendientes {self.state.pending} trabajos. Revisa que "
                    "haya trabajadores en marcha para estas colas, o espera más con wait(timeout=...)."
                )
            time.sleep(_LOOK_EVERY)

    def text(self) -> str:
        """Cuántos trabajos hay en cada estado ahora mismo, sin identificadores."""
        self.refresh()
        told = self.problem or (rail.counted(self.state) if self.state else "")
        return f"{rail.named(self.names)}\n{told}"

    def refresh(self) -> bool:
        """Lee las colas y dibuja lo nuevo; dice si queda algo que seguir."""
        with self._lock:
            self._read()
            self._draw()
        return not (isinstance(self._server, Service) and self._server.state is State.STOPPED)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        # At the moment of showing it, how many jobs are already done is a matter of luck: text() tells it.
        return super()._repr_mimebundle_(**kwargs) | {"text/plain": rail.named(self.names)}

    def _read(self) -> None:
        import redis

        if self._unable():
            self.problem = f"Redis está {self._server.status}. {_STALE}"
            return
        try:
            self.state, self.problem = queue_state(self._server, self.names), ""
        except (redis.RedisError, OSError, ServiceError) as error:
            if self.state is None and isinstance(error, ServiceError):
                raise  # what arrived does not serve, now or later
            self.problem = f"Redis no contesta ({error}). {_STALE}"

    def _unable(self) -> bool:
        """Asking a frozen server would keep whoever asks waiting for half a minute."""
        server = self._server
        if not isinstance(server, Service):
            return False
        return server.state is not State.READY or server.fault in (Fault.FROZEN, Fault.CUT)

    def _draw(self) -> None:
        told = f"✗ {self.problem}" if self.problem else rail.counted(self.state) if self.state else ""
        head = f"<strong>REAL</strong> · {escape(rail.named(self.names))}"
        self._summary.value = f'<p class="summary" role="status">{head}<br>{escape(told)}</p>'
        if self.state is not None and not self.problem:
            self._rail.value = rail.drawn(self.state)


def queue_board(redis: Any, *queues: Any) -> QueueBoard:
    """El riel de comandas, vivo: qué espera, qué se prepara, qué terminó, qué falló y quién hace qué.

    - `redis`: lo que devuelve `redis_server()`, o una conexión suya (`redis.connection()`).
    - `queues`: las colas, por nombre o como `Queue` de RQ, en orden de prioridad; por omisión, `"default"`.

    Las barras muestran lo que cada trabajo anota en `job.meta["progress"]`, de 0 a 100. El texto del panel
    dice cuántos hay en cada estado: `print(board)`. `board.wait()` espera a que no quede nada pendiente.
    Error: `WidgetError` si algún valor no sirve.
    """
    if not hasattr(redis, "connection") and not hasattr(redis, "get_connection_kwargs"):
        raise WidgetError(
            "queue_board espera primero el servidor de redis_server() y después las colas; "
            f"llegó {type(redis).__name__}."
        )
    names = tuple(dict.fromkeys(getattr(queue, "name", queue) for queue in queues)) or ("default",)
    for name in names:
        if not isinstance(name, str) or not name.strip():
            raise WidgetError(f'Una cola es su nombre, como "cocina", o una Queue de RQ; llegó {name!r}.')
    return cell.replace(QueueBoard(redis, names))

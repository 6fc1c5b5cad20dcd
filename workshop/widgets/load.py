"""`load(url, clients, seconds)`: una carga acotada, con su gráfica viva y un botón para detenerla."""

import threading
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, ClassVar

import ipywidgets as widgets

from workshop.services import registry
from workshop.services.base import Service, State
from workshop.services.errors import ServiceError
from workshop.services.load.run import LoadRun
from workshop.services.load.tally import Snapshot
from workshop.twin import SelfShown
from workshop.widgets import cell, load_view, look
from workshop.widgets.figure import figure
from workshop.widgets.pace import Pace


class Load(SelfShown):
    """Una carga y su panel. Se crea con `load(...)`.

    `.result` es la cuenta final (`.done`, `.ok`, `.failed`, `.throughput`, `.p50`, `.p95`, `.p99`, `.codes`,
    `.by_replica`…), `.stop()` la termina antes y `.report()` la dice como texto, con sus cifras.
    """

    css: ClassVar[str] = load_view.CSS

    def __init__(self, target: Any, title: str, options: dict[str, Any]) -> None:
        self.run = LoadRun(target, **options, on_tick=self._tick)
        self._service, order = _service(target), self.run.order
        name = f"«{self._service.name}»" if self._service else "un servicio local"
        route = order.paths[0] if len(order.paths) == 1 else f"{len(order.paths)} rutas"
        crowd = "1 cliente" if order.clients == 1 else f"{order.clients} clientes"
        limit = f" o {figure(order.requests)} peticiones" if order.requests else ""
        asked = f"{order.method} {route} · {crowd}, {figure(order.seconds)} s{limit}"
        self.title = f"{title or f'Carga a {name}'} · {asked}"
        self.problem = ""
        self._pace, self._stopped, self._over = Pace(order.seconds), False, threading.Event()
        self._threads: list[threading.Thread] = []
        self.stopper = widgets.Button(description="Detener", icon="stop", tooltip="Termina la carga ahora")
        self._status, self._clock, self._shown = widgets.HTML(), widgets.HTML(), widgets.HTML()
        bar = widgets.HBox([self.stopper, self._status]).add_class("comanda-line")
        head = widgets.HTML(f"<div><strong>REAL</strong> · {escape(self.title)}</div>")
        super().__init__([head, bar, self._clock, self._shown])
        self.add_class("comanda-load")
        self.stopper.on_click(lambda _: self._press())
        cell.answer_aside(self.stopper)

    @property
    def result(self) -> Snapshot:
        """La cuenta final; espera a que termine. Error: `ServiceError` si su proceso murió."""
        return self.run.result

    @property
    def running(self) -> bool:
        """Si sigue pidiendo."""
        return self.run.running

    def start(self) -> None:
        """Empieza; las cifras llegan al panel mientras tanto."""
        self._say("▶ En marcha.")
        self._draw(self.run.snapshot())
        self.run.start()
        self._aside(self._attend)

    def stop(self) -> None:
        """La termina antes de tiempo. Si ya terminó, no hace nada."""
        if self.run.running:
            self._stopped = True
            self.run.stop()
        for thread in self._threads:
            thread.join(1)  # its last figures are on the panel when this returns

    def wait(self) -> Snapshot:
        """Espera a que termine y devuelve la cuenta final. Si interrumpes la celda, se detiene."""
        try:
            self._over.wait()
        except KeyboardInterrupt:
            self.stop()
            raise
        return self.result

    def text(self) -> str:
        """Qué se pide y cuánto; las cifras, que cambian en cada corrida, quedan en el panel."""
        return f"{self.title}. La gráfica y las cifras están en el panel."

    def report(self) -> str:
        """Lo medido hasta ahora, como texto con sus cifras."""
        return f"REAL · {self.title}\n{load_view.as_text(self.run.snapshot())}"

    def _tick(self, now: Snapshot) -> None:
        self._pace.add(now)
        self._draw(now)
        if self._service is not None and self._service.state is State.STOPPED:
            self._press()  # stop_all(), for one: there is nobody left to ask

    def _attend(self) -> None:
        try:
            now = self.run.wait()
            self._pace.add(now, last=True)
            self._draw(now, until=now.elapsed)
            self._say(f"■ Detenida a los {now.elapsed:.1f} s." if self._stopped else "✓ Terminó.")
        except ServiceError as problem:
            self.problem = str(problem)
            self._say(f"✗ {problem}")
        finally:
            self.stopper.disabled = True
            self._over.set()

    def _press(self) -> None:
        if self.run.running and not self._stopped:
            self._stopped = True
            self._say("… Deteniendo.")
            self._aside(self.run.stop)

    def _aside(self, action: Callable[[], object]) -> None:
        thread = threading.Thread(target=action, name="comanda-load", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _draw(self, now: Snapshot, until: float = 0.0) -> None:
        seconds = self.run.order.seconds
        self._clock.value = load_view.clock(now.elapsed, seconds)
        self._shown.value = load_view.drawn(now, self._pace, until or seconds)

    def _say(self, words: str) -> None:
        self._status.value = look.status(escape(words))


def _service(target: Any) -> Service | None:
    """The service that is loaded: what was passed, or the one of this kernel that has that address."""
    if isinstance(target, Service):
        return target
    known = [one for service in registry.services() for one in (service, *service.members)]
    return next((one for one in known if _leads_to(target, one)), None)


def _leads_to(url: Any, service: Service) -> bool:
    try:
        address = service.url
    except ServiceError:
        return False
    return isinstance(url, str) and (url == address or url.startswith((f"{address}/", f"{address}?")))


def load(  # noqa: PLR0913  # each one is something a load can vary
    url: Any,
    clients: int = 10,
    seconds: float = 3.0,
    *,
    path: str | Sequence[str] = "",
    method: str = "GET",
    json: Any = None,
    headers: Mapping[str, str] | None = None,
    requests: int | None = None,
    pause_ms: float = 0,
    timeout: float = 10.0,
    ca: str | None = None,
    title: str = "",
    wait: bool = True,
) -> Load:
    """Carga un servicio de esta máquina: `clients` clientes le piden sin parar durante `seconds` segundos.

    Muestra en vivo las respuestas por segundo, los percentiles, los códigos y lo que contestó cada réplica.
    Espera a que termine, salvo con `wait=False`; el botón «Detener», `.stop()` e interrumpir la celda la
    terminan antes. La cuenta final queda en `.result`.

    - `url`: un servicio o su dirección; solo de esta máquina. `path`: el camino, o una lista de la que cada
      petición elige uno al azar.
    - `clients`: 1 a 200. `seconds`: hasta 60. `requests`: si se da, termina también tras esas peticiones.
    - `method`, `json` (cuerpo) y `headers`; en ellos, `{client}` es el número de cada cliente.
    - `pause_ms`: lo que cada cliente espera entre una respuesta y su siguiente petición.
    - `timeout`: segundos tras los que una petición sin respuesta cuenta como fallida.
    - `ca`: el certificado de la autoridad que firma, si la dirección es `https`.
    - `title`: qué se mide, si hace falta decirlo.

    Errores: `ServiceError` si la dirección no es de esta máquina o algún valor no sirve.
    """
    options = {
        "clients": clients, "seconds": seconds, "path": path, "method": method, "json": json,
        "headers": headers, "requests": requests, "pause_ms": pause_ms, "timeout": timeout, "ca": ca,
    }  # fmt: skip
    panel = cell.replace(Load(url, title, options))
    panel.start()
    panel.show()
    if wait:
        panel.wait()
    return panel

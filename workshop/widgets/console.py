"""`console(api)`: envía cualquier petición a un servicio y mira todo lo que vuelve."""

import threading
import weakref
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, ClassVar

import ipywidgets as widgets
import requests

from workshop.twin import Twin
from workshop.widgets import answer, cell, look
from workshop.widgets.address import Target
from workshop.widgets.contract import Operation, read_contract
from workshop.widgets.errors import WidgetError
from workshop.widgets.exchange import Exchange
from workshop.widgets.form import Form
from workshop.widgets.history import History
from workshop.widgets.panes import Panes
from workshop.widgets.request import METHODS, Draft, build
from workshop.widgets.side import Side
from workshop.widgets.trace import available, radiograph


class Console(Twin):
    """La consola de peticiones. Se crea con `console(api)`.

    Sus controles son atributos (`method`, `path`, `headers`, `body`, `follow`, `as_is`, `xray`, `send`,
    `stop`, `history`, `tabs`) y también se usan desde una celda: `c.path.value = "/dishes"`,
    `c.send.click()`, `c.wait()`.
    """

    css: ClassVar[str] = look.CONSOLE

    def __init__(self, api: Any, draft: Draft, timeout: float) -> None:
        self.target = Target(api)
        self.exchange: Exchange | None = None
        self._timeout = timeout
        self._history = History()
        self._refusal = ""
        self._lock = threading.Lock()
        self._app: Any = None
        self._operations: list[Operation] = []
        self.form, self.panes = Form(), Panes()
        title = widgets.HTML(f"<h3>Consola de «{escape(self.target.name)}»</h3>")
        super().__init__([title, self.form, self.panes])
        self.add_class("comanda-console")
        self._expose()
        self.form.fill(draft)
        self._connect()
        self.refresh_paths()

    def _expose(self) -> None:
        form, panes = self.form, self.panes
        self.method, self.path, self.headers, self.body = form.method, form.path, form.headers, form.body
        self.follow, self.as_is, self.xray = form.follow, form.as_is, form.xray
        self.send, self.stop = form.send, form.stop
        self.history, self.tabs = panes.history, panes.tabs

    def _connect(self) -> None:
        self.xray.value, self.xray.disabled = available(), not available()
        self.send.on_click(lambda _: self._submit())
        self.stop.on_click(lambda _: self._abandon())
        self.history.observe(self._recall, "value")
        for control in (self.method, self.path):
            control.observe(lambda _: self._show_hint(), "value")
        _after_each_cell(self)

    @property
    def response(self) -> requests.Response | None:
        """La última respuesta, o None si no hay (aún no llega, o la petición falló)."""
        done = self.exchange is not None and self.exchange.done.is_set() and not self.exchange.problem
        return self.exchange.response if self.exchange is not None and done else None

    @property
    def problem(self) -> str:
        """Por qué no hay respuesta, en español; vacío si todo salió bien."""
        return self._refusal or (self.exchange.problem if self.exchange else "")

    @property
    def sent(self) -> bytes:
        """Los bytes que salieron por el socket (hasta 64 KiB por vuelta)."""
        return b"".join(bytes(hop.sent) for hop in self.exchange.hops) if self.exchange else b""

    @property
    def received(self) -> bytes:
        """Los bytes que llegaron por el socket (hasta 64 KiB por vuelta)."""
        return b"".join(bytes(hop.received) for hop in self.exchange.hops) if self.exchange else b""

    def wait(self, timeout: float = 60) -> requests.Response | None:
        """Espera hasta `timeout` segundos a que termine la petición y devuelve la respuesta, o None.

        Error: `WidgetError` si no termina a tiempo.
        """
        if self.exchange is not None and not self.exchange.done.wait(timeout):
            raise WidgetError(
                f"La petición sigue en camino después de {timeout:g} s. Espera más o pulsa «Detener»."
            )
        return self.response

    def text(self) -> str:
        """Método, ruta, estado y cuerpo; sin puertos, tiempos ni fechas."""
        draft = self.form.draft
        if self._refusal:
            return f"{draft.method} {draft.path}\n✗ {self._refusal}"
        if self.exchange is None:
            return f"Consola de «{self.target.name}»: {draft.method} {draft.path}, sin enviar."
        if not self.exchange.done.is_set():
            return f"{self.exchange.request.method} {self.exchange.request.path}\n… en camino"
        return answer.as_text(self.exchange, self.target)

    def beside(self, panel: Twin) -> Side:
        """La consola junto a otro panel: a su lado si caben, y si no, encima."""
        return Side(self, panel)

    def refresh_paths(self) -> None:
        """Lee otra vez las rutas que la aplicación publica."""
        self._app = self.target.app
        if self._app is None:
            threading.Thread(target=self._read_paths, name="comanda-paths", daemon=True).start()
        else:
            self._read_paths()

    def _read_paths(self) -> None:
        self._operations = read_contract(self.target)
        self.path.options = list(dict.fromkeys(operation.path for operation in self._operations))
        self._show_hint()

    def _show_hint(self) -> None:
        path = self.path.value.split("?")[0]
        known = [f"<b>{o.method}</b> {escape(o.summary)}" for o in self._operations if o.path == path]
        self.form.hint.value = (
            f'<p class="comanda-note">Esta ruta acepta {" · ".join(known)}</p>' if known else ""
        )

    def _submit(self) -> None:
        with self._lock:
            if self.exchange is not None and not self.exchange.done.is_set():
                self.panes.say("Ya hay una petición en camino: espera su respuesta o pulsa «Detener».", "…")
                return
            draft = self.form.draft
            try:
                request = build(draft, self.target)
                self.panes.show_request(request)
            except (WidgetError, requests.RequestException) as error:
                self._refuse(str(error))
                return
            self._refusal = ""
            self.exchange = Exchange(request, self.target, self._timeout)
        self._show_running(True)
        self.panes.say(f"{request.method} {draft.path} en camino…", "…")
        radio = radiograph(self.exchange) if self.xray.value else None
        self.exchange.start(radio or _plain, lambda: self._finish(draft))
        threading.Thread(target=self._tick, args=(self.exchange,), name="comanda-clock", daemon=True).start()

    def _refuse(self, why: str) -> None:
        self._refusal, self.exchange = why, None
        self.panes.refuse(why)

    def _abandon(self) -> None:
        if self.exchange is None or self.exchange.done.is_set():
            self.panes.say("No hay ninguna petición en camino.")
        else:
            self.panes.say("Deteniendo la espera…", "…")
            self.exchange.stop()

    def _show_running(self, running: bool) -> None:
        self.send.disabled, self.stop.disabled = running, not running

    def _tick(self, exchange: Exchange) -> None:
        while not exchange.arrived.wait(1.0):
            with self._lock:
                if not exchange.arrived.is_set():
                    self.panes.say(f"Esperando la respuesta: {exchange.seconds:.0f} s.", "…")

    def _finish(self, draft: Draft) -> None:
        exchange = self.exchange
        assert exchange is not None
        with self._lock:
            try:
                self._history.add(draft, _outcome(exchange))
                self.panes.show(exchange, self.target)
                self.panes.show_history(self._history.entries)
                self.panes.show_trace(exchange.trace or "Esta petición salió sin Rayos X.")
            finally:
                self._show_running(False)
        if self._looks_swapped(exchange):
            self._app = self.target.app
            self._read_paths()

    def _looks_swapped(self, exchange: Exchange) -> bool:
        """Behind a bare URL nobody says that the app changed: a path that is not there hints at it."""
        if self.target.app is not None:
            return self.target.app is not self._app
        return exchange.response is not None and exchange.response.status_code in (404, 405)

    def _recall(self, change: Mapping[str, Any]) -> None:
        entry = change["new"]
        if entry is not None:
            self.form.fill(entry.draft)
            self.panes.say(
                f"En el formulario está otra vez la petición {entry.number}. Pulsa «Enviar» para repetirla."
            )


def _plain(send: Callable[[], None]) -> None:
    send()


def _outcome(exchange: Exchange) -> str:
    if exchange.problem or exchange.response is None:
        return "sin respuesta"
    return str(exchange.response.status_code)


def _after_each_cell(console: Console) -> None:
    """Re-running the cell that serves swaps the app; the suggestions follow."""
    ref = weakref.ref(console)

    def look_again() -> None:
        alive = ref()
        if alive is not None and alive.target.app is not alive._app:
            alive.refresh_paths()

    cell.on("post_run_cell", look_again)


def console(  # noqa: PLR0913, PLR0917  # one parameter for each control that can be filled in
    api: Any,
    method: str = "GET",
    path: str = "/",
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 15,
) -> Console:
    """Una consola para enviar peticiones a `api`, un servicio de `serve(app)` o una URL de esta máquina.

    - `method`, `path`, `body`, `headers`: con qué empieza el formulario; `body` es un texto, o un valor o un
      modelo de `pydantic` que se escribe como JSON.
    - `timeout`: segundos que espera entre un byte y el siguiente antes de darse por vencida.

    Error: `WidgetError` si `api` no es un servicio de esta máquina o algún otro valor no sirve.
    """
    if str(method).upper() not in METHODS:
        raise WidgetError(
            f"El método {method!r} no está en la consola. Usa uno de estos: {', '.join(METHODS)}."
        )
    if not isinstance(path, str):
        raise WidgetError(f"La ruta es un texto, por ejemplo '/dishes'; llegó {path!r}.")
    if not isinstance(headers or {}, Mapping):
        raise WidgetError(f"headers es un diccionario, por ejemplo {{'If-Match': '7'}}; llegó {headers!r}.")
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout <= 600:
        raise WidgetError(f"timeout son segundos, más de 0 y hasta 600; llegó {timeout!r}.")
    written = "\n".join(f"{name}: {value}" for name, value in (headers or {}).items())
    text = "" if body is None else answer.as_json_text(body)
    return Console(api, Draft(str(method).upper(), path, written, text), timeout)

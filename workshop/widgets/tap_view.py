"""`tap(api)`: el oído en el cable con su panel, que muestra en vivo las dos direcciones."""

import threading
from html import escape
from typing import Any, ClassVar, Self

import ipywidgets as widgets

from workshop.services.wire.talk import Exchange, Talk
from workshop.services.wire.tap import Tap
from workshop.twin import Twin
from workshop.widgets import cell, heard, heard_html, look

PERIOD = 0.15  # seconds between two drawings: a burst of requests is drawn once
_CSS = """
.comanda-tap { border: 1px solid var(--jp-border-color2); border-radius: 4px; padding: 8px 12px; gap: 6px; }
.comanda-tap .comanda-line { flex-wrap: wrap; gap: 8px; align-items: center; }
"""


class TapView(Twin):
    """Un oído en marcha y su panel. Se crea con `tap(api)`; su botón es `forget`.

    `.tap` es el servicio. Aquí están sus mismas palabras: `.url`, `.connections`, `.exchanges`, `.talks`,
    `.heard(...)`, `.clear()`, `.start()`, `.stop()`.
    """

    css: ClassVar[str] = _CSS + heard_html.CSS

    def __init__(self, ear: Tap, listens_to: str) -> None:
        self.tap = ear
        self.forget = widgets.Button(
            description="Olvidar lo oído", icon="trash", layout=widgets.Layout(width="auto")
        )
        title = widgets.HTML(f"<b>Oído en el cable de «{escape(listens_to)}»</b> · REAL")
        self._summary, self._pieces = widgets.HTML(), widgets.HTML()
        bar = widgets.HBox([title, self._summary, self.forget]).add_class("comanda-line")
        super().__init__([bar, self._pieces])
        self.add_class("comanda-tap").add_class("comanda-heard")
        self.forget.on_click(lambda _: self.clear())
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self._draw()
        ear.on_change = self._changed

    @property
    def url(self) -> str:
        """La dirección a la que se habla para ser oído, sin diagonal final."""
        return self.tap.url

    @property
    def name(self) -> str:
        """El nombre del servicio."""
        return self.tap.name

    @property
    def state(self) -> str:
        """En qué punto de su vida está: «en marcha», «detenido»…"""
        return self.tap.state

    @property
    def connections(self) -> int:
        """Cuántas conexiones se han abierto."""
        return self.tap.connections

    @property
    def talks(self) -> list[Talk]:
        """Las conexiones oídas."""
        return self.tap.talks

    @property
    def exchanges(self) -> list[Exchange]:
        """Los intercambios en claro, en orden; cada uno con `.request`, `.interim` y `.response`."""
        return self.tap.exchanges

    def heard(self, words: str | bytes) -> bool:
        """Si esas palabras pasaron, tal cual, en cualquiera de las dos direcciones."""
        return self.tap.heard(words)

    def clear(self) -> None:
        """Olvida lo oído."""
        self.tap.clear()
        self._draw()

    def start(self) -> Self:
        """Vuelve a oír, en la misma dirección."""
        self.tap.start()
        return self

    def stop(self) -> None:
        """Deja de oír y cierra lo que pasaba; lo oído se conserva."""
        self.tap.stop()
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        self._draw()

    def text(self) -> str:
        """Lo oído, con cada pieza y su nombre; sin puertos ni fechas."""
        return heard.as_text(self.tap)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _changed(self) -> None:
        with self._lock:
            if self._timer is None:
                self._timer = threading.Timer(PERIOD, self._draw_soon)
                self._timer.daemon = True
                self._timer.start()

    def _draw_soon(self) -> None:
        with self._lock:
            self._timer = None
        self._draw()

    def _draw(self) -> None:
        talks, connections = self.tap.now(settled=False)
        words = heard.summary(talks, connections)
        self._pieces.value = heard_html.as_html(talks)
        self._summary.value = look.status(escape(words))


def tap(api: Any, name: str = "tap") -> TapView:
    """Pone un oído en el cable hacia `api`: todo lo que pase por su `.url` se anota y se ve, sin cambiarlo.

    - `api`: un servicio, como el que devuelve `serve(app)`, o una URL de esta máquina (`http` o `https`).
      Con `https` solo se oye ruido: el oído no tiene la llave.
    - `name`: texto; dos oídos a la vez llevan nombres distintos.

    Errores: `ServiceError` si `api` no es de esta máquina.
    """
    ear = Tap(api, name).start()
    return cell.replace(TapView(ear, getattr(api, "name", "servicio local")))

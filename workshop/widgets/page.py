"""`page(api, path)`: la página viva de un servicio, dentro del cuaderno."""

import os
from html import escape
from typing import Any, ClassVar, Literal

import ipywidgets as widgets

from workshop.twin import Twin
from workshop.widgets import look
from workshop.widgets.address import Target
from workshop.widgets.errors import WidgetError

Via = Literal["auto", "direct", "proxy"]


class Page(Twin):
    """Una página de un servicio. Se crea con `page(api, path)`; sus botones son `refresh` y `toggle`."""

    css: ClassVar[str] = look.PAGE

    def __init__(self, api: Any, path: str, via: Via, height: int) -> None:
        self.target = Target(api)
        self.path = path
        self.via = ("proxy" if behind_hub() else "direct") if via == "auto" else via
        self._height, self._turn = height, 0
        self.refresh = widgets.Button(description="Actualizar", icon="refresh")
        self.toggle = widgets.Button(icon="exchange", layout=widgets.Layout(width="auto"))
        self.link, self.frame = widgets.HTML(), widgets.HTML()
        title = widgets.HTML(f"<b>{escape(self.target.name)}</b> <code>{escape(path)}</code>")
        bar = widgets.HBox([title, self.refresh, self.toggle, self.link]).add_class("comanda-line")
        super().__init__([bar, self.frame])
        self.add_class("comanda-page")
        self.refresh.on_click(lambda _: self._show())
        self.toggle.on_click(lambda _: self._switch())
        self._show()

    @property
    def src(self) -> str:
        """La dirección que carga el marco: directa, o a través de Jupyter."""
        if self.via == "direct":
            return self.target.url + self.path
        return f"{jupyter_base_url()}proxy/{self.target.port}{self.path}"

    def text(self) -> str:
        """Qué página es, sin el puerto."""
        return f"Página de «{self.target.name}»: {self.path}"

    def _switch(self) -> None:
        self.via = "direct" if self.via == "proxy" else "proxy"
        self._show()

    def _show(self) -> None:
        self._turn += 1  # a new value makes the browser load the frame again
        src, title = escape(self.src), escape(f"{self.target.name}: {self.path}")
        other = "Pásala por Jupyter" if self.via == "direct" else "Pídela directo"
        self.toggle.description = f"¿No se ve? {other}"
        self.link.value = f'<a href="{src}" target="_blank" rel="noopener">Abrir en otra pestaña</a>'
        self.frame.value = (
            f'<iframe src="{src}" title="{title}" data-turn="{self._turn}" style="height: {self._height}px">'
            "</iframe>"
        )


def behind_hub() -> bool:
    """Si el kernel corre en JupyterHub o Binder, donde el navegador no alcanza 127.0.0.1."""
    return any(
        os.environ.get(name)
        for name in ("JUPYTERHUB_SERVICE_PREFIX", "BINDER_SERVICE_HOST", "BINDER_REPO_URL")
    )


def jupyter_base_url() -> str:
    """La ruta base del Jupyter que encendió este kernel, con `/` final; `/` si no se encuentra."""
    if prefix := os.environ.get("JUPYTERHUB_SERVICE_PREFIX"):
        return prefix if prefix.endswith("/") else f"{prefix}/"
    from jupyter_server.serverapp import list_running_servers

    parent = os.environ.get("JPY_PARENT_PID", "")
    for server in list_running_servers():
        if str(server.get("pid")) == parent:
            return str(server.get("base_url", "/"))
    return "/"


def page(api: Any, path: str = "/", via: Via = "auto", height: int = 480) -> Page:
    """La página `path` de `api` (un servicio de `serve(app)` o una URL de esta máquina), en un marco.

    - `via`: `"direct"` la pide a 127.0.0.1, `"proxy"` a través de Jupyter; `"auto"` decide.
    - `height`: alto del marco, en pixeles.

    Error: `WidgetError` si la ruta no empieza con `/` o algún valor no sirve.
    """
    if not isinstance(path, str) or not path.startswith("/"):
        raise WidgetError(f"La ruta de una página empieza con /: escribe page(api, {'/' + str(path)!r}).")
    if via not in ("auto", "direct", "proxy"):
        raise WidgetError(f"via={via!r} no existe: usa 'auto', 'direct' o 'proxy'.")
    if isinstance(height, bool) or not isinstance(height, int) or not 80 <= height <= 4000:
        raise WidgetError(f"height es el alto en pixeles, un entero entre 80 y 4000; llegó {height!r}.")
    return Page(api, path, via, height)

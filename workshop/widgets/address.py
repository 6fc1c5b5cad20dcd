"""A quién se le habla: solo a servicios de esta máquina."""

from typing import Any
from urllib.parse import urlsplit

from workshop.widgets.errors import WidgetError

LOCAL = {"127.0.0.1", "localhost", "::1"}


def is_local(url: str) -> bool:
    """Si la URL es `http` y apunta a esta máquina."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and parts.hostname in LOCAL and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


class Target:
    """El servicio al que apunta un panel: un servicio de `serve` o una URL de esta máquina.

    Error: `WidgetError` si no es ninguna de las dos cosas.
    """

    def __init__(self, api: Any) -> None:
        self._api = api
        if not isinstance(getattr(api, "url", api), str):
            raise WidgetError(
                f"Se esperaba un servicio de serve(app) o una URL como 'http://127.0.0.1:8000', "
                f"y llegó {type(api).__name__}. Prueba: api = serve(app) y después pásale api."
            )
        if not is_local(self.url):
            raise WidgetError(
                f"{self.url!r} no es un servicio de esta máquina. Por seguridad, aquí solo se habla por "
                "http con 127.0.0.1, localhost o [::1], por ejemplo 'http://127.0.0.1:8000'."
            )

    @property
    def url(self) -> str:
        """La dirección del servicio, sin `/` final ni ruta."""
        raw: str = getattr(self._api, "url", self._api)
        parts = urlsplit(raw)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if is_local(raw) else raw

    @property
    def port(self) -> int:
        """El puerto TCP."""
        return urlsplit(self.url).port or 80

    @property
    def name(self) -> str:
        """El nombre del servicio; para una URL suelta, «servicio local»."""
        return str(getattr(self._api, "name", "") or "servicio local")

    @property
    def app(self) -> Any:
        """La aplicación ASGI que se sirve ahora, o None si solo se conoce la URL."""
        return getattr(self._api, "app", None)

    @property
    def revival(self) -> str:
        """Qué hacer para que el servicio vuelva a atender."""
        if hasattr(self._api, "start"):
            return "Enciéndelo con .start() o vuelve a ejecutar la celda que llama a serve(...)."
        return "Vuelve a ejecutar la celda que lo enciende y revisa que la URL sea la suya."

    def relative(self, text: str) -> str:
        """Quita la dirección del servicio de un texto, para que no dependa del puerto."""
        netloc = urlsplit(self.url).netloc
        return text.replace(self.url, "").replace(netloc, self.name)

    def path(self, written: str) -> tuple[str, str]:
        """La ruta que se va a pedir y un aviso si hubo que corregirla (vacío si no).

        Error: `WidgetError` si lo escrito es una URL de otro lugar.
        """
        written = written.strip()
        if written == self.url or written.startswith((f"{self.url}/", f"{self.url}?")):
            kept = written.removeprefix(self.url)
            return (kept if kept.startswith("/") else f"/{kept}"), "Quité la dirección: aquí basta la ruta."
        if "://" in written.split("?")[0]:
            raise WidgetError(
                f"Aquí va la ruta, por ejemplo «/dishes»; este panel solo habla con «{self.name}»."
            )
        if not written.startswith("/"):
            return f"/{written}", f"Una ruta empieza con /: usé «/{written}»."
        return written, ""

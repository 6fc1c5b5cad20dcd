"""Un intercambio: una petición en su propio hilo y todo lo que pasó con ella."""

import contextvars
import threading
import time
from collections.abc import Callable
from typing import Any

import requests
from urllib3.exceptions import DecodeError, HTTPError

from workshop.widgets.address import Target
from workshop.widgets.errors import WidgetError
from workshop.widgets.request import Request
from workshop.widgets.wire import Hop, Recorder, session

BODY_LIMIT = 4 * 1024 * 1024
CONNECT_TIMEOUT = 3.0


class Exchange:
    """La petición, y cuando termina: la respuesta o el problema, los bytes y los milisegundos."""

    def __init__(self, request: Request, target: Target, timeout: float) -> None:
        self.request = request
        self.response: requests.Response | None = None
        self.problem = ""
        self.clipped = False
        self.milliseconds = 0.0
        self.arrived = threading.Event()  # the answer is in, or will not come
        self.done = threading.Event()  # and it has been shown
        self.trace: Any = None
        self._target = target
        self._timeout = timeout
        self._recorder = Recorder()
        self._began = time.perf_counter()

    @property
    def hops(self) -> list[Hop]:
        """Las idas y vueltas, en orden; más de una cuando se siguieron redirecciones."""
        return self._recorder.hops

    @property
    def seconds(self) -> float:
        """Cuánto lleva, en segundos."""
        return time.perf_counter() - self._began

    def start(self, around: Callable[[Callable[[], None]], None], finished: Callable[[], None]) -> None:
        """Envía la petición en un hilo; `around` la envuelve (Rayos X) y `finished` se llama al final."""

        def run() -> None:
            try:
                around(self.send)
            except Exception as error:
                self.trace = f"Sin radiografía propia. {error}"
                if not self.arrived.is_set():
                    self.send()
            try:
                finished()
            finally:
                self.done.set()

        context = contextvars.copy_context()  # an X-ray around the click also sees the request
        threading.Thread(target=context.run, args=[run], name="comanda-console", daemon=True).start()

    def stop(self) -> None:
        """Deja de esperar. El servicio puede seguir trabajando: esto no deshace la petición."""
        self._recorder.stop()

    def send(self) -> None:
        """Envía y espera, sin lanzar errores: lo que salga mal queda en `problem`."""
        self._began = time.perf_counter()
        try:
            with session(self._recorder) as sender:
                self._receive(sender)
        except (requests.RequestException, OSError, WidgetError, HTTPError, UnicodeError) as error:
            self.problem = self._explain(error)
        self.milliseconds = self.seconds * 1000
        if self._recorder.cut.is_set():
            self.problem = (
                "Detuviste la espera. Ojo: el servicio pudo recibir la petición y cumplirla de todos modos."
            )
        self.arrived.set()

    def _receive(self, sender: requests.Session) -> None:
        self.response = sender.send(
            self.request.prepared(),
            allow_redirects=self.request.follow,
            timeout=(CONNECT_TIMEOUT, self._timeout),
            stream=True,
        )
        body = bytearray()
        try:
            # iter_content would throw away what came before a cut; read1 hands it over as it arrives.
            while chunk := self.response.raw.read1(64 * 1024, decode_content=True):
                body += chunk
                if len(body) > BODY_LIMIT:
                    self.clipped = True
                    break
        finally:
            # requests offers no public way to hand over a body read in pieces.
            self.response._content = bytes(body)
            self.response._content_consumed = True  # type: ignore[attr-defined]
            self.response.close()

    def _explain(self, error: Exception) -> str:
        if isinstance(error, WidgetError):
            return str(error)
        if isinstance(error, requests.TooManyRedirects):
            return self._explain_loop()
        name = f"«{self._target.name}»"
        if isinstance(error, requests.ConnectTimeout) or _caused_by(error, ConnectionRefusedError):
            return f"Nadie atiende en {name}: la conexión fue rechazada. {self._target.revival}"
        if isinstance(error, requests.Timeout) or _caused_by(error, TimeoutError):
            return (
                f"{name} no contestó en {self._timeout:g} s y dejé de esperar. Puede seguir trabajando: "
                "mira su registro antes de repetir la petición."
            )
        return self._explain_cut(name, error)

    def _explain_cut(self, name: str, error: Exception) -> str:
        received = self.hops[-1].received.total if self.hops else 0
        if isinstance(error, DecodeError):
            return f"{name} anuncia un Content-Encoding con el que el cuerpo no se puede leer."
        if self.response is not None:
            return f"{name} cortó la conexión a media respuesta: llegaron {received} bytes y faltó el resto."
        if received:
            return (
                f"{name} envió {received} bytes que no forman una respuesta HTTP; míralos en «En el cable»."
            )
        return f"{name} cerró la conexión sin contestar. Revisa su registro. ({type(error).__name__})"

    def _explain_loop(self) -> str:
        seen = [self._target.relative(hop.url) for hop in self.hops]
        again = next((url for at, url in enumerate(seen) if url in seen[:at]), None)
        start = f"Seguí {len(seen)} redirecciones y ninguna fue la última. "
        if again is None:
            return start + "La cadena está abajo."
        cycle = seen[seen.index(again) : seen.index(again, seen.index(again) + 1) + 1]
        return f"{start}Es un ciclo: {' → '.join(cycle)}. Uno de esos pasos debe contestar otra cosa."


def _caused_by(error: BaseException | None, kind: type[BaseException]) -> bool:
    seen: set[int] = set()
    pending: list[Any] = [error]
    while pending:
        each = pending.pop()
        if isinstance(each, kind):
            return True
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            pending += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
    return False

"""`LoadRun`: una carga acotada contra un servicio de esta máquina, desde un proceso que no es el kernel."""

import json as jsonlib
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any, Self

from workshop.services import home, nursery
from workshop.services.errors import ServiceError
from workshop.services.load.order import Order, make_order
from workshop.services.load.tally import Snapshot


class LoadRun:
    """Una carga: `clients` clientes que piden, leen la respuesta y vuelven a pedir, durante `seconds`.

    - `url`: la dirección de un servicio de esta máquina; ninguna otra se acepta.
    - `clients`: 1 a 200. `seconds`: hasta 60. `requests`: si se da, termina también tras esas peticiones.
    - `path`: camino que se añade a `url`; si es una lista, cada petición elige uno al azar.
    - `method`, `json` (cuerpo) y `headers`; en ellos, `{client}` es el número de cada cliente.
    - `pause_ms`: lo que cada cliente espera entre una respuesta y su siguiente petición.
    - `timeout`: segundos tras los que una petición sin respuesta cuenta como fallida.
    - `ca`: archivo con el certificado de la autoridad que firma, si `url` es https.
    - `on_tick`: función que recibe cada `Snapshot`, unas diez por segundo, en otro hilo.

    Errores: `ServiceError` si la dirección no es de esta máquina o algún valor no sirve.
    """

    def __init__(  # noqa: PLR0913  # each one is something a load can vary
        self,
        url: str,
        clients: int = 10,
        seconds: float = 3.0,
        *,
        method: str = "GET",
        path: str | Sequence[str] = "",
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        requests: int | None = None,
        pause_ms: float = 0,
        timeout: float = 10.0,
        ca: str | None = None,
        on_tick: Callable[[Snapshot], None] | None = None,
    ) -> None:
        self.order: Order = make_order(
            url, clients, seconds, method=method, path=path, json=json, headers=headers or {},
            requests=requests, pause_ms=pause_ms, timeout=timeout, ca=ca,
        )  # fmt: skip
        self._on_tick = on_tick
        self._latest = Snapshot()
        self._kernel: socket.socket | None = None
        self._child: nursery.Child | None = None
        self._ended = threading.Event()
        self._lost = False

    @property
    def running(self) -> bool:
        """¿Sigue pidiendo?"""
        return self._kernel is not None and not self._ended.is_set()

    @property
    def pid(self) -> int | None:
        """El identificador de su proceso, o None si no ha empezado."""
        return self._child.pid if self._child else None

    def start(self) -> Self:
        """Empieza y vuelve enseguida. Una carga se usa una vez: para repetirla, crea otra.

        Errores: `ServiceError` si ya había empezado.
        """
        if self._kernel is not None:
            raise ServiceError("Esta carga ya empezó: para repetirla, crea otra.")
        self._kernel, theirs = socket.socketpair()
        log = home.workdir() / "load.txt"
        with theirs:
            self._child = nursery.spawn(
                "workshop.services.load.child:run", asdict(self.order), log, [theirs.fileno()]
            )
        threading.Thread(target=self._listen, name="comanda-carga", daemon=True).start()
        return self

    def snapshot(self) -> Snapshot:
        """Lo que va hasta ahora."""
        return self._latest

    def stop(self) -> Snapshot:
        """La termina antes de tiempo, con lo que ya está en vuelo, y devuelve su cuenta."""
        if self.running and self._kernel is not None:
            with suppress(OSError):  # it has just ended by itself
                self._kernel.send(b".")
        return self.wait()

    def wait(self, timeout: float | None = None) -> Snapshot:
        """Espera a que termine (o `timeout` segundos) y devuelve su cuenta. Si lo interrumpes, se detiene.

        Errores: `ServiceError` si no había empezado o si su proceso murió.
        """
        if self._kernel is None:
            raise ServiceError("Esta carga no ha empezado: empiézala con .start().")
        try:
            self._ended.wait(timeout)
        except KeyboardInterrupt:
            self._kernel.send(b".")
            self._ended.wait()
            raise
        if self._lost:
            raise ServiceError("El proceso de la carga terminó antes de tiempo: vuelve a ejecutar la celda.")
        return self._latest

    @property
    def result(self) -> Snapshot:
        """Su cuenta final; espera a que termine."""
        return self.wait()

    def __repr__(self) -> str:
        clients = self.order.clients
        state = "por empezar" if self._kernel is None else "en marcha" if self.running else "terminada"
        return f"Carga de {clients} {'cliente' if clients == 1 else 'clientes'}: {state}"

    def _listen(self) -> None:
        assert self._kernel is not None
        self._lost = True
        try:
            with self._kernel, self._kernel.makefile("r", encoding="utf-8") as line:
                for said in line:
                    told: dict[str, Any] = jsonlib.loads(said)
                    self._lost = not told.pop("ended")
                    self._latest = Snapshot(**told)
                    if self._on_tick is not None:
                        self._on_tick(self._latest)
        except ConnectionResetError:  # it died with our last word unread; what it told before still counts
            pass
        finally:  # whatever happens, nobody is left waiting
            if self._child is not None:
                self._child.end()
            self._ended.set()

"""Un servidor sin framework: una función recibe la conexión y escribe los bytes que quiera."""

import inspect
import socket
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

from workshop.services import registry
from workshop.services.errors import ServiceError
from workshop.services.names import valid_name
from workshop.services.wire.door import Door

Attend = Callable[[socket.socket], Any]
PATIENCE = 30.0  # seconds that a silent client is waited for


class RawServer(Door):
    """Acepta conexiones en un puerto suyo y da cada una a una función, en su hilo. Lo crea `raw_server`."""

    kind: ClassVar[str] = "servidor a mano"

    def __init__(self, attend: Attend, name: str) -> None:
        super().__init__(name)
        self.attend = attend
        self._listener: socket.socket | None = None
        self._accepting: threading.Thread | None = None
        self._open: dict[socket.socket, threading.Thread] = {}

    def _launch(self) -> None:
        self._listener = self._listen()
        name = f"comanda-{self.name}"
        self._accepting = threading.Thread(target=self._accept, args=[self._listener], name=name, daemon=True)
        self._accepting.start()

    def _halt(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # closing alone would not wake accept()
            listener.close()
        if self._accepting is not None:
            self._accepting.join(1)
        for wire, thread in list(self._open.items()):
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
            thread.join(1)  # a function that sleeps ends when it wakes: its connection is gone

    def _alive(self) -> bool:
        return self._listener is not None

    def _accept(self, listener: socket.socket) -> None:
        while self._listener is listener:
            try:
                wire, _ = listener.accept()
            except OSError:
                return
            wire.settimeout(PATIENCE)
            thread = threading.Thread(
                target=self._serve, args=[wire], name=f"comanda-{self.name}", daemon=True
            )
            self._open[wire] = thread
            thread.start()

    def _serve(self, wire: socket.socket) -> None:
        with wire:  # the log is written before the connection closes: whoever sees the one finds the other
            try:
                self.attend(wire)
            except OSError:
                self._lines.append("El cliente se fue antes de terminar.")
            except Exception:
                self._lines += traceback.format_exc().splitlines()
        self._open.pop(wire, None)


def raw_server(attend: Attend, name: str | None = None) -> RawServer:
    """Pone en marcha un servidor que entrega cada conexión a `attend`, y devuelve su manija, con `.url`.

    - `attend`: una función que recibe un `socket` ya conectado: lee con `.recv(n)` y contesta con
      `.sendall(b"...")`. La conexión se cierra cuando termina.
    - `name`: texto; por omisión, el nombre de la función. Si ya hay un servidor con ese nombre, cambia su
      función en el mismo puerto.

    Errores: `ServiceError` si `attend` no es una función de un argumento.
    """
    _require(attend)
    own = str(getattr(attend, "__name__", ""))
    name = valid_name(name or (own if own.isidentifier() else "servidor"))  # a lambda has no name of its own
    known = registry.get(name)
    if isinstance(known, RawServer):
        known.attend = attend
        return known.start()
    return RawServer(attend, name).start()


def _require(attend: Any) -> None:
    example = (
        'raw_server(attend), donde def attend(wire): wire.sendall(b"HTTP/1.1 204 No Content\\r\\n\\r\\n")'
    )
    if not callable(attend):
        raise ServiceError(f"Se esperaba una función y llegó {type(attend).__name__}. Se usa así: {example}.")
    with suppress(ValueError):
        needed = [p for p in inspect.signature(attend).parameters.values() if p.default is p.empty]
        if len(needed) != 1:
            raise ServiceError(
                f"La función recibe {len(needed)} argumentos y se le da uno, la conexión. Así: {example}."
            )

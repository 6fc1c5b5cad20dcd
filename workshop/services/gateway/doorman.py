"""El portero del gateway: mientras la configuración cambia, toda petición espera un instante en la puerta.

Go drops what a server reads after it began to shut down, as Caddy's does at each change; what it read
before is answered to the end. So everybody is let in as far as a waiting room, and goes on from there.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from workshop.services import names

_WAITING = "waiting"  # the file that, while it is there, sends every request to the waiting room
_QUIET_SECONDS = 0.05  # without anybody at the door: whoever was on the way is in, or out
_LONGEST_SECONDS = 0.5  # there may always be somebody else on the way
_LINGER_SECONDS = 1.0  # for whoever saw the sign and, on a busy machine, is still to come
_SEATS = 1024
_GO_ON = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


class Doorman:
    """Lado del kernel: abre la sala de espera y la vacía."""

    def __init__(self, folder: Path) -> None:
        self._sign = folder / _WAITING
        self._path = names.socket_path(folder / "door.sock")

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Lo que se haga dentro no lo nota nadie que llegue al gateway: solo espera un poco."""
        self.dismiss()
        room = socket.socket(socket.AF_UNIX)
        room.bind(str(self._path))
        room.listen(_SEATS)
        self._sign.touch()
        waiting = list(_arriving(room, _QUIET_SECONDS, _LONGEST_SECONDS))
        try:
            yield
        finally:
            self._sign.unlink(missing_ok=True)
            for seat in waiting:
                _let_go(seat)
            for seat in _arriving(room, _QUIET_SECONDS, _LONGEST_SECONDS):
                _let_go(seat)
            threading.Thread(target=_linger, args=[room], name="comanda-portero", daemon=True).start()

    def dismiss(self) -> None:
        """Sin portero: nadie espera."""
        self._sign.unlink(missing_ok=True)
        self._path.unlink(missing_ok=True)


def waiting_room(folder: Path) -> dict[str, Any]:
    """La ruta de Caddy que hace pasar por la sala de espera, si hay portero, y después sigue su camino."""
    return {
        "match": [{"file": {"root": str(folder), "try_files": [_WAITING]}}],
        "handle": [
            {
                "handler": "reverse_proxy",
                "upstreams": [{"dial": f"unix/{folder / 'door.sock'}"}],
                "rewrite": {"method": "GET", "uri": "/"},  # the body stays for whoever it is meant for
                "transport": {"protocol": "http", "keep_alive": {"enabled": False}},
                "handle_response": [
                    {"match": {"status_code": [2]}, "routes": [{"handle": [{"handler": "vars"}]}]}
                ],
            }
        ],
    }


def _arriving(room: socket.socket, quiet: float, longest: float) -> Iterator[socket.socket]:
    """Everybody who comes, until nobody has come for `quiet` seconds."""
    deadline = time.monotonic() + longest
    room.settimeout(quiet)
    while time.monotonic() < deadline:
        try:
            seat, _ = room.accept()
        except TimeoutError:
            return
        yield seat


def _let_go(seat: socket.socket) -> None:
    with seat, suppress(OSError):  # whoever does not wait for the answer
        seat.settimeout(1)
        seat.recv(4096)
        seat.sendall(_GO_ON)


def _linger(room: socket.socket) -> None:
    with room:
        for seat in _arriving(room, _LINGER_SECONDS, 60):
            _let_go(seat)

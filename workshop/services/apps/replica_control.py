"""El mando a distancia de una réplica: el kernel le habla por un socket que solo ellos dos tienen."""

import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from workshop.services.child import Child

OBEY_SECONDS = 5.0
LEAVE_SECONDS = 5  # what is in flight may still take when a replica leaves its place to another


@dataclass(frozen=True)
class Control:
    """El proceso de una réplica y la línea por la que obedece."""

    child: Child
    line: socket.socket

    def obey(self, order: str, *arguments: int) -> None:
        """Da una orden y espera a que esté cumplida."""
        self._say(order, *arguments)
        self.hear(OBEY_SECONDS)

    def hear(self, seconds: float) -> dict[str, Any]:
        """Lo siguiente que dice; vacío si murió o si calló `seconds` segundos."""
        self.line.settimeout(seconds)
        said = b""
        with suppress(OSError):
            while not said.endswith(b"\n"):
                if not (more := self.line.recv(4096)):
                    return {}
                said += more
            answer: dict[str, Any] = json.loads(said)
            return answer
        return {}

    def borrow(self) -> socket.socket:
        """El socket en el que escucha: con él, otra toma su lugar detrás de la misma puerta."""
        self._say("lend")
        self.line.settimeout(OBEY_SECONDS)
        _, (descriptor, *_), _, _ = socket.recv_fds(self.line, 1, 1)
        return socket.socket(fileno=descriptor)

    def dismiss(self) -> None:
        """Deja de recibir, termina lo que tiene entre manos y se va."""
        self._say("leave")
        self.child.wait(LEAVE_SECONDS + 1)
        self.end()

    def end(self) -> None:
        """Termina el proceso, como sea."""
        self.child.end()
        self.line.close()

    def _say(self, order: str, *arguments: int) -> None:
        with suppress(OSError):  # it died this very moment: its state will tell
            self.line.sendall(json.dumps([order, *arguments]).encode() + b"\n")

"""Caddy como servicio: escucha en un socket que le da el kernel, y así nadie es rechazado cuando cambia."""

import json
import os
import socket
from abc import abstractmethod
from pathlib import Path
from typing import Any

from workshop.services import names
from workshop.services.base import State
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.gateway import caddy
from workshop.services.gateway.doorman import Doorman
from workshop.services.network.tcp_link import TcpLink
from workshop.services.port import PortService, bind
from workshop.services.process import ProcessService


class CaddyProcess(PortService, ProcessService):
    """Un Caddy en su propio proceso, con todas las averías; qué hace, lo dice quien hereda."""

    faults = frozenset(Fault)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._link: TcpLink | None = None

    @abstractmethod
    def _config(self, listen: str, folder: Path, admin: Path) -> dict[str, Any]:
        """The whole configuration, for a Caddy that listens there and keeps its things in `folder`."""

    def _apply(self) -> None:
        """The new configuration, without anybody noticing it."""
        try:
            with Doorman(self.folder).holding():
                self._admin.load(self._current())
        except OSError:
            raise ServiceError(f"«{self.name}» está {self.status}: recupéralo con .recover().") from None

    def _require_awake(self) -> None:
        if self.state is not State.READY or self._fault is Fault.FROZEN:
            raise ServiceError(f"«{self.name}» está {self.status}: recupéralo con .recover().")

    def _current(self) -> dict[str, Any]:
        (descriptor,) = self._inherited
        return self._config(f"fd/{descriptor}", self.folder, self._admin_path)

    @property
    def _admin_path(self) -> Path:
        return names.socket_path(self.folder / "admin.sock")

    @property
    def _admin(self) -> caddy.Admin:
        return caddy.Admin(self._admin_path)

    def _launch(self) -> None:
        self._run(self._take_port())

    def _run(self, listener: socket.socket) -> None:
        # Old and new configuration take turns at one socket: what waits at its door is lost by neither.
        # Only the child keeps it: killed, the port refuses.
        Doorman(self.folder).dismiss()
        with listener:
            listener.listen(socket.SOMAXCONN)
            self._inherited = (listener.fileno(),)
            super()._launch()

    def _command(self) -> list[str]:
        config = self.folder / "config.json"
        config.touch(mode=0o600)
        config.write_text(json.dumps(self._current()), "utf-8")
        return [caddy.binary(), "run", "--config", str(config)]

    def _options(self) -> dict[str, Any]:
        own = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(self.folder))
        return {**super()._options(), "env": {**os.environ, **own, "OTEL_SERVICE_NAME": self.name}}

    def _answers(self) -> bool:
        return self._admin.ready()

    def _halt(self) -> None:
        super()._halt()
        self._leave_link()

    def _inflict(self, fault: Fault, delay: int) -> None:
        if fault in (Fault.KILLED, Fault.FROZEN):
            super()._inflict(fault, delay)
            return
        super()._halt()  # it lets go of its port, where the network's fault takes its place
        self._link = link = TcpLink(self.port)
        self._run(bind(link.real))
        if fault is Fault.CUT:
            link.cut()
        else:
            link.open(delay)

    def _relieve(self, fault: Fault) -> None:
        if fault is Fault.FROZEN:
            super()._relieve(fault)
            self._apply()  # what it could not hear
        elif self._link is not None:
            super()._halt()
            self._leave_link()
            self._run(self._take_port())

    def _leave_link(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()

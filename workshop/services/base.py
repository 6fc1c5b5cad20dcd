"""El ciclo de vida de todos los servicios: arrancar, estar listo, detenerse, volver en su sitio."""

import threading
from abc import ABC, abstractmethod
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Self

from workshop.services import home, registry


class State(StrEnum):
    """En qué punto de su vida está un servicio."""

    STOPPED = "detenido"
    STARTING = "arrancando"
    READY = "en marcha"
    FAILED = "averiado"


class Service(ABC):
    """Algo que corre mientras el kernel vive.

    Sirve como gestor de contexto (`with`) y también con `start()` y `stop()` en celdas distintas.
    `start`, `stop` y `restart` pueden repetirse sin daño.
    """

    kind: ClassVar[str]

    def __init__(self, name: str) -> None:
        self.name = name
        self._state = State.STOPPED
        self._lock = threading.RLock()

    @property
    def state(self) -> State:
        """El estado de ahora mismo, preguntado a lo que corre y no recordado."""
        if self._state is State.READY and not self._alive():
            self._state = State.FAILED
        return self._state

    @property
    @abstractmethod
    def url(self) -> str:
        """La dirección con la que un cliente de esta máquina habla con el servicio."""

    @property
    def folder(self) -> Path:
        """La carpeta temporal del servicio; desaparece con el kernel."""
        folder = home.workdir() / self.name
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def start(self) -> Self:
        """Arranca y espera a que conteste. Si ya está en marcha, no hace nada.

        Errores: `ServiceError` si no llega a estar listo; cita las últimas líneas de su bitácora.
        """
        with self._lock:
            if self.state is State.READY:
                return self
            self._state = State.STARTING
            try:
                self._launch()
            except BaseException:
                self._state = State.FAILED
                self._halt()
                raise
            self._state = State.READY
            registry.add(self)
        return self

    def stop(self) -> None:
        """Detiene el servicio y espera a que termine. Si ya está detenido, no hace nada."""
        with self._lock:
            if self._state is not State.STOPPED:
                self._halt()
            self._state = State.STOPPED
            registry.discard(self)

    def restart(self) -> Self:
        """Detiene y vuelve a arrancar en el mismo sitio."""
        with self._lock:
            self.stop()
            return self.start()

    @abstractmethod
    def logs(self, n: int = 20) -> str:
        """Las últimas `n` líneas de su bitácora."""

    @abstractmethod
    def _launch(self) -> None:
        """Start and return only when ready; raise ServiceError otherwise."""

    @abstractmethod
    def _halt(self) -> None:
        """End whatever `_launch` started, even if it only got half way."""

    @abstractmethod
    def _alive(self) -> bool:
        """Is what `_launch` started still running?"""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        # No port and no address: outputs are compared letter by letter.
        return f"{self.kind} «{self.name}»: {self.state}"

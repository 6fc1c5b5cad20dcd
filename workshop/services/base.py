"""El ciclo de vida de todos los servicios: arrancar, estar listo, detenerse, volver en su sitio."""

import threading
from abc import ABC, abstractmethod
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Self

from workshop.services import home, registry
from workshop.services.errors import ServiceError, refused_by_system
from workshop.services.faults import Breakable, Fault


class State(StrEnum):
    """En qué punto de su vida está un servicio."""

    STOPPED = "detenido"
    STARTING = "arrancando"
    READY = "en marcha"
    FAILED = "averiado"


class Service(Breakable, ABC):
    """Algo que corre mientras el kernel vive.

    Sirve como gestor de contexto (`with`) y también con `start()` y `stop()` en celdas distintas.
    `start`, `stop`, `restart` y las averías pueden repetirse sin daño.
    """

    kind: ClassVar[str]
    way_out: ClassVar[str] = "Vuelve a ejecutar la celda; si se repite, el capítulo 00 revisa tu instalación."
    """Qué hacer si no arranca."""
    listed: ClassVar[bool] = True
    """Si `running()` y `stop_all()` lo ven por sí mismo; un miembro se ve a través de su grupo."""

    def __init__(self, name: str) -> None:
        super().__init__()
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
    def status(self) -> str:
        """Su estado o su avería, en pocas palabras: lo que muestra `running()`."""
        state = self.state
        if self._fault is None or (state is not State.READY and self._fault is not Fault.KILLED):
            return str(state)
        return f"{self._fault} (+{self._delay} ms)" if self._fault is Fault.SLOW else str(self._fault)

    @property
    def members(self) -> "tuple[Service, ...]":
        """Los servicios de los que está hecho (las réplicas de un grupo); vacío si es uno solo."""
        return ()

    @property
    @abstractmethod
    def url(self) -> str:
        """La dirección con la que un cliente de esta máquina habla con el servicio."""

    def succeeds(self, other: "Service") -> bool:
        """Si puede quedarse con el nombre de `other`, al que detiene: solo otro como él."""
        return isinstance(other, type(self))

    @property
    def folder(self) -> Path:
        """La carpeta temporal del servicio; desaparece con el kernel."""
        folder = home.workdir() / self.name
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def start(self) -> Self:
        """Arranca y espera a que conteste. Si ya está en marcha, solo le quita la avería que tenga.

        Errores: `ServiceError` si no llega a estar listo; cita las últimas líneas de su bitácora.
        """
        with self._lock:
            if self.state is State.READY:
                self._heal()
                return self
            if self.listed:
                registry.require_free(self)
            if self._state is not State.STOPPED:
                self._halt()  # it died: what is left of it goes before another takes its place
            self._fault, self._delay = None, 0
            self._state = State.STARTING
            try:
                self._launch()
            except BaseException as problem:
                self._state = State.FAILED
                self._halt()
                if isinstance(problem, OSError):
                    raise refused_by_system(self.name, problem) from None
                raise
            self._state = State.READY
            if self.listed:
                registry.add(self)
        return self

    def stop(self) -> None:
        """Detiene el servicio y espera a que termine. Si ya está detenido, no hace nada."""
        with self._lock:
            if self._state is not State.STOPPED:
                if self.state is State.READY:
                    self._heal()  # a frozen process would not hear that it must end
                self._halt()
            self._fault, self._delay = None, 0
            self._state = State.STOPPED
            registry.discard(self)

    def restart(self) -> Self:
        """Detiene y vuelve a arrancar en el mismo sitio."""
        with self._lock:
            self.stop()
            return self.start()

    def recover(self) -> Self:
        """Le quita cualquier avería y lo deja en marcha, en el mismo sitio y con la misma dirección.

        Errores: `ServiceError` si no llega a estar listo.
        """
        return self.start()

    def _break(self, fault: Fault, delay: int = 0) -> Self:
        with self._lock:
            if fault not in self.faults:
                self._refuse(fault)
            if fault is self._fault is Fault.KILLED and self.state is State.FAILED:
                return self  # killing twice kills once
            if self.state is not State.READY:
                raise ServiceError(
                    f"«{self.name}» está {self.status}: no se puede averiar lo que no está en marcha. "
                    "Ponlo en marcha con .start(), o con .recover() si ya estaba averiado."
                )
            self._heal()
            self._fault, self._delay = fault, delay
            try:
                self._inflict(fault, delay)
            except BaseException:
                self._heal()
                raise
        return self

    def _undo(self, *faults: Fault) -> Self:
        with self._lock:
            if self._fault in faults:
                self._heal()
        return self

    def _heal(self) -> None:
        fault = self._fault
        if fault is not None and fault is not Fault.KILLED:
            self._relieve(fault)
        self._fault, self._delay = None, 0

    @abstractmethod
    def logs(self, n: int = 20) -> str:
        """Las últimas `n` líneas de su bitácora."""

    def _explain(self, failure: str) -> str:
        return (
            f"«{self.name}» no arrancó: {failure}. Las últimas líneas de su bitácora:\n\n{self.logs(12)}\n\n"
            f"{self.way_out}"
        )

    @abstractmethod
    def _launch(self) -> None:
        """Start and return only when ready; raise ServiceError otherwise."""

    @abstractmethod
    def _halt(self) -> None:
        """End whatever `_launch` started, even if it only got half way."""

    @abstractmethod
    def _alive(self) -> bool:
        """Is what `_launch` started still running?"""

    def _inflict(self, fault: Fault, delay: int) -> None:
        """Break it for real; only asked for what `faults` admits. `delay` is in milliseconds."""
        raise NotImplementedError

    def _relieve(self, fault: Fault) -> None:
        """Undo `_inflict`, while it is alive; never asked for KILLED."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        # No port and no address: outputs are compared letter by letter.
        return f"{self.kind} «{self.name}»: {self.status}"

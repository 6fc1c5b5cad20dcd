"""Los servicios que son un proceso aparte, en lo que se ve de todos: su bitácora es un archivo."""

from pathlib import Path

from workshop.services import logbook
from workshop.services.base import Service


class LoggedService(Service):
    """Un servicio que escribe en un archivo de su carpeta."""

    @property
    def log_path(self) -> Path:
        """El archivo al que va todo lo que el proceso escribe, `print` incluido."""
        return self.folder / "log.txt"

    def logs(self, n: int = 20) -> str:
        """Las últimas `n` líneas que escribió el proceso."""
        return logbook.tail(self.log_path, n)

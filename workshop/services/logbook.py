"""La bitácora de cada servicio que corre dentro del kernel."""

import logging
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path

KEPT_RECORDS = 500

# Records, not lines: formatting is left for whoever reads, so that no request pays for it.
Logbook = deque[logging.LogRecord]

_FORMAT = logging.Formatter("%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S")


class _ByThread(logging.Handler):
    """Uvicorn's loggers are global: each record goes to the service whose thread wrote it."""

    def __init__(self) -> None:
        super().__init__()
        self.books: dict[int, Logbook] = {}

    def emit(self, record: logging.LogRecord) -> None:
        book = self.books.get(record.thread or 0)
        if book is not None:
            book.append(record)


_handler = _ByThread()


def tail(path: Path, n: int) -> str:
    """Las últimas `n` líneas de un archivo; vacío si no existe."""
    with suppress(FileNotFoundError), path.open(encoding="utf-8", errors="replace") as log:
        return "".join(deque(log, maxlen=n)).rstrip("\n")
    return ""


def last_lines(book: Logbook, n: int) -> str:
    """Las últimas `n` líneas, con la traza de cada error."""
    lines = [line for record in list(book) for line in _FORMAT.format(record).splitlines()]
    return "\n".join(lines[-n:])


def new() -> Logbook:
    """Una bitácora vacía que recuerda lo último que se anotó."""
    return deque(maxlen=KEPT_RECORDS)


def keep(book: Logbook) -> None:
    """Desde ahora, lo que anote uvicorn en este hilo va a `book` y no a la salida de una celda."""
    logger = logging.getLogger("uvicorn")
    if _handler not in logger.handlers:
        logger.addHandler(_handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    _handler.books[threading.get_ident()] = book


def close() -> None:
    """El hilo termina y su número puede ser de otro."""
    _handler.books.pop(threading.get_ident(), None)

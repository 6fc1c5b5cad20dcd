"""La bitácora de cada servicio que corre dentro del kernel."""

import logging
import threading
from collections import deque

KEPT_LINES = 500
_FORMAT = logging.Formatter("%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S")


class _ByThread(logging.Handler):
    """Uvicorn's loggers are global: each record goes to the service whose thread wrote it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(_FORMAT)
        self.books: dict[int, deque[str]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        book = self.books.get(record.thread or 0)
        if book is not None:
            book.extend(self.format(record).splitlines())


_handler = _ByThread()


def new() -> deque[str]:
    """Una bitácora vacía que recuerda las últimas líneas."""
    return deque(maxlen=KEPT_LINES)


def keep(book: deque[str]) -> None:
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

"""El oído en el cable: se pone entre cliente y servidor y anota cada byte de las dos direcciones."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, TimeoutError
from contextlib import suppress
from typing import Any, ClassVar

from workshop.services.names import valid_name
from workshop.services.wire.passage import Ear, Passage
from workshop.services.wire.talk import Exchange, Talk

KEPT_TALKS = 200
_QUIET = 0.02  # seconds in which what is already in the sockets is heard


class Tap(Passage):
    """Escucha lo que pasa hacia `api` sin cambiarlo. El cliente le habla a `.url` en lugar de a `api.url`."""

    kind: ClassVar[str] = "oído en el cable"

    def __init__(self, api: Any, name: str = "tap") -> None:
        super().__init__(api, valid_name(name))
        self._hearing = threading.Lock()
        self._talks: deque[Talk] = deque(maxlen=KEPT_TALKS)
        self._count = self._last = 0
        self.on_change: Callable[[], None] = lambda: None
        """Se llama, desde el hilo del oído, cada vez que algo pasa."""

    @property
    def connections(self) -> int:
        """En cuántas conexiones se dijo algo, o nadie atendió, desde que empezó a oír o desde `clear()`."""
        return self.now()[1]

    @property
    def talks(self) -> list[Talk]:
        """Las conexiones oídas, de la más vieja a la más nueva; se guardan las últimas 200."""
        return self.now()[0]

    @property
    def exchanges(self) -> list[Exchange]:
        """Los intercambios de HTTP en claro de todas las conexiones, en orden."""
        return [exchange for talk in self.talks for exchange in talk.exchanges]

    def now(self, settled: bool = True) -> tuple[list[Talk], int]:
        """Las conexiones oídas y cuántas van; con `settled`, oye antes lo que ya venía en camino."""
        if settled:
            self._settle()
        with self._hearing:
            return list(self._talks), self._count

    def heard(self, words: str | bytes) -> bool:
        """Si esas palabras pasaron por el cable, tal cual, en cualquiera de las dos direcciones."""
        wanted = words.encode() if isinstance(words, str) else words
        return any(wanted in bytes(tape) for talk in self.talks for tape in (talk.sent, talk.received))

    def clear(self) -> None:
        """Olvida lo oído. Las conexiones abiertas siguen, y vuelven a aparecer en cuanto digan algo más."""
        self._settle()
        with self._hearing:
            for talk in self._talks:
                talk.forget()
            self._talks.clear()
            self._count = 0
        self.on_change()

    def plain(self, text: str) -> str:
        """El texto sin los puertos de esta corrida: en su lugar, los nombres de los servicios."""
        known = getattr(self._api, "name", "servicio")
        ends = {self.url: self.name, getattr(self._api, "url", str(self._api)): known}
        for url, name in ends.items():
            text = text.replace(url.rstrip("/").partition("://")[2], f"«{name}»")
        return text.replace(f"localhost:{self.port}", f"«{self.name}»")

    def _ear(self) -> Ear:
        # Noted when it speaks: browsers open connections that they may never use, and so do passers-by.
        return _Writing(self, Talk())

    def _remember(self, talk: Talk) -> None:
        if not talk.noted:
            if not talk.number:
                self._last = talk.number = self._last + 1
            talk.noted = True
            self._count += 1
            self._talks.append(talk)

    def _write(self, talk: Talk, said: Callable[[bytes], None], data: bytes) -> None:
        with self._hearing:
            if data:
                self._remember(talk)  # its first words, or the first since it was forgotten
            said(data)
        self.on_change()

    def _settle(self) -> None:
        """Let what has already reached the sockets be heard: a client that left, a server's last word."""
        if self._loop is not None and self._alive() and threading.current_thread() is not self._thread:
            with suppress(RuntimeError, TimeoutError, CancelledError):  # it stops while we wait
                asyncio.run_coroutine_threadsafe(asyncio.sleep(_QUIET), self._loop).result(2)


class _Writing(Ear):
    def __init__(self, tap: Tap, talk: Talk) -> None:
        self._tap, self._talk = tap, talk

    def client_said(self, data: bytes) -> None:
        self._tap._write(self._talk, self._talk.client_said, data)

    def server_said(self, data: bytes) -> None:
        self._tap._write(self._talk, self._talk.server_said, data)

    def nobody_there(self) -> None:
        with self._tap._hearing:
            self._tap._remember(self._talk)
            self._talk.nobody_there()
        self._tap.on_change()

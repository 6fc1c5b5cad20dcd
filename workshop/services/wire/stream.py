"""Los bytes de una dirección de una conexión, leídos por h11 conforme pasan y vueltos mensajes."""

from collections.abc import Callable

import h11

from workshop.services.wire.message import Message

_LONGEST_HEAD = 256 * 1024


class Stream:
    """Una dirección. Cada mensaje lo lee un analizador nuevo: así no importa quién contestó a qué ni cuándo.

    `parser()` da un analizador y `begin(message)` recibe cada mensaje en cuanto se conoce su cabeza.
    """

    def __init__(
        self, is_request: bool, parser: Callable[[], h11.Connection], begin: Callable[[Message], None]
    ) -> None:
        self._is_request = is_request
        self._new_parser = parser
        self._begin = begin
        self._parser: h11.Connection | None = None
        self._unread = bytearray()  # passed, and not yet part of anything
        self._current: Message | None = None
        self.opaque: Message | None = None  # from here on nothing is HTTP: all goes to its body

    def feed(self, data: bytes) -> None:
        """Lo que acaba de pasar; `b""` es que ese lado ya no dirá más."""
        if self.opaque is not None:
            self.opaque.body.write(data)
            return
        if not data and self._parser is None:
            return
        self._unread += data
        self._receive(data)

    def give_up(self, why: str) -> None:
        """Lo que falte por pasar ya no es HTTP; `why` queda dicho en el mensaje."""
        message = self._current or self._message(b"")
        message.problem = why
        self._current = None
        self.opaque = message

    def _receive(self, data: bytes) -> None:
        more: bytes | None = data
        try:
            while more is not None and self.opaque is None:
                self._parser = self._parser or self._new_parser()
                self._parser.receive_data(more)
                more = self._read(self._parser)
        except h11.RemoteProtocolError as problem:
            self.give_up(self._why(str(problem), ended=not data))
        if self.opaque is not None:
            self.opaque.body.write(self._unread)
            self._unread.clear()

    def _read(self, parser: h11.Connection) -> bytes | None:
        """Follow `parser` to the end of its message; what came after it, if anything did."""
        while True:
            event = parser.next_event()
            if event is h11.NEED_DATA or isinstance(event, h11.ConnectionClosed):
                return None
            if event is not h11.PAUSED:
                self._note(event, self._passed(parser))
            if event is h11.PAUSED or isinstance(event, h11.EndOfMessage):
                rest, _ = parser.trailing_data
                self._parser = None
                return rest or None

    def _note(self, event: object, passed: bytes) -> None:
        if isinstance(event, h11.Request | h11.Response | h11.InformationalResponse):
            message = self._message(passed)
            message.complete = isinstance(event, h11.InformationalResponse)
            self._current = None if message.complete else message
        elif self._current is not None:
            self._continue(self._current, event, passed)

    def _continue(self, message: Message, event: object, passed: bytes) -> None:
        message.body.write(passed)
        if isinstance(event, h11.Data):
            message.content.write(event.data)
            message.chunks += event.chunk_start
        else:
            message.complete = True
            self._current = None

    def _message(self, head: bytes) -> Message:
        message = Message(self._is_request, head)
        self._begin(message)
        return message

    def _passed(self, parser: h11.Connection) -> bytes:
        read = len(self._unread) - len(parser.trailing_data[0])
        passed = bytes(self._unread[:read])
        del self._unread[:read]
        return passed

    def _why(self, problem: str, ended: bool) -> str:
        if "Host" in problem:
            return "Falta el encabezado Host, que HTTP/1.1 exige."
        if not ended:
            return "Esto no es HTTP."
        declared = self._current.header("content-length") if self._current else None
        if self._current is None or declared is None:
            return "La conexión se cerró a la mitad del mensaje."
        got = self._current.content.total
        return f"La conexión se cerró antes de tiempo: llegaron {got} de los {declared} bytes anunciados."


def request_parser() -> h11.Connection:
    """Quien lee lo que dice el cliente."""
    return h11.Connection(h11.SERVER, max_incomplete_event_size=_LONGEST_HEAD)


def answer_parser(question: Message | None) -> h11.Connection:
    """Quien lee la respuesta a `question`: solo su verbo y su `Upgrade` cambian cómo se lee."""
    parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
    headers = [("Host", "tap")]
    method = "GET"
    if question and not question.problem:
        method = question.method
        if upgrade := question.header("upgrade"):
            headers += [("Upgrade", upgrade), ("Connection", "Upgrade")]
    parser.send(h11.Request(method=method, target="/", headers=headers))
    parser.send(h11.EndOfMessage())
    return parser

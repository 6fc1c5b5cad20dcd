"""Una conexión escuchada de principio a fin: sus intercambios de HTTP, o su ruido de TLS."""

from dataclasses import dataclass, field

import h11

from workshop.services.wire.message import Message, Piece
from workshop.services.wire.stream import Stream, answer_parser, request_parser
from workshop.services.wire.tape import Tape
from workshop.services.wire.tls_record import Records, is_tls

_SWITCHED = 101


@dataclass
class Exchange:
    """Una petición, las respuestas provisionales (1XX) que la precedieron y la respuesta definitiva.

    `request` es None si el servidor habló sin que le preguntaran; `response`, mientras no conteste.
    """

    request: Message | None
    interim: list[Message] = field(default_factory=list)
    response: Message | None = None
    problem: str = ""

    @property
    def messages(self) -> list[Message]:
        """Los mensajes del intercambio, en orden."""
        return [one for one in (self.request, *self.interim, self.response) if one is not None]

    def turns(self) -> list[tuple[Message, list[Piece]]]:
        """Quién habló y qué dijo, en el orden en que pasó: un 100 va entre los encabezados y el cuerpo."""
        early = [one for one in self.interim if one.early]
        if not early or self.request is None or not self.request.body.total:
            return [(one, list(one.pieces())) for one in self.messages]
        *head, body = self.request.pieces()
        rest = [one for one in self.messages if not one.early and one is not self.request]
        return [
            (self.request, head),
            *((one, list(one.pieces())) for one in early),
            (self.request, [body]),
            *((one, list(one.pieces())) for one in rest),
        ]


class Talk:
    """Una conexión entre un cliente y el servidor. `tls` es None si se habla HTTP en claro."""

    def __init__(self, number: int = 0) -> None:
        self.number = number  # 0: nobody has spoken yet
        self.exchanges: list[Exchange] = []
        self.tls: tuple[Records, Records] | None = None
        self.sent, self.received = Tape(), Tape()
        self.ended = ""  # who closed it, once somebody has
        self.noted = False  # is it among what the tap shows?
        self._asking = Stream(True, request_parser, self._ask)
        self._answering = Stream(False, self._parser, self._answer)
        self._switched = False

    def client_said(self, data: bytes) -> None:
        """Bytes del cliente; `b""` es que ya no dirá más."""
        self.sent.write(data)
        if not self.exchanges and self.tls is None and is_tls(data):
            self.tls = Records(), Records()
        if not data:
            self.ended = self.ended or "el cliente"
        if self.tls is not None:
            self.tls[0].feed(data)
        else:
            self._asking.feed(data)

    def server_said(self, data: bytes) -> None:
        """Bytes del servidor; `b""` es que ya no dirá más."""
        self.received.write(data)
        if self.tls is not None:
            self.tls[1].feed(data)
        else:
            self._answering.feed(data)
        if not data:
            self._server_left()

    def nobody_there(self) -> None:
        """El servidor de detrás rechazó la conexión."""
        self.ended = "nadie atiende detrás"

    def forget(self) -> None:
        """Olvida lo dicho hasta ahora, salvo la petición que todavía espera su respuesta."""
        self.exchanges = [each for each in self.exchanges if each.response is None and not each.problem]
        self.sent, self.received = Tape(), Tape()
        self.noted = False

    def _server_left(self) -> None:
        self.ended = self.ended or "el servidor"
        for exchange in self.exchanges:
            if exchange.response is None and self.ended == "el servidor" and not self._switched:
                exchange.problem = "El servidor cerró la conexión sin contestar."

    def _ask(self, message: Message) -> None:
        self.exchanges.append(Exchange(message))

    def _waiting(self) -> Exchange | None:
        return next((one for one in self.exchanges if one.response is None), None)

    def _parser(self) -> h11.Connection:
        exchange = self._waiting()
        return answer_parser(exchange.request if exchange else None)

    def _answer(self, message: Message) -> None:
        exchange = self._waiting()
        if exchange is None:
            exchange = Exchange(None)
            self.exchanges.append(exchange)
        if message.status == _SWITCHED:
            exchange.response = message
            self._switch()
        elif message.status is not None and message.status < 200:
            exchange.interim.append(message)
            message.early = exchange.request is not None and not exchange.request.body.total
        else:
            exchange.response = message

    def _switch(self) -> None:
        self._switched = True
        for stream in (self._asking, self._answering):
            stream.opaque = Message(stream is self._asking)

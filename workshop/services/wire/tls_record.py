"""Lo único que deja ver TLS: el tipo y el tamaño de cada registro, y a quién se saluda."""

from dataclasses import dataclass

from workshop.services.wire.tape import Tape

_KINDS = {20: "cambio de cifrado", 21: "alerta", 22: "saludo", 23: "datos cifrados"}
_HEADER = 5
_SERVER_NAME = 0


@dataclass(frozen=True)
class Record:
    """Un registro de TLS: qué clase de mensaje dice ser y cuántos bytes ocupa, con su cabecera de cinco."""

    kind: str
    total: int


class Records:
    """Una dirección de una conexión TLS. `tape` guarda el ruido tal como pasó."""

    def __init__(self) -> None:
        self.tape = Tape()
        self.records: list[Record] = []
        self._unread = bytearray()

    def feed(self, data: bytes) -> None:
        """Lo que acaba de pasar."""
        self.tape.write(data)
        self._unread += data
        while len(self._unread) >= _HEADER:
            total = _HEADER + int.from_bytes(self._unread[3:5])
            if len(self._unread) < total:
                return
            self.records.append(Record(_KINDS.get(self._unread[0], "desconocido"), total))
            del self._unread[:total]

    @property
    def greeting(self) -> str:
        """El nombre del servidor que el cliente pide al saludar, en claro; vacío si no lo dice."""
        try:
            return _server_name(bytes(self.tape))
        except IndexError:
            return ""


def is_tls(start: bytes) -> bool:
    """Si una conexión que empieza así es de TLS: un registro de saludo, versión 3.x."""
    return start[:2] == b"\x16\x03"


def _server_name(hello: bytes) -> str:
    at = _HEADER + 4 + 2 + 32  # the record's header, the message's, a version and the random bytes
    at += 1 + hello[at]  # session
    at += 2 + int.from_bytes(hello[at : at + 2])  # ciphers
    at += 1 + hello[at]  # compressions
    end = at + 2 + int.from_bytes(hello[at : at + 2])
    at += 2
    while at < end:
        kind, size = int.from_bytes(hello[at : at + 2]), int.from_bytes(hello[at + 2 : at + 4])
        if kind == _SERVER_NAME:
            return hello[at + 9 : at + 4 + size].decode("ascii", "replace")
        at += 4 + size
    return ""

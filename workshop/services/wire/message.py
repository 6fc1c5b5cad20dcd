"""Un mensaje de HTTP tal como pasó por el cable, cortado en piezas con nombre."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from workshop.services.wire.tape import Tape


@dataclass(frozen=True)
class Piece:
    """Unos bytes seguidos y lo que son: línea inicial, encabezado, línea vacía o cuerpo.

    `total` es cuántos bytes fueron; `data`, los que se guardaron.
    """

    label: str
    data: bytes
    total: int


@dataclass
class Message:
    """Una petición o una respuesta. `head` va hasta la línea vacía incluida; `body`, con su troceado.

    `content` es el cuerpo sin el troceado de `Transfer-Encoding: chunked`. `problem` dice en español por qué
    no está completo; vacío si lo está o si todavía va en camino. `early` es de las respuestas provisionales
    que llegaron antes que el cuerpo de la petición, como un 100.
    """

    is_request: bool
    head: bytes = b""
    body: Tape = field(default_factory=Tape)
    content: Tape = field(default_factory=Tape)
    chunks: int = 0
    complete: bool = False
    problem: str = ""
    early: bool = False

    @property
    def start(self) -> str:
        """La línea inicial, sin su fin de línea: `GET /menu HTTP/1.1` o `HTTP/1.1 200 OK`."""
        return _text(self.head.lstrip(b"\r\n").split(b"\n", 1)[0].rstrip(b"\r"))

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Los encabezados, en su orden y con sus mayúsculas."""
        pairs = (line.partition(b":") for line in self.head.splitlines()[1:] if line.strip())
        return [(_text(name), _text(value.strip())) for name, _, value in pairs]

    @property
    def method(self) -> str:
        """El verbo; vacío en una respuesta."""
        return self.start.split(" ")[0] if self.is_request else ""

    @property
    def target(self) -> str:
        """La ruta pedida, con su consulta; vacía en una respuesta."""
        words = self.start.split(" ")
        return words[1] if self.is_request and len(words) > 1 else ""

    @property
    def status(self) -> int | None:
        """El código de estado; None en una petición o si no se entiende."""
        words = self.start.split(" ")
        return int(words[1]) if not self.is_request and len(words) > 1 and words[1].isdigit() else None

    @property
    def total(self) -> int:
        """Cuántos bytes ocupó en el cable."""
        return len(self.head) + self.body.total

    def header(self, name: str) -> str | None:
        """El valor del encabezado `name`, sin importar las mayúsculas; None si no vino."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def pieces(self) -> Iterator[Piece]:
        """El mensaje en orden, sin que falte ni se repita un byte de los guardados."""
        lines = self.head.splitlines(keepends=True)
        for at, line in enumerate(lines):
            if not line.strip():
                label = "línea vacía"
            elif at == 0:
                label = "línea de petición" if self.is_request else "línea de estado"
            else:
                label = "encabezado"
            yield Piece(label, line, len(line))
        if self.body.total:
            yield Piece(self._body_label(), bytes(self.body), self.body.total)

    def _body_label(self) -> str:
        if not self.head:
            return "no es HTTP"
        return f"cuerpo en {self.chunks} trozo{'s' * (self.chunks != 1)}" if self.chunks else "cuerpo"

    def __bytes__(self) -> bytes:
        return self.head + bytes(self.body)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")

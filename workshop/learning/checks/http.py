"""Las revisiones del capítulo 05, HTTP."""

import json
import socket
from typing import Any
from urllib.parse import urlsplit

from workshop.learning.checks import checks
from workshop.learning.errors import LearningError
from workshop.learning.probe import Answer, NotYetError, Probe, UntouchedError
from workshop.services.wire.message import Message
from workshop.services.wire.talk import Talk

BADGE = {"Authorization": "Bearer T-77"}
NOWHERE = 99
MENU = ["mole", "jalapeño relleno", "café de olla"]
SECONDS = 2.0
MOST = 1_000_000


@checks("05.1")
def honest_codes(probe: Probe) -> None:
    """Cada final de la API se dice con su código, y lo que se rechaza no cambia nada."""
    missing = probe.send("GET", f"/tables/{NOWHERE}")
    _untouched(probe, missing)
    probe.status(missing, 404, 'Esa mesa no existe: `raise HTTPException(404, "No hay esa mesa.")`.')
    table = _free_table(probe)
    probe.passed.append("leer una mesa da 200 o 404")
    _stranger(probe, table)
    _nonsense(probe, table)
    probe.passed.append("401 a quien no se identifica y 400 a lo que no se entiende")
    try:
        _reserved(probe, table)
        probe.passed.append("reservar da 201 y dice dónde; repetir da 409")
    finally:
        released = probe.send("DELETE", f"/reservations/{table}", said="`DELETE /reservations/N`")
    _released(probe, table, released)
    probe.passed.append("liberar da 204, sin cuerpo")


def _untouched(probe: Probe, missing: Answer) -> None:
    said = "`POST /reservations` sin credencial"
    others = (
        probe.send("POST", "/reservations", body={"table": NOWHERE}, said=said),
        probe.send("POST", "/reservations", body=b"mole", headers=BADGE, said=said),
        probe.send("DELETE", f"/reservations/{NOWHERE}"),
    )
    if {each.status for each in (missing, *others)} == {200}:
        raise UntouchedError


def _free_table(probe: Probe) -> int:
    for table in range(1, 10):
        answer = probe.ask("GET", f"/tables/{table}")
        probe.status(answer, 200, "Las mesas van de la 1 a la 9, y leer una que existe es un 200.")
        if not _taken(answer):
            return table
    raise LearningError(
        "Todas tus mesas están tomadas y la revisión necesita una libre: vuelve a ejecutar la celda."
    )


def _taken(answer: Answer) -> bool:
    told = answer.json()
    if not isinstance(told, dict) or not isinstance(told.get("taken"), bool):
        raise NotYetError(
            f"que {answer.said} conteste un objeto con `table` y `taken`",
            answer.glimpse(),
            "El cuerpo del 200 estaba bien: déjalo como venía.",
        )
    return bool(told["taken"])


def _still_free(probe: Probe, table: int, after: str) -> None:
    if _taken(probe.ask("GET", f"/tables/{table}")):
        raise NotYetError(
            f"que la mesa siga libre después de {after}",
            "tomada",
            "Rechaza antes de anotar: quien recibe un error cuenta con que nada cambió.",
        )


def _stranger(probe: Probe, table: int) -> None:
    look = "Sin la credencial no se sabe quién pide: compárala con `BADGE` y contesta 401."
    strangers: list[tuple[str, dict[str, str], Any]] = [
        ("sin credencial", {}, {"table": table}),
        ("con otra credencial", {"Authorization": "Bearer falsa"}, {"table": table}),
        ("sin credencial y con un cuerpo que no se entiende", {}, b"mole"),
    ]
    for how, headers, body in strangers:
        said = f"`POST /reservations` {how}"
        answer = probe.send("POST", "/reservations", body=body, headers=headers, said=said)
        hints = {
            403: "403 es «sé quién eres y no puedes»; aquí no se sabe quién es: 401.",
            400: "Primero se pregunta quién es, y después qué quiere: el 401 va antes que el 400.",
        }
        probe.status(answer, 401, hints.get(answer.status, look))
        if "www-authenticate" not in answer.headers:
            raise NotYetError(
                f"que el 401 de {said} traiga `WWW-Authenticate`",
                "ninguno con ese nombre",
                "Un 401 dice cómo identificarse: va en el tercer argumento de HTTPException.",
            )
    _still_free(probe, table, "los 401")


def _nonsense(probe: Probe, table: int) -> None:
    look = "Si no se entiende qué mesa pide, es culpa de la petición: 400."
    bodies: list[tuple[str, Any]] = [
        ("con «mole» (no es JSON)", b"mole"),
        ("con un JSON sin `table`", {"people": 2}),
        ("con una lista", [table]),
        (f"con la mesa {NOWHERE} (no existe)", {"table": NOWHERE}),
        ("con «siete» por mesa", {"table": "siete"}),
    ]
    for how, body in bodies:
        said = f"`POST /reservations` {how}"
        answer = probe.send("POST", "/reservations", body=body, headers=BADGE, said=said)
        hints = {
            422: "422 lo contesta FastAPI por ti; la meta pide decidirlo tú y contestar 400.",
            404: "404 habla de la dirección, y `/reservations` existe: lo que está mal es el cuerpo, 400.",
            409: "Primero se mira si se entiende: una mesa que no existe no puede estar tomada.",
        }
        probe.status(answer, 400, hints.get(answer.status, look))
    _still_free(probe, table, "los 400")


def _reserved(probe: Probe, table: int) -> None:
    said = "`POST /reservations` de una mesa libre"
    first = probe.send("POST", "/reservations", body={"table": table}, headers=BADGE, said=said)
    probe.status(first, 201, "Se creó algo nuevo: `status_code=201` en el decorador.")
    location = urlsplit(first.headers.get("location", "")).path
    if location != f"/tables/{table}":
        came = f"`{location}`" if location else "ninguno con ese nombre"
        look = 'El 201 dice dónde quedó lo nuevo: `response.headers["Location"] = f"/tables/{table}"`.'
        raise NotYetError(f"que el 201 traiga `Location: /tables/{table}`", came, look)
    if not _taken(probe.ask("GET", f"/tables/{table}")):
        look = "Un 201 promete que quedó guardado: `taken.add(table)`."
        raise NotYetError("que la mesa quede tomada después del 201", "libre", look)
    said = "`POST /reservations` de la misma mesa otra vez"
    again = probe.send("POST", "/reservations", body={"table": table}, headers=BADGE, said=said)
    look = "La petición está bien escrita y choca con lo que ya hay: 409."
    probe.status(again, 409, look)


def _released(probe: Probe, table: int, answer: Answer) -> None:
    look = "Salió bien y no hay nada que devolver: `status_code=204`, y la función no devuelve nada."
    probe.status(answer, 204, look)
    if _taken(probe.ask("GET", f"/tables/{table}")):
        look = "Un 204 promete que se hizo: `taken.discard(table)`."
        raise NotYetError("que la mesa quede libre después del 204", "tomada", look)


# --- 05.2: byte by byte ---


@checks("05.2")
def handmade_server(probe: Probe) -> None:
    """Un servidor escrito con bytes: forma, longitud, HEAD, 404, 405 y 400."""
    wire = _Wire(probe.url)
    got = wire.ask("GET", "/menu")
    if got.status == 501:
        raise UntouchedError
    _menu(wire, got)
    probe.passed.append("GET /menu contesta el menú, con su longitud exacta")
    _head(wire, got)
    probe.passed.append("HEAD contesta lo mismo sin cuerpo")
    _others(wire)
    probe.passed.append("404, 405 y 400")


class _Wire:
    """Un cliente que habla por un socket y mira los bytes de cada respuesta."""

    def __init__(self, url: str) -> None:
        self.port = urlsplit(url).port or 80

    def ask(self, method: str, path: str) -> Message:
        lines = f"{method} {path} HTTP/1.1\r\nHost: revision\r\nConnection: close\r\n\r\n"
        return self.send(lines.encode(), f"`{method} {path}`")

    def send(self, data: bytes, said: str) -> Message:
        talk = Talk(1)
        talk.client_said(b"%b /menu HTTP/1.1\r\nHost: revision\r\n\r\n" % data.split(b" ")[0])
        raw = self._exchange(data, said)
        if not raw:
            look = "¿Falló tu función? La traza está en `print(handmade.logs())`."
            raise NotYetError(f"una respuesta a {said}", "la conexión se cerró sin un solo byte", look)
        talk.server_said(raw)
        talk.server_said(b"")
        self.said, self.raw = said, raw
        answer = talk.exchanges[0].response
        self._shape(answer)
        assert answer is not None
        return answer

    def _exchange(self, data: bytes, said: str) -> bytes:
        raw = b""
        try:
            with socket.create_connection(("127.0.0.1", self.port), SECONDS) as wire:
                wire.sendall(data)
                while (more := wire.recv(65536)) and len(raw) < MOST:
                    raw += more
        except TimeoutError:
            look = "`answer` debe terminar y devolver los bytes; la conexión la cierra `attend`."
            raise NotYetError(f"una respuesta completa a {said}", f"espera de {SECONDS:g} s", look) from None
        except OSError:
            return raw  # reset: it closed before reading all that was said
        return raw

    def _shape(self, answer: Message | None) -> None:
        if not self.raw.startswith(b"HTTP/1."):
            look = "La primera línea es `HTTP/1.1 200 OK`: versión, código y frase."
            raise NotYetError(f"una línea de estado en la respuesta a {self.said}", _quote(self.raw), look)
        if b"\r\n" not in self.raw:
            look = "Cada línea de la cabeza termina con `\\r\\n`, no solo con `\\n`."
            expected = f"que la respuesta a {self.said} tenga fines de línea de HTTP"
            raise NotYetError(expected, _quote(self.raw), look)
        if b"\r\n\r\n" not in self.raw:
            look = "Después del último encabezado va una línea vacía: la cabeza termina en `\\r\\n\\r\\n`."
            raise NotYetError(f"el renglón en blanco en la respuesta a {self.said}", "no está", look)
        if answer is None or answer.status is None:
            look = "Revisa que cada encabezado sea `Nombre: valor` y que el código tenga tres cifras."
            raise NotYetError(
                f"que la cabeza de la respuesta a {self.said} se entienda", _quote(self.raw), look
            )

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]

    def status(self, answer: Message, wanted: int, look: str) -> None:
        if answer.status != wanted:
            raise NotYetError(f"que {self.said} conteste {wanted}", f"{answer.status}", look)

    def length(self, answer: Message) -> int:
        declared = answer.header("content-length")
        if declared is None or not declared.isdigit():
            look = "Sin ella, el cliente no sabe dónde termina el cuerpo: `Content-Length: {len(body)}`."
            raise NotYetError(f"`Content-Length` en la respuesta a {self.said}", declared or "ninguno", look)
        return int(declared)

    def honest(self, answer: Message) -> None:
        declared, came = self.length(answer), len(self.body)
        if declared == came:
            return
        look = "`Content-Length` es el largo del cuerpo en bytes: calcúlalo con `len(body)`, ya en bytes."
        if declared == len(self.body.decode("utf-8", "replace")):
            look = "Contaste letras: «ñ» y «é» ocupan dos bytes. Haz `.encode()` primero y cuenta después."
        raise NotYetError(f"`Content-Length: {came}` en la respuesta a {self.said}", f"{declared}", look)


def _menu(wire: _Wire, answer: Message) -> None:
    wire.status(answer, 200, "La ruta es la segunda palabra de la primera línea; compárala con `/menu`.")
    wire.honest(answer)
    kind = answer.header("content-type") or ""
    if "json" not in kind:
        look = "El cliente no adivina: `Content-Type: application/json`."
        raise NotYetError(
            "`Content-Type: application/json` en la respuesta a `GET /menu`", kind or "ninguno", look
        )
    try:
        told = json.loads(wire.body)
    except ValueError:
        told = None
    if told != MENU:
        look = "El cuerpo es `json.dumps(MENU)`, en UTF-8."
        raise NotYetError("que el cuerpo sea el menú como JSON", _quote(wire.body) or "un cuerpo vacío", look)


def _head(wire: _Wire, got: Message) -> None:
    answer = wire.ask("HEAD", "/menu")
    wire.status(answer, 200, "HEAD es GET sin cuerpo: acepta los dos verbos.")
    if wire.body:
        look = "Al contestar HEAD se manda solo la cabeza."
        raise NotYetError("que la respuesta a `HEAD /menu` no tenga cuerpo", f"{len(wire.body)} bytes", look)
    declared = wire.length(answer)
    if str(declared) != got.header("content-length"):
        look = "HEAD anuncia la longitud que tendría el GET, aunque no mande el cuerpo."
        raise NotYetError(
            f"`Content-Length: {got.header('content-length')}` en `HEAD /menu`", f"{declared}", look
        )


def _others(wire: _Wire) -> None:
    for path in ("/postres", "/menus", "/"):
        answer = wire.ask("GET", path)
        wire.status(answer, 404, "Compara la ruta completa con `/menu`: ni «contiene» ni «empieza con».")
        wire.honest(answer)
    for method in ("POST", "DELETE"):
        answer = wire.ask(method, "/menu")
        wire.status(answer, 405, "La ruta existe y ese verbo no: 405.")
        wire.honest(answer)
        allowed = {each.strip() for each in (answer.header("allow") or "").upper().split(",")}
        if not {"GET", "HEAD"} <= allowed:
            look = "Un 405 dice qué sí se puede: `Allow: GET, HEAD`."
            raise NotYetError(
                f"`Allow: GET, HEAD` en el 405 de {wire.said}", answer.header("allow") or "ninguno", look
            )
    answer = wire.send(b"hola\r\n\r\n", "«hola» (no es una petición)")
    wire.status(answer, 400, "Si la primera línea no tiene tres partes, no se entiende: 400.")
    wire.honest(answer)


def _quote(data: bytes) -> str:
    text = data[:60].decode("utf-8", "replace").replace("\r", "\\r").replace("\n", "\\n")
    return f"«{text}»" if text else ""

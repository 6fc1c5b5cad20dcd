"""La sonda: pide por HTTP como cualquier cliente y convierte toda respuesta rara en un mensaje."""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests

SECONDS = 3.0
MAX_BYTES = 2_000_000
LOGS = "Mira la traza con `.logs()` de tu servicio: la última línea dice qué falló."
TOLD_SECONDS = 0.3  # a framework answers first and writes why an instant later
UNWRITTEN = "Esa ruta sigue como se entregó: te falta escribirla."
_CRASH = b"Internal Server Error"  # what it answers when a function raises
_TOLD = re.compile(r"^workshop[\w.]*Error: (.+)$", re.MULTILINE)


class NotYetError(Exception):
    """Lo que corre todavía no cumple: qué se esperaba, qué llegó y dónde mirar."""

    def __init__(self, expected: str, got: str, look: str) -> None:
        super().__init__(expected)
        self.expected = expected
        self.got = got
        self.look = look


class UntouchedError(Exception):
    """El ejercicio sigue como se entregó."""


@dataclass(frozen=True)
class Answer:
    """Una respuesta ya leída. `said` es la petición, como se cuenta a quien aprende."""

    said: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """El cuerpo como JSON; `NotYetError` si no lo es."""
        try:
            return json.loads(self.body)
        except ValueError:
            kind = self.headers.get("content-type", "sin Content-Type")
            raise NotYetError(
                f"que {self.said} conteste JSON",
                f"un cuerpo que no es JSON ({kind}): {self.glimpse()}",
                "Devuelve diccionarios, listas o modelos desde tu función: FastAPI los convierte en JSON.",
            ) from None

    def rows(self, *keys: str) -> list[dict[str, Any]]:
        """El cuerpo como lista de objetos que tienen `keys`; `NotYetError` si es otra cosa."""
        found = self.json()
        expected = (
            f"que {self.said} conteste una lista de objetos con {', '.join(f'`{key}`' for key in keys)}"
        )
        if not isinstance(found, list):
            look = "Devuelve la lista directamente, sin envolverla en otro objeto."
            raise NotYetError(expected, f"{_kind(found)}: {self.glimpse()}", look)
        for row in found:
            if not isinstance(row, dict) or not set(keys) <= set(row):
                look = "Devuelve los registros completos, no solo una parte de sus campos."
                raise NotYetError(
                    expected, f"un elemento distinto: {_short(json.dumps(row, ensure_ascii=False))}", look
                )
        return found

    def glimpse(self) -> str:
        """El principio del cuerpo, para citarlo."""
        return _short(self.body.decode("utf-8", "replace")) or "un cuerpo vacío"


@dataclass
class Probe:
    """Un cliente HTTP contra lo que corre en `url` (sin diagonal final). Cada petición tiene plazo.

    `logs(n)` da las últimas líneas de la bitácora de ese servicio, si se sabe cuál es.
    """

    url: str
    passed: list[str] = field(default_factory=list)
    logs: Callable[[int], str] | None = None

    def ask(self, method: str, path: str, **details: Any) -> Answer:
        """Envía una petición (`params`, `body`, `said`: como `send`); un 5xx es `NotYetError`."""
        answer = self.send(method, path, **details)
        if answer.status >= 500:
            expected = f"que {answer.said} conteste sin errores del servidor"
            look = self._told() if answer.body == _CRASH else ""
            usual = UNWRITTEN if answer.status == 501 else LOGS
            raise NotYetError(expected, f"un {answer.status}", look or usual)
        return answer

    def _told(self) -> str:
        """Lo que el taller explicó en la bitácora, si lo último que falló fue un error suyo."""
        deadline = time.monotonic() + TOLD_SECONDS
        while self.logs is not None and time.monotonic() < deadline:
            time.sleep(0.05)
            # A few lines, because the version that was just replaced says goodbye in the same place.
            if told := _TOLD.findall(self.logs(5)):
                return str(told[-1])
        return ""

    def first(self, method: str, path: str, **details: Any) -> Answer:
        """Como `ask`, pero un 501 significa que el ejercicio sigue como se entregó: `UntouchedError`."""
        try:
            return self.ask(method, path, **details)
        except NotYetError as failure:
            if failure.got == "un 501":
                raise UntouchedError from None
            raise

    def send(self, method: str, path: str, *, body: Any = None, said: str = "", **details: Any) -> Answer:
        """Envía una petición y lee la respuesta completa, con plazo y con tope de tamaño.

        Un `body` de bytes viaja tal cual; cualquier otro, como JSON. `details` son los `params` y los
        `headers`. `said` cuenta la petición cuando la ruta lleva algo que cambia (un folio al azar).
        """
        params = details.get("params")
        said = said or f"`{method} {path}{'?' if params else ''}{urlencode(params or {})}`"
        try:
            return self._exchange(method, path, said, **details, **_payload(body))
        except requests.TooManyRedirects:
            got = "una redirección que nunca termina"
            look = "Revisa si tu ruta se redirige a sí misma."
        except requests.Timeout:
            got = f"ninguna respuesta completa en {SECONDS:.0f} segundos"
            look = "Busca un ciclo sin fin o una espera larga en tu función; si lo congelaste, reanúdalo."
        except requests.RequestException:
            got, look = "una conexión cortada a la mitad", LOGS
        raise NotYetError(f"una respuesta a {said}", got, look)

    def status(self, answer: Answer, wanted: int, look: str) -> None:
        """Exige el código `wanted`; si llegó otro, `NotYetError` con `look`."""
        if answer.status >= 500:
            look = f"{look} {LOGS}"
        if answer.status != wanted:
            raise NotYetError(f"que {answer.said} conteste {wanted}", f"{answer.status}", look)

    def _exchange(self, method: str, path: str, said: str, **details: Any) -> Answer:
        deadline = time.monotonic() + SECONDS
        # A connection of its own: uvicorn drops the one where a handler failed.
        with requests.Session() as session:
            session.trust_env = False  # a proxy must not stand between the probe and this machine
            session.max_redirects = 5
            response = session.request(method, self.url + path, timeout=SECONDS, stream=True, **details)
            read = bytearray()
            for chunk in response.iter_content(65_536):
                read += chunk
                if len(read) > MAX_BYTES or time.monotonic() > deadline:
                    raise requests.Timeout
            return Answer(said, response.status_code, _lower(response.headers), bytes(read))


def _payload(body: Any) -> dict[str, Any]:
    return {"data": body} if isinstance(body, bytes) else {"json": body}


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _kind(value: Any) -> str:
    names = {dict: "un objeto", str: "un texto", bool: "un booleano", type(None): "null"}
    return names.get(type(value), "un número")


def _short(text: str, limit: int = 80) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"

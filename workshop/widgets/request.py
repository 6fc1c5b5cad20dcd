"""Una petición escrita por quien aprende: lo que hay en el formulario y lo que saldrá de él."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

from workshop.widgets.address import Target
from workshop.widgets.body import NotJSONError, read_json
from workshop.widgets.errors import WidgetError

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
# RFC 9110 gives a body no meaning here; one left over in the form must not travel unnoticed.
BODILESS = {"GET", "HEAD", "DELETE", "OPTIONS"}
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FRAMING = {"content-length", "transfer-encoding"}
_PLACEHOLDER = re.compile(r"\{[^{}/]*\}")


@dataclass(frozen=True)
class Draft:
    """Lo que hay en el formulario, sin revisar."""

    method: str = "GET"
    path: str = "/"
    headers: str = ""
    body: str = ""
    as_is: bool = False
    follow: bool = False


@dataclass(frozen=True)
class Request:
    """Una petición revisada, lista para salir."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    follow: bool = False
    json: object = None
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def path(self) -> str:
        """La ruta, sin la dirección del servicio."""
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def prepared(self) -> requests.PreparedRequest:
        """La misma petición como la arma `requests`, con la URL ya codificada."""
        return requests.Session().prepare_request(
            requests.Request(self.method, self.url, headers=dict(self.headers), data=self.body)
        )


def parse_headers(text: str) -> dict[str, str]:
    """Lee encabezados escritos como «Nombre: valor», uno por línea.

    Error: `WidgetError` con el número de línea y lo que se esperaba.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not colon:
            problem = f"se esperaba «Nombre: valor» y llegó «{line.strip()}»; faltan los dos puntos."
        else:
            problem = _header_problem(name, value, found)
        if problem:
            raise WidgetError(f"Encabezados, línea {number}: {problem}")
        found[name] = value
    return found


def _header_problem(name: str, value: str, found: Mapping[str, str]) -> str:
    if not _TOKEN.fullmatch(name):
        return f"«{name}» no sirve como nombre: usa letras sin acento, cifras y guiones, sin espacios."
    if any(ord(letter) > 255 for letter in value):
        odd = next(letter for letter in value if ord(letter) > 255)
        return f"«{odd}» no cabe en un encabezado: ahí solo viajan letras de Latin-1. Ponlo en el cuerpo."
    if any(ord(letter) < 32 and letter != "\t" for letter in value):
        return "el valor tiene un carácter de control; bórralo y escríbelo otra vez."
    if name.lower() in _FRAMING:
        return f"{name} lo calcula el cliente a partir del cuerpo; quita esta línea."
    if name.lower() in {known.lower() for known in found}:
        return f"{name} ya está más arriba; déjalo una sola vez (varios valores se separan con comas)."
    return ""


def is_json_type(headers: Mapping[str, str]) -> bool:
    """Si el Content-Type de estos encabezados anuncia JSON (o no hay ninguno: se pondrá JSON)."""
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), None)
    return kind is None or "json" in kind.lower()


def review_body(draft: Draft, headers: Mapping[str, str]) -> str:
    """Por qué el cuerpo no debería enviarse tal como está; vacío si no hay nada que decir."""
    if not draft.body.strip() or not is_json_type(headers):
        return ""
    try:
        read_json(draft.body)
    except NotJSONError as error:
        return str(error)
    return ""


def build(draft: Draft, target: Target) -> Request:
    """Revisa el formulario y arma la petición.

    Errores: `WidgetError` si algo no puede enviarse, o no debería sin marcar «Enviar tal cual».
    """
    path, note = target.path(draft.path)
    notes = [note] if note else []
    headers = parse_headers(draft.headers)
    if not draft.as_is and (hole := _PLACEHOLDER.search(path.split("?")[0])):
        example = path.replace(hole.group(), "1", 1)
        raise WidgetError(f"Cambia {hole.group()} por un valor, por ejemplo «{example}».")
    text = draft.body if draft.body.strip() else ""
    if text and draft.method in BODILESS and not draft.as_is:
        notes.append(f"{draft.method} salió sin cuerpo; marca «Enviar tal cual» si quieres mandarlo.")
        text = ""
    value: object = None
    if text and not draft.as_is and (problem := review_body(draft, headers)):
        raise WidgetError(f"El cuerpo no es JSON válido. {problem} Corrígelo o marca «Enviar tal cual».")
    if text and not any(name.lower() == "content-type" for name in headers):
        value = None if draft.as_is else read_json(text)
        headers["Content-Type"] = "application/json"
    body = text.encode("utf-8", "replace") if text else None
    url = target.url + path.split("#")[0]
    return Request(draft.method, url, headers, body, draft.follow, value, tuple(notes))

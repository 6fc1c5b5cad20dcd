"""Lo que una carga pide, revisado antes de empezar: acotado y solo contra esta máquina."""

import ipaddress
import json as jsonlib
import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from workshop.services.errors import ServiceError

MOST_CLIENTS = 200
MOST_SECONDS = 60
MOST_REQUESTS = 1_000_000
LONGEST_TIMEOUT = 60
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Order:
    """Qué se pide, a quién y cuánto."""

    host: str
    port: int
    paths: list[str]
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    clients: int = 10
    seconds: float = 3.0
    requests: int | None = None
    pause: float = 0.0
    patience: float = 10.0
    tls: bool = False
    ca: str | None = None


def make_order(  # noqa: PLR0913  # each one is something a load can vary
    url: Any,
    clients: Any,
    seconds: Any,
    *,
    method: Any,
    path: str | Sequence[str],
    json: Any,
    headers: Mapping[str, str],
    requests: Any,
    pause_ms: Any,
    timeout: Any,
    ca: str | None,
) -> Order:
    """Revisa cada valor. Errores: `ServiceError` que dice cuál no sirve y qué se esperaba."""
    parts = _local(url)
    _require(clients, "clients", 1, MOST_CLIENTS, whole=True)
    _require(seconds, "seconds", 0.1, MOST_SECONDS)
    _require(pause_ms, "pause_ms", 0, 1000 * MOST_SECONDS)
    _require(timeout, "timeout", 0.01, LONGEST_TIMEOUT)
    if requests is not None:
        _require(requests, "requests", 1, MOST_REQUESTS, whole=True)
    if str(method).upper() not in METHODS:
        raise ServiceError(f"load() espera un método, como {', '.join(METHODS[:4])}; llegó {method!r}.")
    return Order(
        host=parts.hostname or "",
        port=parts.port or (443 if parts.scheme == "https" else 80),
        paths=_paths(parts, path),
        method=str(method).upper(),
        headers=_headers(headers),
        body=None if json is None else _body(json),
        clients=clients, seconds=float(seconds), requests=requests, pause=pause_ms / 1000,
        patience=float(timeout), tls=parts.scheme == "https", ca=_authority(ca),
    )  # fmt: skip


def _local(url: Any) -> SplitResult:
    address = getattr(url, "url", url)
    try:
        parts = urlsplit(address if isinstance(address, str) else "")
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host:
        raise ServiceError(f"load() espera la dirección de un servicio, como `api.url`; llegó {url!r}.")
    if not _is_here(host):
        raise ServiceError(
            f"load() solo carga servicios de esta máquina, y {host!r} no lo es: una carga contra un servidor "
            "ajeno es un ataque. Pásale la `.url` de un servicio que pusiste en marcha aquí."
        )
    return parts


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False  # a name may lead elsewhere, now or at the next question
    if address.is_unspecified:
        return False
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.bind((host, 0))  # only an address of this machine can be bound
    except OSError:
        return False
    return True


def _require(value: Any, name: str, least: float, most: float, whole: bool = False) -> None:
    fits = isinstance(value, int if whole else Real) and not isinstance(value, bool)
    if not fits or not least <= value <= most:
        what = "un entero" if whole else "un número"
        raise ServiceError(f"load() espera en `{name}` {what}, de {least:g} a {most:g}; llegó {value!r}.")


def _paths(parts: SplitResult, path: str | Sequence[str]) -> list[str]:
    query = f"?{parts.query}" if parts.query else ""
    wanted: list[Any] = list(path) if isinstance(path, (list, tuple)) else [path]
    if not wanted or not all(isinstance(one, str) for one in wanted):
        raise ServiceError(f"load() espera en `path` un camino o una lista de caminos; llegó {path!r}.")
    base = parts.path.rstrip("/")
    full = [
        (base + ("" if not one or one[0] in "/?" else "/") + one) if one else parts.path for one in wanted
    ]
    return [quote(one or "/", safe="/?&=%:,;+@!$'()*~") + ("" if "?" in one else query) for one in full]


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", str(name)) or not re.fullmatch(r"[^\r\n]*", str(value)):
            raise ServiceError(f"load() espera encabezados de una línea; llegó {name!r}: {value!r}.")
    return {str(name): str(value) for name, value in headers.items()}


def _body(json: Any) -> str:
    try:
        return jsonlib.dumps(json, ensure_ascii=False)
    except (TypeError, ValueError) as problem:
        raise ServiceError(f"load() espera en `json` algo que quepa en JSON: {problem}.") from None


def _authority(ca: Any) -> str | None:
    if ca is not None and not Path(ca).is_file():
        raise ServiceError(f"load() espera en `ca` el archivo de un certificado; no hay ninguno en {ca!r}.")
    return None if ca is None else str(ca)

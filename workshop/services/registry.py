"""Qué está en marcha en este kernel."""

from __future__ import annotations

import atexit
import html
import threading
from dataclasses import dataclass
from itertools import groupby
from operator import methodcaller
from typing import TYPE_CHECKING

from workshop.services import nursery
from workshop.services.errors import ServiceError
from workshop.services.together import together

if TYPE_CHECKING:
    from workshop.services.base import Service

_services: dict[str, Service] = {}
_lock = threading.RLock()


def require_free(service: Service) -> None:
    """Comprueba que el nombre del servicio esté libre, o que lo tenga otro como él, al que puede relevar.

    Errores: `ServiceError` si es de otra clase de servicio, que sigue como estaba.
    """
    other = get(service.name)
    if other is not None and other is not service and not service.succeeds(other):
        raise ServiceError(
            f"El nombre «{service.name}» ya lo lleva otro servicio de este cuaderno ({other.kind}). Dale "
            "otro al nuevo con name=…, o detén antes el que lo lleva, con su .stop() o con stop_all()."
        )


def add(service: Service) -> None:
    """Anota un servicio; si otro llevaba su nombre, lo detiene: quedaría sin dueño."""
    with _lock:
        previous = _services.get(service.name)
        _services[service.name] = service
    if previous is not None and previous is not service:
        previous.stop()


def discard(service: Service) -> None:
    """Borra la anotación del servicio, si sigue siendo la suya."""
    with _lock:
        if _services.get(service.name) is service:
            del _services[service.name]


def get(name: str) -> Service | None:
    """El servicio anotado con ese nombre, o None."""
    with _lock:
        return _services.get(name)


@dataclass(frozen=True)
class Running:
    """La lista de lo que corre, como tabla."""

    rows: tuple[tuple[str, str, str], ...]

    HEADINGS = ("nombre", "qué es", "estado")

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        if not self.rows:
            return "No hay nada en marcha."
        table = [self.HEADINGS, *self.rows]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in table
        )

    def _repr_html_(self) -> str:
        if not self.rows:
            return f"<p>{self!r}</p>"
        head = "".join(f'<th scope="col">{heading}</th>' for heading in self.HEADINGS)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in self.rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


@dataclass(frozen=True)
class Stopped:
    """Lo que `stop_all()` acaba de detener."""

    names: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Detenido: {', '.join(self.names)}." if self.names else "No había nada en marcha."


def running() -> Running:
    """Lo que está en marcha ahora mismo en este kernel, con su estado."""
    listed = [one for service in services() for one in (service, *service.members)]
    return Running(tuple((one.name, one.kind, one.status) for one in listed))


def services() -> list[Service]:
    """Los servicios anotados, por orden de nombre."""
    with _lock:
        return sorted(_services.values(), key=lambda service: service.name)


def stop_all() -> Stopped:
    """Detiene todo lo que este kernel puso en marcha. Puede repetirse sin daño."""
    ended = services()
    # The last ones first, as they may lean on those before them; neighbours of a kind, at once.
    for _, alike in groupby(reversed([*_services.values()]), key=type):
        together(methodcaller("stop"), alike)
    nursery.close()
    return Stopped(tuple(service.name for service in ended))


atexit.register(stop_all)

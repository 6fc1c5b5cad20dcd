"""`plan()`: el plano de lo que está en marcha, con botones para averiar y recuperar cada servicio."""

import threading
from collections.abc import Iterator
from html import escape
from typing import Any, ClassVar

import ipywidgets as widgets

from workshop.services import registry
from workshop.services.base import Service
from workshop.services.errors import ServiceError
from workshop.services.faults import LONGEST_DELAY
from workshop.widgets import cell, look
from workshop.widgets.errors import WidgetError
from workshop.widgets.pulse import Live
from workshop.widgets.room import Room, called, mood

PERIOD = 0.5
DELAY = 300
_EMPTY = "No hay nada en marcha."
_HINT = "Pulsa un botón: aquí dirá a qué línea de código equivale."


class Plan(Live):
    """El plano. Se crea con `plan()`. `.rooms` son los cuartos, por nombre de servicio.

    Los botones también se pulsan desde una celda: `p.rooms["redis"].buttons["kill"].click()` y `p.wait()`.
    Se actualiza solo hasta `.stop()`.
    """

    css: ClassVar[str] = look.PLAN

    def __init__(self, services: tuple[Service, ...]) -> None:
        self._chosen = services
        self.rooms: dict[str, Room] = {}
        self.delay = widgets.BoundedIntText(
            layout=widgets.Layout(width="300px"),
            style={"description_width": "auto"},
            value=DELAY,
            min=1,
            max=LONGEST_DELAY,
            step=50,
            description="Retraso al ralentizar (ms):",
        )
        self._rooms, self._said = widgets.Box().add_class("comanda-rooms"), widgets.HTML()
        self._lock, self._acting = threading.RLock(), set[threading.Thread]()
        super().__init__([self._rooms, self.delay, self._said])
        self.add_class("comanda-plan")
        cell.answer_aside(self.delay)
        self._say("", _HINT)
        self.refresh()
        self._watch(PERIOD)

    @property
    def services(self) -> list[Service]:
        """Los servicios del plano: los que se pidieron, o todos los que están en marcha."""
        return list(self._chosen) or registry.services()

    def wait(self, timeout: float = 30) -> None:
        """Espera a que terminen las acciones que empezaron los botones, hasta `timeout` segundos."""
        for thread in list(self._acting):
            thread.join(timeout)

    def text(self) -> str:
        """Un renglón por servicio, con su estado de ahora mismo."""
        return "\n".join(_line(depth, one) for depth, one in _walk(self.services)) or _EMPTY

    def refresh(self) -> bool:
        """Dibuja lo que hay ahora; dice si hay algo."""
        with self._lock:
            services = self.services
            rooms = [self._room(service) for service in services]
            kept = {id(one) for _, one in _walk(services)}
            self.rooms = {name: room for name, room in self.rooms.items() if id(room.service) in kept}
            if list(self._rooms.children) != rooms:
                self._rooms.children = rooms or [widgets.HTML(f"<p>{_EMPTY}</p>")]
            self.delay.layout.display = (
                "" if any("slow" in r.buttons for r in self.rooms.values()) else "none"
            )
            return bool(services)

    def _room(self, service: Service) -> Room:
        room = self.rooms.get(service.name)
        if room is None or room.service is not service:
            room = self.rooms[service.name] = Room(service, self._press)
        room.hold([self._room(member) for member in service.members])
        room.draw()
        return room

    def _press(self, room: Room, verb: str) -> None:
        with self._lock:
            if room.busy:
                self._say("…", f"«{room.service.name}» todavía no termina lo anterior.")
                return
            room.busy = True
        method, arguments = room.order(verb, self.delay.value)
        code = f"{called(room.service)}.{method}({', '.join(map(str, arguments))})"
        self._say(f"… {code}")
        acting = threading.Thread(
            target=self._act, args=(room, method, arguments, code), name="comanda-fault", daemon=True
        )
        self._acting.add(acting)
        acting.start()

    def _act(self, room: Room, method: str, arguments: tuple[int, ...], code: str) -> None:
        service, said = room.service, (f"✗ {code}", "")
        try:
            getattr(service, method)(*arguments)
            said = f"✓ {code}", f"«{service.name}»: {service.status}."
        except ServiceError as refusal:
            said = f"✗ {code}", str(refusal)
        finally:
            with self._lock:  # at once, or a second click could still have the last word
                room.busy = False
                self._say(*said)
            self._acting.discard(threading.current_thread())
            self.refresh()

    def _say(self, code: str, words: str = "") -> None:
        line = f"<code>{escape(code)}</code> " if code else ""
        self._said.value = look.status(f"{line}{escape(words)}")


def _walk(services: Any, depth: int = 0) -> Iterator[tuple[int, Service]]:
    for service in services:
        yield depth, service
        yield from _walk(service.members, depth + 1)


def _line(depth: int, service: Service) -> str:
    sign, words, _ = mood(service)
    return f"{'  ' * depth}{sign} {service.name} · {service.kind} · {words}"


def plan(*services: Any) -> Plan:
    """El plano de los servicios: cómo está cada uno, y botones para averiarlo y recuperarlo.

    Sin argumentos, todos los que están en marcha; con ellos, solo esos: `plan(redis, cocina)`.
    Cada servicio muestra las averías que admite (matar, congelar, ralentizar, cortar la red) y cómo se
    deshacen; debajo, el plano dice a qué línea de código equivale lo que pulsaste.

    Error: `WidgetError` si algún argumento no es un servicio.
    """
    for one in services:
        if not isinstance(one, Service):
            raise WidgetError(
                f"plan espera servicios, como el que devuelve redis_server(); llegó {type(one).__name__}."
            )
    return cell.replace(Plan(services))

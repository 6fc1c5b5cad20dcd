"""El cuarto de un servicio en el plano: cómo está y los botones que lo averían y lo recuperan."""

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets

from workshop.services.base import Service, State
from workshop.services.faults import VERBS, Fault
from workshop.widgets import cell

LABELS = {
    "kill": "Matar",
    "freeze": "Congelar",
    "slow": "Ralentizar",
    "cut": "Cortar la red",
    "thaw": "Descongelar",
    "mend": "Reparar la red",
    "recover": "Recuperar",
    "fewer": "Quitar uno",
    "more": "Añadir uno",
}
_ICONS = {
    "kill": "bolt",
    "freeze": "snowflake-o",
    "slow": "hourglass-half",
    "cut": "chain-broken",
    "fewer": "minus",
    "more": "plus",
}
_UNDO = {Fault.FROZEN: "thaw", Fault.SLOW: "mend", Fault.CUT: "mend"}
_SIGNS = {Fault.KILLED: "✗", Fault.FROZEN: "❄", Fault.SLOW: "…", Fault.CUT: "⊘"}
_STATES = {State.READY: "✓", State.FAILED: "✗", State.STARTING: "…", State.STOPPED: "–"}
Press = Callable[["Room", str], None]


def mood(service: Service) -> tuple[str, str, str]:
    """Su signo, su estado en palabras y la clase con que se dibuja: «well», «ill» o «off»."""
    state, fault, words = service.state, service.fault, service.status
    if fault is not None and words.startswith(str(fault)):
        return _SIGNS[fault], words, "ill"
    return _STATES[state], words, {State.READY: "well", State.FAILED: "ill"}.get(state, "off")


def called(service: Service) -> str:
    """Cómo lo escribiría quien aprende: la variable del cuaderno que lo guarda o, si no hay, su nombre."""
    kernel = cell.shell()
    known: dict[str, Any] = dict(kernel.user_ns) if kernel else {}
    names = [(name, value) for name, value in known.items() if not name.startswith("_")]
    for name, value in names:
        if value is service:
            return name
    for name, value in names:
        if isinstance(value, Service) and service in value.members:
            return f"{name}.members[{value.members.index(service)}]"
    return f"«{service.name}»"


class Room(widgets.VBox):  # type: ignore[misc]  # ipywidgets ships no types
    """Un servicio, sus botones (`.buttons["kill"]`, …, `["recover"]`) y los cuartos de sus miembros."""

    def __init__(self, service: Service, press: Press) -> None:
        self.service = service
        self.buttons = {
            VERBS[fault]: self._button(VERBS[fault]) for fault in Fault if fault in service.faults
        }
        self.busy, self.undoing = False, "recover"
        self._press, self._drawn = press, ()
        self._head, self._inside = widgets.HTML(), widgets.Box().add_class("comanda-rooms")
        self.undo = self._button("recover")
        if service.faults:
            self.buttons["recover"] = self.undo
        if hasattr(service, "scale"):
            self.buttons |= {verb: self._button(verb) for verb in ("fewer", "more")}
        for verb in self.buttons:
            self._wire(verb)
        bar = widgets.HBox(list(self.buttons.values())).add_class("comanda-line")
        super().__init__([self._head, *([bar] if self.buttons else []), self._inside])
        self.add_class("comanda-room")

    def hold(self, rooms: "list[Room]") -> None:
        """Los cuartos que hay dentro de este."""
        if list(self._inside.children) != rooms:
            self._inside.children = rooms

    def draw(self) -> None:
        """Muestra cómo está el servicio y qué botones sirven ahora."""
        sign, words, look = mood(self.service)
        self._dress(sign, words, look)
        state, fault = self.service.state, self.service.fault
        for known in self.service.faults:
            self.buttons[VERBS[known]].disabled = state is not State.READY or fault is known
        self.undoing = _UNDO.get(fault, "recover") if fault and state is State.READY else "recover"
        self.undo.description = LABELS[self.undoing]
        self.undo.disabled = fault is None and state in (State.READY, State.STARTING)

        if "more" in self.buttons:
            self.buttons["more"].disabled = state is not State.READY
            self.buttons["fewer"].disabled = state is not State.READY or len(self.service.members) < 2

    def order(self, verb: str, delay: int) -> tuple[str, tuple[int, ...]]:
        """El método y los argumentos con que se hace lo que pide un botón."""
        if verb == "slow":
            return verb, (delay,)
        if verb in ("fewer", "more"):
            return "scale", (len(self.service.members) + (1 if verb == "more" else -1),)
        return verb, ()

    def _dress(self, sign: str, words: str, look: str) -> None:
        drawn: Any = (sign, words, look)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        for each in ("well", "ill", "off"):
            self.remove_class(each)
        self.add_class(look)
        self._head.value = (
            f'<div class="name"><b>{escape(self.service.name)}</b> '
            f'<span class="state"><span aria-hidden="true">{sign}</span> {escape(words)}</span></div>'
            f'<div class="kind">{escape(self.service.kind)}</div>'
        )

    def _button(self, verb: str) -> widgets.Button:
        about = f"{LABELS[verb]} «{self.service.name}»"
        return widgets.Button(description=LABELS[verb], tooltip=about, icon=_ICONS.get(verb, "medkit"))

    def _wire(self, verb: str) -> None:
        def pressed(_: Any) -> None:
            self._press(self, self.undoing if verb == "recover" else verb)

        self.buttons[verb].on_click(pressed)
        cell.answer_aside(self.buttons[verb])

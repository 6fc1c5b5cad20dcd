"""La celda que se está ejecutando, cuando hay un cuaderno."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar


class Watching(Protocol):
    """Lo que mira algo hasta que se le dice que deje de hacerlo."""

    def stop(self) -> None:
        """Deja de mirar."""


_W = TypeVar("_W", bound=Watching)
_panels: dict[str, tuple[str, list[Watching]]] = {}


def shell() -> Any:
    """El IPython de este kernel, o None."""
    from IPython import get_ipython

    return get_ipython()


def current() -> tuple[str, str] | None:
    """Identificador de la celda y de su ejecución, si quien ejecuta los dice (JupyterLab lo hace)."""
    parent: dict[str, Any] = getattr(shell(), "get_parent", dict)() or {}
    cell, run = parent.get("metadata", {}).get("cellId"), parent.get("header", {}).get("msg_id")
    return (str(cell), str(run)) if cell and run else None


def on(moment: str, action: Callable[[], None]) -> Callable[[], None]:
    """Llama a `action` en cada `pre_run_cell` o `post_run_cell`; devuelve cómo dejar de hacerlo."""
    kernel = shell()
    if kernel is None:
        return lambda: None

    def listener(*_: object) -> None:
        action()

    kernel.events.register(moment, listener)

    def forget() -> None:
        if listener in kernel.events.callbacks[moment]:
            kernel.events.unregister(moment, listener)

    return forget


def replace(panel: _W) -> _W:
    """Anota un panel de esta celda: los de su ejecución anterior dejan de mirar, pues ya nadie los ve."""
    if where := current():
        which, run = where
        last_run, panels = _panels.get(which, (run, []))
        if last_run != run:
            for old in panels:
                old.stop()
            panels = []
        _panels[which] = (run, [*panels, panel])
    return panel


def answer_aside(*controls: Any) -> None:
    """Lo que se pulse en `controls` se atiende aunque el kernel esté ocupado con una celda.

    JupyterLab envía lo que se pulsa a un hilo aparte del kernel (un *subshell*), pero ipykernel lo devuelve
    al hilo de la celda que mostró el control. Sin esto, un «Detener» esperaría a que no quede qué detener.
    """
    for control in controls:
        if hasattr(
            control.comm, "_reply_subshell_for"
        ):  # ipykernel 7.4; the ones before did not bring it back
            control.comm._reply_subshell_for = lambda _, chosen: chosen

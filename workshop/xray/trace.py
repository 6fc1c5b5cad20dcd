"""`xray(...)`: graba lo que pasa dentro del bloque `with` y lo muestra."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any

from workshop.xray import recording
from workshop.xray.errors import XrayError
from workshop.xray.names import one_line, statement
from workshop.xray.spans import Span

if TYPE_CHECKING:
    from workshop.xray.view import TraceView

WAIT = 2.0
EMPTY = (
    "sin llamadas: haz la petición dentro del bloque, "
    'por ejemplo `requests.get(f"{api.url}/dishes")`, y vuelve a ejecutar la celda'
)


class Trace:
    """Lo grabado por unos rayos X. Como última línea de una celda, muestra árbol, secuencia y cascada."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.gave_up = False
        self._root = 0
        self._spans: list[Span] | None = None
        self._failure: str | None = None
        self._view: TraceView | None = None
        self._wait = 0.0

    @property
    def spans(self) -> list[Span]:
        """Los tramos, en el orden en que empezaron."""
        return list(self._finished())

    @property
    def sql(self) -> list[str]:
        """Las sentencias SQL, enteras y en orden, con BEGIN, COMMIT y ROLLBACK."""
        return [statement(span) for span in self._finished() if span.layer == "sql"]

    @property
    def error(self) -> str | None:
        """El primer error que terminó un tramo (`ZeroDivisionError en create_dish, línea 4`), o None.

        Si ningún tramo falló pero el bloque sí, el nombre de su excepción.
        """
        failed = [span for span in self._finished() if span.error and span.end is not None]
        return min(failed, key=lambda span: span.end or 0).error if failed else self._failure

    def tree(self) -> str:
        """La traza como árbol de texto: determinista, sin tiempos, puertos ni identificadores."""
        from workshop.xray.tree import draw, grow

        title = f"{self.title} ✗ {self._failure}" if self._failure else self.title
        return draw(title, grow(self._finished(), self._root), self._notes())

    def mermaid(self) -> str:
        """La traza como diagrama de secuencia, en el lenguaje de Mermaid."""
        from workshop.xray.diagram import sequence
        from workshop.xray.tree import grow

        return sequence(self.title, grow(self._finished(), self._root), self._notes())

    def view(self) -> "TraceView":
        """El panel con las tres vistas; siempre el mismo."""
        from workshop.xray.tree import grow
        from workshop.xray.view import TraceView
        from workshop.xray.waterfall import bars

        if self._view is None:
            cascade = bars(self.title, grow(self._finished(), self._root), self._notes())
            self._view = TraceView(self.tree(), self.mermaid(), cascade)
        return self._view

    def __repr__(self) -> str:
        return self.tree() if self._spans is not None else _STILL_OPEN.format(self.title)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        return self.view()._repr_mimebundle_(**options) if self._spans is not None else {}

    def _finished(self) -> list[Span]:
        if self._spans is None:
            raise XrayError(_STILL_OPEN.format(self.title))
        return self._spans

    def _notes(self) -> list[str]:
        if self.gave_up:
            return [f"se dejó de esperar tras {self._wait:g} s: algo de esta traza seguía en marcha"]
        return [] if self._finished() else [EMPTY]

    def _close(self, spans: list[Span], root: int, failure: BaseException | None) -> None:
        self._root = root
        self._spans = spans
        self._failure = type(failure).__name__ if failure else None


_STILL_OPEN = "«{}» se sigue grabando: sal del bloque `with` (quita la sangría) para ver la traza."


class xray:  # noqa: N801  # reads as a verb in a cell: `with xray("crear un plato") as trace:`
    """Rayos X: graba lo que se llame dentro, pase por donde pase: cliente, gateway, API, SQL, Redis y colas.

    - `title`: texto que encabeza las vistas; por omisión, «rayos X».
    - `wait`: segundos que se espera, como mucho, a lo que siga en marcha al salir, también a los trabajos
      que se encolaron; por omisión, 2.

    ```python
    with xray("crear un plato") as trace:
        requests.post(f"{api.url}/dishes", json={"name": "Mole", "price": 120})
    trace
    ```
    Si el bloque falla, la traza se muestra y el error sigue su camino.
    Errores: `XrayError` si el título no es texto o si ya hay otros rayos X abiertos alrededor.
    """

    def __init__(self, title: str = "rayos X", *, wait: float = WAIT) -> None:
        if not isinstance(title, str):
            raise XrayError(
                f"xray() espera un título entre comillas, como xray('crear un plato'); llegó {title!r}. "
                "La petición va dentro del bloque `with`, no entre los paréntesis."
            )
        if isinstance(wait, bool) or not isinstance(wait, (int, float)) or not 0 <= wait <= 60:
            raise XrayError(f"`wait` son los segundos que se espera, entre 0 y 60; llegó {wait!r}.")
        self._title = one_line(title) or "rayos X"
        self._wait = wait

    def __enter__(self) -> Trace:
        from opentelemetry import context, trace

        from workshop.xray import provider

        if trace.get_current_span().get_span_context().trace_id in recording.active:
            raise XrayError(
                "Ya hay unos rayos X abiertos alrededor de este bloque: unos dentro de otros no se graban. "
                "Sal del primero o deja solo uno de los dos."
            )
        self._root = provider.begin(self._title)
        self._token = context.attach(trace.set_span_in_context(self._root))
        self._trace = Trace(self._title)
        return self._trace

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        from opentelemetry import context

        from workshop.xray import collector, export

        identity, found = self._root.get_span_context(), self._root.recording
        context.detach(self._token)
        try:
            self._trace._wait = self._wait
            self._trace.gave_up = not found.settle(self._wait, collector.listening())
        finally:
            recording.active.pop(identity.trace_id, None)
            self._root.end()
            self._trace._close(found.freeze(), identity.span_id, error)
            export.send([self._root, *found.live()])
        if error is not None:
            _show(self._trace)


def _show(trace: Trace) -> None:
    """In a notebook an error hides the cell's last line: the trace is shown before it."""
    shell = sys.modules.get("IPython")
    if shell is not None and shell.get_ipython() is not None:
        from IPython.display import display

        display(trace)  # type: ignore[no-untyped-call]  # IPython's own

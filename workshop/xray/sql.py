"""Cada sentencia SQL, con sus BEGIN, COMMIT y ROLLBACK, por los eventos de SQLAlchemy."""

import threading
from typing import Any

from opentelemetry.trace import SpanKind

from workshop.xray import recording
from workshop.xray.live import Tracer
from workshop.xray.spans import short

_tracer = Tracer("workshop.sql")
_pending = threading.local()  # the COMMIT or ROLLBACK that this thread is about to execute
_KEY = "comanda_span"


def install() -> None:
    """Listens to every engine of this process, those that already exist included."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    for name, listener in _LISTENERS.items():
        event.listen(Engine, name, listener)


def _start(text: str, **attributes: Any) -> Any:
    """A span under the current one, or None when no X-ray is looking."""
    if not recording.active:
        return None
    operation = text.split(None, 1)[0].upper() if text.strip() else "SQL"
    span = _tracer.start_span(operation, None, SpanKind.CLIENT, {"db.query.text": text, **attributes})
    return span if span.is_recording() else None


def _before_execute(  # noqa: PLR0913, PLR0917  # the signature is SQLAlchemy's
    connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
) -> None:
    size = {"db.operation.batch.size": len(parameters)} if many else {}
    span = _start(statement, **size)
    if span is not None and context is not None:
        setattr(context, _KEY, span)


def _after_execute(  # noqa: PLR0913, PLR0917  # idem
    connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
) -> None:
    span = getattr(context, _KEY, None)
    if span is not None:
        delattr(context, _KEY)
        span.end()


def _failed(context: Any) -> None:
    span = getattr(context.execution_context, _KEY, None)
    if span is not None:
        delattr(context.execution_context, _KEY)
        span.set_attribute("error.type", short(type(context.original_exception).__qualname__))
        span.end()


def _instant(text: str) -> Any:
    def begin(connection: Any, *names: Any) -> None:
        span = _start(text)
        if span is not None:
            span.end()

    return begin


def _lasting(text: str, do: str) -> Any:
    """SQLAlchemy announces these before they run; to measure them, what it runs next is watched as well."""

    def about_to(connection: Any) -> None:
        span = _start(text)
        if span is not None:
            _watch(connection.dialect, do)
            _end_pending()
            _pending.span = span

    return about_to


def _watch(dialect: Any, do: str) -> None:
    run = getattr(dialect, do)
    if getattr(run, _KEY, False):
        return

    def watched(dbapi_connection: Any) -> None:
        try:
            run(dbapi_connection)
        except Exception as error:
            _end_pending(type(error).__qualname__)
            raise
        _end_pending()

    setattr(watched, _KEY, True)
    setattr(dialect, do, watched)


def _end_pending(error: str | None = None) -> None:
    span = getattr(_pending, "span", None)
    if span is not None:
        _pending.span = None
        if error:
            span.set_attribute("error.type", error)
        span.end()


_LISTENERS = {
    "before_cursor_execute": _before_execute,
    "after_cursor_execute": _after_execute,
    "handle_error": _failed,
    "begin": _instant("BEGIN"),
    "begin_twophase": _instant("BEGIN"),
    "commit": _lasting("COMMIT", "do_commit"),
    "rollback": _lasting("ROLLBACK", "do_rollback"),
}

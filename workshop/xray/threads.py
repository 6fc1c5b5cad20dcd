"""Los hilos que abre quien aprende: lo que llaman pertenece a los rayos X que los vieron nacer."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from typing import Any

from workshop.xray import recording
from workshop.xray.blame import is_theirs
from workshop.xray.live import Current, Tracer

SCOPE = "workshop.threads"
_tracer = Tracer(SCOPE)
_CLIENTS = ("requests", "httpx")  # what people hand straight to a pool: `pool.map(requests.get, urls)`


def install() -> None:
    """Outside an X-ray, and for any thread that a library opens for itself, nothing changes."""
    start, submit = threading.Thread.start, ThreadPoolExecutor.submit

    @wraps(start)
    def traced_start(self: threading.Thread) -> None:
        if recording.active and _is_of_interest(self):
            name = _name(getattr(self, "_target", None)) or type(self).__name__
            self.run = _within(self.run, name)  # type: ignore[method-assign]
        start(self)

    @wraps(submit)  # type: ignore[arg-type]  # a generic method has no single signature
    def traced_submit(self: ThreadPoolExecutor, fn: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
        if recording.active and _is_learners(fn):
            fn = _within(fn, _name(fn))
        return submit(self, fn, *args, **named)

    threading.Thread.start = traced_start  # type: ignore[method-assign]
    ThreadPoolExecutor.submit = traced_submit  # type: ignore[method-assign, assignment]


def _within(fn: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The same function, run as a span of the context that starts it."""
    from opentelemetry.context import attach, detach, get_current

    here = get_current()

    def run(*args: Any, **named: Any) -> Any:
        token = attach(here)
        try:
            with Current(partial(_tracer.start_span, name), True, True, True):
                return fn(*args, **named)
        finally:
            detach(token)

    return run


def _is_of_interest(thread: threading.Thread) -> bool:
    target = getattr(thread, "_target", None)
    return _is_learners(target if target is not None else type(thread).run)


def _is_learners(fn: Any) -> bool:
    bare = _bare(fn)
    code = getattr(bare, "__code__", None)
    if code is not None and is_theirs(code.co_filename):
        return True
    return str(getattr(bare, "__module__", "")).partition(".")[0] in _CLIENTS


def _name(fn: Any) -> str:
    return str(getattr(_bare(fn), "__name__", ""))


def _bare(fn: Any) -> Any:
    while isinstance(fn, partial):
        fn = fn.func
    return getattr(fn, "__func__", fn)

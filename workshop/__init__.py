"""La Comanda: un taller de backend en vivo."""

from importlib import import_module
from typing import Any

_HOME = {
    "bars": "workshop.widgets",
    "check": "workshop.learning",
    "checkup": "workshop.widgets",
    "console": "workshop.widgets",
    "curve": "workshop.widgets",
    "gateway": "workshop.services",
    "generate_client": "workshop.services",
    "hint": "workshop.learning",
    "load": "workshop.widgets",
    "load_ipython_extension": "workshop.services.module",
    "page": "workshop.widgets",
    "plan": "workshop.widgets",
    "postgres": "workshop.services",
    "postgres_cluster": "workshop.services",
    "predict": "workshop.learning",
    "progress": "workshop.learning",
    "queue_board": "workshop.widgets",
    "quiz": "workshop.learning",
    "raw_server": "workshop.services",
    "redis_server": "workshop.services",
    "replicas": "workshop.services",
    "running": "workshop.services",
    "serve": "workshop.services",
    "status_explorer": "workshop.widgets",
    "stop_all": "workshop.services",
    "table": "workshop.widgets",
    "tap": "workshop.widgets",
    "tls_front": "workshop.services",
    "wait_for": "workshop.services",
    "workers": "workshop.services",
    "xray": "workshop.xray",
}

__all__ = sorted(_HOME)  # noqa: PLE0605  # one table says which names there are and where each lives


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'workshop' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__

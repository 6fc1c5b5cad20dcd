"""La Comanda: un taller de backend en vivo."""

from importlib import import_module
from typing import Any

_HOME = {
    "bars": "workshop.widgets.bars",
    "check": "workshop.learning",
    "checkup": "workshop.widgets.checkup",
    "console": "workshop.widgets.console",
    "curve": "workshop.widgets.curve",
    "gateway": "workshop.services.gateway.gateway",
    "generate_client": "workshop.services.contract_client",
    "hint": "workshop.learning",
    "load": "workshop.widgets.load",
    "load_ipython_extension": "workshop.services.module",
    "page": "workshop.widgets.page",
    "plan": "workshop.widgets.plan",
    "postgres": "workshop.services.postgres.choice",
    "postgres_cluster": "workshop.services.postgres.cluster",
    "predict": "workshop.learning",
    "progress": "workshop.learning",
    "queue_board": "workshop.widgets.queue_board",
    "quiz": "workshop.learning",
    "raw_server": "workshop.services.wire.raw",
    "redis_server": "workshop.services.redis.choice",
    "replicas": "workshop.services.apps.replicas",
    "running": "workshop.services.registry",
    "serve": "workshop.services.apps.served",
    "status_explorer": "workshop.widgets.status_explorer",
    "stop_all": "workshop.services.registry",
    "table": "workshop.widgets.table",
    "tap": "workshop.widgets.tap_view",
    "tls_front": "workshop.services.wire.tls_front",
    "wait_for": "workshop.services.queues.waiting",
    "workers": "workshop.services.queues.workers",
    "xray": "workshop.xray",
}

__all__ = sorted(_HOME)  # noqa: PLE0605  # one table says which names there are and where each lives


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'workshop' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__

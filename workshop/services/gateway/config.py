"""Lo que se le pide a Caddy, como él lo entiende: a quiénes reparte, cómo, y qué hace si uno no contesta."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from workshop.services.errors import ServiceError
from workshop.services.gateway.doorman import waiting_room

# Under load, a replica that is down fails a thousand times a second: ten lines of them say as much.
_LOG = {
    "level": "ERROR",
    "encoder": {"format": "console", "level_format": "upper"},
    "sampling": {"interval": 1_000_000_000, "first": 10, "thereafter": 1000},
}
POLICIES = ("round_robin", "least_conn", "ip_hash", "random", "cookie", "weighted")
COOKIE = "comanda_replica"


@dataclass(frozen=True)
class Dealing:
    """Cómo reparte un gateway. Lo que no sirve se dice al crearlo, en español."""

    policy: str = "round_robin"
    weights: tuple[int, ...] = ()
    retries: bool = True
    health: str | None = None
    timeout: float = 10.0

    def __post_init__(self) -> None:
        if self.policy not in POLICIES:
            raise ServiceError(f"gateway() reparte con una de: {', '.join(POLICIES)}; llegó {self.policy!r}.")
        if (self.policy == "weighted") != bool(self.weights):
            raise ServiceError(
                'Los pesos van con la política "weighted", uno por réplica: weights=[3, 1]; llegó '
                f"policy={self.policy!r} con weights={list(self.weights)!r}."
            )
        if not all(isinstance(one, int) and not isinstance(one, bool) and one >= 0 for one in self.weights):
            raise ServiceError(f"Los pesos son enteros desde 0, como [3, 1]; llegó {list(self.weights)!r}.")
        if self.health is not None and not str(self.health).startswith("/"):
            raise ServiceError(f'`health` es un camino de la app, como "/health"; llegó {self.health!r}.')
        if isinstance(self.timeout, bool) or not isinstance(self.timeout, int | float) or self.timeout <= 0:
            raise ServiceError(f"`timeout` es un número de segundos mayor que 0; llegó {self.timeout!r}.")

    def proxy(self, urls: Sequence[str]) -> dict[str, Any]:
        """El repartidor de Caddy para esas direcciones."""
        if self.weights and len(self.weights) != len(urls):
            raise ServiceError(
                f"Hay {len(urls)} réplicas y {len(self.weights)} pesos: da uno por réplica con "
                '.policy("weighted", weights=[…]).'
            )
        balancing: dict[str, Any] = {"selection_policy": self._selection()}
        checks: dict[str, Any] = {}
        if self.retries:
            # Whoever did not take the call is left alone for a second, and another one is asked at once.
            balancing |= {"try_duration": "2s", "try_interval": "10ms"}
            checks["passive"] = {"fail_duration": "1s", "max_fails": 1}
        if self.health:
            checks["active"] = {"uri": self.health, "interval": "200ms", "timeout": "500ms"}
        return {
            "handler": "reverse_proxy",
            "upstreams": [{"dial": urlsplit(url).netloc} for url in urls],
            "load_balancing": balancing,
            "health_checks": checks,
            "transport": {
                "protocol": "http",
                "dial_timeout": "1s",
                "response_header_timeout": f"{self.timeout}s",
            },
        }

    def _selection(self) -> dict[str, Any]:
        match self.policy:
            case "weighted":
                return {"policy": "weighted_round_robin", "weights": list(self.weights)}
            case "cookie":
                return {"policy": "cookie", "name": COOKIE}
            case "ip_hash":
                # By the address that X-Forwarded-For tells, so that one machine can play many clients.
                return {"policy": "client_ip_hash"}
        return {"policy": self.policy}


def config_for(  # noqa: PLR0913  # the parts of one configuration
    dealing: Dealing,
    urls: Sequence[str],
    *,
    listen: str,
    folder: Path,
    admin: Path,
    certificate: tuple[Path, Path] | None,
    traced: bool,
) -> dict[str, Any]:
    """La configuración entera de Caddy."""
    tracing = [{"handler": "tracing", "span": "gateway"}] if traced else []
    server: dict[str, Any] = {
        "listen": [listen],
        "protocols": ["h1", "h2"] if certificate else ["h1"],
        "automatic_https": {"disable": True},
        "trusted_proxies": {"source": "static", "ranges": ["127.0.0.0/8"]},
        "routes": [waiting_room(folder), {"handle": [*tracing, dealing.proxy(urls)]}],
    }
    apps: dict[str, Any] = {"http": {"grace_period": "10s", "servers": {"gateway": server}}}
    if certificate:
        server["tls_connection_policies"] = [{}]
        chain, key = map(str, certificate)
        apps["tls"] = {"certificates": {"load_files": [{"certificate": chain, "key": key}]}}
    return {
        "admin": {"listen": f"unix/{admin}", "config": {"persist": False}},
        "logging": {"logs": {"default": _LOG}},
        "storage": {"module": "file_system", "root": str(folder / "storage")},
        "apps": apps,
    }

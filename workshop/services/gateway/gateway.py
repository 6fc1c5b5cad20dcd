"""`gateway(...)`: un Caddy de verdad delante de las réplicas, que cambia sin cerrar la puerta."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Self

from workshop.services import names, registry, traces
from workshop.services.base import Service, State
from workshop.services.errors import ServiceError
from workshop.services.faults import Fault
from workshop.services.gateway.config import Dealing, config_for
from workshop.services.gateway.process import CaddyProcess
from workshop.services.gateway.tls import Certificate
from workshop.services.gateway.upstreams import Source, Upstream, source_of
from workshop.xray import collector


class Gateway(CaddyProcess):
    """Un gateway: recibe en una sola dirección y reparte. Se crea con `gateway(...)`."""

    kind: ClassVar[str] = "gateway"

    def __init__(self, source: Source, dealing: Dealing, tls: bool, name: str) -> None:
        super().__init__(name)
        self._source = source
        self._dealing = dealing
        self._urls: tuple[str, ...] = ()
        self._certificate = Certificate() if tls else None
        self._scheme = "https" if tls else "http"

    @property
    def secure(self) -> bool:
        """¿Recibe por HTTPS?"""
        return self._certificate is not None

    @property
    def ca_path(self) -> str:
        """El archivo con la autoridad que firmó su certificado: `requests.get(..., verify=gateway.ca_path)`.

        Errores: `ServiceError` si el gateway no tiene TLS.
        """
        if self._certificate is None:
            raise ServiceError(
                f"«{self.name}» habla en claro: para tener certificado, usa gateway(…, tls=True)."
            )
        return str(self._certificate.authority(self.folder))

    def policy(self, policy: str, *, weights: Sequence[int] = ()) -> Self:
        """Cambia cómo reparte, sin cortar a nadie: las políticas son las de `gateway(...)`.

        Con `"weighted"`, si después cambia el número de réplicas, vuelve a `"round_robin"`.

        Errores: `ServiceError` si no hay tal política o si los pesos no corresponden.
        """
        return self.deal(replace(self._dealing, policy=policy, weights=tuple(weights)))

    def deal(self, dealing: Dealing) -> Self:
        """Reparte desde ahora de otro modo."""
        with self._lock:
            dealing.proxy(self._urls or self._source.urls())
            changed, self._dealing = dealing != self._dealing, dealing
            if changed and self.state is State.READY:
                self._apply()
        return self

    def upstreams(self) -> tuple[Upstream, ...]:
        """A quiénes reparte, con cuántas peticiones tiene cada uno ahora y cuántas le fallaron hace poco.

        Errores: `ServiceError` si el gateway no está en marcha.
        """
        self._require_awake()
        told = {one["address"]: one for one in self._admin.upstreams()}
        return tuple(Upstream.of(self._source, url, told) for url in self._urls)

    def stop(self) -> None:
        """Lo detiene. Si ya está detenido, no hace nada."""
        self._source.unfollow(self._follow)
        super().stop()

    def point(self, source: Source) -> Self:
        """Reparte desde ahora entre otros."""
        with self._lock:
            if source != self._source:
                self._source.unfollow(self._follow)
                self._source = source
                if self.state is State.READY:
                    source.follow(self._follow)
                    self._follow(source.urls())
        return self

    def _follow(self, urls: tuple[str, ...]) -> None:
        with self._lock:
            if self.state is not State.READY or urls == self._urls:
                return
            self._urls = urls
            if len(self._dealing.weights) not in (0, len(urls)):
                self._dealing = replace(self._dealing, policy="round_robin", weights=())
            if self._fault is not Fault.FROZEN:  # it will hear of it when it thaws
                self._apply()

    def _config(self, listen: str, folder: Path, admin: Path) -> dict[str, Any]:
        certificate = self._certificate.files(folder) if self._certificate else None
        return config_for(
            self._dealing, self._urls, listen=listen, folder=folder, admin=admin, certificate=certificate,
            traced=collector.listening(),
        )  # fmt: skip

    def _launch(self) -> None:
        traces.invite()
        self._urls = self._source.urls()
        super()._launch()
        self._source.follow(self._follow)


def gateway(  # noqa: PLR0913  # each one is something a gateway can vary
    to: Service | str | Sequence[Any],
    *,
    policy: str = "round_robin",
    weights: Sequence[int] = (),
    retries: bool = True,
    health: str | None = None,
    timeout: float = 10.0,
    tls: bool = False,
    name: str = "gateway",
) -> Gateway:
    """Pone un gateway Caddy delante de `to` y devuelve su manija, con `.url`, `.policy(…)` y `.upstreams()`.

    - `to`: lo que devuelve `replicas(...)` (sigue sus cambios), un servicio, una URL o una lista de ellos.
    - `policy`: `"round_robin"` (por turnos), `"least_conn"` (al menos ocupado), `"ip_hash"` (según la
      dirección del cliente), `"random"`, `"cookie"` (siempre a la misma) o `"weighted"` (`weights=[3, 1]`).
    - `retries`: si la réplica no toma la llamada, o la pierde y era un GET, prueba con otra durante 2 s.
    - `health`: camino que pregunta a cada réplica 5 veces por segundo; a la que no contesta, no le reparte.
    - `timeout`: segundos que espera una respuesta antes de contestar 504.
    - `tls`: recibe por HTTPS, con una autoridad propia (`.ca_path`).

    Ejecutarla otra vez cambia el mismo gateway en su sitio.
    Errores: `ServiceError` si un valor no sirve, si no hay programa o si no arranca.
    """
    source = source_of(to)
    dealing = Dealing(policy, tuple(weights), retries, health, timeout)
    dealing.proxy(source.urls())
    known = registry.get(names.valid_name(name))
    if isinstance(known, Gateway) and known.secure == tls:
        return known.start().point(source).deal(dealing)
    return Gateway(source, dealing, tls, name).start()

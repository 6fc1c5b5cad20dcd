"""Lo que comparten un servidor Redis propio y uno externo: cómo se les habla."""

import sys
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from workshop.services.base import Service

PATIENCE = 30  # seconds; longer than any blocking command that RQ sends
_RETRIES = 5  # within about a second and a half: a cut that is mended at once is not noticed


class RedisHandle(Service):
    """Un servidor que habla el protocolo de Redis, sea de este kernel o esté en otra parte."""

    def succeeds(self, other: Service) -> bool:
        """Si puede quedarse con el nombre de `other`: de cualquier Redis, sea o no de este kernel."""
        return isinstance(other, RedisHandle)

    def client(self, **options: Any) -> redis.Redis:
        """Un cliente nuevo, que devuelve texto y da por perdida una respuesta a los 5 segundos.

        `options` son las de `redis.Redis`, como `socket_timeout=0.5` (segundos).
        """
        return redis.Redis.from_url(self.url, **{"decode_responses": True, **options})

    def connection(self) -> redis.Redis:
        """Un cliente nuevo para RQ: devuelve bytes, espera 30 segundos y vuelve a entrar si lo cortan."""
        from workshop.services.queues import tickets

        tickets.check_when_enqueued()  # whoever asks for this client is about to enqueue
        backoff = ExponentialBackoff(cap=0.8, base=0.05)
        retry = Retry(backoff, _RETRIES, supported_errors=(redis.ConnectionError,))
        return redis.Redis.from_url(self.url, socket_timeout=PATIENCE, retry=retry)

    @abstractmethod
    def config(self, **settings: str | int | bool) -> Self:
        """Cambia ajustes del servidor mientras atiende, como `config(maxmemory="2mb")`."""

    @abstractmethod
    def reset(self) -> Self:
        """Lo vacía."""


@contextmanager
def unseen(client: redis.Redis) -> Iterator[redis.Redis]:
    """El mismo cliente, para lo que el taller le dice al servidor por su cuenta: no sale en el rastro."""
    with client:
        if "opentelemetry.context" not in sys.modules:
            yield client
            return
        from opentelemetry import context

        token = context.attach(context.Context())  # with no span around, the X-ray looks away
        try:
            yield client
        finally:
            context.detach(token)

"""Lo que corre: una carpeta por clase de servidor sobre un mismo ciclo de vida."""

from workshop.services import module
from workshop.services.apps.replicas import replicas
from workshop.services.apps.served import serve
from workshop.services.contract_client import generate_client
from workshop.services.gateway.gateway import gateway
from workshop.services.postgres.choice import postgres
from workshop.services.postgres.cluster import postgres_cluster
from workshop.services.queues.waiting import wait_for
from workshop.services.queues.workers import workers
from workshop.services.redis.choice import redis_server
from workshop.services.registry import running, stop_all
from workshop.services.wire.raw import raw_server
from workshop.services.wire.tls_front import tls_front

__all__ = [
    "gateway",
    "generate_client",
    "postgres",
    "postgres_cluster",
    "raw_server",
    "redis_server",
    "replicas",
    "running",
    "serve",
    "stop_all",
    "tls_front",
    "wait_for",
    "workers",
]

module.offer()

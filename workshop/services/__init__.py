"""Lo que corre: un módulo por clase de servidor sobre un mismo ciclo de vida."""

from workshop.services import module
from workshop.services.contract_client import generate_client
from workshop.services.gateway import gateway
from workshop.services.postgres import postgres
from workshop.services.postgres_cluster import postgres_cluster
from workshop.services.raw import raw_server
from workshop.services.redis_choice import redis_server
from workshop.services.registry import running, stop_all
from workshop.services.replicas import replicas
from workshop.services.served import serve
from workshop.services.tls_front import tls_front
from workshop.services.waiting import wait_for
from workshop.services.workers import workers

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

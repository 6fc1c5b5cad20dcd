"""Lo que corre: un módulo por clase de servidor sobre un mismo ciclo de vida."""

from workshop.services import module
from workshop.services.redis_choice import redis_server
from workshop.services.registry import running, stop_all
from workshop.services.replicas import replicas
from workshop.services.served import serve
from workshop.services.waiting import wait_for

__all__ = ["redis_server", "replicas", "running", "serve", "stop_all", "wait_for"]

module.offer()

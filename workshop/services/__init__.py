"""Lo que corre: una carpeta por clase de servidor sobre un mismo ciclo de vida."""

from workshop.services import module

module.offer()

"""Los errores de lo que corre."""

from workshop.errors import WorkshopError


class ServiceError(WorkshopError):
    """Un servicio no pudo hacer lo que se le pidió; el mensaje dice por qué y qué hacer."""

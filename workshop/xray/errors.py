"""Los errores de los rayos X."""

from workshop.errors import WorkshopError


class XrayError(WorkshopError):
    """Los rayos X no pudieron hacer lo que se les pidió; el mensaje dice por qué y qué hacer."""

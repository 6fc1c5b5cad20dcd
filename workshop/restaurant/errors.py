"""Los errores del restaurante."""

from workshop.errors import WorkshopError


class UnknownRouteError(WorkshopError):
    """Se nombró una ruta del menú que no existe; el mensaje dice cuáles hay."""

"""Los errores que muestran los paneles."""

from workshop.errors import WorkshopError


class WidgetError(WorkshopError):
    """Un panel no puede hacer lo que se le pide; el mensaje dice por qué y cómo seguir."""

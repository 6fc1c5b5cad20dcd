"""El error que leen quienes usan predict, check, hint, quiz o progress."""

from workshop.errors import WorkshopError


class LearningError(WorkshopError):
    """Lo pedido no se puede hacer; el mensaje dice qué se esperaba, qué llegó y qué hacer."""

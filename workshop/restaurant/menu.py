"""El menú de La Comanda: los platos de `data/menu.toml`."""

from workshop import facts
from workshop.restaurant.models import DishCreate


def load_menu() -> list[DishCreate]:
    """Los platos del menú, validados y en su orden.

    Errores: `pydantic.ValidationError` si alguno está mal escrito.
    """
    return [DishCreate.model_validate(dish) for dish in facts.load("menu.toml")["dish"]]

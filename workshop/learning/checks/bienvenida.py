"""La revisión del capítulo 00, la bienvenida."""

from workshop.learning.checks import checks
from workshop.learning.probe import NotYetError, Probe

ENOUGH = 3


@checks("00.1")
def first_menu(probe: Probe) -> None:
    """`GET /menu` con al menos tres platos que tienen nombre y precio."""
    answer = probe.first("GET", "/menu")
    probe.status(answer, 200, "Deja el decorador como estaba, `@menu_app.get`, y devuelve la lista.")
    if answer.json() is None:
        raise NotYetError("una lista de platos", "null", "Falta el `return` de tu función.")
    dishes = answer.rows("name", "price")
    if len(dishes) < ENOUGH:
        raise NotYetError(
            f"al menos {ENOUGH} platos", f"{len(dishes)}", "Agrega otro diccionario a la lista."
        )
    probe.passed.append("la lista")
    for dish in dishes:
        _name(dish["name"])
        _price(dish["name"], dish["price"])
    probe.passed.append("nombres y precios")


def _name(name: object) -> None:
    if not isinstance(name, str) or not name.strip():
        raise NotYetError(
            "que cada `name` sea un texto con algo escrito", repr(name), "Escríbelo entre comillas."
        )


def _price(name: str, price: object) -> None:
    expected = f"que el precio de «{name}» sea un número mayor que cero"
    if isinstance(price, bool) or not isinstance(price, int | float):
        raise NotYetError(expected, repr(price), "Un número se escribe sin comillas y sin signo de pesos.")
    if price <= 0:
        raise NotYetError(expected, f"{price:g}", "Nadie paga por llevarse un plato: revisa el signo.")

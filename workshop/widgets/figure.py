"""Cómo se escribe una cifra medida."""

import math
import numbers
from typing import Any

from workshop.widgets.errors import WidgetError

_THIN = "\u00a0"  # between thousands; the number must not break over two lines


def figure(value: float) -> str:
    """`value` con tres cifras significativas; los enteros y los miles, completos: `0.84`, `41.2`, `1 204`."""
    if value == int(value) or abs(value) >= 1000:
        return f"{round(value):,}".replace(",", _THIN)
    if abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 1e-4:
        return f"{float(f'{value:.3g}'):f}".rstrip("0").rstrip(".")
    return f"{value:.1e}"


def times(value: float) -> str:
    """Cuántas veces, como se dice de viva voz: `1.4` veces, pero `46` y no `45.8`."""
    return figure(round(value) if value >= 10 else round(value, 1))


def measured(value: Any, what: str) -> float:
    """`value` como número finito y no negativo; `what` dice qué es.

    Error: `WidgetError` si no lo es.
    """
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or not math.isfinite(float(value)) or value < 0:
        raise WidgetError(f"{what} tiene que ser un número de cero en adelante; llegó {value!r}.")
    return float(value)


def words(value: Any, what: str, limit: int = 80) -> str:
    """`value` como texto de un renglón; `what` dice qué es.

    Error: `WidgetError` si no es un texto, si está vacío o si pasa de `limit` caracteres.
    """
    if not isinstance(value, str) or not value.strip() or len(value) > limit or "\n" in value:
        raise WidgetError(f"{what} es un texto de un renglón, hasta {limit} caracteres; llegó {value!r}.")
    return value.strip()

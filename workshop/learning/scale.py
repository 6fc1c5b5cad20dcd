"""Qué tan lejos está un número predicho de uno medido, dicho con palabras."""

import math
import numbers
from typing import Any

from workshop.learning.errors import LearningError

CLOSE = 1.5  # a guess within a factor of one and a half shows that the size is understood


def number(value: Any, unit: str) -> int | float:
    """`value` como número finito (`int` si es un conteo). `LearningError` si no se puede leer."""
    read: Any = value
    if isinstance(value, str):
        text = value.strip().removesuffix(unit).strip().replace(",", ".")
        try:
            read = int(text) if text.lstrip("+-").isdigit() else float(text)
        except ValueError:
            read = None
    if isinstance(read, numbers.Integral) and not isinstance(read, bool):
        return int(read)
    if isinstance(read, numbers.Real) and not isinstance(read, bool) and math.isfinite(float(read)):
        return float(read)
    raise LearningError(f"Se esperaba un número en {unit}, por ejemplo 2.5; llegó «{value}».")


def figure(value: float) -> str:
    """`value` con tres cifras significativas; los enteros, completos."""
    if isinstance(value, int) or value.is_integer():
        return f"{int(value)}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


def close(predicted: float, measured: float) -> bool:
    """Si el predicho queda a lo más a una vez y media del medido."""
    if predicted * measured <= 0:
        return predicted == measured
    ratio = abs(predicted / measured)
    return 1 / CLOSE <= ratio <= CLOSE


def distance(predicted: float, measured: float, unit: str) -> str:
    """Cuánto se alejó la predicción: «tu predicción fue 3 veces mayor»."""
    if predicted == measured:
        return "tu predicción fue exacta."
    side = "mayor" if predicted > measured else "menor"
    if predicted <= 0 or measured <= 0:
        return f"tu predicción fue {figure(abs(predicted - measured))} {unit} {side}."
    ratio = max(predicted, measured) / min(predicted, measured)
    if ratio < 1.05:
        return "tu predicción fue casi igual."
    if ratio < 2:
        return f"tu predicción fue un {abs(predicted - measured) / measured:.0%} {side}.".replace("%", " %")
    times = f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}".removesuffix(".0")
    return f"tu predicción fue {times} veces {side}."

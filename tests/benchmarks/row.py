"""One row of the bar."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured, the figure, its target (both with their unit), and whether it is met."""

    what: str
    measured: str
    target: str
    met: bool


def at_most(what: str, value: float, limit: float, unit: str, digits: int = 0) -> Row:
    return Row(what, f"{value:.{digits}f} {unit}", f"≤ {limit:g} {unit}", round(value, digits) <= limit)

"""Lo que se ve: la revisión, la consola, las tablas vivas y las páginas."""

from workshop.widgets.bars import bars
from workshop.widgets.checkup import checkup
from workshop.widgets.console import console
from workshop.widgets.curve import curve
from workshop.widgets.page import page
from workshop.widgets.plan import plan
from workshop.widgets.table import table

__all__ = ["bars", "checkup", "console", "curve", "page", "plan", "table"]

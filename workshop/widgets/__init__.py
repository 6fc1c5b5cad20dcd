"""Lo que se ve: la revisión, la consola, las páginas, los paneles vivos y los dibujos de lo medido."""

from workshop.widgets.bars import bars
from workshop.widgets.checkup import checkup
from workshop.widgets.console import console
from workshop.widgets.curve import curve
from workshop.widgets.load import load
from workshop.widgets.page import page
from workshop.widgets.plan import plan
from workshop.widgets.queue_board import queue_board
from workshop.widgets.status_explorer import status_explorer
from workshop.widgets.table import table
from workshop.widgets.tap_view import tap

__all__ = [
    "bars",
    "checkup",
    "console",
    "curve",
    "load",
    "page",
    "plan",
    "queue_board",
    "status_explorer",
    "table",
    "tap",
]

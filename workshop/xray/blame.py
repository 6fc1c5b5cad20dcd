"""La línea de quien aprende en la que nació un error."""

import sysconfig
import traceback
from functools import cache
from pathlib import Path

_CELL_MARKS = ("ipykernel_", "<ipython-input")


def blame(error: BaseException) -> str:
    """`ZeroDivisionError en create_dish, línea 4`: el error y su última línea en código de quien aprende.

    En un cuaderno la línea se cuenta dentro de la celda; en un módulo se dice de qué archivo es.
    """
    name = type(error).__name__
    frames = traceback.walk_tb(error.__traceback__)
    theirs = [(frame.f_code, line) for frame, line in frames if is_theirs(frame.f_code.co_filename)]
    if not theirs:
        return name
    code, line = theirs[-1]
    in_cell = any(mark in code.co_filename for mark in _CELL_MARKS)
    source = "" if in_cell else f" de {Path(code.co_filename).name}"
    return f"{name} en {code.co_name}, línea {line}{source}"


@cache
def _libraries() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    roots = {paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    roots.add(str(Path(__file__).resolve().parent.parent))  # the workshop itself
    return tuple(root + "/" for root in roots)


def is_theirs(filename: str) -> bool:
    invented = filename.startswith("<") and not filename.startswith("<ipython-input")
    return not invented and not filename.startswith(_libraries())

"""Rayos X: lo que pasa dentro de una petición, de la llamada a la base, grabado y a la vista."""

import sys
from types import ModuleType
from typing import Any

from workshop.xray.trace import Trace, xray

__all__ = ["Trace", "xray"]


class _Callable(ModuleType):
    """`from workshop import xray` may give this package (Python binds it to that name): both are called."""

    def __call__(self, *arguments: Any, **options: Any) -> xray:
        return xray(*arguments, **options)


sys.modules[__name__].__class__ = _Callable
__doc__ = xray.__doc__ or ""  # so that `xray?` in a cell explains the call

"""Aprender: predecir, revisar, pedir pistas, responder cuestionarios y ver el avance."""

from importlib import import_module
from typing import Any

_HOME = {
    "check": "verdict",
    "hint": "hints",
    "predict": "prediction",
    "progress": "board",
    "quiz": "quizzes",
}

__all__ = sorted(_HOME)  # noqa: PLE0605  # one table says which names there are and where each lives


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'workshop.learning' has no attribute {name!r}")
    return getattr(import_module(f"workshop.learning.{_HOME[name]}"), name)

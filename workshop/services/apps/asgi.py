"""Qué se puede servir y qué no, dicho de manera que se pueda corregir."""

import inspect
from typing import Any

from workshop.services.errors import ServiceError

_ASGI_ARGUMENTS = 3  # scope, receive, send


def require_app(app: Any, asker: str = "serve()") -> None:
    """Acepta una aplicación ASGI (FastAPI, Starlette…) y rechaza lo demás, en nombre de quien la pide.

    Errores: `ServiceError` que dice qué llegó y cómo se corrige.
    """
    problem = _problem(app)
    if problem:
        raise ServiceError(f"{asker} espera una aplicación, como la que crea `app = FastAPI()`. {problem}")


def forget_replaced(app: Any) -> None:
    """De cada ruta que se registró dos veces, por ejecutar otra vez su celda, deja solo la última.

    Es la misma ruta si coinciden el camino, los métodos y el nombre completo de la función.
    """
    router = getattr(app, "router", None)
    routes: list[Any] = getattr(router, "routes", [])
    latest = {_identity(route): route for route in routes}
    kept = [route for route in routes if latest[_identity(route)] is route]
    if len(kept) < len(routes):
        routes[:] = kept
        app.openapi_schema = None  # FastAPI keeps the document it once made


def _identity(route: Any) -> tuple[Any, ...]:
    endpoint = getattr(route, "endpoint", None)
    name = getattr(endpoint, "__qualname__", None)
    if name is None:
        return (id(route),)
    methods = frozenset(getattr(route, "methods", None) or ())
    return type(route), route.path, methods, endpoint.__module__, name


def _problem(app: Any) -> str | None:
    from fastapi import APIRouter

    if isinstance(app, str):
        return f"Llegó el texto {app!r}: quita las comillas para pasar la aplicación misma."
    if isinstance(app, type):
        return f"Llegó la clase {app.__name__}: créala primero con `{app.__name__}()`."
    if isinstance(app, APIRouter):
        return "Llegó un APIRouter: inclúyelo en una aplicación con `app.include_router(router)`."
    if inspect.ismodule(app):
        return f"Llegó el módulo {app.__name__}: pasa la aplicación que vive en él, `{app.__name__}.app`."
    return _call_problem(app)


def _call_problem(app: Any) -> str | None:
    if app is None:
        return "Llegó None: ¿la función que la crea termina con `return app`?"
    if not callable(app):
        return f"Llegó un valor de tipo {type(app).__name__}."
    call = app if inspect.isroutine(app) else type(app).__call__
    name = getattr(app, "__name__", type(app).__name__)
    if _looks_like_wsgi(app):
        return f"{name} es una aplicación WSGI (como las de Flask o Django clásico): esas no hablan ASGI."
    if not inspect.iscoroutinefunction(call):
        return f"{name} es una función común: decórala con `@app.get(...)` y pasa `app`, no la función."
    arguments = [p for p in inspect.signature(app).parameters.values() if p.default is p.empty]
    if len(arguments) != _ASGI_ARGUMENTS and not any(p.kind is p.VAR_POSITIONAL for p in arguments):
        return f"{name} recibe {len(arguments)} argumentos; una aplicación ASGI recibe scope, receive y send."
    return None


def _looks_like_wsgi(app: Any) -> bool:
    return hasattr(app, "wsgi_app") or type(app).__module__.startswith("django.core.handlers.wsgi")

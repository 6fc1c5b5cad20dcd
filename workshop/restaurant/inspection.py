"""Las rutas con las que una revisión mira y rompe la caché de un ejercicio, por HTTP como todo lo demás."""

from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter
from sqlalchemy import Engine

from workshop.restaurant.counter import QueryCounter
from workshop.restaurant.database import SessionDep
from workshop.restaurant.models import Category
from workshop.restaurant.sales import best_sellers

if TYPE_CHECKING:
    from workshop.services.redis.handle import RedisHandle

NEIGHBOUR = "sesion:mesa-7"


def cache_inspection(redis: "RedisHandle", engine: Engine) -> APIRouter:
    """Rutas `/inspection/...` para `app.include_router(...)`.

    Dicen cuántas consultas sintió `engine`, qué llaves hay en `redis` y cuánto les queda, y cuál es el
    ranking de verdad; vacían `redis` y le ponen averías. `redis` tiene que ser solo del ejercicio.
    """
    routes = APIRouter(prefix="/inspection", tags=["revisión"])
    felt = QueryCounter(engine)

    @routes.get("/queries")
    def queries() -> dict[str, int]:
        return {"queries": felt.queries}

    @routes.get("/keys")
    def keys() -> list[dict[str, Any]]:
        with redis.client() as cache:
            return [{"key": key, "ttl": cache.ttl(key)} for key in sorted(cache.scan_iter())]

    @routes.delete("/keys", status_code=204)
    def start_afresh() -> None:
        """Deja solo una llave de otra parte del sistema, que nadie más debe tocar."""
        with redis.client() as cache:
            cache.flushdb()
            cache.set(NEIGHBOUR, "la cuenta sigue abierta", ex=3600)

    @routes.get("/best-sellers")
    def truth(session: SessionDep, category: Category | None = None) -> list[dict[str, Any]]:
        return best_sellers(session, category)

    @routes.post("/faults/{verb}", status_code=204)
    def fault(verb: Literal["kill", "freeze", "recover"]) -> None:
        getattr(redis, verb)()

    return routes

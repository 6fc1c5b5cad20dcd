"""Las rutas con las que una revisión mira y rompe el Redis de un ejercicio, por HTTP como todo lo demás."""

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


def key_routes(redis: "RedisHandle", path: str, neighbour: str) -> APIRouter:
    """`GET path` dice qué llaves hay en `redis` y cuántos segundos les quedan; `DELETE path` las borra todas.

    Después de borrar queda solo `neighbour`: una llave de otra parte del sistema, que nadie más debe tocar.
    """
    routes = APIRouter()

    @routes.get(path)
    def keys() -> list[dict[str, Any]]:
        with redis.client() as client:
            return [{"key": key, "ttl": client.ttl(key)} for key in sorted(client.scan_iter())]

    @routes.delete(path, status_code=204)
    def start_afresh() -> None:
        with redis.client() as client:
            client.flushdb()
            client.set(neighbour, "de otra parte del sistema", ex=3600)

    return routes


def cache_inspection(redis: "RedisHandle", engine: Engine) -> APIRouter:
    """Rutas `/inspection/...` para `app.include_router(...)`.

    Dicen cuántas consultas sintió `engine`, qué llaves hay en `redis` y cuánto les queda, y cuál es el
    ranking de verdad; vacían `redis` y le ponen averías. `redis` tiene que ser solo del ejercicio.
    """
    routes = APIRouter(prefix="/inspection", tags=["revisión"])
    routes.include_router(key_routes(redis, "/keys", NEIGHBOUR))
    felt = QueryCounter(engine)

    @routes.get("/queries")
    def queries() -> dict[str, int]:
        return {"queries": felt.queries}

    @routes.get("/best-sellers")
    def truth(session: SessionDep, category: Category | None = None) -> list[dict[str, Any]]:
        return best_sellers(session, category)

    @routes.post("/faults/{verb}", status_code=204)
    def fault(verb: Literal["kill", "freeze", "recover"]) -> None:
        getattr(redis, verb)()

    return routes

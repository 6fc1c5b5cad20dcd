"""El bote de propinas: la API del segundo ejercicio del capítulo 16, que encola y deja mirar qué quedó."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, HTTPException
from sqlmodel import Field, SQLModel, delete, select

from workshop.restaurant.database import SessionDep
from workshop.restaurant.models import Pot, Tip

if TYPE_CHECKING:
    from rq import Queue


class TipCreate(SQLModel):
    """Una propina que un cliente deja en un bote."""

    folio: str = Field(min_length=1, max_length=40)
    amount: int = Field(gt=0)


def tip_routes(rail: "Queue", add_tip: Callable[[str, str, int], Any]) -> APIRouter:
    """Rutas para `app.include_router(...)`: encolan `add_tip(pot, folio, amount)` en `rail`.

    - `POST /pots/{pot}/tips` contesta 202 con `{"job": …}`; si el bote no existe, lo crea vacío.
    - `GET /jobs/{job}` contesta `{"status": …, "error": …}`; `status` es el de RQ.
    - `GET /pots/{pot}` contesta `{"total": …, "tips": [folios…]}`.
    - `DELETE /pots/{pot}` borra el bote y sus propinas.
    """
    routes = APIRouter(tags=["propinas"])

    @routes.post("/pots/{pot}/tips", status_code=202)
    def leave_tip(pot: str, tip: TipCreate, session: SessionDep) -> dict[str, str]:
        if session.get(Pot, pot) is None:
            session.add(Pot(name=pot))
            session.commit()  # before it is queued: the worker may be faster than this function
        return {"job": rail.enqueue(add_tip, pot, tip.folio, tip.amount).id}

    @routes.get("/jobs/{job}")
    def look_at_job(job: str) -> dict[str, str | None]:
        found = rail.fetch_job(job)
        if found is None:
            raise HTTPException(404, "No hay un trabajo con ese identificador.")
        result = found.latest_result()
        trace = (result.exc_string if result else None) or ""
        named = [line for line in trace.splitlines() if re.match(r"[\w.]+(Error|Exception)\b", line)]
        return {"status": found.get_status(), "error": named[-1] if named else None}

    @routes.get("/pots/{pot}")
    def look_at_pot(pot: str, session: SessionDep) -> dict[str, Any]:
        row = session.get(Pot, pot)
        folios = session.exec(select(Tip.folio).where(Tip.pot == pot).order_by(Tip.folio)).all()
        return {"total": row.total if row else 0, "tips": folios}

    @routes.delete("/pots/{pot}", status_code=204)
    def empty_pot(pot: str, session: SessionDep) -> None:
        session.exec(delete(Tip).where(Tip.pot == pot))  # type: ignore[arg-type]
        session.exec(delete(Pot).where(Pot.name == pot))  # type: ignore[arg-type]
        session.commit()

    return routes

"""What learners write for 16.1: right in three ways, and wrong in the ways that happen."""

import threading
import time
from collections.abc import Callable
from typing import Any

import receipts  # the module of the exercise's `%%module receipts`, which the tests write
from fastapi import BackgroundTasks, FastAPI, HTTPException, Response
from pydantic import BaseModel
from rq import Queue


class Receipt(BaseModel):
    folio: str
    total: int


Ask = Callable[..., Any]


def app_with(rail: Queue, ask: Ask, look: Ask | None = None, code: int = 202) -> FastAPI:
    app = FastAPI()
    app.post("/receipts", status_code=code)(ask)
    app.get("/receipts/{folio}")(look or look_in(rail))
    return app


def hang(rail: Queue, receipt: Receipt) -> None:
    rail.enqueue(receipts.make_receipt, receipt.folio, receipt.total, job_id=receipt.folio)


def ask_in(rail: Queue) -> Ask:
    def ask(receipt: Receipt, response: Response):
        hang(rail, receipt)
        response.headers["Location"] = f"/receipts/{receipt.folio}"

    return ask


def look_in(rail: Queue) -> Ask:
    def look(folio: str):
        if not (job := rail.fetch_job(folio)):
            raise HTTPException(404)
        return {"status": job.get_status(), "result": job.return_value()}

    return look


def untouched(rail: Queue) -> FastAPI:
    def ask(receipt: Receipt):
        raise HTTPException(501, "Ejercicio 16.1, sin intentar")

    def look(folio: str):
        raise HTTPException(501, "Ejercicio 16.1, sin intentar")

    return app_with(rail, ask, look)


def right_with_the_folio_as_job(rail: Queue) -> FastAPI:
    return app_with(rail, ask_in(rail))


def right_with_a_book_of_jobs(rail: Queue) -> FastAPI:
    jobs: dict[str, Any] = {}

    async def ask(receipt: Receipt):
        jobs[receipt.folio] = rail.enqueue(receipts.make_receipt, receipt.folio, total=receipt.total)
        return Response(status_code=202, headers={"Location": f"/receipts/{receipt.folio}"})

    async def look(folio: str):
        if folio not in jobs:
            raise HTTPException(404)
        return {"status": jobs[folio].get_status(), "result": jobs[folio].return_value(), "folio": folio}

    return app_with(rail, ask, look)


def right_by_name(rail: Queue) -> FastAPI:
    def ask(receipt: Receipt, response: Response):
        rail.enqueue("receipts.make_receipt", kwargs=receipt.model_dump(), job_id=receipt.folio)
        response.headers["location"] = f"/receipts/{receipt.folio}"

    return app_with(rail, ask)


def answers_200(rail: Queue) -> FastAPI:
    return app_with(rail, ask_in(rail), code=200)


def answers_201(rail: Queue) -> FastAPI:
    return app_with(rail, ask_in(rail), code=201)


def other_route(rail: Queue) -> FastAPI:
    app = FastAPI()
    app.post("/receipt", status_code=202)(ask_in(rail))
    return app


def no_location(rail: Queue) -> FastAPI:
    def ask(receipt: Receipt):
        hang(rail, receipt)

    return app_with(rail, ask)


def location_of_the_job(rail: Queue) -> FastAPI:
    def ask(receipt: Receipt, response: Response):
        hang(rail, receipt)
        response.headers["Location"] = f"/jobs/{receipt.folio}"

    return app_with(rail, ask)


def calls_it(rail: Queue) -> FastAPI:
    """Makes the receipt in the API, and tells it well."""
    made: dict[str, Any] = {}

    def ask(receipt: Receipt, response: Response):
        try:
            made[receipt.folio] = receipts.make_receipt(receipt.folio, receipt.total)
        finally:
            response.headers["Location"] = f"/receipts/{receipt.folio}"

    def look(folio: str):
        return {"status": "finished", "result": made[folio]}

    return app_with(rail, ask, look)


def in_the_background_of_the_api(rail: Queue) -> FastAPI:
    made: dict[str, Any] = {}

    def ask(receipt: Receipt, response: Response, tasks: BackgroundTasks):
        def make() -> None:
            made[receipt.folio] = receipts.make_receipt(receipt.folio, receipt.total)

        tasks.add_task(threading.Thread(target=make, daemon=True).start)
        made[receipt.folio] = None
        response.headers["Location"] = f"/receipts/{receipt.folio}"

    def look(folio: str):
        return {"status": "finished" if made[folio] else "started", "result": made[folio]}

    return app_with(rail, ask, look)


def enqueues_the_result(rail: Queue) -> FastAPI:
    def ask(receipt: Receipt):
        rail.enqueue(receipts.make_receipt(receipt.folio, receipt.total))

    return app_with(rail, ask)


def print_it(folio: str, total: int) -> dict[str, Any]:
    return {"folio": folio, "total": total, "made_by": "un trabajador"}


def enqueues_a_function_of_the_notebook(rail: Queue) -> FastAPI:
    print_it.__module__ = "__main__"  # where a cell's functions live

    def ask(receipt: Receipt):
        rail.enqueue(print_it, receipt.folio, receipt.total)

    return app_with(rail, ask)


def enqueues_the_whole_request(rail: Queue) -> FastAPI:
    class Receipt(BaseModel):
        folio: str
        total: int

    Receipt.__module__ = "__main__"

    def ask(receipt: Receipt):
        rail.enqueue(receipts.make_receipt, receipt)

    return app_with(rail, ask)


def waits_for_it(rail: Queue) -> FastAPI:
    def ask(receipt: Receipt, response: Response):
        hang(rail, receipt)
        job = rail.fetch_job(receipt.folio)
        while job.get_status() not in {"finished", "failed"}:
            time.sleep(0.01)
        response.headers["Location"] = f"/receipts/{receipt.folio}"

    return app_with(rail, ask)


def another_rail(rail: Queue) -> FastAPI:
    nobody = Queue("nobody", connection=rail.connection)
    return app_with(nobody, ask_in(nobody))


def turned_around(rail: Queue) -> FastAPI:
    def ask(receipt: Receipt, response: Response):
        rail.enqueue(receipts.make_receipt, receipt.total, receipt.folio, job_id=receipt.folio)
        response.headers["Location"] = f"/receipts/{receipt.folio}"

    return app_with(rail, ask)


def always_the_same_receipt(rail: Queue) -> FastAPI:
    def ask(receipt: Receipt, response: Response):
        rail.enqueue(receipts.make_receipt, "A-1", 120, job_id=receipt.folio)
        response.headers["Location"] = f"/receipts/{receipt.folio}"

    return app_with(rail, ask)


def only_the_status(rail: Queue) -> FastAPI:
    return app_with(rail, ask_in(rail), lambda folio: {"status": rail.fetch_job(folio).get_status()})


def in_spanish(rail: Queue) -> FastAPI:
    return app_with(rail, ask_in(rail), lambda folio: {"status": "en espera", "result": None})


def no_result(rail: Queue) -> FastAPI:
    def look(folio: str):
        return {"status": rail.fetch_job(folio).get_status(), "result": None}

    return app_with(rail, ask_in(rail), look)


def not_yet_is_404(rail: Queue) -> FastAPI:
    def look(folio: str):
        job = rail.fetch_job(folio)
        if job is None or not job.is_finished:
            raise HTTPException(404)
        return {"status": job.get_status(), "result": job.return_value()}

    return app_with(rail, ask_in(rail), look)


def stranger_is_queued(rail: Queue) -> FastAPI:
    def look(folio: str):
        job = rail.fetch_job(folio)
        if job is None:
            return {"status": "queued", "result": None}
        return {"status": job.get_status(), "result": job.return_value()}

    return app_with(rail, ask_in(rail), look)


def stranger_crashes(rail: Queue) -> FastAPI:
    def look(folio: str):
        job = rail.fetch_job(folio)
        return {"status": job.get_status(), "result": job.return_value()}

    return app_with(rail, ask_in(rail), look)


def failure_is_finished(rail: Queue) -> FastAPI:
    def look(folio: str):
        if not (job := rail.fetch_job(folio)):
            raise HTTPException(404)
        status = job.get_status()
        return {"status": "finished" if status == "failed" else status, "result": job.return_value()}

    return app_with(rail, ask_in(rail), look)


def refuses_what_will_fail(rail: Queue) -> FastAPI:
    def ask(receipt: Receipt, response: Response):
        if receipt.total <= 0:
            raise HTTPException(422)
        hang(rail, receipt)
        response.headers["Location"] = f"/receipts/{receipt.folio}"

    return app_with(rail, ask)

"""What learners write for 06.1: right in two ways, and wrong in the ways that happen."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse

MENU = [{"name": "Mole negro", "price": 180}, {"name": "Café & pan", "price": 65}]
VARY = {"Vary": "Accept"}


def wanted(accept: str) -> list[str]:
    parts = [part.strip().partition(";q=") for part in accept.split(",")]
    return [kind for kind, _, q in sorted(parts, key=lambda part: -float(part[2] or 1))]


def tree(root: str = "dishes", each: str = "dish", fields: tuple[str, ...] = ("name", "price")) -> bytes:
    top = ET.Element(root)
    for row in MENU:
        dish = ET.SubElement(top, each)
        for field in fields:
            ET.SubElement(dish, field).text = str(row[field])
    return ET.tostring(top)


def packer(
    in_json: Callable[[], Any] = lambda: JSONResponse(MENU, headers=VARY),
    in_xml: Callable[[], Any] = lambda: Response(tree(), media_type="application/xml", headers=VARY),
    order: Callable[[str], list[str]] = wanted,
    neither: Callable[[], Any] = lambda: Response(status_code=406),
    anything: tuple[str, ...] = ("application/json", "*/*"),
) -> FastAPI:
    """The right API but for the part that is given."""
    app = FastAPI()

    @app.get("/dishes")
    def list_dishes(accept: Annotated[str, Header()] = "*/*"):
        for kind in order(accept):
            if kind in anything:
                return in_json()
            if kind == "application/xml":
                return in_xml()
        return neither()

    return app


def untouched() -> FastAPI:
    """The stub of the exercise, as it is delivered."""
    app = FastAPI()

    @app.get("/dishes")
    def list_dishes(accept: Annotated[str, Header()] = "*/*"):
        raise HTTPException(501, "Ejercicio 06.1, sin intentar")

    return app


def right_with_a_tree() -> FastAPI:
    return packer()


def right_by_hand() -> FastAPI:
    app = FastAPI()

    @app.get("/dishes")
    async def dishes(request: Request, response: Response):
        response.headers["vary"] = "Origin, accept"
        likes = wanted(request.headers.get("accept", "*/*"))
        found = next((kind for kind in likes if kind in {"*/*", "application/json", "application/xml"}), None)
        if found is None:
            raise HTTPException(406)
        if found != "application/xml":
            return [{**row, "spicy": False} for row in MENU]
        rows = "".join(
            f"<dish>\n <name>{row['name'].replace('&', '&amp;')}</name><price>{row['price']}</price></dish>"
            for row in MENU
        )
        text = f"<?xml version='1.0' encoding='utf-8'?><dishes>{rows}</dishes>"
        return Response(text, media_type="application/xml; charset=utf-8", headers=VARY)

    return app


def always_json() -> FastAPI:
    return packer(in_xml=lambda: JSONResponse(MENU, headers=VARY))


def always_xml() -> FastAPI:
    return packer(in_json=lambda: Response(tree(), media_type="application/xml", headers=VARY))


def xml_inside_json() -> FastAPI:
    return packer(in_xml=lambda: tree().decode())


def text_inside_json() -> FastAPI:
    return packer(in_json=lambda: json.dumps(MENU))


def wrapped_list() -> FastAPI:
    return packer(in_json=lambda: JSONResponse({"dishes": MENU}, headers=VARY))


def pastes_texts() -> FastAPI:
    rows = "".join(f"<dish><name>{r['name']}</name><price>{r['price']}</price></dish>" for r in MENU)
    text = f"<dishes>{rows}</dishes>"
    return packer(in_xml=lambda: Response(text, media_type="application/xml", headers=VARY))


def does_not_say_xml() -> FastAPI:
    return packer(in_xml=lambda: Response(tree(), media_type="text/plain", headers=VARY))


def other_tags() -> FastAPI:
    other = tree("menu", "plato")
    return packer(in_xml=lambda: Response(other, media_type="application/xml", headers=VARY))


def forgets_the_price() -> FastAPI:
    short = tree(fields=("name",))
    return packer(in_xml=lambda: Response(short, media_type="application/xml", headers=VARY))


def one_dish() -> FastAPI:
    top = ET.fromstring(tree())
    top.remove(top[1])
    short = ET.tostring(top)
    return packer(in_xml=lambda: Response(short, media_type="application/xml", headers=VARY))


def refuses_anything() -> FastAPI:
    return packer(anything=("application/json",))


def requires_accept() -> FastAPI:
    app = packer()

    @app.middleware("http")
    async def strict(request: Request, call_next: Any) -> Any:
        return await call_next(request) if "accept" in request.headers else Response(status_code=422)

    return app


def looks_for_the_word() -> FastAPI:
    return packer(order=lambda accept: ["application/xml"] if "xml" in accept else wanted(accept))


def order_of_writing() -> FastAPI:
    return packer(order=lambda accept: [part.strip().partition(";")[0] for part in accept.split(",")][::-1])


def only_the_first() -> FastAPI:
    return packer(order=lambda accept: wanted(accept)[:1])


def json_to_everybody() -> FastAPI:
    return packer(neither=lambda: JSONResponse(MENU, headers=VARY))


def unsupported_is_415() -> FastAPI:
    return packer(neither=lambda: Response(status_code=415))


def does_not_vary() -> FastAPI:
    return packer(in_json=lambda: MENU)


def varies_by_another() -> FastAPI:
    other = {"Vary": "Accept-Encoding"}
    return packer(in_xml=lambda: Response(tree(), media_type="application/xml", headers=other))


def fails_with_xml() -> FastAPI:
    return packer(in_xml=lambda: 1 / 0)

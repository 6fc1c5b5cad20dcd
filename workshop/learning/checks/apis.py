"""Las revisiones del capítulo 06, APIs."""

from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from workshop.learning.checks import checks
from workshop.learning.errors import LearningError
from workshop.learning.probe import Answer, NotYetError, Probe, UntouchedError
from workshop.learning.visit import put_back

JSON, XML = "application/json", "application/xml"
Row = dict[str, Any]


@checks("06.1")
def negotiated_menu(probe: Probe) -> None:
    """`GET /dishes` en JSON o en XML según `Accept`, con preferencias, 406 y `Vary`."""
    first = probe.first("GET", "/dishes", headers={"Accept": JSON})
    probe.status(first, 200, "La ruta es `/dishes`, con GET, y JSON es uno de los dos empaques.")
    _kind(first, JSON, "Contesta `JSONResponse(MENU, headers=...)`.")
    if isinstance(first.json(), str):
        look = "`json.dumps` ya da texto, y al devolverlo quedó empaquetado dos veces: devuelve la lista."
        raise NotYetError("que el JSON sea una lista", f"un texto: {first.glimpse()}", look)
    menu = first.rows("name", "price")
    if not menu:
        raise NotYetError("que el menú tenga platos", "una lista vacía", "Contesta `MENU` completo.")
    probe.passed.append("JSON a quien lo pide")
    _xml(_asked(probe, XML), menu)
    probe.passed.append("XML a quien lo pide, bien formado")
    _anything(probe)
    _preferences(probe)
    probe.passed.append("gana lo que el cliente prefiere")
    _neither(probe)
    probe.passed.append("406 a quien no acepta ninguno")
    _varies(probe)
    probe.passed.append("`Vary`")


def _asked(probe: Probe, accept: str | None) -> Answer:
    said = f"`GET /dishes` con `Accept: {accept}`" if accept else "`GET /dishes` sin `Accept`"
    return probe.ask("GET", "/dishes", headers={"Accept": accept}, said=said)


def _kind(answer: Answer, wanted: str, look: str) -> None:
    came = answer.headers.get("content-type", "ninguno").partition(";")[0]
    if came != wanted:
        raise NotYetError(f"`Content-Type: {wanted}` en {answer.said}", came, look)


def _xml(answer: Answer, menu: list[Row]) -> None:
    look = "Si `wanted(accept)` trae `application/xml`, arma el árbol y contesta con él."
    _ok(answer, look)
    if answer.body.lstrip().startswith(b'"'):
        look = "El XML llegó dentro de un JSON, entre comillas: devuelve `Response(..., media_type=...)`."
        raise NotYetError(f"XML en {answer.said}", answer.glimpse(), look)
    if answer.headers.get("content-type", "").startswith(JSON):
        raise NotYetError(f"XML en {answer.said}", "un cuerpo en JSON", look)
    try:
        root = fromstring(answer.body)
    except (ParseError, DefusedXmlException, ValueError) as refusal:
        look = (
            "No pegues textos: `ET.SubElement(dish, 'name').text = ...` escribe por ti el «&» y el «<». "
            "Tu menú tiene un «&»."
        )
        raise NotYetError(f"XML bien formado en {answer.said}", f"«{refusal}»", look) from None
    _tree(root, menu)
    _kind(answer, XML, 'Dilo al contestar: `Response(..., media_type="application/xml")`.')


def _ok(answer: Answer, look: str) -> None:
    if answer.status != 200:
        raise NotYetError(f"que {answer.said} conteste 200", f"{answer.status}", look)


def _tree(root: Any, menu: list[Row]) -> None:
    look = "La raíz es `ET.Element('dishes')` y cada plato, `ET.SubElement(root, 'dish')`."
    tags = [root.tag, *sorted({child.tag for child in root})]
    if tags != ["dishes", "dish"]:
        raise NotYetError("`<dishes>` con un `<dish>` por plato", " con ".join(f"<{t}>" for t in tags), look)
    if len(root) != len(menu):
        raise NotYetError(f"{len(menu)} platos en el XML, como en el JSON", f"{len(root)}", look)
    for dish, row in zip(root, menu, strict=True):
        for field in ("name", "price"):
            came = dish.findtext(field)
            if came is None or came.strip() != str(row[field]):
                look = f"Dentro de cada `<dish>` va `<{field}>`, con su valor como texto: `str(value)`."
                raise NotYetError(
                    f"`<{field}>{row[field]}</{field}>` en el XML de ese plato", repr(came or ""), look
                )


def _anything(probe: Probe) -> None:
    looks = {
        406: "`*/*` quiere decir «cualquiera», y es lo que envía quien no tiene preferencia: contesta JSON.",
        422: 'Un cliente puede no enviar `Accept`: dale un valor por omisión, `= "*/*"`.',
    }
    for accept in ("*/*", None):
        answer = _asked(probe, accept)
        probe.status(answer, 200, looks.get(answer.status, "Quien acepta cualquiera recibe JSON."))
        _kind(answer, JSON, "Quien acepta cualquiera, o no dice nada, recibe JSON.")


def _preferences(probe: Probe) -> None:
    cases = {
        f"{JSON};q=0.4, {XML}": XML,
        f"{XML};q=0.4, {JSON}": JSON,
        f"text/html, {XML};q=0.9, */*;q=0.1": XML,
        f"text/html, {XML};q=0.1, {JSON};q=0.9": JSON,
        "text/html, */*;q=0.1": JSON,
    }
    for accept, wanted in cases.items():
        answer = _asked(probe, accept)
        look = (
            "El cliente acepta varios y los ordena con `q`: recorre `wanted(accept)` y contesta con el "
            "primero que sepas servir."
        )
        probe.status(answer, 200, look)
        _kind(answer, wanted, look)


def _neither(probe: Probe) -> None:
    for accept in ("text/csv", "text/html, image/png;q=0.5"):
        answer = _asked(probe, accept)
        look = "Si ninguno de los que acepta es de los tuyos, dilo: `raise HTTPException(406, ...)`."
        probe.status(answer, 406, look)


def _varies(probe: Probe) -> None:
    for accept in (JSON, XML):
        answer = _asked(probe, accept)
        names = [name.strip().lower() for name in answer.headers.get("vary", "").split(",")]
        if "accept" not in names:
            look = (
                "Una caché que no lo sepa le dará a uno el empaque de otro: "
                '`headers={"Vary": "Accept"}` en cada respuesta.'
            )
            raise NotYetError(
                f"`Vary: Accept` en {answer.said}", answer.headers.get("vary") or "ninguno", look
            )


# --- 06.2: two versions over one pantry ---

RETIRE = {"deprecation": "@1861920000", "sunset": "Mon, 31 Dec 2029 23:59:59 GMT"}
OLD, NEW = "/v1/dishes/1", "/v2/dishes/1"
ODD = 1999  # 19.99 * 100 is 1998.9999999999998
EVEN = 12_350


@checks("06.2")
def two_versions(probe: Probe) -> None:
    """Dos formas de un mismo precio: cada una con la suya, sobre los mismos datos, y la vieja avisa."""
    old = probe.send("GET", OLD)
    new = probe.send("GET", NEW)
    if {old.status, new.status} <= {404, 501}:
        raise UntouchedError
    pesos = _pesos(probe, old)
    probe.passed.append("/v1 dice el precio en pesos")
    cents = _cents(probe, new)
    probe.passed.append("/v2 lo dice en centavos")
    _same_dish(old, new, pesos, cents)
    try:
        _written_with_the_new(probe)
        _written_with_the_old(probe)
        probe.passed.append("lo que escribe una lo lee la otra, al centavo")
        _warned(probe)
        probe.passed.append("solo /v1 avisa de su retiro")
    finally:
        for path, price in ((NEW, {"amount": cents, "currency": "MXN"}), (OLD, cents / 100)):
            put_back(probe, "PATCH", path, body={"price": price})


def _dish(probe: Probe, answer: Answer) -> Row:
    version = answer.said.partition("/dishes")[0].rpartition("/")[2]
    looks = {
        404: f"Falta esa dirección, o no encuentra el plato 1: se escribe con `/{version}` delante.",
        405: "Esa dirección existe, pero sin ese verbo: hacen falta `GET` y `PATCH`.",
        422: f"El cuerpo de un PATCH es un `Price{version.upper()}`: declara así el parámetro.",
    }
    looks[501] = "Esa operación todavía no está escrita."
    probe.status(answer, 200, looks.get(answer.status, "Leer y cambiar un plato que existe es un 200."))
    found = answer.json()
    if not isinstance(found, dict) or set(found) != {"id", "name", "price"}:
        came = ", ".join(f"`{key}`" for key in found) if isinstance(found, dict) else answer.glimpse()
        look = (
            "Los clientes cuentan con esos tres nombres, en las dos versiones y también después de un PATCH."
        )
        raise NotYetError(f"que {answer.said} conteste `id`, `name` y `price`", came, look)
    return found


def _pesos(probe: Probe, answer: Answer) -> float:
    price = _dish(probe, answer)["price"]
    if isinstance(price, bool) or not isinstance(price, int | float):
        look = "En `/v1` el precio sigue siendo un número, como siempre: quien la usa no sabe de objetos."
        raise NotYetError(f"que `price` sea un número en {answer.said}", answer.glimpse(), look)
    return float(price)


def _cents(probe: Probe, answer: Answer) -> int:
    price = _dish(probe, answer)["price"]
    expected = f"que `price` sea un objeto con `amount` y `currency` en {answer.said}"
    if not isinstance(price, dict) or set(price) != {"amount", "currency"}:
        look = "En `/v2` el precio es un `Money`: `Money(amount=dish['cents'])`."
        raise NotYetError(expected, answer.glimpse(), look)
    if isinstance(price["amount"], bool) or not isinstance(price["amount"], int):
        look = "`amount` son centavos enteros: en `/v2` no se divide."
        raise NotYetError(expected, f"{price['amount']}", look)
    return price["amount"]


def _same_dish(old: Answer, new: Answer, pesos: float, cents: int) -> None:
    if round(pesos * 100) != cents:
        look = "La despensa guarda centavos: `/v1` divide entre 100 y `/v2` los dice tal cual."
        raise NotYetError(
            "que las dos versiones digan el mismo precio", f"{pesos:g} pesos y {cents} centavos", look
        )
    if cents < 100:
        raise LearningError(
            "El plato 1 de tu despensa cuesta menos de un peso: vuelve a ejecutar la celda que la llena."
        )
    if (old.json()["id"], old.json()["name"]) != (new.json()["id"], new.json()["name"]):
        look = "Entre versiones solo cambia el precio: `id` y `name` son los mismos."
        raise NotYetError("el mismo plato en las dos versiones", f"{old.glimpse()} y {new.glimpse()}", look)


def _written_with_the_new(probe: Probe) -> None:
    said = f"`PATCH {NEW}` con `amount` {EVEN}"
    price = {"amount": EVEN, "currency": "MXN"}
    changed = _cents(probe, probe.ask("PATCH", NEW, body={"price": price}, said=said))
    if changed != EVEN:
        look = "Un PATCH contesta el plato ya cambiado: escribe primero y lee después."
        raise NotYetError(f"que {said} conteste ese `amount`", f"{changed}", look)
    seen = _pesos(probe, probe.ask("GET", OLD, said=f"`GET {OLD}` después de escribir con `/v2`"))
    if seen != EVEN / 100:
        look = 'Las dos versiones leen y escriben en el mismo lugar: `find(dish_id)["cents"]`.'
        raise NotYetError(f"que `/v1` lea los {EVEN / 100} pesos que escribió `/v2`", f"{seen:g}", look)


def _written_with_the_old(probe: Probe) -> None:
    said = f"`PATCH {OLD}` con `price` {ODD / 100}"
    changed = _pesos(probe, probe.ask("PATCH", OLD, body={"price": ODD / 100}, said=said))
    seen = _cents(probe, probe.ask("GET", NEW, said=f"`GET {NEW}` después de escribir con `/v1`"))
    if seen == ODD - 1:
        look = f"{ODD / 100} * 100 da 1998.9999…, e `int` tira lo que sobra: `round(change.price * 100)`."
        raise NotYetError(f"que `/v2` lea los {ODD} centavos que escribió `/v1`", f"{seen}", look)
    if seen != ODD:
        look = "`/v1` recibe pesos y la despensa guarda centavos: multiplica por 100 al guardar."
        raise NotYetError(f"que `/v2` lea los {ODD} centavos que escribió `/v1`", f"{seen}", look)
    if changed != ODD / 100:
        look = "Un PATCH de `/v1` contesta el plato ya cambiado, con el precio en pesos."
        raise NotYetError(f"que {said} conteste ese precio", f"{changed:g}", look)


def _warned(probe: Probe) -> None:
    price = {"amount": EVEN, "currency": "MXN"}
    for verb, body in (("GET", None), ("PATCH", {"price": EVEN / 100})):
        answer = probe.ask(verb, OLD, body=body)
        for name, value in RETIRE.items():
            if answer.headers.get(name) != value:
                look = "Quien usa `/v1` se entera en cada respuesta: `response.headers.update(RETIRE)`."
                came = answer.headers.get(name) or "ninguno con ese nombre"
                raise NotYetError(f"`{name.capitalize()}: {value}` en {answer.said}", came, look)
    for verb, change in (("GET", None), ("PATCH", {"price": price})):
        answer = probe.ask(verb, NEW, body=change)
        if found := [name for name in RETIRE if name in answer.headers]:
            look = "Los encabezados de `RETIRE` son de `/v1`: la nueva no se va a retirar."
            raise NotYetError(f"que {answer.said} no avise de ningún retiro", f"`{found[0]}`", look)

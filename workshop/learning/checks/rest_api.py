"""Las revisiones del capítulo 07, REST API."""

from collections.abc import Callable, Mapping
from typing import Any

from workshop.learning.checks import checks
from workshop.learning.errors import LearningError
from workshop.learning.probe import Answer, NotYetError, Probe, UntouchedError
from workshop.learning.visit import folio, put_back

Row = dict[str, Any]
PAGE = 50
DEFAULT = 20
TOTAL = "x-total-count"
ENOUGH = 6
TOO_MANY = 5_000


@checks("07.1")
def searchable_catalog(probe: Probe) -> None:
    """`GET /dishes` con filtros, paginación, orden estable y total."""
    first = probe.first("GET", "/dishes")
    probe.status(first, 200, "La ruta es `/dishes`, con GET, y una lista siempre es un 200.")
    if first.json() is None:
        raise NotYetError("que `GET /dishes` conteste una lista", "null", "Falta el `return` de tu función.")
    if not _dishes(first):
        raise NotYetError(
            "que `GET /dishes` conteste los platos de la tabla",
            "una lista vacía",
            "Devuelve lo que consultas. Si vaciaste la tabla en otra sección, vuelve a llenarla.",
        )
    _limit(probe)
    catalog = _everything(probe)
    if len(catalog) < ENOUGH:
        raise LearningError(
            f"Tu tabla tiene {len(catalog)} platos: muy pocos para comprobar páginas y filtros. "
            "Vuelve a ejecutar la celda que llena el menú y revisa de nuevo."
        )
    _order_and_total(probe, first, catalog)
    probe.passed.append("orden y total")
    _pages(probe, catalog)
    _default(first, catalog)
    _bounds(probe)
    probe.passed.append("páginas y límites")
    _filters(probe, catalog)
    probe.passed.append("filtros")


def _dishes(answer: Answer) -> list[Row]:
    return answer.rows("id", "category", "price")


def _total(answer: Answer) -> int:
    text = answer.headers.get(TOTAL)
    expected = f"que {answer.said} traiga el encabezado `X-Total-Count` con un número"
    if text is None:
        look = 'Se escribe en la respuesta: `response.headers["X-Total-Count"] = str(total)`.'
        raise NotYetError(expected, "ninguno con ese nombre", look)
    if not text.strip().isdigit():
        raise NotYetError(expected, f"«{text}»", "Es solo el número de platos, sin texto.")
    return int(text)


def _limit(probe: Probe) -> None:
    one = probe.ask("GET", "/dishes", params={"limit": 1})
    probe.status(one, 200, "1 es un `limit` válido: el mínimo.")
    if (came := len(_dishes(one))) != 1:
        raise NotYetError(
            f"que {one.said} conteste 1 plato",
            f"{came}",
            "Declara `limit` como parámetro de la función y pásalo a `.limit(...)` de la consulta.",
        )


def _everything(probe: Probe) -> list[Row]:
    catalog: list[Row] = []
    while len(catalog) < TOO_MANY:
        answer = probe.ask("GET", "/dishes", params={"limit": PAGE, "offset": len(catalog)})
        probe.status(answer, 200, f"{PAGE} es un `limit` válido: el máximo.")
        page = _dishes(answer)
        seen = {row["id"] for row in catalog}
        if any(row["id"] in seen for row in page):
            raise NotYetError(
                f"que {answer.said} siga donde terminó la página anterior",
                "platos que ya habían llegado",
                "Declara `offset` y pásalo a `.offset(...)`: dice cuántos platos se saltan.",
            )
        catalog += page
        if len(page) < PAGE:
            return catalog
    raise LearningError(
        f"Tu tabla tiene más de {TOO_MANY} platos: vuelve a llenarla con el menú y revisa de nuevo."
    )


def _order_and_total(probe: Probe, first: Answer, catalog: list[Row]) -> None:
    ids = [row["id"] for row in catalog]
    if ids != sorted(ids):
        look = "Sin `order_by`, la base entrega en el orden que quiera y las páginas se revuelven."
        raise NotYetError("los platos ordenados por `id`", f"ids {_some(ids)}", look)
    for answer in (first, probe.ask("GET", "/dishes", params={"limit": 1})):
        if (total := _total(answer)) != len(catalog):
            raise NotYetError(
                f"`X-Total-Count: {len(catalog)}` en {answer.said}, el total antes de paginar",
                f"{total}",
                "Cuenta con una consulta aparte, sin `limit` ni `offset`: no uses el largo de la página.",
            )


def _pages(probe: Probe, catalog: list[Row]) -> None:
    ignored = _dishes(probe.ask("GET", "/dishes", params={"limit": 2, "offset": 2})) == catalog[:2]
    look = (
        "Llegó otra vez el principio: parece que `offset` no se usa. Pásalo a `.offset(...)`."
        if ignored
        else "`offset` dice cuántos platos se saltan: `offset` no es un número de página."
    )
    for limit, offset in ((2, 2), (3, 1), (PAGE, len(catalog))):
        _same(probe, {"limit": limit, "offset": offset}, catalog[offset : offset + limit], len(catalog), look)


def _default(first: Answer, catalog: list[Row]) -> None:
    wanted = min(DEFAULT, len(catalog))
    if (came := len(_dishes(first))) != wanted:
        look = f"El valor por omisión va en la firma: `limit: ... = {DEFAULT}`."
        raise NotYetError(f"que `GET /dishes`, sin `limit`, conteste {wanted} platos", f"{came}", look)


def _bounds(probe: Probe) -> None:
    look = "Pon los límites en la firma: `Annotated[int, Query(ge=1, le=50)]`; FastAPI contesta el 422."
    for name, value in (("limit", 0), ("limit", PAGE + 1), ("offset", -1)):
        probe.status(probe.ask("GET", "/dishes", params={name: value}), 422, look)


def _filters(probe: Probe, catalog: list[Row]) -> None:
    category = catalog[0]["category"]
    price = sorted(row["price"] for row in catalog)[len(catalog) // 2]

    def by_category(row: Row) -> bool:
        return bool(row["category"] == category)

    def by_price(row: Row) -> bool:
        return bool(row["price"] <= price)

    few: Row = {"limit": PAGE}
    _filtered(
        probe,
        {"category": category, **few},
        by_category,
        catalog,
        "Filtra con `where(Dish.category == category)`.",
    )
    look = "El precio máximo se incluye: `where(Dish.price <= max_price)`."
    _filtered(probe, {"max_price": price, **few}, by_price, catalog, look)
    look = "Los filtros se suman: aplica ambos `where` a la misma consulta."
    both = {"category": category, "max_price": max(r["price"] for r in catalog if by_category(r)) - 1}
    _filtered(
        probe, {**both, **few}, lambda r: by_category(r) and r["price"] <= both["max_price"], catalog, look
    )
    last = catalog[-1]["category"]
    look = "Primero se filtra y después se pagina; el total cuenta lo filtrado."
    _filtered(probe, {"category": last, "limit": 2}, lambda r: bool(r["category"] == last), catalog, look)


def _filtered(
    probe: Probe, params: Mapping[str, Any], keep: Callable[[Row], bool], catalog: list[Row], look: str
) -> None:
    wanted = [row for row in catalog if keep(row)]
    _same(probe, params, wanted[: params["limit"]], len(wanted), look)


def _same(probe: Probe, params: Mapping[str, Any], wanted: list[Row], total: int, look: str) -> None:
    answer = probe.ask("GET", "/dishes", params=params)
    probe.status(answer, 200, "Una búsqueda sin resultados también es un 200, con una lista vacía.")
    came = [row["id"] for row in _dishes(answer)]
    ids = [row["id"] for row in wanted]
    if came != ids:
        raise NotYetError(f"que {answer.said} conteste {_some(ids)}", _some(came), look)
    if (counted := _total(answer)) != total:
        look = (
            "El total cuenta lo que pasa los filtros, antes de paginar: ni toda la tabla ni solo la página."
        )
        raise NotYetError(f"`X-Total-Count: {total}` en {answer.said}", f"{counted}", look)


def _some(ids: list[Any]) -> str:
    if not ids:
        return "ningún plato"
    shown = ", ".join(str(i) for i in ids[:6]) + (", …" if len(ids) > 6 else "")
    return f"{len(ids)} platos (ids {shown})" if len(ids) > 1 else f"1 plato (id {shown})"


@checks("07.2")
def repeatable_order(probe: Probe) -> None:
    """`PUT /orders/{folio}`: 201 la primera vez, 200 al repetir, 409 si el cuerpo es otro."""
    pad = _OrderPad(probe)
    try:
        first = pad.put("A", pad.order)
        _created_once(probe, pad, first)
        probe.passed.append("crear da 201 y repetir da 200, con un solo pedido")
        _conflict(probe, pad)
        probe.passed.append("otro contenido con el mismo folio da 409 y no cambia nada")
        _other_folio(probe, pad)
        probe.passed.append("cada folio es otro pedido")
    finally:
        pad.clean()


class _OrderPad:
    """Los pedidos de la revisión, con folios propios que nadie más usa."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.folios = {letter: folio(letter) for letter in "AB"}
        self.order = {"table_number": 7, "dish_id": self._dish(), "quantity": 2}

    def put(self, letter: str, order: Mapping[str, Any], how: str = "") -> Answer:
        said = f"`PUT /orders/{letter}`{how}"
        answer = self.probe.send("PUT", f"/orders/{self.folios[letter]}", body=order, said=said)
        if answer.status == 501:
            raise UntouchedError
        return answer

    def only(self, letter: str, when: str, look: str) -> Row:
        answer = self.probe.ask("GET", "/orders")
        self.probe.status(answer, 200, GIVEN)
        rows = answer.rows("folio", "table_number", "dish_id", "quantity")
        mine = [row for row in rows if row["folio"] == self.folios[letter]]
        if len(mine) != 1:
            raise NotYetError(f"1 pedido con el folio {letter} en `GET /orders` {when}", f"{len(mine)}", look)
        return mine[0]

    def clean(self) -> None:
        for used in self.folios.values():
            put_back(self.probe, "DELETE", f"/orders/{used}")

    def _dish(self) -> Any:
        answer = self.probe.ask("GET", "/dishes")
        self.probe.status(answer, 200, GIVEN)
        dishes = answer.rows("id")
        if not dishes:
            raise LearningError(
                "No hay platos que pedir: ejecuta otra vez la celda que llena el menú y revisa de nuevo."
            )
        return dishes[0]["id"]


GIVEN = (
    "Esa ruta viene hecha en la celda del ejercicio: déjala como estaba y revisa el servicio de esa celda."
)


def _created_once(probe: Probe, pad: _OrderPad, first: Answer) -> None:
    looks = {
        200: "El folio no existía: se creó un recurso, y eso se dice con 201 (`response.status_code = 201`).",
        404: "La ruta es `/orders/{folio}`, con PUT; si el folio no existe, se crea.",
        405: "El verbo es PUT: `@orders_app.put(...)`.",
    }
    probe.status(first, 201, looks.get(first.status, "Un folio nuevo se guarda y se contesta con 201."))
    pad.only(
        "A",
        "después del primer PUT",
        "Guarda el pedido con su folio: `session.add(...)` y `session.commit()`.",
    )
    again = pad.put("A", pad.order, ", repetido igual,")
    looks = {
        201: "La segunda vez no se creó nada: si el folio ya está, contesta 200.",
        409: "El mismo contenido no es un conflicto: compara el pedido guardado con el que llega.",
        500: "Parece que se agregó otra fila con ese folio: búscalo antes con `session.get(Order, folio)`.",
    }
    probe.status(again, 200, looks.get(again.status, "Si el folio ya está con lo mismo, contesta 200."))
    saved = pad.only("A", "después de repetir el PUT", "Repetir no agrega ni quita: busca primero por folio.")
    if any(saved[name] != value for name, value in pad.order.items()):
        look = "Repetir deja todo como estaba: no sumes ni cambies lo guardado."
        raise NotYetError("el mismo pedido después de repetirlo", f"cantidad {saved['quantity']}", look)
    turned = pad.put("A", dict(reversed(pad.order.items())), ", repetido con los campos en otro orden,")
    probe.status(turned, 200, "Compara los datos ya leídos, no el texto: en JSON el orden no importa.")


def _conflict(probe: Probe, pad: _OrderPad) -> None:
    look = "Ese folio ya tiene otro pedido en la cocina: es un conflicto, `raise HTTPException(409, ...)`."
    for name, said in (("quantity", "otra cantidad"), ("table_number", "otra mesa")):
        other = pad.put("A", {**pad.order, name: 9}, f", con {said},")
        probe.status(other, 409, look)
        saved = pad.only("A", "después del conflicto", "Un 409 rechaza: no borres ni agregues nada.")
        if any(saved[key] != value for key, value in pad.order.items()):
            raise NotYetError(
                "que el pedido guardado no cambie después del 409",
                f"mesa {saved['table_number']}, cantidad {saved['quantity']}",
                "Rechaza antes de guardar: quien recibe un 409 cuenta con que nada cambió.",
            )


def _other_folio(probe: Probe, pad: _OrderPad) -> None:
    twin = pad.put("B", pad.order, ", con el mismo contenido que A,")
    look = "Lo que identifica al pedido es el folio: dos pedidos distintos pueden ser iguales."
    probe.status(twin, 201, look)
    pad.only("A", "después de crear el B", "El pedido A tiene que seguir cuando llega el B.")
    wrong = pad.put("B", {**pad.order, "quantity": 0}, ", con cantidad 0,")
    probe.status(
        wrong, 422, "Un cuerpo inválido es un 422, y lo contesta el modelo: recibe un `OrderCreate`."
    )

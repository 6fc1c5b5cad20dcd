"""Las revisiones del capítulo 15, la caché."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from workshop.learning.checks import checks
from workshop.learning.probe import LOGS, Answer, NotYetError, Probe, UntouchedError
from workshop.learning.visit import given, put_back

Row = dict[str, Any]
GIVEN = "Esa ruta viene hecha: incluye `cache_inspection(...)` como en la celda del ejercicio."
NEIGHBOUR = "sesion:mesa-7"
LONGEST_TTL = 60  # seconds
PATIENCE = 2.0  # seconds
CATEGORIES = ("postre", "bebida")


@dataclass(frozen=True)
class Reading:
    """Una lectura del ranking: lo que contestó, lo que le costó a la base y cuánto tardó."""

    answer: Answer
    queries: int
    seconds: float


class _Desk:
    """Lo que la revisión hace con el servicio y con su Redis."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self._truths: dict[str, list[Row]] = {}

    def given(self, method: str, path: str, **details: Any) -> Any:
        """Una de las rutas que vienen hechas; si falta, no es un error de quien aprende."""
        return given(self.probe, method, f"/inspection{path}", GIVEN, **details)

    def read(self, category: str = "") -> Reading:
        before = self.given("GET", "/queries")["queries"]
        start = time.monotonic()
        answer = self.probe.send("GET", "/best-sellers", params=_asked(category))
        seconds = time.monotonic() - start
        if answer.status == 501:
            raise UntouchedError
        return Reading(answer, self.given("GET", "/queries")["queries"] - before, seconds)

    def truth(self, category: str = "") -> list[Row]:
        """Lo que dice la base. Es la consulta costosa: solo se repite cuando cambia un precio."""
        if category not in self._truths:
            self._truths[category] = self.given("GET", "/best-sellers", params=_asked(category))
        return self._truths[category]

    def keys(self) -> dict[str, int]:
        """Las llaves que puso el ejercicio y los segundos que les quedan (-1: para siempre)."""
        return {row["key"]: row["ttl"] for row in self.given("GET", "/keys") if row["key"] != NEIGHBOUR}

    def keeps_its_neighbour(self) -> bool:
        return any(row["key"] == NEIGHBOUR for row in self.given("GET", "/keys"))

    def must_be_right(self, reading: Reading, category: str, look: str) -> None:
        self.probe.status(reading.answer, 200, "La ruta es `/best-sellers`, con GET.")
        wanted, came = self.truth(category), _rows(reading.answer)
        if came != wanted:
            raise NotYetError(
                f"que {reading.answer.said} conteste lo mismo que la base: {_some(wanted)}", _some(came), look
            )

    @contextmanager
    def price_changed(self, row: Row) -> Iterator[Answer]:
        """El plato con un peso más mientras dura el bloque; después vuelve a su precio."""
        path, said = f"/dishes/{row['id']}", f"`PATCH /dishes/{row['id']}`"
        try:
            changed = self.probe.send("PATCH", path, body={"price": row["price"] + 1}, said=said)
            self._truths.clear()
            yield changed
        finally:
            self._truths.clear()
            put_back(self.probe, "PATCH", path, body={"price": row["price"]}, said=said)


def _asked(category: str) -> dict[str, str]:
    return {"category": category} if category else {}


def _rows(answer: Answer) -> list[Row]:
    if isinstance(answer.json(), str):
        raise NotYetError(
            f"que {answer.said} conteste una lista",
            f"un texto: {answer.glimpse()}",
            "Redis guarda texto: al leer de la caché hay que volver a convertirlo, `json.loads(saved)`.",
        )
    return answer.rows("id", "name", "price", "sold")


def _some(rows: list[Row]) -> str:
    if not rows:
        return "una lista vacía"
    return f"{len(rows)} platos, el primero «{rows[0]['name']}» a {rows[0]['price']} pesos"


@checks("15.1")
def counted_once(probe: Probe) -> None:
    """`GET /best-sellers` con caché por categoría, que caduca y que se invalida al cambiar un plato."""
    desk = _Desk(probe)
    desk.given("DELETE", "/keys")
    try:
        _miss_then_hit(probe, desk)
        probe.passed.append("la segunda lectura no le cuesta nada a la base")
        _a_key_each(probe, desk)
        probe.passed.append("cada categoría tiene su llave, y todas caducan")
        _invalidates(probe, desk)
        probe.passed.append("un precio nuevo se ve de inmediato")
    finally:
        desk.given("DELETE", "/keys")


def _miss_then_hit(probe: Probe, desk: _Desk) -> None:
    cold = desk.read()
    desk.must_be_right(
        cold, "", "Con la caché vacía se contesta lo que da `best_sellers(session, category)`."
    )
    warm, keys = desk.read(), desk.keys()
    if warm.answer.status >= 500:
        look = "Al guardar, `json.dumps(rows)`; al leer, `json.loads(saved)`: `str(rows)` no es JSON."
        probe.status(warm.answer, 200, f"Falló al leer lo que había guardado. {look}")
    _rows(warm.answer)
    expected = "que la segunda lectura no consulte la base"
    if warm.queries and not keys:
        look = "Después de consultar, guarda: `cache.set(key, json.dumps(rows), ex=60)`."
        raise NotYetError(expected, f"{_count(warm)}, y ninguna llave en Redis", look)
    if warm.queries:
        look = "Guardas, pero no lees: antes de consultar, `saved = cache.get(key)`, con la misma llave."
        raise NotYetError(expected, f"{_count(warm)}, y {len(keys)} llaves en Redis", look)
    if not keys:
        look = (
            "Lo guardado está en la memoria del proceso: otra copia del servicio no lo vería ni podría "
            "invalidarlo. Guárdalo con `cache.set(...)`."
        )
        raise NotYetError("que lo guardado esté en Redis", "respuestas sin consultar, y Redis vacío", look)
    desk.must_be_right(warm, "", "De la caché tiene que salir lo mismo que entró.")


def _count(reading: Reading) -> str:
    return f"{reading.queries} {'consulta' if reading.queries == 1 else 'consultas'}"


def _a_key_each(probe: Probe, desk: _Desk) -> None:
    look = 'La llave no dice de qué categoría es lo guardado: ponla en la llave, `f"…:{category}"`.'
    for category in CATEGORIES:
        desk.must_be_right(desk.read(category), category, look)
        warm = desk.read(category)
        if warm.queries:
            look = "La lectura con categoría también se guarda y se lee, con su propia llave."
            raise NotYetError(f"que {warm.answer.said}, repetida, no consulte la base", _count(warm), look)
    for key, ttl in desk.keys().items():
        if ttl == -1:
            look = "Di cuánto dura al guardar: `cache.set(key, value, ex=60)`."
            raise NotYetError(f"que la llave «{key}» caduque", "una llave sin caducidad", look)
        if ttl > LONGEST_TTL:
            look = "`ex` va en segundos."
            raise NotYetError(
                f"que la llave «{key}» caduque en {LONGEST_TTL} segundos o menos", "un plazo mayor", look
            )


def _invalidates(probe: Probe, desk: _Desk) -> None:
    category = CATEGORIES[0]
    for asked, row in (("", desk.truth()[0]), (category, desk.truth(category)[0])):
        desk.read(asked)
        with desk.price_changed(row) as changed:
            probe.status(changed, 200, "La ruta es `/dishes/{dish_id}`, con PATCH, y contesta el plato.")
            if desk.truth(asked)[0]["price"] == row["price"]:
                look = "Invalidar no sustituye a escribir: primero `write_dish(...)`, después `cache.delete`."
                raise NotYetError("que `PATCH /dishes/{dish_id}` cambie el precio", "el de antes", look)
            look = "Lo guardado ya no es verdad: cuando cambia un plato, borra su llave con `cache.delete`."
            if asked:
                look = "Se invalidó el ranking general, pero no el de su categoría: borra ambas llaves."
            desk.must_be_right(desk.read(asked), asked, look)
    if not desk.keeps_its_neighbour():
        look = "Borra solo tus llaves, por su nombre: en ese Redis vive más gente."
        raise NotYetError(f"que la llave «{NEIGHBOUR}», que no es tuya, siga ahí", "un Redis vaciado", look)
    desk.read()
    if (after := desk.read()).queries:
        look = "Invalidar es borrar una vez: la siguiente lectura vuelve a guardar."
        raise NotYetError("que la caché vuelva a servir después de invalidarla", _count(after), look)


@checks("15.2")
def survives_without_cache(probe: Probe) -> None:
    """`GET /best-sellers` contesta con Redis sano, muerto, congelado y recuperado."""
    desk = _Desk(probe)
    desk.given("POST", "/faults/recover")
    desk.given("DELETE", "/keys")
    try:
        _healthy(desk)
        probe.passed.append("con Redis sano, la segunda lectura no consulta")
        _dead(probe, desk)
        probe.passed.append("con Redis muerto, contesta la base")
        _back(desk)
        probe.passed.append("cuando Redis vuelve, la caché también")
        _frozen(probe, desk)
        probe.passed.append("con Redis congelado, no espera")
    finally:
        desk.given("POST", "/faults/recover")


def _healthy(desk: _Desk) -> None:
    desk.must_be_right(desk.read(), "", "Contesta lo que da `best_sellers(session)`.")
    warm = desk.read()
    desk.must_be_right(warm, "", "De la caché tiene que salir lo mismo que entró.")
    if warm.queries:
        look = "Con Redis sano, la caché se usa: `cache.get` antes de consultar y `cache.set` después."
        raise NotYetError("que la segunda lectura no consulte la base", _count(warm), look)


def _dead(probe: Probe, desk: _Desk) -> None:
    row = desk.truth()[0]
    desk.given("POST", "/faults/kill")
    looks = {
        500: f"El fallo de la caché llegó a quien pregunta: atrápalo, en `get` y también en `set`. {LOGS}",
        503: "La caché es una ayuda: si falta, la base sigue ahí. Consulta y contesta.",
    }
    reading = desk.read()
    status = reading.answer.status
    if status != 200:
        said = f"que {reading.answer.said}, con Redis muerto, conteste 200"
        raise NotYetError(said, f"{status}", looks.get(status, looks[503]))
    if not _rows(reading.answer):
        look = "Sin caché se consulta: contestar vacío es decir que no se vendió nada."
        raise NotYetError("el ranking aunque Redis esté muerto", "una lista vacía", look)
    with desk.price_changed(row):
        look = "Con Redis muerto se contesta lo que dice la base ahora, no una copia guardada en el proceso."
        desk.must_be_right(desk.read(), "", look)


def _back(desk: _Desk) -> None:
    desk.given("POST", "/faults/recover")
    desk.must_be_right(desk.read(), "", "Redis volvió vacío: la primera lectura consulta.")
    if (warm := desk.read()).queries:
        look = "Parece que, tras el primer fallo, la caché se deja de usar para siempre: vuelve a intentarlo."
        raise NotYetError("que, con Redis de vuelta, la segunda lectura no consulte", _count(warm), look)


def _frozen(probe: Probe, desk: _Desk) -> None:
    desk.given("DELETE", "/keys")
    desk.given("POST", "/faults/freeze")
    expected = f"que, con Redis congelado, `GET /best-sellers` conteste en menos de {PATIENCE:.0f} segundos"
    look = "Nadie contesta y nadie corta: ponle plazo al cliente, `redis.client(socket_timeout=0.1)`."
    try:
        reading = desk.read()
    except NotYetError:
        raise NotYetError(expected, "ninguna respuesta a tiempo", look) from None
    if reading.answer.status >= 500:
        look = "`TimeoutError` de Redis no es un `ConnectionError`: atrapa `RedisError`, que es el de ambos."
        raise NotYetError(expected, f"un {reading.answer.status}", look)
    if reading.seconds > PATIENCE:
        raise NotYetError(expected, "una respuesta tardía", look)
    desk.must_be_right(reading, "", "Con Redis congelado se contesta lo que dice la base.")

"""Las revisiones del capítulo 16, colas de tareas."""

import time
from typing import Any

from workshop.learning.checks import checks
from workshop.learning.errors import LearningError
from workshop.learning.probe import Answer, NotYetError, Probe, UntouchedError
from workshop.learning.visit import folio, put_back

ENDED = {"finished", "failed"}
KNOWN = {"queued", "started", "deferred", "scheduled", *ENDED}
SECONDS = 8.0  # a worker that runs needs well under one
LOOK_EVERY = 0.02
TRIES = 3
OVERFLOW = 60_000  # more than the base lets a pot hold
GIVEN = "Esa ruta viene hecha: ejecuta otra vez la celda que la incluye y revisa el servicio de esa celda."


@checks("16.1")
def receipt_to_collect(probe: Probe) -> None:
    """`POST /receipts` contesta 202 y otro lo hace; `GET /receipts/{folio}` dice cómo va."""
    first = _ask(probe, "A", total=120)
    _accepted(probe, first)
    probe.passed.append("pedir da 202 con su Location")
    ended = _until_ended(probe, first)
    _right_result(first, ended)
    probe.passed.append("el resultado lo dejó un trabajador")
    _does_not_wait(probe, first)
    probe.passed.append("la respuesta no espera al trabajo")
    unknown = probe.ask(
        "GET", f"/receipts/{folio('Z')}", said="`GET /receipts/{folio}` de un folio que nadie pidió"
    )
    look = "`rail.fetch_job(folio)` devuelve `None` si no existe: ahí va `raise HTTPException(404, ...)`."
    probe.status(unknown, 404, look)
    _failure_is_told(probe)
    probe.passed.append("un folio desconocido da 404 y un fallo se puede ver")


class _Receipt:
    """Un recibo pedido por la revisión, con un folio que nadie más usa."""

    def __init__(self, letter: str, total: int, answer: Answer, folio: str) -> None:
        self.letter, self.total, self.answer, self.folio = letter, total, answer, folio
        self.path = answer.headers.get("location", "")

    @property
    def said(self) -> str:
        return f"`GET /receipts/{self.letter}`"


def _ask(probe: Probe, letter: str, total: int) -> _Receipt:
    own = folio(letter)
    body = {"folio": own, "total": total}
    try:
        answer = probe.first("POST", "/receipts", body=body, said=f"`POST /receipts` con el folio {letter}")
    except NotYetError as failure:  # what the workshop says of a bad enqueue quotes what arrived
        raise NotYetError(failure.expected, failure.got, failure.look.replace(own, letter)) from None
    return _Receipt(letter, total, answer, own)


def _accepted(probe: Probe, receipt: _Receipt) -> None:
    looks = {
        200: "Si todavía no está hecho, el código es 202 (*Accepted*): `status_code=202` en el decorador.",
        201: "201 dice que ya quedó creado, y aquí apenas está encolado: `status_code=202`.",
        404: "La ruta es `/receipts`, con POST.",
        405: "La ruta es `/receipts`, con POST.",
        422: "El cuerpo trae `folio` y `total`, como en el modelo `Receipt`.",
    }
    probe.status(receipt.answer, 202, looks.get(receipt.answer.status, "Encola y contesta con 202."))
    expected = f"el encabezado `Location: /receipts/{receipt.letter}` en la respuesta"
    if not receipt.path:
        look = 'Quien pide necesita saber dónde preguntar: `response.headers["Location"] = ...`.'
        raise NotYetError(expected, "ninguno con ese nombre", look)
    if receipt.path != f"/receipts/{receipt.folio}":
        got = f"`{receipt.path.replace(receipt.folio, receipt.letter)[:60]}`"
        raise NotYetError(expected, got, "Es la ruta donde se recoge: `/receipts/` y el folio.")


def _look(probe: Probe, receipt: _Receipt) -> dict[str, Any]:
    answer = probe.first("GET", receipt.path, said=receipt.said)
    probe.status(answer, 200, "Un recibo que ya se pidió se puede mirar siempre, aunque no esté listo.")
    found = answer.json()
    expected = f'que {receipt.said} conteste `{{"status": …, "result": …}}`'
    if not isinstance(found, dict) or not {"status", "result"} <= found.keys():
        look = "Devuelve un diccionario con esas dos claves, también cuando todavía no hay resultado."
        raise NotYetError(expected, answer.glimpse(), look)
    if found["status"] not in KNOWN:
        look = "El estado lo da RQ: `job.get_status()`, sin traducir."
        raise NotYetError(f"{expected} con un estado de RQ", f"`{found['status']}`", look)
    return found


def _until_ended(probe: Probe, receipt: _Receipt) -> dict[str, Any]:
    found = _look(probe, receipt)
    deadline = time.monotonic() + SECONDS
    while found["status"] not in ENDED:
        if time.monotonic() > deadline:
            raise NotYetError(
                f"que {receipt.said} llegue a `finished`",
                f"`{found['status']}` después de {SECONDS:.0f} segundos",
                "Encola en `rail`, que es el riel que alguien atiende, y mira con `running()` si los "
                "trabajadores siguen en marcha.",
            )
        time.sleep(LOOK_EVERY)
        found = _look(probe, receipt)
    return found


def _right_result(receipt: _Receipt, ended: dict[str, Any]) -> None:
    expected = f"que {receipt.said} termine en `finished` con el folio y el total que se pidieron"
    if ended["status"] == "failed":
        look = "Revisa el orden de los argumentos: `rail.enqueue(receipts.make_receipt, folio, total)`."
        raise NotYetError(expected, "`failed`", look)
    result = ended["result"]
    if not isinstance(result, dict):
        look = "Lo que devolvió la función está en `job.return_value()`."
        raise NotYetError(expected, f"`finished` con el resultado `{result}`", look)
    if (result.get("folio"), result.get("total")) != (receipt.folio, receipt.total):
        got = f"el folio `{result.get('folio')}` y el total `{result.get('total')}`"
        look = "Encola con el folio y el total que llegaron en esa petición."
        raise NotYetError(expected, got.replace(receipt.folio, receipt.letter), look)
    if result.get("made_by") != "un trabajador":
        look = (
            "La función se llamó en la API. Encolar es `rail.enqueue(receipts.make_receipt, ...)`: la "
            "función va sin paréntesis y la llama otro proceso."
        )
        raise NotYetError("un recibo hecho por un trabajador", f"uno hecho por {result.get('made_by')}", look)


def _does_not_wait(probe: Probe, first: _Receipt) -> None:
    # Once could be a slow machine; three times in a row, with jobs that last longer, is a POST that waits.
    for _ in range(TRIES):
        receipt = _ask(probe, "B", total=first.total + 1)
        if _look(probe, receipt)["status"] != "finished":
            _right_result(receipt, _until_ended(probe, receipt))
            return
    raise NotYetError(
        "que `POST /receipts` conteste antes de que el recibo esté hecho",
        "una respuesta que llegó cuando ya estaba terminado",
        "No esperes al trabajo dentro de la función: encola y devuelve. Quien pidió preguntará después.",
    )


def _failure_is_told(probe: Probe) -> None:
    receipt = _ask(probe, "C", total=0)
    said = "un recibo con total 0, que la cocina no puede hacer,"
    probe.status(receipt.answer, 202, f"Para {said} también basta con encolar: quien falla es el trabajo.")
    if (ended := _until_ended(probe, receipt))["status"] != "failed":
        look = "El estado es el de RQ, `job.get_status()`: no lo des por terminado."
        raise NotYetError(f"que {said} termine en `failed`", f"`{ended['status']}`", look)


@checks("16.2")
def tip_counted_once(probe: Probe) -> None:
    """`add_tip` repetida no suma dos veces, y si falla a la mitad no deja nada a medias."""
    pot = _Pot(probe)
    try:
        _first_delivery(pot)
        probe.passed.append("una propina suma y queda anotada")
        _repeated(pot)
        probe.passed.append("entregarla otra vez no suma")
        _another(pot)
        probe.passed.append("otro folio es otra propina")
        _all_or_nothing(pot)
        probe.passed.append("un fallo no deja nada a medias")
    finally:
        pot.clean()


class _Pot:
    """Un bote de la revisión, que nadie más usa; se borra al terminar."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.path = f"/pots/{folio('bote')}"
        self.folios = {letter: folio(letter) for letter in "ABC"}

    def leave(self, letter: str, amount: int, how: str = "") -> dict[str, Any]:
        """Deja una propina y espera a que su trabajo termine."""
        self.said = f"la propina {letter}{how}"
        body = {"folio": self.folios[letter], "amount": amount}
        answer = self.probe.ask("POST", f"{self.path}/tips", body=body, said="`POST /pots/{pot}/tips`")
        self.probe.status(answer, 202, GIVEN)
        job = answer.json()["job"]
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            found = self.probe.ask("GET", f"/jobs/{job}", said="`GET /jobs/{job}`")
            self.probe.status(found, 200, GIVEN)
            state: dict[str, Any] = found.json()
            if state["status"] in ENDED:
                if str(state["error"]).startswith("NotImplementedError"):
                    raise UntouchedError
                return state
            time.sleep(LOOK_EVERY)
        raise LearningError(
            f"Nadie hizo el trabajo en {SECONDS:.0f} segundos. Mira con running() si los trabajadores siguen "
            "en marcha; si no, ejecuta otra vez la primera celda del ejercicio y revisa de nuevo."
        )

    def must_finish(self, state: dict[str, Any], look: str) -> None:
        if state["status"] != "finished":
            raise NotYetError(f"que el trabajo de {self.said} termine bien", f"`{state['error']}`", look)

    def must_hold(self, total: int, letters: str, look: str) -> None:
        answer = self.probe.ask("GET", self.path, said="`GET /pots/{pot}`")
        self.probe.status(answer, 200, GIVEN)
        found = answer.json()
        if found["total"] != total:
            expected = f"${total} en el bote después de {self.said}"
            raise NotYetError(expected, f"${found['total']}", look)
        noted = "".join(letter for letter, folio in self.folios.items() if folio in found["tips"])
        if noted != letters:
            expected = f"anotadas en `Tip` {_listed(letters)}, después de {self.said}"
            raise NotYetError(expected, _listed(noted), look)

    def clean(self) -> None:
        put_back(self.probe, "DELETE", self.path)


def _listed(letters: str) -> str:
    return f"las propinas {', '.join(letters)}" if letters else "ninguna propina"


def _first_delivery(pot: _Pot) -> None:
    look = (
        "Lee la última línea del error: es de tu función. Con `%%module tips` se guarda y se vuelve a usar."
    )
    pot.must_finish(pot.leave("A", 30), look)
    look = "La primera vez se suma a `Pot.total` y se agrega la fila `Tip(folio=..., pot=..., amount=...)`."
    pot.must_hold(30, "A", f"{look} Después, `session.commit()`.")


def _repeated(pot: _Pot) -> None:
    again = pot.leave("A", 30, ", entregada otra vez,")
    look = "Repetir no es un fallo: si el folio ya está en `Tip`, el trabajo está hecho y termina sin error."
    pot.must_finish(again, look)
    pot.must_hold(30, "A", "Se sumó dos veces. Antes de sumar, busca el folio: `session.get(Tip, folio)`.")


def _another(pot: _Pot) -> None:
    pot.must_finish(pot.leave("B", 30), "Otro folio es otra propina, aunque sea de la misma cantidad.")
    look = "Lo que identifica a una propina es su folio, no su cantidad ni su bote."
    pot.must_hold(60, "AB", look)


def _all_or_nothing(pot: _Pot) -> None:
    state = pot.leave("C", OVERFLOW, f" de ${OVERFLOW}, que no cabe en el bote,")
    if state["status"] == "finished":
        look = "La base rechazó la suma y tu función se calló. No atrapes ese error: la cola debe saberlo."
        raise NotYetError(f"que el trabajo de {pot.said} falle", "uno que dijo que terminó bien", look)
    look = "Anotar y sumar van en la misma transacción: un solo `session.commit()`, al final de las dos."
    pot.must_hold(60, "AB", look)
    pot.must_finish(pot.leave("C", 40, " corregida"), look)
    pot.must_hold(100, "ABC", look)

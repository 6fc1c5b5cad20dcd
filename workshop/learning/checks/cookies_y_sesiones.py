"""Las revisiones del capítulo 11: sesiones y pases firmados."""

import time
from collections.abc import Callable
from http.cookies import CookieError, Morsel, SimpleCookie
from typing import Any

from workshop.learning.checks import checks
from workshop.learning.probe import LOGS, UNWRITTEN, Answer, NotYetError, Probe, UntouchedError
from workshop.learning.visit import given

KNOWN = {"user": "mesera", "password": "tlayuda-42"}
OTHER = {"user": "gerente", "password": "pozole-17"}
WRONG = {"user": "mesera", "password": "mole"}
STRANGER = {"user": "nadie", "password": "mole"}
COOKIE = "comanda_session"
NEIGHBOUR = "riel:mesa-7"
CHOSEN = "un-ticket-elegido-de-antemano"
SHORTEST_TICKET = 20  # letters; about 120 bits at six bits each
LONGEST_LIFE = 3600  # seconds
INNOCENT = 0.35  # a «no» that takes less than this part of the other one tells who exists
GIVEN = "Esa ruta viene hecha: incluye `session_inspection(redis)` como en la celda del ejercicio."

KEY = "el sello del ejercicio once, que solo conocen la API y la revisión"
AUDIENCE = "la-comanda"
BEARER = "El encabezado es `Authorization: Bearer <pase>`."
ESCAPED = "Un error de PyJWT llegó hasta la puerta: atrapa `jwt.InvalidTokenError`, que es el de todos."
FAR_AWAY = 4_102_444_800  # 2100-01-01


@checks("11.1")
def sessions_in_redis(probe: Probe) -> None:
    """Entrar, saber quién eres y salir, con sesiones en Redis que caducan y se cierran."""
    wrong = probe.send("POST", "/login", body=WRONG, said="`POST /login` con otra contraseña")
    if wrong.status == 501:
        raise UntouchedError
    probe.status(wrong, 401, "Compara con `hasher.verify(...)` y, si no coincide, `HTTPException(401)`.")
    _inspection(probe, "DELETE")
    try:
        ticket = _enter(probe, KNOWN)
        _good_ticket(probe, ticket)
        probe.passed.append("al entrar se da un ticket al azar, HttpOnly y SameSite")
        _recognised(probe, ticket)
        _only_tickets(probe)
        _lives_in_redis(probe, ticket)
        probe.passed.append("la sesión vive en Redis, caduca y se puede cerrar desde ahí")
        _leaves(probe)
        probe.passed.append("salir cierra esa sesión y ninguna otra")
        _tells_nothing(probe, wrong)
        probe.passed.append("el «no» es igual en texto y en tiempo")
    finally:
        _inspection(probe, "DELETE")


def _inspection(probe: Probe, method: str) -> Any:
    return given(probe, method, "/inspection/sessions", GIVEN)


def _enter(probe: Probe, who: dict[str, str], carried: str = "") -> str:
    morsel = _cookie(probe, who, carried)
    return morsel.value


def _cookie(probe: Probe, who: dict[str, str], carried: str = "") -> "Morsel[str]":
    answer = probe.ask("POST", "/login", body=who, headers=_carrying(carried) if carried else {})
    probe.status(answer, 204, "Con la contraseña correcta se entra, y no hay nada que devolver.")
    try:
        found = SimpleCookie(answer.headers.get("set-cookie", ""))
    except CookieError:
        found = SimpleCookie()
    if COOKIE not in found:
        came = f"`{next(iter(found))}`" if found else "ninguna cookie"
        look = f'Usa el parámetro `response: Response` y `response.set_cookie("{COOKIE}", …)`.'
        raise NotYetError(f"que {answer.said} dé la cookie `{COOKIE}`", came, look)
    _conditions(answer, found[COOKIE])
    return found[COOKIE]


def _conditions(answer: Answer, morsel: "Morsel[str]") -> None:
    expected = f"que la cookie `{COOKIE}` de {answer.said}"
    if not morsel["httponly"]:
        look = "Ningún script necesita ver el ticket: `httponly=True`."
        raise NotYetError(f"{expected} sea HttpOnly", "una que los scripts pueden leer", look)
    if morsel["samesite"].lower() not in ("lax", "strict"):
        look = 'Que no acompañe a las órdenes de otros sitios: `samesite="lax"` o `"strict"`.'
        raise NotYetError(f"{expected} diga SameSite", morsel["samesite"] or "nada", look)
    if morsel["path"] not in ("", "/"):
        raise NotYetError(f"{expected} valga en `/me`", f"Path={morsel['path']}", "Deja `path` en `/`.")


def _good_ticket(probe: Probe, ticket: str) -> None:
    look = "Que no diga nada ni se pueda adivinar: `secrets.token_urlsafe(32)`."
    if KNOWN["user"] in ticket:
        raise NotYetError("un ticket que no diga de quién es", "uno que contiene el nombre", look)
    if len(ticket) < SHORTEST_TICKET:
        said = f"un ticket de {SHORTEST_TICKET} letras o más, al azar"
        raise NotYetError(said, f"uno de {len(ticket)}", look)
    if _enter(probe, KNOWN) == ticket:
        look = "Cada vez que se entra nace una sesión, con su propio identificador."
        raise NotYetError("un ticket nuevo al volver a entrar", "el mismo", look)
    if _enter(probe, KNOWN, carried=CHOSEN) == CHOSEN:
        look = "Aceptas el ticket que trae quien llega: quien se lo puso de antemano entraría con él."
        raise NotYetError("un ticket hecho por el servicio", "el que traía el cliente", look)


def _carrying(ticket: str) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={ticket}"}


def _me(probe: Probe, ticket: str, said: str) -> Answer:
    return probe.ask("GET", "/me", headers=_carrying(ticket) if ticket else {}, said=f"`GET /me` {said}")


def _recognised(probe: Probe, ticket: str) -> None:
    answer = _me(probe, ticket, "con su ticket")
    probe.status(answer, 200, f"Lee la cookie con `{COOKIE}: Annotated[str, Cookie()]` y busca su sesión.")
    if answer.json() != {"user": KNOWN["user"]}:
        raise NotYetError(
            f'que {answer.said} conteste {{"user": "mesera"}}',
            answer.glimpse(),
            "Lo que se guarda con el ticket es de quién es.",
        )
    other = _me(probe, _enter(probe, OTHER), "con el ticket de otra persona")
    if other.status != 200 or other.json() != {"user": OTHER["user"]}:
        look = "Cada ticket tiene su sesión: la llave de Redis lleva el ticket."
        raise NotYetError(f'que {other.said} conteste {{"user": "gerente"}}', other.glimpse(), look)


def _only_tickets(probe: Probe) -> None:
    look = "Si no hay sesión con ese ticket, `HTTPException(401)`."
    probe.status(_me(probe, "", "sin cookie"), 401, look)
    probe.status(_me(probe, CHOSEN, "con un ticket inventado"), 401, look)
    named = _me(probe, KNOWN["user"], "con un nombre por ticket")
    probe.status(named, 401, "El ticket no es un nombre: se busca en Redis, no se le cree.")


def _lives_in_redis(probe: Probe, ticket: str) -> None:
    kept = [row for row in _inspection(probe, "GET") if row["key"] != NEIGHBOUR]
    if not kept:
        look = "Está en la memoria del proceso, que muere con él: guárdala con `coats.set(...)`."
        raise NotYetError("la sesión guardada en Redis", "un Redis vacío", look)
    if any(row["ttl"] == -1 for row in kept):
        look = "Di cuánto dura al guardar: `coats.set(key, value, ex=1800)`."
        raise NotYetError("que la sesión caduque en Redis", "una llave sin caducidad", look)
    if any(row["ttl"] > LONGEST_LIFE for row in kept):
        raise NotYetError("que la sesión dure una hora o menos", "un plazo mayor", "`ex` va en segundos.")
    _inspection(probe, "DELETE")
    look = "La sesión se borró de Redis y el servicio la sigue recordando: pregúntale a Redis cada vez."
    probe.status(_me(probe, ticket, "tras borrar su sesión en Redis"), 401, look)


def _leaves(probe: Probe) -> None:
    stays, leaves = _enter(probe, KNOWN), _enter(probe, KNOWN)
    gone = probe.ask("POST", "/logout", headers=_carrying(leaves))
    probe.status(gone, 204, "Salir no tiene nada que devolver.")
    look = "Borrar la cookie no cierra la sesión: quien copió el ticket seguiría dentro. `coats.delete(...)`."
    probe.status(_me(probe, leaves, "con el ticket de quien salió"), 401, look)
    look = "Se cerró también la sesión del otro dispositivo: borra solo la de ese ticket."
    probe.status(_me(probe, stays, "desde el otro dispositivo"), 200, look)
    if not any(row["key"] == NEIGHBOUR for row in _inspection(probe, "GET")):
        look = "Borra solo tu llave, por su nombre: en ese Redis vive más gente."
        raise NotYetError(f"que la llave «{NEIGHBOUR}», que no es tuya, siga ahí", "un Redis vaciado", look)


def _tells_nothing(probe: Probe, wrong: Answer) -> None:
    stranger = probe.ask("POST", "/login", body=STRANGER, said="`POST /login` de quien no existe")
    look = "El código o el texto dicen quién existe: contesta lo mismo en los dos casos."
    if (stranger.status, stranger.body) != (wrong.status, wrong.body):
        came = f"{stranger.status} {stranger.glimpse()}"
        raise NotYetError(f"que {stranger.said} conteste {wrong.status} {wrong.glimpse()}", came, look)
    slow, quick = _fastest(probe, WRONG), _fastest(probe, STRANGER)
    if quick < slow * INNOCENT or slow < quick * INNOCENT:
        look = "Solo calculas el resumen cuando existe: compara siempre con alguno, aunque sea de adorno."
        raise NotYetError("que el «no» tarde lo mismo exista o no la persona", "dos tiempos distintos", look)


def _fastest(probe: Probe, who: dict[str, str]) -> float:
    """Segundos que tarda el más rápido de dos intentos: el otro pudo tropezar con algo ajeno."""
    took = []
    for _ in range(2):
        start = time.monotonic()
        probe.ask("POST", "/login", body=who)
        took.append(time.monotonic() - start)
    return min(took)


@checks("11.2")
def sealed_passes(probe: Probe) -> None:
    """Un pase bueno pasa, cada engaño se rechaza y el rol decide."""
    first = probe.send("GET", "/me", headers=_bearing(_made()), said="`GET /me` con un pase bueno")
    if first.status == 501:
        raise UntouchedError
    probe.status(first, 200, f"{BEARER} `jwt.decode` pide también `audience`.")
    if first.json() != {"sub": "mesera", "role": "piso"}:
        look = "Devuelve `sub` y `role`, tal como vienen en el pase, y nada más."
        raise NotYetError(
            f'que {first.said} conteste {{"sub": "mesera", "role": "piso"}}', first.glimpse(), look
        )
    probe.passed.append("un pase bueno dice quién eres")
    for name, headers, look in _tricks():
        for method, path in (("GET", "/me"), ("DELETE", "/dishes/7")):
            _refused(probe.send(method, path, headers=headers, said=f"`{method} {path}` {name}"), look)
    probe.passed.append("ningún engaño pasa")
    _roles(probe)
    probe.passed.append("el rol decide quién quita platos")


def _made(key: str = KEY, algorithm: str = "HS256", **changed: Any) -> str:
    import jwt

    claims = {"sub": "mesera", "role": "piso", "aud": AUDIENCE, "exp": FAR_AWAY} | changed
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm)


def _bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _tricks() -> list[tuple[str, dict[str, str], str]]:
    boss: Callable[..., str] = lambda **changed: _made(**({"role": "gerencia"} | changed))  # noqa: E731
    head, _, signature = _made().split(".")
    altered = f"{head}.{boss().split('.')[1]}.{signature}"
    require = 'Pide los datos obligatorios: `options={"require": ["sub", "role", "exp", "aud"]}`.'
    seal = 'La firma no se comprueba: `jwt.decode(token, KEY, algorithms=["HS256"], …)`.'
    return [
        ("sin encabezado", {}, f"Sin pase no se sabe quién es. {BEARER}"),
        ("con un texto cualquiera", _bearing("mole"), "Lo que no es un pase también se rechaza: 401."),
        ("con un pase alterado", _bearing(altered), seal),
        ("con otra llave", _bearing(boss(key="una llave parecida, hecha en la papelería")), seal),
        ("con `alg: none`", _bearing(boss(key="", algorithm="none")), 'Solo `algorithms=["HS256"]`.'),
        ("con otro algoritmo", _bearing(boss(algorithm="HS384")), 'Solo `algorithms=["HS256"]`.'),
        ("con un pase caducado", _bearing(boss(exp=1)), "No apagues `verify_exp`: un pase viejo no vale."),
        ("para otro", _bearing(boss(aud="la-fonda")), f'Di para quién vale: `audience="{AUDIENCE}"`.'),
        ("sin `aud`", _bearing(boss(aud=None)), require),
        ("sin `exp`", _bearing(boss(exp=None)), require),
        ("sin `role`", _bearing(_made(role=None)), require),
        ("sin `sub`", _bearing(boss(sub=None)), require),
    ]


def _refused(answer: Answer, look: str) -> None:
    if answer.status >= 500:
        look = UNWRITTEN if answer.status == 501 else f"{ESCAPED} {LOGS}"
    if answer.status != 401:
        raise NotYetError(f"que {answer.said} conteste 401", f"{answer.status}", look)
    if not answer.headers.get("www-authenticate", "").lower().startswith("bearer"):
        came = answer.headers.get("www-authenticate", "ninguno")
        look = 'Un 401 dice cómo identificarse: `HTTPException(401, "…", {"WWW-Authenticate": "Bearer"})`.'
        raise NotYetError(f"que el 401 de {answer.said} traiga `WWW-Authenticate: Bearer`", came, look)


def _roles(probe: Probe) -> None:
    said = "`DELETE /dishes/7` de quien no es gerencia"
    waiter = probe.ask("DELETE", "/dishes/7", headers=_bearing(_made()), said=said)
    look = "Ya sabes quién es y no le toca: eso es 403. El 401 es para quien no se identificó."
    probe.status(waiter, 403, look if waiter.status == 401 else "Compara `role` antes de quitar nada: 403.")
    boss = _bearing(_made(sub="gerente", role="gerencia"))
    answer = probe.ask("DELETE", "/dishes/7", headers=boss, said="`DELETE /dishes/7` de la gerencia")
    probe.status(answer, 204, "A la gerencia sí le toca, y quitar no devuelve nada.")

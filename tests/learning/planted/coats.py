"""What learners write for 11.1: right in two ways, and wrong in the ways that happen."""

import json
import secrets
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Cookie, FastAPI, HTTPException, Request, Response
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import BaseModel

from workshop.restaurant import session_inspection
from workshop.services.redis.handle import RedisHandle

hasher = PasswordHash([Argon2Hasher(time_cost=2, memory_cost=32_768)])  # slow enough for a clock to tell
USERS = {"mesera": hasher.hash("tlayuda-42"), "gerente": hasher.hash("pozole-17")}
DECOY = hasher.hash("un resumen para quien no existe")
NO = "Usuario o contraseña incorrectos."


class Credentials(BaseModel):
    user: str
    password: str


def given(redis: RedisHandle) -> FastAPI:
    """What the exercise's cells bring already written."""
    app = FastAPI()
    app.include_router(session_inspection(redis))
    return app


def accepts(sent: Credentials) -> None:
    right = hasher.verify(sent.password, USERS.get(sent.user, DECOY))
    if not right or sent.user not in USERS:
        raise HTTPException(401, NO)


def app_with(redis: RedisHandle, **parts: Callable[..., Any]) -> FastAPI:
    """The right service but for the parts that are given: a mistake replaces one and nothing else."""
    app, coats = given(redis), redis.client()
    do: dict[str, Callable[..., Any]] = {
        "accept": accepts,
        "ticket": lambda sent, carried: secrets.token_urlsafe(32),
        "hang": lambda ticket, user: coats.set(f"session:{ticket}", user, ex=1800),
        "hand": lambda response, ticket: response.set_cookie(
            "comanda_session", ticket, httponly=True, samesite="lax"
        ),
        "find": lambda ticket: coats.get(f"session:{ticket}"),
        "forget": lambda ticket, response: coats.delete(f"session:{ticket}"),
        **parts,
    }

    @app.post("/login", status_code=204)
    def log_in(sent: Credentials, response: Response, comanda_session: Annotated[str, Cookie()] = ""):
        do["accept"](sent)
        ticket = do["ticket"](sent, comanda_session)
        do["hang"](ticket, sent.user)
        do["hand"](response, ticket)

    @app.get("/me")
    def me(comanda_session: Annotated[str, Cookie()] = ""):
        user = do["find"](comanda_session)
        if user is None:
            raise HTTPException(401)
        return {"user": user}

    @app.post("/logout", status_code=204)
    def log_out(response: Response, comanda_session: Annotated[str, Cookie()] = ""):
        do["forget"](comanda_session, response)

    return app


def untouched(redis: RedisHandle) -> FastAPI:
    def refuse(sent):
        raise HTTPException(501, "Ejercicio 11.1, sin intentar")

    return app_with(redis, accept=refuse)


def right_with_a_key_each(redis: RedisHandle) -> FastAPI:
    return app_with(redis)


def right_with_a_hash_of_fields(redis: RedisHandle) -> FastAPI:
    """Each session a Redis hash; a strict cookie that also says how long it lasts."""
    app, coats = given(redis), redis.client()

    @app.post("/login")
    async def log_in(request: Request):
        sent = Credentials(**await request.json())
        accepts(sent)
        ticket, answer = secrets.token_hex(16), Response(status_code=204)
        coats.hset(ticket, mapping={"data": json.dumps({"user": sent.user})})
        coats.expire(ticket, 600)
        answer.set_cookie("comanda_session", ticket, max_age=600, httponly=True, samesite="strict")
        return answer

    @app.get("/me")
    def me(request: Request):
        data = coats.hget(request.cookies.get("comanda_session", "-"), "data")
        if not data:
            raise HTTPException(401)
        return json.loads(data)

    @app.post("/logout", status_code=204)
    def log_out(request: Request, response: Response):
        coats.delete(request.cookies.get("comanda_session", "-"))
        response.delete_cookie("comanda_session")

    return app


def lets_anybody_in(redis: RedisHandle) -> FastAPI:
    return app_with(redis, accept=lambda sent: None)


def no_cookie(redis: RedisHandle) -> FastAPI:
    return app_with(redis, hand=lambda response, ticket: None)


def scripts_can_read_it(redis: RedisHandle) -> FastAPI:
    return app_with(redis, hand=lambda response, ticket: response.set_cookie("comanda_session", ticket))


def goes_with_every_site(redis: RedisHandle) -> FastAPI:
    return app_with(
        redis,
        hand=lambda response, ticket: response.set_cookie(
            "comanda_session", ticket, httponly=True, samesite=None
        ),
    )


def only_for_login(redis: RedisHandle) -> FastAPI:
    return app_with(
        redis,
        hand=lambda response, ticket: response.set_cookie(
            "comanda_session", ticket, httponly=True, path="/login"
        ),
    )


def the_name_as_ticket(redis: RedisHandle) -> FastAPI:
    return app_with(redis, ticket=lambda sent, carried: f"sesion-de-{sent.user}-{secrets.token_hex(16)}")


def one_two_three(redis: RedisHandle) -> FastAPI:
    given_out: list[int] = []
    return app_with(redis, ticket=lambda sent, carried: (given_out.append(1), str(len(given_out)))[1])


def always_the_same(redis: RedisHandle) -> FastAPI:
    tickets = {user: secrets.token_urlsafe(32) for user in USERS}
    return app_with(redis, ticket=lambda sent, carried: tickets[sent.user])


def takes_what_comes(redis: RedisHandle) -> FastAPI:
    return app_with(redis, ticket=lambda sent, carried: carried or secrets.token_urlsafe(32))


def one_coat_for_all(redis: RedisHandle) -> FastAPI:
    coats = redis.client()
    return app_with(
        redis,
        hang=lambda ticket, user: coats.set("session", "mesera", ex=1800),
        find=lambda ticket: coats.get("session"),
    )


def says_the_ticket(redis: RedisHandle) -> FastAPI:
    return app_with(redis, find=lambda ticket: ticket or None)


def everybody_is_somebody(redis: RedisHandle) -> FastAPI:
    coats = redis.client()
    return app_with(redis, find=lambda ticket: coats.get(f"session:{ticket}") or "nadie")


def believes_the_name(redis: RedisHandle) -> FastAPI:
    coats = redis.client()
    return app_with(redis, find=lambda ticket: ticket if ticket in USERS else coats.get(f"session:{ticket}"))


def in_the_process(redis: RedisHandle) -> FastAPI:
    kept: dict[str, str] = {}
    return app_with(
        redis, hang=kept.__setitem__, find=kept.get, forget=lambda ticket, response: kept.pop(ticket, None)
    )


def never_expires(redis: RedisHandle) -> FastAPI:
    coats = redis.client()
    return app_with(redis, hang=lambda ticket, user: coats.set(f"session:{ticket}", user))


def a_whole_day(redis: RedisHandle) -> FastAPI:
    coats = redis.client()
    return app_with(redis, hang=lambda ticket, user: coats.set(f"session:{ticket}", user, ex=86_400))


def remembers_by_itself(redis: RedisHandle) -> FastAPI:
    coats = redis.client()
    kept: dict[str, str] = {}

    def hang(ticket, user):
        kept[ticket] = user
        coats.set(f"session:{ticket}", user, ex=1800)

    return app_with(redis, hang=hang, find=kept.get)


def only_forgets_the_cookie(redis: RedisHandle) -> FastAPI:
    return app_with(redis, forget=lambda ticket, response: response.delete_cookie("comanda_session"))


def closes_every_device(redis: RedisHandle) -> FastAPI:
    coats = redis.client()

    def forget(ticket, response):
        coats.delete(*coats.scan_iter("session:*"))

    return app_with(redis, forget=forget)


def stops_at_the_door(redis: RedisHandle) -> FastAPI:
    def not_yet(ticket):
        raise HTTPException(501, "Ejercicio 11.1, sin intentar")

    return app_with(redis, find=not_yet)


def says_who_exists(redis: RedisHandle) -> FastAPI:
    def accept(sent):
        if sent.user not in USERS:
            raise HTTPException(404, "No hay nadie con ese nombre.")
        accepts(sent)

    return app_with(redis, accept=accept)


def the_clock_tells(redis: RedisHandle) -> FastAPI:
    def accept(sent):
        if sent.user not in USERS or not hasher.verify(sent.password, USERS[sent.user]):
            raise HTTPException(401, NO)

    return app_with(redis, accept=accept)

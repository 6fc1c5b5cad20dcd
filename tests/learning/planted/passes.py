"""What learners write for 11.2: right in two ways, and wrong in the ways that happen."""

from collections.abc import Callable
from typing import Annotated, Any

import jwt
from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

KEY = "el sello del ejercicio once, que solo conocen la API y la revisión"
RULES: dict[str, Any] = {"algorithms": ["HS256"], "audience": "la-comanda"}
ALL = {"require": ["sub", "role", "exp", "aud"]}
ASK = {"WWW-Authenticate": "Bearer"}

Read = Callable[[str], dict[str, Any]]


def sealed(token: str) -> dict[str, Any]:
    return jwt.decode(token, KEY, **RULES, options=ALL)


def guarded(read: Read, headers: dict[str, str] | None = None, error: Any = jwt.InvalidTokenError) -> Read:
    def guard(token: str) -> dict[str, Any]:
        try:
            return read(token)
        except error:
            raise HTTPException(401, "Pase no válido.", ASK if headers is None else headers) from None

    return guard


def app_with(read: Read, allowed: Callable[[dict[str, Any]], None] | None = None) -> FastAPI:
    app = FastAPI()

    def only_management(claims: dict[str, Any]) -> None:
        if claims["role"] != "gerencia":
            raise HTTPException(403)

    @app.get("/me")
    def me(authorization: Annotated[str, Header()] = ""):
        claims = read(authorization.removeprefix("Bearer "))
        return {"sub": claims.get("sub"), "role": claims.get("role")}

    @app.delete("/dishes/{dish_id}", status_code=204)
    def delete_dish(dish_id: int, authorization: Annotated[str, Header()] = ""):
        (allowed or only_management)(read(authorization.removeprefix("Bearer ")))

    return app


def loose(**rules: Any) -> Read:
    return guarded(lambda token: jwt.decode(token, KEY, **(RULES | {"options": ALL} | rules)))


def untouched() -> FastAPI:
    def refuse(token):
        raise HTTPException(501, "Ejercicio 11.2, sin intentar")

    return app_with(refuse)


def right_with_one_reader() -> FastAPI:
    return app_with(guarded(sealed))


def right_with_dependencies() -> FastAPI:
    app, bearer = FastAPI(), HTTPBearer(auto_error=False)

    def who(sent: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]):
        return guarded(sealed)(sent.credentials if sent else "")

    @app.get("/me")
    def me(claims: Annotated[dict[str, Any], Depends(who)]):
        return {name: claims[name] for name in ("role", "sub")}

    @app.delete("/dishes/{dish_id}", status_code=204)
    def delete_dish(dish_id: int, claims: Annotated[dict[str, Any], Depends(who)]):
        if claims["role"] != "gerencia":
            raise HTTPException(403)

    return app


def refuses_everything() -> FastAPI:
    return app_with(guarded(lambda token: jwt.decode(token, KEY, algorithms=["HS256"])))


def tells_the_whole_pass() -> FastAPI:
    app = app_with(guarded(sealed))
    app.router.routes = [route for route in app.router.routes if getattr(route, "path", "") != "/me"]

    @app.get("/me")
    def me(authorization: Annotated[str, Header()] = ""):
        return guarded(sealed)(authorization.removeprefix("Bearer "))

    return app


def needs_the_header() -> FastAPI:
    app = FastAPI()

    @app.get("/me")
    def me(authorization: Annotated[str, Header()]):
        claims = guarded(sealed)(authorization.removeprefix("Bearer "))
        return {"sub": claims["sub"], "role": claims["role"]}

    return app


def crashes_on_rubbish() -> FastAPI:
    return app_with(
        guarded(lambda token: sealed(token) if token else refuse(), error=jwt.ExpiredSignatureError)
    )


def refuse() -> dict[str, Any]:
    raise HTTPException(401, "Pase no válido.", ASK)


def only_reads_it() -> FastAPI:
    return app_with(loose(options={"verify_signature": False}))


def lets_the_pass_choose() -> FastAPI:
    def read(token):
        algorithm = jwt.get_unverified_header(token)["alg"]
        if algorithm == "none":
            return jwt.decode(token, options={"verify_signature": False})
        return jwt.decode(token, KEY, **(RULES | {"algorithms": [algorithm]}), options=ALL)

    return app_with(guarded(read))


def for_ever() -> FastAPI:
    return app_with(loose(options={**ALL, "verify_exp": False}))


def for_anybody() -> FastAPI:
    return app_with(loose(options={**ALL, "verify_aud": False}))


def forgets_to_require() -> FastAPI:
    return app_with(loose(options={}))


def for_nobody_in_particular() -> FastAPI:
    return app_with(loose(options={"require": ["role", "exp", "aud"]}))


def asks_for_no_audience() -> FastAPI:
    return app_with(lambda token: jwt.decode(token, KEY, algorithms=["HS256"]))


def deletes_nothing_yet() -> FastAPI:
    app = app_with(guarded(sealed))
    app.router.routes = [route for route in app.router.routes if getattr(route, "path", "") == "/me"]

    @app.delete("/dishes/{dish_id}")
    def delete_dish(dish_id: int):
        raise HTTPException(501, "Ejercicio 11.2, sin intentar")

    return app


def does_not_say_how() -> FastAPI:
    return app_with(guarded(sealed, headers={}))


def everybody_deletes() -> FastAPI:
    return app_with(guarded(sealed), allowed=lambda claims: None)


def does_not_know_the_waiter() -> FastAPI:
    def allowed(claims):
        if claims["role"] != "gerencia":
            raise HTTPException(401, "No", ASK)

    return app_with(guarded(sealed), allowed=allowed)


def nobody_deletes() -> FastAPI:
    def allowed(claims):
        raise HTTPException(403)

    return app_with(guarded(sealed), allowed=allowed)

"""`generate_client(api, name)`: from a served contract to a package that is imported and used."""

import importlib
import sys

import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from workshop import generate_client, serve
from workshop.services import module
from workshop.services.errors import ServiceError


class User(BaseModel):
    id: int
    name: str


def users(field: str = "name") -> FastAPI:
    app = FastAPI(title="Usuarios", generate_unique_id_function=lambda route: route.name)

    @app.get("/users/{user_id}", response_model=User)
    def read_user(user_id: int) -> dict:
        return {"id": user_id, "name": "Mesera"}

    @app.get("/broken", response_model=None)
    def renamed() -> dict:
        return {field: "Mesera"}

    return app


@pytest.fixture
def api():
    service = serve(users(), name="usuarios")
    yield service
    service.stop()


@pytest.fixture(autouse=True)
def forget_clients():
    yield
    for loaded in [name for name in sys.modules if name.startswith("users_client")]:
        del sys.modules[loaded]


def imported(path: str):
    return importlib.import_module(f"users_client.{path}")


def test_the_package_asks_the_api_and_hands_back_its_model(api):
    made = generate_client(api, "users_client")
    assert repr(made) == "users_client: cliente de «Usuarios», 2 operaciones"
    with importlib.import_module("users_client").Client(base_url=api.url) as client:
        found = imported("api.default.read_user").sync(7, client=client)
    assert (found.id, found.name) == (7, "Mesera")
    assert type(found) is imported("models.user").User


def test_what_was_written_can_be_read_and_counted(api):
    made = generate_client(api.url, "users_client")
    assert "class User" in made.files["models/user.py"]
    assert made.lines == sum(1 for text in made.files.values() for line in text.split("\n") if line.strip())


def test_written_again_it_follows_the_contract_of_now(api):
    generate_client(api, "users_client")
    old = imported("models.user").User
    fresh = FastAPI(title="Usuarios, otra vez")
    fresh.add_api_route("/people", list, operation_id="list_people")
    made = generate_client(serve(fresh, name="usuarios"), "users_client")
    assert repr(made) == "users_client: cliente de «Usuarios, otra vez», 1 operación"
    assert imported("api.default.list_people")
    with pytest.raises(ModuleNotFoundError):
        imported("models.user")
    assert old(id=1, name="Mesera").to_dict() == {"id": 1, "name": "Mesera"}


def test_a_failure_leaves_the_client_that_there_was(api):
    generate_client(api, "users_client")
    api.stop()
    with pytest.raises(ServiceError, match=r"Arráncalo con \.start\(\)"):
        generate_client(api, "users_client")
    assert imported("models.user").User
    assert not list(module.folder().glob(".cliente-*"))


def test_an_app_that_hides_its_contract_is_told(api):
    hidden = serve(FastAPI(openapi_url=None), name="usuarios")
    with pytest.raises(ServiceError, match=r"llegó otra cosa \(404\)"):
        generate_client(hidden, "users_client")


@pytest.mark.parametrize("paths", ["no es un objeto", None])
def test_what_is_not_a_contract_is_told(api, paths):
    odd = FastAPI(openapi_url=None)
    odd.add_api_route(
        "/openapi.json", lambda: {"openapi": "3.1.0", "paths": paths, "info": {"title": "Raro"}}
    )
    with pytest.raises(ServiceError, match="contrato de OpenAPI"):
        generate_client(serve(odd, name="usuarios"), "users_client")


def test_what_the_generator_says_of_a_contract_that_it_cannot_read_is_quoted(api):
    odd = FastAPI(openapi_url=None)
    odd.add_api_route("/openapi.json", lambda: {"openapi": "1.0", "paths": {}, "info": {"title": "Raro"}})
    with pytest.raises(ServiceError, match=r"(?s)Esto dijo:.*openapi"):
        generate_client(serve(odd, name="usuarios"), "users_client")


@pytest.mark.parametrize("name", ["users client", "../x", "json", "fastapi"])
def test_a_name_that_does_not_serve_is_refused(api, name):
    with pytest.raises(ServiceError, match=r"módulo"):
        generate_client(api, name)


@pytest.mark.parametrize("target", [None, 7, "https://example.com"])
def test_only_a_service_of_this_machine_is_read(target):
    with pytest.raises(ServiceError):
        generate_client(target, "users_client")

"""Las pruebas de cada pieza del taller: encenderla, pedirle algo de verdad y apagarla."""

import os
import sqlite3
import sys
from contextlib import closing
from http import HTTPStatus
from typing import Any

import requests

from workshop.services import guard, home
from workshop.services.apps.served import ServedApp
from workshop.services.gateway.gateway import gateway
from workshop.services.postgres.server import PostgresServer
from workshop.services.queues.workers import workers
from workshop.services.redis.server import RedisServer

OLDEST_PYTHON = (3, 11)
_SECONDS = 10


class NotHereError(Exception):
    """The piece makes no sense where this kernel runs; the message says why, in Spanish."""


def try_python() -> str:
    if sys.version_info < OLDEST_PYTHON:
        raise RuntimeError(f"es la versión {sys.version.split()[0]} y hace falta 3.11 o posterior")
    return "versión 3.11 o posterior"


def _saying(word: str) -> Any:
    from fastapi import FastAPI

    app = FastAPI()
    app.get("/word")(lambda: word)
    return app


def try_api() -> str:
    with ServedApp(_saying("hola"), "prueba-api") as api:
        answer = requests.get(f"{api.url}/word", timeout=_SECONDS)
    return f"arrancó, contestó {answer.status_code} y se apagó"


def try_database() -> str:
    with closing(sqlite3.connect(home.workdir() / "prueba.db")) as base:
        base.execute("CREATE TABLE IF NOT EXISTS dish (name TEXT)")
        base.execute("INSERT INTO dish VALUES ('mole')")
        (name,) = base.execute("SELECT name FROM dish").fetchone()
    return f"guardó una fila y la leyó: «{name}»"


def try_redis() -> str:
    with RedisServer("prueba-redis") as server, server.client() as client:
        client.set("plato", "mole")
        value = client.get("plato")
    return f"arrancó, recordó «{value}» y se apagó"


def try_postgres() -> str:
    with PostgresServer("prueba-postgres") as server, server.connect() as connection:
        connection.execute("CREATE TABLE dish (name text)")
        connection.execute("INSERT INTO dish VALUES ('mole')")
        row = connection.execute("SELECT name FROM dish").fetchone()
    return f"arrancó, guardó «{row[0] if row else None}» y se apagó"


def try_gateway() -> str:
    with ServedApp(_saying("hola"), "prueba-api") as api, gateway(api, name="prueba-gateway") as front:
        answer = requests.get(f"{front.url}/word", timeout=_SECONDS)
    if answer.status_code != HTTPStatus.OK:
        raise RuntimeError(f"el gateway contestó {answer.status_code} en vez de pasar la petición")
    return f"arrancó, pasó una petición, trajo de vuelta «{answer.json()}» y se apagó"


def try_worker() -> str:
    from rq import Queue

    with RedisServer("prueba-redis") as server, workers(redis=server, name="prueba-trabajador"):
        job = Queue("default", connection=server.connection()).enqueue("operator.mul", 6, 7)
        done = job.latest_result(timeout=_SECONDS)
    if done is None:
        raise RuntimeError(f"no terminó un trabajo en {_SECONDS} s")
    return f"arrancó, hizo un trabajo de la cola ({done.return_value}) y se apagó"


def try_guard() -> str:
    home.workdir()
    if guard.shared().pid is None:
        raise RuntimeError("no arrancó el proceso que apaga los servicios cuando el kernel muere")
    return "vigila que nada sobreviva a este kernel"


def try_jupyter() -> str:
    from jupyter_server.serverapp import list_running_servers

    parent = os.environ.get("JPY_PARENT_PID", "")
    mine = next((s for s in list_running_servers() if str(s["pid"]) == parent), None)
    if mine is None:
        raise NotHereError("este kernel no lo abrió un JupyterLab")
    with ServedApp(_saying("hola"), "prueba-proxy") as api:
        through = f"{mine['url']}proxy/{api.port}/word"
        answer = requests.get(
            through,
            headers={"Authorization": f"token {mine['token']}"},
            timeout=_SECONDS,
            allow_redirects=False,
        )
    if answer.status_code != HTTPStatus.OK:
        raise RuntimeError(f"JupyterLab contestó {answer.status_code} en vez de pasar la petición")
    return "dejó pasar una petición hasta una API"

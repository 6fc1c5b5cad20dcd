"""Las piezas de las que depende el taller, cada una con su prueba de verdad y el comando que la repara."""

import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import requests

from workshop.services import guard, home
from workshop.services.postgres_server import PostgresServer
from workshop.services.served import ServedApp
from workshop.services.valkey import RedisServer

OLDEST_PYTHON = (3, 11)
_SECONDS = 10


class Health(StrEnum):
    """Cómo está una pieza."""

    READY = "lista"
    BROKEN = "averiada"
    ABSENT = "no aplica aquí"


class NotHereError(Exception):
    """The piece makes no sense where this kernel runs; the message says why, in Spanish."""


@dataclass(frozen=True)
class Piece:
    """Una pieza: para qué sirve, cómo se prueba y qué comando la repara."""

    name: str
    purpose: str
    trial: Callable[[], str]
    mend: str


@dataclass(frozen=True)
class Finding:
    """Lo que pasó al probar una pieza."""

    piece: Piece
    health: Health
    seen: str


def examine(piece: Piece) -> Finding:
    """Prueba la pieza de verdad; no falla nunca: lo que salga mal es el hallazgo."""
    try:
        return Finding(piece, Health.READY, piece.trial())
    except NotHereError as reason:
        return Finding(piece, Health.ABSENT, str(reason))
    except Exception as problem:
        return Finding(piece, Health.BROKEN, str(problem).strip() or type(problem).__name__)


def _python() -> str:
    if sys.version_info < OLDEST_PYTHON:
        raise RuntimeError(f"es la versión {sys.version.split()[0]} y hace falta 3.11 o posterior")
    return "versión 3.11 o posterior"


def _saying(word: str) -> Any:
    from fastapi import FastAPI

    app = FastAPI()
    app.get("/word")(lambda: word)
    return app


def _api() -> str:
    with ServedApp(_saying("hola"), "prueba-api") as api:
        answer = requests.get(f"{api.url}/word", timeout=_SECONDS)
    return f"arrancó, contestó {answer.status_code} y se apagó"


def _database() -> str:
    with closing(sqlite3.connect(home.workdir() / "prueba.db")) as base:
        base.execute("CREATE TABLE IF NOT EXISTS dish (name TEXT)")
        base.execute("INSERT INTO dish VALUES ('mole')")
        (name,) = base.execute("SELECT name FROM dish").fetchone()
    return f"guardó una fila y la leyó: «{name}»"


def _redis() -> str:
    with RedisServer("prueba-redis") as server, server.client() as client:
        client.set("plato", "mole")
        value = client.get("plato")
    return f"arrancó, recordó «{value}» y se apagó"


def _postgres() -> str:
    with PostgresServer("prueba-postgres") as server, server.connect() as connection:
        connection.execute("CREATE TABLE dish (name text)")
        connection.execute("INSERT INTO dish VALUES ('mole')")
        row = connection.execute("SELECT name FROM dish").fetchone()
    return f"arrancó, guardó «{row[0] if row else None}» y se apagó"


def _guard() -> str:
    home.workdir()
    if guard.shared().pid is None:
        raise RuntimeError("no arrancó el proceso que apaga los servicios cuando el kernel muere")
    return "vigila que nada sobreviva a este kernel"


def _jupyter() -> str:
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


_REINSTALL = "make clean lab"

PIECES: tuple[Piece, ...] = (
    Piece("Python", "ejecuta los cuadernos", _python, "make clean lab PYTHON=python3.12"),
    Piece("API", "FastAPI y uvicorn dentro del kernel", _api, _REINSTALL),
    Piece("Base de datos", "SQLite en un archivo temporal", _database, _REINSTALL),
    Piece("Redis", "un servidor en su propio proceso", _redis, _REINSTALL),
    Piece("PostgreSQL", "una base de datos en sus propios procesos", _postgres, _REINSTALL),
    Piece("Guardia", "apaga todo cuando el kernel termina", _guard, _REINSTALL),
    Piece("Páginas", "jupyter-server-proxy, para ver páginas vivas", _jupyter, _REINSTALL),
)

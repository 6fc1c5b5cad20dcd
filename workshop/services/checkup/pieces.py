"""Las piezas de las que depende el taller, cada una con su prueba de verdad y el comando que la repara."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from workshop.services.checkup import trials
from workshop.services.checkup.trials import NotHereError


class Health(StrEnum):
    """Cómo está una pieza."""

    READY = "lista"
    BROKEN = "averiada"
    ABSENT = "no aplica aquí"


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


_REINSTALL = "make clean lab"

PIECES: tuple[Piece, ...] = (
    Piece("Python", "ejecuta los cuadernos", trials.try_python, "make clean lab PYTHON=python3.12"),
    Piece("API", "FastAPI y uvicorn dentro del kernel", trials.try_api, _REINSTALL),
    Piece("Base de datos", "SQLite en un archivo temporal", trials.try_database, _REINSTALL),
    Piece("Redis", "un servidor en su propio proceso", trials.try_redis, _REINSTALL),
    Piece("PostgreSQL", "una base de datos en sus propios procesos", trials.try_postgres, _REINSTALL),
    Piece("Gateway", "Caddy, que reparte peticiones", trials.try_gateway, _REINSTALL),
    Piece("Trabajador", "un proceso de RQ que atiende una cola", trials.try_worker, _REINSTALL),
    Piece("Guardia", "apaga todo cuando el kernel termina", trials.try_guard, _REINSTALL),
    Piece("Páginas", "jupyter-server-proxy, para ver páginas vivas", trials.try_jupyter, _REINSTALL),
)

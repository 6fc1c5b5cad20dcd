"""El cuerpo de una petición: si es JSON y, cuando no, dónde y por qué."""

import json
from typing import Any, NoReturn

_REASONS = {
    "Expecting value": "falta un valor (un texto entre comillas, un número, true, false, null, { o [)",
    "Expecting property name enclosed in double quotes": "se esperaba un nombre entre comillas dobles",
    "Expecting ',' delimiter": "falta una coma, o sobra lo que sigue",
    "Expecting ':' delimiter": "faltan los dos puntos después del nombre",
    "Unterminated string starting at": "este texto abre comillas y no las cierra",
    "Invalid control character at": "un texto lleva un salto de línea o tabulación; escríbelo \\n o \\t",
    "Invalid \\escape": 'después de \\ va n, t, ", \\, / o u con cuatro cifras',
    "Invalid \\uXXXX escape": "después de \\u van cuatro cifras hexadecimales",
    "Extra data": "el JSON ya terminó y después hay algo más",
    "Illegal trailing comma before end of object": "sobra la última coma",
    "Illegal trailing comma before end of array": "sobra la última coma",
}


class NotJSONError(ValueError):
    """El texto no es JSON; el mensaje dice línea, columna y motivo."""


def _constant(name: str) -> NoReturn:
    raise NotJSONError(f"{name} no existe en JSON; usa null o un número.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotJSONError(f"El nombre «{twice}» aparece dos veces en el mismo objeto.")
    return found


def read_json(text: str, strict: bool = True) -> Any:
    """Lee `text` como JSON. Con `strict`, también rechaza nombres repetidos.

    Error: `NotJSONError`, con línea y columna en español.
    """
    try:
        return json.loads(text, parse_constant=_constant, object_pairs_hook=_unique if strict else None)
    except json.JSONDecodeError as error:
        raise NotJSONError(_in_spanish(error)) from None
    except RecursionError:
        raise NotJSONError("Tiene demasiados niveles, uno dentro de otro.") from None
    except NotJSONError:
        raise
    except ValueError:
        raise NotJSONError("Tiene un número con demasiadas cifras.") from None


def _in_spanish(error: json.JSONDecodeError) -> str:
    where = f"Línea {error.lineno}, columna {error.colno}: "
    cut = error.pos >= len(error.doc.rstrip())
    if cut or error.msg.startswith("Unterminated"):
        opened = "" if cut else "; " + _REASONS["Unterminated string starting at"]
        return f"{where}el JSON se acaba antes de tiempo, parece cortado{opened}."
    return f"{where}{_REASONS.get(error.msg, 'esto no es JSON')}."


def pretty(value: Any) -> str:
    """El valor como JSON con sangría de dos espacios y letras sin escapar."""
    return json.dumps(value, indent=2, ensure_ascii=False)

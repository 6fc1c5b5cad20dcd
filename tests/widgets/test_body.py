"""JSON that is wrong: where and why, in Spanish."""

import pytest

from workshop.widgets.body import NotJSONError, read_json

WRONG = {
    '{"name": "Mole", "price"': ("Línea 1, columna 25", "se acaba antes de tiempo"),
    '{"name": "Mo': ("Línea 1, columna 10", "abre comillas y no las cierra"),
    '{\n  "name": "Mole"\n  "price": 1\n}': ("Línea 3, columna 3", "falta una coma"),
    "{'name': 1}": ("Línea 1, columna 2", "nombre entre comillas dobles"),
    '{"name" 1}': ("Línea 1, columna 9", "dos puntos"),
    '{"price": ,}': ("Línea 1, columna 11", "falta un valor"),
    '{"a": 1} {"b": 2}': ("Línea 1, columna 10", "ya terminó"),
    '{"a": "\n"}': ("Línea 1, columna 8", "salto de línea"),
    '"\\q"': ("Línea 1, columna 2", "después de \\ va"),
    '"\\u12"': ("Línea 1, columna 3", "cuatro cifras"),
    '{"price": NaN}': ("NaN no existe en JSON",),
    '{"a": 1, "a": 2}': ("«a» aparece dos veces",),
    "[" * 100_000: ("demasiados niveles",),
    "1" * 5000: ("demasiadas cifras",),
}


@pytest.mark.parametrize("text", WRONG, ids=lambda text: text[:12])
def test_what_is_not_json_is_explained(text):
    with pytest.raises(NotJSONError) as error:
        read_json(text)
    for words in WRONG[text]:
        assert words in str(error.value)
    assert "Expecting" not in str(error.value)


@pytest.mark.parametrize("text", ['{"ñ": [1, 2.5, null, true]}', " 1 ", '"a"', "[]"])
def test_what_is_json_is_read(text):
    read_json(text)

"""The status codes: all that IANA registers, each one explained."""

import re

from workshop.facts import load
from workshop.widgets.status import explain, registered

# IANA's registry, by class.
REGISTERED = {
    *range(100, 105), *range(200, 209), 226, *range(300, 309), *range(400, 419), *range(421, 427),
    428, 429, 431, 451, *range(500, 509), 510, 511,
}  # fmt: skip


def test_every_registered_code_is_there_once_and_in_order():
    codes = [row["code"] for row in load("http_status.toml")["status"]]
    assert set(codes) == REGISTERED
    assert codes == sorted(set(codes))
    assert load("http_status.toml")["source"].startswith("https://www.iana.org/")


def test_every_code_has_a_spanish_name_and_exactly_one_sentence():
    assert len(registered()) == len(REGISTERED)
    for status in registered().values():
        assert status.phrase and status.name
        assert status.meaning.endswith(".") and not re.search(r"[.!?] [A-ZÁÉÍÓÚÑ¿¡]", status.meaning), status
        assert "!" not in status.meaning


def test_an_unregistered_code_keeps_its_phrase_and_says_its_family():
    odd = explain(499, "Client Closed")
    assert odd.line == "499 Client Closed · sin registrar"
    assert odd.meaning == "Hay algo que corregir en la petición."
    assert explain(799).meaning == "Ningún estándar define este código."
    assert [explain(code).sign for code in (100, 200, 301, 404, 500)] == ["…", "✓", "↪", "✗", "✗"]

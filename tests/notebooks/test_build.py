"""The build itself, with tiny sources in a house of its own: editions, determinism, errors that say where."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from notebooks import build

README = f"# Casa\n\n{build.TABLE_START}\n{build.TABLE_END}\n\nFin.\n"
CURRICULUM = """
[[chapter]]
number = 7
slug = "prueba"
title = "Prueba"
guide_title = "Guía"
minutes = 10
live = "nada"
claims = []

[[chapter]]
number = 8
slug = "otra"
title = "Otra"
guide_title = "Más"
minutes = 20
live = "algo"
claims = []
"""

WHOLE = """\
# %% [markdown]
# # 07 · Prueba
#
# ![Un plano](../data/img/plano.png) y [el siguiente](08_otra.ipynb)

# %% tags=["claim:07.1"]

print("uno")
print("dos")

# %% tags=["exercise"]
total = None

# %% tags=["solution"]
total = 3

# %%
total

# %%
total

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (3 min). Pregunta.
"""


@pytest.fixture
def house(tmp_path: Path) -> build.House:
    (tmp_path / "notebooks" / "src").mkdir(parents=True)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "curriculum.toml").write_text(CURRICULUM, "utf-8")
    (tmp_path / "README.md").write_text(README, "utf-8")
    return build.House(tmp_path)


@pytest.fixture
def write(house: build.House) -> Callable[..., Path]:
    def write(text: str, name: str = "07_prueba.py") -> Path:
        path = house.notebooks / "src" / name
        path.write_text(text, "utf-8")
        return path

    return write


def code(*cells: str) -> str:
    return "\n".join(f"# %%\n{cell}\n" for cell in cells)


def cells_of(path: Path) -> list[nbformat.NotebookNode]:
    return nbformat.read(path, as_version=4).cells


def error_of(path: Path) -> str:
    with pytest.raises(build.BuildError) as caught:
        build.read_source(path)
    return str(caught.value)


def test_one_source_gives_both_editions_and_the_readme_row(house, write, capsys):
    path = write(WHOLE)
    assert build.main(["7"], house) == 0
    solved, participant = cells_of(house.solved(path)), cells_of(house.participant(path))

    assert [c.source for c in solved if c.cell_type == "code"][1:] == ["total = 3", "total", "total"]
    assert [c.source for c in participant if c.cell_type == "code"][1:] == ["total = None", "total", "total"]
    assert any("instructor" in c.metadata.get("tags", []) for c in solved)
    assert not any("instructor" in c.metadata.get("tags", []) for c in participant)

    outputs = [c.outputs for c in solved if c.cell_type == "code"]
    assert outputs[0] == [{"name": "stdout", "output_type": "stream", "text": "uno\ndos\n"}]
    assert outputs[2][0].data == {"text/plain": "3"}
    assert [c.execution_count for c in solved if c.cell_type == "code"] == [1, 2, 3, 4]
    assert all(not c.outputs and c.execution_count is None for c in participant if c.cell_type == "code")

    ids = [c.id for c in solved]
    assert len(set(ids)) == len(ids)  # two cells with the same text included
    assert {c.id for c in participant} & set(ids) == {
        c.id for c in participant if "exercise" not in c.metadata.get("tags", [])
    }

    assert "(../../data/img/plano.png)" in solved[0].source and "(08_otra.ipynb)" in solved[0].source
    assert "(../data/img/plano.png)" in participant[0].source

    readme = house.readme.read_text("utf-8")
    assert "| 07 | Guía · [Prueba](notebooks/07_prueba.ipynb) | 10 | nada | listo |" in readme
    assert "| 08 | Más · Otra | 20 | algo | por venir |" in readme
    assert readme.startswith("# Casa\n") and readme.endswith("\n\nFin.\n")
    assert "07_prueba … " in capsys.readouterr().out


def test_building_twice_gives_the_same_bytes_whatever_is_random_inside(house, write):
    path = write(
        code(
            "import sys\nprint('a', end='')\nsys.stdout.flush()\nprint('b')",
            "import ipywidgets\nipywidgets.Button(description='Enviar')",
            "import pathlib\npathlib.Path('nada').read_text()",
            "import random\nrandom.random()",
        )
        .replace("# %%\nimport pathlib", '# %% tags=["raises-exception"]\nimport pathlib')
        .replace("# %%\nimport random", '# %% tags=["nbval-ignore-output"]\nimport random')
    )
    editions = [house.solved(path), house.participant(path)]
    assert build.main([], house) == 0
    first = [edition.read_bytes() for edition in editions]
    assert build.main([], house) == 0
    assert [edition.read_bytes() for edition in editions] == first

    printed, widget, raised, ignored = (c.outputs for c in cells_of(editions[0]))
    assert printed == [{"name": "stdout", "output_type": "stream", "text": "ab\n"}]
    assert list(widget[0].data) == ["text/plain"]
    assert raised[0].ename == "FileNotFoundError"
    assert "site-packages" not in str(raised) and "pathlib.py" not in str(raised)
    assert ignored == []
    text = first[0].decode()
    assert str(house.root) not in text and "widget-view" not in text and '"version": "3' not in text


def test_check_tells_what_is_behind_without_writing(house, write, capsys):
    path = write(WHOLE)
    assert build.main(["--check"], house) == 1
    assert not house.participant(path).exists()
    build.main([], house)
    assert build.main(["--check"], house) == 0
    capsys.readouterr()

    house.participant(path).write_bytes(house.participant(path).read_bytes().replace(b"total", b"suma"))
    assert build.main(["--check"], house) == 1
    assert "notebooks/07_prueba.ipynb: no es lo que da" in capsys.readouterr().err

    build.main([], house)
    write(WHOLE.replace("total = 3", "total = 4"))
    assert build.main(["--check"], house) == 1
    assert "soluciones/07_prueba.ipynb: sus celdas no son las de" in capsys.readouterr().err

    path.rename(path.with_name("08_otra.py"))
    build.main(["--check"], house)
    errors = capsys.readouterr().err
    assert "notebooks/07_prueba.ipynb: no tiene fuente" in errors
    assert "README.md: su tabla de capítulos está atrasada" in errors


def test_an_error_names_the_source_line_and_writes_nothing(house, write, capsys):
    path = write("# %%\nx = 1\n\n\n# %%\n\ny = 2\n\nprint(x / 0)\n")
    assert build.main([], house) == 1
    assert "notebooks/src/07_prueba.py:9: ZeroDivisionError: division by zero" in capsys.readouterr().err
    assert not house.solved(path).exists() and not house.participant(path).exists()


def test_a_chapter_that_fails_does_not_hide_the_others(house, write, capsys):
    write(code("1 / 0"))
    other = write(code("1"), "08_otra.py")
    assert build.main([], house) == 1
    assert house.solved(other).exists()
    assert "07_prueba.py:2: ZeroDivisionError" in capsys.readouterr().err


def test_a_kernel_that_dies_is_noticed_with_its_last_words(house, write, capsys):
    write(
        code(
            "x = 1",
            "import os, sys\nprint('adiós', file=sys.__stderr__, flush=True)\nos.kill(os.getpid(), 9)",
        )
    )
    assert build.main([], house) == 1
    errors = capsys.readouterr().err
    assert "07_prueba.py:5: el kernel murió en esta celda" in errors
    assert "adiós" in errors


def test_a_cell_that_never_ends_is_cut(write, tmp_path):
    source = build.read_source(write(code("import threading\nthreading.Event().wait()")))
    with pytest.raises(build.BuildError, match=r"07_prueba\.py:2: la celda no terminó en 1 s"):
        build.execute(source.path, source.solved(), tmp_path, cell_seconds=1)


def test_what_a_cell_writes_to_stderr_is_an_error(house, write, capsys):
    write(code("import warnings\nwarnings.warn('cuidado')"))
    assert build.main([], house) == 1
    assert "07_prueba.py:2: la celda escribió en stderr" in capsys.readouterr().err


def test_the_kernel_is_this_interpreter_with_an_empty_progress_in_the_notebook_s_folder(house, write):
    write(
        code(
            "import os, sys\nprint(sys.executable)\nprint(os.getcwd())",
            "os.path.exists(os.environ['COMANDA_HOME'])",
        )
    )
    assert build.main([], house) == 0
    printed, exists = (cell.outputs[0] for cell in cells_of(house.solved(house.sources()[0])))
    assert printed.text.splitlines() == [sys.executable, str(house.notebooks / "soluciones")]
    assert exists.data == {"text/plain": "False"}


TAG_ERRORS = {
    '# %% tags=["claim:07.1", "claim:07.1"]\nx = 1': ":1: la etiqueta «claim:07.1» está repetida",
    '# %% tags=["claim:7.1"]\nx = 1': ":1: etiqueta desconocida «claim:7.1»; las que hay: exercise",
    "# %% tags=[exercise]\nx = 1": ":1: las etiquetas no son una lista de textos",
    '# %% tags=["exercise"] x=1\nx = 1': ":1: marcador que no se entiende",
    "# %% Título\nx = 1": ":1: marcador que no se entiende",
    '# %% tags=["instructor"]\nx = 1': ":1: la etiqueta «instructor» solo va en una celda de texto",
    '# %% [markdown] tags=["claim:07.1"]\n# x': ":1: la etiqueta «claim:07.1» solo va en una celda de código",
    '# %% tags=["exercise"]\nx = 1\n\n# %%\nx': ":2: al ejercicio le falta su celda «solution»",
    '# %% tags=["exercise"]\nx = 1': ":2: al ejercicio le falta su celda «solution»",
    '# %%\nx = 1\n\n# %% tags=["solution"]\nx': ":5: solución sin una celda «exercise» justo antes",
    '# %% tags=["exercise", "solution"]\nx = 1': ":1: una celda no puede ser",
    '# %% tags=["exercise", "claim:07.1"]\nx = 1': "no puede ir en «exercise»",
    "# %%\nx = 1\n\n# %%\n\ny = (": ":6: SyntaxError",
    "# %%\nx = 1\n\n# %%\n\n# %%\ny": ":4: celda vacía",
    "x = 1": ":1: no hay ninguna celda",
    "x = 1\n# %%\ny": ":2: hay 1 marcadores «# %%» y jupytext leyó 2 celdas",
}


@pytest.mark.parametrize(("text", "message"), TAG_ERRORS.items(), ids=range(len(TAG_ERRORS)))
def test_a_source_with_a_mistake_says_which_and_where(write, text, message):
    path = write(text + "\n")
    error = error_of(path)
    assert error.startswith(f"{path}:")
    assert message in error


def test_magics_and_await_are_python_too(write):
    source = build.read_source(
        write("# %%\n# %%module kitchen\ndef boil() -> None: ...\n\n# %%\n# %load_ext workshop\nawait f()\n")
    )
    assert [c.node.source.splitlines()[0] for c in source.cells] == ["%%module kitchen", "%load_ext workshop"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["9"], "no hay fuente para 9; las que hay: 07"), (["--check", "nueve"], "no hay fuente para nueve")],
)
def test_an_unknown_chapter_lists_the_known_ones(house, write, capsys, arguments, message):
    write(code("1"))
    assert build.main(arguments, house) == 1
    assert message in capsys.readouterr().err


def test_no_sources_is_an_error_not_a_success(house, capsys):
    assert build.main([], house) == 1
    assert "no hay ninguna fuente" in capsys.readouterr().err


def test_a_readme_without_its_markers_is_an_error(house, capsys):
    house.readme.write_text("# Casa\n", "utf-8")
    assert build.main(["--readme"], house) == 1
    assert "README.md:1: faltan los marcadores" in capsys.readouterr().err


def nbval(house: build.House, *paths: Path) -> subprocess.CompletedProcess[str]:
    options = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=60", "-p", "no:cacheprovider"]
    order = [sys.executable, "-m", "pytest", "-q", *options, f"--rootdir={house.root}", *map(str, paths)]
    return subprocess.run(order, cwd=house.root, capture_output=True, text=True, check=False)


def test_strict_nbval_agrees_with_what_was_built_and_catches_a_changed_value(house, write):
    write(WHOLE)
    build.main([], house)
    solved = house.solved(house.sources()[0])
    agreed = nbval(house, solved)
    assert agreed.returncode == 0 and "4 passed" in agreed.stdout
    solved.write_bytes(solved.read_bytes().replace(b'"3"', b'"4"'))
    changed = nbval(house, solved)
    assert changed.returncode == 1 and "2 failed" in changed.stdout


def test_under_nbval_each_notebook_has_a_progress_of_its_own(house, write):
    first_time = code(
        "import os, pathlib\nhome = pathlib.Path(os.environ['COMANDA_HOME'])\n"
        "first_time = not home.exists()\n"
        "home.mkdir()\nfirst_time"
    )
    paths = [house.solved(write(first_time)), house.solved(write(first_time, "08_otra.py"))]
    build.main([], house)
    shutil.copy(build.ROOT / "notebooks" / "conftest.py", house.notebooks)
    assert b'"True"' in paths[0].read_bytes()
    ran = nbval(house, *paths)
    assert ran.returncode == 0 and "2 passed" in ran.stdout, ran.stdout


def test_make_test_compares_every_solved_edition_strictly():
    recipe = re.search(r"^test:.*\n((?:\t.*\n)+)", (build.ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert recipe
    words = recipe[1].split()
    assert {"notebooks/soluciones", "tests", "--nbval", "--nbval-current-env", "--nbval-cell-timeout"} <= set(
        words
    )
    assert "--nbval-lax" not in words

"""`%%module name`: the cell becomes a module that the kernel and its children import."""

import subprocess
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from workshop.services import module
from workshop.services.errors import ServiceError


@pytest.fixture(autouse=True)
def forget_modules():
    yield
    for path in module.folder().glob("*.py"):
        sys.modules.pop(path.stem, None)
        path.unlink()


def test_what_is_written_is_imported_and_written_again_is_replaced():
    assert module.write("cocina", "PLATOS = 1").PLATOS == 1
    assert module.write("cocina", "PLATOS = 2").PLATOS == 2
    import cocina

    assert cocina.PLATOS == 2


def test_a_child_process_runs_the_same_code():
    module.write("cocina", "def cook():\n    return 'listo'")
    said = subprocess.run(
        [sys.executable, "-c", "import cocina; print(cocina.cook())"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "listo"


@pytest.mark.parametrize("name", ["", "dos palabras", "2cocinas", "class", "a.b", "../x"])
def test_what_is_not_a_module_name_is_refused_with_an_example(name):
    with pytest.raises(ServiceError, match="%%module cocina"):
        module.write(name, "")


@pytest.mark.parametrize("name", ["json", "requests"])
def test_an_installed_module_is_not_hidden(name):
    with pytest.raises(ServiceError, match=f"{name}_propio"):
        module.write(name, "")


def test_a_kernel_born_of_another_writes_the_modules_that_its_parent_wrote():
    module.write("cocina", "PLATOS = 1")
    code = """
import pathlib, sys
from workshop.services import module
print(module.write("cocina", "PLATOS = 2").PLATOS, module.folder() == pathlib.Path(sys.argv[1]))
module.write("cocina", "PLATOS = 3")
from workshop.services.errors import ServiceError
try:
    module.write("requests", "")
except ServiceError as refusal:
    print(refusal)
"""
    said = subprocess.run(
        [sys.executable, "-c", code, str(module.folder())], capture_output=True, text=True, check=True
    )
    assert said.stdout.startswith("2 False\n")
    assert "requests_propio" in said.stdout
    assert (module.folder() / "cocina.py").read_text() == "PLATOS = 1"


def test_code_that_cannot_be_read_says_its_line_and_keeps_the_previous_version():
    module.write("cocina", "PLATOS = 1")
    with pytest.raises(ServiceError, match="la línea 2"):
        module.write("cocina", "PLATOS = 2\ndef (")
    import cocina

    assert cocina.PLATOS == 1


def test_code_that_fails_when_imported_keeps_the_previous_version():
    before = module.write("cocina", "PLATOS = 1")
    with pytest.raises(ZeroDivisionError):
        module.write("cocina", "PLATOS = 1 / 0")
    import cocina

    assert cocina is before
    assert (module.folder() / "cocina.py").read_text() == "PLATOS = 1"


def test_the_cell_magic_binds_the_module_in_the_notebook():
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    try:
        shell.run_line_magic("load_ext", "workshop")
        shell.run_cell("%%module cocina\nPLATOS = 3")
        assert shell.user_ns["cocina"].PLATOS == 3
    finally:
        InteractiveShell.clear_instance()

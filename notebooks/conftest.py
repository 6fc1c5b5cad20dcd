"""For nbval: each solved notebook runs with a progress folder of its own, as it did when it was built."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

homes: dict[Path, tempfile.TemporaryDirectory[str]] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """The kernel starts with a notebook's first cell and takes the environment of that moment."""
    if item.path.suffix != ".ipynb":
        return (yield)
    if item.path not in homes:
        homes[item.path] = tempfile.TemporaryDirectory(prefix="comanda-")
    home = homes[item.path].name
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMANDA_HOME", f"{home}/estado")
        patch.setenv("IPYTHONDIR", f"{home}/ipython")  # a personal profile would change the outputs
        return (yield)


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    if item.path in homes and (nextitem is None or nextitem.path != item.path):
        homes.pop(item.path).cleanup()

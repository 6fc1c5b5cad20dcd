"""The order in which the files of tests begin: none is lost, and the two kinds alternate."""

from pathlib import Path
from types import SimpleNamespace

from tests.conftest import spread

BROWSER = [("browser/test_short.py", 1), ("browser/test_long.py", 3)]
OTHERS = [
    ("learning/test_a.py", 2),
    ("notebooks/test_b.py", 2),
    ("services/test_c.py", 2),
    ("xray/test_d.py", 2),
]


def collected(*files: tuple[str, int]) -> list[SimpleNamespace]:
    return [SimpleNamespace(path=Path("tests") / name, name=n) for name, tests in files for n in range(tests)]


def files(items: list[SimpleNamespace]) -> list[str]:
    return list(dict.fromkeys(item.path.stem for item in items))


def test_every_test_runs_once_and_those_of_a_file_in_their_order():
    items = collected(*BROWSER, *OTHERS)
    shuffled = items[::2] + items[1::2]  # a file named twice in the command comes in two pieces
    ordered = spread(shuffled)
    assert len(ordered) == len(items) >= 12
    assert {id(item) for item in ordered} == {id(item) for item in items}
    assert files(ordered) == files(sorted(ordered, key=lambda item: files(ordered).index(item.path.stem)))
    for name in files(items):
        assert [i for i in ordered if i.path.stem == name] == [i for i in shuffled if i.path.stem == name]


def test_the_longest_of_the_browser_and_the_notebooks_begin_and_the_rest_alternate():
    assert files(spread(collected(*BROWSER, *OTHERS))) == [
        "test_long", "test_b", "test_a", "test_short", "test_c", "test_d",
    ]  # fmt: skip


def test_one_kind_alone_keeps_its_order():
    assert files(spread(collected(*OTHERS))) == ["test_b", "test_a", "test_c", "test_d"]
    assert spread([]) == []

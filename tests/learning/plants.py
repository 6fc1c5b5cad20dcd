"""What every check owes its exercise, whatever the chapter: planted solutions and what their verdicts say."""

import inspect
from collections.abc import Callable, Collection, Mapping
from types import ModuleType
from typing import Any

from workshop.learning.exercise import exercises, find
from workshop.learning.record import record
from workshop.learning.verdict import Verdict

PARTS = ("Se esperaba: ", "Llegó: ", "Dónde mirar: ")
Solution = tuple[str, str]  # of an exercise, by its number: the function's name


class Plants:
    """A chapter's planted solutions, one module an exercise.

    `right_…` are right, `untouched` is the stub as it comes, and the keys of `mistakes` are wrong, each with
    words that only its own message has.
    """

    def __init__(self, modules: Mapping[str, ModuleType], mistakes: Mapping[str, Mapping[str, str]]) -> None:
        self.modules = modules
        self.mistakes = mistakes
        self.wrong: list[Solution] = [(number, name) for number, known in mistakes.items() for name in known]
        self.right: list[Solution] = [
            (number, name)
            for number, module in modules.items()
            for name, _ in inspect.getmembers(module, inspect.isfunction)
            if name.startswith("right_")
        ]

    def get(self, number: str, name: str) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(self.modules[number], name)
        return found

    def assert_told(self, number: str, name: str, verdict: Verdict) -> None:
        assert_told(verdict, self.mistakes[number], name)
        entry = record().read().exercises[number]
        assert (entry.failed, entry.solved) == (1, False)

    def assert_enough(self, chapter: str, helpers: Collection[str] = ()) -> None:
        """Every exercise of the chapter is planted, and nothing planted is left untried."""
        mine = {number for number in exercises() if number.startswith(f"{chapter}.")}
        assert mine == set(self.modules) == set(self.mistakes)
        for number, module in self.modules.items():
            right, wrong = ({name for n, name in some if n == number} for some in (self.right, self.wrong))
            assert len(right) >= 2, number
            assert len(wrong) >= 3, number
            assert callable(find(number).checker())
            assert solutions(module) - set(helpers) == right | wrong | {"untouched"}, number


def solutions(module: ModuleType) -> set[str]:
    """The functions of a planted module that give what its stub gives."""
    made = dict(inspect.getmembers(module, inspect.isfunction))
    kind = inspect.signature(made["untouched"]).return_annotation
    return {
        name
        for name, one in made.items()
        if one.__module__ == module.__name__ and inspect.signature(one).return_annotation == kind
    }


def flat(verdict: Any) -> str:
    return " ".join(repr(verdict).split())


def assert_done(number: str, verdict: Verdict) -> None:
    assert verdict.state == "logrado", verdict
    assert "✓" in repr(verdict)
    assert record().read().exercises[number].solved


def assert_told(
    verdict: Verdict, mistakes: Mapping[str, str], name: str, alike: Collection[set[str]] = ()
) -> None:
    """The verdict has its own mistake's words, and no other's; those of one set of `alike` share theirs."""
    assert verdict.state == "todavía no", verdict
    text = flat(verdict)
    told = {key for key, words in mistakes.items() if words in text}
    assert told == next((same for same in alike if name in same), {name}), text
    assert [part for part in PARTS if part not in text] == [], text


def assert_not_tried(number: str, verdict: Verdict) -> None:
    assert verdict.state == "sin intentar", verdict
    assert find(number).goal in repr(verdict)
    assert number not in record().read().exercises

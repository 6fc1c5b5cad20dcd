"""Where the workshop's prose is, and how its Markdown is taken apart: words, headings, pictures and links."""

import inspect
import re
import tomllib
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

import workshop
from notebooks import build

ROOT = build.ROOT
NOTEBOOKS = ROOT / "notebooks"
ENGLISH_HEADING = "In English"

# TOML keys whose text is not Spanish prose: identifiers, code, addresses and the English side of a pair.
NOT_PROSE = {"id", "slug", "en", "phrase", "source", "solution", "code", "stub", "url"}

MARKDOWN = MarkdownIt("commonmark").enable("table")
# If-Match, Node.js and I'm are one word; what has a digit or an underscore (4XX, max_price) is a name.
WORD = re.compile(r"\w+(?:[-'’]\w+|\.[a-z]{2,3}\b)*")
LETTERS = re.compile(r"[^\W\d_]+(?:[-.'’][^\W\d_]+)*")
NOT_WORDS = re.compile(r"https?://\S+|(?<!\w)/[\w{}./?=&-]+|\$[^$\n]+\$")  # addresses, paths, formulas


@dataclass
class Text:
    """A piece of Markdown and where it stands: `line` is the line of its first one."""

    path: Path
    line: int
    markdown: str

    def at(self, offset: int = 0) -> str:
        path = self.path.relative_to(ROOT) if self.path.is_relative_to(ROOT) else self.path
        return f"{path}:{self.line + offset}"


@dataclass
class Document:
    """What a reader sees as one text: a notebook's Markdown cells, or the README."""

    path: Path
    folder: Path
    texts: list[Text]


@dataclass
class Parts:
    """A text taken apart; every item carries its `file:line`."""

    words: list[tuple[str, str, str]] = field(default_factory=list)  # (where, word, language)
    headings: list[tuple[str, int, str]] = field(default_factory=list)  # (where, level, text)
    pictures: list[tuple[str, str, str]] = field(default_factory=list)  # (where, alternative text, source)
    links: list[tuple[str, str]] = field(default_factory=list)  # (where, address)


# --- where the prose is -------------------------------------------------------------------------------------


def notebook(path: Path) -> Document:
    cells = [cell for cell in build.read_source(path).cells if not cell.is_code]
    return Document(path, NOTEBOOKS, [Text(path, cell.line, cell.node.source) for cell in cells])


def readme() -> Document:
    path = ROOT / "README.md"
    return Document(path, ROOT, [Text(path, 1, path.read_text("utf-8"))])


@cache
def documents() -> list[Document]:
    return [readme(), *(notebook(path) for path in build.House().sources())]


def data_texts(path: Path) -> Iterator[Text]:
    """Every string of a TOML file but those whose key says that they are not prose."""

    def walk(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            for item in value:
                yield from walk(item)
        elif isinstance(value, dict):
            for key, item in value.items():
                if key not in NOT_PROSE:
                    yield from walk(item)

    lines = path.read_text("utf-8").splitlines()
    for text in walk(tomllib.loads("\n".join(lines))):
        start = text.strip().splitlines()[0][:40] if text.strip() else ""
        yield Text(path, next((n for n, line in enumerate(lines, 1) if start in line), 1), text)


def public_names() -> dict[str, Any]:
    """What `workshop` offers, and the public parts of the classes that its functions hand back."""
    found: dict[str, Any] = {}
    for name in workshop.__all__:
        value = getattr(workshop, name)
        found[f"workshop.{name}"] = value
        returned = typing.get_type_hints(value).get("return") if inspect.isfunction(value) else value
        if inspect.isclass(returned) and returned.__module__.startswith("workshop."):
            found[f"workshop.{name}() -> {returned.__name__}"] = returned
            parts = {key: part for key, part in vars(returned).items() if not key.startswith("_")}
            callables = inspect.isfunction, inspect.isdatadescriptor
            found |= {f"{returned.__name__}.{k}": p for k, p in parts.items() if any(f(p) for f in callables)}
    return found


def docstrings(names: dict[str, Any]) -> Iterator[Text]:
    for name, value in names.items():
        yield Text(Path(name), 1, inspect.getdoc(value) or "")


# --- taking Markdown apart ----------------------------------------------------------------------------------


class Html(HTMLParser):
    """The few things that matter of the HTML inside a Markdown text."""

    def __init__(self, parts: Parts, where: str) -> None:
        super().__init__()
        self.parts, self.where = parts, where

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "img":
            self.parts.pictures.append((self.where, values.get("alt") or "", values.get("src") or ""))
        elif values.get("href"):
            self.parts.links.append((self.where, str(values["href"])))
        if re.fullmatch(r"h[1-6]", tag):
            self.parts.headings.append((self.where, 0, self.get_starttag_text() or tag))


def take_apart(text: Text, english: frozenset[str] = frozenset()) -> Parts:
    """`english`: the phrases, in lower case, that may stand in italics without being Spanish."""
    parts = Parts()
    language = "es_MX"
    tokens = MARKDOWN.parse(text.markdown)
    for token, following in pairwise([*tokens, None]):
        assert token is not None
        where = text.at(token.map[0] if token.map else 0)
        if token.type == "heading_open" and following:
            title = plain(following)
            level = int(token.tag[1])
            parts.headings.append((where, level, title))
            if level <= 2:
                language = "en_US" if title == ENGLISH_HEADING else "es_MX"
        elif token.type == "html_block":
            Html(parts, where).feed(token.content)
        elif token.type == "inline":
            take_inline(token, text, parts, language, english)
    return parts


def take_inline(token: Token, text: Text, parts: Parts, language: str, english: frozenset[str]) -> None:
    line = token.map[0] if token.map else 0
    children = token.children or []
    italics: list[str] | None = None
    in_code = False
    for child in children:
        where = text.at(line)
        if child.type in {"softbreak", "hardbreak"}:
            line += 1
        elif child.type == "link_open":
            parts.links.append((where, str(child.attrs["href"])))
        elif child.type == "image":
            parts.pictures.append((where, child.content, str(child.attrs["src"])))
            add_words(parts, where, child.content, language)
        elif child.type == "html_inline":
            Html(parts, where).feed(child.content)
            in_code = child.content.startswith(("<kbd", "<code"))
        elif child.type == "em_open":
            italics = []
        elif child.type == "em_close":
            phrase = "".join(italics or [])
            if phrase.casefold() not in english:
                # JupyterLab's menus are quoted as they are: *View → Presentation Mode*
                add_words(parts, where, phrase, "en_US" if "→" in phrase else language)
            italics = None
        elif child.type == "text" and italics is not None:
            italics.append(child.content)
        elif child.type == "text" and not in_code:
            add_words(parts, where, child.content, language)


def add_words(parts: Parts, where: str, text: str, language: str) -> None:
    for word in WORD.findall(NOT_WORDS.sub(" ", text)):
        if LETTERS.fullmatch(word):
            parts.words.append((where, word, language))


def plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or [] if child.type in {"text", "code_inline"})

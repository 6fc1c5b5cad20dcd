"""Headings in order, alternative text on pictures, and links relative and existing or in data/links.toml."""

import re
import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.prose.reading import NOTEBOOKS, ROOT, Document, Parts, Text, documents, take_apart

LINKS = ROOT / "data" / "links.toml"
ALT_AT_LEAST = 15  # letters: «imagen» or a file's name describe nothing


@cache
def known_links() -> frozenset[str]:
    return frozenset(link["url"] for link in tomllib.loads(LINKS.read_text("utf-8"))["link"])


def parts_of(document: Document) -> Parts:
    whole = Parts()
    for text in document.texts:
        parts = take_apart(text)
        whole.words += parts.words
        whole.headings += parts.headings
        whole.pictures += parts.pictures
        whole.links += parts.links
    return whole


def heading_mistakes(parts: Parts) -> list[str]:
    mistakes = []
    previous = 0
    for where, level, title in parts.headings:
        if level == 0:
            mistakes.append(f"{where}: a heading in HTML ({title}); write it with #")
            continue
        if level > previous + 1:
            mistakes.append(f"{where}: «{title}» jumps from level {previous} to {level}")
        if level == 1 and previous:
            mistakes.append(f"{where}: «{title}» is a second title")
        previous = level
    if not parts.headings:
        mistakes.append("no headings")
    return mistakes


def picture_mistakes(parts: Parts) -> list[str]:
    return [
        f"{where}: {source}: {alt!r} does not describe the picture"
        for where, alt, source in parts.pictures
        if len(alt.strip()) < ALT_AT_LEAST or alt.strip().endswith((".png", ".svg", ".jpg"))
    ]


def anchor(text: str) -> str:
    """The same for GitHub's anchors and JupyterLab's, which differ in case and in what they drop."""
    return re.sub(r"[\W_]+", "", unquote(text).casefold())


def link_mistakes(parts: Parts, folder: Path) -> list[str]:
    anchors = {anchor(title) for _, _, title in parts.headings}
    mistakes = []
    for where, address in [*parts.links, *((where, source) for where, _, source in parts.pictures)]:
        path, _, fragment = address.partition("#")
        if re.match(r"[a-z][a-z0-9+.-]*:|//", address, re.IGNORECASE):
            if address not in known_links():
                mistakes.append(f"{where}: {address} is not in data/links.toml")
        elif path.startswith("/"):
            mistakes.append(f"{where}: {address} must be relative")
        elif path and not (folder / unquote(path)).exists():
            mistakes.append(f"{where}: {address} does not exist")
        elif not path and anchor(fragment) not in anchors:
            mistakes.append(f"{where}: no heading for {address}")
    return mistakes


def test_the_documents_were_found():
    assert documents()[0].path.name == "README.md"
    assert len(documents()) > len(list((NOTEBOOKS / "src").glob("*.py")))
    for document in documents():
        assert len(parts_of(document).headings) >= 3, document.path


@pytest.mark.parametrize("document", documents(), ids=lambda document: document.path.name)
def test_headings_pictures_and_links_are_right(document):
    parts = parts_of(document)
    mistakes = heading_mistakes(parts) + picture_mistakes(parts) + link_mistakes(parts, document.folder)
    assert not mistakes, "\n".join(mistakes)


def test_every_known_link_is_used_https_and_with_its_reason():
    used = {address for document in documents() for _, address in parts_of(document).links}
    links = tomllib.loads(LINKS.read_text("utf-8"))["link"]
    assert links
    assert [link["url"] for link in links if link["url"] not in used] == []
    assert all(link["url"].startswith("https://") and link["reason"].strip() for link in links)


def test_links_are_written_from_the_notebooks_folder():
    """The build deepens them for the solved edition; one with ../../ already would leave the project."""
    for document in documents():
        assert not [a for _, a in parts_of(document).links if a.startswith("../../")], document.path


PLANTED = {
    "# Uno\n\n### Tres": ["jumps from level 1 to 3"],
    "## Dos": ["jumps from level 0 to 2"],
    "# Uno\n\n## Dos\n\n# Otro": ["is a second title"],
    "Sin títulos": ["no headings"],
    "# Uno\n\n<h2>Dos</h2>": ["a heading in HTML"],
    "# Uno\n\n## Dos\n\n### Tres\n\n## Dos": [],
    "# Uno\n\n![](../README.md)": ["does not describe the picture"],
    "# Uno\n\n![captura.png](../README.md)": ["does not describe the picture"],
    '# Uno\n\n<img src="../README.md">': ["does not describe the picture"],
    '# Uno\n\nTexto <img src="../README.md" alt="El plano del restaurante"> y más': [],
    "# Uno\n\n![El plano del restaurante](../nada.png)": ["does not exist"],
    "# Uno\n\n[a](99_nada.ipynb)": ["99_nada.ipynb does not exist"],
    "# Uno\n\n[a](../README.md) [b](#uno)": [],
    "# Uno\n\n[a](#dos)": ["no heading for #dos"],
    "# Uno\n\n[a](/docs)": ["must be relative"],
    "# Uno\n\n[a](https://ejemplo.mx)": ["https://ejemplo.mx is not in data/links.toml"],
    "# Uno\n\n<https://ejemplo.mx>": ["https://ejemplo.mx is not in data/links.toml"],
    '# Uno\n\n<a href="//ejemplo.mx">a</a>': ["//ejemplo.mx is not in data/links.toml"],
}


@pytest.mark.parametrize(("markdown", "messages"), PLANTED.items(), ids=range(len(PLANTED)))
def test_a_planted_mistake_is_caught(tmp_path, markdown, messages):
    parts = take_apart(Text(tmp_path / "x.md", 1, markdown))
    mistakes = heading_mistakes(parts) + picture_mistakes(parts) + link_mistakes(parts, NOTEBOOKS)
    assert len(mistakes) == len(messages), mistakes
    assert all(message in mistake for message, mistake in zip(messages, mistakes, strict=True))

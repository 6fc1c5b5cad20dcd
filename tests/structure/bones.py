"""What DESIGN.md asks of a chapter, as a function from a source to the list of what it lacks.

Conventions that a source keeps, so that this can be told without judging its prose:

- Title `# 7 · …` with the curriculum's title; the promise is the next paragraph, one sentence with
  «construirás», «vas a construir» or «en este capítulo».
- Map: `**Aprenderás` with 2–4 bullets, `**Necesitas**`, `**Minutos:** 45` as in data/curriculum.toml.
- `## La historia`: three sentences.
- 4–6 live sections: each `##` with code before `## Sala de averías`. Each has `**Predice`, `**Ejecuta`,
  `**Compara` and `**Qué acaba de pasar`, in that order, and calls `predict(…)` and `.compare(…)`.
- After the breakdowns, in this order: exercises (`check("07.1"` and `hint("07.1")`, and the same for 07.2),
  `quiz("07")`, `## ¿Dónde se rompe la analogía?`, `## Resumen` with as many bullets as the map, `## En la
  práctica`, the next chapter («siguiente»). The last code cell ends with `stop_all()`.
- Minutes: every `instructor` cell starts with `> **Para quien enseña** (3 min).`; they add up to the
  chapter's. Each live section, the breakdowns and the exercises have one.
- Code cells: at most 15 lines that are not blank, 30 with the tag `long`; text before each one; no `#
  NBVAL_`; at most one `nbval-ignore-output`, with the comment `# Salida no comparada: …`.

Chapter 00 is a welcome: title, promise, minutes and the rules for cells, without the rest of the skeleton.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from notebooks.build import Cell, Source

MINUTES = re.compile(r"> \*\*Para quien enseña\*\* \((\d+) min\)\.")
SENTENCE_END = re.compile(r"[.?!…][»”)]?(?=\s|$)")
STEPS = ["**Predice", "**Ejecuta", "**Compara", "**Qué acaba de pasar"]
ENDING = ["Sala de averías", r"Ejercicio", r"¿Dónde se rompe la analogía\?", "Resumen", "En la práctica"]


@dataclass
class Section:
    """A `##` heading and what follows it, up to the next one."""

    title: str
    text: str = ""
    code: list[Cell] = field(default_factory=list)
    notes: int = 0


def prose(source: Source) -> Iterator[Cell]:
    return (cell for cell in source.cells if not cell.is_code and "instructor" not in cell.tags)


def sections(source: Source) -> list[Section]:
    found = [Section("")]
    for cell in source.cells:
        if cell.is_code:
            found[-1].code.append(cell)
        elif "instructor" in cell.tags:
            found[-1].notes += 1
        else:
            for line in cell.node.source.splitlines():
                if line.startswith("## "):
                    found.append(Section(line[3:].strip()))
                else:
                    found[-1].text += f"{line}\n"
    return found


def live_sections(source: Source) -> list[Section]:
    titles = [section.title for section in sections(source)]
    end = next((n for n, title in enumerate(titles) if title.startswith("Sala de averías")), len(titles))
    return [section for section in sections(source)[:end] if section.code]


def bullets(text: str) -> int:
    return len(re.findall(r"^[-*] ", text, re.MULTILINE))


def code_of(source: Source) -> str:
    return "\n".join(cell.node.source for cell in source.cells if cell.is_code)


# --- one rule a function: each yields what is missing -------------------------------------------------------


def opening(source: Source, chapter: dict[str, Any]) -> Iterator[str]:
    paragraphs = source.cells[0].node.source.split("\n\n")
    wanted = f"# {chapter['number']} · {chapter['title']}"
    if paragraphs[0] != wanted:
        yield f"title: «{paragraphs[0]}» instead of «{wanted}»"
    promise = paragraphs[1] if len(paragraphs) > 1 else ""
    if not re.search(r"construirás|vas a construir|en este capítulo", promise, re.IGNORECASE):
        yield "promise: the paragraph after the title has no «construirás» nor «en este capítulo»"
    elif len(SENTENCE_END.findall(promise)) != 1:
        yield "promise: it is one sentence"
    said = re.search(r"\*\*Minutos:\*\* (\d+)", source.cells[0].node.source)
    if not said or int(said[1]) != chapter["minutes"]:
        yield f"map: no «**Minutos:** {chapter['minutes']}» in the first cell"


def the_map(source: Source, chapter: dict[str, Any]) -> Iterator[str]:
    start = source.cells[0].node.source.partition("\n## ")[0]
    if not 2 <= bullets(start) <= 4:
        yield f"map: {bullets(start)} points to learn, not 2–4"
    for part in ("**Aprenderás", "**Necesitas**"):
        if part not in start:
            yield f"map: no «{part}»"


def story(source: Source, chapter: dict[str, Any]) -> Iterator[str]:
    found = next((section for section in sections(source) if section.title == "La historia"), None)
    if not found:
        yield "story: no «## La historia»"
    elif len(SENTENCE_END.findall(found.text)) != 3:
        yield f"story: {len(SENTENCE_END.findall(found.text))} sentences, not three"


def live(source: Source, chapter: dict[str, Any]) -> Iterator[str]:
    found = live_sections(source)
    if not 4 <= len(found) <= 6:
        yield f"live sections: {len(found)}, not 4–6"
    for section in found:
        places = [section.text.find(step) for step in STEPS]
        lacking = [step.strip("*") for step, place in zip(STEPS, places, strict=True) if place < 0]
        if lacking:
            yield f"«{section.title}»: no {', '.join(lacking)}"
        elif places != sorted(places):
            yield f"«{section.title}»: predict, run, compare and explain, in that order"
        code = "\n".join(cell.node.source for cell in section.code)
        if "predict(" not in code or ".compare(" not in code:
            yield f"«{section.title}»: no predict(…) with its .compare(…)"


def ending(source: Source, chapter: dict[str, Any]) -> Iterator[str]:
    titles = [section.title for section in sections(source)]
    places = []
    for pattern in ENDING:
        place = next((n for n, title in enumerate(titles) if re.match(pattern, title)), None)
        if place is None:
            yield f"no section «{pattern}»"
        else:
            places.append(place)
    if places != sorted(places):
        yield "the sections after the live ones are not in DESIGN.md's order"
    whole = "\n".join(cell.node.source for cell in source.cells)
    if "siguiente" not in whole.rpartition("\n## En la práctica")[2].casefold():
        yield "the next chapter is not named after «En la práctica»"
    summary = next((section for section in sections(source) if section.title.startswith("Resumen")), None)
    points = bullets(source.cells[0].node.source)
    if summary and bullets(summary.text) != points:
        yield f"summary: {bullets(summary.text)} points for the {points} of the map"


def exercises(source: Source, chapter: dict[str, Any]) -> Iterator[str]:
    number = f"{chapter['number']:02d}"
    stubs = sum("exercise" in cell.tags for cell in source.cells)
    if stubs < 2:
        yield f"exercises: {stubs} cells tagged «exercise», not two or more"
    whole = "\n".join(cell.node.source for cell in source.cells)
    for call, where in (("check", code_of(source)), ("hint", whole)):
        called = set(re.findall(rf'\b{call}\("([^"]+)"', where))
        if called != {f"{number}.1", f"{number}.2"}:
            yield f"exercises: {call}(…) is called for {sorted(called)}, not for {number}.1 and {number}.2"
    if f'quiz("{number}")' not in code_of(source):
        yield f'no quiz("{number}")'


def claims(source: Source, chapter: dict[str, Any]) -> Iterator[str]:
    tagged = {tag.removeprefix("claim:") for c in source.cells for tag in c.tags if tag.startswith("claim:")}
    wanted = {claim["id"] for claim in chapter["claims"]}
    if tagged != wanted:
        yield f"claims: missing {sorted(wanted - tagged)}, unknown {sorted(tagged - wanted)}"


def minutes(source: Source, chapter: dict[str, Any]) -> Iterator[str]:
    total = 0
    for cell in source.cells:
        if "instructor" in cell.tags:
            found = MINUTES.match(cell.node.source)
            if not found:
                yield f"line {cell.line}: the note does not start with «> **Para quien enseña** (N min).»"
            total += int(found[1]) if found else 0
    if total != chapter["minutes"]:
        yield f"minutes: the notes add up to {total}, the chapter has {chapter['minutes']}"
    breakdowns = [section for section in sections(source) if section.title.startswith("Sala de averías")]
    for section in [*live_sections(source), *breakdowns] if chapter["number"] else []:
        if not section.notes:
            yield f"minutes: no note in «{section.title}»"
    exercises = [section for section in sections(source) if section.title.startswith("Ejercicio")]
    if exercises and not any(section.notes for section in exercises):
        yield "minutes: no note in the exercises"


def cells(source: Source, chapter: dict[str, Any]) -> Iterator[str]:
    for cell in source.cells:
        size = sum(bool(line.strip()) for line in cell.node.source.splitlines())
        limit = 30 if "long" in cell.tags else 15
        if cell.is_code and size > limit:
            yield f"line {cell.line}: {size} lines of code, more than {limit}"
        if cell.is_code and "NBVAL_" in cell.node.source:
            yield f"line {cell.line}: a «# NBVAL_» comment; use a tag"
        if "nbval-ignore-output" in cell.tags and "# Salida no comparada: " not in cell.node.source:
            yield f"line {cell.line}: no «# Salida no comparada: …» beside the ignored output"
    if sum("nbval-ignore-output" in cell.tags for cell in source.cells) > 1:
        yield "more than one ignored output"
    for edition in (source.participant(), source.solved()):
        read = [cell for cell in edition if "instructor" not in cell.tags]
        for previous, cell in zip([None, *read[:-1]], read, strict=True):
            if cell.is_code and (previous is None or previous.is_code):
                yield f"line {cell.line}: no text before the code"


def modules(source: Source, chapter: dict[str, Any]) -> Iterator[str]:
    for section in sections(source):
        for number, cell in enumerate(section.code):
            before = "".join(earlier.node.source for earlier in section.code[:number])
            if cell.node.source.startswith("%%module ") and "from workshop import" not in before:
                yield f"line {cell.line}: no %%module, after a restart, until the section imports workshop"


def closing(source: Source, chapter: dict[str, Any]) -> Iterator[str]:
    last = [cell for cell in source.cells if cell.is_code][-1:]
    if not last or last[0].node.source.splitlines()[-1] != "stop_all()":
        yield "the last code cell does not end with stop_all()"


WELCOME: list[Callable[[Source, dict[str, Any]], Iterator[str]]] = [
    opening,
    claims,
    minutes,
    cells,
    modules,
    closing,
]
WHOLE = [opening, the_map, story, live, ending, exercises, claims, minutes, cells, modules, closing]


def lacks(source: Source, chapter: dict[str, Any]) -> list[str]:
    rules = WHOLE if chapter["number"] else WELCOME
    return list(dict.fromkeys(message for rule in rules for message in rule(source, chapter)))

"""The facts that chapters share: the curriculum, the menu and the glossary are whole and consistent."""

import re
from collections import Counter

from workshop import facts

CHAPTERS = facts.load("curriculum.toml")["chapter"]
DISHES = facts.load("menu.toml")["dish"]
TERMS = facts.load("glossary.toml")["term"]


def test_the_curriculum_has_the_welcome_and_seventeen_chapters():
    assert [chapter["number"] for chapter in CHAPTERS] == list(range(18))
    for key in ("slug", "title", "guide_title"):
        assert len({chapter[key] for chapter in CHAPTERS}) == 18
    for chapter in CHAPTERS:
        assert re.fullmatch(r"[a-z_]+", chapter["slug"])
        assert re.match(r"[A-ZÁÉÍÓÚ]\w+[aei]r\b", chapter["title"]), (
            "a title starts with a verb: «Construir …»"
        )
        assert 10 <= chapter["minutes"] <= 60
        assert chapter["live"]


def test_each_claim_is_numbered_after_its_chapter():
    for chapter in CHAPTERS:
        ids = [claim["id"] for claim in chapter["claims"]]
        assert ids == [f"{chapter['number']:02d}.{n}" for n in range(1, len(ids) + 1)]
        assert all(claim["text"].endswith(".") for claim in chapter["claims"])
        assert bool(ids) == bool(chapter["number"])


def test_the_menu_is_a_real_one():
    assert len(DISHES) >= 40
    assert len({dish["name"].casefold() for dish in DISHES}) == len(DISHES)
    kinds = Counter(dish["category"] for dish in DISHES)
    assert set(kinds) == {"entrada", "plato fuerte", "postre", "bebida"}
    assert min(kinds.values()) >= 5
    assert all(isinstance(dish["price"], int) and 20 <= dish["price"] <= 400 for dish in DISHES)
    assert 0 < sum(not dish["available"] for dish in DISHES) < len(DISHES) / 4
    assert all(dish["description"].endswith(".") for dish in DISHES)


def test_the_glossary_says_each_term_once():
    assert len(TERMS) >= 35
    assert len({term["es"] for term in TERMS}) == len({term["en"] for term in TERMS}) == len(TERMS)
    for term in TERMS:
        assert term["definition"].endswith("."), term["es"]
        assert len(re.findall(r"[.?!](?:\s|$)", term["definition"])) == 1, f"one sentence: {term['es']}"

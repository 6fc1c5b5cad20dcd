"""Chapter 11 in a real browser: who sees each cookie, which ones outlive it, and whose orders get in."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, sync_playwright

from tests.browser.conftest import FLAGS

CHAPTER = "notebooks/11_cookies_y_sesiones.ipynb"
ATTRIBUTES, ROOM = "2. Lo que dice el ticket", "Sala de averías"
TICKETS = ["de_hoy", "del_mes", "fugaz", "oculta", "estricta", "cifrada"]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """As everywhere, but `localhost` is this machine too: for a browser, another site than 127.0.0.1."""
    flags = [f"{flag}, EXCLUDE localhost" if "resolver" in flag else flag for flag in FLAGS]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield launched
        launched.close()


@pytest.fixture
def chapter(open_notebook):
    return open_notebook(CHAPTER)


def framed(chapter, said: str) -> tuple[FrameLocator, str]:
    """The live page whose frame has that title, and its address."""
    frame = chapter.page.locator(f'.jp-NotebookPanel iframe[title="{said}"]').last
    frame.wait_for()
    return frame.content_frame, str(frame.get_attribute("src"))


def run_pages(chapter, section: str) -> None:
    chapter.run_cells(*chapter.sections()[section])
    assert chapter.failures() == []


def row(wallet: FrameLocator | Page, name: str) -> list[str]:
    cells = wallet.locator(f"#comanda_{name} td")
    return [cells.nth(0).inner_text(), cells.nth(1).inner_text()]


def press(wallet: FrameLocator | Page, verb: str, name: str) -> None:
    wallet.get_by_role("button", name=f"{verb} comanda_{name}").click()
    wallet.get_by_role("status").get_by_text(f"«comanda_{name}»").wait_for()


def jar(chapter) -> dict[str, dict]:
    return {c["name"]: c for c in chapter.page.context.cookies() if c["name"].startswith("comanda_")}


def test_the_page_tells_who_sees_each_cookie(chapter):
    run_pages(chapter, ATTRIBUTES)
    wallet, src = framed(chapter, "bolsillo: /wallet")
    for name in TICKETS[:2] + TICKETS[3:5]:
        press(wallet, "Pedir", name)
    assert [row(wallet, name) for name in ("de_hoy", "del_mes", "oculta", "estricta")] == [
        ["sí", "sí"],
        ["sí", "sí"],
        ["no", "sí"],
        ["sí", "sí"],
    ]
    kept = jar(chapter)
    assert {cookie["path"] for cookie in kept.values()} == {"/wallet"}  # JupyterLab is never sent them
    assert kept["comanda_oculta"]["httpOnly"]
    assert kept["comanda_del_mes"]["expires"] > 0 > kept["comanda_de_hoy"]["expires"]

    press(wallet, "Pedir", "fugaz")
    wallet.locator("#comanda_fugaz td", has_text="no").nth(1).wait_for()  # nobody pressed anything else

    press(wallet, "Tirar", "estricta")
    wallet.locator("#comanda_estricta td", has_text="no").first.wait_for()
    assert row(wallet, "estricta") == ["no", "no"]

    same = chapter.page.context.new_page()
    same.goto(src)
    same.locator("#comanda_oculta td", has_text="sí").first.wait_for()
    seen = same.evaluate("document.cookie")
    assert "comanda_del_mes=77" in seen
    assert "comanda_oculta" not in seen
    same.close()


def test_what_says_how_long_it_lasts_outlives_a_browser_that_closes(chapter, browser, chromium, tmp_path):
    run_pages(chapter, ATTRIBUTES)
    src = framed(chapter, "bolsillo: /wallet")[1]

    def opened() -> BrowserContext:
        return browser.browser_type.launch_persistent_context(tmp_path, executable_path=chromium, args=FLAGS)

    context = opened()
    page = context.new_page()
    page.goto(src)
    for name in ("de_hoy", "del_mes", "oculta"):
        press(page, "Pedir", name)
        assert row(page, name)[1] == "sí"
    context.close()

    context = opened()
    page = context.new_page()
    page.goto(src)
    page.locator("#comanda_del_mes td", has_text="sí").first.wait_for()
    assert row(page, "del_mes") == ["sí", "sí"]
    assert row(page, "de_hoy") == row(page, "oculta") == ["no", "no"]
    context.close()


def test_a_new_browser_has_nothing_and_a_brief_ticket_goes_away(chapter, browser):
    run_pages(chapter, ATTRIBUTES)
    wallet, src = framed(chapter, "bolsillo: /wallet")
    press(wallet, "Pedir", "fugaz")
    fresh = browser.new_context().new_page()
    fresh.goto(src)
    fresh.locator("#comanda_de_hoy td", has_text="no").first.wait_for()
    assert fresh.evaluate("document.cookie") == ""
    fresh.context.close()
    while "comanda_fugaz" in jar(chapter):
        chapter.page.wait_for_timeout(50)


def test_the_page_outlives_its_section_and_says_when_its_service_is_gone(chapter, browser):
    run_pages(chapter, ATTRIBUTES)
    run_pages(chapter, "3. La contraseña que nadie guarda")
    page = browser.new_context().new_page()
    page.goto(framed(chapter, "bolsillo: /wallet")[1])
    press(page, "Pedir", "del_mes")
    assert row(page, "del_mes") == ["sí", "sí"]

    last = len(chapter.sources()) - 1
    chapter.run_cells(last, last + 1)
    page.get_by_role("button", name="Pedir comanda_oculta").click()
    page.get_by_role("status").get_by_text("ejecuta otra vez su sección").wait_for()
    page.context.close()


def test_a_foreign_form_gets_in_from_the_same_site_only_until_there_is_a_guard(chapter, browser):
    cells = chapter.sources()
    first, end = chapter.sections()[ROOM]
    trap_shown = next(i for i in range(first, end) if cells[i].startswith("page(trap"))
    chapter.run_cells(first, trap_shown + 1)
    assert chapter.failures() == []
    till = framed(chapter, "caja: /till")[1]
    trap = framed(chapter, "recetas: /")[1]

    context = browser.new_context()
    page = context.new_page()
    page.goto(till)
    page.get_by_role("button", name="Entrar").click()
    page.get_by_text("Ya entraste").wait_for()
    (cookie,) = context.cookies()
    assert (cookie["name"], cookie["path"], cookie["httpOnly"]) == ("comanda_till", "/till", True)
    assert page.evaluate("document.cookie") == ""

    def ask_for_the_recipe(address: str) -> str:
        page.goto(address)
        page.get_by_role("button", name="Ver la receta del mole").click()
        page.wait_for_url(re.compile("/till/tips$"))
        return page.locator("body").inner_text()

    elsewhere = trap.replace("127.0.0.1", "localhost")
    assert "mesera dejó 500 pesos" in ask_for_the_recipe(trap)  # another port is the same site
    assert "No sé quién eres" in ask_for_the_recipe(elsewhere)  # SameSite=Lax: the cookie stays at home

    chapter.run_cells(trap_shown + 1, end)
    assert chapter.failures() == []
    for address in (trap, elsewhere):
        assert "no salió de una página mía" in ask_for_the_recipe(address)
    page.goto(till)
    page.get_by_role("button", name="Entrar").click()
    page.goto(till)
    page.get_by_role("button", name="Dejar 20 pesos").click()
    page.get_by_text("mesera dejó 20 pesos").wait_for()
    context.close()


def test_in_the_notebook_the_trap_works_inside_its_own_frame(chapter):
    cells = chapter.sources()
    first, end = chapter.sections()[ROOM]
    trap_shown = next(i for i in range(first, end) if cells[i].startswith("page(trap"))
    chapter.run_cells(first, trap_shown + 1)
    till, _ = framed(chapter, "caja: /till")
    till.get_by_role("button", name="Entrar").click()
    till.get_by_text("Ya entraste").wait_for()
    recipes, _ = framed(chapter, "recetas: /")
    recipes.get_by_role("button", name="Ver la receta del mole").click()
    recipes.get_by_text("mesera dejó 500 pesos").wait_for()

"""The open pages in a real browser, as a parent uses them: two languages, no script, keyboard alone, a phone, print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from conftest import PHONE, SCREENSHOTS, WIDE, Server
from remission.knowledge.model import LANGS, Lang
from remission.rules.compiled import load_library, load_shelf
from remission.site.addresses import address

PATHS = [guide for guide in load_shelf().guides.values() if guide.kind == "path"]
_FIRST = {
    kind: next(guide.id for guide in load_shelf().guides.values() if guide.kind == kind) for kind in ("path", "test", "sheet")
}


def open_pages(lang: Lang) -> Iterator[str]:
    """One of every kind of page."""
    yield from (address(page, lang) for page in _ALONE)
    yield address("start", lang, _FIRST["path"])
    yield address("test", lang, _FIRST["test"])
    yield address("sheet", lang, _FIRST["sheet"])
    yield address("topic", lang, "minimal-residual-disease")
    yield address("topic", lang, "remission-and-cure") + "?numbers=yes"
    yield address("topic", lang, "symptoms") + "?level=professional"
    yield address("scheme", lang, "nci-rome")
    yield address("source", lang, "pdq-patient-2024")
    yield address("risk-question", lang, "wbc")
    yield address("search", lang) + "?q=leucemia"
    yield address("search", lang) + "?q=qwxzv"
    yield address("topic", lang, "not-there")


_ALONE = (
    "home", "topics", "search", "risk", "schemes", "cells", "tests", "counts", "urgent", "treatment", "outlook", "after", "prepare",
    "words", "about", "sources", "marrow",
)  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("guide", PATHS, ids=lambda guide: guide.id)
def test_each_way_in_is_one_tap_from_the_first_page(page: Page, lang: Lang, guide: Any) -> None:
    page.goto(f"/{lang}/")
    page.get_by_role("link", name=guide.title.in_(lang)).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(guide.title.in_(lang))
    for part in guide.parts:
        expect(page.get_by_role("heading", name=part.heading.in_(lang), exact=True)).to_be_visible()


def fill_in_a_child(page: Page, lang: Lang, age: str) -> None:
    facts = load_library().facts
    page.goto(address("risk", lang))
    page.get_by_label(facts["age_days"].label.in_(lang)).fill(age)
    page.get_by_label(facts["wbc"].label.in_(lang)).fill("6500")
    page.locator("#wbc-unit").select_option("/uL")
    page.locator('input[name="lineage"][value="b"]').check()
    page.get_by_role("button", name=load_library().words["site-show-answer"].in_(lang)).click()


@pytest.mark.parametrize("lang", LANGS)
def test_a_risk_group_is_explained_with_results_still_out(page: Page, lang: Lang) -> None:
    fill_in_a_child(page, lang, "12 years" if lang == "en" else "12 años")
    nci = page.locator("#nci-rome")
    expect(nci.locator(".tag.decided")).to_have_text("High risk" if lang == "en" else "Riesgo alto")
    expect(page.locator("#cog-08b1 .tag.open")).to_be_visible()
    nci.locator("summary").click()
    expect(nci.locator("tr.here")).to_be_visible()
    assert "6500" not in page.url
    page.reload()
    expect(nci.locator(".tag.decided")).to_be_visible()
    page.get_by_role("button", name=load_library().words["site-forget"].in_(lang)).click()
    expect(page.locator("#age_days")).to_have_value("")


def test_the_same_without_script(without_script: Page) -> None:
    fill_in_a_child(without_script, "es", "12 años")
    expect(without_script.locator("#nci-rome .tag")).to_have_text("Riesgo alto")
    without_script.goto(address("topic", "es", "minimal-residual-disease"))
    without_script.locator("main .term").first.click()
    expect(without_script.locator(".word:popover-open")).to_be_visible()


def test_an_unreadable_count_is_mended_and_nothing_typed_is_lost(page: Page) -> None:
    page.goto(address("risk", "en"))
    page.locator("#age_days").fill("4 years")
    page.locator("#wbc").fill("12")
    page.locator('input[name="lineage"][value="b"]').check()
    page.get_by_role("button", name="Show what follows").click()
    problems = page.get_by_role("alert")
    expect(problems).to_be_focused()
    expect(problems).to_contain_text("of what")
    expect(page.locator("#age_days")).to_have_value("4 years")
    problems.get_by_role("link").first.click()
    page.locator("#wbc-unit").select_option("10*9/L")
    page.get_by_role("button", name="Show what follows").click()
    expect(page.locator("#nci-rome .tag")).to_have_text("Standard risk")


@pytest.mark.parametrize(
    ("lang", "query", "topic"),
    [("en", "tiny red dots on skin", "symptoms"), ("en", "lukemia simptoms", "symptoms"), ("es", "leusemia sintomas", "symptoms")],
)
def test_search_from_any_page_finds_what_is_misspelt(page: Page, lang: Lang, query: str, topic: str) -> None:
    page.goto(address("about", lang))
    page.get_by_role("searchbox").fill(query)
    page.keyboard.press("Enter")
    page.locator(f'.hits a[href^="{address("topic", lang, topic)}"]').first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(load_shelf().topics[topic].title.in_(lang))


def test_by_keyboard_alone(page: Page) -> None:
    page.goto("/en/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="We have just heard")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(re.escape(address("start", "en", "just-heard"))))
    page.goto(address("topic", "en", "minimal-residual-disease"))
    page.locator("main .term").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".word:popover-open")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".word:popover-open")).to_have_count(0)


@pytest.mark.parametrize("lang", LANGS)
def test_language_and_level_change_in_place(page: Page, lang: Lang) -> None:
    page.goto(address("topic", lang, "symptoms"))
    last = page.locator(".claim").last
    last.scroll_into_view_if_needed()
    page.evaluate("document.querySelector('.switch').click()")
    page.wait_for_url(lambda url: f"/{'es' if lang == 'en' else 'en'}/" in url)
    assert "#" in page.url


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320], ids=["wide", "zoomed to 400 %"])
def test_no_page_shuts_anybody_out(browser: Browser, base_url: str, lang: Lang, scheme: Any, width: int) -> None:
    """axe: WCAG 2.2 AA and best practice, no violation; nothing needs sideways scrolling."""
    context = browser.new_context(
        base_url=base_url, color_scheme=scheme, viewport={"width": width, "height": 256 if width == 320 else 900}
    )
    page = context.new_page()
    found: dict[str, Any] = {}
    pages = [*open_pages(lang)]
    for path in pages:
        page.goto(path)
        problems = _axe_problems(page)
        found |= {path: problems} if problems else {}
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        found |= {f"{path} is too wide": wider} if wider > 0 else {}
    fill_in_a_child(page, lang, "12 y")
    problems = _axe_problems(page)
    context.close()
    assert found == {}
    assert problems == []
    assert len(pages) > 25


_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def _axe_problems(page: Page) -> list[str]:
    violations = Axe().run(page, options=_RULES).response["violations"]
    return [f"{rule['id']}: {rule['help']}: {[node['html'][:120] for node in rule['nodes'][:3]]}" for rule in violations]


def test_nothing_is_asked_of_another_host(page: Page, asked: list[str], base_url: str) -> None:
    for lang in LANGS:
        for path in open_pages(lang):
            page.goto(path)
    assert len(asked) > 50
    assert [url for url in asked if not url.startswith((base_url, "data:"))] == []


def test_a_page_once_opened_can_be_read_with_the_server_stopped(browser: Browser, tmp_path: Path) -> None:
    own = Server(tmp_path)
    context = browser.new_context(base_url=own.address)
    page = context.new_page()
    topic = address("topic", "es", "symptoms")
    page.goto("/es/")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.goto(topic)
    fill_in_a_child(page, "es", "12 años")
    own.stop()
    page.goto(topic)
    expect(page.get_by_role("heading", level=1)).to_have_text(load_shelf().topics["symptoms"].title.es)
    kept = page.evaluate("caches.keys().then(names => caches.open(names[0])).then(c => c.keys()).then(k => k.map(r => r.url))")
    assert [url for url in kept if "grupo-de-riesgo" in url] == [], "a child's facts must not be kept"
    context.close()


@pytest.mark.parametrize("lang", LANGS)
def test_a_page_prints_like_a_leaflet(page: Page, lang: Lang) -> None:
    page.goto(address("topic", lang, "symptoms"))
    page.emulate_media(media="print")
    expect(page.locator(".call")).to_be_hidden()
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.locator(".word").first).to_be_visible()
    assert page.pdf(format="Letter").startswith(b"%PDF-")


@pytest.mark.parametrize("lang", LANGS)
def test_a_list_of_questions_can_be_printed(page: Page, lang: Lang) -> None:
    page.goto(address("sheet", lang, _FIRST["sheet"]))
    link = page.get_by_role("link", name=load_library().words["site-pdf"].in_(lang))
    answer = page.request.get(link.get_attribute("href") or "")
    assert answer.body().startswith(b"%PDF-")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_pictures_of_the_key_pages_to_look_at(browser: Browser, base_url: str, lang: Lang, size: Any) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(base_url=base_url, viewport=size)
    page = context.new_page()
    for path in open_pages(lang):
        page.goto(path)
        name = path.split("?")[0].strip("/").replace("/", "-")
        page.screenshot(path=SCREENSHOTS / f"{name}-{size['width']}.png", full_page=True)
    fill_in_a_child(page, lang, "12 y")
    page.screenshot(path=SCREENSHOTS / f"{lang}-risk-answer-{size['width']}.png", full_page=True)
    context.close()
    assert len(list(SCREENSHOTS.glob(f"{lang}-*-{size['width']}.png"))) > 25

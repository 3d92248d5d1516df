"""The open pages in a real browser, as a parent uses them: two languages, no script, keyboard alone, a phone, print."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accessibility import barriers
from conftest import Server
from every_page import LOOKS, fill_in_a_child, first_guide, open_pages
from remission.knowledge.model import LANGS, Lang
from remission.rules.compiled import load_library, load_shelf
from remission.site.addresses import address

PATHS = [guide for guide in load_shelf().guides.values() if guide.kind == "path"]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("guide", PATHS, ids=lambda guide: guide.id)
def test_each_way_in_is_one_tap_from_the_first_page(page: Page, lang: Lang, guide: Any) -> None:
    page.goto(f"/{lang}/")
    page.get_by_role("link", name=guide.title.in_(lang)).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(guide.title.in_(lang))
    for part in guide.parts:
        expect(page.get_by_role("heading", name=part.heading.in_(lang), exact=True)).to_be_visible()


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
@pytest.mark.parametrize(("scheme", "size"), LOOKS)
def test_no_page_shuts_anybody_out(browser: Browser, base_url: str, lang: Lang, scheme: Any, size: Any) -> None:
    """axe: WCAG 2.2 AA and best practice, no violation; nothing needs sideways scrolling."""
    context = browser.new_context(base_url=base_url, color_scheme=scheme, viewport=size)
    page = context.new_page()
    found: list[str] = []
    pages = [*open_pages(lang)]
    for path in pages:
        page.goto(path)
        found += barriers(page)
    fill_in_a_child(page, lang, "12 y")
    found += barriers(page)
    context.close()
    assert found == []
    assert len(pages) > 25


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
    page.goto(address("sheet", lang, first_guide("sheet")))
    link = page.get_by_role("link", name=load_library().words["site-pdf"].in_(lang))
    answer = page.request.get(link.get_attribute("href") or "")
    assert answer.body().startswith(b"%PDF-")

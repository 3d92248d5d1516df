"""Trials and places in a real browser: found without script, nobody shut out, nothing asked of another host, printed, looked at."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accessibility import barriers
from every_page import EXAMPLE, LOOKS, STUDY, own_trial_pages, say, show_example, trial_pages
from remission.knowledge.model import LANGS, Lang
from remission.site.addresses import address


@pytest.mark.parametrize("lang", LANGS)
def test_a_family_finds_a_study_without_script(without_script: Page, lang: Lang) -> None:
    page = without_script
    page.goto(f"/{lang}/")
    page.get_by_role("link", name=say("page-trials", lang)).first.click()
    page.locator("#age").fill("4y")
    page.locator("#near").fill("Washington, DC")
    page.locator("#within").fill("100")
    page.get_by_role("button", name=say("page-ask-go", lang)).click()
    expect(page.locator(".map svg")).to_be_visible()
    card = page.locator("article.study").first
    card.locator("summary").click()
    expect(card.locator(".criteria .tag").first).to_be_visible()
    title = card.locator("h3").inner_text()
    card.locator("h3 a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.get_by_role("link", name=say("study-back", lang)).click()
    expect(page.locator(".map svg")).to_be_visible()


def test_what_is_wrong_is_mended_and_nothing_typed_is_lost(page: Page) -> None:
    page.goto(address("trials", "en"))
    page.locator("#age").fill("4 years")
    page.locator("#near").fill("Springfield")
    page.get_by_role("button", name=say("page-ask-go")).click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("#age")).to_have_value("4 years")
    page.locator("#near").fill("Springfield, IL")
    page.get_by_role("button", name=say("page-ask-go")).click()
    expect(page.locator("article.study").first).to_be_visible()


def test_a_childs_facts_are_in_no_address(page: Page, asked: list[str]) -> None:
    show_example(page, "en")
    page.goto(address("my-trials", "en", child=EXAMPLE))
    expect(page.locator(".asking")).to_contain_text("B-cell ALL")
    page.locator("article.study h3 a").first.click()
    for url in asked:
        assert not any(told in url for told in ("lineage", "b-all", "born", "girl")), url


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("scheme", "size"), LOOKS)
def test_no_page_shuts_anybody_out(browser: Browser, base_url: str, lang: Lang, scheme: Any, size: Any) -> None:
    """axe: WCAG 2.2 AA and best practice, no violation; nothing needs sideways scrolling."""
    context = browser.new_context(base_url=base_url, color_scheme=scheme, viewport=size)
    page = context.new_page()
    show_example(page, lang)
    found: list[str] = []
    pages = [*trial_pages(lang), *own_trial_pages(lang)]
    for path in pages:
        page.goto(path)
        page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
        found += barriers(page)
    context.close()
    assert found == []
    assert len(pages) == 17


def test_nothing_is_asked_of_another_host(page: Page, asked: list[str], base_url: str) -> None:
    for lang in LANGS:
        show_example(page, lang)
        for path in (*trial_pages(lang), *own_trial_pages(lang)):
            page.goto(path)
    assert len(asked) > 30
    assert [url for url in asked if not url.startswith((base_url, "data:"))] == []


@pytest.mark.parametrize("lang", LANGS)
def test_a_study_and_its_questions_print(page: Page, lang: Lang) -> None:
    page.goto(address("trial", lang, STUDY) + "?near=Denver, CO")
    link = page.get_by_role("link", name=say("study-print", lang))
    assert page.request.get(link.get_attribute("href") or "").body().startswith(b"%PDF-")
    page.emulate_media(media="print")
    expect(page.locator(".call")).to_be_hidden()
    expect(page.locator(".asking")).to_be_hidden()
    expect(page.locator(".ticks").last).to_be_visible()
    expect(page.locator(".map svg")).to_be_visible()
    assert page.pdf(format="Letter").startswith(b"%PDF-")

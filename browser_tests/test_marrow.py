"""The page on the marrow in a real browser: by slider, by keyboard, without a script, on a phone, on paper."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accessibility import barriers
from every_page import LOOKS, marrow_pages, say
from remission.documents import marrow_told
from remission.documents.marrow_told import View
from remission.documents.wording import Wording
from remission.knowledge.model import LANGS, Lang
from remission.rules.compiled import load_library, load_shown
from remission.site.addresses import address

CHILD = load_shown()
PLAN = CHILD.plan
LAST = len(PLAN.days) - 1
MOST = PLAN.missed[-1].id


def when(step: int, lang: Lang = "en") -> str:
    return marrow_told.when_and_phase(Wording(load_library(), lang), View(CHILD, PLAN.missed[0].id, PLAN.spinal[0].id, step))


@pytest.mark.parametrize("lang", LANGS)
def test_the_slider_changes_the_picture_and_the_words_by_keyboard_alone(page: Page, lang: Lang) -> None:
    page.goto(address("marrow", lang))
    slider = page.get_by_role("slider")
    expect(page.get_by_role("button", name=say("marrow-show", lang))).to_have_count(0)
    slider.focus()
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    step = PLAN.days.index(7)
    expect(page.get_by_role("status")).to_have_text(when(step, lang))
    expect(slider).to_have_attribute("aria-valuetext", when(step, lang))
    expect(slider).to_be_focused()
    expect(page).to_have_url(re.compile(rf"step={step}&"))
    page.keyboard.press("End")
    expect(page.get_by_role("status")).to_have_text(when(LAST, lang))
    page.reload()
    expect(slider).to_have_value(str(LAST))
    page.get_by_role("link", name="Español" if lang == "en" else "English").click()
    expect(page.get_by_role("slider")).to_have_value(str(LAST))


def test_choices_and_links_to_moments_change_it_too_and_keep_the_focus(page: Page) -> None:
    page.goto(address("marrow", "en"))
    page.get_by_label(say(f"marrow-missed-{MOST}")).check()
    later = page.locator("#later")
    later.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text(when(PLAN.days.index(7)))
    expect(page.locator("#later")).to_be_focused()
    page.get_by_text(say("marrow-moments")).click()
    page.get_by_role("link", name=say("marrow-moment-a-year-after"), exact=True).click()
    expect(page.get_by_text("Here the model stops")).to_be_visible()
    expect(page.get_by_label(say(f"marrow-missed-{MOST}"))).to_be_checked()
    expect(page.locator("#moments")).to_have_attribute("open", "")


def test_fast_moves_end_at_the_last_one(page: Page) -> None:
    page.goto(address("marrow", "en"))
    page.get_by_role("slider").focus()
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    step = PLAN.days.index(PLAN.opens_at) + 60
    expect(page.get_by_role("status")).to_have_text(when(step))
    expect(page).to_have_url(re.compile(rf"step={step}&"))


def test_without_a_script_the_form_and_the_links_do_the_same(without_script: Page) -> None:
    page = without_script
    page.goto(address("marrow", "es"))
    page.get_by_label(say(f"marrow-missed-{MOST}", "es")).check()
    page.get_by_role("button", name=say("marrow-show", "es")).last.click()
    expect(page.get_by_label(say(f"marrow-missed-{MOST}", "es"))).to_be_checked()
    page.locator("#later").click()
    expect(page.get_by_role("status")).to_have_text(when(PLAN.days.index(7), "es"))
    expect(page.get_by_label(say(f"marrow-missed-{MOST}", "es"))).to_be_checked()


def test_a_stopped_server_is_said_and_nothing_is_lost(browser: Browser, base_url: str) -> None:
    context = browser.new_context(base_url=base_url, service_workers="block")  # requests through a worker cannot be held up here
    page = context.new_page()
    page.goto(address("marrow", "en"))
    page.route("**/*part=yes*", lambda route: route.abort())
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("alert")).to_have_text(say("marrow-lost"))
    page.unroute("**/*part=yes*")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("status")).to_have_text(when(PLAN.days.index(2)))
    expect(page.get_by_role("alert")).to_have_count(0)
    context.close()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("scheme", "size"), LOOKS)
def test_no_view_shuts_anybody_out(browser: Browser, base_url: str, lang: Lang, scheme: Any, size: Any) -> None:
    context = browser.new_context(base_url=base_url, color_scheme=scheme, reduced_motion="reduce", viewport=size)
    page = context.new_page()
    found: list[str] = []
    for path in marrow_pages(lang):
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found += barriers(page)
    context.close()
    assert found == []


def test_nothing_is_asked_of_another_host(page: Page, asked: list[str], base_url: str) -> None:
    page.goto(address("marrow", "en"))
    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("status")).to_have_text(when(LAST))
    assert any("part=yes" in url for url in asked)
    assert [url for url in asked if not url.startswith((base_url, "data:"))] == []


@pytest.mark.parametrize("lang", LANGS)
def test_on_paper_the_pictures_and_the_standing_line_stay(page: Page, lang: Lang) -> None:
    page.goto([*marrow_pages(lang)][-1])
    page.emulate_media(media="print")
    expect(page.get_by_text(say("marrow-invented", lang))).to_be_visible()
    expect(page.get_by_text(say("marrow-invented-short", lang)).first).to_be_visible()
    expect(page.get_by_role("slider")).to_be_hidden()
    expect(page.locator(".steady .when")).to_be_visible()
    expect(page.locator("figure.wide svg")).to_be_visible()
    expect(page.get_by_text(re.compile(re.escape(say(f"marrow-missed-{MOST}", lang)))).last).to_be_visible()
    assert page.pdf(format="Letter").startswith(b"%PDF-")

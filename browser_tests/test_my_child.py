"""A family's first weeks in a real browser: begin, copy a plan, delay a block, counts, medicines, the card, sharing, backup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from accessibility import barriers
from conftest import Server
from every_page import EXAMPLE, PHONE, WIDE, own_pages, say, show_example
from remission.knowledge.model import LANGS, Lang
from remission.rules.compiled import load_shelf
from remission.site.addresses import address

TODAY = date.today()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Server]:
    """A machine of its own."""
    running = Server(tmp_path / "data")
    yield running
    running.stop()


def press(page: Page, word: str, lang: Lang = "en") -> None:
    page.get_by_role("button", name=say(word, lang), exact=True).first.click()


def begin(page: Page, home: Server, name: str = "Ana") -> str:
    """The first page as a parent fills it in; returns the child's id."""
    page.goto(f"{home.address}/en/")
    page.get_by_role("link", name=say("site-nav-mine"), exact=True).click()
    page.get_by_role("link", name=say("mine-begin")).first.click()
    page.locator("#child-name").fill(name)
    page.locator("#child-born").fill("2021-05-04")
    page.locator("#centre-name").fill("Our center")
    page.locator("#centre-urgent-phone").fill("555-0100")
    page.locator("#by-whom").fill("Mom")
    press(page, "mine-begin-now")
    expect(page.get_by_role("heading", level=1)).to_have_text(say("plan-begin"))
    return page.url.split("/")[5]


def test_a_family_begins_copies_its_plan_and_prints_a_spanish_card(page: Page, home: Server) -> None:
    child = begin(page, home)
    expect(page.get_by_role("link", name="Call 555-0100")).to_be_visible()
    page.get_by_label(re.compile(load_shelf().protocols["blank"].title.en)).check()
    page.locator("#starts").fill((TODAY - timedelta(days=20)).isoformat())
    press(page, "plan-lay-out")
    page.get_by_role("link", name=re.compile(say("plan-edit-block"))).first.click()
    page.get_by_label(say("plan-item-what"), exact=True).first.fill("Vincristine")
    page.get_by_label(say("plan-item-route"), exact=True).first.select_option("vein")
    page.get_by_label(say("plan-item-days"), exact=True).first.fill("1, 8, 15, 22")
    press(page, "own-save")
    page.get_by_role("link", name=say("plan-see-road")).click()
    expect(page.locator("tr.here")).to_contain_text("Induction")

    before = page.locator("table.why tbody tr").nth(1).inner_text()
    page.locator("#block").select_option("consolidation 1")
    page.locator("#days").fill("7")
    page.locator("#reason").fill("counts too low")
    press(page, "road-move-now")
    expect(page.get_by_role("status")).to_contain_text(say("own-saved"))
    assert page.locator("table.why tbody tr").nth(1).inner_text() != before

    page.goto(home.address + address("paper", "es", "card", child=child))
    expect(page.locator(".paper")).to_contain_text("555-0100")
    pdf = page.request.get(home.address + address("paper-pdf", "es", "card", child=child))
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.body().startswith(b"%PDF-")
    page.goto(home.address + address("paper", "en", "month", child=child))
    expect(page.locator("table.weeks")).to_contain_text("Vincristine")


def test_counts_in_both_unit_systems_and_the_question_about_a_unit(page: Page, home: Server) -> None:
    child = begin(page, home)
    page.goto(home.address + address("note-new", "en", "count", child=child))
    page.locator("#on").fill((TODAY - timedelta(days=7)).isoformat())
    page.locator("#wbc").fill("2,400")
    page.locator("#wbc-unit").select_option("/uL")
    page.locator("#neutrophils").fill("30")
    press(page, "own-save")
    page.goto(home.address + address("note-new", "en", "count", child=child))
    page.locator("#wbc").fill("12")
    page.locator("#wbc-unit").select_option("/uL")
    press(page, "own-save")
    expect(page.get_by_role("alert")).to_contain_text(say("own-ask-twice"))
    expect(page.locator("#wbc")).to_have_value("12")
    page.get_by_label("12 ×10⁹/L").check()
    press(page, "own-save")
    expect(page.get_by_role("heading", level=1)).to_have_text(say("own-counts"))
    chart = page.locator("#wbc")
    expect(chart).to_contain_text("12,000")
    page.locator("#anc summary").click()
    expect(page.locator("#anc table")).to_contain_text("0.72")
    expect(page.locator("#anc table")).to_contain_text("720")


def test_medicines_are_ticked_and_a_weekly_one_is_guarded(page: Page, home: Server) -> None:
    child = begin(page, home)
    page.goto(home.address + address("note-new", "en", "medicine", child=child))
    page.locator("#name").fill("Methotrexate")
    page.locator('input[name="route"][value="mouth"]').check()
    page.locator('input[name="how-often"][value="daily"]').check()
    page.locator("#told-by").fill("our nurse")
    page.locator("#told-on").fill(TODAY.isoformat())
    page.locator('input[name="signed"][value="copied"]').check()
    press(page, "own-save")
    expect(page.get_by_role("alert")).to_contain_text("once a week or less often")
    page.locator('input[name="sure-how-often"][value="weekly"]').check()
    weekday = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[TODAY.weekday()]
    page.locator(f'input[name="weekdays"][value="{weekday}"]').check()
    press(page, "own-save")
    expect(page.get_by_role("heading", level=1)).to_have_text(say("own-medicines"))
    press(page, "dose-given")
    expect(page.locator(".due [aria-pressed=true]")).to_have_text(say("dose-given"))
    press(page, "own-undo")
    expect(page.locator(".due [aria-pressed=true]")).to_have_count(0)


def test_the_school_letter_leaves_out_what_it_says(page: Page, home: Server) -> None:
    page.goto(f"{home.address}/en/")
    page.goto(home.address + address("mine", "en"))
    page.get_by_role("button", name=re.compile(say("mine-example"))).click()
    page.get_by_role("link", name=say("own-more"), exact=True).click()
    page.get_by_role("link", name=re.compile(say("pack-school"))).click()
    left_out = page.locator("section.note li")
    expect(left_out.first).to_be_visible()
    box = page.locator('input[name="with"]:not(:checked)').first
    title = box.locator("xpath=following-sibling::span").inner_text().split("\n")[0]
    box.check()
    press(page, "pack-preview")
    assert title not in left_out.all_inner_texts()


def test_backup_and_restore_on_an_empty_machine(page: Page, home: Server, tmp_path: Path) -> None:
    child = begin(page, home)
    page.goto(home.address + address("note-new", "en", "question", child=child))
    page.locator("#text").fill("Will the line stay in?")
    press(page, "own-save")
    page.goto(home.address + address("keep", "en"))
    backup = page.locator("#backup")
    backup.get_by_label(say("own-passphrase"), exact=True).fill("four quiet words here")
    backup.get_by_label(say("own-passphrase-again")).fill("four quiet words here")
    with page.expect_download() as downloading:
        press(page, "keep-backup-now")
    kept = tmp_path / "backup.age"
    downloading.value.save_as(kept)
    assert b"line stay in" not in kept.read_bytes()

    empty = Server(tmp_path / "another machine")
    try:
        page.goto(empty.address + address("keep", "en"))
        page.locator("#file").set_input_files(kept)
        page.locator("#passphrase-r").fill("four quiet words here")
        press(page, "keep-restore-now")
        expect(page.get_by_role("status")).to_be_visible()
        page.goto(empty.address + address("notes", "en", "question", child=child))
        expect(page.locator("main")).to_contain_text("Will the line stay in?")
    finally:
        empty.stop()


def test_the_lock_is_asked_for_and_the_call_button_works_without_it(page: Page, home: Server) -> None:
    child = begin(page, home)
    page.goto(home.address + address("keep", "en"))
    lock = page.locator("#lock")
    lock.get_by_label(say("own-passphrase"), exact=True).fill("four quiet words here")
    lock.get_by_label(say("own-passphrase-again")).fill("four quiet words here")
    press(page, "keep-lock-now")
    press(page, "keep-close-now")
    page.goto(home.address + address("today", "en", child=child))
    expect(page.get_by_role("heading", level=1)).to_have_text(say("lock-title"))
    expect(page.get_by_role("link", name="Call 555-0100")).to_be_visible()
    page.locator("#passphrase").fill("four quiet words here")
    press(page, "lock-open")
    expect(page).to_have_url(re.compile(child))


def test_a_childs_pages_are_never_kept_by_the_browser(page: Page, home: Server) -> None:
    child = begin(page, home)
    page.goto(f"{home.address}/en/")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.goto(home.address + address("today", "en", child=child))
    page.goto(home.address + address("topics", "en"))
    kept = page.evaluate("caches.keys().then(names => caches.open(names[0])).then(c => c.keys()).then(k => k.map(r => r.url))")
    assert [url for url in kept if child in url or "my-child" in url] == []


# --- every page, looked at --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits_a_phone(browser: Browser, base_url: str, lang: Lang, scheme: str) -> None:
    """Axe and sideways scrolling, at a desk's width and a small phone's."""
    context = browser.new_context(base_url=base_url, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    show_example(page, lang)
    found: list[str] = []
    for path in own_pages(lang):
        for size in (WIDE, {"width": 320, "height": 700}) if scheme == "light" else (PHONE,):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.goto(path)
            found += barriers(page)
    context.close()
    assert not found, "\n".join(found)


def test_no_page_of_a_child_asks_another_host(page: Page, asked: list[str], base_url: str) -> None:
    show_example(page, "es")
    for path in own_pages("es"):
        page.goto(path)
    assert len(asked) > 50
    assert [url for url in asked if not url.startswith((base_url, "data:"))] == []


def test_without_script_a_note_is_written_and_undone(without_script: Page) -> None:
    page = without_script
    show_example(page, "en")
    page.goto(address("note-new", "en", "question", child=EXAMPLE))
    page.locator("#text").fill("Does this work without script?")
    press(page, "own-save")
    expect(page.locator("main")).to_contain_text("Does this work without script?")
    press(page, "own-undo")
    expect(page.locator("main")).not_to_contain_text("Does this work without script?")

"""One of every kind of page, and how a parent comes to those that need something first."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from remission.documents.packs import PACKS
from remission.knowledge.model import Lang
from remission.rules.compiled import load_library, load_shelf, load_shown
from remission.site.addresses import address
from remission.site.views.papers import PAPERS

EXAMPLE = "example-mia"
STUDY = "NCT06124157"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
ZOOMED = {"width": 320, "height": 256}  # a desk's screen at 400 %
LOOKS = [pytest.param("light", WIDE, id="light"), pytest.param("light", ZOOMED, id="zoomed"), pytest.param("dark", WIDE, id="dark")]

_ALONE = (
    "home", "topics", "search", "risk", "schemes", "cells", "tests", "counts", "urgent", "treatment", "outlook", "after", "prepare",
    "words", "about", "sources", "marrow",
)  # fmt: skip
_OWN = (
    "today", "more", "road", "plan", "plan-file", "calendar", "medicines", "my-counts", "counts-file", "history", "private",
    "erase",
)  # fmt: skip


def say(word: str, lang: Lang = "en") -> str:
    return load_library().words[word].in_(lang)


def first_guide(kind: str) -> str:
    return next(guide.id for guide in load_shelf().guides.values() if guide.kind == kind)


def open_pages(lang: Lang) -> Iterator[str]:
    """What the library shows to anybody."""
    yield from (address(page, lang) for page in _ALONE)
    yield address("start", lang, first_guide("path"))
    yield address("test", lang, first_guide("test"))
    yield address("sheet", lang, first_guide("sheet"))
    yield address("topic", lang, "minimal-residual-disease")
    yield address("topic", lang, "remission-and-cure") + "?numbers=yes"
    yield address("topic", lang, "symptoms") + "?level=professional"
    yield address("scheme", lang, "nci-rome")
    yield address("source", lang, "pdq-patient-2024")
    yield address("risk-question", lang, "wbc")
    yield address("search", lang) + "?q=leucemia"
    yield address("search", lang) + "?q=qwxzv"
    yield address("topic", lang, "not-there")


def marrow_pages(lang: Lang) -> Iterator[str]:
    """An invented child's marrow: as it opens, at the first day, in between, and at the last day with the most pills missed."""
    at, plan = address("marrow", lang), load_shown().plan
    yield at
    yield f"{at}?step=0"
    yield f"{at}?step=60&spinal=cns3"
    yield f"{at}?step={len(plan.days) - 1}&missed={plan.missed[-1].id}"


def trial_pages(lang: Lang) -> Iterator[str]:
    """Trials and places, with and without a place, and one that has to be mended."""
    yield address("trials", lang)
    yield address("trials", lang) + "?near=Washington, DC&within=100mi&age=4y&lineage=t&status=all"
    yield address("trials", lang) + "?age=old&near=Springfield&born=x&status=y"
    yield address("trials", lang) + "?lineage=t&state=first&status=all&show=ruled-out"
    yield address("trial", lang, STUDY)
    yield address("trial", lang, STUDY) + "?near=Denver, CO"
    yield address("places", lang)
    yield address("places", lang) + "?near=20010"
    yield address("places", lang) + "?within=5"
    yield address("trials-changes", lang)
    yield address("trials-refresh", lang)
    yield address("trials-mine", lang)


def own_trial_pages(lang: Lang) -> Iterator[str]:
    """The same for the example child; `show_example` first."""
    yield address("my-trials", lang, child=EXAMPLE) + "?near=Denver, CO"
    yield address("my-trial", lang, STUDY, child=EXAMPLE) + "?near=Denver, CO"
    yield address("my-places", lang, child=EXAMPLE) + "?near=Denver, CO"
    yield address("notes", lang, "trial", child=EXAMPLE)
    yield address("note-new", lang, "trial", child=EXAMPLE)


def own_pages(lang: Lang) -> Iterator[str]:
    """A child's record, road, papers and packs, for the example child; `show_example` first."""
    yield from (address(name, lang, child=EXAMPLE) for name in _OWN)
    yield address("block", lang, "delayed-intensification-1", child=EXAMPLE)
    yield address("plan-block", lang, "delayed-intensification", child=EXAMPLE)
    yield from (address(name, lang) for name in ("mine", "mine-new", "keep", "locked"))
    yield from (address("paper", lang, paper, child=EXAMPLE) for paper in PAPERS)
    yield from (address("pack", lang, pack, child=EXAMPLE) for pack in PACKS)
    yield from (address("notes", lang, kind, child=EXAMPLE) for kind in ("person", "question", "diary"))
    yield from (address("note-new", lang, kind, child=EXAMPLE) for kind in ("count", "diary", "medicine", "fever-rule"))


def show_example(page: Page, lang: Lang) -> None:
    page.goto(address("mine", lang))
    page.get_by_role("button", name=re.compile(say("mine-example", lang))).click()
    assert EXAMPLE in page.url, f"the example child lives at {page.url}"


def fill_in_a_child(page: Page, lang: Lang, age: str) -> None:
    """Answers to three questions, up to the page that explains the group."""
    facts = load_library().facts
    page.goto(address("risk", lang))
    page.get_by_label(facts["age_days"].label.in_(lang)).fill(age)
    page.get_by_label(facts["wbc"].label.in_(lang)).fill("6500")
    page.locator("#wbc-unit").select_option("/uL")
    page.locator('input[name="lineage"][value="b"]').check()
    page.get_by_role("button", name=say("site-show-answer", lang)).click()

"""A picture of every kind of page, in both languages, at a desk's width and a phone's, to be looked at: `make pictures`.

It proves nothing, so it is no part of the tests, and a browser that cannot draw one very long page fails none of them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from every_page import PHONE, WIDE, fill_in_a_child, marrow_pages, open_pages, own_pages, own_trial_pages, show_example, trial_pages
from remission.knowledge.model import LANGS, Lang

PICTURES = Path(__file__).parent.parent / "build" / "pictures"


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_take_pictures(browser: Browser, base_url: str, lang: Lang, scheme: Any, size: Any) -> None:
    context = browser.new_context(base_url=base_url, viewport=size, color_scheme=scheme)
    page = context.new_page()
    show_example(page, lang)
    folder = PICTURES / f"{lang}-{size['width']}-{scheme}"
    folder.mkdir(parents=True, exist_ok=True)
    for path in (*open_pages(lang), *marrow_pages(lang), *trial_pages(lang), *own_trial_pages(lang), *own_pages(lang)):
        page.goto(path)
        page.screenshot(path=folder / f"{_name(path)}.png", full_page=True)
    fill_in_a_child(page, lang, "12 y")
    page.screenshot(path=folder / "risk-answer.png", full_page=True)
    context.close()


def _name(path: str) -> str:
    return re.sub(r"[^\w-]+", "-", path).strip("-")

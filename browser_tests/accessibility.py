"""Whom a page would shut out: axe (WCAG 2.2 AA and best practice), and anything that has to be scrolled sideways."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def barriers(page: Page) -> list[str]:
    """What is wrong with the page as it stands, each with the address and the width it was found at."""
    at = f"{page.url} at {page.evaluate('window.innerWidth')} px: "
    violations = Axe().run(page, options=_RULES).response["violations"]
    found = [f"{at}{rule['id']}: {rule['help']}: {[node['html'][:120] for node in rule['nodes'][:3]]}" for rule in violations]
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return found + ([f"{at}too wide by {wider} px"] if wider > 0 else [])

"""Guides: where to begin, what a test is like, lists to print, and the pages that gather topics."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse

from remission.knowledge.guide import Count, Guide, Item
from remission.knowledge.model import Lang
from remission.knowledge.shelf import Group
from remission.rules.compiled import load_library, load_shelf
from remission.site.addresses import address
from remission.site.page import known, level_of, library_page, page, shows_numbers
from remission.site.shown import Shower


def _shown_item(shower: Shower, item: Item) -> dict[str, object]:
    """A line of a guide: a text, somewhere to go (a topic, a claim with words of its own, a page), or a claim to read here."""
    topic_id, _, claim_id = item.read.partition("/")
    topic = load_shelf().topics.get(topic_id)
    words = item.text.in_(shower.lang) if item.text else topic.title.in_(shower.lang) if topic else ""
    goes_to = address(item.page, shower.lang) if item.page else ""
    if topic and (item.text or not claim_id):
        goes_to = address("topic", shower.lang, topic_id) + (f"#{claim_id}" if claim_id else "")
    return {
        "text": ((words, ""),) if goes_to else shower.marked(words),
        "cites": shower.cite(item.cites),
        "goes_to": goes_to,
        "claims": () if goes_to or not topic else shower.read(item.read),
    }


def _parts(shower: Shower, guide: Guide) -> list[dict[str, object]]:
    return [{"part": part, "items": [_shown_item(shower, item) for item in part.items]} for part in guide.parts]


def _guide_page(request: HttpRequest, lang: Lang, name: str, guide: Guide, template: str = "guide") -> HttpResponse:
    shower = Shower(lang, level_of(request), shows_numbers(request))
    overdue = guide.review.is_overdue(date.today())
    parts = [] if overdue and guide.safety else _parts(shower, guide)
    told: dict[str, Any] = {
        "guide": guide,
        "parts": parts,
        "blank": range(guide.blank),
        "overdue": overdue,
        "terms": shower.terms,
        "sources": shower.sources,
    }
    return page(request, lang, name, template, guide.id, **told)


@library_page
def path(request: HttpRequest, lang: Lang, slug: str) -> HttpResponse:
    """One of the five ways in: a short list in the order in which to read it."""
    return _guide_page(request, lang, "start", known("start", lang, slug, load_shelf().guides))


@library_page
def tests(request: HttpRequest, lang: Lang) -> HttpResponse:
    return page(request, lang, "tests", "guides", guides=_of_kind("test"), target="test", word="tests")


@library_page
def test(request: HttpRequest, lang: Lang, slug: str) -> HttpResponse:
    """One test: why, how, how long, what to bring, what a child may be told."""
    return _guide_page(request, lang, "test", known("test", lang, slug, load_shelf().guides))


@library_page
def prepare(request: HttpRequest, lang: Lang) -> HttpResponse:
    return page(request, lang, "prepare", "guides", guides=_of_kind("sheet"), target="sheet", word="prepare")


@library_page
def sheet(request: HttpRequest, lang: Lang, slug: str) -> HttpResponse:
    """A list to tick and to print."""
    return _guide_page(request, lang, "sheet", known("sheet", lang, slug, load_shelf().guides), "sheet")


@library_page
def sheet_pdf(_: HttpRequest, lang: Lang, slug: str) -> HttpResponse:
    """The same list as a PDF."""
    from remission.documents.guide_sheet import guide_paper
    from remission.documents.paper_pdf import paper_pdf

    guide = known("sheet-pdf", lang, slug, load_shelf().guides)
    pdf = paper_pdf(guide_paper(load_library(), load_shelf(), guide, lang))
    return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{slug}.pdf"'})


def _of_kind(kind: str) -> list[Guide]:
    return [guide for guide in load_shelf().guides.values() if guide.kind == kind]


@library_page
def counts(request: HttpRequest, lang: Lang) -> HttpResponse:
    """The blood count line by line, with what is usual at each age."""
    shower = Shower(lang, level_of(request))
    lines = [_shown_count(shower, count) for count in load_shelf().counts.values()]
    return page(request, lang, "counts", "counts", lines=lines, terms=shower.terms, sources=shower.sources)


def _shown_count(shower: Shower, count: Count) -> dict[str, object]:
    """A line of the blood count; what is to be noted about some ages stands below its table, under a letter."""
    notes = dict(zip(dict.fromkeys(band.note for band in count.bands if band.note), "abcdefgh", strict=False))
    bands = [{"band": b, "cites": shower.cite(b.cites), "mark": notes.get(b.note, "") if b.note else ""} for b in count.bands]
    claims = [claim for name in count.read for claim in shower.read(name)]
    return {"count": count, "bands": bands, "notes": notes.items(), "claims": claims}


@library_page
def urgent(request: HttpRequest, lang: Lang) -> HttpResponse:
    """Only when to call, the most cautious first; never a score, never reassurance."""
    return _guide_page(request, lang, "urgent", load_shelf().guides["when-to-call"])


@library_page
def treatment(request: HttpRequest, lang: Lang) -> HttpResponse:
    """The road of phases as a picture, then by setting, by drug, by kind of treatment."""
    shelf, shower = load_shelf(), Shower(lang, level_of(request))
    guide = shelf.guides["treatment"]
    road = shelf.pictures["three-phases"]
    return _gathered(request, lang, "treatment", ("treatment", "drug"), picture=road, guide=guide, parts=_parts(shower, guide))


@library_page
def outlook(request: HttpRequest, lang: Lang) -> HttpResponse:
    return _gathered(request, lang, "outlook", ("outlook",))


@library_page
def after(request: HttpRequest, lang: Lang) -> HttpResponse:
    return _gathered(request, lang, "after", ("after", "living"))


def _gathered(request: HttpRequest, lang: Lang, name: str, groups: tuple[Group, ...], **shown: Any) -> HttpResponse:
    topics = load_shelf().topics.values()
    gathered = [(f"group-{group}", [topic for topic in topics if topic.group == group]) for group in groups]
    return page(request, lang, name, "gathered", groups=gathered, **shown)

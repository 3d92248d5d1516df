"""A guide as a sheet of paper: a tagged PDF with boxes to tick, the same bytes for the same words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from remission.documents.wording import Wording, source_told
from remission.knowledge.guide import Guide, Item
from remission.knowledge.model import Citation, Lang, Library
from remission.knowledge.shelf import Shelf

_HERE = Path(__file__).parent


def sheet_pdf(library: Library, shelf: Shelf, guide: Guide, lang: Lang) -> bytes:
    """The PDF of a guide in one language."""
    import typst

    words = Wording(library, lang)
    sources = dict.fromkeys(cite.source for part in guide.parts for item in part.items for cite in _cites(shelf, item))
    sheet = {
        "lang": lang,
        "title": guide.title.in_(lang),
        "lead": (guide.lead or guide.says).in_(lang),
        "parts": [
            {
                "heading": part.heading.in_(lang),
                "lead": part.lead.in_(lang) if part.lead else "",
                "items": [told for item in part.items for told in _told(shelf, item, lang)],
            }
            for part in guide.parts
        ],
        "blank": guide.blank,
        "notice": f"{words.say('site-notice')} {words.say('site-version', version=library.version)}",
        "sources_heading": words.say("heading-sources"),
        "sources": [source_told(words, library.sources[source]) for source in sources],
    }
    made = typst.compile(
        str(_HERE / "sheet.typ"),
        font_paths=[str(_HERE / "fonts")],
        ignore_system_fonts=True,
        sys_inputs={"sheet": json.dumps(sheet)},
        pdf_standards=["ua-1"],
    )
    assert isinstance(made, bytes)  # noqa: S101 - one document in, one out
    return made


def _cites(shelf: Shelf, item: Item) -> Iterator[Citation]:
    """What a line rests on: its own citations, or those of the claim it shows."""
    yield from item.cites
    topic_id, _, claim_id = item.read.partition("/")
    if claim_id and not item.text:
        yield from next(claim.cites for claim in shelf.topics[topic_id].claims if claim.id == claim_id)


def _told(shelf: Shelf, item: Item, lang: Lang) -> Iterator[str]:
    """The lines of an item: its own words, the claim it names, or the title of the topic to read."""
    topic_id, _, claim_id = item.read.partition("/")
    if item.text:
        yield item.text.in_(lang)
    elif claim_id:
        yield next(claim.family.in_(lang) for claim in shelf.topics[topic_id].claims if claim.id == claim_id)
    elif topic_id:
        yield shelf.topics[topic_id].title.in_(lang)

"""A guide as a paper: a list with boxes to tick, and lines to write on."""

from __future__ import annotations

from collections.abc import Iterator

from remission.documents.paper import Paper, Section
from remission.documents.wording import Wording, source_told
from remission.knowledge.guide import Guide, Item
from remission.knowledge.model import Citation, Lang, Library
from remission.knowledge.shelf import Shelf


def guide_paper(library: Library, shelf: Shelf, guide: Guide, lang: Lang) -> Paper:
    """A guide to print, with its sources."""
    words = Wording(library, lang)
    cited = dict.fromkeys(cite.source for part in guide.parts for item in part.items for cite in item_cites(shelf, item))
    parts = [
        Section(
            heading=part.heading.in_(lang),
            paragraphs=(part.lead.in_(lang),) if part.lead else (),
            ticks=tuple(told for item in part.items for told in item_lines(shelf, item, lang)),
        )
        for part in guide.parts
    ]
    return Paper(
        id=guide.id,
        lang=lang,
        title=guide.title.in_(lang),
        lead=(guide.lead or guide.says).in_(lang),
        sections=(*parts, Section(blank=guide.blank)),
        notice=f"{words.say('site-notice')} {words.say('site-version', version=library.version)}",
        sources=tuple(source_told(words, library.sources[source]) for source in cited),
    )


def item_cites(shelf: Shelf, item: Item) -> Iterator[Citation]:
    """What a line rests on: its own citations, or those of the claim it shows."""
    yield from item.cites
    topic_id, _, claim_id = item.read.partition("/")
    if claim_id and not item.text:
        yield from next(claim.cites for claim in shelf.topics[topic_id].claims if claim.id == claim_id)


def item_lines(shelf: Shelf, item: Item, lang: Lang) -> Iterator[str]:
    """The lines of an item: its own words, the claim it names, or the title of the topic to read."""
    topic_id, _, claim_id = item.read.partition("/")
    if item.text:
        yield item.text.in_(lang)
    elif claim_id:
        yield next(claim.family.in_(lang) for claim in shelf.topics[topic_id].claims if claim.id == claim_id)
    elif topic_id:
        yield shelf.topics[topic_id].title.in_(lang)

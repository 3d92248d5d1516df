"""The editor's gate for what is read: levels, languages, numbers, citations, reading ease, reviews."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from remission.knowledge.check import texts_of, wrong_with_texts
from remission.knowledge.model import LANGS, Citation, Library, Text
from remission.knowledge.problems import KnowledgeError
from remission.knowledge.readability import is_readable
from remission.knowledge.shelf import Claim, Shelf, Topic

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LONGEST_FAMILY_SENTENCE = 30  # words


def check_shelf(shelf: Shelf, library: Library, today: date | None = None) -> list[str]:
    """All problems of the shelf, as sentences. With `today`, overdue reviews count too.

    Raises `KnowledgeError` when there was nothing to check.
    """
    if not shelf.topics or not shelf.glossary:
        raise KnowledgeError("knowledge", "there is nothing to read.", "Look whether the folder is the right one.")
    problems = list(wrong_with_texts(texts_of(shelf, "shelf")))
    for topic in shelf.topics.values():
        problems += _topic(shelf, library, topic, today)
    for entry in shelf.glossary.values():
        problems += _cites(library, f"glossary {entry.id}", entry.cites)
    return problems


def _topic(shelf: Shelf, library: Library, topic: Topic, today: date | None) -> Iterator[str]:
    if today and topic.review.next_review < today.isoformat():
        yield f"topic {topic.id}: its review was due on {topic.review.next_review}. Review it and set the next date."
    yield from (
        f"topic {topic.id}: {row} is no system of knowledge/systems.yaml." for row in topic.systems if row not in shelf.systems
    )
    twice = [claim for claim, count in Counter(claim.id for claim in topic.claims).items() if count > 1]
    yield from (f"topic {topic.id}: two claims are called {claim}." for claim in twice)
    for claim in topic.claims:
        yield from _claim(library, f"{topic.id}/{claim.id}", claim)
    yield from _reading_ease(shelf, topic)


def _claim(library: Library, where: str, claim: Claim) -> Iterator[str]:
    if not claim.cites:
        yield f"{where}: cites nothing. Say where it stands."
    yield from _cites(library, where, claim.cites)
    if _numbers(claim.family) != _numbers(claim.professional):
        yield f"{where}: the numbers differ between family and professional. Make them equal."
    if claim.differs:
        yield from (f"{where}: “{said.source}” is no source." for said in claim.differs.says if said.source not in library.sources)
    for lang in LANGS:
        long = [
            sentence
            for sentence in re.split(r"[.!?:]\s", claim.family.in_(lang))
            if len(sentence.split()) > _LONGEST_FAMILY_SENTENCE
        ]
        yield from (f"{where}: a family sentence is too long in {lang}: “{sentence}”. Split it." for sentence in long)


def _numbers(text: Text) -> list[str]:
    return sorted(_NUMBER.findall(text.en))


def _cites(library: Library, where: str, cites: Iterable[Citation]) -> Iterator[str]:
    for cite in cites:
        if cite.source not in library.sources:
            yield f"{where}: cites “{cite.source}”, which is no source. Add it to knowledge/sources/ or mend the id."


def _reading_ease(shelf: Shelf, topic: Topic) -> Iterator[str]:
    for lang in LANGS:
        told = " ".join(claim.family.in_(lang) for claim in topic.claims)
        if not is_readable(told, lang, shelf.plain_names):
            yield f"topic {topic.id}: the family texts are too hard to read in {lang}. Use shorter words and sentences."

"""The editor's gate for what is read: levels, languages, numbers, citations, reading ease, reviews."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from remission.knowledge.check import english_in, texts_of, wrong_with_cites, wrong_with_texts
from remission.knowledge.check_playbook import check_playbook
from remission.knowledge.model import LANGS, Lang, Library, Text
from remission.knowledge.pictures import Picture, Tree
from remission.knowledge.problems import KnowledgeError
from remission.knowledge.protocols import Protocol
from remission.knowledge.readability import is_readable
from remission.knowledge.shelf import Claim, Shelf, Topic

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ABBREVIATION = re.compile(r"\b(?:[A-Z]{2,}|[A-Z]+[0-9]+[A-Z]*[0-9]*)\b")
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
    problems += _foreign(shelf)
    for picture in shelf.pictures.values():
        problems += _picture(shelf, library, picture)
    problems += _guides(shelf, library)
    for protocol in shelf.protocols.values():
        problems += _protocol(library, protocol)
    for entry in shelf.glossary.values():
        problems += wrong_with_cites(library, f"glossary {entry.id}", entry.cites)
    return problems + check_playbook(shelf, library)


def _topic(shelf: Shelf, library: Library, topic: Topic, today: date | None) -> Iterator[str]:
    if today and topic.review.is_overdue(today):
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
    yield from wrong_with_cites(library, where, claim.cites)
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


def _foreign(shelf: Shelf) -> Iterator[str]:
    """Abbreviations in family texts that nobody explains, and English in a Spanish sentence."""
    known = {lang: _known_abbreviations(shelf, lang) for lang in LANGS}
    for topic, claim in shelf.claims():
        where = f"{topic.id}/{claim.id}"
        for lang in LANGS:
            for short in _unexplained(claim.family.in_(lang), known[lang]):
                yield f"{where}: “{short}” is not explained in {lang}. Say what it stands for, or give it a glossary entry."
        for word in english_in(claim.family.es, shelf.reading.english_titles):
            yield f"{where}: “{word}” is English in a Spanish sentence. Say it in Spanish, or list its title in reading.yaml."


def _unexplained(text: str, known: frozenset[str]) -> Iterator[str]:
    """The abbreviations that stand neither before nor inside parentheses, and that no glossary entry has."""
    for short in dict.fromkeys(_ABBREVIATION.findall(text)):
        if short not in known and not re.search(rf"\b{short}s? ?\(|\([^)]*\b{short}\b", text):
            yield short


def _known_abbreviations(shelf: Shelf, lang: Lang) -> frozenset[str]:
    names = [name for entry in shelf.glossary.values() for name in entry.names(lang)]
    return frozenset(word for name in [*names, *shelf.reading.abbreviations] for word in _ABBREVIATION.findall(name))


def _picture(shelf: Shelf, library: Library, picture: Picture) -> Iterator[str]:
    where = f"picture {picture.id}"
    yield from wrong_with_cites(library, where, picture.cites)
    if picture.topic not in shelf.topics:
        yield f"{where}: “{picture.topic}” is no topic."
    if isinstance(picture, Tree):
        yield from (f"{where}: {problem}" for problem in _tree(shelf, picture))


def _tree(shelf: Shelf, tree: Tree) -> Iterator[str]:
    told = _readable(shelf)
    known = {cell.id for cell in tree.cells}
    for cell in tree.cells:
        if cell.of not in {"", *known}:
            yield f"{cell.id} comes from “{cell.of}”, which is no cell."
        if cell.read not in {"", *told}:
            yield f"{cell.id} names “{cell.read}”, which is no claim."
    roots = [cell.id for cell in tree.cells if not cell.of]
    if len(roots) != 1:
        yield f"it needs exactly one first cell, not {len(roots)}."


def _guides(shelf: Shelf, library: Library) -> Iterator[str]:
    """Guides and counts lead only to what exists."""
    told = _readable(shelf)
    for guide in shelf.guides.values():
        for item in (item for part in guide.parts for item in part.items):
            yield from wrong_with_cites(library, f"guide {guide.id}", item.cites)
            if item.read not in {"", *told}:
                yield f"guide {guide.id}: “{item.read}” is no topic and no claim."
            if not (item.text or item.read or item.page):
                yield f"guide {guide.id}: an item says nothing."
    for count in shelf.counts.values():
        yield from (f"count {count.id}: “{read}” is no topic and no claim." for read in count.read if read not in told)
        for band in count.bands:
            yield from wrong_with_cites(library, f"count {count.id}", band.cites)
            if band.low is None and band.high is None:
                yield f"count {count.id}: a band has neither end."


def _protocol(library: Library, protocol: Protocol) -> Iterator[str]:
    """A published road gives nothing before its phase begins or after it ends, and cites what it says."""
    yield from wrong_with_cites(library, f"protocol {protocol.id}", protocol.cites)
    for phase in protocol.phases:
        where = f"protocol {protocol.id}/{phase.id}"
        yield from wrong_with_cites(library, where, phase.cites)
        if phase.lasts < 1 or phase.repeats < 1:
            yield f"{where}: it must last a day at least."
        for given in phase.given:
            yield from wrong_with_cites(library, f"{where}: {given.id}", given.cites)
            if not given.days or min(given.days) < 1 or max(given.days) > phase.lasts:
                yield f"{where}: {given.id} has days outside the phase. Day 1 is its first day."
        twice = [given for given, count in Counter(given.id for given in phase.given).items() if count > 1]
        yield from (f"{where}: two things given are called {given}." for given in twice)


def _readable(shelf: Shelf) -> frozenset[str]:
    """Every topic and every claim, by the name under which it can be read."""
    return frozenset(shelf.topics) | {f"{topic.id}/{claim.id}" for topic, claim in shelf.claims()}


def _numbers(text: Text) -> list[str]:
    return sorted(_NUMBER.findall(text.en))


def _reading_ease(shelf: Shelf, topic: Topic) -> Iterator[str]:
    for lang in LANGS:
        told = " ".join(claim.family.in_(lang) for claim in topic.claims)
        if not is_readable(told, lang, shelf.reading.names):
            yield f"topic {topic.id}: the family texts are too hard to read in {lang}. Use shorter words and sentences."

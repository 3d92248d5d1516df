"""The reading shelf: topics with their claims, the glossary, and the words that mean the same to somebody who searches.

A claim is one fact in our own words, for a family, for professionals and sometimes for the child, English and Spanish side
by side, with the place where it stands and, where sources disagree, what each of them says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from remission.knowledge.guide import Count, Guide
from remission.knowledge.model import Citation, Frozen, Lang, Review, Status, Text
from remission.knowledge.pictures import Picture
from remission.knowledge.playbook import Playbook
from remission.knowledge.protocols import Protocol

Level = Literal["family", "professional", "child"]
LEVELS: tuple[Level, ...] = ("family", "professional", "child")
Group = Literal["disease", "diagnosis", "outlook", "treatment", "drug", "living", "after", "system"]
GROUPS: tuple[Group, ...] = ("disease", "diagnosis", "outlook", "treatment", "drug", "living", "after", "system")


class Position(Frozen, frozen=True):
    """What one source says where sources disagree."""

    source: str
    text: Text


class Difference(Frozen, frozen=True):
    """A disagreement between sources, or an error of one. `id` is its number in the list of known ones."""

    says: tuple[Position, ...]
    id: str = ""
    reading: Text | None = None


class Claim(Frozen, frozen=True):
    id: str
    family: Text
    professional: Text
    status: Status
    cites: tuple[Citation, ...]
    child: Text | None = None
    differs: Difference | None = None
    figures: bool = False

    @property
    def has_figures(self) -> bool:
        """Whether it holds a share in percent, or says so itself: on the outlook such claims stay folded until asked for."""
        return self.figures or "%" in self.family.en + self.professional.en

    def text(self, level: Level) -> Text:
        """The claim for this reader; a child is told what the family is told where there are no words of its own."""
        return self.professional if level == "professional" else (self.child or self.family) if level == "child" else self.family


class Names(Frozen, frozen=True):
    """Other names under which a reader may look for something, in each language."""

    en: tuple[str, ...] = ()
    es: tuple[str, ...] = ()

    def in_(self, lang: Lang) -> tuple[str, ...]:
        return self.es if lang == "es" else self.en


class Topic(Frozen, frozen=True):
    id: str
    title: Text
    systems: tuple[str, ...]
    group: Group
    claims: tuple[Claim, ...]
    review: Review
    also: Names = Names()
    safety: bool = False  # what to do in an emergency: not told any more once its review is overdue


class GlossaryEntry(Frozen, frozen=True):
    id: str
    term: Text
    means: Text
    status: Status
    cites: tuple[Citation, ...] = ()
    short: Text | None = None
    also: Names = Names()
    say: Text | None = None

    def names(self, lang: Lang) -> tuple[str, ...]:
        """Everything it is called: the term, its abbreviation, other names."""
        return (self.term.in_(lang), *((self.short.in_(lang),) if self.short else ()), *self.also.in_(lang))


class Synonyms(Frozen, frozen=True):
    """Groups of words that mean the same to somebody who searches."""

    en: tuple[tuple[str, ...], ...] = ()
    es: tuple[tuple[str, ...], ...] = ()

    def in_(self, lang: Lang) -> tuple[tuple[str, ...], ...]:
        return self.es if lang == "es" else self.en


class PlainWords(Frozen, frozen=True, rename="kebab"):
    """Words that tell no page from another: those of any question, and those that every page is about."""

    of_a_question: Names
    everywhere: Names


class Reading(Frozen, frozen=True):
    """What the gate for family texts lets pass: names that count as plain words, abbreviations, titles that stay in English."""

    names: tuple[str, ...]
    abbreviations: tuple[str, ...] = ()
    english_titles: tuple[str, ...] = ()


class Shelf(Frozen, frozen=True):
    """Everything there is to read.

    `systems` are the rows that the source documents describe, each with its name; `stale_spanish` names the texts whose English
    has changed since (see `history`).
    """

    hash: str
    systems: dict[str, Text]
    topics: dict[str, Topic]
    glossary: dict[str, GlossaryEntry]
    pictures: dict[str, Picture]
    guides: dict[str, Guide]
    counts: dict[str, Count]
    protocols: dict[str, Protocol]
    synonyms: Synonyms
    plain_words: PlainWords
    reading: Reading
    playbook: Playbook
    stale_spanish: frozenset[str] = frozenset()

    def claims(self) -> Iterator[tuple[Topic, Claim]]:
        return ((topic, claim) for topic in self.topics.values() for claim in topic.claims)

"""What a page of the library shows: claims with their glossary words marked, their sources numbered, and what stays folded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache

from remission.documents.reading import is_folded
from remission.documents.terms import Terms
from remission.documents.wording import Wording, source_told
from remission.knowledge.history import key_of
from remission.knowledge.model import Citation, Frozen, Lang, Status
from remission.knowledge.shelf import Claim, GlossaryEntry, Level, Topic
from remission.rules.compiled import load_library, load_shelf

Marked = tuple[tuple[str, str], ...]  # text, and the glossary entry it opens or nothing


class Cited(Frozen, frozen=True):
    """A source at a claim: its number on the page, the source in words, the place in it."""

    number: int
    source: str
    told: str
    locator: str


class Said(Frozen, frozen=True):
    """What one source says where sources disagree."""

    text: str
    cited: Cited


class ClaimShown(Frozen, frozen=True):
    id: str
    topic: str
    parts: Marked
    status: Status
    cites: tuple[Cited, ...]
    child: str = ""
    says: tuple[Said, ...] = ()
    reading: str = ""
    stale: bool = False


class TopicShown(Frozen, frozen=True):
    """The claims of a topic; `folded` counts those with figures that were not asked for; `terms` are the words to explain."""

    topic: Topic
    claims: tuple[ClaimShown, ...]
    folded: int
    overdue: bool
    terms: tuple[GlossaryEntry, ...]
    sources: tuple[Cited, ...]


@cache
def _terms(lang: Lang) -> Terms:
    return Terms(load_shelf().glossary.values(), lang)


class Shower:
    """Shows claims on one page: a glossary word is marked where it is first met, a source keeps its number."""

    def __init__(self, lang: Lang, level: Level, numbers: bool = False):
        self.lang, self.level, self.numbers = lang, level, numbers
        self.words = Wording(load_library(), lang)
        self._cited: dict[str, int] = {}
        self._met: dict[str, None] = {}

    def topic(self, topic: Topic) -> TopicShown:
        overdue = topic.review.is_overdue(date.today())
        if overdue and topic.safety:
            return TopicShown(topic, (), 0, overdue, (), ())
        shown = [claim for claim in topic.claims if not is_folded(topic, claim, self.level, self.numbers)]
        claims = tuple(self.claim(topic, claim) for claim in shown)
        return TopicShown(topic, claims, len(topic.claims) - len(shown), overdue, self.terms, self.sources)

    def read(self, name: str) -> tuple[ClaimShown, ...]:
        """The claims that `topic` or `topic/claim` names."""
        topic_id, _, claim_id = name.partition("/")
        topic = load_shelf().topics[topic_id]
        wanted = [claim for claim in topic.claims if claim_id in ("", claim.id)]
        return tuple(self.claim(topic, claim) for claim in wanted if not is_folded(topic, claim, self.level, self.numbers))

    def claim(self, topic: Topic, claim: Claim) -> ClaimShown:
        differs = claim.differs
        return ClaimShown(
            id=claim.id,
            topic=topic.id,
            parts=self.marked(claim.text(self.level).in_(self.lang)),
            status=claim.status,
            cites=tuple(self._cite(cite) for cite in claim.cites),
            child=claim.child.in_(self.lang) if claim.child else "",
            says=tuple(Said(s.text.in_(self.lang), self._cite(Citation(s.source, ""))) for s in differs.says) if differs else (),
            reading=differs.reading.in_(self.lang) if differs and differs.reading else "",
            stale=self.lang == "es" and key_of(topic.id, claim, self.level) in load_shelf().stale_spanish,
        )

    def marked(self, text: str) -> Marked:
        """The text in parts, a glossary word a part of its own where this page meets it first."""
        parts: list[tuple[str, str]] = []
        end = 0
        for place in _terms(self.lang).places(text):
            if place.entry in self._met:
                continue
            self._met[place.entry] = None
            parts += [(text[end : place.start], ""), (text[place.start : place.end], place.entry)]
            end = place.end
        return (*parts, (text[end:], ""))

    @property
    def terms(self) -> tuple[GlossaryEntry, ...]:
        """The words that were marked so far."""
        return tuple(load_shelf().glossary[entry] for entry in self._met)

    @property
    def sources(self) -> tuple[Cited, ...]:
        """The sources cited so far."""
        return tuple(self._numbered(source, "") for source in self._cited)

    def cite(self, cites: Iterable[Citation]) -> tuple[Cited, ...]:
        return tuple(self._cite(cite) for cite in cites)

    def _cite(self, cite: Citation) -> Cited:
        self._cited.setdefault(cite.source, len(self._cited) + 1)
        return self._numbered(cite.source, cite.locator)

    def _numbered(self, source: str, locator: str) -> Cited:
        return Cited(self._cited[source], source, source_told(self.words, load_library().sources[source]), locator)

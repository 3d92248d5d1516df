"""Topics, search results and the state of the knowledge, as text and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

import msgspec

from remission.documents.answer_text import WIDTH, Style, plain
from remission.documents.terms import Terms
from remission.documents.wording import Wording, source_told
from remission.knowledge.history import key_of
from remission.knowledge.model import Citation, Lang, Library
from remission.knowledge.search import Hit
from remission.knowledge.shelf import GROUPS, LEVELS, Claim, Level, Shelf, Topic

KNOWN_DIFFERENCES = tuple(f"C{number}" for number in range(1, 15))


def topic_text(
    library: Library,
    shelf: Shelf,
    topic: Topic,
    lang: Lang,
    level: Level,
    numbers: bool = False,
    explain_words: bool = False,
    style: Style = plain,
) -> str:
    """A topic to read: its claims, where sources differ, the words to explain, the sources, and who reviewed it.

    Figures on the outlook are told only when asked for (`numbers`), except to professionals.
    """
    return "\n".join(_Told(library, shelf, lang, level, style, numbers).topic(topic, explain_words)) + "\n"


def is_folded(topic: Topic, claim: Claim, level: Level, numbers: bool) -> bool:
    """Whether a claim stays behind "I want to see numbers"."""
    return topic.group == "outlook" and claim.has_figures and not numbers and level != "professional"


def topics_text(library: Library, shelf: Shelf, lang: Lang, style: Style = plain) -> str:
    """All topics by group, one line each."""
    words = Wording(library, lang)
    lines: list[str] = []
    for group in GROUPS:
        topics = [topic for topic in shelf.topics.values() if topic.group == group]
        lines += [style(words.say(f"group-{group}"), "heading")] * bool(topics)
        lines += [f"  {topic.id:<32} {topic.title.in_(lang)}" for topic in topics] + [""] * bool(topics)
    return "\n".join(lines)


def hits_text(
    library: Library, shelf: Shelf, hits: list[Hit], lang: Lang, level: Level, numbers: bool = False, style: Style = plain
) -> str:
    """Search results: the claim itself, why it was found, and its sources."""
    told = _Told(library, shelf, lang, level, style, numbers)
    lines = [line for hit in hits for line in told.hit(hit)]
    return "\n".join(lines or [told.words.say("search-nothing")]) + "\n"


def hits_json(library: Library, shelf: Shelf, hits: list[Hit], lang: Lang, level: Level, url_of: Callable[[Hit, Lang], str]) -> str:
    """Search results for programs: `[{id, title, text, why, sources, url, score}]`. `url_of` says where a result can be read."""
    listed = []
    for hit in hits:
        title, text, cites = found(shelf, hit, lang, level)
        sources = [{"id": cite.source, "year": library.sources[cite.source].year} for cite in cites]
        listed.append(
            {
                "id": hit.id,
                "title": title,
                "text": text,
                "why": list(hit.why),
                "sources": sources,
                "url": url_of(hit, lang),
                "score": round(hit.score, 3),
            }
        )
    return _json(listed)


def is_hit_folded(shelf: Shelf, hit: Hit, level: Level, numbers: bool) -> bool:
    """Whether a result is a claim that stays behind "I want to see numbers"."""
    owner, _, name = hit.id.partition("/")
    topic = shelf.topics.get(owner)
    return topic is not None and any(is_folded(topic, claim, level, numbers) for claim in topic.claims if claim.id == name)


def found(shelf: Shelf, hit: Hit, lang: Lang, level: Level) -> tuple[str, str, tuple[Citation, ...]]:
    """Title, text and citations of what a hit names."""
    owner, _, name = hit.id.partition("/")
    if owner == "glossary":
        entry = shelf.glossary[name]
        return entry.term.in_(lang), entry.means.in_(lang), entry.cites
    topic = shelf.topics[owner]
    claim = next(claim for claim in topic.claims if claim.id == name)
    return topic.title.in_(lang), claim.text(level).in_(lang), claim.cites


def export_json(shelf: Shelf, lang: Lang) -> str:
    """Every claim in each of its levels: `[{id, topic, level, text, sources, status, review}]`."""
    return _json([told for topic, claim in shelf.claims() for told in _exported(topic, claim, lang)])


def _exported(topic: Topic, claim: Claim, lang: Lang) -> Iterator[dict[str, Any]]:
    levels = [level for level in LEVELS if level != "child" or claim.child]
    for level in levels:
        yield {
            "id": claim.id, "topic": topic.id, "level": level, "text": claim.text(level).in_(lang),
            "sources": [msgspec.to_builtins(cite) for cite in claim.cites], "status": claim.status,
            "review": msgspec.to_builtins(topic.review),
        }  # fmt: skip


def status_text(library: Library, shelf: Shelf, lang: Lang, today: date, style: Style = plain) -> str:
    """What is covered, overdue, unreviewed, unconfirmed and in conflict."""
    words = Wording(library, lang)
    claims = list(shelf.claims())
    lines = [
        style(
            words.say(
                "state-heading", version=library.version, topics=len(shelf.topics), claims=len(claims), terms=len(shelf.glossary)
            ),
            "heading",
        ),
        "",
    ]
    for row, name in shelf.systems.items():
        topics = [topic for topic in shelf.topics.values() if row in topic.systems]
        count = sum(len(topic.claims) for topic in topics)
        line = f"  {row:<4} {name.in_(lang):<48} {words.say('state-row', topics=len(topics), claims=count)}"
        lines.append(line if topics else style(line, "warning"))
    lines.append("")
    lines += [
        f"  {words.say(word)}: {', '.join(ids) or words.say('state-none')}" for word, ids in _states(library, shelf, today).items()
    ]
    return "\n".join(lines) + "\n"


def _states(library: Library, shelf: Shelf, today: date) -> dict[str, list[str]]:
    reviews = {f"topic {topic.id}": topic.review for topic in shelf.topics.values()}
    reviews |= {f"scheme {scheme.id}": scheme.review for scheme in library.schemes.values()}
    shown = {claim.differs.id for _, claim in shelf.claims() if claim.differs}
    unreviewed = sum(1 for review in reviews.values() if review.checked_by is None)
    return {
        "state-overdue": [name for name, review in reviews.items() if review.is_overdue(today)],
        "state-unreviewed": [f"{unreviewed}/{len(reviews)}"],
        "state-background": [f"{topic.id}/{claim.id}" for topic, claim in shelf.claims() if claim.status == "background"],
        "state-stale": sorted(shelf.stale_spanish),
        "state-differs": [f"{topic.id}/{claim.id}" for topic, claim in shelf.claims() if claim.differs],
        "state-not-shown": [number for number in KNOWN_DIFFERENCES if number not in shown],
        "state-uncovered": [row for row in shelf.systems if not any(row in topic.systems for topic in shelf.topics.values())],
    }


class _Told:
    def __init__(self, library: Library, shelf: Shelf, lang: Lang, level: Level, style: Style, numbers: bool):
        self.library, self.shelf, self.lang, self.level, self.style, self.numbers = library, shelf, lang, level, style, numbers
        self.words = Wording(library, lang)
        self.cited: dict[str, int] = {}

    def topic(self, topic: Topic, explain_words: bool) -> Iterator[str]:
        yield from (self.style(topic.title.in_(self.lang), "heading"), "")
        if topic.review.is_overdue(date.today()):
            word = "read-overdue-safety" if topic.safety else "read-overdue"
            yield from (*(self.style(line, "warning") for line in self._wrapped(self.words.say(word), "  ")), "")
            if topic.safety:
                return
        shown = [claim for claim in topic.claims if not is_folded(topic, claim, self.level, self.numbers)]
        for claim in shown:
            yield from self._wrapped(f"{claim.text(self.level).in_(self.lang)} {self._numbers(claim.cites)}", "  ")
            if self.lang == "es" and key_of(topic.id, claim, self.level) in self.shelf.stale_spanish:
                yield self.style(f"    {self.words.say('read-stale')}", "warning")
            yield from self._difference(claim)
            yield ""
        if len(shown) < len(topic.claims):
            yield from (*self._wrapped(self.words.say("read-folded", count=len(topic.claims) - len(shown)), "  "), "")
        for picture in self.shelf.pictures.values():
            if picture.topic == topic.id:
                yield from (f"  {self.words.say('read-picture', picture=picture.id)}", "")
        yield from self._terms([claim.text(self.level).in_(self.lang) for claim in shown], explain_words)
        yield from self._sources()
        review = topic.review
        checked = review.checked_by or self.words.say("show-nobody")
        told = self.words.say(
            "show-review", author=review.author, checked=checked, last=review.last_review, next=review.next_review
        )
        yield from self._wrapped(f"{told} {self.words.say('read-notice')}", "")

    def _difference(self, claim: Claim) -> Iterator[str]:
        if claim.differs is None:
            return
        yield self.style(f"    {self.words.say('read-differs')}", "warning")
        for said in claim.differs.says:
            cite = (Citation(said.source, ""),)
            yield from self._wrapped(f"{said.text.in_(self.lang)} {self._numbers(cite)}", "      ", "    · ")
        if claim.differs.reading:
            yield from self._wrapped(self.words.say("read-reading", text=claim.differs.reading.in_(self.lang)), "      ", "    · ")

    def _terms(self, texts: list[str], explained: bool) -> Iterator[str]:
        entries = [self.shelf.glossary[entry] for entry in Terms(self.shelf.glossary.values(), self.lang).entries(texts)]
        if not explained:
            names = ", ".join(entry.term.in_(self.lang) for entry in entries)
            yield from (*self._wrapped(self.words.say("read-words-there", words=names), "  "), "") if entries else ()
            return
        yield from (self.style(self.words.say("read-terms"), "heading"), "")
        for entry in entries:
            say = f" ({entry.say.in_(self.lang)})" if entry.say else ""
            yield from self._wrapped(f"{entry.term.in_(self.lang)}{say}: {entry.means.in_(self.lang)}", "      ", "  ")
        yield ""

    def hit(self, hit: Hit) -> Iterator[str]:
        title, text, cites = found(self.shelf, hit, self.lang, self.level)
        if is_hit_folded(self.shelf, hit, self.level, self.numbers):
            text = self.words.say("search-folded")
        yield f"{self.style(title, 'heading')}  ({hit.id})"
        yield from self._wrapped(text, "  ")
        sources = "; ".join(
            source_told(self.words, self.library.sources[cite.source]).rstrip(".")
            for cite in {cite.source: cite for cite in cites}.values()
        )
        why = self.words.say("search-why", words=", ".join(f"“{word}”" for word in hit.why))
        yield from (self.style(line, "quiet") for line in self._wrapped(f"{why} {sources}", "  "))
        yield ""

    def _numbers(self, cites: Iterable[Citation]) -> str:
        sources = dict.fromkeys(cite.source for cite in cites)
        return " ".join(f"[{self.cited.setdefault(source, len(self.cited) + 1)}]" for source in sources)

    def _sources(self) -> Iterator[str]:
        yield from (self.style(self.words.say("heading-sources"), "heading"), "")
        for source, number in self.cited.items():
            yield from self._wrapped(source_told(self.words, self.library.sources[source]), "       ", f"  [{number}]".ljust(7))
        yield ""

    @staticmethod
    def _wrapped(text: str, indent: str, first: str | None = None) -> list[str]:
        start = indent if first is None else first
        return textwrap.wrap(
            text, WIDTH, initial_indent=start, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
        )


def _json(content: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"

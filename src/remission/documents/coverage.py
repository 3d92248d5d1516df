"""The report of coverage and readability, as a page: what is covered how well, how hard it is to read, what nobody confirmed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from remission.documents.wording import Wording
from remission.knowledge.model import Lang, Library, Status
from remission.knowledge.readability import grade_en, index_es
from remission.knowledge.shelf import Shelf, Topic

_STATUSES: tuple[Status, ...] = ("verified", "secondary", "background")


def coverage_markdown(library: Library, shelf: Shelf, lang: Lang) -> str:
    """The report in Markdown, without its notice."""
    words = Wording(library, lang)
    return "\n".join([*_systems(words, shelf), *_topics(words, shelf), *_differences(words, shelf), *_background(words, shelf)])


def _systems(words: Wording, shelf: Shelf) -> Iterator[str]:
    yield from _heading(words.say("report-systems"))
    yield from _table_head(words, "report-row", "report-name", "report-topics", "report-claims")
    for row, name in shelf.systems.items():
        topics = [topic for topic in shelf.topics.values() if row in topic.systems]
        yield _line(row, name.in_(words.lang), len(topics), sum(len(topic.claims) for topic in topics))


def _topics(words: Wording, shelf: Shelf) -> Iterator[str]:
    yield from _heading(words.say("report-topics"))
    yield from (words.say("report-topics-note"), "")
    statuses = [f"status-{status}" for status in _STATUSES]
    yield from _table_head(words, "report-topic", "report-claims", *statuses, "report-grade", "report-ease", "report-next")
    for topic in shelf.topics.values():
        status = Counter(claim.status for claim in topic.claims)
        ease = f"{_grade(shelf, topic):.1f}", f"{_ease(shelf, topic):.0f}"
        counts = [status[name] for name in _STATUSES]
        yield _line(topic.title.in_(words.lang), len(topic.claims), *counts, *ease, topic.review.next_review)


def _grade(shelf: Shelf, topic: Topic) -> float:
    return grade_en(" ".join(claim.family.en for claim in topic.claims), shelf.reading.names)


def _ease(shelf: Shelf, topic: Topic) -> float:
    return index_es(" ".join(claim.family.es for claim in topic.claims), shelf.reading.names)


def _differences(words: Wording, shelf: Shelf) -> Iterator[str]:
    yield from _heading(words.say("report-differences"))
    for topic, claim in shelf.claims():
        if claim.differs:
            number = f"**{claim.differs.id}** " if claim.differs.id else ""
            yield f"- {number}{claim.professional.in_(words.lang)} (`{topic.id}/{claim.id}`)"


def _background(words: Wording, shelf: Shelf) -> Iterator[str]:
    yield from _heading(words.say("report-background"))
    for topic, claim in shelf.claims():
        if claim.status == "background":
            yield f"- {claim.professional.in_(words.lang)} (`{topic.id}/{claim.id}`)"


def _heading(text: str) -> tuple[str, ...]:
    return "", f"## {text}", ""


def _table_head(words: Wording, *columns: str) -> Iterable[str]:
    return _line(*(words.say(column) for column in columns)), _line(*("---" for _ in columns))


def _line(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"

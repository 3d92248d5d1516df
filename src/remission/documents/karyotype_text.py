"""A karyotype on paper and for programs: the sentences of `karyotype_told` laid out as text, or everything as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from remission.documents.answer_text import WIDTH, Style
from remission.documents.karyotype_told import AnswerTold, GroupTold, KaryotypeTold, karyotype_told
from remission.documents.wording import Wording, source_told
from remission.knowledge.karyotype import karyotypes_of
from remission.knowledge.model import Lang, Library
from remission.record.facts import Fact
from remission.record.karyotype.facts import Answer, KaryotypeFacts
from remission.record.karyotype.shape import Clone, KaryotypeRead
from remission.record.karyotype.writing import clone_written, written
from remission.record.problems import InputProblem

_WIDEST_CHANGES = 56


def karyotype_text(library: Library, read: KaryotypeRead, found: KaryotypeFacts, lang: Lang, style: Style) -> str:
    """The whole answer as text."""
    told = karyotype_told(library, read, found, lang)
    return "\n".join(_Printed(Wording(library, lang), style).lines(told)) + "\n"


class _Printed:
    def __init__(self, words: Wording, style: Style):
        self.words, self.style = words, style
        self.cited: dict[str, int] = {}

    def lines(self, told: KaryotypeTold) -> Iterator[str]:
        if told.failed:
            yield from (*_wrapped(told.failed, ""), "")
        else:
            yield from self._heading("read")
            yield from (*_wrapped(told.written, "  "), "")
        yield from self._list("repairs", told.repairs)
        yield from self._list("problems", told.problems)
        if told.groups:
            yield from self._heading("groups")
            yield from (*self._table(told.groups), "")
        yield from self._list("changes", (f"{item}: {says}" for item, says in told.changes))
        yield from self._answers("follows", told.follows, "decided")
        yield from self._answers("not-seen", told.not_seen, "quiet")
        yield from self._answers("also", told.also, "open")
        yield from self._list("untold", told.untold)
        yield from self._list("notes", told.notes)
        yield from self._sources()
        yield from _wrapped(self.words.say("notice"), "")

    def _heading(self, name: str) -> Iterator[str]:
        yield from (self.style(self.words.say(f"karyotype-heading-{name}"), "heading"), "")

    def _list(self, name: str, sentences: Iterable[str]) -> Iterator[str]:
        listed = list(sentences)
        if listed:
            yield from self._heading(name)
            for sentence in listed:
                yield from _wrapped(sentence, "    ", "  · ")
            yield ""

    def _answers(self, name: str, answers: Iterable[AnswerTold], role: str) -> Iterator[str]:
        listed = list(answers)
        if listed:
            yield from self._heading(name)
            for answer in listed:
                told = f"{answer.says} {self._rests(answer)}"
                yield from (self.style(line, role) for line in _wrapped(told, "    ", "  · "))
            yield ""

    def _rests(self, answer: AnswerTold) -> str:
        sources = dict.fromkeys(cite.source for cite in answer.cites)
        numbers = "".join(f"[{self.cited.setdefault(source, len(self.cited) + 1)}] " for source in sources)
        return f"{numbers}· {answer.status}"

    def _table(self, groups: tuple[GroupTold, ...]) -> Iterator[str]:
        """The groups of cells as columns; long lists of changes run over several lines of their column."""
        names = ("group", "number", "sex", "changes", "cells")
        head = GroupTold(*(self.words.say(f"karyotype-column-{name}") for name in names))
        rows = [[getattr(group, name) for name in names] for group in (head, *groups)]
        wrapped = [[textwrap.wrap(cell, _WIDEST_CHANGES, break_long_words=True) or [""] for cell in row] for row in rows]
        widths = [max(len(line) for row in wrapped for line in row[column]) for column in range(len(names))]
        for number, row in enumerate(wrapped):
            for line in range(max(len(cell) for cell in row)):
                cells = [(cell[line] if line < len(cell) else "").ljust(width) for cell, width in zip(row, widths, strict=True)]
                yield "  " + "  ".join(cells).rstrip()
            if number == 0:
                yield "  " + "  ".join("─" * width for width in widths)

    def _sources(self) -> Iterator[str]:
        if self.cited:
            yield from (self.style(self.words.say("heading-sources"), "heading"), "")
            for source, number in self.cited.items():
                told = source_told(self.words, self.words.library.sources[source])
                yield from _wrapped(told, "       ", f"  [{number}]".ljust(7))
            yield ""


def _wrapped(text: str, indent: str, first: str | None = None) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent if first is None else first, subsequent_indent=indent, break_on_hyphens=False
    )


def karyotype_json(library: Library, read: KaryotypeRead, found: KaryotypeFacts, lang: Lang) -> str:
    """What was read, the facts that follow, what was mended and what does not add up, for programs."""
    told = karyotype_told(library, read, found, lang)
    answers = {answer.fact: answer for answer in found.answers}
    repairs = [msgspec.to_builtins(repair) | {"says": says} for repair, says in zip(read.repairs, told.repairs, strict=True)]
    content = {
        "karyotype": _karyotype(library, read, found, lang),
        "facts": {name: _fact(fact, answers[name]) for name, fact in found.facts.items()},
        "repairs": repairs,
        "problems": [{"says": says} for says in told.problems],
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def refusal_json(library: Library, problem: InputProblem, lang: Lang) -> str:
    """The same shape for a string that cannot be read: why, and at which character."""
    says = problem.sentence(library.words, lang)
    content: dict[str, Any] = {
        "karyotype": None,
        "facts": {},
        "repairs": [],
        "problems": [{"at": problem.values.get("at"), "says": says}],
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def _karyotype(library: Library, read: KaryotypeRead, found: KaryotypeFacts, lang: Lang) -> dict[str, Any]:
    names = {pattern.id: pattern.name.in_(lang) for pattern in karyotypes_of(library).patterns}
    words = Wording(library, lang)
    return {
        "written": written(read.karyotype),
        "failed": read.karyotype.failed,
        "clones": [_clone(clone) for clone in read.karyotype.clones],
        "patterns": [msgspec.to_builtins(sighting) | {"name": names[sighting.pattern]} for sighting in found.seen],
        "answers": [
            {"fact": a.fact, "tells": a.tells, "why": words.say(f"karyotype-why-{a.why}", items=", ".join(a.items))}
            for a in found.answers
        ],
        "notes": [note.sentence(library.words, lang) for note in found.notes],
    }


def _clone(clone: Clone) -> dict[str, Any]:
    content: dict[str, Any] = msgspec.to_builtins(clone)
    return {"written": clone_written(clone)} | content


def _fact(fact: Fact, answer: Answer) -> dict[str, Any]:
    value: Any = None
    if fact.options:
        value = fact.options[0]
    elif fact.low is not None and fact.high is not None:
        low, high = int(fact.low), int(fact.high)
        value = low if low == high else {"low": low, "high": high}
    cites = [{"source": cite.source, "locator": cite.locator} for cite in answer.cites]
    return {"value": value, "absent_reason": fact.absent_reason, "status": answer.status, "cites": cites}

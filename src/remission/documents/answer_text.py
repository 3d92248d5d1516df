"""One child's assessment as plain text: the groups first, then why, what is missing, where it is written, and the notice."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator

from remission.care.risk import Assessment
from remission.documents.answer_told import AnswerTold, DecisionTold, SheetTold, answer_told
from remission.documents.wording import Wording
from remission.knowledge.model import Lang, Library

Style = Callable[[str, str], str]  # text, role ("heading", "decided", "open", "quiet", "warning") → text
WIDTH = 96


def plain(text: str, role: str) -> str:  # noqa: ARG001 - a Style that leaves everything as it is
    """The style for files and pipes: no colour."""
    return text


def answer_text(library: Library, assessment: Assessment, lang: Lang, trace: bool = False, style: Style = plain) -> str:
    """The whole answer. `trace` adds every row of every table; `style` colours roles on a terminal."""
    told = answer_told(library, assessment, lang, trace)
    return "\n".join(_Printed(Wording(library, lang), style).answer(told)) + "\n"


class _Printed:
    def __init__(self, words: Wording, style: Style):
        self.words, self.style = words, style

    def answer(self, told: AnswerTold) -> Iterator[str]:
        if told.invented:
            yield from (self.style(told.invented, "warning"), "")
        yield from self._known(told)
        yield from self._overview(told)
        for decision in told.decisions:
            yield from self._decision(decision)
        for sheet in told.sheets:
            yield from self._sheet(sheet)
        yield from self._sources(told)
        yield from _wrapped(told.notice, "")
        if told.invented:
            yield from ("", self.style(told.invented, "warning"))

    def _heading(self, text: str) -> Iterator[str]:
        yield from (self.style(text, "heading"), "")

    def _known(self, told: AnswerTold) -> Iterator[str]:
        yield from self._heading(self.words.say("heading-known"))
        for known in told.known:
            yield from _wrapped(known.says, "    ", "  · ")
            for ask in known.asks:
                yield from _wrapped(ask, "    ")
        yield ""
        for heading, remarks in (("fhir-heading-chosen", told.chosen), ("heading-karyotype", told.remarks)):
            if remarks:
                yield from self._list(self.words.say(heading), remarks)
                yield ""

    def _overview(self, told: AnswerTold) -> Iterator[str]:
        yield from self._heading(self.words.say("heading-groups"))
        lines = [
            (decision.name, decision.headline, "decided" if decision.role == "decided" else "open") for decision in told.decisions
        ]
        lines += [(sheet.name, self.words.say("not-group"), "quiet") for sheet in told.sheets]
        width = max((len(name) for name, _, _ in lines), default=0) + 2
        for name, says, role in lines:
            wrapped = _wrapped(says, "  " + " " * width, "  " + name.ljust(width))
            yield from (self.style(line, role) for line in wrapped)
        yield ""
        if told.outside:
            yield f"  {self.words.say('heading-not-meant')}:"
            yield from self._items(f"{decision.name}: {decision.outside}" for decision in told.outside)
            yield ""
        if told.unasked:
            says = self.words.say("relapse-not-said", schemes=", ".join(told.unasked))
            yield from (*_wrapped(f"{self.words.say('heading-relapse')}: {says}", "    ", "  "), "")

    def _decision(self, decision: DecisionTold) -> Iterator[str]:
        yield from self._heading(f"{decision.name}: {decision.headline}")
        for warning in decision.warnings:
            yield from (self.style(line, "warning") for line in _wrapped(warning, "  "))
        if decision.outside:
            yield from _wrapped(decision.outside, "  ")
        yield from self._list(decision.why_heading, decision.why)
        yield from self._list(self.words.say("heading-missing"), decision.missing)
        yield from self._list(self.words.say("heading-notes"), decision.notes)
        yield from self._list(self.words.say("heading-trace"), decision.trace)
        if decision.sources:
            rests = f"{self.words.say('heading-rests')}: {_numbers(decision.sources)} · {decision.status}"
            yield from (self.style(line, "quiet") for line in _wrapped(rests, "  "))
        yield ""

    def _list(self, heading: str, sentences: tuple[str, ...]) -> Iterator[str]:
        if sentences:
            yield f"  {heading}:"
            yield from self._items(sentences)

    @staticmethod
    def _items(sentences: Iterable[str]) -> Iterator[str]:
        for sentence in sentences:
            yield from _wrapped(sentence, "      ", "    · ")

    def _sheet(self, sheet: SheetTold) -> Iterator[str]:
        yield from self._heading(f"{sheet.name}: {self.words.say('not-group')}")
        for says in sheet.says:
            yield from _wrapped(says, "    ", "  · ")
        yield from (self.style(f"  {self.words.say('heading-rests')}: {_numbers(sheet.sources)}", "quiet"), "")

    def _sources(self, told: AnswerTold) -> Iterator[str]:
        if not told.sources:
            return
        yield from self._heading(self.words.say("heading-sources"))
        for number, says, _ in told.sources:
            yield from _wrapped(says, "       ", f"  [{number}]".ljust(7))
        yield ""


def _numbers(sources: tuple[int, ...]) -> str:
    return " ".join(f"[{number}]" for number in sources)


def _wrapped(text: str, indent: str, first: str | None = None) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent if first is None else first, subsequent_indent=indent, break_on_hyphens=False,
        break_long_words=False,
    )  # fmt: skip

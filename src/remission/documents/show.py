"""The library itself, readable: a scheme as tables, the list of schemes, the data dictionary."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from remission.documents.answer_text import WIDTH, Style, plain
from remission.documents.wording import Wording, grouped, source_told
from remission.knowledge.model import Citation, DecisionTable, FactDefinition, Lang, Library, Row, Scheme
from remission.rules.program import tables_on_the_way

_PHASES = ("diagnosis", "response", "relapse")


def scheme_text(library: Library, scheme: Scheme, lang: Lang, style: Style = plain) -> str:
    """One scheme so that a reader who is no programmer can say what the rule is and where it comes from."""
    return "\n".join(_Shown(library, scheme, lang, style).lines()) + "\n"


def schemes_text(library: Library, lang: Lang, style: Style = plain) -> str:
    """All schemes by the time at which they speak, one line each."""
    words = Wording(library, lang)
    lines: list[str] = []
    for heading, schemes in _by_phase(library):
        lines += [style(words.say(heading), "heading")]
        lines += [f"  {scheme.id:<24} {scheme.title.in_(lang)}" for scheme in schemes]
        lines += [""]
    return "\n".join(lines)


def facts_text(library: Library, lang: Lang, style: Style = plain) -> str:
    """The data dictionary: id, question, and what an answer may be."""
    words = Wording(library, lang)
    lines: list[str] = []
    for when in dict.fromkeys(fact.when for fact in library.facts.values()):
        lines += [style(words.say(f"facts-{when}"), "heading")]
        for fact in library.facts.values():
            if fact.when == when:
                lines += [f"  {style(fact.id, 'decided')}  {fact.label.in_(lang)}"]
                lines += wrapped(fact.question.in_(lang), "      ")
                lines += wrapped(_answers(words, fact), "      ")
                lines += wrapped(", ".join(f"{code.system} {code.code}" for code in fact.codes), "      ")
        lines += [""]
    return "\n".join(lines)


def _answers(words: Wording, fact: FactDefinition) -> str:
    if fact.kind == "choice":
        return words.say("facts-choices", choices=", ".join([*fact.choice_ids, *(group.id for group in fact.groups)]))
    if fact.plausible is None:
        return fact.unit
    return words.say("facts-range", low=grouped(fact.plausible.low), high=grouped(fact.plausible.high), unit=fact.unit)


def _by_phase(library: Library) -> Iterator[tuple[str, list[Scheme]]]:
    schemes = library.schemes.values()
    for phase in _PHASES:
        yield f"phase-{phase}", [s for s in schemes if s.kind == "scheme" and s.phase == phase]
    yield "kind-factor-sheet", [s for s in schemes if s.kind == "factor-sheet"]
    yield "phase-supporting", [s for s in schemes if s.kind == "supporting"]


def wrapped(text: str, indent: str, first: str | None = None) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent if first is None else first, subsequent_indent=indent, break_on_hyphens=False,
        break_long_words=False,
    )  # fmt: skip


class _Shown:
    def __init__(self, library: Library, scheme: Scheme, lang: Lang, style: Style):
        self.library, self.scheme, self.lang, self.style = library, scheme, lang, style
        self.words = Wording(library, lang)
        self.cited: dict[str, int] = {}

    def lines(self) -> Iterator[str]:
        yield from (self.style(self.scheme.title.in_(self.lang), "heading"), f"({self.scheme.id})", "")
        yield from (*wrapped(self.scheme.about.in_(self.lang), ""), "")
        yield from self._applies()
        if self.scheme.narrows:
            yield from (self.words.say("show-narrows", fact=self.words.label(self.scheme.narrows)), "")
        if self.scheme.factors:
            yield from (self.words.say("show-factor-sheet"), "")
            for factor in self.scheme.factors:
                yield from self._entry(factor.says.in_(self.lang), factor.status, factor.cites)
            yield ""
        else:
            tables = tables_on_the_way(self.library, self.scheme)
            if len(tables) > 1:
                yield from (*wrapped(f"{self.words.say('show-earlier-table')} {self.words.say('show-first-decides')}", ""), "")
            for table in tables:
                yield from self._table(table)
        yield from self._notes()
        yield from self._sources()
        yield from self._review()

    def _applies(self) -> Iterator[str]:
        yield self.style(self.words.say("show-applies"), "heading")
        if not self.scheme.applies:
            yield f"  {self.words.say('show-everybody')}"
        for domain in self.scheme.applies:
            yield from self._entry(domain.text.in_(self.lang), domain.status, domain.cites)
        yield ""

    def _table(self, table: DecisionTable) -> Iterator[str]:
        yield self.style(table.title.in_(self.lang), "heading")
        if table.hold:
            yield from wrapped(self.words.say(f"show-{table.hold}"), "  ")
        for row in table.rows:
            yield from self._row(table, row)
        yield ""

    def _row(self, table: DecisionTable, row: Row) -> Iterator[str]:
        condition = self.words.row_condition(row) or self.words.say("show-any-value")
        if table.hold:
            yield from self._entry(condition, row.status, row.cites)
        else:
            owner = self.library.scheme_of_table(table.id)
            names = self.words.joined([self.words.outcome(owner, outcome) for outcome in row.then], "or")
            first, *rest = self._entry(f"{names} — {condition}", row.status, row.cites)
            yield from (first.replace(names, self.style(names, "decided"), 1), *rest)
        if row.note:
            yield from wrapped(row.note.in_(self.lang), "      ")

    def _entry(self, text: str, status: str, cites: Iterable[Citation]) -> Iterator[str]:
        told = f"{text} [{', '.join(self._place(cite) for cite in cites)}; {self.words.say(f'status-{status}')}]"
        yield from wrapped(told, "    ", "  · ")

    def _place(self, cite: Citation) -> str:
        number = self.cited.setdefault(cite.source, len(self.cited) + 1)
        return f"{number}: {cite.locator}"

    def _notes(self) -> Iterator[str]:
        if self.scheme.notes:
            yield self.style(self.words.say("heading-notes"), "heading")
            for note in self.scheme.notes:
                yield from self._entry(note.text.in_(self.lang), note.status, note.cites)
            yield ""

    def _sources(self) -> Iterator[str]:
        yield self.style(self.words.say("heading-sources"), "heading")
        for source_id, number in self.cited.items():
            source = self.library.sources[source_id]
            told = f"{source_told(self.words, source)} {source.address or ''}"
            yield from wrapped(told.strip(), "       ", f"  [{number}]".ljust(7))
        yield ""

    def _review(self) -> Iterator[str]:
        review = self.scheme.review
        checked = review.checked_by or self.words.say("show-nobody")
        told = self.words.say(
            "show-review", author=review.author, checked=checked, last=review.last_review, next=review.next_review
        )
        yield from wrapped(told, "")
        if review.checked_by is None:
            yield self.style(self.words.say("show-not-reviewed"), "warning")

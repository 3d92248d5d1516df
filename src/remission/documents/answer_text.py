"""One child's assessment as plain text: the groups first, then why, what is missing, where it is written, and the notice."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from remission.care.risk import Ask, Assessment, asks
from remission.documents.wording import Wording, lowered, source_told
from remission.knowledge.model import Cell, Citation, Lang, Library, Note, Row, Scheme
from remission.record.facts import Fact
from remission.rules.axes import condition
from remission.rules.decision import Decision, FactorSheet, Missing
from remission.rules.explain import note_called

Style = Callable[[str, str], str]  # text, role ("heading", "decided", "open", "quiet", "warning") → text
WIDTH = 96


def plain(text: str, role: str) -> str:  # noqa: ARG001 - a Style that leaves everything as it is
    """The style for files and pipes: no colour."""
    return text


def answer_text(library: Library, assessment: Assessment, lang: Lang, trace: bool = False, style: Style = plain) -> str:
    """The whole answer. `trace` adds every row of every table; `style` colours roles on a terminal."""
    return "\n".join(_Answer(library, assessment, lang, trace, style).lines()) + "\n"


class _Answer:
    def __init__(self, library: Library, assessment: Assessment, lang: Lang, trace: bool, style: Style):
        self.library, self.assessment, self.trace, self.style = library, assessment, trace, style
        self.words = Wording(library, lang)
        self.lang = lang
        self.cited: dict[str, int] = {}

    def lines(self) -> Iterator[str]:
        if self.assessment.invented:
            yield from (self.style(self.words.say("invented"), "warning"), "")
        yield from self._known()
        asked, unasked, outside = self._sorted()
        yield from self._overview([*asked], outside, unasked)
        for decision in asked:
            yield from self._decision(decision)
        for sheet in self.assessment.factor_sheets:
            yield from self._factor_sheet(sheet)
        yield from self._sources()
        yield from self._wrapped(self.words.say("notice"), "")
        if self.assessment.invented:
            yield from ("", self.style(self.words.say("invented"), "warning"))

    def _sorted(self) -> tuple[list[Decision], list[Decision], list[Decision]]:
        """Decisions to look at, relapse schemes when nothing was said of a relapse, and schemes not meant for this child."""
        decisions = self.assessment.decisions
        outside = [decision for decision in decisions if decision.status == "not-applicable"]
        relapse_unsaid = "relapse_site" not in self.assessment.facts and len(decisions) > 1
        unasked = [d for d in decisions if relapse_unsaid and self._scheme(d).phase == "relapse" and d not in outside]
        asked = [decision for decision in decisions if decision not in outside and decision not in unasked]
        return asked, unasked, outside if len(decisions) > 1 else []

    def _scheme(self, decision: Decision | FactorSheet) -> Scheme:
        return self.library.schemes[decision.scheme]

    def _heading(self, text: str) -> Iterator[str]:
        yield from (self.style(text, "heading"), "")

    def _wrapped(self, text: str, indent: str, first: str | None = None) -> list[str]:
        return textwrap.wrap(
            text, WIDTH, initial_indent=indent if first is None else first, subsequent_indent=indent, break_on_hyphens=False,
            break_long_words=False,
        )  # fmt: skip

    def _known(self) -> Iterator[str]:
        yield from self._heading(self.words.say("heading-known"))
        known = self.assessment.facts
        asked: dict[str, list[Ask]] = {}
        for ask in asks(self.library, known):
            asked.setdefault(ask.fact, []).append(ask)
        for fact in (known[fact_id] for fact_id in self.library.facts if fact_id in known):
            told = self.words.say("cell-table", label=self.words.label(fact.id), value=self.words.value(fact))
            if fact.learnt_from:
                told += f" ({self.words.say('learnt-from', facts=self.words.labels(fact.learnt_from))})"
            yield from self._wrapped(told, "    ", "  · ")
            for ask in asked.get(fact.id, ()):
                yield from self._wrapped(self.words.ask(ask, fact), "    ")
        yield ""

    def _overview(self, asked: list[Decision], outside: list[Decision], unasked: list[Decision]) -> Iterator[str]:
        yield from self._heading(self.words.say("heading-groups"))
        shown = [self._scheme(decision) for decision in asked] + [self._scheme(sheet) for sheet in self.assessment.factor_sheets]
        width = max((len(scheme.short.in_(self.lang)) for scheme in shown), default=0) + 2
        for decision in asked:
            lines = self._named_line(self._scheme(decision), self._headline(decision), width)
            role = "decided" if decision.status == "decided" else "open"
            yield from (self.style(line, role) for line in lines)
        for sheet in self.assessment.factor_sheets:
            yield from (
                self.style(line, "quiet") for line in self._named_line(self._scheme(sheet), self.words.say("not-group"), width)
            )
        yield ""
        if outside:
            yield from self._outside(outside)
        if unasked:
            names = ", ".join(self._scheme(decision).short.in_(self.lang) for decision in unasked)
            told = f"{self.words.say('heading-relapse')}: {self.words.say('relapse-not-said', schemes=names)}"
            yield from (*self._wrapped(told, "    ", "  "), "")

    def _named_line(self, scheme: Scheme, told: str, width: int) -> list[str]:
        return self._wrapped(told, "  " + " " * width, "  " + scheme.short.in_(self.lang).ljust(width))

    def _headline(self, decision: Decision) -> str:
        scheme = self._scheme(decision)
        if decision.status == "decided" and decision.outcome is not None:
            return self.words.outcome(scheme, decision.outcome)
        if decision.status == "not-applicable":
            return self.words.say("does-not-apply")
        return self.words.say("still-open", outcomes=self.words.outcomes(scheme, decision.possible))

    def _outside(self, outside: list[Decision]) -> Iterator[str]:
        yield f"  {self.words.say('heading-not-meant')}:"
        for decision in outside:
            yield from self._wrapped(
                f"{self._scheme(decision).short.in_(self.lang)}: {self._why_outside(decision)}", "      ", "    · "
            )
        yield ""

    def _why_outside(self, decision: Decision) -> str:
        scheme = self._scheme(decision)
        failing = [int(row.rpartition("-")[2]) - 1 for row in decision.rows]
        told = []
        for number in dict.fromkeys(failing):
            domain = scheme.applies[number]
            values = "; ".join(f"{self.words.label(c.input)} {self.words.value(self._fact(c.input))}" for c in domain.when)
            told.append(self.words.say("because-outside", text=domain.text.in_(self.lang), values=values))
        return " ".join(told)

    def _fact(self, fact_id: str) -> Fact | None:
        return self.assessment.facts.get(fact_id)

    def _decision(self, decision: Decision) -> Iterator[str]:
        scheme = self._scheme(decision)
        yield from self._heading(f"{scheme.short.in_(self.lang)}: {self._headline(decision)}")
        if decision.verification != "verified":
            warning = self.words.say(f"warn-{decision.verification}")
            yield from (self.style(line, "warning") for line in self._wrapped(warning, "  "))
        for note in self._cautions(decision, scheme):
            yield from (self.style(line, "warning") for line in self._wrapped(note.text.in_(self.lang), "  "))
        if decision.status == "not-applicable":
            yield from self._wrapped(self._why_outside(decision), "  ")
        yield from self._why(decision)
        yield from self._missing(decision)
        yield from self._notes(decision, scheme)
        if self.trace:
            yield from self._every_row(decision)
        yield from self._rests_on(decision)
        yield ""

    def _cautions(self, decision: Decision, scheme: Scheme) -> list[Note]:
        """Notes on children for whom the scheme may not be meant, when this child is known to be one: said before anything else."""
        named = [note for note in scheme.notes if note.show == "unless-excluded" and note.id in decision.notes]
        return [note for note in named if condition(note.when, self.library.facts).answer(self.assessment.facts)]

    def _why(self, decision: Decision) -> Iterator[str]:
        """The rows that hold, each with its cells and the child's own values."""
        held = [step for step in decision.trace if step.answer == "holds"]
        if not held or decision.status == "not-applicable":
            return
        yield f"  {self.words.say('heading-why' if decision.status == 'decided' else 'for-certain')}:"
        for step in reversed(held):
            yield from self._wrapped(self._row_told(step.row, decision), "      ", "    · ")

    def _row_told(self, row_id: str, decision: Decision) -> str:
        table_id, _, name = row_id.rpartition("/")
        table = self.library.table(table_id)
        scheme = self.library.scheme_of_table(table_id)
        if name in ("no-item", "every-item"):
            items = "; ".join(self._item_told(row, name == "every-item") for row in table.rows)
            return f"{table.title.in_(self.lang)}: {self.words.say('none-of' if name == 'no-item' else 'all-of', items=items)}"
        row = next(row for row in table.rows if row.id == name.removeprefix("without-"))
        if name.startswith("without-"):
            return f"{table.title.in_(self.lang)}: {self.words.say('fails', items=self._item_told(row, False))}"
        outcome = self.words.joined([lowered(self.words.outcome(scheme, outcome)) for outcome in row.then], "or")
        found = {step.table: step.outcomes for step in decision.trace}
        held = [_as_found(cell, found) for cell in row.when]
        cells = self.words.joined([lowered(self.words.cell(cell, self.assessment.facts)) for cell in held], "and")
        return self.words.say("row-told", table=table.title.in_(self.lang), outcome=outcome, cells=cells)

    def _item_told(self, row: Row, holds: bool) -> str:
        return f" {self.words.say('and')} ".join(self.words.cell(cell, self.assessment.facts, holds) for cell in row.when)

    def _missing(self, decision: Decision) -> Iterator[str]:
        """What each unknown could change. Nothing is said of a scheme that does not apply."""
        if not decision.missing or decision.status == "not-applicable":
            return
        told = [*self._settling(decision), *self._narrowing(decision), *self._together(decision), *self._settled_by(decision)]
        told += self._idle(decision)
        if told:
            yield f"  {self.words.say('heading-missing')}:"
            for sentence in told:
                yield from self._wrapped(sentence, "      ", "    · ")

    def _settling(self, decision: Decision) -> Iterator[str]:
        scheme = self._scheme(decision)
        for missing in decision.missing:
            if missing.effect == "settles":
                outcomes = self.words.joined([self.words.outcomes(scheme, [outcome]) for outcome in decision.possible], "and")
                yield _capital(self.words.say("settles-between", label=self._named(missing), outcomes=outcomes))

    def _narrowing(self, decision: Decision) -> Iterator[str]:
        word = "narrows-and-settle" if self._narrowing_settles(decision) else "narrows"
        yield from self._listed(decision, word, lambda missing: missing.effect == "narrows")

    @staticmethod
    def _narrowing_settles(decision: Decision) -> bool:
        """Whether the facts that each rule something out are just those that settle it together."""
        narrowing = [missing.fact for missing in decision.missing if missing.effect == "narrows"]
        return len(narrowing) > 1 and tuple(narrowing) in decision.settled_by

    def _together(self, decision: Decision) -> Iterator[str]:
        yield from self._listed(decision, "with-others", lambda m: m.effect == "changes-nothing" and m.matters_with_others)

    def _idle(self, decision: Decision) -> Iterator[str]:
        yield from self._listed(decision, "changes-nothing", lambda m: m.effect == "changes-nothing" and not m.matters_with_others)

    def _listed(self, decision: Decision, word: str, chosen: Callable[[Missing], bool]) -> Iterator[str]:
        names = [self._named(missing) for missing in decision.missing if chosen(missing)]
        if names:
            yield self.words.say(word, labels="; ".join(names))

    def _settled_by(self, decision: Decision) -> Iterator[str]:
        """The smallest set, when it takes more than one fact; single facts were said to decide already."""
        if decision.settled_by and len(decision.settled_by[0]) > 1 and not self._narrowing_settles(decision):
            listed = {m.fact for m in decision.missing if m.matters_with_others and not m.of and m.effect != "settles"}
            told = "settled-by-these" if listed == set(decision.settled_by[0]) else "settled-by"
            yield self.words.say(told, labels=self.words.labels(decision.settled_by[0]))
        elif decision.status == "data-required" and not decision.settled_by:
            yield self.words.say("settled-unreachable")

    def _named(self, missing: Missing) -> str:
        fact = self._fact(missing.fact)
        label = self.words.label(missing.fact)
        if missing.of:
            label = self.words.say("would-tell", label=label, of=self.words.label(missing.of))
        if fact is not None:
            label = self.words.say("absent-because", label=label, reason=self.words.value(fact))
        return label

    def _notes(self, decision: Decision, scheme: Scheme) -> Iterator[str]:
        noted = [note_called(self.library, scheme, note_id) for note_id in decision.notes]
        told = [note.text.in_(self.lang) for note in noted if note not in self._cautions(decision, scheme)]
        told += list(self._row_notes(decision)) if decision.status == "decided" else []
        told += self._methods(scheme)
        if told:
            yield f"  {self.words.say('heading-notes')}:"
            for note in dict.fromkeys(told):
                yield from self._wrapped(note, "      ", "    · ")

    def _row_notes(self, decision: Decision) -> Iterator[str]:
        for row_id in decision.rows:
            table_id, _, name = row_id.rpartition("/")
            rows = [row for row in self.library.table(table_id).rows if row.id == name]
            yield from (row.note.in_(self.lang) for row in rows if row.note)

    def _methods(self, scheme: Scheme) -> list[str]:
        """MRD measured by another method than the one the scheme's limits belong to."""
        told = []
        for fact_id, expected in scheme.mrd_method.items():
            fact = self._fact(fact_id)
            if fact and fact.method and fact.method != expected:
                given, wanted = self.words.say(f"method-{fact.method}"), self.words.say(f"method-{expected}")
                told.append(_capital(self.words.say("other-method", label=self.words.label(fact_id), given=given, expected=wanted)))
        return told

    def _every_row(self, decision: Decision) -> Iterator[str]:
        yield f"  {self.words.say('heading-trace')}:"
        for step in decision.trace:
            answer = self.words.say(f"answer-{step.answer}")
            yield from self._wrapped(f"{answer}: {step.row}", "      ", "    · ")

    def _rests_on(self, decision: Decision) -> Iterator[str]:
        """The sources by number, with the status of the answer."""
        if not decision.cites:
            return
        numbers = " ".join(f"[{self._number(cite)}]" for cite in _by_source(decision.cites))
        status = self.words.say(f"status-{decision.verification}")
        yield from (
            self.style(line, "quiet") for line in self._wrapped(f"{self.words.say('heading-rests')}: {numbers} · {status}", "  ")
        )

    def _number(self, cite: Citation) -> int:
        return self.cited.setdefault(cite.source, len(self.cited) + 1)

    def _factor_sheet(self, sheet: FactorSheet) -> Iterator[str]:
        scheme = self._scheme(sheet)
        yield from self._heading(f"{scheme.short.in_(self.lang)}: {self.words.say('not-group')}")
        says = {factor.id: factor for factor in scheme.factors}
        for answer in sheet.factors:
            if answer.holds:
                yield from self._wrapped(says[answer.factor].says.in_(self.lang), "    ", "  · ")
        numbers = " ".join(f"[{self._number(cite)}]" for cite in _by_source(sheet.cites))
        yield from (self.style(f"  {self.words.say('heading-rests')}: {numbers}", "quiet"), "")

    def _sources(self) -> Iterator[str]:
        if not self.cited:
            return
        yield from self._heading(self.words.say("heading-sources"))
        for source_id, number in self.cited.items():
            told = source_told(self.words, self.library.sources[source_id])
            yield from self._wrapped(told, "       ", f"  [{number}]".ljust(7))
        yield ""


def _as_found(cell: Cell, found: dict[str, tuple[str, ...]]) -> Cell:
    """A cell on an earlier table, with only those of its outcomes that are left for this child."""
    left = tuple(option for option in cell.options if option in found.get(cell.input, cell.options))
    return replace(cell, options=left)


def _by_source(cites: Iterable[Citation]) -> list[Citation]:
    return list({cite.source: cite for cite in cites}.values())


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]

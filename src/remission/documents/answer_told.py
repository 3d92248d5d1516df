"""One child's assessment in whole sentences, in the order in which they are told; how they look is decided elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from remission.care.risk import Ask, Assessment, asks
from remission.documents.wording import Wording, lowered, source_told
from remission.knowledge.model import Cell, Citation, Frozen, Lang, Library, Note, Row, Scheme
from remission.record.facts import Fact
from remission.rules.axes import condition
from remission.rules.decision import Decision, FactorSheet, Missing
from remission.rules.explain import note_called


class Known(Frozen, frozen=True):
    """A fact as it is known, and what to ask back about it."""

    fact: str
    says: str
    asks: tuple[str, ...] = ()


class DecisionTold(Frozen, frozen=True):
    """The answer of one scheme. `role` is decided, open or outside; `sources` are numbers in the list of sources."""

    scheme: str
    name: str
    headline: str
    role: str
    warnings: tuple[str, ...] = ()
    outside: str = ""
    why_heading: str = ""
    why: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    trace: tuple[str, ...] = ()
    sources: tuple[int, ...] = ()
    status: str = ""


class SheetTold(Frozen, frozen=True):
    """What a factor sheet says about this child."""

    scheme: str
    name: str
    says: tuple[str, ...]
    sources: tuple[int, ...]


class AnswerTold(Frozen, frozen=True):
    """The whole answer. Told in a line: schemes not meant for this child (`outside`), or for a relapse nobody named (`unasked`)."""

    invented: str
    known: tuple[Known, ...]
    decisions: tuple[DecisionTold, ...]
    sheets: tuple[SheetTold, ...]
    outside: tuple[DecisionTold, ...]
    unasked: tuple[str, ...]
    sources: tuple[tuple[int, str, str], ...]  # number, the source in words, its id
    notice: str
    remarks: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()  # which of several results of a record was taken


def answer_told(library: Library, assessment: Assessment, lang: Lang, trace: bool = False) -> AnswerTold:
    """The assessment in sentences of one language. `trace` adds every row of every table."""
    return _Teller(library, assessment, lang, trace).answer()


class _Teller:
    def __init__(self, library: Library, assessment: Assessment, lang: Lang, trace: bool):
        self.library, self.assessment, self.lang, self.trace = library, assessment, lang, trace
        self.words = Wording(library, lang)
        self.cited: dict[str, int] = {}

    def answer(self) -> AnswerTold:
        asked, unasked, outside = self._sorted()
        decisions = tuple(self._decision(decision) for decision in asked)
        sheets = tuple(self._sheet(sheet) for sheet in self.assessment.factor_sheets)
        return AnswerTold(
            invented=self.words.say("invented") if self.assessment.invented else "",
            known=tuple(self._known()),
            decisions=decisions,
            sheets=sheets,
            outside=tuple(self._outside(decision) for decision in outside),
            unasked=tuple(self._scheme(decision).short.in_(self.lang) for decision in unasked),
            sources=tuple((n, source_told(self.words, self.library.sources[source]), source) for source, n in self.cited.items()),
            notice=self.words.say("notice"),
            remarks=tuple(self._remarks(chosen=False)),
            chosen=tuple(self._remarks(chosen=True)),
        )

    def _remarks(self, chosen: bool) -> Iterator[str]:
        for remark in self.assessment.remarks:
            if remark.word.startswith("fhir-chosen") == chosen:
                yield remark.sentence(self.library.words, self.lang)

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

    def _fact(self, fact_id: str) -> Fact | None:
        return self.assessment.facts.get(fact_id)

    def _known(self) -> Iterator[Known]:
        known = self.assessment.facts
        asked: dict[str, list[Ask]] = {}
        for ask in asks(self.library, known):
            asked.setdefault(ask.fact, []).append(ask)
        for fact in (known[fact_id] for fact_id in self.library.facts if fact_id in known):
            told = self.words.say("cell-table", label=self.words.label(fact.id), value=self.words.value(fact))
            if fact.learnt_from:
                told += f" ({self.words.say('learnt-from', facts=self.words.labels(fact.learnt_from))})"
            if fact.method == "karyotype":
                told += f" ({self.words.say('karyotype-told-no' if fact.options == ('no',) else 'karyotype-told-yes')})"
            yield Known(fact.id, told, tuple(self.words.ask(ask, fact) for ask in asked.get(fact.id, ())))

    def _headline(self, decision: Decision) -> str:
        scheme = self._scheme(decision)
        if decision.status == "decided" and decision.outcome is not None:
            return self.words.outcome(scheme, decision.outcome)
        if decision.status == "not-applicable":
            return self.words.say("does-not-apply")
        return self.words.say("still-open", outcomes=self.words.outcomes(scheme, decision.possible))

    def _outside(self, decision: Decision) -> DecisionTold:
        name = self._scheme(decision).short.in_(self.lang)
        return DecisionTold(decision.scheme, name, self._headline(decision), "outside", outside=self._why_outside(decision))

    def _why_outside(self, decision: Decision) -> str:
        scheme = self._scheme(decision)
        failing = [int(row.rpartition("-")[2]) - 1 for row in decision.rows]
        told = []
        for number in dict.fromkeys(failing):
            domain = scheme.applies[number]
            values = "; ".join(f"{self.words.label(c.input)} {self.words.value(self._fact(c.input))}" for c in domain.when)
            told.append(self.words.say("because-outside", text=domain.text.in_(self.lang), values=values))
        return " ".join(told)

    def _decision(self, decision: Decision) -> DecisionTold:
        scheme = self._scheme(decision)
        cautions = self._cautions(decision, scheme)
        warnings = [self.words.say(f"warn-{decision.verification}")] if decision.verification != "verified" else []
        outside = decision.status == "not-applicable"
        why = tuple(self._why(decision))
        return DecisionTold(
            scheme=decision.scheme,
            name=scheme.short.in_(self.lang),
            headline=self._headline(decision),
            role="outside" if outside else "decided" if decision.status == "decided" else "open",
            warnings=(*warnings, *(note.text.in_(self.lang) for note in cautions)),
            outside=self._why_outside(decision) if outside else "",
            why_heading=self.words.say("heading-why" if decision.status == "decided" else "for-certain") if why else "",
            why=why,
            missing=tuple(self._missing(decision)),
            notes=tuple(dict.fromkeys(self._notes(decision, scheme))),
            trace=tuple(self._every_row(decision)) if self.trace else (),
            sources=self._numbers(decision.cites),
            status=self.words.say(f"status-{decision.verification}"),
        )

    def _cautions(self, decision: Decision, scheme: Scheme) -> list[Note]:
        """Notes on children for whom the scheme may not be meant, when this child is known to be one: said before anything else."""
        named = [note for note in scheme.notes if note.show == "unless-excluded" and note.id in decision.notes]
        return [note for note in named if condition(note.when, self.library.facts).answer(self.assessment.facts)]

    def _why(self, decision: Decision) -> Iterator[str]:
        """The rows that hold, each with its cells and the child's own values."""
        if decision.status != "not-applicable":
            yield from (self._row_told(step.row, decision) for step in reversed(decision.trace) if step.answer == "holds")

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
        if decision.missing and decision.status != "not-applicable":
            yield from self._settling(decision)
            yield from self._narrowing(decision)
            yield from self._together(decision)
            yield from self._settled_by(decision)
            yield from self._idle(decision)

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
        yield from (note.text.in_(self.lang) for note in noted if note not in self._cautions(decision, scheme))
        if decision.status == "decided":
            yield from self._row_notes(decision)
        yield from self._methods(scheme)

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
        return (f"{self.words.say(f'answer-{step.answer}')}: {step.row}" for step in decision.trace)

    def _numbers(self, cites: Iterable[Citation]) -> tuple[int, ...]:
        """The numbers of the sources cited, in the order in which they are first met."""
        sources = dict.fromkeys(cite.source for cite in cites)
        return tuple(self.cited.setdefault(source, len(self.cited) + 1) for source in sources)

    def _sheet(self, sheet: FactorSheet) -> SheetTold:
        scheme = self._scheme(sheet)
        factors = {factor.id: factor for factor in scheme.factors}
        says = tuple(factors[answer.factor].says.in_(self.lang) for answer in sheet.factors if answer.holds)
        return SheetTold(sheet.scheme, scheme.short.in_(self.lang), says, self._numbers(sheet.cites))


def _as_found(cell: Cell, found: dict[str, tuple[str, ...]]) -> Cell:
    """A cell on an earlier table, with only those of its outcomes that are left for this child."""
    left = tuple(option for option in cell.options if option in found.get(cell.input, cell.options))
    return replace(cell, options=left)


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]

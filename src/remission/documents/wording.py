"""Values, limits and conditions as a person would say them, in either language."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_DOWN, Decimal

from remission.care.risk import Ask
from remission.knowledge.ages import DAYS_PER_MONTH, DAYS_PER_YEAR
from remission.knowledge.model import Cell, FactDefinition, Frozen, Lang, Library, Row, Scheme, Source
from remission.record.facts import Fact

_NICE_UNITS = {"10*9/L": "×10⁹/L", "10*12/L": "×10¹²/L", "/uL": "/µL", "1": "", "mo": "", "d": ""}


class Wording(Frozen, frozen=True):
    """Speaks one language about one library."""

    library: Library
    lang: Lang

    def say(self, word: str, **values: object) -> str:
        """The sentence called `word`, filled in."""
        return self.library.words[word].in_(self.lang).format(**values)

    def counted(self, word: str) -> str:
        """A problem that was met many times: its own sentence for that, or the usual one without what differs each time."""
        words = self.library.words
        text = words.get(f"counted-{word}") or words.get(word)
        return text.in_(self.lang).format_map(defaultdict(lambda: "…")) if text else word

    def label(self, fact_id: str) -> str:
        return self.library.facts[fact_id].label.in_(self.lang)

    def labels(self, fact_ids: Iterable[str]) -> str:
        return "; ".join(self.label(fact_id) for fact_id in fact_ids)

    def outcome(self, scheme: Scheme, outcome_id: str) -> str:
        """The printed name of an outcome: the scheme's own, a shared word (yes, no, not applicable), or the id."""
        named = scheme.outcome_name(outcome_id).in_(self.lang)
        return self.say(outcome_id) if named == outcome_id and outcome_id in self.library.words else named

    def outcomes(self, scheme: Scheme, outcome_ids: Iterable[str]) -> str:
        """Outcomes as a list with "or" before the last; what is no group comes last, in words of its own."""
        ids = list(outcome_ids)
        names = [lowered(self.outcome(scheme, outcome)) for outcome in ids if outcome not in _NO_GROUP]
        names += [self.say(word) for outcome, word in _NO_GROUP.items() if outcome in ids]
        return self.joined(names, "or")

    def joined(self, names: list[str], word: str) -> str:
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self.say(word)} {names[-1]}"

    def value(self, fact: Fact | None) -> str:
        """A fact's value in words: "4 years", "12 ×10⁹/L", "below 0.01 %", "CNS2a or CNS2b", "result not back yet"."""
        if fact is None:
            return self.say("not-recorded")
        if fact.absent_reason:
            return self.say(f"reason-{fact.absent_reason}")
        definition = self.library.facts[fact.id]
        if definition.kind == "choice":
            return self.joined([self.choice(definition, option) for option in fact.options], "or")
        if definition.kind == "mrd" and fact.low == 0 and fact.high == 100:
            return self.say("mrd-some-amount" if fact.result == "positive" else "mrd-negative-no-limit")
        if definition.unit == "d":
            return self._age_of(fact)
        interval = Cell(input=fact.id, low=fact.low or None, high=fact.high, low_open=fact.low_open, high_open=fact.high_open)
        if fact.is_exact_number:
            return self.quantity(definition, fact.low or Decimal(0))
        return self.range(definition, interval)

    def ask(self, ask: Ask, fact: Fact) -> str:
        """What to ask back about a fact as it was given."""
        days = grouped(fact.low or Decimal(0))
        return self.say(ask.word, label=self.label(fact.id), value=fact.as_given, fact=fact.id, days=days)

    def choice(self, definition: FactDefinition, option: str) -> str:
        label = definition.choice_label(option).in_(self.lang)
        return self.say(option) if option in ("yes", "no") else label

    def condition(self, cell: Cell) -> str:
        """What a cell asks of a fact: "from 1 year to below 10 years", "CNS1", "found, above 0.01 %"."""
        definition = self.library.facts[cell.input]
        if definition.kind == "choice":
            return self.joined(self._grouped(definition, cell.options), "or")
        results = [self.say(f"mrd-{result}") for result in cell.results]
        level = [self.range(definition, cell)] if cell.has_range else []
        return ", ".join([self.joined(results, "or")] * bool(results) + level)

    def _grouped(self, definition: FactDefinition, options: tuple[str, ...]) -> list[str]:
        """Choices by name, a whole group by the group's name."""
        left, names = list(options), []
        for group in definition.groups:
            if set(group.of) <= set(left):
                names.append(re.split(r",| \(", group.label.in_(self.lang))[0])
                left = [option for option in left if option not in group.of]
        return [self.choice(definition, option) for option in left] + names

    def range(self, definition: FactDefinition, cell: Cell) -> str:
        low = None if cell.low is None else self.quantity(definition, cell.low)
        high = None if cell.high is None else self.quantity(definition, cell.high)
        if cell.low is not None and cell.low == cell.high:
            return self.say("range-exactly", low=low)
        word = _RANGE_WORDS[(None if low is None else cell.low_open, None if high is None else cell.high_open)]
        return self.say(word, low=low, high=high)

    def quantity(self, definition: FactDefinition, number: Decimal) -> str:
        if definition.unit == "d":
            return self.span(number)
        if definition.unit == "mo":
            return self._counted(number, "month")
        unit = _NICE_UNITS.get(definition.unit, definition.unit)
        return f"{grouped(number)} {unit}".strip()

    def span(self, days: Decimal) -> str:
        """Days as completed years and months ("4 years 6 months"); under a year as whole months or as days."""
        if days < DAYS_PER_YEAR:
            months = days / DAYS_PER_MONTH
            whole = months == months.to_integral_value() and months > 0
            return self._counted(months, "month") if whole else self._counted(days.quantize(Decimal(1), ROUND_DOWN), "day")
        years, rest = divmod(days, DAYS_PER_YEAR)
        parts = [(years, "year"), (rest // DAYS_PER_MONTH, "month")]
        return " ".join(self._counted(number, unit) for number, unit in parts if number)

    def _age_of(self, fact: Fact) -> str:
        """An age in completed units: a child of 4 years is said to be 4 years, though it may be 4 years and 11 months."""
        if fact.low is not None and (fact.is_exact_number or fact.high_open):
            return self.span(fact.low)
        interval = Cell(input=fact.id, low=fact.low or None, high=fact.high, low_open=fact.low_open, high_open=fact.high_open)
        return self.range(self.library.facts[fact.id], interval)

    def day(self, day: date) -> str:
        """A date with the month as a word: "March 3, 2026", "3 de marzo de 2026"."""
        return self.say("date", day=day.day, month=self.say("months").split()[day.month - 1], year=day.year)

    def _counted(self, number: Decimal, unit: str) -> str:
        return f"{grouped(number)} {self.say(f'unit-{unit}' if number == 1 else f'unit-{unit}s')}"

    def cell(self, cell: Cell, child: dict[str, Fact], holds: bool = True) -> str:
        """One cell with the child's own value, and the condition where the value alone does not show it.

        "white cell count: 12 ×10⁹/L, below 50 ×10⁹/L"; "CNS status: CNS1, not CNS3"; "KMT2A rearrangement: no".
        """
        if cell.input not in self.library.facts:
            return self.table_cell(cell)
        definition = self.library.facts[cell.input]
        label, value, condition = self.label(cell.input), self.value(child.get(cell.input)), self.condition(cell)
        speaks_for_itself = definition.choice_ids == ("yes", "no") or value == condition
        if speaks_for_itself:
            return self.say("cell-table", label=label, value=value)
        return self.say("cell-holds" if holds else "cell-fails", label=label, value=value, condition=condition)

    def table_cell(self, cell: Cell) -> str:
        scheme = self.library.scheme_of_table(cell.input)
        names = self.joined([lowered(self.outcome(scheme, option)) for option in cell.options], "or")
        return self.say("cell-table", label=lowered(self.library.table(cell.input).title.in_(self.lang)), value=names)

    def row_condition(self, row: Row) -> str:
        """The whole condition of a row, without a child."""
        parts = []
        for cell in row.when:
            if cell.input in self.library.facts:
                parts.append(self.say("cell-table", label=self.label(cell.input), value=self.condition(cell)))
            else:
                parts.append(self.table_cell(cell))
        return "; ".join(parts)


_NO_GROUP = {"not-stated": "may-not-be-stated", "not-applicable": "may-not-apply"}

_RANGE_WORDS = {
    (False, True): "range-from-below",
    (False, False): "range-from-to",
    (True, True): "range-above-below",
    (True, False): "range-above-to",
    (False, None): "range-from",
    (True, None): "range-above",
    (None, True): "range-below",
    (None, False): "range-to",
}


def grouped(number: Decimal) -> str:
    """A number without trailing zeros, thousands set apart by a comma: 12,000 and 0.01."""
    plain = number.normalize()
    return f"{plain:,f}" if plain.adjusted() < 20 else f"{plain}"


def lowered(name: str) -> str:
    """A name inside a sentence: "Low risk" → "low risk", but "MRD …" and "T-cell …" keep their capitals."""
    first = name.split(" ", 1)[0]
    return name[:1].lower() + name[1:] if first.isalpha() and first[1:] == first[1:].lower() else name


def source_short(wording: Wording, source: Source) -> str:
    """A source as a few words: who, and when."""
    by = (source.authors.split(",")[0] or source.publisher or source.title).rstrip(".")
    return f"{by} {source.year or wording.say('undated')}"


def source_told(wording: Wording, source: Source) -> str:
    """A source as one sentence: who, what, where, when, and what of it was read."""
    by = (source.authors or source.publisher).rstrip(".")
    year = str(source.year) if source.year else wording.say("undated")
    told = ". ".join(part for part in (by, source.title.rstrip("."), source.journal) if part)
    dated = told if source.year and year in told else f"{told}, {year}"
    return f"{dated} ({source.read_as.in_(wording.lang)})." if source.read_as else f"{dated}."

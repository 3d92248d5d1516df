"""Random children of every kind for the tests of rules as columns, and what the one-child engine says of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal

from one_by_one import Answer, OneByOne
from remission.cohort.columns import CHILD, Column, Value, columns_of, values_of
from remission.cohort.engines import Engine
from remission.cohort.names import sql_name
from remission.cohort.sql.follows import TAP_COUNTS
from remission.cohort.sql.patterns import missing_by_pattern
from remission.cohort.sql.stages import decision_select
from remission.knowledge.model import (
    ABSENT_REASONS,
    Cell,
    Contradiction,
    DecisionTable,
    FactDefinition,
    Library,
    Outcome,
    Row,
    Scheme,
)
from remission.record.facts import Fact
from remission.record.problems import InputProblems
from remission.rules.axes import condition
from remission.rules.program import Program
from small_schemes import CHOICES, FACTS, LIMITS, REVIEW, WORD, choice

Child = dict[str, Fact]
STEP = Decimal("0.001")
RULE_FACTS = FACTS | {"e": choice("e")}


class Children:
    """Draws children from the values that matter to a library's rules: the limits, just beside them, and what is half known."""

    def __init__(self, library: Library, programs: Mapping[str, Program], seed: int):
        self.library, self.random = library, random.Random(seed)  # noqa: S311 (invented children, no secrets)
        axes = [axis for program in programs.values() for axis in program.axes]
        axes += [axis for rule in library.contradictions for axis, _ in condition(rule.when, library.facts).parts]
        self.read = [fact for fact in library.facts if fact in {axis.fact for axis in axes}]
        self.numbers = {
            fact: self._numbers(fact, {limit for a in axes if a.fact == fact for limit in a.limits}) for fact in library.facts
        }

    def _numbers(self, fact: str, limits: set[Decimal]) -> list[Decimal]:
        whole = self.library.facts[fact].plausible
        values = {limit + step for limit in limits for step in (-STEP, Decimal(0), STEP)} | {Decimal(7)}
        values |= {whole.low, whole.high} if whole else set()
        return sorted(value for value in values if not whole or whole.low <= value <= whole.high)

    def draw(self, facts: Sequence[str]) -> Child:
        share = self.random.choice((0.05, 0.2, 0.5, 0.95))
        child = {fact: self.fact(self.library.facts[fact]) for fact in facts if self.random.random() < share}
        if self.random.random() < 0.2 and "steinherz_bleyer" in facts:
            child |= self.tap()
        return child

    def tap(self) -> Child:
        """Counts of a spinal tap, as often as not exactly at the limit."""
        red, white, factor = self.random.randint(30, 90), self.random.randint(1, 4000), self.random.choice((1, 2, 10))
        numbers = {
            "csf_rbc": Decimal(10 * red * factor), "blood_rbc": Decimal(red) / 10, "wbc": Decimal(white) / 10,
            "csf_wbc": Decimal(2 * white * factor) / 100 + self.random.choice((0, 0, STEP / 10, -STEP / 10)),
        }  # fmt: skip
        return {fact: Fact(fact, low=numbers[fact], high=numbers[fact]) for fact in TAP_COUNTS}

    def fact(self, definition: FactDefinition) -> Fact:
        if self.random.random() < 0.1:
            return Fact(definition.id, absent_reason=self.random.choice(ABSENT_REASONS))
        if definition.kind == "choice":
            size = 1 if self.random.random() < 0.7 else self.random.randint(1, len(definition.choices))
            chosen = self.random.sample(definition.choice_ids, size)
            return Fact(definition.id, options=tuple(choice for choice in definition.choice_ids if choice in chosen))
        number = self.number(definition)
        if definition.kind != "mrd":
            return number
        result = self.random.choice(("positive", "negative", None))
        if result and self.random.random() < 0.2:
            return Fact(definition.id, result=result)
        return Fact(definition.id, number.low, number.high, number.low_open, number.high_open, result=result)

    def number(self, definition: FactDefinition) -> Fact:
        values, kind = self.numbers[definition.id], self.random.random()
        low, high = sorted((self.random.choice(values), self.random.choice(values)))
        opens = self.random.random() < 0.5, self.random.random() < 0.5
        if kind < 0.5 or low == high:
            return Fact(definition.id, low=low, high=low)
        if kind < 0.65:
            return Fact(definition.id, low=low, low_open=opens[0])
        if kind < 0.8:
            return Fact(definition.id, high=high, high_open=opens[1])
        return Fact(definition.id, low=low, high=high, low_open=opens[0], high_open=opens[1])


# --- random rules ---------------------------------------------------------------------------------------------------------


def random_library(seed: int) -> Library:
    """A scheme over numbers and choices, tables that tell the choices from each other and from the numbers, and contradictions."""
    chance = random.Random(seed)  # noqa: S311 (invented rules, no secrets)
    tables = [_random_table(chance, f"tells-{n}", told, reads) for n, (told, reads) in enumerate(_random_telling(chance))]
    outcomes = ("low", "middle", "high")
    asked = tuple(chance.sample(["a", "c", "b", "d", "e"], chance.randint(2, 4)))
    scheme = _scheme("scheme", _split(chance, asked, lambda: (chance.choice(outcomes),)), outcomes)
    rules = tuple(_random_contradiction(chance, f"rule-{n}") for n in range(chance.randint(0, 2)))
    return Library("test", "test", {}, {}, RULE_FACTS, {}, {each.id: each for each in (scheme, *tables)}, rules, {}, {})


def _random_telling(chance: random.Random) -> list[tuple[str, tuple[str, ...]]]:
    told = [chance.choice("cde") for _ in range(chance.randint(0, 4))]
    return [(fact, tuple(chance.sample([name for name in "abcde" if name != fact], chance.randint(1, 2)))) for fact in told]


def _random_table(chance: random.Random, name: str, told: str, reads: tuple[str, ...]) -> Scheme:
    def some() -> tuple[str, ...]:
        return tuple(choice for choice in CHOICES if chance.random() < 0.6) or (chance.choice(CHOICES),)

    return _scheme(name, _split(chance, reads, some), CHOICES, narrows=told)


def _scheme(name: str, rows: tuple[Row, ...], outcomes: tuple[str, ...], narrows: str = "") -> Scheme:
    used = tuple(outcome for outcome in outcomes if any(outcome in row.then for row in rows))
    table = DecisionTable(name, WORD, rows, used)
    kind: Literal["supporting", "scheme"] = "supporting" if narrows else "scheme"
    named = tuple(Outcome(outcome, WORD) for outcome in used)
    return Scheme(name, kind, WORD, WORD, WORD, "diagnosis", REVIEW, outcomes=named, tables=(table,), narrows=narrows)


def _split(chance: random.Random, inputs: tuple[str, ...], then: Callable[[], tuple[str, ...]]) -> tuple[Row, ...]:
    boxes: list[dict[str, Cell]] = [{}]
    for fact in inputs:
        boxes = [
            box | ({fact: cell} if cell else {})
            for box in boxes
            for cell in (_random_cut(chance, fact) if chance.random() < 0.8 else [None])
        ]
    return tuple(Row(f"r{n}", tuple(box.values()), then(), "verified", ()) for n, box in enumerate(boxes))


def _random_cut(chance: random.Random, fact: str) -> list[Cell]:
    if RULE_FACTS[fact].kind == "choice":
        first = chance.sample(CHOICES, chance.randint(1, len(CHOICES) - 1))
        parts = [[name for name in CHOICES if (name in first) is inside] for inside in (True, False)]
        return [Cell(fact, options=tuple(part)) for part in parts]
    limit, below = chance.choice(LIMITS), chance.random() < 0.5
    return [Cell(fact, high=limit, high_open=not below), Cell(fact, low=limit, low_open=below)]


def _random_contradiction(chance: random.Random, name: str) -> Contradiction:
    if chance.random() < 0.3:
        return Contradiction(name, WORD, exceeds=("a", "b"))
    facts = chance.sample("abcde", 3)
    unless = ((_random_cut(chance, facts[2])[0],),) if chance.random() < 0.5 else ()
    return Contradiction(name, WORD, when=tuple(_random_cut(chance, fact)[0] for fact in facts[:2]), unless=unless)


# --- children in tables -----------------------------------------------------------------------------------------------------


def columns_for(library: Library, facts: Iterable[str]) -> list[Column]:
    return [Column(CHILD, "VARCHAR"), *(column for fact in facts for column in columns_of(library.facts[fact]))]


def rows_for(library: Library, facts: Sequence[str], children: Iterable[Child]) -> Iterator[list[Value]]:
    for number, child in enumerate(children):
        yield [f"child-{number}", *(value for fact in facts for value in values_of(library.facts[fact], child.get(fact)))]


def expected(library: Library, programs: Mapping[str, Program], schemes: Sequence[str], child: Child) -> list[Answer] | None:
    """What the one-child engine answers, or None where it refuses the child."""
    try:
        return list(OneByOne(library, programs, schemes).answers("", child))
    except InputProblems:
        return None


def assert_equal_on_every_row(
    engine: Engine, library: Library, programs: Mapping[str, Program], schemes: Sequence[str], facts: Sequence[str],
    children: Sequence[Child],
) -> dict[str, int]:  # fmt: skip
    """Both engines on the same children; returns how many rows had each status."""
    columns = columns_for(library, facts)
    engine.put("children", columns, rows_for(library, facts, children))
    select = decision_select(library, programs, schemes, engine.columns("children"), patterns=True, dialect=engine.dialect)
    rows = {int(row[0].removeprefix("child-")): row for row in engine.rows(select)}
    names = select.named_selects
    assert sorted(rows) == list(range(len(children)))
    seen: dict[str, int] = {}
    for number, child in enumerate(children):
        row = dict(zip(names, rows[number], strict=True))
        answers = expected(library, programs, schemes, child)
        assert (row["contradiction"] is None) == (answers is not None), (child, row)
        for place, scheme in enumerate(schemes):
            _assert_row(programs, scheme, row, answers[place] if answers else None, child)
            status = str(row[f"{sql_name(scheme)}_status"])
            seen[status] = seen.get(status, 0) + 1
    return seen


def _assert_row(
    programs: Mapping[str, Program], scheme: str, row: Mapping[str, object], answer: Answer | None, child: Child
) -> None:
    name = sql_name(scheme)
    said = tuple(row[f"{name}{ending}"] for ending in ("_status", "", "_possible"))
    if answer is None:
        assert (*said, row[f"{name}_pattern"]) == ("contradiction", None, None, None), (scheme, child, row)
        return
    assert said == (answer.status, answer.outcome or None, ";".join(answer.possible)), (scheme, child, row)
    pattern = row[f"{name}_pattern"]
    assert isinstance(pattern, int)
    lacking = missing_by_pattern(programs, scheme, [pattern])[pattern]
    assert (lacking.possible, lacking.missing) == (answer.possible, answer.missing), (scheme, child)

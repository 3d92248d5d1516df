"""Our answers held against a column of the source that says what a scheme's outcome should be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from remission.cohort.columns import CHILD
from remission.cohort.engines import Engine
from remission.cohort.names import named, quoted, sql_name
from remission.knowledge.mapping import Comparison, Mapping
from remission.knowledge.model import Frozen, Library

if TYPE_CHECKING:
    from sqlglot.expressions import Expr


class Compared(Frozen, frozen=True):
    """How many children got the expected answer, none yet, or another one, by what the column says of them."""

    comparison: Comparison
    agreeing: dict[str, int]
    undecided: dict[str, int]
    differing: dict[str, int]

    @property
    def said(self) -> tuple[str, ...]:
        return tuple(sorted({*self.agreeing, *self.undecided, *self.differing}))


def comparisons(engine: Engine, library: Library, mapping: Mapping) -> list[Compared]:
    """The mapping's comparisons over tables `children` and `decided`. One that met no child, or whose scheme was not asked for, is
    left out. A child whose facts contradict each other has no answer and is not compared."""
    columns = (*engine.columns("children"), *engine.columns("decided"))
    found = []
    for comparison in mapping.compare:
        if f"said_{comparison.column}" in columns and sql_name(comparison.scheme) in columns:
            compared = _compared(engine, library, comparison)
            found += [compared] if compared.said else []
    return found


def differing(engine: Engine, library: Library, comparison: Comparison) -> Iterator[tuple[str, str, str]]:
    """The children whose answer is another one: child, what the column says, our answer. For the eyes of whoever has the data."""
    for child, said, status, outcome in engine.rows(_query(library, comparison, children=True)):
        if status in ("decided", "not-applicable") and outcome != comparison.expects[said]:
            yield child, said, outcome or status


def _compared(engine: Engine, library: Library, comparison: Comparison) -> Compared:
    agreeing: dict[str, int] = {}
    undecided: dict[str, int] = {}
    other: dict[str, int] = {}
    for said, status, outcome, number in engine.rows(_query(library, comparison, children=False)):
        answered = agreeing if outcome == comparison.expects[said] else other
        counts = undecided if status == "data-required" else answered
        counts[said] = counts.get(said, 0) + int(number)
    return Compared(comparison, agreeing, undecided, other)


def _query(library: Library, comparison: Comparison, children: bool) -> Expr:
    from sqlglot import parse_one

    said, scheme = named(f"said_{comparison.column}"), sql_name(comparison.scheme)
    expected = ", ".join(quoted(value) for value in comparison.expects)
    meant = [f"{said} IN ({expected})", f"{scheme}_status <> 'contradiction'"]
    meant += [f"{fact} = {1 << library.facts[fact].choice_ids.index(choice)}" for fact, choice in comparison.only.items()]
    where = f"FROM children JOIN decided ON decided.{CHILD} = children.{CHILD} WHERE {' AND '.join(meant)}"
    answer = f"{said}, {scheme}_status, {scheme}"
    if children:
        return parse_one(f"SELECT children.{CHILD}, {answer} {where} ORDER BY children.{CHILD}", dialect="duckdb")
    return parse_one(f"SELECT {answer}, COUNT(*) {where} GROUP BY {answer}", dialect="duckdb")

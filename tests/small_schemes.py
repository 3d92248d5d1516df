"""Random small schemes for the property tests, and a second way of answering them that shares no code with the engine.

The second way evaluates the rows as they are written, point by point: every combination of one value from each stretch of
each fact. It is slow and obviously right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise, product

from hypothesis import strategies as st

from remission.knowledge.model import (
    Cell,
    Choice,
    DecisionTable,
    FactDefinition,
    Library,
    Outcome,
    Plausible,
    Review,
    Row,
    Scheme,
    Text,
)
from remission.record.facts import Fact

WORD = Text("word", "palabra")
REVIEW = Review("test", None, "2026-01-01", "2027-01-01")
LIMITS = (Decimal(10), Decimal(20), Decimal(30))
POINTS = tuple(Decimal(point) for point in (5, 10, 15, 20, 25, 30, 35))
CHOICES = ("red", "green", "blue")
OUTCOMES = ("low", "middle", "high")
Point = dict[str, Decimal | str]


def number(fact_id: str) -> FactDefinition:
    whole = Plausible(Decimal(0), Decimal(100))
    return FactDefinition(fact_id, "number", WORD, WORD, WORD, "any", unit="1", units="none", bare=True, plausible=whole)


def choice(fact_id: str) -> FactDefinition:
    return FactDefinition(fact_id, "choice", WORD, WORD, WORD, "any", choices=tuple(Choice(name, WORD) for name in CHOICES))


FACTS = {fact.id: fact for fact in (number("a"), number("b"), choice("c"), choice("d"))}


@st.composite
def rows_that_cover_once(draw: st.DrawFn, inputs: tuple[str, ...], options: Mapping[str, tuple[str, ...]]) -> tuple[Row, ...]:
    """Rows made by splitting everything again and again: they exclude each other and cover everything by construction."""
    rows: list[Row] = []

    def split(cells: dict[str, Cell], left: tuple[str, ...]) -> None:
        if not left or (cells and draw(st.integers(0, 3)) == 0):
            outcome = draw(st.sampled_from(OUTCOMES))
            rows.append(Row(f"r{len(rows)}", tuple(cells.values()), (outcome,), "verified", ()))
            return
        for cell in draw(_cuts(left[0], options)):
            split(cells | {left[0]: cell}, left[1:])

    split({}, inputs)
    return tuple(rows)


@st.composite
def _cuts(draw: st.DrawFn, name: str, options: Mapping[str, tuple[str, ...]]) -> list[Cell]:
    """One input cut in two: a number at a limit, with the limit on either side; names into two groups."""
    if name in options:
        names = options[name]
        first = draw(st.sets(st.sampled_from(names), min_size=1, max_size=len(names) - 1))
        return [
            Cell(name, options=tuple(n for n in names if n in first)),
            Cell(name, options=tuple(n for n in names if n not in first)),
        ]
    limit, belongs_below = draw(st.sampled_from(LIMITS)), draw(st.booleans())
    return [Cell(name, high=limit, high_open=not belongs_below), Cell(name, low=limit, low_open=belongs_below)]


@st.composite
def small_libraries(draw: st.DrawFn) -> Library:
    """A library with one scheme of two chained tables, and sometimes a checklist and a domain."""
    names = {"c": CHOICES, "d": CHOICES}
    first = DecisionTable("first", WORD, draw(rows_that_cover_once(("a", "c"), names)), OUTCOMES)
    check = DecisionTable("check", WORD, draw(_items()), ("yes", "no"), draw(st.sampled_from(("any", "all"))))
    inputs = ("first", "b", *draw(st.sampled_from([(), ("check",), ("a",), ("d", "check")])))
    options = names | {"first": OUTCOMES, "check": ("yes", "no")}
    scheme = Scheme(
        "scheme", "scheme", WORD, WORD, WORD, "diagnosis", REVIEW,
        outcomes=tuple(Outcome(name, WORD) for name in OUTCOMES),
        tables=(first, check, DecisionTable("scheme", WORD, draw(rows_that_cover_once(inputs, options)), OUTCOMES)),
    )  # fmt: skip
    return library_of(scheme)


@st.composite
def _items(draw: st.DrawFn) -> tuple[Row, ...]:
    cells = [Cell("d", options=("red",)), Cell("b", low=Decimal(20)), Cell("c", options=("green", "blue"))]
    chosen = draw(st.lists(st.sampled_from(cells), min_size=1, max_size=3, unique_by=lambda cell: cell.input))
    return tuple(Row(f"i{place}", (cell,), ("yes",), "verified", ()) for place, cell in enumerate(chosen))


def library_of(*schemes: Scheme) -> Library:
    return Library("test", "test", {}, {}, FACTS, {}, {scheme.id: scheme for scheme in schemes}, (), {}, {})


def children(facts: tuple[str, ...]) -> st.SearchStrategy[dict[str, Fact]]:
    """Children of whom each fact is unknown, exact, or half known."""
    known = {fact: st.none() | _values(fact) for fact in facts}
    return st.fixed_dictionaries(known).map(lambda child: {name: fact for name, fact in child.items() if fact is not None})


def _values(fact: str) -> st.SearchStrategy[Fact]:
    if FACTS[fact].kind == "choice":
        some = st.sets(st.sampled_from(CHOICES), min_size=1)
        return some.map(lambda names: Fact(fact, options=tuple(name for name in CHOICES if name in names)))
    ends = st.tuples(st.sampled_from(POINTS), st.sampled_from(POINTS), st.booleans(), st.booleans())
    return ends.map(lambda drawn: _interval(fact, *drawn))


def _interval(fact: str, one: Decimal, other: Decimal, low_open: bool, high_open: bool) -> Fact:
    low, high = sorted((one, other))
    if low == high:
        return Fact(fact, low=low, high=high)
    return Fact(fact, low=low, high=high, low_open=low_open, high_open=high_open)


def points(child: dict[str, Fact], facts: tuple[str, ...]) -> Iterator[Point]:
    """Every combination of values that this child may still turn out to have."""
    return (dict(zip(facts, values, strict=True)) for values in product(*(_possible(child.get(fact), fact) for fact in facts)))


def _possible(fact: Fact | None, fact_id: str) -> tuple[Decimal | str, ...]:
    if FACTS[fact_id].kind == "choice":
        return fact.options if fact else CHOICES
    if fact is None:
        return POINTS
    # Between two neighbouring points of an open interval lies a value of the same stretch: add the midpoints.
    finer = sorted({*POINTS, *((low + high) / 2 for low, high in pairwise(POINTS))})
    return tuple(value for value in finer if _inside(fact, value))


def _inside(fact: Fact, value: Decimal) -> bool:
    above = fact.low is None or value > fact.low or (value == fact.low and not fact.low_open)
    below = fact.high is None or value < fact.high or (value == fact.high and not fact.high_open)
    return above and below


def outcome_at(library: Library, table_id: str, point: Point) -> str:
    """The one outcome of a table at one point, read off its rows as they are written."""
    table = library.table(table_id)
    held = [row for row in table.rows if all(_cell_holds(library, cell, point) for cell in row.when)]
    if table.hold == "any":
        return "yes" if held else "no"
    if table.hold == "all":
        return "yes" if len(held) == len(table.rows) else "no"
    (row,) = held  # exactly one, or the scheme is not what it claims to be
    return row.then[0]


def _cell_holds(library: Library, cell: Cell, point: Point) -> bool:
    if cell.input not in FACTS:
        return outcome_at(library, cell.input, point) in cell.options
    value = point[cell.input]
    if isinstance(value, str):
        return value in cell.options
    return _inside(Fact(cell.input, low=cell.low, high=cell.high, low_open=cell.low_open, high_open=cell.high_open), value)

"""Speed of the rules as columns in DuckDB: a million invented children, CPU time for each. `make bench` prints a table.

Times on a busy machine vary, so nothing here is a test. Each figure is the best of several runs, in CPU time of one thread, of a
statement that answers every child and counts the answers. The peer is the same table written by hand as one CASE over exact
values: it cannot say "not known" and does not name what is still possible.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from remission.cohort.columns import CHILD, columns_of
from remission.cohort.engines import DuckEngine
from remission.cohort.names import sql_name
from remission.cohort.sql.stages import decision_select
from remission.cohort.sql.text import facts_needed
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
from remission.rules.build import build_programs
from remission.rules.compiled import load_library, load_programs
from remission.rules.program import Program

CHILDREN, ROWS, INPUTS = 1_000_000, 24, 12
GOAL_NS = 120
WORD = Text("word", "palabra")
OUTCOMES = ("low", "middle", "high", "very-high")
CHOICES = ("red", "green", "blue")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = DuckEngine(Path(folder), threads=1)
        library = table_of_24_rows(random.Random(24))  # noqa: S311 (an invented table, not a secret)
        _measure(engine, library, build_programs(library), ["scheme"], f"{INPUTS} inputs, {ROWS} rows", by_hand=True)
        shipped, programs = load_library(), load_programs()
        _measure(engine, shipped, programs, ["nci-rome"], "NCI/Rome")
        _measure(engine, shipped, programs, ["cog-08b1"], "COG AALL08B1")
        schemes = [scheme.id for scheme in shipped.schemes.values() if scheme.kind == "scheme"]
        _measure(engine, shipped, programs, schemes, f"all {len(schemes)} shipped schemes")
        engine.close()


def table_of_24_rows(chance: random.Random) -> Library:
    """A table made by splitting everything again and again: its rows exclude each other and cover everything."""
    facts = {f"n{n}": _number(f"n{n}") for n in range(INPUTS // 2)} | {f"c{n}": _choice(f"c{n}") for n in range(INPUTS // 2)}
    boxes: list[dict[str, Cell]] = [{}]
    unused = chance.sample(list(facts), len(facts))
    while len(boxes) < ROWS:
        box = boxes.pop(chance.randrange(len(boxes)))
        fact = unused.pop() if unused else chance.choice([fact for fact in facts if fact not in box])
        if fact in box:
            unused.append(fact)
            boxes.append(box)
        else:
            boxes += [box | {fact: cell} for cell in _cut(facts[fact], chance)]
    rows = tuple(Row(f"r{n}", tuple(box.values()), (OUTCOMES[n % len(OUTCOMES)],), "verified", ()) for n, box in enumerate(boxes))
    scheme = Scheme(
        "scheme", "scheme", WORD, WORD, WORD, "diagnosis", Review("bench", None, "2026-01-01", "2027-01-01"),
        outcomes=tuple(Outcome(name, WORD) for name in OUTCOMES), tables=(DecisionTable("scheme", WORD, rows, OUTCOMES),),
    )  # fmt: skip
    return Library("bench", "bench", {}, {}, facts, {}, {"scheme": scheme}, (), {}, {})


def _number(fact: str) -> FactDefinition:
    return FactDefinition(fact, "number", WORD, WORD, WORD, "any", unit="1", plausible=Plausible(Decimal(0), Decimal(100)))


def _choice(fact: str) -> FactDefinition:
    return FactDefinition(fact, "choice", WORD, WORD, WORD, "any", choices=tuple(Choice(name, WORD) for name in CHOICES))


def _cut(fact: FactDefinition, chance: random.Random) -> tuple[Cell, Cell]:
    if fact.kind == "choice":
        return Cell(fact.id, options=CHOICES[:1]), Cell(fact.id, options=CHOICES[1:])
    limit = Decimal(chance.choice((20, 50, 80)))
    return Cell(fact.id, high=limit, high_open=True), Cell(fact.id, low=limit)


def _measure(
    engine: DuckEngine, library: Library, programs: Mapping[str, Program], schemes: Sequence[str], what: str, by_hand: bool = False
) -> None:
    facts = [library.facts[fact] for fact in facts_needed(library, programs, schemes)]
    for share, who in ((1.0, "everything known"), (0.7, "three tenths unknown")):
        engine.connection.execute(f"CREATE OR REPLACE TABLE children AS {_children(programs, facts, share)}")
        read = _best(engine, f"SELECT {', '.join(f'max({name})' for name in _values(facts))} FROM children")
        select = decision_select(library, programs, schemes, engine.columns("children"))
        names = [f"{sql_name(scheme)}{ending}" for scheme in schemes for ending in ("_status", "", "_possible")]
        ours = _best(engine, f"SELECT {_counted(names)} FROM ({select.sql('duckdb')})")
        _report(f"{what}, {who}: ns a child", ours, GOAL_NS if len(schemes) == 1 else GOAL_NS * len(schemes))
        if by_hand:
            peer = _best(
                engine, f"SELECT {_counted(['answer'])} FROM (SELECT {_case(library.schemes[schemes[0]])} AS answer FROM children)"
            )
            _report("  the same table by hand as CASE: ns a child", peer, GOAL_NS)
            _report("  ours as a multiple of it", ours / peer, 10)
        print(f"  {'reading those columns alone: ns a child':<56} {read:>9,.1f}")


def _counted(names: Sequence[str]) -> str:
    return ", ".join(f"count({name})" for name in names)


def _values(facts: Sequence[FactDefinition]) -> list[str]:
    """The columns that the rules read of an exact or an unknown fact."""
    return [column.name for fact in facts for column in columns_of(fact)[: 1 if fact.kind == "choice" else 4]]


def _children(programs: Mapping[str, Program], facts: Sequence[FactDefinition], share: float) -> str:
    """Invented children: a value around the limits of each fact, known for this share of them."""
    drawn, columns = [], [f"'child-' || i AS {CHILD}"]
    for fact in facts:
        limits = sorted({limit for p in programs.values() for axis in p.axes if axis.fact == fact.id for limit in axis.limits})
        drawn.append(f"CASE WHEN random() < {share} THEN {_value(fact, limits)} END AS v_{fact.id}")
        columns += [_filled(fact.id, column.name, column.type) for column in columns_of(fact)]
    values = f"SELECT i, {', '.join(drawn)} FROM (SELECT setseed(0.5)), range({CHILDREN}) t(i)"
    return f"SELECT {', '.join(columns)} FROM ({values})"


def _value(fact: FactDefinition, limits: Sequence[Decimal]) -> str:
    if fact.kind == "choice":
        return f"(1 << floor(random() * {len(fact.choices)})::INTEGER)"
    return f"round(random() * {2 * limits[-1] if limits else 50}, 1)"


def _filled(fact: str, column: str, kind: str) -> str:
    if column in (fact, f"{fact}_low", f"{fact}_high"):
        return f"v_{fact}::{kind} AS {column}"
    return f"{'false' if kind == 'BOOLEAN' else 'NULL'}::{kind} AS {column}"


def _case(scheme: Scheme) -> str:
    ways = [f"WHEN {' AND '.join(_by_hand(cell) for cell in row.when)} THEN '{row.then[0]}'" for row in scheme.tables[0].rows]
    return f"CASE {' '.join(ways)} END"


def _by_hand(cell: Cell) -> str:
    if cell.options:
        return f"{cell.input} IN ({', '.join(str(1 << CHOICES.index(option)) for option in cell.options)})"
    return f"{cell.input}_low < {cell.high}" if cell.high is not None else f"{cell.input}_low >= {cell.low}"


def _best(engine: DuckEngine, sql: str, times: int = 3) -> float:
    """Nanoseconds of CPU time a child."""
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        engine.connection.execute(sql).fetchall()
        best = min(best, time.process_time() - start)
    return best / CHILDREN * 1e9


def _report(what: str, measured: float, bound: float) -> None:
    print(f"{what:<58} {measured:>9,.1f} {bound:>9,.0f} {measured / bound:>7.2f}")


if __name__ == "__main__":
    print(f"{'what':<58} {'measured':>9} {'bound':>9} {'ratio':>7}")
    main()

"""The counts behind a report, from a narrow table of codes: one pass over the children, then sums.

`coded` makes that table, `reported`: for each child a small number for its group under every scheme, for its kind by every fact of
the baseline, for whether a fact is recorded, and what happened when. Nothing in it names a child.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Literal, NamedTuple

from remission.cohort.columns import CHILD
from remission.cohort.competing import Ending
from remission.cohort.engines import Engine
from remission.cohort.events import (
    ENDPOINTS,
    LEFT_OUT,
    REMARKS,
    Endpoint,
    days_sql,
    entered_sql,
    event_sql,
    left_out_sql,
    outcome_columns,
    remark_sql,
)  # fmt: skip
from remission.cohort.names import sql_name
from remission.knowledge.ages import DAYS_PER_YEAR
from remission.knowledge.model import NO_RESULT_REASONS, Cell, FactDefinition, Frozen, Library, Scheme

Status = Literal["undecided", "not-applicable", "contradiction"]
STATUSES: tuple[Status, ...] = ("undecided", "not-applicable", "contradiction")
_STATUS_SQL = {"undecided": "data-required", "not-applicable": "not-applicable", "contradiction": "contradiction"}
KNOWN_IN_PART, NOT_KNOWN = "in-part", "not-known"
RECORDED, IN_PART, NO_RESULT, NOT_RECORDED = "recorded", "in-part", "no-result", "not-recorded"
STATES = (RECORDED, IN_PART, NO_RESULT, NOT_RECORDED)

# The baseline table: its facts, and where numbers are cut. The cuts are for description alone; no rule reads them.
BASELINE = (
    "age_days", "sex", "lineage", "wbc", "cns", "testicular", "down_syndrome", "etv6_runx1", "double_trisomy", "bcr_abl1",
    "kmt2a_rearranged", "tcf3_pbx1", "iamp21", "mrd_eoi",
)  # fmt: skip
CUTS: dict[str, tuple[Decimal, ...]] = {
    "age_days": tuple(DAYS_PER_YEAR * years for years in (1, 10, 16)),
    "wbc": (Decimal(10), Decimal(50), Decimal(100)),
    "mrd_eoi": (Decimal("0.01"), Decimal("0.1"), Decimal(1)),
}
MEDIANS = ("age_days", "wbc")


class Kind(Frozen, frozen=True):
    """One line of the baseline table: a choice, a group of choices, or a stretch of a number."""

    fact: str
    cell: Cell
    group: str = ""


class Kinds(Frozen, frozen=True):
    """The lines of one fact. A child that is in none of them is known in part, or not known."""

    fact: str
    kinds: tuple[Kind, ...]


class Shape(Frozen, frozen=True):
    """What the codes of the table `reported` mean."""

    groups: dict[str, tuple[str, ...]]  # of a scheme: the groups in its own order
    baseline: tuple[Kinds, ...]
    facts: tuple[str, ...]
    has_outcomes: bool


class Spread(NamedTuple):
    """The middle of exact numbers: how many there are, and the quartiles."""

    children: int
    quarter: float
    half: float
    three_quarters: float


def coded(engine: Engine, library: Library, schemes: Sequence[str], facts: Sequence[str]) -> Shape:
    """Makes the table `reported` out of `children` and `decided`, and says what its codes mean."""
    there = engine.columns("children")
    shape = Shape(
        groups={scheme: _groups(engine, library.schemes[scheme]) for scheme in schemes},
        baseline=tuple(_kinds(library.facts[fact]) for fact in BASELINE if _has(there, library.facts[fact])),
        facts=tuple(facts),
        has_outcomes=set(outcome_columns()) - {"entered_days"} <= set(there),
    )
    engine.keep("reported", f"SELECT {', '.join(_codes(library, shape, there))} FROM {_source(shape, there)}")
    return shape


def _source(shape: Shape, there: Sequence[str]) -> str:
    """Children with their answers; a source that knows no late entry gets the column without a value."""
    children = "children"
    if shape.has_outcomes and "entered_days" not in there:
        children = "(SELECT *, NULL::DOUBLE AS entered_days FROM children) AS children"
    return f"{children} JOIN decided USING ({CHILD})"


def _has(there: Sequence[str], definition: FactDefinition) -> bool:
    return (definition.id if definition.kind == "choice" else f"{definition.id}_low") in there


def _groups(engine: Engine, scheme: Scheme) -> tuple[str, ...]:
    """The groups of a scheme in its own order, then any other that was answered."""
    name = sql_name(scheme.id)
    named = [outcome.id for outcome in scheme.outcomes]
    met = [row[0] for row in engine.rows(f"SELECT DISTINCT \"{name}\" FROM decided WHERE {name}_status = 'decided'")]
    return (*named, *sorted(outcome for outcome in met if outcome not in named))


def _codes(library: Library, shape: Shape, there: Sequence[str]) -> Iterator[str]:
    for scheme, groups in shape.groups.items():
        yield f"{_group_sql(scheme, groups)}::UTINYINT AS g_{sql_name(scheme)}"
    yield f"{_contradictory(shape)} AS contradictory"
    for kinds in shape.baseline:
        yield f"{_kind_sql(library.facts[kinds.fact], kinds)}::UTINYINT AS k_{kinds.fact}"
    for fact in MEDIANS:
        if f"{fact}_low" in there:
            yield f"CASE WHEN {fact}_low = {fact}_high THEN {fact}_low END AS n_{fact}"
    for fact in shape.facts:
        yield f"{_state_sql(library.facts[fact], there)}::UTINYINT AS s_{fact}"
    if shape.has_outcomes:
        yield from _followed()


def _contradictory(shape: Shape) -> str:
    """Whether the facts of a child contradict each other."""
    found = [f"{sql_name(scheme)}_status = 'contradiction'" for scheme in shape.groups]
    return f"coalesce({' OR '.join(found) or 'false'}, false)"


def _group_sql(scheme: str, groups: tuple[str, ...]) -> str:
    """The place of a child's group; after the groups the other answers, in the order of `STATUSES`."""
    name = sql_name(scheme)
    cases = [f"WHEN \"{name}\" = '{group}' THEN {place}" for place, group in enumerate(groups)]
    cases += [f"WHEN {name}_status = '{_STATUS_SQL[status]}' THEN {len(groups) + place}" for place, status in enumerate(STATUSES)]
    return f"(CASE {' '.join(cases)} ELSE {len(groups) + STATUSES.index('contradiction')} END)"


def _kinds(definition: FactDefinition) -> Kinds:
    if definition.kind == "choice":
        grouped = {choice for group in definition.groups for choice in group.of}
        single = [Kind(definition.id, Cell(definition.id, (choice,))) for choice in definition.choice_ids]
        if not grouped:
            return Kinds(definition.id, tuple(single))
        alone = tuple(kind for kind in single if kind.cell.options[0] not in grouped)
        return Kinds(definition.id, (*alone, *(Kind(definition.id, Cell(definition.id, g.of), g.id) for g in definition.groups)))
    cuts = CUTS[definition.id]
    ends = [(None, cuts[0]), *pairwise(cuts), (cuts[-1], None)]
    return Kinds(
        definition.id,
        tuple(Kind(definition.id, Cell(definition.id, low=low, high=high, high_open=high is not None)) for low, high in ends),
    )


def _kind_sql(definition: FactDefinition, kinds: Kinds) -> str:
    """The place of the line a child stands in; after the lines: known in part, not known."""
    cases = [f"WHEN {_kind_holds(definition, kind)} THEN {place}" for place, kind in enumerate(kinds.kinds)]
    parts = len(kinds.kinds)
    return f"(CASE {' '.join(cases)} WHEN {_says_something(definition)} THEN {parts} ELSE {parts + 1} END)"


def _kind_holds(definition: FactDefinition, kind: Kind) -> str:
    name = definition.id
    if definition.kind == "choice":
        outside = ~sum(1 << definition.choice_ids.index(option) for option in kind.cell.options) & (
            (1 << len(definition.choice_ids)) - 1
        )
        return f"{name} > 0 AND {name} & {outside} = 0"
    parts = []
    if kind.cell.low is not None:
        parts.append(f"{name}_low >= {kind.cell.low}")
    if kind.cell.high is not None:
        parts.append(f"({name}_high < {kind.cell.high} OR ({name}_high = {kind.cell.high} AND {name}_high_open))")
    return " AND ".join(parts)


def _says_something(definition: FactDefinition) -> str:
    name = definition.id
    if definition.kind == "choice":
        return f"{name} > 0 AND bit_count({name}) < {len(definition.choice_ids)}"
    result = f" OR {name}_result IS NOT NULL" if definition.kind == "mrd" else ""
    return f"{name}_low IS NOT NULL OR {name}_high IS NOT NULL{result}"


def _state_sql(definition: FactDefinition, there: Sequence[str]) -> str:
    """The place in `STATES`: how well a fact is recorded."""
    if not _has(there, definition):
        return str(STATES.index(NOT_RECORDED))
    name = definition.id
    exact = f"bit_count({name}) = 1" if definition.kind == "choice" else f"({name}_low = {name}_high)"
    if definition.kind == "mrd":
        exact = f"({name}_low = {name}_high OR {name}_result IS NOT NULL)"
    no_result = ", ".join(repr(reason) for reason in sorted(NO_RESULT_REASONS))
    absent = f"WHEN {name}_absent IN ({no_result}) THEN {STATES.index(NO_RESULT)}" if f"{name}_absent" in there else ""
    return (
        f"(CASE {absent} WHEN {exact} THEN {STATES.index(RECORDED)} WHEN {_says_something(definition)} THEN {STATES.index(IN_PART)}"
        f" ELSE {STATES.index(NOT_RECORDED)} END)"
    )


def _followed() -> Iterator[str]:
    for endpoint in ENDPOINTS:
        reasons = ", ".join(repr(reason) for reason in LEFT_OUT[endpoint])
        yield f"list_position([{reasons}], {left_out_sql(endpoint)})::UTINYINT AS {endpoint}_out"  # NULL: followed
        yield f"{days_sql(endpoint)}::DOUBLE AS {endpoint}_days"
        yield f"{event_sql(endpoint)} AS {endpoint}_event"
    yield f"({entered_sql()})::DOUBLE AS entered"
    for place, remark in enumerate(REMARKS):
        yield f"coalesce({remark_sql(remark)}, false) AS remark_{place}"


# --- sums ----------------------------------------------------------------------------------------------------------------

_USABLE = "NOT contradictory"


def children(engine: Engine) -> tuple[int, int]:
    """How many children there are, and of how many the record contradicts itself."""
    found = next(iter(engine.rows("SELECT count(*), count(*) FILTER (contradictory) FROM reported")))
    return int(found[0]), int(found[1])


def by_code(engine: Engine, column: str, codes: int) -> list[int]:
    """How many usable children there are of each code of a column."""
    counts = by_codes(engine, column)
    return [counts.get((code,), 0) for code in range(codes)]


def by_codes(engine: Engine, *columns: str) -> dict[tuple[int, ...], int]:
    """How many usable children there are of each combination of codes."""
    rows = engine.rows(f"SELECT {', '.join(columns)}, count(*) FROM reported WHERE {_USABLE} GROUP BY ALL")
    return {tuple(map(int, codes)): int(number) for *codes, number in rows}


def same_children(engine: Engine, columns: Sequence[str]) -> list[list[tuple[str, int]]]:
    """Codes of different columns behind which stand the very same usable children, such as T-cell leukemia and a scheme for the
    other one that does not apply."""
    found: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for column in columns:
        asked = f"SELECT {column}, count(*), bit_xor(hash(rowid)) FROM reported WHERE {_USABLE} GROUP BY 1 ORDER BY 1"
        for code, number, sign in engine.rows(asked):
            found.setdefault((int(number), int(sign)), []).append((column, int(code)))
    return [codes for codes in found.values() if len(codes) > 1]


def spread(engine: Engine, fact: str) -> Spread | None:
    """The quartiles of the exact numbers of a fact."""
    column = f"n_{fact}"
    if column not in engine.columns("reported"):
        return None
    quartiles = ", ".join(f"quantile_cont({column}, {at})" for at in (0.25, 0.5, 0.75))
    found = next(iter(engine.rows(f"SELECT count({column}), {quartiles} FROM reported WHERE {_USABLE}")))
    return Spread(int(found[0]), *(float(value) for value in found[1:])) if found[0] else None


def undecided(engine: Engine, scheme: str, shape: Shape) -> list[tuple[tuple[str, ...], tuple[str, ...], int]]:
    """The undecided usable children of a scheme: the facts on which the answer depends, the groups still possible, how many."""
    name = sql_name(scheme)
    rows = engine.rows(
        f"SELECT {name}_missing, {name}_possible, count(*) FROM decided WHERE {name}_status = 'data-required'"
        f" AND NOT {_contradictory(shape)} GROUP BY 1, 2 ORDER BY 1, 2"
    )
    return [(_listed(missing), _listed(possible), int(number)) for missing, possible, number in rows]


def _listed(cell: str | None) -> tuple[str, ...]:
    return tuple(part for part in (cell or "").split(";") if part)


def stated(engine: Engine, shape: Shape, column: str, scheme: str, only: dict[str, int]) -> list[tuple[str, int, int]]:
    """What a column of the source says, beside the code of our group: how many usable children. `only`: choices a fact must be."""
    if not {column, *only} <= set(engine.columns("children")):
        return []
    met = "".join(f" AND {fact} = {bits}" for fact, bits in sorted(only.items()))
    rows = engine.rows(
        f'SELECT "{column}", {_group_sql(scheme, shape.groups[scheme])}, count(*) FROM children JOIN decided USING ({CHILD})'
        f' WHERE NOT {_contradictory(shape)} AND "{column}" IS NOT NULL{met} GROUP BY 1, 2 ORDER BY 1, 2'
    )
    return [(str(said), int(code), int(number)) for said, code, number in rows]


def reasons(engine: Engine, endpoint: Endpoint) -> dict[str, int]:
    """How many usable children stay out of a curve, by reason; `""` for those in it."""
    rows = engine.rows(f"SELECT {endpoint}_out, count(*) FROM reported WHERE {_USABLE} GROUP BY 1")
    counts = {int(place or 0): int(number) for place, number in rows}
    return {reason: counts.get(place, 0) for place, reason in enumerate(("", *LEFT_OUT[endpoint]))}


def remarks(engine: Engine) -> dict[str, int]:
    """What is worth knowing about usable children who are followed."""
    counted = ", ".join(f"count(*) FILTER (remark_{place})" for place in range(len(REMARKS)))
    found = next(iter(engine.rows(f"SELECT {counted} FROM reported WHERE {_USABLE} AND (efs_out IS NULL OR os_out IS NULL)")))
    return {remark: int(number) for remark, number in zip(REMARKS, found, strict=True)}


def endings(engine: Engine, endpoint: Endpoint, scheme: str = "") -> dict[int, list[Ending]]:
    """How and when children's time ended, as counts at distinct days; under each group of a scheme, or all under 0."""
    group = f"g_{sql_name(scheme)}" if scheme else "0"
    rows = engine.rows(
        f"SELECT {group}, entered, {endpoint}_days, {endpoint}_event, count(*) FROM reported"
        f" WHERE {_USABLE} AND {endpoint}_out IS NULL GROUP BY ALL ORDER BY ALL"
    )
    found: dict[int, list[Ending]] = {}
    for code, entered, days, event, number in rows:
        cause = "" if event == "none" else str(event)
        found.setdefault(int(code), []).append(Ending(float(entered), float(days), cause, int(number)))
    return found

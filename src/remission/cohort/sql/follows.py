"""What follows from the facts given, and which facts cannot both be right, as columns: `rules.narrow` for a whole table.

Each supporting table that tells something becomes one more column, after those it reads. Tables that tell each other are asked
in rounds, as often as it takes until nothing new can follow; that number is found beforehand by trying every child there can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import TYPE_CHECKING

from remission.cohort.names import sql_name
from remission.cohort.sql import trees
from remission.cohort.sql.boxes import could_reach, ways_to
from remission.cohort.sql.predicates import Columns, certainly_holds, could_hold, is_given, is_no_interval
from remission.knowledge.model import Contradiction, Frozen, Library, Scheme
from remission.record.facts import Fact
from remission.record.problems import InputProblems
from remission.rules.axes import condition
from remission.rules.narrow import learn
from remission.rules.program import Program

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

TAP = "steinherz_bleyer"
TAP_COUNTS = ("csf_wbc", "csf_rbc", "wbc", "blood_rbc")
_MOST_STATES = 20_000
_LARGEST_COUNT, _LARGEST_PRODUCT = 10**7, 9 * 10**10  # beyond any plausible count; their ten-thousandths fit 64 bits


class Told(Frozen, frozen=True):
    """One more column: what is left of a fact, and which table told it (none: the counts of a spinal tap)."""

    fact: str
    column: str
    table: str = ""


def told_columns(library: Library, programs: Mapping[str, Program], columns: Columns, wanted: Iterable[str]) -> list[list[Told]]:
    """The columns to add, in stages: each reads only the columns before its stage."""
    tables = _useful_tables(library, programs, columns, set(wanted))
    read = {axis.fact for table in tables for axis in programs[table.id].axes} | set(wanted)
    stages = [[Told(TAP, f"{TAP}_left")]] if TAP in read and can_compare_tap(columns) else []
    rounds: dict[str, int] = {}
    for group in _in_order(tables, programs):
        for _ in range(_rounds_needed(library, programs, group)):
            for table in group:
                rounds[table.narrows] = rounds.get(table.narrows, 0) + 1
                again = f"_{rounds[table.narrows]}" if rounds[table.narrows] > 1 else ""
                stages.append([Told(table.narrows, f"{table.narrows}_left{again}", table.id)])
    return _joined_stages(stages, programs)


def told(library: Library, programs: Mapping[str, Program], one: Told, columns: Columns) -> Expr:
    """What that column holds: the choices left, as bits, or NULL while nothing is known."""
    if not one.table:
        return _tap(library, columns)
    program, definition = programs[one.table], library.facts[one.fact]
    everything = (1 << len(definition.choices)) - 1
    given = columns.choices(one.fact)
    known = given if given is not None else trees.null()
    left = trees.total([_bit_if_open(program, choice, 1 << n, columns) for n, choice in enumerate(definition.choice_ids)])
    if given is not None:
        left = trees.bits(trees.called("COALESCE", given.copy(), trees.whole(everything)), left)
    return trees.chosen([(_something_is_known(library, program, columns, definition.choice_ids), left)], known.copy())


def contradicting(library: Library, columns: Columns, final: Columns) -> Iterator[tuple[str, Expr]]:
    """Everything by which a row can contradict itself, by name, each true or false. `columns` are those of the table, `final`
    those with what followed."""
    for definition in library.facts.values():
        if definition.kind != "choice":
            yield f"no_interval__{definition.id}", is_no_interval(definition, columns)
    for rule in library.contradictions:
        yield f"contradicts__{sql_name(rule.id)}", _certainly_contradicts(library, rule, columns)
    for fact, column in final.left.items():
        if fact != TAP:
            yield f"nothing_left__{fact}", trees.if_known(trees.compared(trees.column(column), "=", trees.whole(0)), False)


def can_compare_tap(columns: Columns) -> bool:
    return all(columns.find(f"{count}_{end}") is not None for count in TAP_COUNTS for end in ("low", "high"))


def _certainly_contradicts(library: Library, rule: Contradiction, columns: Columns) -> Expr:
    if rule.exceeds:
        low, high = columns.end(rule.exceeds[0], "low"), columns.end(rule.exceeds[1], "high")
        return trees.no() if low is None or high is None else trees.compared(low, ">", high)
    given = [is_given(library.facts[cell.input], columns) for cell in rule.when if _says_nothing(library, cell.input, rule)]
    asked = condition(rule.when, library.facts).parts
    holds = [certainly_holds(axis, mask, columns) for axis, mask in asked]
    spared = [
        trees.all_of(certainly_holds(axis, mask, columns) for axis, mask in condition(cells, library.facts).parts)
        for cells in rule.unless
    ]
    return trees.all_of([*holds, *given, *(trees.negated(each) for each in spared)])


def _says_nothing(library: Library, fact: str, rule: Contradiction) -> bool:
    """Whether a cell holds for every value, so that only being asked at all makes it hold."""
    parts = condition([cell for cell in rule.when if cell.input == fact], library.facts).parts
    return all(mask == axis.everything for axis, mask in parts)


def _bit_if_open(program: Program, choice: str, bit: int, columns: Columns) -> Expr:
    ways = could_reach(program, ways_to(program, choice), lambda axis, mask: could_hold(axis, mask, columns))
    is_open = trees.any_of(tree for _, tree in ways)
    return trees.chosen([(is_open, trees.whole(bit))], trees.whole(0))


def _something_is_known(library: Library, program: Program, columns: Columns, choices: tuple[str, ...]) -> Expr:
    """A table that leaves fewer choices even to a child of whom nothing is known must not be asked about that child."""
    if set(choices) <= {box.outcome for box in program.boxes}:
        return trees.yes()
    return trees.any_of(_is_known(library, axis.fact, columns) for axis in program.axes)


def _is_known(library: Library, fact: str, columns: Columns) -> Expr:
    definition = library.facts[fact]
    known = [trees.is_known(column) for column in columns.given(definition)]
    if fact in columns.left:
        everything = (1 << len(definition.choices)) - 1
        learnt = trees.compared(trees.column(columns.left[fact]), "<>", trees.whole(everything))
        known.append(trees.if_known(learnt, otherwise=False))
    return trees.any_of(known)


# --- which tables, in which order ---------------------------------------------------------------------------------------


def _useful_tables(library: Library, programs: Mapping[str, Program], columns: Columns, wanted: set[str]) -> list[Scheme]:
    """The supporting tables that can tell something which is asked for, or which can be held against something else."""
    tables = [scheme for scheme in library.schemes.values() if scheme.narrows and scheme.id in programs]
    given = {fact for fact, definition in library.facts.items() if columns.given(definition)}
    tellable = set(given) | ({TAP} if can_compare_tap(columns) else set())
    while more := [t for t in tables if t.narrows not in tellable and tellable & set(programs[t.id].facts)]:
        tellable |= {table.narrows for table in more}
    telling = [table for table in tables if tellable & set(programs[table.id].facts)]
    told = [table.narrows for table in telling]
    needed = wanted | given | {fact for fact in told if told.count(fact) > 1}
    while more := [t for t in telling if t.narrows in needed and not set(programs[t.id].facts) <= needed]:
        needed |= {fact for table in more for fact in programs[table.id].facts}
    return [table for table in telling if table.narrows in needed]


def _in_order(tables: Sequence[Scheme], programs: Mapping[str, Program]) -> Iterator[list[Scheme]]:
    """The tables in groups, each group after those it reads; the tables of one group read each other."""
    reads = {table.id: {other.id for other in tables if other.narrows in programs[table.id].facts} for table in tables}
    for middle, one in product(reads, reads):
        if middle in reads[one]:
            reads[one] |= reads[middle]
    left = {table.id: table for table in tables}
    while left:
        first = next(id_ for id_ in left if all(id_ in reads[other] for other in reads[id_] & set(left)))
        group = [id_ for id_ in left if id_ == first or (id_ in reads[first] and first in reads[id_])]
        yield [left.pop(id_) for id_ in group]


def _rounds_needed(library: Library, programs: Mapping[str, Program], group: Sequence[Scheme]) -> int:
    """How often the tables of a group must be asked, one after another, until none of them can tell anything new."""
    facts = list(dict.fromkeys([axis.fact for table in group for axis in programs[table.id].axes] + [t.narrows for t in group]))
    if len(group) == 1 and group[0].narrows not in programs[group[0].id].facts:
        return 1
    values = [_every_value(library, fact) for fact in facts]
    most = 1 + sum(len(library.facts[table.narrows].choices) - 1 for table in group)  # each round but the last rules one out
    if any(not each for each in values) or _count(values) > _MOST_STATES:
        return most
    return max(_rounds(library, programs, group, state) for state in product(*values))


def _every_value(library: Library, fact: str) -> list[Fact | None]:
    """A choice in every state of being known; nothing for a number, which has too many."""
    choices = library.facts[fact].choice_ids
    sets = [options for size in range(1, len(choices) + 1) for options in combinations(choices, size)]
    return [None, *(Fact(fact, options=options) for options in sets)] if choices else []


def _count(values: Sequence[Sequence[object]]) -> int:
    count = 1
    for each in values:
        count *= len(each)
    return count


def _rounds(library: Library, programs: Mapping[str, Program], group: Sequence[Scheme], state: Sequence[Fact | None]) -> int:
    child = {fact.id: fact for fact in state if fact is not None}
    rounds = 0
    try:
        while _asked_once(library, programs, group, child):
            rounds += 1
    except InputProblems:
        rounds += 1
    return max(rounds, 1)


def _asked_once(library: Library, programs: Mapping[str, Program], group: Sequence[Scheme], child: dict[str, Fact]) -> bool:
    """Asks each table of the group; whether any told something new."""
    is_new = False
    for table in group:
        learnt = learn(library, programs[table.id], table, child)
        if learnt is not None:
            child[table.narrows] = learnt
            is_new = True
    return is_new


def _joined_stages(stages: list[list[Told]], programs: Mapping[str, Program]) -> list[list[Told]]:
    """Neighbouring stages together where the later one reads nothing of the earlier."""
    joined: list[list[Told]] = []
    for stage in stages:
        before = {one.fact for one in joined[-1]} if joined else set()
        reads = {fact for one in stage if one.table for fact in programs[one.table].facts} | {one.fact for one in stage}
        if joined and not before & reads:
            joined[-1] += stage
        else:
            joined.append(list(stage))
    return joined


# --- the spinal tap -------------------------------------------------------------------------------------------------------


def _tap(library: Library, columns: Columns) -> Expr:
    """The comparison of Steinherz and Bleyer where all four counts are exact numbers and nobody gave its answer.

    Far from the limit floats are enough. Near it the products are compared as whole numbers, in ten-thousandths, so that exactly
    the limit is told from just above; a count with more digits than that stays open there.
    """
    definition = library.facts[TAP]
    bit = {choice: trees.whole(1 << number) for number, choice in enumerate(definition.choice_ids)}
    absent = columns.find(f"{TAP}_absent")
    said = columns.given(definition) + ([absent] if absent is not None else [])
    given = columns.choices(TAP)
    csf_white, csf_red, white, red = (trees.column(f"{count}_low") for count in TAP_COUNTS)
    fluid = trees.times(csf_white, red, trees.whole(1000))  # red cells of the blood are counted in 10*12/L, white in 10*9/L
    blood = trees.times(trees.whole(2), white, csf_red)
    known = trees.all_of([*(trees.is_null(column) for column in said), *(_is_exact(count) for count in TAP_COUNTS), *_not_zero()])
    fits = trees.compared(blood.copy(), "<=", trees.whole(_LARGEST_PRODUCT))
    fine = trees.all_of([fits, *(_is_whole_in_ten_thousandths(count) for count in TAP_COUNTS)])
    above, below = trees.number_text("1.000000001"), trees.number_text("0.999999999")
    ways = [
        (trees.negated(known), given if given is not None else trees.null()),
        (trees.compared(fluid, ">", trees.times(blood, above)), bit["positive"]),
        (trees.compared(fluid.copy(), "<", trees.times(blood.copy(), below)), bit["negative"]),
        (trees.negated(fine), trees.null()),
    ]
    exact_fluid = trees.times(_ten_thousandths("csf_wbc"), _ten_thousandths("blood_rbc"), trees.whole(1000))
    exact_blood = trees.times(trees.whole(2), _ten_thousandths("wbc"), _ten_thousandths("csf_rbc"))
    ways.append((trees.compared(exact_fluid, ">", exact_blood), bit["positive"].copy()))
    ways.append((trees.compared(exact_fluid.copy(), "<", exact_blood.copy()), bit["negative"].copy()))
    return trees.chosen(ways, bit["at-limit"])


def _is_exact(count: str) -> Expr:
    return trees.if_known(trees.compared(trees.column(f"{count}_low"), "=", trees.column(f"{count}_high")), otherwise=False)


def _not_zero() -> list[Expr]:
    counts = ("csf_rbc", "blood_rbc")
    return [trees.compared(trees.column(f"{count}_low"), "<>", trees.whole(0)) for count in counts]


def _is_whole_in_ten_thousandths(count: str) -> Expr:
    column = trees.column(f"{count}_low")
    rounded = trees.divided(trees.called("ROUND", trees.times(column, trees.whole(10_000))), trees.number_text("10000.0"))
    return trees.all_of(
        [trees.compared(column.copy(), "<=", trees.whole(_LARGEST_COUNT)), trees.compared(rounded, "=", column.copy())]
    )


def _ten_thousandths(count: str) -> Expr:
    scaled = trees.times(trees.column(f"{count}_low"), trees.whole(10_000))
    return trees.cast(trees.called("ROUND", scaled), "BIGINT")

"""Whether a cell could hold for a child, asked of the columns of the children table.

A cell is a set of regions of one axis. It could hold exactly when the child's own regions (`Axis.mask_of`) share one with it. The
answer is yes or no for every row, never NULL: what is not known could be anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from remission.cohort.sql import trees
from remission.knowledge.model import NO_RESULT_REASONS, FactDefinition, Frozen
from remission.rules.axes import Axis

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

Run = tuple[int, int]  # the first and last of neighbouring pieces of the number line
_BEYOND = {"low": "-1e300", "high": "1e300"}


class Columns(Frozen, frozen=True):
    """What can be read of a row: the columns that are there, and where to find a fact about which something follows."""

    names: frozenset[str]
    left: Mapping[str, str] = {}
    has_ends: bool = False  # whether a stage before has filled in the ends that are not known

    def find(self, name: str) -> Expr | None:
        return trees.column(name) if name in self.names else None

    def end(self, fact: str, which: str) -> Expr | None:
        """An end of a number, never NULL: where it is not known it is beyond every number. None without such a column."""
        if f"{fact}_{which}" not in self.names:
            return None
        return trees.column(end_name(fact, which)) if self.has_ends else filled(fact, which)

    def choices(self, fact: str) -> Expr | None:
        """The column with the choices that are left of a fact."""
        return trees.column(self.left[fact]) if fact in self.left else self.find(fact)

    def given(self, definition: FactDefinition) -> list[Expr]:
        """The columns that hold a value of this fact as it was given; the reason for having none is no value."""
        endings = {"choice": ("",), "number": ("_low", "_high"), "mrd": ("_low", "_high", "_result")}[definition.kind]
        return [found for ending in endings if (found := self.find(definition.id + ending)) is not None]

    def having(self, left: Mapping[str, str]) -> Columns:
        """The same row once more has followed from it."""
        return Columns(self.names, {**self.left, **left}, self.has_ends)


def end_name(fact: str, which: str) -> str:
    """The column of an end that is filled in."""
    return f"{fact}_{'from' if which == 'low' else 'to'}"


def filled(fact: str, which: str) -> Expr:
    """An end as it is given, or beyond every number where it is not known. Comparing what may be NULL costs four times as much."""
    end = trees.column(f"{fact}_{which}")
    return trees.chosen([(trees.is_null(end), trees.number_text(_BEYOND[which]))], end.copy())


def could_hold(axis: Axis, mask: int, columns: Columns) -> Expr:
    """Whether the child may be in one of these regions: `axis.mask_of(fact) & mask != 0`."""
    accepted = mask & axis.everything
    if not accepted:
        return trees.no()
    atoms = [atom for atom, region in enumerate(axis.region_of_atom) if accepted >> region & 1]
    if axis.kind == "choice":
        return _could_be_chosen(atoms, len(axis.options), columns.choices(axis.fact))
    if axis.tells_results:
        return _could_be_found(axis, atoms, columns)
    return _could_lie_in(axis, atoms, columns)


def certainly_holds(axis: Axis, mask: int, columns: Columns) -> Expr:
    """Whether the child is in these regions whatever the open facts turn out to be."""
    return trees.negated(could_hold(axis, axis.everything & ~mask, columns))


def _could_be_chosen(atoms: list[int], count: int, found: Expr | None) -> Expr:
    if found is None or len(atoms) == count:
        return trees.yes()
    open_ = trees.called("COALESCE", found, trees.whole((1 << count) - 1))
    return trees.compared(trees.bits(open_, trees.whole(sum(1 << atom for atom in atoms))), "<>", trees.whole(0))


def _could_lie_in(axis: Axis, pieces: list[int], columns: Columns) -> Expr:
    return trees.any_of(_meets_run(axis, run, columns) for run in _runs(pieces))


def _could_be_found(axis: Axis, atoms: list[int], columns: Columns) -> Expr:
    """An MRD axis tells cells found from none found, each with its level, and both from a test that gave no result."""
    levels = 2 * len(axis.limits) + 1
    result = columns.find(f"{axis.fact}_result")
    parts = []
    for place, name in enumerate(("negative", "positive")):
        pieces = [atom - 1 - place * levels for atom in atoms if 0 <= atom - 1 - place * levels < levels]
        said = trees.yes() if result is None else _may_be(result, name)
        parts.append((pieces, said))
    (negative, not_positive), (positive, not_negative) = parts
    if negative == positive:
        found = _could_lie_in(axis, negative, columns)
    else:
        found = trees.any_of(
            trees.all_of([said, _could_lie_in(axis, pieces, columns)])
            for pieces, said in ((negative, not_positive), (positive, not_negative))
        )
    return _or_without_result(axis, 0 in atoms, found, columns)


def _or_without_result(axis: Axis, accepts_none: bool, found: Expr, columns: Columns) -> Expr:
    absent = columns.find(f"{axis.fact}_absent")
    ways = []
    if absent is not None and axis.tells_no_result:
        none = trees.yes() if accepts_none else trees.no()
        ways.append((trees.one_of(absent, sorted(NO_RESULT_REASONS)), none))
    if accepts_none:  # a child of whom nothing is known may yet turn out to have no result
        values = [column for ending in ("_low", "_high", "_result") if (column := columns.find(axis.fact + ending)) is not None]
        ways.append((trees.all_of(trees.is_null(value) for value in values), trees.yes()))
    return trees.chosen(ways, found)


def _runs(pieces: list[int]) -> Iterator[Run]:
    """Neighbouring pieces of the number line together."""
    first = None
    for piece in pieces:
        first = piece if first is None else first
        if piece + 1 not in pieces:
            yield first, piece
            first = None


def _meets_run(axis: Axis, run: Run, columns: Columns) -> Expr:
    """Whether the interval from `low` to `high` meets the run: it must not end before it nor begin behind it."""
    first, last = run
    reaches = []
    if first > 0:
        reaches.append(_reaches(axis, (first - 1) // 2, first % 2 == 1, columns, "high", ">"))
    if last < 2 * len(axis.limits):
        reaches.append(_reaches(axis, last // 2, last % 2 == 1, columns, "low", "<"))
    return trees.all_of(reaches)


def _reaches(axis: Axis, place: int, includes_limit: bool, columns: Columns, which: str, sign: str) -> Expr:
    """Whether an end lets the interval reach the run."""
    end, is_open = columns.end(axis.fact, which), columns.find(f"{axis.fact}_{which}_open")
    if end is None:
        return trees.yes()
    beyond = trees.compared(end, sign, trees.number(axis.limits[place]))
    if not includes_limit:
        return beyond
    beyond_or_on = trees.compared(end.copy(), f"{sign}=", trees.number(axis.limits[place]))
    return beyond_or_on if is_open is None else trees.chosen([(is_open, beyond)], beyond_or_on)


def _may_be(result: Expr, name: str) -> Expr:
    return trees.any_of([trees.is_null(result), trees.compared(result.copy(), "=", trees.text(name))])


def is_no_interval(definition: FactDefinition, columns: Columns) -> Expr:
    """Whether the ends of a number are the wrong way round or are no numbers at all; such a row says nothing that could be right.

    Engines disagree whether "not a number" is above every number, so an end must pass a test that it fails everywhere.
    """
    low, high = columns.end(definition.id, "low"), columns.end(definition.id, "high")
    tests = []
    if low is not None:
        tests.append(trees.compared(low, ">=", trees.number_text(_BEYOND["low"])))
    if high is not None:
        tests.append(trees.compared(high, "<=", trees.number_text(_BEYOND["high"])))
    if low is not None and high is not None:
        tests.append(trees.compared(low.copy(), "<=", high.copy()))
    elif low is not None:
        tests.append(trees.compared(low.copy(), "<=", trees.number_text(_BEYOND["high"])))
    elif high is not None:
        tests.append(trees.compared(high.copy(), ">=", trees.number_text(_BEYOND["low"])))
    return trees.negated(trees.grouped(trees.all_of(tests))) if tests else trees.no()


def is_given(definition: FactDefinition, columns: Columns) -> Expr:
    """Whether the row has a value of this fact, if only half a one."""
    return trees.any_of(trees.is_known(column) for column in columns.given(definition))

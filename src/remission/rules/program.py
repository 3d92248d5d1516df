"""A scheme with its whole chain of tables, flattened into boxes over facts alone.

A box is one way of reaching an outcome: a mask on every axis, and the rows that were walked through. Flattening a chain
once, when the library is built, is what makes the answer for a half-known child exact: an outcome is possible if and only if
one of its boxes meets what is known. Evaluating a chain table by table would only be safe, because "high by the first table"
and "age under 10" are not independent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial, reduce
from itertools import combinations
from operator import and_

from remission.knowledge.model import (
    Cell,
    DecisionTable,
    Frozen,
    Library,
    Scheme,
    Status,
    weakest,
)
from remission.knowledge.problems import KnowledgeError
from remission.rules.axes import Axis, Condition, axis_for, condition
from remission.rules.describe import describe_box
from remission.rules.diagram import Diagram, build_diagram

NOT_APPLICABLE = "not-applicable"


class Box(Frozen, frozen=True):
    """One way of reaching `outcome`: a mask per axis, the rows walked through, and the weakest status among them."""

    masks: tuple[int, ...]
    outcome: str
    rows: tuple[str, ...]
    status: Status


class Program(Frozen, frozen=True):
    """A scheme ready to be asked: its axes and boxes, the boxes of each table on the way, its compiled form and its notes.

    `borrows_from` names the schemes whose tables it uses. For each axis, `taught_by` lists the supporting tables that can
    tell it, and `feeds` those that read it and tell another axis.
    """

    scheme: str
    axes: tuple[Axis, ...]
    boxes: tuple[Box, ...]
    tables: dict[str, tuple[Box, ...]]
    outcomes: tuple[str, ...]
    diagram: Diagram
    notes: dict[str, Condition]
    borrows_from: tuple[str, ...]
    taught_by: tuple[tuple[str, ...], ...]
    feeds: tuple[tuple[tuple[int, str], ...], ...]

    @property
    def facts(self) -> tuple[str, ...]:
        return tuple(axis.fact for axis in self.axes)


def build_program(library: Library, scheme: Scheme) -> Program:
    """The program of one scheme. Raises `KnowledgeError` with the offending box when its tables overlap or leave a hole."""
    flattening = _Flattening(library, scheme)
    flattening.prove_that_rows_exclude_each_other()
    boxes = tuple(flattening.boxes_of_scheme())
    named = [outcome.id for outcome in scheme.outcomes]
    outcomes = tuple(named + [NOT_APPLICABLE] * bool(scheme.applies))
    return Program(
        scheme=scheme.id,
        axes=flattening.axes,
        boxes=boxes,
        tables={table.id: tuple(flattening.boxes_of(table)) for table in flattening.tables},
        outcomes=outcomes,
        diagram=build_diagram(scheme.id, flattening.axes, boxes, outcomes, narrows=bool(scheme.narrows)),
        borrows_from=_borrows_from(library, scheme, flattening.tables),
        taught_by=tuple(_tables_that_tell(library, axis.fact) for axis in flattening.axes),
        feeds=tuple(_axes_fed_by(library, axis, flattening.axes) for axis in flattening.axes),
        notes={note.id: condition(note.when, library.facts) for note in scheme.notes},
    )


def live_boxes(boxes: Iterable[Box], masks: Sequence[int], axes: Sequence[Axis]) -> list[Box]:
    """The boxes that meet what is known. Axes about which nothing is known cannot exclude any."""
    known = [(place, mask) for place, (mask, axis) in enumerate(zip(masks, axes, strict=True)) if mask != axis.everything]
    return [box for box in boxes if all(box.masks[place] & mask for place, mask in known)]


def _tables_that_tell(library: Library, fact: str) -> tuple[str, ...]:
    return tuple(scheme.id for scheme in library.schemes.values() if scheme.narrows == fact)


def _borrows_from(library: Library, scheme: Scheme, tables: list[DecisionTable]) -> tuple[str, ...]:
    owners = dict.fromkeys(library.scheme_of_table(table.id).id for table in tables)
    return tuple(owner for owner in owners if owner != scheme.id)


def _axes_fed_by(library: Library, axis: Axis, axes: tuple[Axis, ...]) -> tuple[tuple[int, str], ...]:
    told = [(place, table) for place, other in enumerate(axes) if other != axis for table in _tables_that_tell(library, other.fact)]
    return tuple((place, table) for place, table in told if _reads(library, library.schemes[table], axis.fact))


def _reads(library: Library, scheme: Scheme, fact: str) -> bool:
    return any(cell.input == fact for table in tables_on_the_way(library, scheme) for cell in cells_of(table))


def tables_on_the_way(library: Library, scheme: Scheme) -> list[DecisionTable]:
    """The tables a scheme rests on, each after those it reads, its own deciding table last."""
    found: dict[str, DecisionTable] = {}

    def visit(table: DecisionTable) -> None:
        for cell in cells_of(table):
            if cell.input not in library.facts and cell.input not in found:
                visit(library.table(cell.input))
        found[table.id] = table

    visit(next(table for table in scheme.tables if table.id == scheme.id))
    return list(found.values())


def cells_of(table: DecisionTable) -> Iterator[Cell]:
    return (cell for row in table.rows for cell in row.when)


_Way = tuple[tuple[int, ...], tuple[str, ...], Status]  # masks, rows walked through, weakest status


class _Flattening:
    """The boxes of every table of one chain, on the axes they share."""

    def __init__(self, library: Library, scheme: Scheme):
        self.scheme = scheme
        self.tables = tables_on_the_way(library, scheme)
        self._table = {table.id: table for table in self.tables}
        domain_cells = [cell for domain in scheme.applies for cell in domain.when]
        cells = domain_cells + [cell for table in self.tables for cell in cells_of(table)]
        read = {cell.input for cell in cells}
        facts = [fact for fact in library.facts if fact in read]  # as the dictionary has them: what is known first comes first
        self.axes = tuple(axis_for(library.facts[fact], cells) for fact in facts)
        self._place = {axis.fact: place for place, axis in enumerate(self.axes)}
        self._everything: _Way = (tuple(axis.everything for axis in self.axes), (), "verified")
        self._known: dict[tuple[str, str], list[_Way]] = {}

    def boxes_of_scheme(self) -> Iterator[Box]:
        """The deciding table's boxes inside the scheme's domain, and the boxes outside it."""
        inside = [self._everything]
        for number, domain in enumerate(self.scheme.applies):
            for masks, _, _ in self._outside(domain.when):
                yield Box(masks, NOT_APPLICABLE, (f"{self.scheme.id}/applies-{number + 1}",), domain.status)
            inside = [_meet(way, held) for way in inside for held in self._conjunction(domain.when)]
        for box in self.boxes_of(self._table[self.scheme.id]):
            for masks, _, _ in inside:
                met = _meet((box.masks, box.rows, box.status), (masks, (), "verified"))
                if all(met[0]):
                    yield Box(met[0], box.outcome, box.rows, box.status)

    def prove_that_rows_exclude_each_other(self) -> None:
        """No child fits two rows of one table, not even two with the same outcome: the explanation names one row."""
        inside = [way for domain in self.scheme.applies for way in self._conjunction(domain.when)]
        for table in self.scheme.tables:
            if table.hold or self.scheme.narrows:
                continue
            ways = [(row.id, way[0]) for row in table.rows for way in self._conjunction(row.when)]
            for (one, its_masks), (other, other_masks) in combinations(ways, 2):
                shared = _met_masks([its_masks, other_masks, *(masks for masks, _, _ in inside)])
                if one != other and all(shared):
                    raise KnowledgeError(
                        f"table {table.id}", f"the rows {one} and {other} share this box: {describe_box(self.axes, shared)}.",
                        "Change the rows so that exactly one fits.",
                    )  # fmt: skip

    def boxes_of(self, table: DecisionTable) -> Iterator[Box]:
        for outcome in table.outcomes:
            for masks, rows, status in self._ways(table.id, outcome):
                yield Box(masks, outcome, rows, status)

    def _ways(self, table_id: str, outcome: str) -> list[_Way]:
        key = (table_id, outcome)
        if key not in self._known:
            table = self._table[table_id]
            self._known[key] = list(self._checklist(table, outcome) if table.hold else self._rows(table, outcome))
        return self._known[key]

    def _rows(self, table: DecisionTable, outcome: str) -> Iterator[_Way]:
        for row in table.rows:
            if outcome in row.then:
                for way in self._conjunction(row.when):
                    yield _with_row(way, f"{table.id}/{row.id}", row.status)

    def _checklist(self, table: DecisionTable, outcome: str) -> Iterator[_Way]:
        """`any` is yes by any one item, no by all of them failing; `all` the other way round."""
        by_one_item = (outcome == "yes") == (table.hold == "any")
        if by_one_item:
            for item in table.rows:
                held = self._conjunction(item.when) if outcome == "yes" else self._outside(item.when)
                name = item.id if outcome == "yes" else f"without-{item.id}"
                for way in held:
                    yield _with_row(way, f"{table.id}/{name}", item.status)
            return
        ways = [self._everything]
        for item in table.rows:
            held = list(self._conjunction(item.when) if outcome == "yes" else self._outside(item.when))
            ways = [met for way in ways for other in held if all((met := _meet(way, other))[0])]
        status = weakest([item.status for item in table.rows])
        name = "every-item" if outcome == "yes" else "no-item"
        for way in ways:
            yield _with_row(way, f"{table.id}/{name}", status)

    def _conjunction(self, cells: Iterable[Cell]) -> list[_Way]:
        ways = [self._everything]
        for cell in cells:
            held = self._holds(cell)
            ways = [met for way in ways for other in held if all((met := _meet(way, other))[0])]
        return ways

    def _holds(self, cell: Cell) -> list[_Way]:
        if cell.input in self._place:
            return self._on_axis(cell.input, partial(_holding, cell))
        return [way for outcome in cell.options for way in self._ways(cell.input, outcome)]

    def _outside(self, cells: Iterable[Cell]) -> Iterator[_Way]:
        """Where at least one of the cells fails."""
        for cell in cells:
            if cell.input in self._place:
                ways = self._on_axis(cell.input, partial(_failing, cell))
            else:
                others = [o for o in self._table[cell.input].outcomes if o not in cell.options]
                ways = [way for outcome in others for way in self._ways(cell.input, outcome)]
            yield from (way for way in ways if all(way[0]))

    def _on_axis(self, fact: str, mask_on: Callable[[Axis], int]) -> list[_Way]:
        place = self._place[fact]
        masks = list(self._everything[0])
        masks[place] = mask_on(self.axes[place])
        return [(tuple(masks), (), "verified")]


def _holding(cell: Cell, axis: Axis) -> int:
    return axis.mask_of_cell(cell)


def _failing(cell: Cell, axis: Axis) -> int:
    return axis.everything & ~axis.mask_of_cell(cell)


def _met_masks(masks: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(reduce(and_, column) for column in zip(*masks, strict=True))


def _meet(one: _Way, other: _Way) -> _Way:
    masks = tuple(a & b for a, b in zip(one[0], other[0], strict=True))
    rows = one[1] + tuple(row for row in other[1] if row not in one[1])
    return masks, rows, weakest([one[2], other[2]])


def _with_row(way: _Way, row: str, status: Status) -> _Way:
    return way[0], (*way[1], row), weakest([way[2], status])

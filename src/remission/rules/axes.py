"""One fact as a rule sees it: an axis cut into the few regions that the rule's own cells can tell apart.

Age under 10 years and age 10 and over are two regions of one axis; to the rule every child of 4 is the same child. A set of
regions is a bit mask, so "what this child may still be" and "what this cell accepts" meet in one `&`.

An axis starts as atoms, the finest pieces its cells could cut: for a number every limit itself and every stretch between two
limits; for a choice every choice; for MRD the levels, once for cells found and once for none found, and "no result". Atoms
that no cell tells apart are merged into one region.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property

from remission.knowledge.model import Cell, FactDefinition, Frozen
from remission.record.facts import Fact


class Axis(Frozen, frozen=True, dict=True):
    """The atoms of one fact and the region each belongs to. `regions` regions; bit `r` of a mask is region `r`."""

    fact: str
    kind: str
    options: tuple[str, ...] = ()
    limits: tuple[Decimal, ...] = ()
    tells_results: bool = False
    region_of_atom: tuple[int, ...] = ()
    possible_atoms: tuple[int, ...] = ()

    @cached_property
    def everything(self) -> int:
        """The mask of a child about whom nothing is known."""
        return _mask(self.region_of_atom[atom] for atom in self.possible_atoms)

    @cached_property
    def regions(self) -> tuple[int, ...]:
        """The single-region masks, one bit each."""
        return tuple(1 << region for region in range(max(self.region_of_atom) + 1) if self.everything >> region & 1)

    @property
    def tells_no_result(self) -> bool:
        """Whether the rule says what follows when a test gives no result; otherwise the level just stays unknown."""
        return self.tells_results and 0 in self.possible_atoms

    def mask_of(self, fact: Fact | None) -> int:
        """The regions in which this child may be."""
        if fact is None or (fact.absent_reason and not self._knows_no_result(fact)):
            return self.everything
        return _mask(self.region_of_atom[atom] for atom in self._atoms_of(fact)) & self.everything

    def mask_of_cell(self, cell: Cell) -> int:
        """The regions that the cell accepts."""
        return _mask(self.region_of_atom[atom] for atom in _atoms_of_cell(self, cell)) & self.everything

    def atoms_in(self, mask: int) -> list[int]:
        return [atom for atom in self.possible_atoms if mask >> self.region_of_atom[atom] & 1]

    def _knows_no_result(self, fact: Fact) -> bool:
        return self.tells_no_result and fact.has_no_result

    def _atoms_of(self, fact: Fact) -> Iterable[int]:
        if self.kind == "choice":
            return (self.options.index(option) for option in fact.options)
        if fact.absent_reason:
            return (0,)
        levels = self._levels(fact)
        if not self.tells_results:
            return levels
        results = (fact.result,) if fact.result else ("negative", "positive")
        return (self._result_offset(result) + level for result in results for level in levels)

    def _levels(self, fact: Fact) -> range:
        """The pieces of the number line that the fact's interval meets: limit `i` is piece `2i+1`, below it `2i`."""
        first = 0 if fact.low is None else self._piece(fact.low)
        last = 2 * len(self.limits) if fact.high is None else self._piece(fact.high)
        if fact.low_open and first % 2:
            first += 1
        if fact.high_open and last % 2:
            last -= 1
        return range(first, last + 1)

    def _piece(self, number: Decimal) -> int:
        place = bisect_left(self.limits, number)
        return 2 * place + (place < len(self.limits) and self.limits[place] == number)

    def _result_offset(self, result: str) -> int:
        return 1 + (2 * len(self.limits) + 1) * (result == "positive")


def _mask(regions: Iterable[int]) -> int:
    mask = 0
    for region in regions:
        mask |= 1 << region
    return mask


def axis_for(definition: FactDefinition, cells: Iterable[Cell]) -> Axis:
    """The coarsest axis on which every one of these cells is exact."""
    cells = [cell for cell in cells if cell.input == definition.id]
    limits = sorted({limit for cell in cells for limit in (cell.low, cell.high) if limit is not None})
    fine = Axis(
        fact=definition.id,
        kind=definition.kind,
        options=definition.choice_ids,
        limits=tuple(limits),
        tells_results=any(cell.results for cell in cells),
    )
    return _merged(fine, cells, definition)


def _merged(fine: Axis, cells: list[Cell], definition: FactDefinition) -> Axis:
    accepted = [set(_atoms_of_cell(fine, cell)) for cell in cells]
    region_of_signature: dict[tuple[bool, ...], int] = {}
    regions: list[int] = []
    for atom in range(_count_atoms(fine)):
        signature = tuple(atom in atoms for atoms in accepted)
        regions.append(region_of_signature.setdefault(signature, len(region_of_signature)))
    return Axis(
        fact=fine.fact,
        kind=fine.kind,
        options=fine.options,
        limits=fine.limits,
        tells_results=fine.tells_results,
        region_of_atom=tuple(regions),
        possible_atoms=tuple(_possible_atoms(fine, definition, any("none" in cell.results for cell in cells))),
    )


def _count_atoms(axis: Axis) -> int:
    if axis.kind == "choice":
        return len(axis.options)
    levels = 2 * len(axis.limits) + 1
    return 1 + 2 * levels if axis.tells_results else levels


def _atoms_of_cell(axis: Axis, cell: Cell) -> Iterable[int]:
    if axis.kind == "choice":
        return [axis.options.index(option) for option in cell.options]
    interval = Fact(id=cell.input, low=cell.low, high=cell.high, low_open=cell.low_open, high_open=cell.high_open)
    levels = axis._levels(interval)
    if not axis.tells_results:
        return levels
    results = cell.results or ("negative", "positive")
    found = [axis._result_offset(result) + level for result in results if result != "none" for level in levels]
    return found + [0] * ("none" in results)


def _possible_atoms(axis: Axis, definition: FactDefinition, tells_no_result: bool) -> Iterable[int]:
    """All atoms but the stretches of the number line that no plausible value can reach."""
    if axis.kind == "choice" or definition.plausible is None:
        return range(_count_atoms(axis))
    whole = Fact(id=axis.fact, low=definition.plausible.low, high=definition.plausible.high)
    levels = axis._levels(whole)
    if not axis.tells_results:
        return levels
    found = [axis._result_offset(result) + level for result in ("negative", "positive") for level in levels]
    return [0, *found] if tells_no_result else found


class Condition(Frozen, frozen=True):
    """Cells on facts alone that must all hold, ready to be asked: an axis and what it accepts for each."""

    parts: tuple[tuple[Axis, int], ...]

    def answer(self, child: Mapping[str, Fact]) -> bool | None:
        """Whether it holds for this child: yes, no, or None for "cannot tell"."""
        certain = True
        for axis, accepted in self.parts:
            mask = axis.mask_of(child.get(axis.fact))
            if not mask & accepted:
                return False
            certain = certain and not mask & ~accepted
        return True if certain else None


def condition(cells: Iterable[Cell], facts: Mapping[str, FactDefinition]) -> Condition:
    """The cells as one condition. Each must name a fact."""
    axes = [(axis_for(facts[cell.input], [cell]), cell) for cell in cells]
    return Condition(tuple((axis, axis.mask_of_cell(cell)) for axis, cell in axes))

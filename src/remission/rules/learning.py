"""What learning one more fact would do to an answer, and which facts would settle it.

A fact is learnt with everything that follows from it: blood blasts on day 8 tell the prednisone response, and a time to
relapse tells that there was one. So a value is tried on its own axis and, through the supporting tables, on every other
axis of the scheme that it tells something about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice, product

from remission.record.facts import Child, Fact
from remission.rules.axes import Axis
from remission.rules.decision import Effect, Missing
from remission.rules.describe import spans
from remission.rules.program import Box, Program

_MOST_SETTLING_SETS = 12


def is_open(child: Child, axis: Axis) -> bool:
    """Whether something is left to learn about this fact."""
    fact = child.get(axis.fact)
    if fact is None or fact.absent_reason:
        return not (fact is not None and axis.tells_no_result and fact.has_no_result)
    if axis.kind == "choice":
        return len(fact.options) > 1
    return not fact.is_exact_number and axis.mask_of(fact).bit_count() > 1


class Learning:
    """The open facts of one child under one scheme. `support`: the axes on which the answer still depends."""

    def __init__(self, programs: Mapping[str, Program], program: Program, child: Child, masks: Sequence[int], live: Sequence[Box]):
        self.programs, self.program, self.child, self.masks = programs, program, child, masks
        bit = {outcome: 1 << number for number, outcome in enumerate(program.outcomes)}
        self.ways = [(box.masks, bit[box.outcome]) for box in live]
        self.possible = self._outcomes({})

        undecided = self.possible.bit_count() > 1
        self.support, self.support_settles = program.diagram.support(masks) if undecided else ([], False)

    def missing(self) -> Iterator[Missing]:
        """Every fact the scheme reads that is not settled, and every other fact that would tell one that matters."""
        for place, axis in enumerate(self.program.axes):
            if not is_open(self.child, axis):
                continue
            matters = place in self.support
            yield Missing(axis.fact, self._effect(self._outcomes_by_value(place, axis)), matters)
            for fact, choices in self._told_by_others[place].items() if matters else ():
                effect = self._effect([self._outcomes({place: mask}) for mask in choices])
                if effect != "changes-nothing":
                    yield Missing(fact, effect, True, of=axis.fact)

    def settled_by(self) -> tuple[tuple[str, ...], ...]:
        """The smallest sets of facts whose values, whatever they are, leave one outcome.

        The axes are independent, so exactly one set of them is needed and enough; a fact in it may be replaced by a single
        other fact that always tells it.
        """
        if not self.support_settles:
            return ()
        sets = islice(product(*(self._facts_that_tell(place) for place in self.support)), _MOST_SETTLING_SETS)
        unique = dict.fromkeys(tuple(dict.fromkeys(chosen)) for chosen in sets)
        smallest = min(len(chosen) for chosen in unique)
        return tuple(chosen for chosen in unique if len(chosen) == smallest)

    def _facts_that_tell(self, place: int) -> list[str]:
        others = self._told_by_others[place]
        always = [fact for fact, choices in others.items() if all(mask.bit_count() == 1 for mask in choices)]
        return [self.program.axes[place].fact, *always]

    def _effect(self, tried: Sequence[int]) -> Effect:
        after = [left for left in tried if left]  # a value that leaves nothing contradicts what is known
        if all(left == self.possible for left in after):
            return "changes-nothing"
        return "settles" if all(left.bit_count() == 1 for left in after) else "narrows"

    def _outcomes(self, changes: Mapping[int, int]) -> int:
        """The outcomes left, as a bit mask, when the masks on these axes become narrower."""
        ways = self.ways
        for place, mask in changes.items():
            ways = [way for way in ways if way[0][place] & mask]
        left = 0
        for _, outcome in ways:
            left |= outcome
        return left

    def _outcomes_by_value(self, place: int, axis: Axis) -> list[int]:
        regions = [region for region in axis.regions if region & self.masks[place]]
        tables = [(told, self.programs[table]) for told, table in self.program.feeds[place]]
        if not tables:
            return [self._outcomes({place: region}) for region in regions]
        values = [(region, value) for region in regions for value in spans(axis, region)]
        return [self._outcomes({place: region} | self._consequences(tables, value)) for region, value in values]

    def _consequences(self, tables: list[tuple[int, Program]], value: Fact) -> dict[int, int]:
        told: dict[int, int] = {}
        for place, table in tables:
            masks = [axis.mask_of(value if axis.fact == value.id else self.child.get(axis.fact)) for axis in table.axes]
            told[place] = told.get(place, self.masks[place]) & _choices(table, masks, self.program.axes[place])
        return told

    @cached_property
    def _told_by_others(self) -> dict[int, dict[str, list[int]]]:
        """For each axis that matters: the open facts that would tell it, each with the masks its values would leave."""
        return {place: dict(self._tellers(place)) for place in self.support}

    def _tellers(self, place: int) -> Iterator[tuple[str, list[int]]]:
        for table_id in self.program.taught_by[place]:
            table = self.programs[table_id]
            masks = [axis.mask_of(self.child.get(axis.fact)) for axis in table.axes]
            for where, other in enumerate(table.axes):
                if other.fact in self.program.facts or not is_open(self.child, other):
                    continue
                tried = [[*masks[:where], region, *masks[where + 1 :]] for region in other.regions if region & masks[where]]
                left = [_choices(table, each, self.program.axes[place]) & self.masks[place] for each in tried]
                yield other.fact, [mask for mask in left if mask]


def _choices(table: Program, masks: Sequence[int], axis: Axis) -> int:
    """The mask on `axis` of the choices that a supporting table leaves open."""
    found = table.diagram.possible(masks)
    mask = 0
    for number, outcome in enumerate(table.outcomes):
        if found >> number & 1:
            mask |= 1 << axis.region_of_atom[axis.options.index(outcome)]
    return mask

"""Children who look alike to a scheme, and what those who are undecided lack.

A pattern is one number: a bit for each region of each axis of the scheme in which the child may be. Children with one pattern
have one answer, so the one-child engine is asked once for each pattern and not once for each child.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from remission.knowledge.model import Frozen
from remission.rules.axes import Axis
from remission.rules.program import Program

_MOST_BITS = 62  # what every engine keeps in a whole number


class Lacking(Frozen, frozen=True):
    """The outcomes still possible for the children of a pattern, and the facts on which their answer still depends."""

    possible: tuple[str, ...]
    missing: tuple[str, ...]


def bits_of(program: Program) -> list[tuple[Axis, int, int]]:
    """Each axis, each of its regions as a mask, and the bit of the pattern that stands for it."""
    regions = [(axis, region) for axis in program.axes for region in axis.regions]
    if len(regions) > _MOST_BITS:
        raise ValueError(f"{program.scheme} tells {len(regions)} regions apart; a pattern holds {_MOST_BITS}.")
    return [(axis, region, 1 << place) for place, (axis, region) in enumerate(regions)]


def masks_of(program: Program, pattern: int) -> tuple[int, ...]:
    """The regions in which the children of a pattern may be, axis by axis."""
    masks = dict.fromkeys(program.facts, 0)
    for axis, region, bit in bits_of(program):
        if pattern & bit:
            masks[axis.fact] |= region
    return tuple(masks.values())


def missing_by_pattern(programs: Mapping[str, Program], scheme: str, patterns: Iterable[int]) -> dict[int, Lacking]:
    """What the children of each pattern lack, as `remission assess` says it for one child. None is missing once it is decided."""
    return {pattern: _lacking(programs[scheme], pattern) for pattern in patterns}


def _lacking(program: Program, pattern: int) -> Lacking:
    masks = masks_of(program, pattern)
    found = program.diagram.possible(masks)
    possible = tuple(outcome for number, outcome in enumerate(program.outcomes) if found >> number & 1)
    support = program.diagram.support(masks)[0] if len(possible) > 1 else []
    return Lacking(possible, tuple(program.axes[place].fact for place in support))

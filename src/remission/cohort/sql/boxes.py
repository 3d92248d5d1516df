"""The boxes of a program made fewer without changing what they say, and the question whether any of them could hold.

Boxes of one outcome that differ on a single axis are one box: it could hold exactly when either could. Few boxes read better
and run faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from remission.cohort.sql import trees
from remission.knowledge.model import Frozen
from remission.rules.axes import Axis
from remission.rules.program import Box, Program

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

Ask = Callable[[Axis, int], "Expr"]  # whether a child may be in these regions of an axis


class Ways(Frozen, frozen=True):
    """Ways of reaching one outcome that are asked together: a mask per axis, and the rows walked through."""

    masks: tuple[int, ...]
    rows: tuple[str, ...]


def ways_to(program: Program, outcome: str) -> list[Ways]:
    """As few ways as joining leaves."""
    ways = [Ways(box.masks, _walked(box)) for box in program.boxes if box.outcome == outcome]
    before = 0
    while len(ways) != before:
        before = len(ways)
        for place in range(len(program.axes)):
            ways = _joined_on(ways, place)
        ways = _without_covered(ways)
    return ways


def could_reach(program: Program, ways: Sequence[Ways], ask: Ask) -> list[tuple[Ways, Expr]]:
    """For each way whether it is open."""
    return [(way, trees.all_of(ask(axis, mask) for axis, mask in asked_of(program, way))) for way in ways]


def asked_of(program: Program, way: Ways) -> list[tuple[Axis, int]]:
    """The cells of a way; an axis that it leaves alone is not asked."""
    pairs = zip(program.axes, way.masks, strict=True)
    return [(axis, mask) for axis, mask in pairs if mask != axis.everything]


def _walked(box: Box) -> tuple[str, ...]:
    return box.rows[-1:]


def _joined_on(ways: list[Ways], place: int) -> list[Ways]:
    groups: dict[tuple[int, ...], list[Ways]] = {}
    for way in ways:
        groups.setdefault((*way.masks[:place], 0, *way.masks[place + 1 :]), []).append(way)
    return [_joined(group, place) for group in groups.values()]


def _joined(group: list[Ways], place: int) -> Ways:
    masks = list(group[0].masks)
    for way in group:
        masks[place] |= way.masks[place]
    return Ways(tuple(masks), _unique(row for way in group for row in way.rows))


def _without_covered(ways: list[Ways]) -> list[Ways]:
    kept: list[Ways] = []
    for number, way in enumerate(ways):
        if not any(_covers(other, way) for other in ways[:number] + ways[number + 1 :] if other.masks != way.masks):
            kept.append(way)
    return kept


def _covers(one: Ways, other: Ways) -> bool:
    return all(b & ~a == 0 for a, b in zip(one.masks, other.masks, strict=True))


def _unique(rows: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rows))

"""A treatment road with dates: the blocks of a plan from its first day, laid out anew whenever a block is delayed or held.

Day 1 of a block is its first day. What has been given stays where it was: a change may move only what lies ahead of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from msgspec.structs import replace

from remission.knowledge.model import Frozen
from remission.knowledge.protocols import Given, Phase, Protocol
from remission.record.problems import InputProblem


class Place(Frozen, frozen=True):
    """A block of the road: the phase, and which cycle of it (1 where it does not repeat)."""

    phase: str
    cycle: int = 1


class Delay(Frozen, frozen=True):
    """A block begins `days` later than it would have ("counts too low, one week"); all that follows moves with it."""

    at: Place
    days: int
    reason: str = ""


class Hold(Frozen, frozen=True):
    """Within a block nothing is given for `days`, beginning with its day `from_day`; the rest of the road moves with it."""

    at: Place
    from_day: int
    days: int
    reason: str = ""


class Done(Frozen, frozen=True):
    """Something of a block was given, or skipped, on a date."""

    at: Place
    item: str
    day: int
    on: date
    skipped: bool = False


Change = Delay | Hold | Done


class Block(Frozen, frozen=True):
    """A block laid out: its first day, and how long it lasts with its holds."""

    at: Place
    phase: Phase
    starts: date
    holds: tuple[Hold, ...] = ()

    @property
    def ends(self) -> date:
        """The first day after it, on which the next block begins when nothing delays it."""
        return self.starts + timedelta(days=self.phase.lasts + sum(hold.days for hold in self.holds))

    def date_of(self, day: int) -> date:
        """The date of a day of the block, counted from 1. Days from a held one on come later by the length of the hold."""
        return self.starts + timedelta(days=day - 1 + sum(hold.days for hold in self.holds if hold.from_day <= day))


class Planned(Frozen, frozen=True):
    """One thing to be given on one date; `done` once somebody said so."""

    on: date
    at: Place
    day: int
    given: Given
    done: Done | None = None


class Road(Frozen, frozen=True):
    """A plan with dates."""

    protocol: Protocol
    blocks: tuple[Block, ...]
    done: tuple[Done, ...] = ()

    @property
    def ends(self) -> date:
        return self.blocks[-1].ends

    def block_on(self, day: date) -> Block | None:
        """The block a date lies in; None before the first, after the last, and while a delayed one is waited for."""
        return next((block for block in self.blocks if block.starts <= day < block.ends), None)

    def planned(self) -> Iterator[Planned]:
        """Everything to be given, by date; what was done stands on the date on which it was done."""
        done = {(done.at, done.item, done.day): done for done in self.done}
        planned = [
            Planned(was.on if (was := done.get((block.at, given.id, day))) else block.date_of(day), block.at, day, given, was)
            for block in self.blocks
            for given in block.phase.given
            for day in given.days
        ]
        return iter(sorted(planned, key=lambda planned: (planned.on, list(self.protocol.phases).index(self._phase(planned)))))

    def _phase(self, planned: Planned) -> Phase:
        return next(phase for phase in self.protocol.phases if phase.id == planned.at.phase)


def laid_out(protocol: Protocol, first_day: date, changes: Iterable[Change] = ()) -> Road:
    """The road of a plan from its first day, after all changes in their order.

    Raises `InputProblem` for a place the plan does not have, a delay of less than a day, and a change that would move what was
    already given.
    """
    road = Road(protocol, _in_a_row(_blocks(protocol), first_day, ()))
    delays: tuple[Delay, ...] = ()
    for change in changes:
        _refuse(road, change)
        if isinstance(change, Done):
            road = replace(road, done=(*road.done, change))
            continue
        if isinstance(change, Delay):
            delays = (*delays, change)
        held = (change,) if isinstance(change, Hold) else ()
        blocks = [replace(block, holds=(*block.holds, *(hold for hold in held if hold.at == block.at))) for block in road.blocks]
        road = replace(road, blocks=_in_a_row(blocks, first_day, delays))
    return road


def _blocks(protocol: Protocol) -> list[Block]:
    return [Block(Place(phase.id, cycle), phase, date.min) for phase in protocol.phases for cycle in range(1, phase.repeats + 1)]


def _in_a_row(blocks: Iterable[Block], first_day: date, delays: tuple[Delay, ...]) -> tuple[Block, ...]:
    """Each block after the one before it, and after what delays it."""
    placed: list[Block] = []
    following = first_day
    for block in blocks:
        waits = sum(delay.days for delay in delays if delay.at == block.at)
        placed.append(replace(block, starts=following + timedelta(days=waits)))
        following = placed[-1].ends
    return tuple(placed)


def _refuse(road: Road, change: Change) -> None:
    block = next((block for block in road.blocks if block.at == change.at), None)
    if block is None:
        raise InputProblem("road-no-such-block", phase=change.at.phase, cycle=change.at.cycle)
    if isinstance(change, Done):
        return _refuse_done(block, change)
    if change.days < 1:
        raise InputProblem("road-no-days", days=change.days)
    given_since = [done for done in road.done if _moves(road, change, done)]
    if given_since:
        last = max(given_since, key=lambda done: done.on)
        raise InputProblem("road-already-given", item=last.item, day=last.day, on=last.on.isoformat())
    if isinstance(change, Hold) and not 1 <= change.from_day <= block.phase.lasts:
        raise InputProblem("road-no-such-day", day=change.from_day, last=block.phase.lasts)
    return None


def _refuse_done(block: Block, done: Done) -> None:
    if not any(given.id == done.item and done.day in given.days for given in block.phase.given):
        raise InputProblem("road-not-planned", item=done.item, day=done.day)
    if done.on < block.starts:
        raise InputProblem("road-before-its-block", item=done.item, on=done.on.isoformat(), starts=block.starts.isoformat())


def _moves(road: Road, change: Delay | Hold, done: Done) -> bool:
    """Whether a change would move something that was given already."""
    order = [block.at for block in road.blocks]
    if done.at == change.at:
        return isinstance(change, Delay) or done.day >= change.from_day
    return order.index(done.at) > order.index(change.at)

"""A treatment road with dates: the blocks of a plan from its first day, laid out anew whenever a block is delayed or held.

Day 1 of a block is its first day. What has been given stays where it was: a change may move only what lies ahead of it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from msgspec.structs import replace

from remission.care.plan import Item, Phase, Plan
from remission.knowledge.model import Frozen
from remission.record.problems import InputProblem

MOST_DAYS = 366  # by which one change may move a road; more is a slip of the pen


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

    def day_on(self, day: date) -> int:
        """Which day of the block a date is, counted from 1; on held days the count stands still."""
        return max(bisect_right(range(1, self.phase.lasts + 1), day, key=self.date_of), 1)

    def date_of(self, day: int) -> date:
        """The date of a day of the block, counted from 1. Days from a held one on come later by the length of the hold."""
        return self.starts + timedelta(days=day - 1 + sum(hold.days for hold in self.holds if hold.from_day <= day))


class Planned(Frozen, frozen=True):
    """One thing to be given on one date; `done` once somebody said so."""

    on: date
    at: Place
    day: int
    item: Item
    done: Done | None = None


class Road(Frozen, frozen=True):
    """A plan with dates."""

    plan: Plan
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
        planned: list[Planned] = []
        for block in self.blocks:
            dates = {day: block.date_of(day) for item in block.phase.items for day in item.days}
            for item in block.phase.items:
                for day in item.days:
                    was = done.get((block.at, item.id, day))
                    planned.append(Planned(was.on if was else dates[day], block.at, day, item, was))
        return iter(sorted(planned, key=lambda planned: planned.on))  # things of one day stay in the order of the plan


def laid_out(plan: Plan, first_day: date, changes: Iterable[Change] = ()) -> Road:
    """The road of a plan from its first day, after all changes in their order.

    Raises `InputProblem` for a place the plan does not have, a delay of less than a day, and a change that would move what was
    already given.
    """
    road, refused = laid_out_as_far_as_it_fits(plan, first_day, changes)
    for _, problem in refused:
        raise problem
    return road


def laid_out_as_far_as_it_fits(
    plan: Plan, first_day: date, changes: Iterable[Change]
) -> tuple[Road, list[tuple[Change, InputProblem]]]:
    """The road after all changes that fit it, and the others apart, each with what is wrong: a block may have been taken out of
    the plan since."""
    road = Road(plan, _in_a_row(_blocks(plan), first_day, ()))
    delays: list[Delay] = []
    done: list[Done] = []
    refused: list[tuple[Change, InputProblem]] = []
    for change in changes:
        try:
            _refuse(road, done, change)
            if isinstance(change, Done):
                done.append(change)
            else:
                later = [*delays, change] if isinstance(change, Delay) else delays
                road = replace(road, blocks=_in_a_row(_held(road.blocks, change), first_day, later))
                delays = later
        except InputProblem as problem:
            refused.append((change, problem))
    return replace(road, done=tuple(done)), refused


def _blocks(plan: Plan) -> list[Block]:
    return [Block(Place(phase.id, cycle), phase, date.min) for phase in plan.phases for cycle in range(1, phase.repeats + 1)]


def _held(blocks: Iterable[Block], change: Delay | Hold) -> Iterator[Block]:
    for block in blocks:
        yield replace(block, holds=(*block.holds, change)) if isinstance(change, Hold) and change.at == block.at else block


def _in_a_row(blocks: Iterable[Block], first_day: date, delays: Iterable[Delay]) -> tuple[Block, ...]:
    """Each block after the one before it, and after what delays it."""
    placed: list[Block] = []
    following = first_day
    try:
        for block in blocks:
            waits = sum(delay.days for delay in delays if delay.at == block.at)
            placed.append(replace(block, starts=following + timedelta(days=waits)))
            following = placed[-1].ends
    except OverflowError:
        raise InputProblem("road-too-far") from None
    return tuple(placed)


def _refuse(road: Road, done: Iterable[Done], change: Change) -> None:
    block = next((block for block in road.blocks if block.at == change.at), None)
    if block is None:
        raise InputProblem("road-no-such-block", phase=change.at.phase, cycle=change.at.cycle)
    if isinstance(change, Done):
        return _refuse_done(block, change)
    if not 1 <= change.days <= MOST_DAYS:
        raise InputProblem("road-no-days" if change.days < 1 else "road-too-many-days", days=change.days, most=MOST_DAYS)
    given_since = [one for one in done if _moves(road, change, one)]
    if given_since:
        last = max(given_since, key=lambda one: one.on)
        raise InputProblem("road-already-given", item=last.item, day=last.day, on=last.on.isoformat())
    if isinstance(change, Hold) and not 1 <= change.from_day <= block.phase.lasts:
        raise InputProblem("road-no-such-day", day=change.from_day, last=block.phase.lasts)
    return None


def _refuse_done(block: Block, done: Done) -> None:
    if not any(item.id == done.item and done.day in item.days for item in block.phase.items):
        raise InputProblem("road-not-planned", item=done.item, day=done.day)
    if done.on < block.starts:
        raise InputProblem("road-before-its-block", item=done.item, on=done.on.isoformat(), starts=block.starts.isoformat())


def _moves(road: Road, change: Delay | Hold, done: Done) -> bool:
    """Whether a change would move something that was given already."""
    if done.at == change.at:
        return isinstance(change, Delay) or done.day >= change.from_day
    order = [block.at for block in road.blocks]
    return order.index(done.at) > order.index(change.at)

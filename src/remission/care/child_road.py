"""A child's own road: the plan its family copied, with all that was written down since (delays, holds, doses given or skipped).

A change that does not fit the plan any more (its block was taken out) never stops a page and is never lost: it stands apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from remission.care.plan import Plan, unpacked
from remission.care.plan_check import LONGEST
from remission.care.record import Record
from remission.care.road import Change, Delay, Done, Hold, Place, Road, laid_out, laid_out_as_far_as_it_fits
from remission.home.notes import Note
from remission.knowledge.model import Frozen
from remission.record.problems import InputProblem


class Unfitting(Frozen, frozen=True):
    """A note that the road could not take in; `word` and its values say why, as an `InputProblem` does."""

    note: Note
    word: str
    values: dict[str, object]

    @property
    def problem(self) -> InputProblem:
        return InputProblem(self.word, **self.values)


class ChildRoad(Frozen, frozen=True):
    """The road as far as it could be laid out, and what did not fit. No road: no plan was copied yet, or its note is unreadable."""

    road: Road | None = None
    unfitting: tuple[Unfitting, ...] = ()


def child_road(record: Record) -> ChildRoad:
    """The road of a child with everything that was written down, and the changes that do not fit it."""
    return _laid_out(record, _change_notes(record))


def road_of(record: Record) -> Road | None:
    """The road of a child; None while no plan was copied."""
    return child_road(record).road


def unfitting(record: Record) -> tuple[Unfitting, ...]:
    """The changes that do not fit the plan any more, for a page to say so."""
    return child_road(record).unfitting


def changes_of(record: Record) -> list[Change]:
    """All that was written down about the road, in the order in which it was; notes that cannot be read are left out."""
    return [change for change in map(_change, _change_notes(record)) if not isinstance(change, InputProblem)]


def as_first_planned(record: Record) -> Road | None:
    """The road without delays and holds and without what was given: what the plan said before anything happened."""
    return _laid_out(record, ()).road


def road_before(record: Record, seq: int) -> Road | None:
    """The road as it was before a change: the plan as it stands, with the changes that were older."""
    return _laid_out(record, (note for note in _change_notes(record) if note.seq < seq)).road


def road_with(record: Record, change: Change) -> Road:
    """The road as it would be with one change more, to be looked at before it is kept.

    Raises `InputProblem` when there is no plan, and when the change does not fit the road as it stands.
    """
    kept = _plan(record)
    if kept is None or isinstance(kept, InputProblem):
        raise kept or InputProblem("road-no-plan")
    plan, starts = kept
    apart = {unfit.note.id for unfit in unfitting(record)}
    fitting = [_change(note) for note in _change_notes(record) if note.id not in apart]
    return laid_out(plan, starts, [*(one for one in fitting if not isinstance(one, InputProblem)), change])


def change_values(change: Change) -> dict[str, str]:
    """A change as the values of a `road-change` note."""
    values = {"phase": change.at.phase, "cycle": str(change.at.cycle)}
    if isinstance(change, Done):
        what = "skipped" if change.skipped else "given"
        return values | {"what": what, "item": change.item, "day": str(change.day), "on": change.on.isoformat()}
    values |= {"what": "delay", "days": str(change.days)} | ({"reason": change.reason} if change.reason else {})
    return values | {"what": "hold", "from-day": str(change.from_day)} if isinstance(change, Hold) else values


def _laid_out(record: Record, notes: Iterable[Note]) -> ChildRoad:
    kept = _plan(record)
    if kept is None:
        return ChildRoad()
    if isinstance(kept, InputProblem):
        note = record.one("plan")
        return ChildRoad(None, (_apart(note, kept),) if note else ())
    apart: list[Unfitting] = []
    changes: list[tuple[Note, Change]] = []
    for note in notes:
        change = _change(note)
        if isinstance(change, InputProblem):
            apart.append(_apart(note, change))
        else:
            changes.append((note, change))
    road, refused = laid_out_as_far_as_it_fits(*kept, (change for _, change in changes))
    by_change = {id(change): note for note, change in changes}
    return ChildRoad(road, (*apart, *(_apart(by_change[id(change)], problem) for change, problem in refused)))


def _apart(note: Note, problem: InputProblem) -> Unfitting:
    return Unfitting(note, problem.word, problem.values)


def _change_notes(record: Record) -> list[Note]:
    return sorted(record.of("road-change"), key=lambda note: note.seq)


def _plan(record: Record) -> tuple[Plan, date] | InputProblem | None:
    """The plan and its first day, as they are kept."""
    note = record.one("plan")
    if note is None:
        return None
    try:
        plan, starts = unpacked(note.said("plan")), note.day("starts")
        if starts is None or not plan.phases:
            return None
        if not _is_possible(plan):
            return InputProblem("plan-kept-unreadable")
        laid_out(plan, starts)
    except (msgspec.MsgspecError, ValueError):
        return InputProblem("plan-kept-unreadable")
    return plan, starts


def _is_possible(plan: Plan) -> bool:
    """Whether a plan could be laid out at all: one from a file that somebody wrote by hand need not be."""
    if len({phase.id for phase in plan.phases}) < len(plan.phases) or any(min(p.lasts, p.repeats) < 1 for p in plan.phases):
        return False
    in_block = all(1 <= day <= phase.lasts for phase in plan.phases for item in phase.items for day in item.days)
    return in_block and sum(phase.lasts * phase.repeats for phase in plan.phases) <= LONGEST


def _change(note: Note) -> Change | InputProblem:
    """What a note says happened; a problem when it cannot be read (it came in with a file somebody wrote by hand)."""
    try:
        return _read(note)
    except (ValueError, TypeError):
        return InputProblem("road-change-kept-unreadable")


def _read(note: Note) -> Change:
    at = Place(note.said("phase"), int(note.said("cycle") or 1))
    what, reason = note.said("what"), note.said("reason")
    if what == "delay":
        return Delay(at, int(note.said("days")), reason)
    if what == "hold":
        return Hold(at, int(note.said("from-day")), int(note.said("days")), reason)
    if what in ("given", "skipped"):
        return Done(at, note.said("item"), int(note.said("day")), date.fromisoformat(note.said("on")), what == "skipped")
    raise ValueError(what)

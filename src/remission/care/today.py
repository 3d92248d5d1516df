"""What today holds: where on the road, what is planned, which medicines the list asks for, what is coming, what to read about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from remission.care.drugs import drug_named
from remission.care.medicines import Due, as_needed, current, due_on
from remission.care.record import Record
from remission.care.road import Block, Planned, Road
from remission.home.notes import Note
from remission.knowledge.model import Frozen
from remission.knowledge.shelf import Shelf

_AHEAD = 14  # days of dates to come
_MOST = 6


class Coming(Frozen, frozen=True):
    """Something ahead: an appointment, the things planned on one day, or the first day of a block."""

    on: date
    appointment: Note | None = None
    planned: tuple[Planned, ...] = ()
    begins: Block | None = None


class Today(Frozen, frozen=True):
    """One day of one child. `waiting_for` is the block that a delay holds back today."""

    day: date
    block: Block | None
    day_of_block: int
    waiting_for: Block | None
    planned: tuple[Planned, ...]
    appointments: tuple[Note, ...]
    due: tuple[Due, ...]
    as_needed: tuple[Note, ...]
    coming: tuple[Coming, ...]
    questions: tuple[Note, ...]


def today_of(shelf: Shelf, record: Record, road: Road | None, day: date) -> Today:
    """Everything that one day holds, from the notes and the road as they stand."""
    block = road.block_on(day) if road else None
    appointments = [note for note in record.of("appointment") if note.day("on") == day]
    planned = [planned for planned in (road.planned() if road else ()) if planned.on == day]
    return Today(
        day=day,
        block=block,
        day_of_block=block.day_on(day) if block else 0,
        waiting_for=_waiting(road, day) if block is None else None,
        planned=tuple(planned for planned in planned if not _on_the_list(shelf, record, planned, day)),
        appointments=tuple(sorted(appointments, key=lambda note: note.said("at"))),
        due=tuple(due_on(record, day)),
        as_needed=tuple(as_needed(record, day)),
        coming=tuple(_coming(record, road, day)),
        questions=tuple(question for question in record.of("question") if not question.said("answer")),
    )


def drugs_around(shelf: Shelf, record: Record, road: Road | None, day: date) -> dict[str, date]:
    """The drugs of these days with the last day each was given or is planned, up to today; those of the list count as today's."""
    last: dict[str, date] = {}
    for planned in road.planned() if road else ():
        if planned.on <= day and not (planned.done and planned.done.skipped):
            last[planned.item.what] = planned.on
    for medicine in current(record, day):
        drug = drug_named(shelf, medicine.said("name"))
        if drug:
            last[drug] = day
    return last


def to_watch(shelf: Shelf, record: Record, road: Road | None, day: date) -> dict[str, tuple[str, ...]]:
    """What to read about this week, by drug: the claims that the library names for each drug given lately."""
    given = drugs_around(shelf, record, road, day)
    return {
        watch.drug: watch.read
        for watch in shelf.playbook.watch
        if watch.drug in given and (day - given[watch.drug]).days < watch.days
    }


def question_sheets(shelf: Shelf, road: Road | None, day: date) -> tuple[str, ...]:
    """The sheets of questions that belong to where the road is: its block, the one waited for, before it, or after it."""
    if road is None or day < road.blocks[0].starts:
        return shelf.playbook.questions.get("before", ())
    block = road.block_on(day) or _waiting(road, day)
    return shelf.playbook.questions.get(block.phase.kind if block else "after", ())


def _waiting(road: Road | None, day: date) -> Block | None:
    """The next block, when the road has begun and none is under way."""
    if road is None or day < road.blocks[0].starts:
        return None
    return next((block for block in road.blocks if block.starts > day), None)


def _on_the_list(shelf: Shelf, record: Record, planned: Planned, day: date) -> bool:
    """Whether the medicine list has it already: then it is ticked there."""
    if planned.item.route != "mouth":
        return False
    return any(drug_named(shelf, medicine.said("name")) == planned.item.what for medicine in current(record, day))


def _coming(record: Record, road: Road | None, day: date) -> list[Coming]:
    last = day + timedelta(days=_AHEAD)
    notes = [note for note in record.of("appointment") if note.said("on")]
    ahead = [Coming(on, appointment=note) for note in notes if (on := note.day("on")) and day < on <= last]
    if road:
        ahead += [Coming(block.starts, begins=block) for block in road.blocks if day < block.starts <= last]
        ahead += _clinic_days(planned for planned in road.planned() if day < planned.on <= last)
    return sorted(ahead, key=lambda coming: coming.on)[:_MOST]


def _clinic_days(planned: Iterable[Planned]) -> Iterator[Coming]:
    """What is given by others than the family, day by day."""
    days: dict[date, list[Planned]] = {}
    for one in planned:
        if one.item.route not in ("mouth", "not-stated"):
            days.setdefault(one.on, []).append(one)
    return (Coming(on, planned=tuple(given)) for on, given in days.items())

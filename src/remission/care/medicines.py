"""The medicines of a day: what the team's list asks for, and what somebody ticked. Nothing here knows or computes a dose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from remission.care.record import Record
from remission.home.notes import Note
from remission.knowledge.model import Frozen

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SLOTS = ("morning", "noon", "evening", "night")
_ANY_TIME = "day"  # the list does not say when of the day
_NOT_AT_HOME = ("in-clinic",)


class Due(Frozen, frozen=True):
    """A medicine at a time of a day; `done` is the last thing that was ticked for it, None while nothing was."""

    medicine: Note
    slot: str
    done: Note | None = None


def current(record: Record, day: date) -> list[Note]:
    """The medicines of the list that are taken at the time of `day`; ends that were not said are open."""
    return [medicine for medicine in record.of("medicine") if medicine.lasts_on(day)]


def due_on(record: Record, day: date) -> list[Due]:
    """What the list asks for on a day at home, in the order of the day. As-needed medicines are never due."""
    said = _ticked(record, day)
    due = [due for medicine in current(record, day) if _is_due(medicine, day) for due in _slots(said, medicine)]
    return sorted(due, key=lambda due: [*SLOTS, _ANY_TIME].index(due.slot))


def as_needed(record: Record, day: date) -> list[Note]:
    return [medicine for medicine in current(record, day) if medicine.said("how-often") == "as-needed"]


def _ticked(record: Record, day: date) -> dict[tuple[str, str], Note]:
    """What was last said on a day, by medicine and time of the day."""
    said = [dose for dose in record.of("dose") if dose.said("on") == day.isoformat()]
    return {(dose.said("medicine"), dose.said("slot")): dose for dose in sorted(said, key=lambda dose: dose.seq)}


def _is_due(medicine: Note, day: date) -> bool:
    often = medicine.said("how-often")
    if often in ("as-needed", *_NOT_AT_HOME):
        return False
    days = medicine.chosen("weekdays")
    return not days if often in ("daily", "twice-daily") and not days else WEEKDAYS[day.weekday()] in days


def _slots(said: dict[tuple[str, str], Note], medicine: Note) -> Iterator[Due]:
    for slot in medicine.chosen("times") or (_ANY_TIME,):
        yield Due(medicine, slot, said.get((medicine.id, slot)))

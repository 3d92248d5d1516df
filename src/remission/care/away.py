"""The days on which a child will be at the clinic, as far as they are known: for those who must know when it is away, not why."""

from __future__ import annotations

from datetime import date, timedelta

from remission.care.record import Record
from remission.care.road import Road

_AHEAD = 84  # days: a school plans by the term, and a road moves
_AT_HOME = ("mouth", "not-stated")
_SATURDAY = 5


def away_days(record: Record, road: Road | None, today: date) -> list[date]:
    """The school days from today on with an appointment, or with something of the road that is not taken at home."""
    planned = [
        one.on for one in (road.planned() if road else ()) if one.item.route not in _AT_HOME and not (one.done and one.done.skipped)
    ]
    days = {on for on in [*planned, *(note.day("on") for note in record.of("appointment"))] if on}
    return sorted(day for day in days if today <= day <= today + timedelta(days=_AHEAD) and day.weekday() < _SATURDAY)

"""FHIR's dates, which may be only a year or a month: days from the first possible to the last, and nothing narrower."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Literal

from remission.knowledge import ages
from remission.knowledge.model import Frozen
from remission.record.fhir.shapes import Period

_WRITTEN = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d{1,9})?)?(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?"
)
Place = Literal["in", "out", "may"]


class Moment(Frozen, frozen=True, gc=False):
    """A day, or the days it may have been (both ends included), as written.

    A day is the one that was written: a record's clock is the clinic's. It is not moved by the time zone.
    """

    first: date
    last: date
    written: str = ""

    @property
    def instant(self) -> datetime | None:
        """The exact time in UTC, where one was written with its zone."""
        match = _WRITTEN.fullmatch(self.written)
        return _instant(match, self.first) if match and match["zone"] else None

    def certainly_before(self, other: Moment) -> bool:
        mine, theirs = self.instant, other.instant
        return mine < theirs if mine and theirs else self.last < other.first


def read_moment(written: str) -> Moment | None:
    """A FHIR date, dateTime or instant; None when it is none."""
    match = _WRITTEN.fullmatch(written)
    if match is None:
        return None
    try:
        if match["hour"]:
            time(int(match["hour"]), int(match["minute"]))
        return _moment(match, written)
    except (ValueError, OverflowError):  # the 31st of February, the year 0
        return None


def _moment(match: re.Match[str], written: str) -> Moment:
    year, month, day = int(match["year"]), match["month"], match["day"]
    if month is None:
        return Moment(date(year, 1, 1), date(year, 12, 31), written)
    if day is None:
        return Moment(date(year, int(month), 1), date(year, int(month), monthrange(year, int(month))[1]), written)
    on = date(year, int(month), int(day))
    return Moment(on, on, written)


def _instant(match: re.Match[str], on: date) -> datetime | None:
    """The time in UTC. A leap second (60) counts as the second before it; fractions are left out."""
    zone = UTC if match["zone"] == "Z" else _offset(match["zone"])
    second = min(int(match["second"] or 0), 59)
    try:
        return datetime(on.year, on.month, on.day, int(match["hour"]), int(match["minute"]), second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):  # the first or last day there is
        return None


def _offset(written: str) -> timezone:
    """An offset such as +05:30; one that no place has counts as none."""
    minutes = int(written[1:3]) * 60 + int(written[4:6])
    return timezone((-1 if written[0] == "-" else 1) * timedelta(minutes=minutes if minutes < 1440 else 0))


def read_period(period: Period) -> Moment | None:
    """All days of a period; None when an end is missing or unreadable."""
    start, end = read_moment(period.start), read_moment(period.end)
    if start is None or end is None or end.last < start.first:
        return None
    return Moment(start.first, end.last, f"{period.start} – {period.end}")


def no_later_than(latest: Moment, earliest: Moment | None) -> Moment:
    """Some day up to `latest`, and not before `earliest` where that is known (a birth)."""
    first = earliest.first if earliest and earliest.first <= latest.last else date.min
    return Moment(first, latest.last, latest.written)


def days_between(earlier: Moment, later: Moment) -> tuple[int, int]:
    """The fewest and the most days from one moment to another; negative when it lies before."""
    return (later.first - earlier.last).days, (later.last - earlier.first).days


def place_in(moment: Moment, anchor: Moment, first_day: int, last_day: int) -> Place:
    """Whether a moment lies from `first_day` to `last_day` days after the anchor: certainly, certainly not, or perhaps."""
    fewest, most = days_between(anchor, moment)
    if first_day <= fewest and most <= last_day:
        return "in"
    return "out" if most < first_day or fewest > last_day else "may"


def age_range(birth: Moment, day: Moment) -> tuple[Decimal, Decimal] | None:
    """The least and the greatest age in days on that day, by the one definition of age; None when it lies before the birth."""
    if day.last < birth.first:
        return None
    least = ages.age_between(birth.last, day.first) if birth.last <= day.first else Decimal(0)
    return least, ages.age_between(birth.first, day.last)


def earliest_of(moments: list[Moment]) -> Moment:
    """The first of several moments, as narrowly as those that may be the first one together say it."""
    known = min(moments, key=lambda moment: (moment.last, -moment.first.toordinal()))
    for other in moments:
        if known.first < other.first <= known.last:  # another word for the same day, said more exactly
            known = Moment(other.first, known.last, known.written)
    return known

"""The one definition of age and of spans of time, used for rules and records alike.

With days alone a year is 365.25 days and a month a twelfth of that. With two dates the completed calendar years count,
plus the days since the last birthday, so that a tenth birthday is ten years whatever the leap days did.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

DAYS_PER_YEAR = Decimal("365.25")
DAYS_PER_MONTH = DAYS_PER_YEAR / 12

_SPAN = re.compile(r"(?:(\d+(?:\.\d+)?)y)?(?:(\d+(?:\.\d+)?)mo)?(?:(\d+(?:\.\d+)?)w)?(?:(\d+(?:\.\d+)?)d)?")
_SPELLINGS = (
    (r"years?|yrs?|años?|anos?|a(?=\d|$)", "y"),
    (r"months?|meses|mes|mos?(?=\d|$)|m(?=\d|$)", "mo"),
    (r"weeks?|wks?|semanas?|s(?=\d|$)", "w"),
    (r"days?|d[ií]as?", "d"),
)


def read_span(text: str) -> tuple[Decimal, Decimal] | None:
    """Days from `low` (included) to `high` (excluded) for "4y", "4y6m", "18mo", "1460d"; None when it is no span.

    A span given in whole years or months covers all of the last unit named: a child of 4 years is anywhere from the fourth
    birthday to the day before the fifth. Days are exact, so `low == high` there; a fraction ("4.5y") is exact as well.
    """
    parts = _named_parts(text)
    if parts is None:
        return None
    _, months, weeks, days = parts
    sizes = (DAYS_PER_YEAR, DAYS_PER_MONTH, Decimal(7), Decimal(1))
    low = sum((Decimal(part or 0) * size for part, size in zip(parts, sizes, strict=True)), Decimal(0))
    if days or any(part and "." in part for part in parts):
        return low, low
    if weeks:
        return low, low + 7
    return low, low + (DAYS_PER_MONTH if months else DAYS_PER_YEAR)


def _named_parts(text: str) -> tuple[str | None, ...] | None:
    joined = re.sub(r"(?<=[a-zñ])\s+(?:and|y)\s+(?=\d)", "", text.strip().lower())  # "4 years and 6 months", "4 años y 6 meses"
    pointed = re.sub(r"(?<=\d)\s*,(?=\d{1,2}(?!\d))", ".", joined)  # "4,5 años" are four and a half, not 45
    compact = re.sub(r"[\s,]+", "", pointed)
    for pattern, short in _SPELLINGS:
        compact = re.sub(rf"(?<=\d)(?:{pattern})", short, compact)
    match = _SPAN.fullmatch(compact)
    return match.groups() if match and any(match.groups()) else None


def days_of(quantity: str) -> Decimal:
    """A limit such as "10 y", "6 mo" or "365 d" in days. Raises ValueError when it is none."""
    span = read_span(quantity)
    if span is None:
        raise ValueError(f"“{quantity}” is no span of time; write 10 y, 6 mo or 365 d")
    return span[0]


def age_between(birth: date, day: date) -> Decimal:
    """Age in days on `day`: completed calendar years × 365.25, plus the days since the last birthday.

    Raises ValueError when `day` is before `birth`.
    """
    if day < birth:
        raise ValueError(f"{day.isoformat()} is before {birth.isoformat()}")
    years = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
    return years * DAYS_PER_YEAR + (day - _birthday(birth, birth.year + years)).days


def _birthday(birth: date, year: int) -> date:
    """The birthday in that year; a child of 29 February has it on 1 March in common years."""
    try:
        return birth.replace(year=year)
    except ValueError:
        return date(year, 3, 1)

"""Scales of charts: where the ticks stand, what is written at them, and dates as short as they can be said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

from remission.documents.drawing import SMALL, text_width
from remission.documents.wording import Wording
from remission.knowledge.model import Frozen

_STEPS = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))
_DAYS, _MONTHS = (1, 2, 7, 14), (1, 2, 3, 6, *(12 * years for years in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)))
_MOST_TICKS = 60
_BETWEEN = 10  # pixels between two labels


def value_ticks(low: Decimal, high: Decimal, about: int) -> tuple[Decimal, ...]:
    """About so many ticks at 1, 2 or 5 times a power of ten, from at most `low` to at least `high`."""
    least = (high - low) / about if high > low else Decimal(1)
    unit = Decimal(1).scaleb(least.adjusted())
    step = next(unit * times for times in _STEPS if unit * times >= least)
    first = (low / step).to_integral_value(ROUND_FLOOR)
    last = max((high / step).to_integral_value(ROUND_CEILING), first + 1)
    return tuple(step * (first + number) for number in range(int(last - first) + 1))


class DateTick(Frozen, frozen=True):
    """A date on a scale, and what is written at it; `year` where a new year is to be named."""

    on: date
    label: str
    year: str = ""


def date_ticks(words: Wording, first: date, last: date, middle: Callable[[DateTick], float]) -> tuple[DateTick, ...]:
    """As many dates as can be written without touching: days, then months, then years. `middle` says where a label is written."""
    for ticks in _ever_fewer(words, first, last):
        ends = [(middle(tick), text_width(tick.label, SMALL) / 2) for tick in ticks]
        if ticks and all(one + half + _BETWEEN <= other - its_half for (one, half), (other, its_half) in pairwise(ends)):
            return ticks
    return (DateTick(first, short_day(words, first), str(first.year)),)


def _ever_fewer(words: Wording, first: date, last: date) -> Iterator[tuple[DateTick, ...]]:
    days = (last - first).days
    for step in _DAYS:
        if days <= _MOST_TICKS * step:
            on = [first + timedelta(step * number) for number in range(days // step + 1)]
            yield _named(on, [short_day(words, day) for day in on])
    names = words.say("months").split()
    for step in _MONTHS:
        if days <= _MOST_TICKS * step * 30:
            on = [day for day in _month_starts(first, last, step) if first <= day]
            yield _named(on, [str(day.year) if step % 12 == 0 else names[day.month - 1] for day in on])


def _named(days: list[date], labels: list[str]) -> tuple[DateTick, ...]:
    """Ticks, with the year below the first one of each year unless the label is the year."""
    years = ["" if number and day.year == days[number - 1].year else str(day.year) for number, day in enumerate(days)]
    return tuple(DateTick(day, label, "" if label == year else year) for day, label, year in zip(days, labels, years, strict=True))


def _month_starts(first: date, last: date, step: int) -> Iterator[date]:
    """First days of every so many months, counted from January, or from the year 0 where a step is longer than a year."""
    month = (first.year * 12 + first.month - 1) // step * step
    while month < last.year * 12 + last.month:
        if month >= 12:
            yield date(month // 12, month % 12 + 1, 1)
        month += step


def short_day(words: Wording, day: date) -> str:
    """A date without its year: "March 3", "3 de marzo"."""
    return words.say("chart-day", day=day.day, month=words.say("months").split()[day.month - 1])


def day_among(words: Wording, day: date, others: tuple[date, ...]) -> str:
    """A date without its year where all the others share it, otherwise in full."""
    return short_day(words, day) if all(other.year == day.year for other in others) else words.day(day)


def span(words: Wording, first: date, last: date) -> str:
    """From one date to another, the year once where it is the same."""
    return words.say("chart-span", first=day_among(words, first, (last,)), last=words.day(last))

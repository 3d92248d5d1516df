"""Limits of age, exactly: "31 Years", "6 Months", "365 Days", "up to the day before the 22nd birthday", no limit, not stated.

A lowest age is reached on the birthday (or on the day) it names. A highest age is in completed units: "21 Years" admits until the
day before the 22nd birthday, "6 Months" until the day before the child is 7 months old, "365 Days" on day 365 still.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from remission.knowledge.ages import DAYS_PER_MONTH, DAYS_PER_YEAR, read_span
from remission.knowledge.model import Frozen
from remission.knowledge.trials import AgeLimit, Unit
from remission.record.problems import InputProblem

_NO_LIMIT = frozenset({"none", "n/a", "na", "no limit", "no maximum", "no minimum", "999 years", "sin límite", "sin limite"})
_UNITS: dict[str, Unit] = {
    "year": "years", "yr": "years", "y": "years", "año": "years", "month": "months", "mo": "months", "mes": "months",
    "week": "weeks", "wk": "weeks", "semana": "weeks", "day": "days", "d": "days", "día": "days", "dia": "days", "hour": "hours",
    "hr": "hours", "hora": "hours", "minute": "minutes", "minuto": "minutes",
}  # fmt: skip
_LIMIT = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[a-zñí]+)", re.IGNORECASE)
_BIRTHDAY = re.compile(
    r"(?i)(?:(?:up to|until|hasta)\s+)?(?:(?:the|el)\s+)?(?:day|día)\s+(?:before|anterior)\s\D*?(?P<number>\d+)\D{0,3}\s"
    r"(?:birthday|cumpleaños)"
)
_DAYS_OF: dict[Unit, Decimal] = {"years": DAYS_PER_YEAR, "months": DAYS_PER_MONTH, "weeks": Decimal(7), "days": Decimal(1)}
_IN_A_DAY: dict[Unit, int] = {"hours": 24, "minutes": 24 * 60}
OLDEST_LIMIT = 130  # years: above it a limit is a slip of the pen


def read_limit(written: str | None) -> AgeLimit:
    """A limit as a registry writes it. None (no such field) is unknown, and so is what cannot be read: it is never guessed at."""
    if written is None:
        return AgeLimit()
    text = " ".join(written.split())
    if text.lower() in _NO_LIMIT:
        return AgeLimit(state="none", written=text)
    if birthday := _BIRTHDAY.fullmatch(text):
        return _sound(Decimal(birthday["number"]) - 1, "years", text)
    match = _LIMIT.fullmatch(text)
    unit = _unit(match["unit"]) if match else None
    return _sound(Decimal(match["number"]), unit, text) if match and unit else AgeLimit(written=text)


def _unit(word: str) -> Unit | None:
    lowered = word.lower()
    return _UNITS.get(lowered) or _UNITS.get(lowered.removesuffix("s")) or _UNITS.get(lowered.removesuffix("es"))


def _days(amount: Decimal, unit: Unit) -> Decimal:
    return amount / _IN_A_DAY[unit] if unit in _IN_A_DAY else amount * _DAYS_OF[unit]


def _sound(amount: Decimal, unit: Unit, written: str) -> AgeLimit:
    """The limit, unless no human can be that old: then it says nothing, and is shown as it was written."""
    if amount < 0 or _days(amount, unit) > OLDEST_LIMIT * DAYS_PER_YEAR:
        return AgeLimit(written=written)
    return AgeLimit(state="stated", amount=amount, unit=unit, written=written)


class Age(Frozen, frozen=True):
    """How old a child is today: from the date of birth, exactly; or as it was said, a span of days.

    "4y" is any day from the fourth birthday to the day before the fifth. `counted` marks an age given in days, where a birthday
    lies on one of two days.
    """

    low: Decimal
    high: Decimal
    born: date | None = None
    today: date | None = None
    counted: bool = False

    def has_reached(self, limit: AgeLimit) -> bool | None:
        """Whether the child is at least this old; None when that cannot be told from what was said."""
        return self._is_past(limit.amount, limit.unit)

    def has_passed(self, limit: AgeLimit) -> bool | None:
        """Whether the child is older than this highest age allows; None when that cannot be told."""
        if limit.unit in ("days", *_IN_A_DAY):
            whole = _days(limit.amount, limit.unit).to_integral_value(ROUND_FLOOR)
            return self._is_past(whole + 1, "days")
        return self._is_past(limit.amount.to_integral_value(ROUND_FLOOR) + 1, limit.unit)

    def is_past_years(self, years: Decimal) -> bool | None:
        """Whether this birthday is behind the child; None when that cannot be told."""
        return True if years == 0 else self._is_past(years, "years")

    def _is_past(self, amount: Decimal, unit: Unit) -> bool | None:
        if self.born and self.today:
            return self.today >= _day_of(self.born, amount, unit)
        earliest, latest = _days_at(amount, unit, self.counted)
        if self.low >= latest:
            return True
        is_exact = self.low == self.high
        return False if self.high < earliest or (self.high == earliest and not is_exact) else None


def age_from_span(written: str, where: str) -> Age:
    """An age as said: "4y", "4y6m", "18mo", "400d". Raises `InputProblem` when it is none, or is no child's or young adult's."""
    span = read_span(written)
    if span is None:
        raise InputProblem("trials-age-unreadable", value=written, where=where)
    low, high = span
    if low > OLDEST_LIMIT * DAYS_PER_YEAR:
        raise InputProblem("trials-age-impossible", value=written, where=where)
    return Age(low, high, counted=low == high)


def age_from_birth(born: date, today: date, where: str) -> Age:
    """An age from the date of birth. Raises `InputProblem` when that lies ahead or too far back."""
    if born > today or today.year - born.year > OLDEST_LIMIT:
        raise InputProblem("trials-age-impossible", value=born.isoformat(), where=where)
    days = Decimal((today - born).days)
    return Age(days, days, born, today, counted=True)


def _day_of(born: date, amount: Decimal, unit: Unit) -> date:
    """The day on which somebody born then has this age. Born on 29 February, a birthday is on 1 March in common years."""
    if unit in ("years", "months"):
        months = int(amount * 12 if unit == "years" else amount)
        rest = amount * (12 if unit == "years" else 1) - months
        return _months_after(born, months) + timedelta(days=int((rest * DAYS_PER_MONTH).to_integral_value(ROUND_CEILING)))
    return born + timedelta(days=int(_days(amount, unit).to_integral_value(ROUND_CEILING)))


def _months_after(born: date, months: int) -> date:
    year, month = divmod(born.year * 12 + born.month - 1 + months, 12)
    year, month = (year, month + 1)
    if born.day <= monthrange(year, month)[1]:
        return date(year, month, born.day)
    return date(year + month // 12, month % 12 + 1, 1)


def _days_at(amount: Decimal, unit: Unit, counted: bool) -> tuple[Decimal, Decimal]:
    """The day of life, at the earliest and at the latest, on which an age is reached.

    An age said in years or months stands on the same scale as the limit. One counted in days does not: a birthday comes after
    365 or 366 days, a month after 28 to 31.
    """
    days = _days(amount, unit)
    if not counted or unit in ("weeks", "days", *_IN_A_DAY):
        return days, days
    slack = 0 if unit == "years" or amount % 12 == 0 else 2
    return days.to_integral_value(ROUND_FLOOR) - slack, days.to_integral_value(ROUND_CEILING) + slack

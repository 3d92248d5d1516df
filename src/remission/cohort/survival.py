"""Survival over time from counts: Kaplan–Meier with its band, and the log-rank test.

Everything is computed from counts at distinct times, so that a million children cost no more than their distinct days. Whoever is
observed only from a later day on (left truncation) is at risk after that day, not before.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

from remission.knowledge.ages import DAYS_PER_YEAR
from remission.knowledge.model import Frozen

YEAR = float(DAYS_PER_YEAR)
BAND = 0.95
_NEARLY = 1e-12  # what rounding may add to a share


class Leaving(NamedTuple):
    """So many children, observed after day `entered`, left on a day: with an event (1) or at their last contact (0)."""

    entered: float
    day: float
    event: int
    children: int


class _Running(NamedTuple):
    """Days, and how many there are up to each."""

    days: tuple[float, ...]
    up_to: tuple[int, ...]

    @staticmethod
    def of(counted: tuple[tuple[float, int], ...]) -> _Running:
        return _Running(tuple(day for day, _ in counted), (0, *accumulate(number for _, number in counted)))

    def before(self, day: float) -> int:
        return self.up_to[bisect_left(self.days, day)]


class Step(Frozen, frozen=True):
    """The curve from a day on. At risk are those just before it. Where the curve is at zero there is no band."""

    day: float
    at_risk: int
    events: int
    survival: float
    low: float | None = None
    high: float | None = None


class Curve(Frozen, frozen=True, dict=True):
    """A Kaplan–Meier curve. `emptied` is the first day on which nobody was at risk although others entered later: from there on
    nothing can be said, and the curve ends."""

    children: int
    events: int
    steps: tuple[Step, ...]
    last_day: float
    entries: tuple[tuple[float, int], ...] = ()  # day, and how many are observed from there on
    leavings: tuple[tuple[float, int], ...] = ()  # day, and how many left
    emptied: float | None = None

    def at(self, day: float) -> Step | None:
        """What the curve says at a day; None after the last one."""
        if day > self.last_day:
            return None
        place = bisect_right([step.day for step in self.steps], day)
        return self.steps[place - 1] if place else Step(0, self.at_risk(0), 0, 1.0)

    def at_risk(self, day: float) -> int:
        """How many are observed just before a day and have not left. Who is there at time zero is observed on day 0 too."""
        entered = self._entered.before(day) if day > 0 else dict(self.entries).get(0.0, 0)
        return entered - self._left.before(day)

    @cached_property
    def _entered(self) -> _Running:
        return _Running.of(self.entries)

    @cached_property
    def _left(self) -> _Running:
        return _Running.of(self.leavings)

    def reaches(self, share: float, which: str = "survival") -> float | None:
        """The first day on which the curve, or an end of its band, is at or below a share."""
        for step in self.steps:
            value = getattr(step, which)
            if value is not None and value <= share + _NEARLY:
                return step.day
        return None


class Median(Frozen, frozen=True):
    """The day by which half had the event, and the ends of its interval; None where it is not reached."""

    day: float | None
    low: float | None
    high: float | None


class Test(Frozen, frozen=True):
    """A log-rank test: what was observed and expected in each group."""

    statistic: float
    degrees: int
    p: float
    observed: tuple[int, ...]
    expected: tuple[float, ...]


def kaplan_meier(leaving: Iterable[Leaving]) -> Curve:
    """The curve of a group, with bands at 95 % on the log-log scale (Greenwood's variance)."""
    rows, emptied = _while_observed(sorted(leaving))
    if not rows:
        return Curve(0, 0, (), 0.0)
    fitted = _fitted(rows)
    return Curve(
        children=sum(row.children for row in rows),
        events=sum(row.children for row in rows if row.event),
        steps=fitted,
        last_day=emptied if emptied is not None else max(row.day for row in rows),
        entries=_counted((row.entered, row.children) for row in rows),
        leavings=_counted((row.day, row.children) for row in rows),
        emptied=emptied,
    )


def median(curve: Curve) -> Median:
    """By when half had the event. Its interval is where the band crosses one half."""
    return Median(curve.reaches(0.5), curve.reaches(0.5, "low"), curve.reaches(0.5, "high"))


def _fitted(rows: Sequence[Leaving]) -> tuple[Step, ...]:
    """The steps, from lifelines."""
    import numpy as np
    from lifelines import KaplanMeierFitter  # type: ignore[import-untyped, import-not-found, unused-ignore]

    entered = [row.entered for row in rows]
    with np.errstate(all="ignore"):
        fitter = KaplanMeierFitter(alpha=1 - BAND).fit(
            [row.day for row in rows], [row.event for row in rows], weights=[row.children for row in rows],
            entry=entered if any(entered) else None,
        )  # fmt: skip
    table = fitter.event_table
    late = table["entrance"].to_numpy().copy()
    late[:1] = 0  # who enters on a day is at risk after it; only the first are there from the start
    columns = (
        table.index, table["at_risk"] - late, table["observed"], fitter.survival_function_.iloc[:, 0],
        fitter.confidence_interval_.iloc[:, 0], fitter.confidence_interval_.iloc[:, 1],
    )  # fmt: skip
    values = zip(*(column.to_numpy().tolist() for column in columns), strict=True)
    return tuple(_step(float(day), int(at_risk), int(events), *rest) for day, at_risk, events, *rest in values if events)


def _step(day: float, at_risk: int, events: int, survival: float, low: float, high: float) -> Step:
    """A step of the curve. Where it falls to zero the log-log band is not defined."""
    if survival <= 0 or not (math.isfinite(low) and math.isfinite(high)):
        return Step(day, at_risk, events, max(survival, 0.0))
    return Step(day, at_risk, events, survival, float(low), float(high))


def _while_observed(rows: list[Leaving]) -> tuple[list[Leaving], float | None]:
    """The rows up to the first day on which nobody is left although others enter later, and that day."""
    changes: dict[float, int] = {}
    for row in rows:
        changes[row.entered] = changes.get(row.entered, 0) + row.children
        changes[row.day] = changes.get(row.day, 0) - row.children
    observed, last = 0, max(changes, default=0.0)
    for day in sorted(changes):
        observed += changes[day]
        if observed == 0 and day < last:
            return [row for row in rows if row.day <= day], day
    return rows, None


def _counted(pairs: Iterable[tuple[float, int]]) -> tuple[tuple[float, int], ...]:
    found: dict[float, int] = {}
    for day, number in pairs:
        found[day] = found.get(day, 0) + number
    return tuple(sorted(found.items()))


def log_rank(groups: Sequence[Sequence[Leaving]]) -> Test | None:
    """Whether groups fare alike. Late entries are at risk from their day on. None with fewer than two groups, or without events."""
    import numpy as np
    from scipy.stats import chi2  # type: ignore[import-untyped, import-not-found, unused-ignore]

    if len(groups) < 2:
        return None
    days = np.array(sorted({row.day for group in groups for row in group if row.event}))
    events = np.array([_events_on(group, days) for group in groups], dtype=float)
    at_risk = np.array([_at_risk_on(group, days) for group in groups], dtype=float)
    total, happened = at_risk.sum(axis=0), events.sum(axis=0)
    if not happened.sum():
        return None
    share = at_risk / total
    expected = share * happened
    spread = happened * (total - happened) / np.where(total > 1, total - 1, 1)
    covariance = np.diag((share * spread).sum(axis=1)) - (share * spread) @ share.T
    difference = (events - expected).sum(axis=1)
    degrees = int(np.linalg.matrix_rank(covariance, hermitian=True))
    if degrees == 0:
        return None
    statistic = float(difference @ np.linalg.pinv(covariance, hermitian=True) @ difference)
    return Test(
        statistic, degrees, float(chi2.sf(statistic, degrees)), tuple(int(number) for number in events.sum(axis=1)),
        tuple(float(number) for number in expected.sum(axis=1)),
    )  # fmt: skip


def _events_on(group: Sequence[Leaving], days: Any) -> list[int]:
    found = dict(_counted((row.day, row.children) for row in group if row.event))
    return [found.get(float(day), 0) for day in days]


def _at_risk_on(group: Sequence[Leaving], days: Any) -> Any:
    """Who has entered before each day, or at time zero, and not left before it."""
    entered = _counted((row.entered or -1.0, row.children) for row in group)
    return _sum_before(entered, days) - _sum_before(_counted((row.day, row.children) for row in group), days)


def _sum_before(counted: tuple[tuple[float, int], ...], days: Any) -> Any:
    """How many there are before each day."""
    import numpy as np

    running = np.concatenate([[0], np.cumsum([number for _, number in counted])])
    return running[np.searchsorted(np.array([day for day, _ in counted]), days, side="left")]

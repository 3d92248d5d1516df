"""How many had which event first, when the events compete: cumulative incidence (Aalen–Johansen).

A child who died cannot relapse any more. One minus Kaplan–Meier would count that child as if it still could; this does not.
Computed here from counts, exactly, ties included (lifelines moves tied times apart by chance). All incidences and event-free
survival add up to 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from remission.cohort.survival import BAND
from remission.knowledge.model import Frozen


class Ending(NamedTuple):
    """So many children, observed after day `entered`, whose time ended on a day by a cause ("" at the last contact)."""

    entered: float
    day: float
    cause: str
    children: int


class IncidenceStep(Frozen, frozen=True):
    """The share with this event by a day, with its band."""

    day: float
    share: float
    low: float
    high: float


class Incidence(Frozen, frozen=True):
    """One event over time, with the other ones competing."""

    cause: str
    events: int
    steps: tuple[IncidenceStep, ...]

    def at(self, day: float) -> IncidenceStep:
        found = IncidenceStep(0.0, 0.0, 0.0, 0.0)
        for step in self.steps:
            if step.day > day:
                break
            found = step
        return found


class _Day(NamedTuple):
    day: float
    at_risk: int
    all_events: int
    by_cause: dict[str, int]


def cumulative_incidence(endings: Iterable[Ending], causes: tuple[str, ...]) -> tuple[Incidence, ...]:
    """For each cause the share who had it first. The variance is the delta method's, the band on the log-log scale.

    Where everybody observed has left although others enter later, the estimate stops: nothing is known of the days between.
    """
    days = _days(list(endings))
    return tuple(_incidence(days, cause) for cause in causes)


def _days(endings: list[Ending]) -> list[_Day]:
    enter: dict[float, int] = {}
    left: dict[float, int] = {}
    events: dict[float, dict[str, int]] = {}
    for entered, day, cause, children in endings:
        enter[entered] = enter.get(entered, 0) + children
        left[day] = left.get(day, 0) + children
        if cause:
            of_day = events.setdefault(day, {})
            of_day[cause] = of_day.get(cause, 0) + children
    found: list[_Day] = []
    at_risk = enter.pop(0.0, 0)
    for day in sorted({*enter, *left}):
        if day in events:
            found.append(_Day(day, at_risk, sum(events[day].values()), events[day]))
        at_risk += enter.get(day, 0) - left.get(day, 0)  # who enters on a day is at risk after it
        if at_risk == 0 and left.get(day):
            break
    return found


def _incidence(days: list[_Day], cause: str) -> Incidence:
    """Sums kept along the way give the variance of every day in one pass.

    var F(t) = Σ [F(t)-F(s)]² d/(n(n-d)) + Σ S² (n-dₖ)dₖ/n³ - 2 Σ [F(t)-F(s)] S dₖ/n²
    """
    survival, share = 1.0, 0.0
    weight = weight_share = weight_square = own = cross = cross_share = 0.0
    steps, happened = [], 0
    for day, at_risk, all_events, by_cause in days:
        number = by_cause.get(cause, 0)
        before = survival
        share += before * number / at_risk
        survival *= 1 - all_events / at_risk
        if at_risk > all_events:
            hazard = all_events / (at_risk * (at_risk - all_events))
            weight, weight_share, weight_square = weight + hazard, weight_share + hazard * share, weight_square + hazard * share**2
        own += before**2 * (at_risk - number) * number / at_risk**3
        cross, cross_share = cross + before * number / at_risk**2, cross_share + before * number / at_risk**2 * share
        happened += number
        if number:
            variance = share**2 * weight - 2 * share * weight_share + weight_square + own - 2 * (share * cross - cross_share)
            steps.append(IncidenceStep(day, share, *_band(share, max(0.0, variance))))
    return Incidence(cause, happened, tuple(steps))


def _band(share: float, variance: float) -> tuple[float, float]:
    """Ends on the scale of log(-log F), so that they stay between 0 and 1."""
    from statistics import NormalDist

    if not 0 < share < 1:
        return share, share
    z = NormalDist().inv_cdf(0.5 + BAND / 2)
    width = z * math.sqrt(variance) / (share * abs(math.log(share)))
    return share ** math.exp(width), share ** math.exp(-width)

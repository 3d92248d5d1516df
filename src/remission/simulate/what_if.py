"""The same virtual children twice: what changes for them when one thing is otherwise, and how sure the difference is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from remission.simulate.arithmetic import Array
from remission.simulate.cohort import DAYS, Cohort, simulate
from remission.simulate.columns import Column
from remission.simulate.outcomes import NONE, RELAPSE
from remission.simulate.problems import SimulationProblem
from remission.simulate.roads import DAYS_A_YEAR, LINES

BOOTSTRAPS, BOOTSTRAP_SEED = 1000, 20_261_121


@dataclass(frozen=True)
class Difference:
    """A figure without and with the change, over the same children; `low` to `high` holds the difference in 95 of 100 resamples.

    That span is chance between cohorts only. How far the model itself is wrong is not in it.
    """

    id: str
    unit: str
    before: float
    after: float
    difference: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class WhatIf:
    """Both cohorts, and the figures that differ."""

    before: Cohort
    after: Cohort
    differences: list[Difference]


def what_if(
    n: int = 20_000,
    seed: int = 7,
    *,
    adherence: float | None = None,
    arm: str = "chemotherapy",
    changed: Mapping[str, float] | None = None,
    days: int = DAYS,
    group: str = "",
    threads: int | None = None,
) -> WhatIf:
    """The children as they are, and the same children with the change. `group`: one of standard, high, t, infant; empty for all."""
    if adherence is None and arm == "chemotherapy" and not changed:
        raise SimulationProblem("simulate-nothing-changed")
    if group and group not in LINES:
        raise SimulationProblem("simulate-no-such-group", group=group, known=", ".join(LINES))
    before = simulate(n, seed, days=days, threads=threads)
    after = simulate(n, seed, days=days, threads=threads, adherence=adherence, arm=arm, changed=changed)
    among = np.flatnonzero(before["line"] == LINES.index(group)) if group else np.arange(n)
    if len(among) == 0:
        raise SimulationProblem("simulate-empty-group", group=group)
    return WhatIf(before, after, [_difference(name, unit, before, after, among) for name, unit in FIGURES.items()])


FIGURES = {
    "event_free_5": "%",
    "alive_5": "%",
    "relapse": "%",
    "neutrophils_maintenance": "10*9/L",
    "dose_share": "1",
    "fevers": "1",
}


def _values(name: str, cohort: Cohort) -> Array:
    five = 5 * DAYS_A_YEAR
    if name == "event_free_5":
        return _percent((cohort["event"] == NONE) | (cohort["event_day"] >= five))
    if name == "alive_5":
        return _percent(cohort["death_day"] >= five)
    if name == "relapse":
        return _percent(cohort["event"] == RELAPSE)
    return cohort[name].astype(np.float64)


def _percent(holds: Column) -> Array:
    return 100.0 * holds.astype(np.float64)


def _difference(name: str, unit: str, before: Cohort, after: Cohort, among: Column) -> Difference:
    """Paired: a child in whom a figure is missing in either run is left out of it."""
    first, second = _values(name, before)[among], _values(name, after)[among]
    both = np.isfinite(first) & np.isfinite(second)
    gaps = (second - first)[both]
    if len(gaps) == 0:
        nothing = float("nan")
        return Difference(name, unit, nothing, nothing, nothing, nothing, nothing, 0)
    low, high = _span(gaps)
    return Difference(name, unit, float(first[both].mean()), float(second[both].mean()), float(gaps.mean()), low, high, len(gaps))


def _span(gaps: Array) -> tuple[float, float]:
    """The middle 95 of 100 of the means of resampled children (each drawn again a Poisson number of times)."""
    chance = np.random.Generator(np.random.Philox(BOOTSTRAP_SEED))
    means = np.empty(BOOTSTRAPS)
    for turn in range(BOOTSTRAPS):
        times = chance.poisson(1.0, len(gaps))
        means[turn] = (times * gaps).sum() / max(times.sum(), 1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)

"""One virtual child, day by day: counts, marrow, medicine, events. Daily series are made for chosen children only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from remission.simulate.arithmetic import Array
from remission.simulate.cohort import DAYS, MOST_CHILDREN, Run, Setting, checked, default_engine
from remission.simulate.columns import COLUMNS, Column
from remission.simulate.outcomes import DAILY_UNITS, Daily, Row
from remission.simulate.problems import SimulationProblem
from remission.simulate.roads import BEFORE
from remission.simulate.sampling import joined

MOST_VALUES = 200_000_000  # numbers that daily series may hold at once: 1.6 GB
AFTER = "after"  # what the phase is called once treatment is over


@dataclass(frozen=True)
class Child:
    """An invented child: `series["neutrophils"][i]` is the value on day `days[i]`, counted from the first day of treatment.

    After an event the series ends: what follows is not a number. `phases` names the phase of each day by its id in
    `knowledge/simulate/schedule.yaml`, "before" and "after". `told` holds the child's row of the cohort.
    """

    setting: Setting
    number: int
    days: npt.NDArray[np.int64]
    series: dict[str, Array]
    phases: list[str]
    told: dict[str, float]
    version: str

    @property
    def units(self) -> dict[str, str]:
        return {row.name.lower(): DAILY_UNITS[row] for row in Daily}


@dataclass(frozen=True)
class Series:
    """Daily series of several children (rows of `Daily` by children by days), and their rows of the cohort."""

    days: npt.NDArray[np.int64]
    daily: Array
    phase: npt.NDArray[np.int64]
    columns: dict[str, Column]


def child(
    seed: int,
    number: int = 0,
    *,
    arm: str = "chemotherapy",
    adherence: float | None = None,
    days: int = DAYS,
    changed: Mapping[str, float] | None = None,
    engine: str = "",
) -> Child:
    """The child `number` of the cohort with that seed, day by day. Raises `SimulationProblem` for what makes no sense."""
    setting = Setting(seed, arm, adherence, days, tuple(sorted((changed or {}).items())), False, engine or default_engine())
    if not 0 <= number < MOST_CHILDREN:
        raise SimulationProblem("simulate-number", number=number, last=f"{MOST_CHILDREN - 1:,}")
    checked(1, setting, None)
    run = Run(setting)
    made = series_of([number], setting, run)
    names = [
        "before" if one == BEFORE else ([*(phase.id for phase in run.simulation.schedule.phases), AFTER][one])
        for one in made.phase[0]
    ]
    told = {name: values[0].item() for name, values in made.columns.items()}
    series = {row.name.lower(): made.daily[row, 0] for row in Daily}
    return Child(setting, number, made.days, series, names, told, run.simulation.version)


def series_of(numbers: Iterable[int], setting: Setting, run: Run | None = None) -> Series:
    """The daily series of the children with these numbers. Refused where they would not fit into memory."""
    run = run or Run(setting)
    wanted = list(numbers)
    before = int(run.numbers.days_before)
    span = before + setting.days
    if len(wanted) * span * len(Daily) > MOST_VALUES:
        raise SimulationProblem("simulate-too-many-days", children=len(wanted), most=MOST_VALUES // (span * len(Daily)))
    daily, phase = np.empty((len(Daily), len(wanted), span)), np.full((len(wanted), span), BEFORE, dtype=np.int64)
    who = joined([run.children(number, 1) for number in wanted])
    left, ends = np.empty((len(Row), len(wanted))), np.empty(len(wanted))
    for road, chosen in run.by_road(who):
        left[:, chosen], daily[:, chosen] = run.engine(run.numbers, road, who.take(chosen), series=True)
        phase[chosen, before:], ends[chosen] = road.phase, road.ends
    columns = run.told(who, np.array(wanted), left, ends)
    columns = {name: columns[name].astype(told.kept) for name, told in COLUMNS.items()}
    return Series(np.arange(-before, setting.days), daily, phase, columns)

"""Virtual children as a hospital would have seen them: the counts of visit days, and what is known of each child.

Some children at a time, so that memory stays small whatever the size of the cohort.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from remission.simulate.chance import mix
from remission.simulate.cohort import Run, Setting
from remission.simulate.columns import COLUMNS, Column
from remission.simulate.outcomes import Daily
from remission.simulate.roads import LINES, Road

SOME = 512  # children at a time; nothing depends on it
WEEKLY_UNTIL, WEEK, BEFORE_MAINTENANCE, IN_MAINTENANCE, AFTER = 28, 7, 14, 28, (28, 56, 84)
FIRST_DIAGNOSIS, SPAN_OF_DIAGNOSES = date(2010, 1, 1), 2191  # six years of invented dates of diagnosis
_DATED = np.uint64(0x9D39247E33776D41)  # makes the draw of the date one of its own
_SHOWN = (Daily.WHITE, Daily.NEUTROPHILS, Daily.PLATELETS, Daily.HEMOGLOBIN)
_AT_START = ("white_start", "neutrophils_start", "platelets_start", "hemoglobin_start")
_DIGITS = (2, 2, 0, 1)


@dataclass(frozen=True)
class Phase:
    """A phase of a road by its id: from its first day to the day after its last."""

    id: str
    starts: int
    ends: int


@dataclass(frozen=True)
class RoadSeen:
    """What all children on one road have in common."""

    id: str
    phases: tuple[Phase, ...]
    visits: npt.NDArray[np.int64]
    maintenance: int
    ends: int


@dataclass(frozen=True)
class Seen:
    """One child as seen: its row of the cohort, when it was diagnosed and born, its road, and its counts on visit days.

    `counts` are white cells, neutrophils, platelets and hemoglobin, a value for each of `days`; they end with the first event.
    """

    number: int
    told: dict[str, Any]
    line: str
    kind: str
    diagnosed: date
    born: date
    road: RoadSeen
    days: list[int]
    counts: tuple[list[float], ...]

    def on(self, day: float) -> date:
        """The date of a day of treatment."""
        return self.diagnosed + timedelta(int(day))


class Seeing:
    """Sees the children of a run. The summary goes on for the run's days; counts end 84 days after treatment."""

    def __init__(self, setting: Setting):
        self.setting = setting
        self.run = Run(setting)
        longest = max(road.ends for road in self.run.roads.values()) + AFTER[-1] + 1
        self.short = Run(replace(setting, days=min(setting.days, longest)))
        self.kinds = [one.id for one in self.run.simulation.classes]
        self._roads = {id(road): self._road(road) for road in self.short.roads.values()}

    @property
    def last_day(self) -> int:
        return self.setting.days - 1

    def columns(self, first: int, n: int) -> dict[str, Column]:
        """The rows of the cohort, as `simulate` tells them."""
        made = self.run.columns(first, n)
        return {name: values.astype(COLUMNS[name].kept) for name, values in made.items()}

    def seen(self, first: int, n: int, columns: dict[str, Column]) -> list[Seen]:
        """The children `first` to `first + n`, whose rows are `columns`."""
        who = self.short.children(first, n)
        found: list[Seen | None] = [None] * n
        rows = _rows(columns)
        dates = (mix(who.key ^ _DATED) % np.uint64(SPAN_OF_DIAGNOSES)).astype(np.int64).tolist()
        for road, chosen in self.short.by_road(who):
            _, daily = self.short.engine(self.short.numbers, road, who.take(chosen), series=True)
            seen = self._roads[id(road)]
            at = int(self.short.numbers.days_before) + seen.visits
            rounded = [np.round(daily[row][:, at], digits) for row, digits in zip(_SHOWN, _DIGITS, strict=True)]
            for place, *counts in zip(chosen.tolist(), *(values.tolist() for values in rounded), strict=True):
                told = rows[place]
                diagnosed = FIRST_DIAGNOSIS + timedelta(dates[place])
                found[place] = Seen(
                    first + place, told, LINES[told["line"]], self.kinds[told["kind"]], diagnosed, _born(diagnosed, told["age"]),
                    seen, *_until_event(seen.visits, counts, told),
                )  # fmt: skip
        return [one for one in found if one is not None]

    def _road(self, road: Road) -> RoadSeen:
        names = [phase.id for phase in self.run.simulation.schedule.phases]
        laid = next(one for one in self.run.simulation.schedule.roads if one.id == road.id)
        phases = tuple(
            Phase(one.phase, one.starts, one.starts + one.days if one.days else road.ends)
            for one in laid.stretches
            if one.phase in names
        )
        visits = [day for day in _visit_days(road.maintenance_starts, road.ends) if day < self.short.setting.days]
        return RoadSeen(road.id, phases, np.array(visits), road.maintenance_starts, road.ends)


def _visit_days(maintenance: int, ends: int) -> Iterator[int]:
    """Weekly in induction, every two weeks until maintenance, every four weeks in it, and three times after treatment."""
    yield from range(0, WEEKLY_UNTIL, WEEK)
    yield from range(WEEKLY_UNTIL, maintenance, BEFORE_MAINTENANCE)
    yield from range(maintenance, ends, IN_MAINTENANCE)
    yield from (ends + day for day in AFTER)


def _rows(columns: dict[str, Column]) -> list[dict[str, Any]]:
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*(columns[name].tolist() for name in names), strict=True)]


def _until_event(
    visits: npt.NDArray[np.int64], counts: list[list[float]], told: dict[str, Any]
) -> tuple[list[int], tuple[list[float], ...]]:
    """The visits up to the first event. Those of the first day are the counts that the child's row tells."""
    seen = max(1, sum(day <= told["event_day"] and value == value for day, value in zip(visits.tolist(), counts[0], strict=True)))
    for column, name, digits in zip(counts, _AT_START, _DIGITS, strict=True):
        column[0] = round(told[name], digits)
    return visits[:seen].tolist(), tuple(column[:seen] for column in counts)


def _born(diagnosed: date, age: float) -> date:
    """A birthday on which the child's completed years are those of its age, whatever the leap days do."""
    years = int(age)
    days = min(int((age - years) * 365.25), 363)
    before = diagnosed - timedelta(days)
    try:
        return before.replace(year=before.year - years)
    except ValueError:  # the 29th of February in a common year
        return before.replace(year=before.year - years, day=28)

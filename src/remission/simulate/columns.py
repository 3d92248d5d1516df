"""What is told of each child of a cohort: named columns, each with its unit, made from what was drawn and what a run left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from remission.knowledge.simulate import Harm
from remission.simulate.arithmetic import Array, Keys, log, power10
from remission.simulate.chance import Purpose, normal, uniform
from remission.simulate.model import Numbers
from remission.simulate.outcomes import DEATH, FAILURE, RELAPSE, SPINAL, TESTIS, Row
from remission.simulate.roads import DAYS_A_YEAR
from remission.simulate.sampling import INFANT, OLDER_FROM, T_CELL, Children

Column = npt.NDArray[Any]
MONTH = DAYS_A_YEAR / 12.0
EARLY, LATE = 18.0 * MONTH, 36.0 * MONTH
HARMS = {"clot": Purpose.CLOT, "pancreatitis": Purpose.PANCREATITIS, "osteonecrosis": Purpose.OSTEONECROSIS}


class Told(NamedTuple):
    """The unit of a column ("1" for a share or a plain number, "" for yes or no) and how it is kept."""

    unit: str
    kept: str


COLUMNS: dict[str, Told] = {
    "child": Told("1", "i8"),
    "age": Told("a", "f8"),
    "male": Told("", "?"),
    "t_cell": Told("", "?"),
    "down": Told("", "?"),
    "line": Told("1", "i1"),  # 0 standard-risk B, 1 high-risk B, 2 T-cell from 1 year, 3 infant
    "kind": Told("1", "i1"),  # its place in knowledge/simulate/classes.yaml
    "cns": Told("1", "i1"),
    "overt_testis": Told("", "?"),
    "white_start": Told("10*9/L", "f8"),
    "neutrophils_start": Told("10*9/L", "f8"),
    "platelets_start": Told("10*9/L", "f8"),
    "hemoglobin_start": Told("g/dL", "f8"),
    "blasts_start": Told("1", "f8"),
    "blasts_8": Told("1", "f8"),
    "blasts_15": Told("1", "f8"),
    "blasts_22": Told("1", "f8"),
    "blasts_29": Told("1", "f8"),
    "blasts_consolidation": Told("1", "f8"),
    "mrd_29": Told("1", "f8"),  # as a laboratory reports it; 0 is "below the limit"
    "mrd_consolidation": Told("1", "f8"),
    "event": Told("1", "i1"),  # 0 none, 1 induction failed, 2 relapse, 3 died of treatment, 4 other
    "event_day": Told("d", "f8"),
    "sites": Told("1", "i1"),  # 1 marrow, 2 spinal fluid, 4 testis, added up
    "death_day": Told("d", "f8"),  # infinite for who lives
    "treatment_ends": Told("d", "f8"),
    "adherence": Told("1", "f8"),
    "taken_share": Told("1", "f8"),  # of the days of maintenance
    "dose_share": Told("1", "f8"),  # of a full dose, holds counted as nothing
    "holds": Told("1", "i2"),
    "neutrophils_maintenance": Told("10*9/L", "f8"),
    "low_days": Told("d", "f8"),
    "fevers": Told("1", "i2"),
    "fevers_induction": Told("1", "i2"),
    "platelets_given": Told("1", "i2"),
    "red_given": Told("1", "i2"),
    "neutrophils_least": Told("10*9/L", "f8"),
    "neutrophils_most": Told("10*9/L", "f8"),
    "platelets_least": Told("10*9/L", "f8"),
    "platelets_most": Told("10*9/L", "f8"),
    "hemoglobin_least": Told("g/dL", "f8"),
    "hemoglobin_most": Told("g/dL", "f8"),
    "clot": Told("", "?"),  # these three are sampled by age: the model has no mechanism for them
    "pancreatitis": Told("", "?"),
    "osteonecrosis": Told("", "?"),
}
SAMPLED = tuple(HARMS)
BOUNDS = {"platelets_most": 1000.0, "hemoglobin_most": 18.0, "neutrophils_most": 30.0}
LEASTS = ("neutrophils_least", "platelets_least", "hemoglobin_least")
# Not known of everybody: the marrow and its test of who was not there any more, maintenance of who never came to it.
NOT_OF_ALL = frozenset(
    ("blasts_8", "blasts_15", "blasts_22", "blasts_29", "blasts_consolidation", "mrd_29", "mrd_consolidation", "death_day",
     "taken_share", "dose_share", "neutrophils_maintenance")
)  # fmt: skip


def columns_of(
    numbers: Numbers, harms: tuple[Harm, ...], who: Children, children: Column, left: Array, ends: Array
) -> dict[str, Column]:
    """The columns of some children; `children` are their numbers."""
    maintenance = np.maximum(left[Row.MAINTENANCE_DAYS], 1.0)
    started = left[Row.MAINTENANCE_DAYS] > 0

    def of_maintenance(row: Row) -> Array:
        return np.where(started, left[row] / maintenance, np.nan)

    by_row = {name: left[Row[name.upper()]] for name in COLUMNS if name.upper() in Row.__members__}
    own = {
        name: getattr(who, name) for name in ("age", "male", "t_cell", "down", "line", "kind", "cns", "overt_testis", "adherence")
    }
    return {
        "child": children,
        "white_start": left[Row.HEALTHY_WHITE_START] + blood_blasts(numbers, who, left[Row.HEALTHY_WHITE_START]),
        "treatment_ends": ends,
        "mrd_29": reported(numbers, who.key, Purpose.MRD_ERROR, left[Row.BLASTS_29]),
        "mrd_consolidation": reported(numbers, who.key, Purpose.MRD_ERROR_LATER, left[Row.BLASTS_CONSOLIDATION]),
        "death_day": death_day(numbers, who, left),
        "taken_share": of_maintenance(Row.TAKEN_DAYS),
        "dose_share": of_maintenance(Row.DOSE_SUM),
        "neutrophils_maintenance": of_maintenance(Row.NEUTROPHILS_SUM),
        **own,
        **by_row,
        **{harm.id: sampled(harm, who) for harm in harms},
    }


def beyond_bounds(columns: Mapping[str, Column], times: float = 1.0) -> Iterator[tuple[str, Column]]:
    """Each output with whether it is no number, or beyond its bounds (so many times as wide), in each child."""
    for name, values in columns.items():
        if values.dtype.kind == "f" and name not in NOT_OF_ALL:
            yield name, ~np.isfinite(values)
    yield "neutrophils_maintenance", np.isnan(columns["neutrophils_maintenance"]) != np.isnan(columns["taken_share"])
    for name in NOT_OF_ALL - {"death_day"}:
        yield name, np.isinf(columns[name])
    for name, most in BOUNDS.items():
        yield name, columns[name] > times * most
    for name in LEASTS:
        yield name, columns[name] < 0.0


def blood_blasts(numbers: Numbers, who: Children, healthy: Array) -> Array:
    """Equation 5: blasts in the blood on the first day: what its healthy cells leave of the count that was drawn, never none."""
    return np.maximum(who.white - healthy, numbers.blood_blasts_least * who.white)


def reported(numbers: Numbers, key: Keys, purpose: Purpose, true: Array) -> Array:
    """Equation 6: the test errs by a factor; below its limit it says so, which is told as 0. Not measured stays not a number."""
    seen = true * power10(numbers.mrd_error * normal(key, purpose))
    return np.where(np.isnan(true), np.nan, np.where(seen < numbers.mrd_limit, 0.0, np.minimum(seen, 1.0)))


def death_day(numbers: Numbers, who: Children, left: Array) -> Array:
    """Equation 15: after a relapse or a failed induction, published survival by time and site; death of treatment is at once."""
    event, day = left[Row.EVENT], left[Row.EVENT_DAY]
    survives = np.where(event == FAILURE, numbers.survive_failure, _survival(numbers, who, day))
    outside = (left[Row.SITES] == SPINAL) | (left[Row.SITES] == TESTIS) | (left[Row.SITES] == SPINAL + TESTIS)
    survives = survives + numbers.survive_outside_marrow * (outside & (event == RELAPSE))
    dies = ((event == RELAPSE) | (event == FAILURE)) & (uniform(who.key, Purpose.SURVIVAL) >= survives)
    later = day - log(uniform(who.key, Purpose.DEATH_TIME)) * numbers.death_mean * DAYS_A_YEAR
    return np.where(event == DEATH, day, np.where(dies, later, np.inf))


def _survival(numbers: Numbers, who: Children, day: Array) -> Array:
    def by_time(early: float, middle: float, late: float) -> Array:
        return np.where(day < EARLY, early, np.where(day < LATE, middle, late))

    b = by_time(numbers.survive_b_early, numbers.survive_b_middle, numbers.survive_b_late)
    t = by_time(numbers.survive_t_early, numbers.survive_t_middle, numbers.survive_t_late)
    return np.where(who.line == INFANT, numbers.survive_infant, np.where(who.line == T_CELL, t, b))


def sampled(harm: Harm, who: Children) -> Column:
    """A harm without a mechanism, drawn by age."""
    return uniform(who.key, HARMS[harm.id]) < np.where(who.age >= OLDER_FROM, harm.from_ten, harm.under_ten)

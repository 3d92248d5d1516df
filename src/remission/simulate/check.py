"""The virtual children against published figures: every target, what is published, what comes out here, and whether it fits.

Rows marked `fit` were tuned against; rows marked `check` were not looked at while tuning. A miss is shown as a miss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from remission.knowledge.model import Text
from remission.knowledge.simulate import Target
from remission.simulate.cohort import Cohort, default_engine, simulate
from remission.simulate.columns import EARLY, LATE, MONTH, Column, beyond_bounds
from remission.simulate.model import load_simulation
from remission.simulate.outcomes import DEATH, FAILURE, NONE, RELAPSE, SPINAL, TESTIS
from remission.simulate.roads import DAYS_A_YEAR
from remission.simulate.sampling import HIGH, INFANT, STANDARD, T_CELL, WHITE_FROM

Flags = npt.NDArray[np.bool_]
YEARS_5, YEARS_6, YEARS_8 = 5 * DAYS_A_YEAR, 6 * DAYS_A_YEAR, 8 * DAYS_A_YEAR
YEARS_3 = 3 * DAYS_A_YEAR
LEAST_DOWN = 2000
FOURTEEN_MONTHS = 14 * MONTH
FOUND, LITTLE, MUCH = 1e-6, 1e-3, 1e-2


@dataclass(frozen=True)
class CheckRow:
    """One target: what is published, ours, the span that counts as a hit, how it was used, and on how many children ours rests."""

    id: str
    title: Text
    unit: str
    published: str
    ours: float
    low: float
    high: float
    role: str
    hit: bool
    n: int
    source: str
    note: Text | None = None


def check(n: int = 20_000, seed: int = 7, *, wider: float = 1.0, threads: int | None = None, engine: str = "") -> list[CheckRow]:
    """Every target in its order. `wider` times the tolerance is for small cohorts, whose own chance is larger."""
    engine = engine or default_engine()
    cohorts = Cohorts(
        all=simulate(n, seed, threads=threads, engine=engine),
        down=simulate(max(LEAST_DOWN, n // 10), seed, only_down=True, threads=threads, engine=engine),
        blinatumomab=simulate(n, seed, arm="blinatumomab", threads=threads, engine=engine),
    )
    return [_row(target, cohorts, wider) for target in load_simulation().targets]


@dataclass(frozen=True)
class Cohorts:
    """The cohorts that the targets are worked out on."""

    all: Cohort
    down: Cohort
    blinatumomab: Cohort


Figure = tuple[float, int]  # ours, and on how many children it rests


def _row(target: Target, cohorts: Cohorts, wider: float) -> CheckRow:
    ours, n = FIGURES[target.id](cohorts)
    middle, half = (target.low + target.high) / 2.0, (target.high - target.low) / 2.0 * wider
    hit = bool(middle - half - 1e-9 <= ours <= middle + half + 1e-9)
    return CheckRow(
        target.id,
        target.title,
        target.unit,
        target.published,
        ours,
        target.low,
        target.high,
        target.role,
        hit,
        n,
        target.source,
        target.note,
    )


# --- groups of children -----------------------------------------------------------------------------------------------


def _is(cohort: Cohort, *lines: int) -> Flags:
    return np.isin(cohort["line"], lines)


def _b(cohort: Cohort) -> Flags:
    return _is(cohort, STANDARD, HIGH)


def _classes(cohort: Cohort, *ids: str) -> Flags:
    order = [one.id for one in load_simulation().classes]
    return np.isin(cohort["kind"], [order.index(one) for one in ids])


def _free(cohort: Cohort, days: float) -> Flags:
    """No event before that day."""
    return np.asarray((cohort["event"] == NONE) | (cohort["event_day"] >= days))


def _relapsed(cohort: Cohort, days: float = np.inf) -> Flags:
    return np.asarray((cohort["event"] == RELAPSE) & (cohort["event_day"] < days))


def _negative(cohort: Cohort) -> Flags:
    return np.asarray(cohort["mrd_29"] == 0.0)


def _tested(cohort: Cohort) -> Flags:
    """Still there at the end of induction."""
    return np.isfinite(cohort["mrd_29"])


def _favourable(cohort: Cohort) -> Flags:
    return _classes(cohort, "etv6-runx1", "hyperdiploid")


def like_aall1731(cohort: Cohort) -> Flags:
    """Standard risk without Down syndrome, CNS3 or testes involved, in remission and free of events; average (other genetics, CNS1,
    no MRD by flow but cells that sequencing finds) or high (MRD by flow, poor genetics, or other genetics with CNS2), and little
    left after consolidation."""
    other = _classes(cohort, "intermediate")
    average = _negative(cohort) & other & (cohort["cns"] == 1) & (cohort["blasts_29"] >= FOUND)
    high = ~_negative(cohort) | _classes(cohort, "poor") | (other & (cohort["cns"] == 2))
    fit = _is(cohort, STANDARD) & ~cohort["down"] & (cohort["cns"] < 3) & ~cohort["overt_testis"]
    little = np.nan_to_num(cohort["blasts_consolidation"], nan=1.0) < LITTLE
    return np.asarray(fit & _free(cohort, CONSOLIDATION_ENDS + 1) & (average | high) & little)


CONSOLIDATION_ENDS = 64  # of the standard road


# --- figures ----------------------------------------------------------------------------------------------------------


def _share(of: Flags | Column, among: Flags) -> Figure:
    n = int(among.sum())
    return (float(100.0 * of[among].mean()), n) if n else (float("nan"), 0)


def _median(values: Column) -> Figure:
    known = values[np.isfinite(values)]
    return (float(np.median(known)), len(known)) if len(known) else (float("nan"), 0)


def _ages(low: float, high: float) -> Callable[[Cohorts], Figure]:
    def share(cohorts: Cohorts) -> Figure:
        age = cohorts.all["age"]
        return _share((age >= low) & (age < high), np.ones(len(age), dtype=np.bool_))

    return share


def _every(name: str) -> Callable[[Cohorts], Figure]:
    return lambda cohorts: _share(cohorts.all[name], np.ones(len(cohorts.all), dtype=np.bool_))


def _event_free(line: int, days: float) -> Callable[[Cohorts], Figure]:
    return lambda cohorts: _share(_free(cohorts.all, days), _is(cohorts.all, line))


def _remission(cohorts: Cohorts) -> Figure:
    it = cohorts.all
    early = (it["event"] == FAILURE) | ((it["event"] == DEATH) & (it["event_day"] <= 28))
    return _share(~early, np.ones(len(it), dtype=np.bool_))


def _alive(cohorts: Cohorts) -> Figure:
    return _share(cohorts.all["death_day"] >= YEARS_5, cohorts.all["age"] >= 1.0)


def _low_risk(cohorts: Cohorts) -> Figure:
    it = cohorts.all
    return _share(it["death_day"] >= YEARS_5, _is(it, STANDARD) & _favourable(it) & (it["cns"] == 1) & _negative(it))


def _by_mrd(line: int, low: float, high: float, days: float = YEARS_5, relapse_only: bool = False) -> Callable[[Cohorts], Figure]:
    def share(cohorts: Cohorts) -> Figure:
        it = cohorts.all
        among = _is(it, line) & (it["mrd_29"] >= low) & (it["mrd_29"] < high) & (it["event"] != FAILURE)
        return _share(~_relapsed(it, days) if relapse_only else _free(it, days), among)

    return share


def _positive(cleared: bool) -> Callable[[Cohorts], Figure]:
    def share(cohorts: Cohorts) -> Figure:
        it = cohorts.all
        later = it["mrd_consolidation"]
        among = _b(it) & (it["mrd_29"] > 0) & np.isfinite(later) & (it["event"] != FAILURE)
        return _share(_free(it, YEARS_5), among & ((later == 0) if cleared else (later > 0)))

    return share


def _marrow(name: str) -> Callable[[Cohorts], Figure]:
    def share(cohorts: Cohorts) -> Figure:
        return _share(cohorts.all[name] >= MUCH, np.isfinite(cohorts.all[name]))

    return share


def _late_b(cohorts: Cohorts) -> Figure:
    return _share(cohorts.all["event_day"] >= LATE, _b(cohorts.all) & _relapsed(cohorts.all))


def _early_t(cohorts: Cohorts) -> Figure:
    return _share(cohorts.all["event_day"] < EARLY, _is(cohorts.all, T_CELL) & _relapsed(cohorts.all))


def _spinal(*lines: int) -> Callable[[Cohorts], Figure]:
    return lambda cohorts: _share(_relapsed(cohorts.all, YEARS_5) & (cohorts.all["sites"] == SPINAL), _is(cohorts.all, *lines))


def _testis(cohorts: Cohorts) -> Figure:
    it = cohorts.all
    return _share(_relapsed(it, YEARS_8) & (it["sites"] & TESTIS > 0), it["male"])


def _down(cohorts: Cohorts) -> Figure:
    return _share(_free(cohorts.down, YEARS_8), np.ones(len(cohorts.down), dtype=np.bool_))


def _treatment_death(cohorts: Cohorts) -> Figure:
    it = cohorts.all
    return _share((it["event"] == DEATH) & (it["event_day"] < YEARS_5), np.ones(len(it), dtype=np.bool_))


def _adherence(cohorts: Cohorts) -> Figure:
    return _share(cohorts.all["adherence"] < 0.90, np.ones(len(cohorts.all), dtype=np.bool_))


def _adherence_ratio(cohorts: Cohorts) -> Figure:
    it = cohorts.all
    reached = _free(it, FOURTEEN_MONTHS) & ~_is(it, INFANT)
    less, more = reached & (it["adherence"] < 0.95), reached & (it["adherence"] >= 0.95)
    return _share(_relapsed(it), less)[0] / max(_share(_relapsed(it), more)[0], 1e-9), int(reached.sum())


def _disease_free(which: str) -> Callable[[Cohorts], Figure]:
    def share(cohorts: Cohorts) -> Figure:
        it: Cohort = getattr(cohorts, which)
        return _share(_free(it, CONSOLIDATION_ENDS + YEARS_3), like_aall1731(it))

    return share


def _outside(cohorts: Cohorts) -> Figure:
    out = 0
    for it in (cohorts.all, cohorts.down, cohorts.blinatumomab):
        out += int(np.any([beyond for _, beyond in beyond_bounds(it.columns)], axis=0).sum())
    return float(out), sum(len(it) for it in (cohorts.all, cohorts.down, cohorts.blinatumomab))


def _invariance(cohorts: Cohorts) -> Figure:
    """The first children once more: in other blocks, and with every day written down."""
    from remission.simulate.child import series_of

    it, few = cohorts.all, min(len(cohorts.all), 48)
    again = simulate(few, it.setting.seed, threads=1, engine=it.setting.engine)
    daily = series_of(range(few), it.setting)
    same = np.ones(few, dtype=np.bool_)
    for name in it.columns:
        same &= _same(it[name][:few], again[name]) & _same(it[name][:few], daily.columns[name])
    return float((~same).sum()), few


def _same(left: Column, right: Column) -> Flags:
    both = (left == right) | (np.isnan(left) & np.isnan(right)) if left.dtype.kind == "f" else left == right
    return np.asarray(both)


def _doses(cohorts: Cohorts) -> Figure:
    return _median(cohorts.all["dose_share"])


def _holds(cohorts: Cohorts) -> Figure:
    it = cohorts.all
    whole = np.isfinite(it["dose_share"]) & _free(it, YEARS_3)
    return float(it["holds"][whole].mean()), int(whole.sum())


def _poor_months(cohorts: Cohorts) -> Figure:
    it = cohorts.all
    return _median(it["event_day"][_classes(it, "poor") & _relapsed(it)] / MONTH)


def _testis_months(cohorts: Cohorts) -> Figure:
    it = cohorts.all
    months = it["event_day"][_relapsed(it) & (it["sites"] & TESTIS > 0)] / MONTH
    return (float(months.mean()), len(months)) if len(months) else (float("nan"), 0)


FIGURES: dict[str, Callable[[Cohorts], Figure]] = {
    "T1": _remission,
    "T2-infant": _ages(0, 1), "T2-1-4": _ages(1, 5), "T2-5-9": _ages(5, 10), "T2-10-14": _ages(10, 15),
    "T2-male": _every("male"), "T2-t": _every("t_cell"),
    "T3-standard": lambda cohorts: _share(_is(cohorts.all, STANDARD), _b(cohorts.all)),
    "T3-white": lambda cohorts: _share(cohorts.all["white_start"] >= WHITE_FROM, ~cohorts.all["t_cell"]),
    "T4": _alive,
    "T5-standard": _event_free(STANDARD, YEARS_5), "T5-high": _event_free(HIGH, YEARS_5),
    "T5-t": _event_free(T_CELL, YEARS_5), "T5-infant": _event_free(INFANT, YEARS_6),
    "T6": _low_risk,
    "T7": lambda cohorts: _share(_negative(cohorts.all), _is(cohorts.all, T_CELL) & _tested(cohorts.all)),
    "T8-15": _marrow("blasts_15"), "T8-22": _marrow("blasts_22"),
    "T9-below": _by_mrd(HIGH, 0.0, 1e-4), "T9-low": _by_mrd(HIGH, 1e-4, 1e-3),
    "T10-cleared": _positive(cleared=True), "T10-stays": _positive(cleared=False),
    "T11-b": _late_b, "T11-t": _early_t,
    "T12-b": _spinal(STANDARD, HIGH), "T12-t": _spinal(T_CELL),
    "T13": _testis, "T14": _down, "T15": _treatment_death, "T16": _adherence, "T17": _adherence_ratio,
    "T18": lambda cohorts: _median(cohorts.all["neutrophils_maintenance"]),
    "T19-platelets": lambda cohorts: _median(cohorts.all["platelets_start"]),
    "T19-hemoglobin": lambda cohorts: _median(cohorts.all["hemoglobin_start"]),
    "T20": _disease_free("blinatumomab"),
    "T21": _outside, "T22": _invariance,
    "M1": _doses, "M2": _holds,
    "M3": lambda cohorts: _share(cohorts.all["platelets_start"] < 50.0, np.ones(len(cohorts.all), dtype=np.bool_)),
    "M4": lambda cohorts: _share(cohorts.all["blasts_29"] >= MUCH, _is(cohorts.all, T_CELL) & _tested(cohorts.all)),
    "M5": _poor_months, "M6": _testis_months, "M7": _disease_free("all"),
    "M9": lambda cohorts: _share(cohorts.all["sites"] == TESTIS, _relapsed(cohorts.all)),
    "M8": _by_mrd(STANDARD, 1e-4, 1e-3, YEARS_6, relapse_only=True),
}  # fmt: skip

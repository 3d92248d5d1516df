"""Writes the series of the invented child that the site shows: `python -m remission.simulate.shown [--choose] [knowledge]`.

The site needs no numpy, so a run of the model is kept as small tables. The same seed and number give the same tables everywhere.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from remission.knowledge.shown_child import Plan, read_plan
from remission.simulate.arithmetic import Array
from remission.simulate.child import Child, child
from remission.simulate.cohort import Cohort, Run, Setting, default_engine, simulate
from remission.simulate.outcomes import MARROW, NONE, RELAPSE

CANDIDATES = 3000  # children looked at to choose one


def tables(plan: Plan) -> dict[str, str]:
    """The files below `knowledge/simulate/shown/` by name, as text."""
    runs = {one.id: _child(plan, one.taken, 1) for one in plan.missed}
    spinal = {one.id: _child(plan, 1.0, one.status) for one in plan.spinal}
    made = {f"missed-{name}.tsv": _tsv(_marrow_rows(plan, run)) for name, run in runs.items()}
    made |= {f"spinal-{one.id}.tsv": _tsv(_spinal_rows(plan, spinal[one.id], one.status)) for one in plan.spinal}
    return made | {"child.tsv": _tsv(_told(plan, runs))}


def _child(plan: Plan, taken: float, status: int) -> Child:
    return child(plan.seed, plan.number, adherence=taken, days=plan.days[-1] + 1, changed=as_status(status))


def as_status(status: int) -> Mapping[str, float]:
    """The numbers of the model with which every child has this status of the spinal fluid."""
    return {"cns2_b": float(status == 2), "cns3_b": float(status == 3)}


def _told(plan: Plan, runs: Mapping[str, Child]) -> Iterator[dict[str, object]]:
    """Figures of the child, and the day on which a run ends before its time."""
    first = runs[plan.missed[0].id]
    figures: dict[str, float] = {"seed": plan.seed, "number": plan.number}
    figures |= {name: float(first.told[name]) for name in ("age", "male", "mrd_29", "mrd_consolidation", "treatment_ends")}
    figures |= {f"stops_{name}": float(run.told["event_day"]) for name, run in runs.items() if run.told["event"] != NONE}
    return ({"name": name, "value": f"{value:.6g}"} for name, value in figures.items())


def _marrow_rows(plan: Plan, run: Child) -> Iterator[dict[str, object]]:
    series = run.series
    cells = series["treatable"] + series["resistant"]
    filled = np.minimum(1.0, series["room"] + cells / _capacity())
    given = np.cumsum(np.nan_to_num(series["platelets_given"] + series["red_given"]))
    for day, since in _steps(plan):
        at = day - run.days[0]
        if np.isnan(series["neutrophils"][at]):
            return
        yield {
            "days": day, "phase": run.phases[at],
            "neutrophils": f"{series['neutrophils'][at]:.2f}", "platelets": f"{series['platelets'][at]:.0f}",
            "hemoglobin": f"{series['hemoglobin'][at]:.1f}", "blasts": f"{series['blasts'][at]:.2e}", "filled": f"{filled[at]:.2f}",
            "cells": f"{cells[at]:.2e}", "given": int(given[at] - given[max(since - run.days[0], 0)]),
        }  # fmt: skip


def _spinal_rows(plan: Plan, run: Child, status: int) -> Iterator[dict[str, object]]:
    given = _spinal_treatments(plan, status)
    for day, since in _steps(plan):
        cells = run.series["cns"][day - run.days[0]]
        if np.isnan(cells):
            return
        yield {"days": day, "cells": f"{cells:.2e}", "given": round(given[max(since + 1, 0) : max(day + 1, 0)].sum())}


def _spinal_treatments(plan: Plan, status: int) -> Array:
    """How many treatments into the spinal fluid each day of the road has."""
    run = Run(Setting(plan.seed, days=plan.days[-1] + 1))
    road, _ = next(run.by_road(run.children(plan.number, 1)))
    return road.intrathecal + road.intrathecal_more * (status > 1)


def _capacity() -> float:
    return Run(Setting(0, days=1)).numbers.capacity


def _steps(plan: Plan) -> Iterator[tuple[int, int]]:
    """Each day shown, and the one shown before it."""
    yield plan.days[0], plan.days[0] - 1
    yield from ((day, since) for since, day in zip(plan.days, plan.days[1:], strict=False))


def _tsv(rows: Iterator[dict[str, object]]) -> str:
    kept = list(rows)
    lines = [[str(name) for name in kept[0]], *([str(value) for value in row.values()] for row in kept)]
    return "".join("\t".join(line) + "\n" for line in lines)


def choose(plan: Plan, most: int = 8) -> list[int]:
    """Children of this seed that show what the page tells: remission that no test sees through; nothing comes back unless many
    pills are missed, and then it does before the picture ends. Girls of standard risk, so that the road is the shorter one."""
    cohorts = [_cohort(plan, one.taken) for one in plan.missed]
    first, last = cohorts[0], cohorts[-1]
    fits = (first["line"] == 0) & ~first["male"] & ~first["down"] & (first["age"] >= 3) & (first["age"] < 8)
    fits &= (first["mrd_29"] == 0) & (first["mrd_consolidation"] == 0) & (first["blasts_start"] > 0.85) & (first["fevers"] > 0)
    fits &= (first["platelets_start"] < 100) & (first["hemoglobin_start"] < 10) & (first["neutrophils_start"] < 0.8)
    for cohort in cohorts[:-1]:
        fits &= cohort["event"] == NONE
    fits &= (last["event"] == RELAPSE) & (last["sites"] == MARROW) & (last["event_day"] > last["treatment_ends"] + 200)
    return [int(number) for number in np.flatnonzero(fits & (last["event_day"] <= plan.days[-1]))[:most]]


def _cohort(plan: Plan, taken: float) -> Cohort:
    return simulate(CANDIDATES, plan.seed, adherence=taken, days=plan.days[-1] + 1, changed=as_status(1))


def main() -> None:
    root = Path(next((word for word in sys.argv[1:] if not word.startswith("--")), "knowledge"))
    plan = read_plan(root)
    if "--choose" in sys.argv:
        sys.stdout.write(f"children of seed {plan.seed} that fit: {', '.join(map(str, choose(plan)))}\n")
        return
    folder = root / "simulate" / "shown"
    folder.mkdir(exist_ok=True)
    for name, text in tables(plan).items():
        (folder / name).write_text(text, "utf-8")
        sys.stdout.write(f"{len(text):>7,} bytes  {name} ({default_engine()})\n")


if __name__ == "__main__":
    main()

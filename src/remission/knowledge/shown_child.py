"""The invented child that the page on the marrow shows: what is shown (YAML), and its series as a run of the model left them (TSV).

The series are committed so that the site needs no numpy; `python -m remission.simulate.shown` writes them again.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from remission.knowledge.model import Frozen
from remission.knowledge.problems import KnowledgeError
from remission.knowledge.simulate import Phase, Schedule

T = TypeVar("T")

SHOWN_FILE = "shown-child.msgpack"
BEFORE, AFTER = "before", "after"


class Stretch(Frozen, frozen=True):
    """How closely a stretch of time is shown: a step every so many days, up to `until`."""

    until: int
    every: int


class Missed(Frozen, frozen=True):
    """A choice: the share of the pills of maintenance that the child takes."""

    id: str
    taken: float


class Spinal(Frozen, frozen=True):
    """A choice: what was seen in the spinal fluid at diagnosis; `status` is CNS1, 2 or 3."""

    id: str
    status: int


class Moment(Frozen, frozen=True):
    """A day worth a link of its own."""

    id: str
    day: int


class Plan(Frozen, frozen=True):
    """Which child is shown, over which days, with which choices, and what is to be read beside each phase (`topic/claim`)."""

    seed: int
    number: int
    starts: int
    steps: tuple[Stretch, ...]
    opens_at: int
    missed: tuple[Missed, ...]
    spinal: tuple[Spinal, ...]
    moments: tuple[Moment, ...]
    read: dict[str, tuple[str, ...]]
    read_missed: tuple[str, ...]
    read_spinal: tuple[str, ...]
    read_more: tuple[str, ...]

    @property
    def days(self) -> tuple[int, ...]:
        """The days that are shown: those of the stretches, and every moment's."""
        days, at = {self.starts, *(moment.day for moment in self.moments)}, self.starts
        for stretch in self.steps:
            days.update(range(at, stretch.until + 1, stretch.every))
            at = stretch.until
        return tuple(sorted(days))


class Run(Frozen, frozen=True):
    """The child day by day as shown, for one choice of pills missed. After an event there are no more days.

    `blasts` is the share of the marrow's cells that are leukemia cells, `filled` how full its room is, `cells` how many leukemia
    cells there are in all; `given` counts the transfusions since the step before.
    """

    days: tuple[int, ...]
    phase: tuple[str, ...]
    neutrophils: tuple[float, ...]
    platelets: tuple[float, ...]
    hemoglobin: tuple[float, ...]
    blasts: tuple[float, ...]
    filled: tuple[float, ...]
    cells: tuple[float, ...]
    given: tuple[int, ...]


class SpinalRun(Frozen, frozen=True):
    """Leukemia cells in the spinal fluid, for one status at diagnosis; `given` counts treatments there since the step before."""

    days: tuple[int, ...]
    cells: tuple[float, ...]
    given: tuple[int, ...]


class ShownChild(Frozen, frozen=True):
    """All that the page shows. `told` holds figures of the child: age in years, the MRD results (0 is "below the limit"), days."""

    plan: Plan
    told: dict[str, float]
    phases: tuple[Phase, ...]
    missed: dict[str, Run]
    spinal: dict[str, SpinalRun]


def read_shown(root: Path) -> ShownChild:
    """What stands in `knowledge/simulate/shown.yaml` and beside it. Raises `KnowledgeError` with the file and what to do."""
    from remission.knowledge.yaml_file import YamlFile

    plan, folder = read_plan(root), root / "simulate" / "shown"
    shown = ShownChild(
        plan=plan,
        told={row["name"]: float(row["value"]) for row in _rows(folder / "child.tsv")},
        phases=YamlFile(root / "simulate" / "schedule.yaml", _SEE).convert(Schedule).phases,
        missed={one.id: _columns(folder / f"missed-{one.id}.tsv", Run) for one in plan.missed},
        spinal={one.id: _columns(folder / f"spinal-{one.id}.tsv", SpinalRun) for one in plan.spinal},
    )
    shown_days = [*(run.days for run in shown.missed.values()), *(run.days for run in shown.spinal.values())]
    if any(days != plan.days[: len(days)] for days in shown_days):
        raise KnowledgeError(str(folder), "shows other days than shown.yaml asks for.", _AGAIN)
    if (plan.seed, plan.number) != (shown.told["seed"], shown.told["number"]):
        raise KnowledgeError(str(folder), "shows another child than shown.yaml names.", _AGAIN)
    return shown


_SEE = "the shapes in knowledge/shown_child.py"
_AGAIN = "Run `python -m remission.simulate.shown`."


def read_plan(root: Path) -> Plan:
    """Which child is shown, on which days, with which choices. Raises `KnowledgeError`."""
    from remission.knowledge.yaml_file import YamlFile

    return YamlFile(root / "simulate" / "shown.yaml", _SEE).convert(Plan)


def compile_shown(root: Path, into: Path) -> Path:
    """Writes it as one file that loads at once."""
    path = into / SHOWN_FILE
    path.write_bytes(msgspec.msgpack.encode(read_shown(root)))
    return path


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, delimiter="\t"))
    except FileNotFoundError:
        raise KnowledgeError(str(path), "is missing.", _AGAIN) from None


def _columns(path: Path, shape: type[T]) -> T:
    rows = _rows(path)
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}
    try:
        return msgspec.convert(columns, shape, strict=False)
    except msgspec.ValidationError as error:
        raise KnowledgeError(str(path), f"{error}.", _AGAIN) from error

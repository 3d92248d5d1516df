"""Many virtual children at once: `simulate`. The same seed gives the same children, in a cohort of ten and in one of a million."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from math import isfinite
from pathlib import Path

import numpy as np

from remission.knowledge.simulate import Simulation
from remission.simulate.arithmetic import Array
from remission.simulate.columns import COLUMNS, Column, beyond_bounds, columns_of
from remission.simulate.keeping import Kept
from remission.simulate.model import Numbers, load_simulation, numbers_of
from remission.simulate.outcomes import Row
from remission.simulate.problems import SimulationProblem
from remission.simulate.reference import Reference
from remission.simulate.roads import LINES, Road, lay_out
from remission.simulate.sampling import Children, Sampler

CHUNK = 2048  # children drawn and run together; nothing depends on it
CHOSEN = 2.0  # with numbers of one's own, bounds so many times as wide: an odd child in thousands is no broken model
DAYS, MOST_DAYS, MOST_CHILDREN = 2922, 7305, 100_000_000
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Setting:
    """What a run is asked for; two runs with the same setting have the same children, to the last bit."""

    seed: int
    arm: str = "chemotherapy"
    adherence: float | None = None
    days: int = DAYS
    changed: tuple[tuple[str, float], ...] = ()
    only_down: bool = False
    engine: str = "fast"


@dataclass(frozen=True)
class Cohort:
    """The children of a run: columns by name (`cohort["age"]`), their units in `COLUMNS`. All of them are invented."""

    setting: Setting
    n: int
    columns: dict[str, Column]
    version: str

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def __len__(self) -> int:
        return self.n

    @property
    def units(self) -> dict[str, str]:
        return {name: COLUMNS[name].unit for name in self.columns}


def simulate(
    n: int,
    seed: int,
    *,
    arm: str = "chemotherapy",
    adherence: float | None = None,
    days: int = DAYS,
    outputs: Sequence[str] | None = None,
    changed: Mapping[str, float] | None = None,
    only_down: bool = False,
    threads: int | None = None,
    engine: str = "",
    keep: Path | None = None,
    progress: Progress | None = None,
) -> Cohort:
    """`n` virtual children followed for `days` from diagnosis; a summary of each, in the columns `outputs` (all of `COLUMNS`).

    `adherence` gives every child this share of its doses; `changed` sets numbers of the model by name; `keep` is a folder in which
    finished parts are kept, so that a run that was stopped goes on. Raises `SimulationProblem` for what makes no sense.
    """
    setting = Setting(seed, arm, adherence, days, tuple(sorted((changed or {}).items())), only_down, engine or default_engine())
    names = checked(n, setting, outputs)
    run = Run(setting)
    kept = Kept(keep, setting, n, names, run.simulation.version) if keep else None
    columns: dict[str, Column] = {name: np.empty(n, dtype=COLUMNS[name].kept) for name in names}
    done = 0
    for first, part in _parts(run, n, names, threads or min(os.cpu_count() or 1, 16), kept):
        size = len(next(iter(part.values())))
        for name, values in part.items():
            columns[name][first : first + size] = values
        done += size
        if progress:
            progress(done, n)
    return Cohort(setting, n, columns, run.simulation.version)


def default_engine() -> str:
    """The compiled engine where numba is installed (the extra `simulate`), else the plain equations: slower, the same to 1e-5."""
    return "fast" if find_spec("numba") else "reference"


def checked(n: int, setting: Setting, outputs: Sequence[str] | None) -> tuple[str, ...]:
    if not 1 <= n <= MOST_CHILDREN:
        raise SimulationProblem("simulate-children", n=n, most=f"{MOST_CHILDREN:,}")
    if not 0 <= setting.seed < 2**63:
        raise SimulationProblem("simulate-seed", seed=setting.seed)
    if not 1 <= setting.days <= MOST_DAYS:
        raise SimulationProblem("simulate-days", days=setting.days, most=MOST_DAYS)
    if setting.adherence is not None and not (isfinite(setting.adherence) and 0.0 <= setting.adherence <= 1.0):
        raise SimulationProblem("simulate-adherence", adherence=setting.adherence)
    if setting.engine not in ("fast", "reference"):
        raise SimulationProblem("simulate-engine", engine=setting.engine)
    for name in outputs or ():
        if name not in COLUMNS:
            raise SimulationProblem("simulate-no-such-column", name=name, known=", ".join(COLUMNS))
    return tuple(dict.fromkeys(outputs)) if outputs else tuple(COLUMNS)


class Run:
    """A setting made ready to run any of its children."""

    def __init__(self, setting: Setting):
        self.setting = setting
        self.simulation: Simulation = load_simulation()
        self.numbers: Numbers = numbers_of(self.simulation, dict(setting.changed))
        self.roads = lay_out(self.simulation, self.numbers, setting.arm, setting.days)
        self.sampler = Sampler(self.simulation, self.numbers, setting.adherence, setting.only_down)

    @cached_property
    def engine(self) -> Callable[..., tuple[Array, Array]]:
        if self.setting.engine == "reference":
            return reference_engine
        from remission.simulate.prepared import run_fast

        return run_fast

    def children(self, first: int, n: int) -> Children:
        return self.sampler.draw(self.setting.seed, first, n)

    def by_road(self, who: Children) -> Iterator[tuple[Road, np.ndarray[tuple[int], np.dtype[np.intp]]]]:
        """The children of each road; those whose leukemia is likely to last stand together, so that a block is soon done."""
        lasting = np.lexsort((who.sensitivity + 0.1 * who.kill, who.resistant > 0))
        number = np.array([int(line) * 2 + int(male) for line, male in zip(who.line, who.male, strict=True)])
        together: dict[int, tuple[Road, list[int]]] = {}
        for place, line in enumerate(LINES):
            for male in (False, True):
                road = self.roads[line, male]
                together.setdefault(id(road), (road, []))[1].append(place * 2 + int(male))
        for road, numbers in together.values():
            chosen = lasting[np.isin(number[lasting], numbers)]
            if len(chosen):
                yield road, chosen

    def columns(self, first: int, n: int) -> dict[str, Column]:
        who = self.children(first, n)
        left, ends = np.empty((len(Row), n)), np.empty(n)
        for road, chosen in self.by_road(who):
            left[:, chosen], _ = self.engine(self.numbers, road, who.take(chosen))
            ends[chosen] = road.ends
        return self.told(who, np.arange(first, first + n), left, ends)

    def told(self, who: Children, children: Column, left: Array, ends: Array) -> dict[str, Column]:
        """The rows of the cohort of children with these numbers, from what a run left of them."""
        columns = columns_of(self.numbers, self.simulation.harms, who, children, left, ends)
        if self.setting.changed:
            _hold_bounds(columns)
        return columns


def _hold_bounds(columns: Mapping[str, Column]) -> None:
    """Numbers that someone chose may break the model even within their own bounds; what comes out then is not handed on."""
    for name, beyond in beyond_bounds(columns, times=CHOSEN):
        if beyond.any():
            raise SimulationProblem("simulate-out-of-bounds", name=name, child=int(columns["child"][beyond][0]))


def reference_engine(numbers: Numbers, road: Road, children: Children, *, series: bool = False) -> tuple[Array, Array]:
    """The equations as they stand: the summary (rows by children) and the daily series (rows by children by days)."""
    return Reference(numbers, road, children, road.days).run(series)


def _parts(run: Run, n: int, names: tuple[str, ...], threads: int, kept: Kept | None) -> Iterator[tuple[int, dict[str, Column]]]:
    """The columns part by part, in order; a part that is kept is read, any other is run and kept."""
    chunk = CHUNK if kept else max(1, min(CHUNK, -(-n // threads)))
    run.engine  # noqa: B018 - compiled once, before there are threads

    def part(first: int) -> tuple[int, dict[str, Column]]:
        size = min(chunk, n - first)
        found = kept.read(first, size) if kept else None
        if found is None:
            made = run.columns(first, size)
            found = {name: made[name].astype(COLUMNS[name].kept) for name in names}
            if kept:
                kept.write(first, found)
        return first, found

    with ThreadPoolExecutor(threads) as pool:
        firsts = iter(range(0, n, chunk))
        waiting = [pool.submit(part, first) for _, first in zip(range(2 * threads), firsts, strict=False)]
        while waiting:
            done = waiting.pop(0).result()
            waiting.extend(pool.submit(part, first) for _, first in zip(range(1), firsts, strict=False))
            yield done

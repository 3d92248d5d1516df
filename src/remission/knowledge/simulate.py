"""The virtual children as data: what every number of the model is, its unit, where it comes from, and what it is tried against.

`published` was read in a source, `tuned` was set by us so that the rows marked `fit` come out, `assumed` is neither: nobody
measured it. Nothing here computes; `remission.simulate` does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from remission.knowledge.model import Frozen, Text
from remission.knowledge.problems import KnowledgeError

T = TypeVar("T")

SIMULATE_FILE = "simulate.msgpack"

Role = Literal["published", "tuned", "assumed"]
TargetRole = Literal["fit", "check", "always", "shown"]
Line = Literal["standard", "high", "t", "infant"]
Organ = Literal["neutrophils", "platelets", "red", "lymphocytes"]
Therapy = Literal["induction", "gap", "block", "maintenance", "extra"]


class Parameter(Frozen, frozen=True):
    """One number of the model. Outside `low` to `high` it is refused: there the model means nothing. `whole`: days or visits."""

    id: str
    value: float
    unit: str
    role: Role
    source: str
    low: float
    high: float
    about: Text
    whole: bool = False


class ClassOfLeukemia(Frozen, frozen=True):
    """One row of the table of classes: how common, how fast, how it answers to treatment.

    `kill` is the log10 kill of induction; a share `slow` of the children has a slow answer, drawn from `slow_kill` instead.
    """

    id: str
    name: Text
    role: Role
    source: str
    share_young: float
    share_older: float
    share_down: float
    growth: float
    kill: float
    kill_sd: float
    sensitivity: float
    resistant: float
    wbc: float
    wbc_sd: float
    slow: float = 0.0
    slow_kill: float = 0.0
    slow_kill_sd: float = 0.0


class Phase(Frozen, frozen=True):
    """A stretch of treatment: what kind it is, which share of the block's kill it has, and how far it holds each lineage down."""

    id: str
    name: Text
    kind: Therapy
    role: Role
    source: str
    kill_share: float = 0.0
    effects: dict[Organ, float] = msgspec.field(default_factory=dict)
    intrathecal: tuple[int, ...] = ()
    intrathecal_every: int = 0


class Stretch(Frozen, frozen=True):
    """A phase on one road: from which day of treatment, and for how long. Maintenance lasts until the road ends."""

    phase: str
    starts: int
    days: int = 0


class RoadOfTreatment(Frozen, frozen=True):
    """The phases in their order for some kinds of children, and when treatment ends, counted from the first interim maintenance."""

    id: str
    name: Text
    lines: tuple[Line, ...]
    arms: tuple[str, ...]
    stretches: tuple[Stretch, ...]
    extra_kill: float = 0.0
    extra_kill_resistant: float = 0.0


class Arm(Frozen, frozen=True):
    """A treatment that the whole cohort is given, by name."""

    id: str
    name: Text
    role: Role
    source: str


class Schedule(Frozen, frozen=True):
    """All roads, and what is the same on all of them."""

    phases: tuple[Phase, ...]
    roads: tuple[RoadOfTreatment, ...]
    arms: tuple[Arm, ...]
    years_girls: float
    years_boys: float
    years_from: str
    extra_intrathecal: tuple[int, ...]
    role: Role
    source: str

    def phase(self, phase_id: str) -> Phase:
        return next(phase for phase in self.phases if phase.id == phase_id)


class Target(Frozen, frozen=True):
    """A published figure: what it is, and how far ours may be from it.

    A `fit` row may be tuned against, a `check` row never; an `always` row holds for every child; a `shown` row is one of the misses
    that the first draft named: it was looked at while mending them and counts for nothing.
    """

    id: str
    title: Text
    unit: str
    published: str
    low: float
    high: float
    role: TargetRole
    source: str
    note: Text | None = None


class Harm(Frozen, frozen=True):
    """A harm that the model has no mechanism for: it is drawn by age, and whoever shows it says `sampled`."""

    id: str
    name: Text
    source: str
    role: Role
    under_ten: float
    from_ten: float


class CitedSource(Frozen, frozen=True):
    """What a source key means. `library`: the id of the same publication in `knowledge/sources`, where it stands there too."""

    text: str
    address: str = ""
    library: str = ""


class Simulation(Frozen, frozen=True):
    """Everything the virtual children are made of."""

    version: str
    parameters: tuple[Parameter, ...]
    classes: tuple[ClassOfLeukemia, ...]
    schedule: Schedule
    targets: tuple[Target, ...]
    harms: tuple[Harm, ...]
    sources: dict[str, CitedSource]


class _Parameters(Frozen, frozen=True):
    version: str
    parameters: tuple[Parameter, ...]
    sources: dict[str, CitedSource]


class _Classes(Frozen, frozen=True):
    classes: tuple[ClassOfLeukemia, ...]


class _Targets(Frozen, frozen=True):
    targets: tuple[Target, ...]
    harms: tuple[Harm, ...]


def read_simulation(root: Path) -> Simulation:
    """What stands in `knowledge/simulate`. Raises `KnowledgeError` with the file, the place and what is wrong."""
    from remission.knowledge.yaml_file import YamlFile

    def read(name: str, shape: type[T]) -> T:
        return YamlFile(folder / name, "the shapes in knowledge/simulate.py").convert(shape)

    folder = root / "simulate"
    parameters = read("parameters.yaml", _Parameters)
    targets = read("targets.yaml", _Targets)
    simulation = Simulation(
        version=parameters.version,
        parameters=parameters.parameters,
        classes=read("classes.yaml", _Classes).classes,
        schedule=read("schedule.yaml", Schedule),
        targets=targets.targets,
        harms=targets.harms,
        sources=parameters.sources,
    )
    problems = check_simulation(simulation)
    if problems:
        raise KnowledgeError(str(folder), "\n" + "\n".join(problems), "Mend the rows named.")
    return simulation


def compile_simulation(root: Path, folder: Path) -> Path:
    """Reads, checks and writes it as one file, so that an installed copy never parses YAML to run."""
    file = folder / SIMULATE_FILE
    file.write_bytes(msgspec.msgpack.encode(read_simulation(root)))
    return file


def check_simulation(simulation: Simulation) -> list[str]:
    """What is wrong, a sentence each: a value outside its bounds, a source that is not listed, shares that do not add up."""
    problems = [
        f"{one.id} is {one.value}, outside its own bounds." for one in simulation.parameters if not one.low <= one.value <= one.high
    ]
    cited = [(one.id, one.source) for group in _cited(simulation) for one in group] + [("schedule", simulation.schedule.source)]
    problems += [
        f"{where} cites {key}, which is not listed."
        for where, keys in cited
        for key in keys.split(", ")
        if key not in simulation.sources
    ]
    for share in ("share_young", "share_older", "share_down"):
        total = sum(getattr(one, share) for one in simulation.classes)
        if abs(total - 1.0) > 1e-9:
            problems.append(f"the {share} of the classes add up to {total}, not to 1.")
    return problems + _unknown_phases(simulation.schedule)


def _cited(simulation: Simulation) -> tuple[tuple[Parameter | ClassOfLeukemia | Phase | Arm | Target | Harm, ...], ...]:
    schedule = simulation.schedule
    return simulation.parameters, simulation.classes, schedule.phases, schedule.arms, simulation.targets, simulation.harms


def _unknown_phases(schedule: Schedule) -> list[str]:
    known = {phase.id for phase in schedule.phases}
    return [
        f"{road.id} names {one.phase}, which is no phase."
        for road in schedule.roads
        for one in road.stretches
        if one.phase not in known
    ]

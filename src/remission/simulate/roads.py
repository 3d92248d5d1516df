"""A road of treatment laid out by day: what is given on each day, as columns, for one kind of child and one sex."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from remission.knowledge.simulate import Phase, RoadOfTreatment, Simulation, Stretch
from remission.simulate.arithmetic import LN10, Array, exp
from remission.simulate.model import Numbers
from remission.simulate.problems import SimulationProblem

BEFORE: Final = -1  # a phase's number before diagnosis; after treatment it is the number of phases
LINES: Final = ("standard", "high", "t", "infant")
DAYS_A_YEAR: Final = 365.25
CNS_SPAN: Final = 56.0  # days over which the kill by medicine in the blood is told
INDUCTION_LAST: Final = 28


@dataclass
class Road:
    """Columns by day of treatment, from day 0. Kills are natural-log rates a day; each is multiplied by the child's own factor."""

    id: str
    male: bool
    days: int
    ends: int = 0
    consolidation_ends: int = 0
    maintenance_starts: int = 0
    phase: npt.NDArray[np.int64] = field(init=False)
    on: Array = field(init=False)  # 1 on treatment
    maintenance: Array = field(init=False)  # 1 in maintenance
    off: Array = field(init=False)  # 1 after the end of treatment
    kill_induction: Array = field(init=False)  # of the child's log10 kill
    kill_block: Array = field(init=False)  # times sensitivity
    kill_maintenance: Array = field(init=False)  # times sensitivity and exposure
    kill_extra: Array = field(init=False)
    kill_extra_resistant: Array = field(init=False)
    kill_cns: Array = field(init=False)  # times sensitivity
    intrathecal: Array = field(init=False)  # treatments on that day
    intrathecal_more: Array = field(init=False)  # further ones for CNS2 and CNS3
    effect_n: Array = field(init=False)
    effect_p: Array = field(init=False)
    effect_r: Array = field(init=False)
    effect_ly: Array = field(init=False)

    def __post_init__(self) -> None:
        self.phase = np.full(self.days, BEFORE, dtype=np.int64)
        for name, kind in type(self).__annotations__.items():
            if kind == "Array":
                setattr(self, name, np.zeros(self.days))


def lay_out(simulation: Simulation, numbers: Numbers, arm: str, days: int) -> dict[tuple[str, bool], Road]:
    """The road of each line (standard, high, t, infant) and sex under an arm. Raises `SimulationProblem` for an unknown arm."""
    known = [one.id for one in simulation.schedule.arms]
    if arm not in known:
        raise SimulationProblem("simulate-no-such-arm", arm=arm, known=", ".join(known))
    roads: dict[tuple[str, bool], Road] = {}
    for laid in simulation.schedule.roads:
        if arm in laid.arms:
            for male in (False, True):
                road = _road(simulation, numbers, laid, male, days)
                roads |= {(line, male): road for line in laid.lines}
    return roads


def _road(simulation: Simulation, numbers: Numbers, laid: RoadOfTreatment, male: bool, days: int) -> Road:
    schedule = simulation.schedule
    road = Road(laid.id, male, days)
    years = schedule.years_boys if male else schedule.years_girls
    from_day = next(one.starts for one in laid.stretches if one.phase == schedule.years_from)
    road.ends = round(from_day + years * DAYS_A_YEAR)
    order = [phase.id for phase in schedule.phases]
    for stretch in laid.stretches:
        phase = schedule.phase(stretch.phase)
        last = stretch.starts + stretch.days if stretch.days else road.ends
        _lay_phase(road, numbers, laid, phase, order.index(phase.id), stretch.starts, last)
    _marks(road, laid.stretches)
    road.phase[road.ends :] = len(order)
    road.off[road.ends :] = 1.0
    road.on[: road.ends] = 1.0
    for day in schedule.extra_intrathecal:
        road.intrathecal_more[day : day + 1] += 1.0
    return road


def _marks(road: Road, stretches: tuple[Stretch, ...]) -> None:
    starts = {one.phase: one for one in stretches}
    road.consolidation_ends = starts["consolidation"].starts + starts["consolidation"].days
    road.maintenance_starts = starts["maintenance"].starts
    road.maintenance[road.maintenance_starts : road.ends] = 1.0


def _lay_phase(road: Road, numbers: Numbers, laid: RoadOfTreatment, phase: Phase, number: int, first: int, last: int) -> None:
    at = slice(first, last)
    road.phase[at] = number
    for organ, column in (
        ("neutrophils", road.effect_n),
        ("platelets", road.effect_p),
        ("red", road.effect_r),
        ("lymphocytes", road.effect_ly),
    ):
        column[at] = phase.effects.get(organ, 0.0)  # type: ignore[call-overload]
    if phase.kind == "induction":
        road.kill_induction[at] = (LN10 * _wearing_off(last - first, numbers.induction_tau))[: road.days]
    elif phase.kind == "block":
        times = numbers.kill_augmented if laid.id == "augmented" else 1.0
        road.kill_block[at] = numbers.kill_blocks * times * phase.kill_share / (last - first) * LN10
    elif phase.kind == "maintenance":
        road.kill_maintenance[at] = numbers.kill_maintenance / numbers.maintenance_days * LN10
    elif phase.kind == "extra":
        road.kill_extra[at] = laid.extra_kill / (last - first) * LN10
        road.kill_extra_resistant[at] = laid.extra_kill_resistant / (last - first) * LN10
    if phase.kind != "maintenance":
        road.kill_cns[at] = numbers.cns_systemic / CNS_SPAN * LN10
    _lay_intrathecal(road, phase, first, last)


def _lay_intrathecal(road: Road, phase: Phase, first: int, last: int) -> None:
    every = range(0, last - first, phase.intrathecal_every) if phase.intrathecal_every else ()
    for day in (*phase.intrathecal, *every):
        road.intrathecal[first + day : first + day + 1] += 1.0


def _wearing_off(days: int, tau: float) -> Array:
    """Shares of induction's kill by day, together 1: most of it comes early."""
    reached = 1.0 - exp(-np.arange(days + 1) / tau)
    return np.asarray((reached[1:] - reached[:-1]) / reached[-1])

"""The model as its equations, plainly: numpy over the children, one day after the other. `fast` is held equal to this.

docs/virtual-children.md numbers the equations; the same numbers stand here. A day is: look (counts, events), decide (dose,
medicine, fever, transfusions), then let the day pass (leukemia first, then blood, which sees the marrow of the middle of the day).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from remission.simulate.arithmetic import LN10, Array, Keys, exp, log
from remission.simulate.chance import Purpose, bell_of, bits_of, purpose_keys, uniform_of
from remission.simulate.columns import blood_blasts
from remission.simulate.model import Numbers
from remission.simulate.outcomes import (
    COUNTS_BACK,
    DAY_EIGHT,
    DAY_FIFTEEN,
    DAY_TWENTY_NINE,
    DAY_TWENTY_TWO,
    DEATH,
    FAILURE,
    MARKED,
    MARROW,
    NONE,
    OTHER,
    RELAPSE,
    SPINAL,
    TESTIS,
    Daily,
    Row,
)
from remission.simulate.roads import Road
from remission.simulate.sampling import INFANT, Children

SUB_STEPS = 4
MOST_FEEDBACK = 3.0
Flags = npt.NDArray[np.bool_]
STREAMS = (
    Purpose.NOISE,
    Purpose.TAKEN,
    Purpose.FEVER,
    Purpose.LETHAL,
    Purpose.EXTINCT_B,
    Purpose.EXTINCT_R,
    Purpose.EXTINCT_C,
    Purpose.EXTINCT_T,
)


@dataclass
class State:
    """What changes from day to day. `blood` has a row for each of: S; Prol, T1-T3, circ; P T1-T4, circ; R T1-T4, circ; Ly."""

    treatable: Array  # B, cells
    resistant: Array  # R
    cns: Array  # C
    testis: Array  # T
    blood: Array
    noise: Array  # o, in SD
    tgn: Array  # E, umol/L
    exposure: Array  # X
    dose: Array  # share of a full dose that is prescribed
    held: Array  # 1 while the dose is held
    good_visits: Array  # visits in a row with enough neutrophils for a higher dose
    going: Array  # 1 until the first event


S, PROL, N_CIRC, P_1, P_CIRC, R_1, R_CIRC, LY = 0, 1, 5, 6, 10, 11, 15, 16


@dataclass
class Day:
    """What one day looks like: the counts at its start, and what is decided on them."""

    neutrophils: Array
    platelets: Array
    hemoglobin: Array
    lymphocytes: Array
    blasts: Array
    taken: Array
    fever: Array
    platelets_given: Array
    red_given: Array


class Reference:
    """A run of some children on one road."""

    def __init__(self, numbers: Numbers, road: Road, children: Children, days: int):
        self.it, self.road, self.who, self.days = numbers, road, children, days
        self.n = len(children)
        self.before = int(numbers.days_before)
        self.streams: dict[Purpose, Keys] = {one: purpose_keys(children.key, one) for one in STREAMS}
        self.summary = np.zeros((len(Row), self.n))
        self.summary[[Row.NEUTROPHILS_LEAST, Row.PLATELETS_LEAST, Row.HEMOGLOBIN_LEAST]] = np.inf
        self.summary[Row.EVENT_DAY] = days
        self.summary[list(MARKED)] = np.nan
        self.lethal = (
            numbers.lethal
            * np.where(children.down, numbers.lethal_down, 1.0)
            * np.where(children.line == INFANT, numbers.lethal_infant, 1.0)
        )
        self.state = self._start()

    def run(self, series: bool = False) -> tuple[Array, Array]:
        """The summary (rows by children) and, when asked for, the daily series (rows by children by days from the first one)."""
        kept = np.full((len(Daily), self.n if series else 0, self.before + self.days), np.nan)
        for day in range(-self.before, self.days):
            if day > self.road.ends + COUNTS_BACK and not series and self._nothing_can_happen():
                break
            today = self._look(day)
            if day >= 0:
                if day <= self.road.ends + COUNTS_BACK:
                    self._extremes(today)
                self._marks(day, today)
                self._events(day, today)
                self._treat(day, today)
            if series:
                kept[:, :, day + self.before] = np.where(self.state.going > 0, self._row(today), np.nan)
            if day >= 0:
                self._sum_up(day, today)
            self._pass_day(day, today)
        self._finish()
        if series:
            kept[Daily.WHITE] = white_cells(self.it, self.who, kept, self.before)
        return self.summary, kept

    def _nothing_can_happen(self) -> bool:
        state = self.state
        left = state.treatable + state.resistant + state.cns + state.testis
        return bool(np.all((state.going == 0) | (left == 0)))

    # --- where a child begins -----------------------------------------------------------------------------------------

    def _start(self) -> State:
        """Equation 7: u is logistic, backwards from diagnosis; the blood begins at rest with what room that leaves."""
        who, it = self.who, self.it
        self.odds = who.fullness / (1.0 - who.fullness) * exp(-who.growth * self.before)
        room = 1.0 / (1.0 + self.odds)
        input_p = room * (1.0 + it.p_crowding * (np.sqrt(room) - 1.0))
        blood = np.empty((17, self.n))
        blood[S : N_CIRC + 1] = room
        blood[P_CIRC] = exp(log(input_p) / (1.0 + it.p_gamma))
        blood[R_CIRC] = exp(log(room) / (1.0 + it.r_gamma))
        blood[P_1:P_CIRC] = blood[P_CIRC]
        blood[R_1:R_CIRC] = blood[R_CIRC]
        blood[LY] = room
        zero, one = np.zeros(self.n), np.ones(self.n)
        return State(
            zero,
            who.resistant.copy(),
            who.cns_cells.copy(),
            who.testis_cells.copy(),
            blood,
            who.noise.copy(),
            zero,
            one,
            one,
            zero,
            zero,
            one,
        )

    # --- the start of a day: the counts -------------------------------------------------------------------------------

    def _look(self, day: int) -> Day:
        """Equations 2 and 6: counts, and the share of blasts in the marrow."""
        it, who, state = self.it, self.who, self.state
        if day < 0:
            leukemia = it.capacity * self.odds / (1.0 + self.odds)
            state.resistant = leukemia * (who.resistant / (it.capacity * who.fullness))
            state.treatable = leukemia - state.resistant
        if day == 0:
            state.resistant = who.resistant.copy()
            state.treatable = np.maximum(it.capacity * who.fullness - who.resistant, 1.0)
        blood, none = state.blood, np.zeros(self.n)
        leukemia = state.treatable + state.resistant
        return Day(
            neutrophils=who.n_base * blood[N_CIRC] * exp(state.noise * it.noise_sd),
            platelets=who.p_base * blood[P_CIRC],
            hemoglobin=who.r_base * blood[R_CIRC],
            lymphocytes=it.ly_base * blood[LY],
            blasts=leukemia / (leukemia + blood[S] * it.marrow_cells),
            taken=none, fever=none, platelets_given=none, red_given=none,
        )  # fmt: skip

    # --- events -------------------------------------------------------------------------------------------------------

    def _events(self, day: int, today: Day) -> None:
        """Equation 14: the first event of a child ends its run."""
        it, state = self.it, self.state
        if day == DAY_TWENTY_NINE:
            self._end(FAILURE, day, today.blasts >= it.failure_from, np.full(self.n, MARROW))
        elif day > DAY_TWENTY_NINE:
            sites = (
                MARROW * (today.blasts > it.relapse_from)
                + SPINAL * (state.cns > it.cns_from)
                + TESTIS * (state.testis > it.testis_from)
            )
            self._end(RELAPSE, day, sites > 0, sites)
        self._end(OTHER, day, day >= self.who.other_day, np.zeros(self.n))
        if self.road.on[day]:
            ill = (today.neutrophils < it.fever_below) & (uniform_of(bits_of(self.streams[Purpose.FEVER], day)) < it.fever_rate)
            today.fever = ill * state.going
            dies = ill & (uniform_of(bits_of(self.streams[Purpose.LETHAL], day)) < self.lethal)
            self._count_fevers(day, today)
            self._end(DEATH, day, dies, np.zeros(self.n))

    def _count_fevers(self, day: int, today: Day) -> None:
        self.summary[Row.FEVERS] += today.fever
        if day <= DAY_TWENTY_NINE:
            self.summary[Row.FEVERS_INDUCTION] += today.fever

    def _end(self, kind: int, day: int, struck: Flags, sites: npt.NDArray[np.float64] | npt.NDArray[np.int64]) -> None:
        state, summary = self.state, self.summary
        struck = struck & (state.going > 0)
        summary[Row.EVENT][struck] = kind
        summary[Row.EVENT_DAY][struck] = day
        summary[Row.SITES][struck] = sites[struck]
        self._keep_clones(struck)
        state.going = np.where(struck, 0.0, state.going)

    def _keep_clones(self, of: Flags) -> None:
        """What is left of the leukemia is written down, and the run of that child needs it no more."""
        for row, name in (
            (Row.TREATABLE_LEFT, "treatable"),
            (Row.RESISTANT_LEFT, "resistant"),
            (Row.CNS_LEFT, "cns"),
            (Row.TESTIS_LEFT, "testis"),
        ):
            clone = getattr(self.state, name)
            self.summary[row][of] = clone[of]
            setattr(self.state, name, np.where(of, 0.0, clone))

    # --- decisions ----------------------------------------------------------------------------------------------------

    def _treat(self, day: int, today: Day) -> None:
        it, who, state, blood = self.it, self.who, self.state, self.state.blood
        if self.road.maintenance[day]:
            self._dose_rule(day - self.road.maintenance_starts, today)
            willing = uniform_of(bits_of(self.streams[Purpose.TAKEN], day)) < who.adherence
            today.taken = willing * (1.0 - state.held)
        today.platelets_given = (today.platelets < it.transfuse_platelets_below).astype(np.float64)
        today.red_given = (today.hemoglobin < it.transfuse_red_below).astype(np.float64)
        blood[P_CIRC] += today.platelets_given * it.transfuse_platelets_by / who.p_base
        blood[R_CIRC] += today.red_given * it.transfuse_red_by / who.r_base

    def _dose_rule(self, day: int, today: Day) -> None:
        """Equation 17, on the days of visits: hold when low; begin again lower; raise after visits in a row with enough."""
        it, state, count = self.it, self.state, today.neutrophils
        if day % int(it.visit_days):
            return
        again = (state.held > 0) & (count > it.restart_above)
        hold = (state.held == 0) & (count < it.hold_below)
        state.dose = np.where(again, np.maximum(state.dose * it.restart_share, it.dose_least), state.dose)
        state.held = np.where(again, 0.0, np.where(hold, 1.0, state.held))
        self.summary[Row.HOLDS] += hold * state.going
        state.good_visits = np.where(count > it.raise_above, state.good_visits + 1.0, 0.0)
        enough = state.good_visits >= it.raise_visits
        state.dose = np.where(enough, np.minimum(state.dose + it.raise_by, it.dose_most), state.dose)
        state.good_visits = np.where(enough, 0.0, state.good_visits)

    # --- the day passes -----------------------------------------------------------------------------------------------

    def _pass_day(self, day: int, today: Day) -> None:
        it, state = self.it, self.state
        if day < 0:
            half = exp(self.who.growth * 0.5)
            middle = self.odds * half
            crowding = middle / (1.0 + middle)
            self.odds = middle * half
            effects: tuple[float | Array, ...] = (0.0, 0.0, 0.0, 0.0)
        else:
            crowding = self._leukemia_day(day)
            effects = self._effects(day)
            self._medicine_day(day, today)
        wander = bell_of(bits_of(self.streams[Purpose.NOISE], day))
        keep = kept_of_a_day(it)
        state.noise = np.clip(keep * state.noise + sqrt(1.0 - keep * keep) * wander, -it.noise_cut, it.noise_cut)
        for _ in range(SUB_STEPS):
            state.blood = self._runge_kutta(state.blood, crowding, effects, 1.0 / SUB_STEPS)
        if day >= 0 and (day + 1) % int(it.extinct_days) == 0:
            self._extinction(day)

    def _leukemia_day(self, day: int) -> Array:
        """Equations 8 to 12: each clone grows or is killed for a day. Returns u in the middle of the day (equation 1)."""
        it, who, state, road = self.it, self.who, self.state, self.road
        room = 1.0 - np.minimum((state.treatable + state.resistant) / it.capacity, 1.0)
        block = road.kill_block[day] * who.sensitivity
        kill = road.kill_induction[day] * who.kill + block + road.kill_extra[day]
        exposed = np.maximum(it.exposure_floor, 1.0 - it.exposure_slope * (1.0 - state.exposure))
        kill = kill + road.kill_maintenance[day] * who.sensitivity * exposed
        grows = who.growth * room
        treatable = exp(0.5 * (road.off[day] * grows - kill))
        resists = road.kill_extra_resistant[day] + it.resistant_kill * block
        slowed = road.off[day] + (1.0 - road.off[day]) * it.resistant_growth
        resistant = exp(0.5 * (slowed * grows - resists))
        crowding = (state.treatable * treatable + state.resistant * resistant) / it.capacity
        state.treatable = state.treatable * treatable * treatable
        state.resistant = state.resistant * resistant * resistant
        spinal = road.intrathecal[day] + road.intrathecal_more[day] * (who.cns > 1)
        growth_there = (road.off[day] + it.cns_growth * road.maintenance[day]) * who.growth
        state.cns = state.cns * exp(
            growth_there - road.kill_cns[day] * who.sensitivity - spinal * it.intrathecal_kill * LN10 * who.intrathecal
        )
        outside = road.off[day] * who.growth + road.maintenance[day] * it.testis_growth * who.growth
        state.testis = state.testis * exp(outside - it.testis_kill * kill)
        return crowding

    def _effects(self, day: int) -> tuple[float | Array, ...]:
        """What treatment takes today from the making of neutrophils, platelets, red cells, lymphocytes."""
        it, who, road = self.it, self.who, self.road
        neutrophils = np.minimum(road.effect_n[day] + who.slope * self.state.tgn, it.n_effect_most)
        platelets = np.minimum(road.effect_p[day] * who.p_effect, it.p_effect_most)
        return neutrophils, platelets, road.effect_r[day], road.effect_ly[day]

    def _medicine_day(self, day: int, today: Day) -> None:
        """Equations 10 and 16: E-TGN gained today works from tomorrow; doses taken and missed are remembered. A dose that is
        held is neither: it is held because there was much of the medicine, not little."""
        it, who, state = self.it, self.who, self.state
        per_dose = 1000.0 * it.mp_absorbed * it.dose_full / (it.mp_molar * it.mp_volume * it.tgn_km)
        gain = it.gain_absorbed * who.tgn_vmax / it.mp_loss * log(1.0 + per_dose * state.dose)
        state.tgn = state.tgn * exp(-who.tgn_loss) + today.taken * gain
        if self.road.maintenance[day]:
            state.exposure = state.exposure + it.exposure_rate * (today.taken - state.exposure) * (1.0 - state.held)

    def _extinction(self, day: int) -> None:
        """Equation 13: of few cells, chance says how many are left; none is the end of that clone."""
        clones = (
            ("treatable", Purpose.EXTINCT_B),
            ("resistant", Purpose.EXTINCT_R),
            ("cns", Purpose.EXTINCT_C),
            ("testis", Purpose.EXTINCT_T),
        )
        for name, purpose in clones:
            cells = getattr(self.state, name)
            few = np.flatnonzero((cells > 0) & (cells < self.it.extinct_below))
            if len(few):
                draws = uniform_of(bits_of(self.streams[purpose][few], day))
                cells = cells.copy()
                cells[few] = [poisson(float(mean), float(u)) for mean, u in zip(cells[few], draws, strict=True)]
                setattr(self.state, name, cells)

    # --- the blood half -----------------------------------------------------------------------------------------------

    def _rates(self, x: Array, crowding: Array, effects: tuple[float | Array, ...]) -> Array:
        """Equations 1 to 4: how fast each part of the blood changes."""
        it = self.it
        effect_n, effect_p, effect_r, effect_ly = effects
        rate = np.empty_like(x)
        room = x[S]
        rate[S] = it.niche_rate * room * (1.0 - room - crowding)
        feedback = np.power(room / x[N_CIRC], it.n_gamma)
        rate[PROL] = it.n_rate * x[PROL] * ((1.0 - effect_n) * feedback - 1.0)
        rate[PROL + 1 : N_CIRC] = it.n_rate * (x[PROL : N_CIRC - 1] - x[PROL + 1 : N_CIRC])
        rate[N_CIRC] = it.n_loss * (x[N_CIRC - 1] - x[N_CIRC])
        crowded = room * (1.0 + it.p_crowding * (np.sqrt(room) - 1.0))
        lines = (
            (P_1, it.p_rate, it.p_loss, it.p_gamma, crowded * (1.0 - effect_p)),
            (R_1, it.r_rate, it.r_loss, it.r_gamma, room * (1.0 - effect_r)),
        )
        for first, pace, loss, gamma, made in lines:
            last = first + 4
            rate[first] = pace * (made * np.minimum(np.power(x[last], -gamma), MOST_FEEDBACK) - x[first])
            rate[first + 1 : last] = pace * (x[first : last - 1] - x[first + 1 : last])
            rate[last] = loss * (x[last - 1] - x[last])
        rate[LY] = it.ly_rate * (room * (1.0 - effect_ly) - x[LY])
        return rate

    def _runge_kutta(self, x: Array, crowding: Array, effects: tuple[float | Array, ...], h: float) -> Array:
        one = self._rates(x, crowding, effects)
        two = self._rates(x + 0.5 * h * one, crowding, effects)
        three = self._rates(x + 0.5 * h * two, crowding, effects)
        four = self._rates(x + h * three, crowding, effects)
        mean: Array = (one + 2.0 * two + 2.0 * three + four) / 6.0
        return x + h * mean

    # --- writing down -------------------------------------------------------------------------------------------------

    def _row(self, today: Day) -> Array:
        """A day of the daily series; the white cells are told when the run is over."""
        state = self.state
        return np.array([
            today.neutrophils, today.platelets, today.hemoglobin, np.full(self.n, np.nan), today.lymphocytes, today.blasts,
            state.blood[S], state.treatable, state.resistant, state.cns, state.testis, state.tgn, state.dose, today.taken,
            state.held, today.fever, today.platelets_given, today.red_given,
        ])  # fmt: skip

    def _sum_up(self, day: int, today: Day) -> None:
        summary, going = self.summary, self.state.going
        if self.road.maintenance[day]:
            summary[Row.NEUTROPHILS_SUM] += today.neutrophils * going
            summary[Row.MAINTENANCE_DAYS] += going
            summary[Row.DOSE_SUM] += self.state.dose * (1.0 - self.state.held) * going
            summary[Row.TAKEN_DAYS] += today.taken * going
        if self.road.on[day]:
            summary[Row.LOW_DAYS] += (today.neutrophils < self.it.fever_below) * going
        summary[Row.PLATELETS_GIVEN] += today.platelets_given * going
        summary[Row.RED_GIVEN] += today.red_given * going

    def _marks(self, day: int, today: Day) -> None:
        """The days on which the marrow is looked at, and the counts at diagnosis."""
        summary, going = self.summary, self.state.going
        if day == 0:
            healthy = today.neutrophils + today.lymphocytes + self.it.other_base * self.state.blood[S]
            rows = (Row.BLASTS_START, Row.NEUTROPHILS_START, Row.PLATELETS_START, Row.HEMOGLOBIN_START, Row.HEALTHY_WHITE_START)
            for row, value in zip(rows, (today.blasts, today.neutrophils, today.platelets, today.hemoglobin, healthy), strict=True):
                summary[row] = value
        days = (DAY_EIGHT, DAY_FIFTEEN, DAY_TWENTY_TWO, DAY_TWENTY_NINE, self.road.consolidation_ends)
        for row, marked in zip(MARKED, days, strict=True):
            if day == marked:
                summary[row] = np.where(going > 0, today.blasts, np.nan)

    def _extremes(self, today: Day) -> None:
        summary, going = self.summary, self.state.going > 0
        for least, most, value in (
            (Row.NEUTROPHILS_LEAST, Row.NEUTROPHILS_MOST, today.neutrophils),
            (Row.PLATELETS_LEAST, Row.PLATELETS_MOST, today.platelets),
            (Row.HEMOGLOBIN_LEAST, Row.HEMOGLOBIN_MOST, today.hemoglobin),
        ):
            summary[least] = np.where(going, np.minimum(summary[least], value), summary[least])
            summary[most] = np.where(going, np.maximum(summary[most], value), summary[most])

    def _finish(self) -> None:
        """A child in whom nothing more could happen may still have had the event that is no relapse."""
        self._keep_clones(self.state.going > 0)
        late = (self.summary[Row.EVENT] == NONE) & (np.ceil(self.who.other_day) < self.days)
        self.summary[Row.EVENT][late] = OTHER
        self.summary[Row.EVENT_DAY][late] = np.ceil(self.who.other_day[late])


def white_cells(it: Numbers, who: Children, daily: Array, before: int) -> Array:
    """Equation 5: neutrophils, lymphocytes, the other healthy cells, and blasts in proportion to the marrow's. `daily` has rows of
    `Daily` by children by days, the first day of treatment after `before` others; who dies on it is told by the day before."""
    healthy = daily[Daily.NEUTROPHILS] + daily[Daily.LYMPHOCYTES] + it.other_base * daily[Daily.ROOM]
    start = np.where(np.isnan(healthy[:, before]), healthy[:, before - 1], healthy[:, before])
    leukemia = (daily[Daily.TREATABLE] + daily[Daily.RESISTANT]) / (it.capacity * who.fullness)[:, None]
    white: Array = healthy + blood_blasts(it, who, start)[:, None] * leukemia
    return white


def kept_of_a_day(it: Numbers) -> float:
    """What is left after a day of where the wandering of the count stood."""
    return float(exp(np.array(-1.0 / it.noise_days)))


def poisson(mean: float, u: float) -> float:
    """The Poisson number at quantile `u`."""
    term = float(exp(np.array(-mean)))
    reached, count = term, 0
    while u > reached and count < 4.0 * mean + 60.0:
        count += 1
        term *= mean / count
        reached += term
    return float(count)

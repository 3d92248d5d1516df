"""The children and numbers of a run laid out as the compiled engine wants them, and the run itself, on one road at a time."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt
from typing import Any

import numpy as np

from remission.simulate import fast, linear
from remission.simulate.arithmetic import Array, Keys, exp, log
from remission.simulate.chance import purpose_keys
from remission.simulate.model import Numbers
from remission.simulate.outcomes import Daily, Row
from remission.simulate.reference import P_CIRC, R_CIRC, STREAMS, Reference, kept_of_a_day, white_cells
from remission.simulate.roads import Road
from remission.simulate.sampling import Children


def run_fast(
    numbers: Numbers, road: Road, children: Children, *, series: bool = False, block: int = fast.STRIDE
) -> tuple[Array, Array]:
    """The summary (rows by children) and the daily series (rows by children by days), in blocks of at most `block` children."""
    begins = Reference(numbers, road, children, road.days)
    summary = np.zeros((len(Row), len(children)))
    kept = np.full((len(children) if series else 0, len(Daily), begins.before + road.days), np.nan)
    blocks = -(-len(children) // block)
    brought = _brought(numbers, begins, children)
    fast.run_blocks(
        brought, _streams(children), _by_day(road), _chains(numbers), block, 0, blocks, summary, kept, _fixed(numbers, road)
    )
    daily = kept.swapaxes(0, 1)
    if series:
        daily[Daily.WHITE] = white_cells(numbers, children, daily, begins.before)
    return summary, daily


def _brought(numbers: Numbers, begins: Reference, who: Children) -> Array:
    """Rows in the order of `fast`: where the reference begins is where this begins."""
    rows = np.zeros((fast.ROWS + len(Row), len(who)))
    state, blood = begins.state, begins.state.blood
    gain_per = numbers.gain_absorbed * who.tgn_vmax / numbers.mp_loss
    leukemia = numbers.capacity * begins.odds / (1.0 + begins.odds)
    share = who.resistant / (numbers.capacity * who.fullness)
    crowded = blood[0] * (1.0 + numbers.p_crowding * (np.sqrt(blood[0]) - 1.0))
    given_back = exp(-numbers.r_gamma * log(blood[R_CIRC]))
    brings = {
        fast.GROWTH: who.growth, fast.KILL: who.kill, fast.SENSITIVITY: who.sensitivity, fast.SPINAL_FACTOR: who.intrathecal,
        fast.MORE_SPINAL: (who.cns > 1).astype(np.float64), fast.N_BASE: who.n_base, fast.P_BASE: who.p_base,
        fast.R_BASE: who.r_base, fast.P_EFFECT: who.p_effect, fast.SLOPE: who.slope, fast.GAIN_PER: gain_per,
        fast.TGN_KEEP: exp(-who.tgn_loss),
        fast.ADHERENCE: who.adherence, fast.OTHER_DAY: who.other_day, fast.LETHAL_SHARE: begins.lethal, fast.FULLNESS: who.fullness,
        fast.RESISTANT_START: who.resistant, fast.RESISTANT_SHARE: share,
        fast.TREATABLE: leukemia - leukemia * share, fast.RESISTANT: leukemia * share, fast.CNS: who.cns_cells,
        fast.TESTIS: who.testis_cells, fast.FEEDBACK: np.ones(len(who)), fast.PW: exp(-numbers.p_gamma * log(blood[P_CIRC])),
        fast.RW: given_back,
        fast.CROWDED: crowded, fast.NOISE: state.noise, fast.EXPOSURE: state.exposure, fast.DOSE: state.dose,
        fast.GOING: state.going, fast.ODDS: begins.odds, fast.GAIN: gain_per * log(1.0 + _per_dose(numbers) * state.dose),
    }  # fmt: skip
    for row, values in brings.items():
        rows[row // fast.STRIDE] = values
    neutrophils = (fast.ROOM, fast.PROL, fast.T1, fast.T2, fast.T3, fast.CIRC)
    others = (fast.P1, fast.P2, fast.P3, fast.P4, fast.PC, fast.R1, fast.R2, fast.R3, fast.R4, fast.RC, fast.LY)
    for place, row in enumerate(neutrophils + others):
        rows[row // fast.STRIDE] = blood[place]
    rows[fast.ROWS :] = begins.summary
    return rows


def _streams(children: Children) -> Keys:
    return np.array([purpose_keys(children.key, one) for one in STREAMS])


def _per_dose(numbers: Numbers) -> float:
    return 1000.0 * numbers.mp_absorbed * numbers.dose_full / (numbers.mp_molar * numbers.mp_volume * numbers.tgn_km)


def _fixed(numbers: Numbers, road: Road) -> fast.Fixed:
    keep = kept_of_a_day(numbers)
    made: dict[str, Any] = {
        "before": int(numbers.days_before), "days": road.days, "ends": road.ends, "maintenance_starts": road.maintenance_starts,
        "consolidation_ends": road.consolidation_ends, "visit_days": int(numbers.visit_days),
        "extinct_days": int(numbers.extinct_days),
        "ly_keep": linear.day_of([[-numbers.ly_rate]], numbers.ly_rate)[0][0][0], "noise_keep": keep,
        "noise_step": sqrt(1.0 - keep * keep), "per_dose": _per_dose(numbers),
    }  # fmt: skip
    named: dict[str, Any] = {name: numbers[name] for name in fast.Fixed._fields if name not in made}
    return fast.Fixed(**made, **named)


def _by_day(road: Road) -> Array:
    columns = (
        road.on, road.maintenance, road.off, road.kill_induction, road.kill_block, road.kill_maintenance, road.kill_extra,
        road.kill_extra_resistant, road.kill_cns, road.intrathecal, road.intrathecal_more, road.effect_n, road.effect_p,
        road.effect_r, road.effect_ly,
    )  # fmt: skip
    return np.array(columns)


def _chains(numbers: Numbers) -> tuple[fast.Chain, fast.Chain, fast.Chain]:
    _, feeds = linear.day_of([[-numbers.ly_rate]], numbers.ly_rate)
    return _chain(numbers.p_rate, numbers.p_loss), _chain(numbers.r_rate, numbers.r_loss), tuple(feeds[0])


@lru_cache(maxsize=64)
def _chain(pace: float, loss: float) -> fast.Chain:
    """A day of a chain as the compiled engine wants it: what is moved on by 0 to 3 steps, the last one's row, the feeds."""
    moved, fed = linear.day_of(linear.chain(pace, 4, loss), pace)
    return tuple([moved[row][0] for row in range(4)] + moved[4] + [value for row in fed for value in row])

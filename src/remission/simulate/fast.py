"""The model as machine code: blocks of children, the children innermost, a whole day of blood in a few hundred operations.

Same equations as `reference`, with four differences that tests hold to a stated error: the feedback (S/circ)^gamma is carried as
a state of its own and set right once a week, 1/circ likewise once a day; chains that are linear move a day at a time (`linear`);
the powers of platelets and red cells are taken once a day; and a block is left as soon as nothing can happen to any child in it.

A block is one flat array of rows, `STRIDE` apart: so the compiler sees that rows do not overlap, and takes several children at
once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from remission.simulate.arithmetic import LN10, Array, Keys
from remission.simulate.compiled import compiled, inlined
from remission.simulate.fast_arithmetic import bell, exp, log, mix, poisson, uniform
from remission.simulate.outcomes import (
    COUNTS_BACK,
    DAY_EIGHT,
    DAY_FIFTEEN,
    DAY_TWENTY_NINE,
    DAY_TWENTY_TWO,
    Daily,
    Row,
)
from remission.simulate.outcomes import DEATH as EVENT_DEATH
from remission.simulate.outcomes import FAILURE as EVENT_FAILURE
from remission.simulate.outcomes import MARROW as SITE_MARROW
from remission.simulate.outcomes import OTHER as EVENT_OTHER
from remission.simulate.outcomes import RELAPSE as EVENT_RELAPSE
from remission.simulate.outcomes import SPINAL as SITE_SPINAL
from remission.simulate.outcomes import TESTIS as SITE_TESTIS

STRIDE = 64  # the most children in a block; all rows of a block fit into the nearest cache
ANCHOR_DAYS = 7
QUARTER, SIXTY_FOURTH = 1.0 / 4.0, 1.0 / 64.0
THIRD, SIXTH, SEVENTH, NINTH, TWENTY_FOURTH = 1.0 / 3.0, 1.0 / 6.0, 1.0 / 7.0, 1.0 / 9.0, 1.0 / 24.0
GOLDEN, DAY_ZERO = np.uint64(0x9E3779B97F4A7C15), 4096

(
    # What a child brings.
    GROWTH, KILL, SENSITIVITY, SPINAL_FACTOR, MORE_SPINAL, N_BASE, P_BASE, R_BASE, P_EFFECT, SLOPE, GAIN_PER, TGN_KEEP,
    ADHERENCE, OTHER_DAY, LETHAL_SHARE, FULLNESS, RESISTANT_START, RESISTANT_SHARE,
    # What changes.
    TREATABLE, RESISTANT, CNS, TESTIS, ROOM, PROL, T1, T2, T3, CIRC, FEEDBACK, ONE_OVER, P1, P2, P3, P4, PC, PW, PD, CROWDED,
    R1, R2, R3, R4, RC, RW, RD, LY, NOISE, TGN, EXPOSURE, DOSE, HELD, GOOD, GOING, GAIN, ODDS,
    # What a day is about.
    COUNT, TAKEN, FEVER, P_GIVEN, R_GIVEN, CROWDING, ROOM_1, ROOM_3, ROOM_0, MADE_0, MADE_1, MADE_2, MADE_3,
) = (row * STRIDE for row in range(68))  # fmt: skip
ROWS = 68
SUMMARY = ROWS * STRIDE  # behind them the rows of the summary
SIZE = (ROWS + len(Row)) * STRIDE

# Rows of the road.
(
    ON, MAINTENANCE, OFF, KILL_INDUCTION, KILL_BLOCK, KILL_MAINTENANCE, KILL_EXTRA, KILL_EXTRA_RESISTANT, KILL_CNS, INTRATHECAL,
    INTRATHECAL_MORE, EFFECT_N, EFFECT_P, EFFECT_R, EFFECT_LY,
) = range(15)  # fmt: skip

# Streams of chance.
(NOISE_KEY, TAKEN_KEY, FEVER_KEY, LETHAL_KEY, EXTINCT_KEY) = (row * STRIDE for row in range(5))
STREAMS = 8


def _summary(row: Row) -> int:
    return SUMMARY + int(row) * STRIDE


EVENT, EVENT_DAY, SITES = _summary(Row.EVENT), _summary(Row.EVENT_DAY), _summary(Row.SITES)
START, BLASTS_8, BLASTS_CONSOLIDATION = _summary(Row.BLASTS_START), _summary(Row.BLASTS_8), _summary(Row.BLASTS_CONSOLIDATION)
COUNT_SUM, MAINTENANCE_SUM = _summary(Row.NEUTROPHILS_SUM), _summary(Row.MAINTENANCE_DAYS)
DOSE_SUM, TAKEN_SUM, HOLDS = _summary(Row.DOSE_SUM), _summary(Row.TAKEN_DAYS), _summary(Row.HOLDS)
FEVERS, FEVERS_INDUCTION = _summary(Row.FEVERS), _summary(Row.FEVERS_INDUCTION)
P_GIVEN_SUM, R_GIVEN_SUM, LOW_SUM = _summary(Row.PLATELETS_GIVEN), _summary(Row.RED_GIVEN), _summary(Row.LOW_DAYS)
EXTREMES, LEFT = _summary(Row.NEUTROPHILS_LEAST), _summary(Row.TREATABLE_LEFT)
N_LEAST, N_MOST, P_LEAST, P_MOST, R_LEAST, R_MOST = (EXTREMES + place * STRIDE for place in range(6))
CONSOLIDATION_ROW = BLASTS_CONSOLIDATION
STARTS_AT = START
SERIES_ROWS = len(Daily)


class Fixed(NamedTuple):
    """The numbers that are the same for every child of a run."""

    before: int
    days: int
    ends: int
    maintenance_starts: int
    consolidation_ends: int
    visit_days: int
    extinct_days: int
    capacity: float
    marrow_cells: float
    niche_rate: float
    n_rate: float
    n_loss: float
    n_gamma: float
    n_effect_most: float
    p_effect_most: float
    p_loss: float
    p_gamma: float
    p_crowding: float
    r_loss: float
    r_gamma: float
    ly_keep: float
    ly_base: float
    other_base: float
    noise_sd: float
    noise_keep: float
    noise_step: float
    noise_cut: float
    transfuse_platelets_below: float
    transfuse_platelets_by: float
    transfuse_red_below: float
    transfuse_red_by: float
    per_dose: float
    hold_below: float
    restart_above: float
    restart_share: float
    raise_above: float
    raise_visits: float
    raise_by: float
    dose_most: float
    dose_least: float
    exposure_rate: float
    exposure_slope: float
    exposure_floor: float
    resistant_growth: float
    resistant_kill: float
    extinct_below: float
    intrathecal_kill: float
    cns_growth: float
    testis_kill: float
    testis_growth: float
    failure_from: float
    relapse_from: float
    cns_from: float
    testis_from: float
    fever_rate: float
    fever_below: float


Chain = tuple[float, ...]  # m0-m3, l0-l4, then five rows of four feeds

# --- the blood half ---------------------------------------------------------------------------------------------------


@inlined
def _slopes(
    s: float, p: float, t1: float, t2: float, t3: float, c: float, f: float, v: float, room: float, q: float, it: Fixed
) -> Any:
    """How fast the niche and the neutrophils change; `f` is (s/c)^gamma and `v` is 1/c, both carried along."""
    grows = it.niche_rate * (room - s)
    flow = it.n_loss * (t3 - c)
    return (
        s * grows,
        it.n_rate * (p * (q * f - 1.0)),
        it.n_rate * (p - t1),
        it.n_rate * (t1 - t2),
        it.n_rate * (t2 - t3),
        flow,
        it.n_gamma * (f * (grows - flow * v)),
        -(v * v) * flow,
    )


@inlined
def _sub_step(
    s: float, p: float, t1: float, t2: float, t3: float, c: float, f: float, v: float, room: float, q: float, it: Fixed
) -> Any:
    """A quarter of a day by Runge and Kutta's fourth order."""
    h = 0.5 * QUARTER
    a0, a1, a2, a3, a4, a5, a6, a7 = _slopes(s, p, t1, t2, t3, c, f, v, room, q, it)
    b0, b1, b2, b3, b4, b5, b6, b7 = _slopes(
        s + h * a0, p + h * a1, t1 + h * a2, t2 + h * a3, t3 + h * a4, c + h * a5, f + h * a6, v + h * a7, room, q, it
    )
    c0, c1, c2, c3, c4, c5, c6, c7 = _slopes(
        s + h * b0, p + h * b1, t1 + h * b2, t2 + h * b3, t3 + h * b4, c + h * b5, f + h * b6, v + h * b7, room, q, it
    )
    h = QUARTER
    d0, d1, d2, d3, d4, d5, d6, d7 = _slopes(
        s + h * c0, p + h * c1, t1 + h * c2, t2 + h * c3, t3 + h * c4, c + h * c5, f + h * c6, v + h * c7, room, q, it
    )
    h = QUARTER / 6.0
    return (
        s + h * (a0 + d0 + 2.0 * (b0 + c0)),
        p + h * (a1 + d1 + 2.0 * (b1 + c1)),
        t1 + h * (a2 + d2 + 2.0 * (b2 + c2)),
        t2 + h * (a3 + d3 + 2.0 * (b3 + c3)),
        t3 + h * (a4 + d4 + 2.0 * (b4 + c4)),
        c + h * (a5 + d5 + 2.0 * (b5 + c5)),
        f + h * (a6 + d6 + 2.0 * (b6 + c6)),
        v + h * (a7 + d7 + 2.0 * (b7 + c7)),
    )


@compiled
def _neutrophils(w: Array, n: int, effect: float, it: Fixed) -> None:
    """Equations 1 and 2 for a day, in four sub-steps; where the niche stood in between is kept for the other lineages."""
    for i in range(n):
        room = 1.0 - w[CROWDING + i]
        held_down = effect + w[SLOPE + i] * w[TGN + i]
        held_down = it.n_effect_most if held_down > it.n_effect_most else held_down
        q = 1.0 - held_down
        s, p, t1, t2, t3 = w[ROOM + i], w[PROL + i], w[T1 + i], w[T2 + i], w[T3 + i]
        c, f, v = w[CIRC + i], w[FEEDBACK + i], 1.0 / w[CIRC + i]
        w[ROOM_0 + i] = s
        s, p, t1, t2, t3, c, f, v = _sub_step(s, p, t1, t2, t3, c, f, v, room, q, it)
        w[ROOM_1 + i] = s
        s, p, t1, t2, t3, c, f, v = _sub_step(s, p, t1, t2, t3, c, f, v, room, q, it)
        s, p, t1, t2, t3, c, f, v = _sub_step(s, p, t1, t2, t3, c, f, v, room, q, it)
        w[ROOM_3 + i] = s
        s, p, t1, t2, t3, c, f, v = _sub_step(s, p, t1, t2, t3, c, f, v, room, q, it)
        w[ROOM + i], w[PROL + i], w[T1 + i], w[T2 + i], w[T3 + i], w[CIRC + i], w[FEEDBACK + i] = s, p, t1, t2, t3, c, f


@compiled
def _anchor(w: Array, n: int, it: Fixed) -> None:
    """Sets the carried powers right."""
    for i in range(n):
        w[FEEDBACK + i] = exp(it.n_gamma * (log(w[ROOM + i]) - log(w[CIRC + i])))
    for i in range(n):
        w[PW + i] = exp(-it.p_gamma * log(w[PC + i]))
    for i in range(n):
        w[RW + i] = exp(-it.r_gamma * log(w[RC + i]))


@inlined
def _chain_day(
    w: Array, n: int, x1: int, x2: int, x3: int, x4: int, xc: int, xw: int, xd: int, gamma: float, loss: float, chain: Chain
) -> None:
    """Equation 3 for a day: what flows in stands in MADE_0 to MADE_3, still without the answer to a low count.

    That answer, circ^-gamma, is known at both ends of the day with its slope, and so, by a cubic, in between; the end of the day is
    foreseen with the answer of its start, which hardly moves it: four steps lie between.
    """
    m0, m1, m2, m3, l0, l1, l2, l3, l4 = chain[0], chain[1], chain[2], chain[3], chain[4], chain[5], chain[6], chain[7], chain[8]
    a0, a1, a2, a3, b0, b1, b2, b3 = chain[9], chain[10], chain[11], chain[12], chain[13], chain[14], chain[15], chain[16]
    c0, c1, c2, c3, d0, d1, d2, d3 = chain[17], chain[18], chain[19], chain[20], chain[21], chain[22], chain[23], chain[24]
    e0, e1, e2, e3 = chain[25], chain[26], chain[27], chain[28]
    for i in range(n):
        y1, y2, y3, y4, y5, before, slope = w[x1 + i], w[x2 + i], w[x3 + i], w[x4 + i], w[xc + i], w[xw + i], w[xd + i]
        i0, i1, i2, i3 = w[MADE_0 + i], w[MADE_1 + i], w[MADE_2 + i], w[MADE_3 + i]
        moved, moved_4 = l0 * y1 + l1 * y2 + l2 * y3 + l3 * y4 + l4 * y5, m3 * y1 + m2 * y2 + m1 * y3 + m0 * y4
        circ = moved + before * (e0 * i0 + e1 * i1 + e2 * i2 + e3 * i3)
        fourth = moved_4 + before * (d0 * i0 + d1 * i1 + d2 * i2 + d3 * i3)
        both = circ + y5
        over = 1.0 / (both * circ)
        f = (circ - y5) * (circ * over)  # half of the change of ln circ is f + f^3/3 + ...
        square = f * f
        less = -2.0 * gamma * (f + f * square * (THIRD + square * (0.2 + square * (SEVENTH + square * NINTH))))
        after = before * (1.0 + less * (1.0 + less * (0.5 + less * (SIXTH + less * TWENTY_FOURTH))))
        slope_after = -gamma * after * (loss * (fourth * (both * over) - 1.0))
        i1 = i1 * ((54.0 * before + 10.0 * after + 9.0 * slope - 3.0 * slope_after) * SIXTY_FOURTH)
        i2 = i2 * ((10.0 * before + 54.0 * after + 3.0 * slope - 9.0 * slope_after) * SIXTY_FOURTH)
        i0, i3 = i0 * before, i3 * after
        w[xc + i] = moved + (e0 * i0 + e1 * i1 + e2 * i2 + e3 * i3)
        w[x4 + i] = moved_4 + (d0 * i0 + d1 * i1 + d2 * i2 + d3 * i3)
        w[x3 + i] = (m2 * y1 + m1 * y2 + m0 * y3) + (c0 * i0 + c1 * i1 + c2 * i2 + c3 * i3)
        w[x2 + i] = (m1 * y1 + m0 * y2) + (b0 * i0 + b1 * i1 + b2 * i2 + b3 * i3)
        w[x1 + i] = m0 * y1 + (a0 * i0 + a1 * i1 + a2 * i2 + a3 * i3)
        w[xw + i], w[xd + i] = after, slope_after


@inlined
def _crowded(s: float, more: float) -> float:
    return float(s * (1.0 + more * (np.sqrt(s) - 1.0)))


@compiled
def _platelets(w: Array, n: int, effect: float, chain: Chain, it: Fixed) -> None:
    for i in range(n):
        held_down = effect * w[P_EFFECT + i]
        held_down = it.p_effect_most if held_down > it.p_effect_most else held_down
        made = 1.0 - held_down
        w[MADE_0 + i] = made * w[CROWDED + i]
        w[MADE_1 + i] = made * _crowded(w[ROOM_1 + i], it.p_crowding)
        w[MADE_2 + i] = made * _crowded(w[ROOM_3 + i], it.p_crowding)
        w[CROWDED + i] = _crowded(w[ROOM + i], it.p_crowding)
        w[MADE_3 + i] = made * w[CROWDED + i]
    _chain_day(w, n, P1, P2, P3, P4, PC, PW, PD, it.p_gamma, it.p_loss, chain)


@compiled
def _red_and_lymphocytes(w: Array, n: int, effect_r: float, effect_ly: float, chain: Chain, feeds: Chain, it: Fixed) -> None:
    g0, g1, g2, g3 = feeds[0], feeds[1], feeds[2], feeds[3]
    for i in range(n):
        s0, s1, s2, s3 = w[ROOM_0 + i], w[ROOM_1 + i], w[ROOM_3 + i], w[ROOM + i]
        w[LY + i] = it.ly_keep * w[LY + i] + (1.0 - effect_ly) * (g0 * s0 + g1 * s1 + g2 * s2 + g3 * s3)
        made = 1.0 - effect_r
        w[MADE_0 + i], w[MADE_1 + i], w[MADE_2 + i], w[MADE_3 + i] = made * s0, made * s1, made * s2, made * s3
    _chain_day(w, n, R1, R2, R3, R4, RC, RW, RD, it.r_gamma, it.r_loss, chain)


@compiled
def _wander(w: Array, keys: Keys, n: int, day: Any, it: Fixed) -> None:
    for i in range(n):
        o = it.noise_keep * w[NOISE + i] + it.noise_step * bell(mix(keys[NOISE_KEY + i] + day))
        o = it.noise_cut if o > it.noise_cut else o
        w[NOISE + i] = -it.noise_cut if o < -it.noise_cut else o


@compiled
def _count(w: Array, n: int, it: Fixed) -> None:
    for i in range(n):
        w[COUNT + i] = w[N_BASE + i] * w[CIRC + i] * exp(w[NOISE + i] * it.noise_sd)


# --- the leukemia half ------------------------------------------------------------------------------------------------


@compiled
def _of_all(w: Array, i: int, it: Fixed) -> None:
    """Before diagnosis the resistant clone is the same share of the leukemia all the time."""
    leukemia = it.capacity * w[ODDS + i] / (1.0 + w[ODDS + i])
    w[RESISTANT + i] = leukemia * w[RESISTANT_SHARE + i]
    w[TREATABLE + i] = leukemia - w[RESISTANT + i]


@compiled
def _before_diagnosis(w: Array, n: int, it: Fixed) -> None:
    """Equation 7."""
    for i in range(n):
        half = exp(w[GROWTH + i] * 0.5)
        middle = w[ODDS + i] * half
        w[CROWDING + i] = middle / (1.0 + middle)
        w[ODDS + i] = middle * half
        _of_all(w, i, it)


@compiled
def _leukemia(w: Array, n: int, road: Array, day: int, it: Fixed) -> None:
    """Equations 8 to 12: each clone grows or is killed for a day; blood sees the marrow of the middle of the day."""
    off, induction, block = road[OFF, day], road[KILL_INDUCTION, day], road[KILL_BLOCK, day]
    maintenance, extra, extra_resistant = road[KILL_MAINTENANCE, day], road[KILL_EXTRA, day], road[KILL_EXTRA_RESISTANT, day]
    slowed = off + (1.0 - off) * it.resistant_growth
    per_crowd = 1.0 / it.capacity
    outside = off + it.testis_growth * road[MAINTENANCE, day]
    for i in range(n):
        b, r, sensitive, growth = w[TREATABLE + i], w[RESISTANT + i], w[SENSITIVITY + i], w[GROWTH + i]
        crowd = (b + r) * per_crowd
        room = 1.0 - (1.0 if crowd > 1.0 else crowd)
        exposed = 1.0 - it.exposure_slope * (1.0 - w[EXPOSURE + i])
        exposed = it.exposure_floor if exposed < it.exposure_floor else exposed
        kill = induction * w[KILL + i] + (block + maintenance * exposed) * sensitive + extra
        half_b = exp(0.5 * (off * growth * room - kill))
        half_r = exp(0.5 * (slowed * growth * room - extra_resistant - it.resistant_kill * block * sensitive))
        w[CROWDING + i] = (b * half_b + r * half_r) * per_crowd
        w[TREATABLE + i] = b * half_b * half_b
        w[RESISTANT + i] = r * half_r * half_r
        w[TESTIS + i] = w[TESTIS + i] * exp(outside * growth - it.testis_kill * kill)
    _spinal(w, n, road, day, it)


@compiled
def _spinal(w: Array, n: int, road: Array, day: int, it: Fixed) -> None:
    given, more = road[INTRATHECAL, day] * it.intrathecal_kill * LN10, road[INTRATHECAL_MORE, day] * it.intrathecal_kill * LN10
    grows, systemic = road[OFF, day] + it.cns_growth * road[MAINTENANCE, day], road[KILL_CNS, day]
    for i in range(n):
        spinal = (given + more * w[MORE_SPINAL + i]) * w[SPINAL_FACTOR + i]
        w[CNS + i] = w[CNS + i] * exp(grows * w[GROWTH + i] - systemic * w[SENSITIVITY + i] - spinal)


@compiled
def _alive(w: Array, n: int) -> bool:
    """Whether any child has any clone left, and its run goes on."""
    left = 0.0
    for i in range(n):
        left += (w[TREATABLE + i] + w[RESISTANT + i] + w[CNS + i] + w[TESTIS + i]) * w[GOING + i]
    return left > 0.0


@compiled
def _extinction(w: Array, keys: Keys, n: int, day: Any, it: Fixed) -> None:
    """Equation 13: of few cells, chance says how many are left."""
    for clone in range(4):
        for i in range(n):
            cells = w[TREATABLE + clone * STRIDE + i]
            if 0.0 < cells < it.extinct_below:
                w[TREATABLE + clone * STRIDE + i] = poisson(cells, uniform(mix(keys[EXTINCT_KEY + clone * STRIDE + i] + day)))


# --- events and decisions ---------------------------------------------------------------------------------------------


@compiled
def _end(w: Array, i: int, kind: int, day: int, sites: int) -> None:
    """The first event of a child: what is left of its leukemia is written down, and no longer needed."""
    w[EVENT + i], w[EVENT_DAY + i], w[SITES + i], w[GOING + i] = kind, day, sites, 0.0
    _keep_clones(w, i)


@compiled
def _keep_clones(w: Array, i: int) -> None:
    for clone in range(4):
        w[LEFT + clone * STRIDE + i] = w[TREATABLE + clone * STRIDE + i]
        w[TREATABLE + clone * STRIDE + i] = 0.0


@inlined
def _blasts(w: Array, i: int, it: Fixed) -> float:
    leukemia = w[TREATABLE + i] + w[RESISTANT + i]
    return float(leukemia / (leukemia + w[ROOM + i] * it.marrow_cells))


@compiled
def _relapses(w: Array, n: int, day: int, it: Fixed) -> None:
    """Equation 14. One look over the block says whether anybody needs a second one."""
    struck = 0
    for i in range(n):
        leukemia = w[TREATABLE + i] + w[RESISTANT + i]
        marrow = leukemia * (1.0 - it.relapse_from) > it.relapse_from * 0.999 * (w[ROOM + i] * it.marrow_cells)
        struck += 1 if marrow or w[CNS + i] > it.cns_from or w[TESTIS + i] > it.testis_from else 0
    if struck == 0:
        return
    for i in range(n):
        sites = SITE_MARROW if _blasts(w, i, it) > it.relapse_from else 0
        sites += SITE_SPINAL if w[CNS + i] > it.cns_from else 0
        sites += SITE_TESTIS if w[TESTIS + i] > it.testis_from else 0
        if w[GOING + i] > 0.0 and sites > 0:
            _end(w, i, EVENT_RELAPSE, day, sites)


@compiled
def _failures(w: Array, n: int, day: int, it: Fixed) -> None:
    for i in range(n):
        if w[GOING + i] > 0.0 and _blasts(w, i, it) >= it.failure_from:
            _end(w, i, EVENT_FAILURE, day, SITE_MARROW)


@compiled
def _others(w: Array, n: int, day: int) -> None:
    struck = 0
    for i in range(n):
        struck += 1 if w[OTHER_DAY + i] <= day else 0
    if struck:
        for i in range(n):
            if w[GOING + i] > 0.0 and w[OTHER_DAY + i] <= day:
                _end(w, i, EVENT_OTHER, day, 0)


@compiled
def _fevers(w: Array, keys: Keys, n: int, day: int, draw: Any, it: Fixed) -> None:
    low = 0
    for i in range(n):
        w[FEVER + i] = 0.0
        low += 1 if w[COUNT + i] < it.fever_below else 0
    if low == 0:
        return
    for i in range(n):
        if w[COUNT + i] < it.fever_below and w[GOING + i] > 0.0 and uniform(mix(keys[FEVER_KEY + i] + draw)) < it.fever_rate:
            w[FEVER + i] = 1.0
            w[FEVERS + i] += 1.0
            w[FEVERS_INDUCTION + i] += 1.0 if day <= DAY_TWENTY_NINE else 0.0
            if uniform(mix(keys[LETHAL_KEY + i] + draw)) < w[LETHAL_SHARE + i]:
                _end(w, i, EVENT_DEATH, day, 0)


@compiled
def _dose_rule(w: Array, n: int, it: Fixed) -> None:
    """Equation 17."""
    for i in range(n):
        count = w[COUNT + i]
        if w[HELD + i] > 0.0:
            if count > it.restart_above:
                w[DOSE + i] = max(w[DOSE + i] * it.restart_share, it.dose_least)
                w[HELD + i] = 0.0
        elif count < it.hold_below:
            w[HELD + i] = 1.0
            w[HOLDS + i] += w[GOING + i]
        w[GOOD + i] = w[GOOD + i] + 1.0 if count > it.raise_above else 0.0
        if w[GOOD + i] >= it.raise_visits:
            w[DOSE + i] = min(w[DOSE + i] + it.raise_by, it.dose_most)
            w[GOOD + i] = 0.0
        w[GAIN + i] = w[GAIN_PER + i] * log(1.0 + it.per_dose * w[DOSE + i])


@compiled
def _take(w: Array, keys: Keys, n: int, draw: Any) -> None:
    for i in range(n):
        willing = 1.0 if uniform(mix(keys[TAKEN_KEY + i] + draw)) < w[ADHERENCE + i] else 0.0
        w[TAKEN + i] = willing * (1.0 - w[HELD + i])


@compiled
def _transfuse(w: Array, n: int, it: Fixed) -> None:
    low = 0
    for i in range(n):
        platelets, red = w[P_BASE + i] * w[PC + i], w[R_BASE + i] * w[RC + i]
        w[P_GIVEN + i] = 1.0 if platelets < it.transfuse_platelets_below else 0.0
        w[R_GIVEN + i] = 1.0 if red < it.transfuse_red_below else 0.0
        low += 1 if platelets < it.transfuse_platelets_below or red < it.transfuse_red_below else 0
    if low == 0:
        return
    for i in range(n):
        if w[P_GIVEN + i] > 0.0 or w[R_GIVEN + i] > 0.0:
            w[PC + i] += w[P_GIVEN + i] * it.transfuse_platelets_by / w[P_BASE + i]
            w[RC + i] += w[R_GIVEN + i] * it.transfuse_red_by / w[R_BASE + i]
            w[PW + i] = exp(-it.p_gamma * log(w[PC + i]))
            w[RW + i] = exp(-it.r_gamma * log(w[RC + i]))
            w[PD + i] = -it.p_gamma * w[PW + i] * it.p_loss * (w[P4 + i] / w[PC + i] - 1.0)
            w[RD + i] = -it.r_gamma * w[RW + i] * it.r_loss * (w[R4 + i] / w[RC + i] - 1.0)
            w[P_GIVEN_SUM + i] += w[P_GIVEN + i] * w[GOING + i]
            w[R_GIVEN_SUM + i] += w[R_GIVEN + i] * w[GOING + i]


@compiled
def _medicine(w: Array, n: int, in_maintenance: float, it: Fixed) -> None:
    """Equations 10 and 16: E-TGN gained today works from tomorrow; doses taken and missed are remembered, held ones are neither."""
    rate = it.exposure_rate * in_maintenance
    for i in range(n):
        w[TGN + i] = w[TGN + i] * w[TGN_KEEP + i] + w[TAKEN + i] * w[GAIN + i]
        w[EXPOSURE + i] = w[EXPOSURE + i] + rate * (w[TAKEN + i] - w[EXPOSURE + i]) * (1.0 - w[HELD + i])


# --- writing down -----------------------------------------------------------------------------------------------------


@compiled
def _extremes(w: Array, n: int) -> None:
    for i in range(n):
        going = w[GOING + i] > 0.0
        a, p, r = w[COUNT + i], w[P_BASE + i] * w[PC + i], w[R_BASE + i] * w[RC + i]
        w[N_LEAST + i] = a if going and a < w[N_LEAST + i] else w[N_LEAST + i]
        w[N_MOST + i] = a if going and a > w[N_MOST + i] else w[N_MOST + i]
        w[P_LEAST + i] = p if going and p < w[P_LEAST + i] else w[P_LEAST + i]
        w[P_MOST + i] = p if going and p > w[P_MOST + i] else w[P_MOST + i]
        w[R_LEAST + i] = r if going and r < w[R_LEAST + i] else w[R_LEAST + i]
        w[R_MOST + i] = r if going and r > w[R_MOST + i] else w[R_MOST + i]


@compiled
def _sum_up(w: Array, n: int, in_maintenance: bool, it: Fixed) -> None:
    for i in range(n):
        w[LOW_SUM + i] += w[GOING + i] if w[COUNT + i] < it.fever_below else 0.0
    if in_maintenance:
        for i in range(n):
            going = w[GOING + i]
            w[COUNT_SUM + i] += w[COUNT + i] * going
            w[MAINTENANCE_SUM + i] += going
            w[DOSE_SUM + i] += w[DOSE + i] * (1.0 - w[HELD + i]) * going
            w[TAKEN_SUM + i] += w[TAKEN + i] * going


@compiled
def _marks(w: Array, n: int, day: int, it: Fixed) -> None:
    """The days on which the marrow is looked at."""
    row = -1
    if day in (DAY_EIGHT, DAY_FIFTEEN, DAY_TWENTY_TWO, DAY_TWENTY_NINE):
        row = BLASTS_8 + (day - DAY_EIGHT) // 7 * STRIDE
    if row >= 0:
        for i in range(n):
            w[row + i] = _blasts(w, i, it) if w[GOING + i] > 0.0 else np.nan
    if day == it.consolidation_ends:
        for i in range(n):
            w[CONSOLIDATION_ROW + i] = _blasts(w, i, it) if w[GOING + i] > 0.0 else np.nan
    if day == 0:
        for i in range(n):
            w[STARTS_AT + i] = _blasts(w, i, it)
            start = STARTS_AT + 6 * STRIDE + i
            w[start], w[start + STRIDE], w[start + 2 * STRIDE] = w[COUNT + i], w[P_BASE + i] * w[PC + i], w[R_BASE + i] * w[RC + i]
            w[start + 3 * STRIDE] = w[COUNT + i] + it.ly_base * w[LY + i] + it.other_base * w[ROOM + i]


@compiled
def _keep(w: Array, n: int, at: int, counts: Array, kept: Array, it: Fixed) -> None:
    """A day of the daily series but for the white cells; `counts` are those from before today's transfusions."""
    for i in range(n):
        if w[GOING + i] > 0.0:
            kept[i, 0, at], kept[i, 1, at], kept[i, 2, at] = w[COUNT + i], counts[0, i], counts[1, i]
            kept[i, 4, at], kept[i, 5, at] = it.ly_base * w[LY + i], _blasts(w, i, it)
            kept[i, 6, at], kept[i, 7, at], kept[i, 8, at] = w[ROOM + i], w[TREATABLE + i], w[RESISTANT + i]
            kept[i, 9, at], kept[i, 10, at], kept[i, 11, at] = w[CNS + i], w[TESTIS + i], w[TGN + i]
            kept[i, 12, at], kept[i, 13, at], kept[i, 14, at] = w[DOSE + i], w[TAKEN + i], w[HELD + i]
            kept[i, 15, at], kept[i, 16, at], kept[i, 17, at] = w[FEVER + i], w[P_GIVEN + i], w[R_GIVEN + i]


# --- a block of children ----------------------------------------------------------------------------------------------


@compiled
def _day_of_treatment(w: Array, keys: Keys, n: int, road: Array, day: int, alive: bool, draw: Any, it: Fixed) -> None:
    """Events, decisions and sums of a day from diagnosis on; the day itself passes afterwards."""
    if day <= it.ends + COUNTS_BACK:
        _extremes(w, n)
    if day <= DAY_TWENTY_NINE or day == it.consolidation_ends:
        _marks(w, n, day, it)
    if day == DAY_TWENTY_NINE:
        _failures(w, n, day, it)
    elif day > DAY_TWENTY_NINE and alive:
        _relapses(w, n, day, it)
    _others(w, n, day)
    on, in_maintenance = road[ON, day] > 0.0, road[MAINTENANCE, day] > 0.0
    if on:
        _fevers(w, keys, n, day, draw, it)
    else:
        w[FEVER : FEVER + n] = 0.0
    if in_maintenance:
        if (day - it.maintenance_starts) % it.visit_days == 0:
            _dose_rule(w, n, it)
        _take(w, keys, n, draw)
    else:
        w[TAKEN : TAKEN + n] = 0.0
    if on:
        _sum_up(w, n, in_maintenance, it)


@compiled
def _pass_day(
    w: Array, keys: Keys, n: int, road: Array, day: int, alive: bool, draw: Any, chains: tuple[Chain, Chain, Chain], it: Fixed
) -> None:
    effect_n, effect_p, effect_r, effect_ly = 0.0, 0.0, 0.0, 0.0
    if day < 0:
        _before_diagnosis(w, n, it)
    else:
        effect_n, effect_p, effect_r, effect_ly = (
            road[EFFECT_N, day],
            road[EFFECT_P, day],
            road[EFFECT_R, day],
            road[EFFECT_LY, day],
        )
        if alive:
            _leukemia(w, n, road, day, it)
    _wander(w, keys, n, draw, it)
    _neutrophils(w, n, effect_n, it)
    _platelets(w, n, effect_p, chains[0], it)
    _red_and_lymphocytes(w, n, effect_r, effect_ly, chains[1], chains[2], it)
    if day >= it.maintenance_starts:
        _medicine(w, n, road[MAINTENANCE, day], it)
    if (day + it.before) % ANCHOR_DAYS == 0:
        _anchor(w, n, it)
    if day >= 0 and alive and (day + 1) % it.extinct_days == 0:
        _extinction(w, keys, n, draw, it)


@compiled
def run_block(w: Array, keys: Keys, n: int, road: Array, chains: tuple[Chain, Chain, Chain], kept: Array, it: Fixed) -> None:
    """A block of `n` children from `before` days before diagnosis on; `kept` has no children when no series is wanted."""
    alive, series = True, kept.shape[0] > 0
    counts = np.zeros((2, STRIDE))
    for day in range(-it.before, it.days):
        draw = np.uint64(day + DAY_ZERO) * GOLDEN
        if day == 0:
            for i in range(n):
                w[RESISTANT + i] = w[RESISTANT_START + i]
                start = it.capacity * w[FULLNESS + i] - w[RESISTANT + i]
                w[TREATABLE + i] = max(start, 1.0)
        if day >= 0 and day % it.extinct_days == 0:
            alive = _alive(w, n)
            if not alive:
                w[CROWDING : CROWDING + n] = 0.0
        if day > it.ends + COUNTS_BACK and not alive and not series:
            break
        _count(w, n, it)
        if series:
            for i in range(n):
                counts[0, i], counts[1, i] = w[P_BASE + i] * w[PC + i], w[R_BASE + i] * w[RC + i]
        if day >= 0:
            _day_of_treatment(w, keys, n, road, day, alive, draw, it)
            _transfuse(w, n, it)
        if series:
            _keep(w, n, day + it.before, counts, kept, it)
        _pass_day(w, keys, n, road, day, alive, draw, chains, it)
    for i in range(n):
        if w[GOING + i] > 0.0:
            _keep_clones(w, i)
        first = np.ceil(w[OTHER_DAY + i])
        if w[EVENT + i] == 0.0 and first < it.days:
            w[EVENT + i], w[EVENT_DAY + i] = EVENT_OTHER, first


@compiled
def run_blocks(
    who: Array,
    streams: Keys,
    road: Array,
    chains: tuple[Chain, Chain, Chain],
    size: int,
    first: int,
    last: int,
    summary: Array,
    kept: Array,
    it: Fixed,
) -> None:
    """The blocks `first` to `last` of `size` children: what a child brings is copied in, its summary is copied out."""
    for block in range(first, last):
        begins = block * size
        n = min(size, who.shape[1] - begins)
        w, keys = np.zeros(SIZE), np.zeros(STREAMS * STRIDE, dtype=np.uint64)
        for row in range(who.shape[0]):
            w[row * STRIDE : row * STRIDE + n] = who[row, begins : begins + n]
        for row in range(STREAMS):
            keys[row * STRIDE : row * STRIDE + n] = streams[row, begins : begins + n]
        block_kept = kept[begins : begins + n] if kept.shape[0] else kept
        run_block(w, keys, n, road, chains, block_kept, it)
        for row in range(summary.shape[0]):
            summary[row, begins : begins + n] = w[SUMMARY + row * STRIDE : SUMMARY + row * STRIDE + n]

"""Who the children are: everything about a child that does not change, drawn from its key alone."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from remission.knowledge.simulate import Simulation
from remission.simulate.arithmetic import Array, Keys, exp, log, power10
from remission.simulate.chance import BetaQuantile, Purpose, bell_of, bits, child_keys, normal, uniform
from remission.simulate.model import Numbers
from remission.simulate.roads import DAYS_A_YEAR

Codes = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]
STANDARD, HIGH, T_CELL, INFANT = 0, 1, 2, 3
MOST_SPREAD = 2.5  # SD; no body is further from the typical one
MOST_COUNT = 2.0  # the same for the own neutrophil count: with the wandering and a rebound it stays below 30
OLDER_FROM, WHITE_FROM = 10.0, 50.0  # the lines of the NCI rule: years, 10*9/L


@dataclass
class Children:
    """The children of a block, a column each. `line` is 0 standard-risk B, 1 high-risk B, 2 T-cell (from 1 year), 3 infant."""

    key: Keys
    age: Array  # a
    male: Flags
    t_cell: Flags
    down: Flags
    line: Codes
    kind: Codes  # which class of leukemia
    cns: Codes  # 1 to 3
    overt_testis: Flags
    white: Array  # 10*9/L at diagnosis
    frailty: Array  # the hidden factor, SD 1: above 0 answers better
    growth: Array  # 1/d
    kill: Array  # log10, induction
    sensitivity: Array  # 1
    fullness: Array  # u at diagnosis
    resistant: Array  # cells at diagnosis
    cns_cells: Array
    testis_cells: Array
    intrathecal: Array  # factor
    n_base: Array
    p_base: Array
    r_base: Array
    p_effect: Array  # factor
    slope: Array  # L/umol
    tgn_vmax: Array  # umol/L/d
    tgn_loss: Array  # 1/d
    adherence: Array  # share of doses taken
    other_day: Array  # d, of the event that is no relapse
    noise: Array  # SD, at the first day

    def __len__(self) -> int:
        return len(self.key)

    def take(self, chosen: npt.NDArray[np.intp]) -> Children:
        return Children(**{one.name: getattr(self, one.name)[chosen] for one in fields(self)})


def joined(parts: list[Children]) -> Children:
    """Several columns of children one after the other."""
    return Children(**{one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Children)})


class Sampler:
    """Draws children. What needs preparing (tables of quantiles, columns of the classes) is prepared once."""

    def __init__(self, simulation: Simulation, numbers: Numbers, adherence: float | None = None, only_down: bool = False):
        self.numbers = numbers
        self.adherence = adherence
        self.only_down = only_down
        self.classes = simulation.classes
        self.ids = [one.id for one in simulation.classes]
        self.young_age = BetaQuantile(numbers.age_young_a, numbers.age_young_b)
        self.taking = BetaQuantile(numbers.adherence_a, numbers.adherence_b)

    def draw(self, seed: int, first: int, n: int) -> Children:
        key = child_keys(seed, first, n)
        age = self._age(key)
        infant, older = age < 1.0, age >= OLDER_FROM
        down = (uniform(key, Purpose.DOWN) < self.numbers.down_share) & ~infant
        if self.only_down:
            age, infant, older, down = self._as_down(key, age)
        t_cell = uniform(key, Purpose.LINEAGE) < self._t_share(infant, older)
        t_cell &= ~down
        male = uniform(key, Purpose.MALE) < np.where(t_cell, self.numbers.male_t, self.numbers.male_b)
        kind = self._kind(key, infant, older, t_cell, down)
        return self._leukemia(key, age, male, t_cell, down, kind)

    def _as_down(self, key: Keys, age: Array) -> tuple[Array, Flags, Flags, Flags]:
        """The same children, all with Down syndrome; those drawn as infants are made one year older, as infants have none here."""
        aged = np.where(age < 1.0, age + 1.0, age)
        return aged, aged < 1.0, aged >= OLDER_FROM, np.ones(len(key), dtype=np.bool_)

    def _age(self, key: Keys) -> Array:
        it = self.numbers
        bins = np.add.accumulate([it.age_infant, it.age_1_4, it.age_5_9, it.age_10_14])
        which = np.searchsorted(bins, uniform(key, Purpose.AGE_BIN), side="right")
        u = uniform(key, Purpose.AGE)
        young = 1.0 + 4.0 * self.young_age(u)
        ages = np.array([u, young, 5.0 + 5.0 * u, 10.0 + 5.0 * u, 15.0 + 5.0 * u])
        return np.asarray(ages[which, np.arange(len(u))])

    def _t_share(self, infant: Flags, older: Flags) -> Array:
        return np.where(infant, self.numbers.t_infant, np.where(older, self.numbers.t_older, self.numbers.t_young))

    def _kind(self, key: Keys, infant: Flags, older: Flags, t_cell: Flags, down: Flags) -> Codes:
        u = uniform(key, Purpose.CLASS)
        shares = {
            name: np.add.accumulate([getattr(one, name) for one in self.classes])
            for name in ("share_young", "share_older", "share_down")
        }
        drawn = {name: np.minimum(np.searchsorted(steps, u, side="right"), len(steps) - 1) for name, steps in shares.items()}
        kind = np.where(down, drawn["share_down"], np.where(older, drawn["share_older"], drawn["share_young"]))
        as_infant = np.where(u < self.numbers.infant_kmt2a, self.ids.index("infant-kmt2a"), self.ids.index("intermediate"))
        kind = np.where(infant, as_infant, kind)
        return np.where(t_cell, self.ids.index("t"), kind).astype(np.int8)

    def _of(self, name: str, kind: Codes) -> Array:
        return np.asarray(np.array([getattr(one, name) for one in self.classes], dtype=np.float64)[kind])

    def _leukemia(self, key: Keys, age: Array, male: Flags, t_cell: Flags, down: Flags, kind: Codes) -> Children:
        it = self.numbers
        white = np.clip(
            power10(self._of("wbc", kind) + self._of("wbc_sd", kind) * normal(key, Purpose.WHITE)), it.white_least, it.white_most
        )
        line = np.where(t_cell, T_CELL, np.where((age < OLDER_FROM) & (white < WHITE_FROM), STANDARD, HIGH))
        line = np.where(age < 1.0, INFANT, line).astype(np.int8)
        frailty = normal(key, Purpose.FRAILTY)
        slow = uniform(key, Purpose.SLOW) < self._of("slow", kind)
        kill = self._kill(key, kind, slow, down, frailty)
        cns = self._cns(key, kind, t_cell)
        overt = male & (uniform(key, Purpose.OVERT) < it.testis_overt_share)
        testis = np.where(overt, it.testis_overt, it.testis_mean + it.testis_sd * normal(key, Purpose.TESTIS_CELLS))
        at_start = (
            np.array([0.0, it.cns_1, it.cns_2, it.cns_3])[cns] + it.cns_t * t_cell + it.cns_sd * normal(key, Purpose.CNS_CELLS)
        )
        fullness = it.fullness_low + (it.fullness_high - it.fullness_low) * uniform(key, Purpose.FULLNESS)
        return Children(
            key=key, age=age, male=male, t_cell=t_cell, down=down, line=line, kind=kind, cns=cns, overt_testis=overt, white=white,
            frailty=frailty, kill=kill, fullness=fullness,
            growth=self._of("growth", kind) * exp(it.growth_sd * np.clip(normal(key, Purpose.GROWTH), -MOST_SPREAD, MOST_SPREAD)),
            sensitivity=self._sensitivity(key, kind, age, white, t_cell, down, frailty),
            resistant=self._resistant(key, kind, slow, kill),
            cns_cells=power10(at_start),
            testis_cells=np.where(male, power10(testis), 0.0),
            **self._body(key),
        )  # fmt: skip

    def _kill(self, key: Keys, kind: Codes, slow: Flags, down: Flags, frailty: Array) -> Array:
        """Induction's kill: part of it is the child's hidden factor, the rest its own; some children of a class answer slowly."""
        it = self.numbers
        mean = np.where(slow, self._of("slow_kill", kind), self._of("kill", kind)) + it.kill_down * down
        sd = np.where(slow, self._of("slow_kill_sd", kind), self._of("kill_sd", kind))
        own = normal(key, Purpose.KILL)
        drawn = mean + sd * (it.frailty_kill * frailty + np.sqrt(1.0 - it.frailty_kill**2) * own)
        return np.asarray(np.clip(drawn, it.kill_least, it.kill_most), dtype=np.float64)

    def _sensitivity(self, key: Keys, kind: Codes, age: Array, white: Array, t_cell: Flags, down: Flags, frailty: Array) -> Array:
        it = self.numbers
        own = normal(key, Purpose.SENSITIVITY)
        varied = it.frailty_sensitivity * frailty + np.sqrt(1.0 - it.frailty_sensitivity**2) * own
        older = (age >= OLDER_FROM) & ~t_cell
        many = (white >= WHITE_FROM) & ~t_cell & (age >= 1.0)
        added = it.sensitivity_older * older + it.sensitivity_white * many + it.sensitivity_down * down
        mean = self._of("sensitivity", kind) + added
        return np.asarray(np.maximum(mean * (1.0 + it.sensitivity_cv * varied), it.sensitivity_least), dtype=np.float64)

    def _resistant(self, key: Keys, kind: Codes, slow: Flags, kill: Array) -> Array:
        """The cells that were resistant before treatment: likelier where induction kills less than in the others of that kind."""
        it = self.numbers
        usual = np.where(slow, self._of("slow_kill", kind), self._of("kill", kind))
        chance = np.minimum(self._of("resistant", kind) * exp(it.resistant_by_kill * (usual - kill)), 1.0)
        size = power10(it.resistant_low + (it.resistant_high - it.resistant_low) * uniform(key, Purpose.RESISTANT_SIZE))
        return np.where(uniform(key, Purpose.RESISTANT) < chance, size, 0.0)

    def _cns(self, key: Keys, kind: Codes, t_cell: Flags) -> Codes:
        it = self.numbers
        infant = kind == self.ids.index("infant-kmt2a")
        third = np.where(infant, it.cns3_infant, np.where(t_cell, it.cns3_t, it.cns3_b))
        second = np.where(infant, it.cns2_infant, np.where(t_cell, it.cns2_t, it.cns2_b))
        u = uniform(key, Purpose.CNS)
        return np.where(u < third, 3, np.where(u < third + second, 2, 1)).astype(np.int8)

    def _body(self, key: Keys) -> dict[str, Array]:
        """What is the child's own about blood, medicine and chance."""
        it = self.numbers

        def spread(purpose: Purpose, sd: float, most: float = MOST_SPREAD) -> Array:
            return exp(sd * np.clip(normal(key, purpose), -most, most))

        tpmt = np.where(uniform(key, Purpose.TPMT) < it.tpmt_share, it.tpmt_factor, 1.0)
        taken = self.taking(uniform(key, Purpose.ADHERENCE))
        return {
            "intrathecal": np.maximum(1.0 + it.intrathecal_sd * normal(key, Purpose.INTRATHECAL), 0.1),
            "n_base": it.n_base * spread(Purpose.N_BASE, it.n_base_cv, MOST_COUNT),
            "p_base": it.p_base * spread(Purpose.P_BASE, it.p_base_cv),
            "r_base": np.clip(it.r_base + it.r_base_sd * normal(key, Purpose.R_BASE), 8.5, 16.5),
            "p_effect": spread(Purpose.P_EFFECT, it.p_effect_sd),
            "slope": it.n_slope * spread(Purpose.SLOPE, it.n_slope_sd),
            "tgn_vmax": it.tgn_vmax * spread(Purpose.TGN_MADE, it.tgn_vmax_sd) * tpmt,
            "tgn_loss": it.tgn_loss * spread(Purpose.TGN_LOSS, it.tgn_loss_sd),
            "adherence": taken if self.adherence is None else np.full(len(key), self.adherence),
            "other_day": -log(uniform(key, Purpose.OTHER)) * DAYS_A_YEAR / max(it.other_rate, 1e-12),
            "noise": np.clip(bell_of(bits(key, Purpose.NOISE_START)), -it.noise_cut, it.noise_cut),
        }

"""Chance that can be asked again: (seed, child, purpose, day) always gives the same draw, on every machine, in any order.

Each child has a key, each purpose of that child its own; a day's draw is the splitmix64 stream of that key at that day.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from remission.simulate.arithmetic import Array, Keys, log

GOLDEN = 0x9E3779B97F4A7C15
MIX_1, MIX_2 = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
CHILD, PURPOSE = 0xD1342543DE82EF95, 0xF1357AEA2E62A9C5
DAY_ZERO = 4096  # days before diagnosis count down from here
ONES = 0x3FF0000000000000
SIXTEEN = 0xFFFF
SIXTEENS_MEAN = 2.0 * SIXTEEN
SIXTEENS_SD = float(np.sqrt(4 * (65536.0**2 - 1) / 12))
_MASK = (1 << 64) - 1


class Purpose(IntEnum):
    """What a draw is for. A number once given is never used for anything else: children would change."""

    AGE_BIN = 1
    AGE = 2
    LINEAGE = 3
    MALE = 4
    DOWN = 5
    CLASS = 6
    WHITE = 7
    CNS = 8
    OVERT = 9
    GROWTH = 10
    FRAILTY = 11
    KILL = 12
    SLOW = 13
    SENSITIVITY = 14
    RESISTANT = 15
    RESISTANT_SIZE = 16
    FULLNESS = 17
    CNS_CELLS = 18
    TESTIS_CELLS = 19
    INTRATHECAL = 20
    N_BASE = 21
    P_BASE = 22
    R_BASE = 23
    P_EFFECT = 24
    SLOPE = 25
    TGN_MADE = 26
    TGN_LOSS = 27
    TPMT = 28
    ADHERENCE = 29
    OTHER = 30
    NOISE_START = 31
    MRD_ERROR = 32
    SURVIVAL = 33
    DEATH_TIME = 34
    NOISE = 35
    TAKEN = 36
    FEVER = 37
    LETHAL = 38
    EXTINCT_B = 39
    EXTINCT_R = 40
    EXTINCT_C = 41
    EXTINCT_T = 42
    CLOT = 43
    PANCREATITIS = 44
    OSTEONECROSIS = 45
    MRD_ERROR_LATER = 46


def _mixed(number: int) -> int:
    number = ((number ^ (number >> 30)) * MIX_1) & _MASK
    number = ((number ^ (number >> 27)) * MIX_2) & _MASK
    return number ^ (number >> 31)


def mix(z: Keys) -> Keys:
    """The finaliser of splitmix64: every bit of the answer depends on every bit of the question."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(MIX_1)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(MIX_2)
    return z ^ (z >> np.uint64(31))


def child_keys(seed: int, first: int, n: int) -> Keys:
    """The keys of the children `first` to `first + n`: child 7 is the same child in a cohort of 10 and of 100,000."""
    numbers = np.arange(first, first + n, dtype=np.uint64)
    return mix(np.uint64(_mixed((seed + GOLDEN) & _MASK)) ^ (numbers * np.uint64(CHILD) + np.uint64(GOLDEN)))


def purpose_keys(keys: Keys, purpose: Purpose) -> Keys:
    return mix(keys + np.uint64((int(purpose) * PURPOSE) & _MASK))


def bits(keys: Keys, purpose: Purpose, day: int = 0) -> Keys:
    return bits_of(purpose_keys(keys, purpose), day)


def bits_of(stream: Keys, day: int) -> Keys:
    return mix(stream + np.uint64(((day + DAY_ZERO) * GOLDEN) & _MASK))


def uniform_of(z: Keys) -> Array:
    """Between 0 and 1, neither of them: 52 bits put behind the point of a number between 1 and 2."""
    return ((z >> np.uint64(12)) | np.uint64(ONES)).view(np.float64) - (1.0 - 2.0**-53)


def uniform(keys: Keys, purpose: Purpose, day: int = 0) -> Array:
    return uniform_of(bits(keys, purpose, day))


def normal(keys: Keys, purpose: Purpose, day: int = 0) -> Array:
    return normal_from(uniform(keys, purpose, day))


def bell_of(z: Keys) -> Array:
    """Nearly normal, mean 0 and SD 1: the sum of four 16-bit numbers. A memory of many days makes it normal for all purposes."""
    low = np.uint64(SIXTEEN)
    parts = (z & low) + ((z >> np.uint64(16)) & low) + ((z >> np.uint64(32)) & low) + (z >> np.uint64(48))
    whole: Array = parts.astype(np.float64)
    return (whole - SIXTEENS_MEAN) / SIXTEENS_SD


_CENTRE = (
    (
        2509.0809287301226727,
        33430.575583588128105,
        67265.770927008700853,
        45921.953931549871457,
        13731.693765509461125,
        1971.5909503065514427,
        133.14166789178437745,
        3.387132872796366608,
    ),
    (
        5226.495278852545925,
        28729.085735721942674,
        39307.89580009271061,
        21213.794301586595867,
        5394.1960214247511077,
        687.1870074920579083,
        42.313330701600911252,
        1.0,
    ),
)
_TAIL = (
    (
        7.7454501427834140764e-4,
        0.0227238449892691845833,
        0.24178072517745061177,
        1.27045825245236838258,
        3.64784832476320460504,
        5.7694972214606914055,
        4.6303378461565452959,
        1.42343711074968357734,
    ),
    (
        1.05075007164441684324e-9,
        5.475938084995344946e-4,
        0.0151986665636164571966,
        0.14810397642748007459,
        0.68976733498510000455,
        1.6763848301838038494,
        2.05319162663775882187,
        1.0,
    ),
)
_FAR = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        0.0012426609473880784386,
        0.026532189526576123093,
        0.29656057182850489123,
        1.7848265399172913358,
        5.4637849111641143699,
        6.6579046435011037772,
    ),
    (
        2.04426310338993978564e-15,
        1.4215117583164458887e-7,
        1.8463183175100546818e-5,
        7.868691311456132591e-4,
        0.0148753612908506148525,
        0.13692988092273580531,
        0.59983220655588793769,
        1.0,
    ),
)


def normal_from(p: Array) -> Array:
    """The normal quantile (Wichura's AS 241), from plain arithmetic, one logarithm and one root."""
    q = p - 0.5
    r = np.sqrt(-log(np.minimum(p, 1.0 - p)))
    tail = np.where(r <= 5.0, _ratio(_TAIL, r - 1.6), _ratio(_FAR, r - 5.0))
    return np.where(np.abs(q) <= 0.425, q * _ratio(_CENTRE, 0.180625 - q * q), np.where(q < 0, -tail, tail))


def _ratio(terms: tuple[tuple[float, ...], tuple[float, ...]], x: Array) -> Array:
    above, below = np.zeros_like(x), np.zeros_like(x)
    for over, under in zip(*terms, strict=True):
        above, below = above * x + over, below * x + under
    return above / below


class BetaQuantile:
    """The quantile of a Beta distribution by a table; in powers of 1 - x, where b below 1 would have no density at 1."""

    def __init__(self, a: float, b: float, points: int = 4096):
        self.b = b
        self.v = np.arange(points + 1) / points
        x = 1.0 - _power(self.v, 1.0 / b)
        height = _power(x, a - 1.0)
        steps = (height[1:] + height[:-1]) * 0.5
        total = np.add.accumulate(steps)
        self.reached = np.concatenate(([0.0], total / total[-1]))

    def __call__(self, p: Array) -> Array:
        v = np.interp(1.0 - p, self.reached, self.v)
        return 1.0 - _power(v, 1.0 / self.b)


def _power(x: Array, to: float) -> Array:
    from remission.simulate.arithmetic import exp

    positive = np.maximum(x, 1e-300)
    return np.where(x <= 0.0, 0.0 if to > 0 else 1.0, exp(log(positive) * to))

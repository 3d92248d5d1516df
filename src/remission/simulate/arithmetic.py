"""exp and log from plain arithmetic, so that every machine gets the same bits; `fast_arithmetic` says the same for numba.

The libraries' own differ in the last bit from one processor to the next, and a threshold can turn that into another child.
"""

from __future__ import annotations

from math import factorial

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Keys = npt.NDArray[np.uint64]

LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10  # their sum is ln 2; the first ends in zeros
PER_LN2 = 1.4426950408889634
LN10 = 2.302585092994046
ROOT_HALF = 0.7071067811865476
MOST, LEAST = 700.0, -700.0  # beyond them exp is held
ROUNDING = 6755399441055744.0  # added and taken away again it leaves a whole number
EXP_TERMS = tuple(1.0 / factorial(power) for power in range(14))
LOG_TERMS = tuple(2.0 / power for power in range(1, 25, 2))


def exp(x: Array) -> Array:
    """e to the x: x = n ln 2 + r with a small r, a polynomial for e^r, and n put into the exponent."""
    held = np.minimum(np.maximum(x, LEAST), MOST)
    n = (held * PER_LN2 + ROUNDING) - ROUNDING
    r = (held - n * LN2_HIGH) - n * LN2_LOW
    square = r * r
    fourth = square * square
    low, middle, high = (_four(EXP_TERMS[first : first + 4], r, square) for first in (0, 4, 8))
    power = (low + middle * fourth) + (high + (EXP_TERMS[12] + EXP_TERMS[13] * r) * fourth) * (fourth * fourth)
    return power * ((n.astype(np.int64) + 1023) << 52).view(np.float64)


def log(x: Array) -> Array:
    """The natural logarithm of positive, normal numbers: exponent and mantissa apart, a series for the mantissa."""
    bits = np.ascontiguousarray(x, dtype=np.float64).view(np.int64)
    mantissa = ((bits & 0x000FFFFFFFFFFFFF) | 0x3FE0000000000000).view(np.float64)
    small = mantissa < ROOT_HALF
    mantissa = np.where(small, mantissa + mantissa, mantissa)
    exponent = ((bits >> 52) - 1022 - small).astype(np.float64)
    f = (mantissa - 1.0) / (mantissa + 1.0)
    q = f * f
    square = q * q
    fourth = square * square
    low, middle, high = (_four(LOG_TERMS[first : first + 4], q, square) for first in (0, 4, 8))
    series = low + (middle + high * fourth) * fourth
    return exponent * LN2_HIGH + (exponent * LN2_LOW + series * f)


def _four(terms: tuple[float, ...], x: Array, square: Array) -> Array:
    """Four terms of a polynomial at a time: short chains, so that a processor can work on several at once."""
    return (terms[0] + terms[1] * x) + (terms[2] + terms[3] * x) * square


def power10(x: Array) -> Array:
    return exp(x * LN10)

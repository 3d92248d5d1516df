"""What `arithmetic` and `chance` do for columns, for one number in a compiled loop: same operations, same order, same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core import types
from numba.extending import intrinsic

from remission.simulate import chance
from remission.simulate.arithmetic import EXP_TERMS as E
from remission.simulate.arithmetic import LEAST, LN2_HIGH, LN2_LOW, MOST, PER_LN2, ROOT_HALF, ROUNDING
from remission.simulate.arithmetic import LOG_TERMS as L
from remission.simulate.compiled import compiled, inlined

ONE, TWELVE, THIRTY, THIRTY_ONE = np.uint64(1), np.uint64(12), np.uint64(30), np.uint64(31)
TWENTY_SEVEN, SIXTEEN, THIRTY_TWO, FORTY_EIGHT = np.uint64(27), np.uint64(16), np.uint64(32), np.uint64(48)
MIX_1, MIX_2, ONES, LOW_SIXTEEN = (
    np.uint64(chance.MIX_1),
    np.uint64(chance.MIX_2),
    np.uint64(chance.ONES),
    np.uint64(chance.SIXTEEN),
)
BIAS, FIFTY_TWO = np.uint64(1023), np.uint64(52)
MANTISSA, HALVES = np.uint64(0x000FFFFFFFFFFFFF), np.uint64(0x3FE0000000000000)
TWO_52_BITS, TWO_52 = np.uint64(0x4330000000000000), 4503599627370496.0
NEAR_ONE = 1.0 - 2.0**-53
MEAN, SD = chance.SIXTEENS_MEAN, chance.SIXTEENS_SD


def _as_number(_: Any, bits: Any) -> Any:  # noqa: ARG001 - numba looks at the names
    return types.float64(types.uint64), lambda context, builder, _, args: builder.bitcast(
        args[0], context.get_value_type(types.float64)
    )


def _as_bits(_: Any, number: Any) -> Any:  # noqa: ARG001 - numba looks at the names
    return types.uint64(types.float64), lambda context, builder, _, args: builder.bitcast(
        args[0], context.get_value_type(types.uint64)
    )


number_of: Any = intrinsic(_as_number)  # the number whose bits these are
bits_of: Any = intrinsic(_as_bits)  # the bits of a number


@compiled
def exp(x: float) -> float:
    held = LEAST if x < LEAST else x
    held = MOST if held > MOST else held
    shifted = held * PER_LN2 + ROUNDING
    n = shifted - ROUNDING
    r = (held - n * LN2_HIGH) - n * LN2_LOW
    r2 = r * r
    r4 = r2 * r2
    low = (E[0] + E[1] * r) + (E[2] + E[3] * r) * r2
    middle = (E[4] + E[5] * r) + (E[6] + E[7] * r) * r2
    high = (E[8] + E[9] * r) + (E[10] + E[11] * r) * r2
    p = (low + middle * r4) + (high + (E[12] + E[13] * r) * r4) * (r4 * r4)
    return float(p * number_of((bits_of(shifted) + BIAS) << FIFTY_TWO))


@compiled
def log(x: float) -> float:
    bits = bits_of(x)
    mantissa = number_of((bits & MANTISSA) | HALVES)
    small = mantissa < ROOT_HALF
    mantissa = mantissa + mantissa if small else mantissa
    exponent = (number_of((bits >> FIFTY_TWO) | TWO_52_BITS) - TWO_52) - (1023.0 if small else 1022.0)
    f = (mantissa - 1.0) / (mantissa + 1.0)
    q = f * f
    q2 = q * q
    q4 = q2 * q2
    low = (L[0] + L[1] * q) + (L[2] + L[3] * q) * q2
    middle = (L[4] + L[5] * q) + (L[6] + L[7] * q) * q2
    high = (L[8] + L[9] * q) + (L[10] + L[11] * q) * q2
    s = low + (middle + high * q4) * q4
    return float(exponent * LN2_HIGH + (exponent * LN2_LOW + s * f))


@inlined
def mix(z: Any) -> Any:
    z = (z ^ (z >> THIRTY)) * MIX_1
    z = (z ^ (z >> TWENTY_SEVEN)) * MIX_2
    return z ^ (z >> THIRTY_ONE)


@inlined
def uniform(z: Any) -> float:
    """Between 0 and 1, neither of them."""
    return float(number_of((z >> TWELVE) | ONES) - NEAR_ONE)


@inlined
def bell(z: Any) -> float:
    """Nearly normal, mean 0 and SD 1."""
    parts = (z & LOW_SIXTEEN) + ((z >> SIXTEEN) & LOW_SIXTEEN) + ((z >> THIRTY_TWO) & LOW_SIXTEEN) + (z >> FORTY_EIGHT)
    return float(((number_of(parts | TWO_52_BITS) - TWO_52) - MEAN) / SD)


@compiled
def poisson(mean: float, u: float) -> float:
    """The Poisson number at quantile `u`."""
    term = exp(-mean)
    reached, count = term, 0.0
    while u > reached and count < 4.0 * mean + 60.0:
        count += 1.0
        term *= mean / count
        reached += term
    return count

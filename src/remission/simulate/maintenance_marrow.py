"""The neutrophil half in maintenance: 6-MP exposure, the marrow in Friberg's form with a loss of its own, one column a guess.

Doses come in the unit of one child's own record, which cannot be turned into mg/m2; how strongly that unit acts is part of what
is guessed. Everything is relative to the child's own level, so that level stays outside and can be learnt exactly.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from remission.simulate.maintenance_prior import Prior

Floats = NDArray[np.float64]
STEPS_A_DAY = 2
DIFFERS = (
    "sensitivity",
    "exposure_loss",
    "transit_rate",
    "feedback",
    "fast_sd",
    "fast_memory",
    "slow_sd",
    "slow_memory",
    "noise_sd",
)


class Guesses(NamedTuple):
    """What a child may be like; any shape, the same for all. Rates in 1/d, memories in d, SDs of the log count."""

    sensitivity: Floats
    exposure_loss: Floats
    transit_rate: Floats
    feedback: Floats
    fast_sd: Floats
    fast_memory: Floats
    slow_sd: Floats
    slow_memory: Floats
    noise_sd: Floats


class Marrow(NamedTuple):
    """Exposure, dividing cells, three stages of maturing, and cells in the blood, each relative to a child without 6-MP."""

    exposure: Floats
    dividing: Floats
    first: Floats
    second: Floats
    third: Floats
    blood: Floats


def guesses(prior: Prior, normals: Floats) -> Guesses:
    """The guesses that standard normal numbers stand for; the first axis of `normals` runs over `DIFFERS`."""
    return Guesses(*(prior[name] * np.exp(prior.spread(name) * normals[place]) for place, name in enumerate(DIFFERS)))


def spread_evenly(number: int) -> Floats:
    """Standard normal numbers that fill space evenly, the same on every machine: one row a parameter, one column a guess.

    An additive sequence says in which order the values of each row come, so that each row by itself is exactly normal.
    """
    ratio = _plastic(len(DIFFERS))
    steps = ratio ** -np.arange(1.0, len(DIFFERS) + 1)
    shares = (0.5 + np.outer(steps, np.arange(1, number + 1))) % 1.0
    values = np.array([NormalDist().inv_cdf((place + 0.5) / number) for place in range(number)])
    return np.asarray(values[shares.argsort(axis=1).argsort(axis=1)])


def _plastic(dimensions: int) -> float:
    """The root above 1 of x^(d+1) = x + 1, on which the evenly filling sequence rests."""
    root = 1.5
    for _ in range(60):
        root = (1.0 + root) ** (1.0 / (dimensions + 1))
    return root


def at_rest(like: Floats) -> Marrow:
    """A marrow that has not met 6-MP."""
    one = np.ones_like(like)
    return Marrow(np.zeros_like(like), one, one, one, one, one)


def settled(guess: Guesses) -> Floats:
    """Where the log count comes to rest under a steady dose of one unit, relative to no 6-MP."""
    return -np.log1p(guess.sensitivity) / guess.feedback


def next_day(marrow: Marrow, guess: Guesses, dose: float | Floats, loss: float) -> Marrow:
    """The marrow one day on. The day's dose, in units of the prior's reference dose, acts from the day's end.

    Cells divide at k Prol (1-E) (1/circ)^gamma with 1-E = 1/(1+sX): close to 1-sX where sX is small, and never below zero. Each
    step takes the midpoint; the fast loss from the blood is solved exactly.
    """
    step = guess.transit_rate / STEPS_A_DAY
    half, whole = np.exp(-loss / STEPS_A_DAY / 2), np.exp(-loss / STEPS_A_DAY)
    exposure, dividing, first, second, third, blood = marrow
    allowed = 1.0 / (1.0 + guess.sensitivity * exposure)
    for _ in range(STEPS_A_DAY):
        middle = dividing * np.exp(0.5 * step * (allowed * np.exp(-guess.feedback * np.log(blood)) - 1.0))
        middle_first = first + 0.5 * step * (dividing - first)
        middle_second = second + 0.5 * step * (first - second)
        middle_third = third + 0.5 * step * (second - third)
        middle_blood = third + (blood - third) * half
        dividing = dividing * np.exp(step * (allowed * np.exp(-guess.feedback * np.log(middle_blood)) - 1.0))
        first = first + step * (middle - middle_first)
        second = second + step * (middle_first - middle_second)
        third = third + step * (middle_second - middle_third)
        blood = middle_third + (blood - middle_third) * whole
    kept = np.exp(-guess.exposure_loss)
    return Marrow(kept * exposure + (1.0 - kept) * dose, dividing, first, second, third, blood)

"""The exact part of the update: given one guess of the marrow, everything else about the log count is linear and Gaussian.

Five numbers are followed for each guess: the child's own level, how far the count stood from it when maintenance began, how much
it rises in a year, and two wanderings with a short and a long memory (infections, methotrexate, steroids: all that the record does
not name).
A count may be stray: with a small chance its error is much wider, so that one odd value does not turn the forecast around.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from remission.simulate.maintenance_marrow import Floats, Guesses
from remission.simulate.maintenance_prior import Prior

LEVEL, START, DRIFT, FAST, SLOW = range(5)
LINEAR = {"level": LEVEL, "start": START, "drift": DRIFT}
_YEAR = 365.25


class Belief(NamedTuple):
    """Mean (…, 5) and covariance (…, 5, 5) for each guess, and how well each guess has told the counts so far (log)."""

    mean: Floats
    cov: Floats
    told: Floats
    time: Floats | float


class Expected(NamedTuple):
    """What each guess expects of a log count: its mean, and its variance when the count is no stray one."""

    mean: Floats
    variance: Floats


def first_belief(prior: Prior, guess: Guesses, time: Floats | float) -> Belief:
    """Before any count."""
    shape = guess.noise_sd.shape
    mean, cov = np.zeros((*shape, 5)), np.zeros((*shape, 5, 5))
    for name, place in LINEAR.items():
        mean[..., place] = prior[name]
        cov[..., place, place] = prior.spread(name) ** 2
    cov[..., FAST, FAST], cov[..., SLOW, SLOW] = guess.fast_sd**2, guess.slow_sd**2
    return Belief(mean, cov, np.zeros(shape), time)


def moved_on(belief: Belief, guess: Guesses, time: Floats | float) -> Belief:
    """The belief at a later time: the wanderings forget."""
    days = np.maximum(np.asarray(time - belief.time), 0.0)
    fast, slow = np.exp(-days / guess.fast_memory), np.exp(-days / guess.slow_memory)
    kept = np.stack([*[np.ones_like(fast)] * len(LINEAR), fast, slow], axis=-1)
    mean, cov = belief.mean * kept, belief.cov * kept[..., :, None] * kept[..., None, :]
    cov[..., FAST, FAST] += guess.fast_sd**2 * (1 - fast**2)
    cov[..., SLOW, SLOW] += guess.slow_sd**2 * (1 - slow**2)
    return Belief(mean, cov, belief.told, time)


def _seen(prior: Prior, belief: Belief) -> Floats:
    """How the five numbers add up to the log count at that time. The rise ends where nothing was learnt about it."""
    day = np.maximum(np.asarray(belief.time, dtype=np.float64), 0.0)
    seen = np.ones(belief.mean.shape)
    seen[..., START] = np.exp(-day / prior["start_memory"])
    seen[..., DRIFT] = np.minimum(day, prior["drift_until"]) / _YEAR
    return seen


def expected(prior: Prior, belief: Belief, guess: Guesses, drug: Floats) -> Expected:
    """What a count taken now would be; `drug` is the effect of the doses on the log count."""
    seen = _seen(prior, belief)
    variance = np.einsum("...i,...ij,...j->...", seen, belief.cov, seen)
    return Expected((seen * belief.mean).sum(axis=-1) + drug, variance + guess.noise_sd**2)


def updated(prior: Prior, belief: Belief, now: Expected, log_count: Floats | float) -> Belief:
    """The belief after a count. Two errors, a usual and a stray one, each with its chance, are brought back to one Gaussian."""
    share, wide = prior["stray_share"], prior["stray_sd"]
    error, usual, stray = log_count - now.mean, now.variance, now.variance + wide**2
    of_usual = np.log(1 - share) - 0.5 * (np.log(2 * np.pi * usual) + error**2 / usual)
    of_stray = np.log(share) - 0.5 * (np.log(2 * np.pi * stray) + error**2 / stray)
    told = np.logaddexp(of_usual, of_stray)
    is_usual = np.exp(of_usual - told)
    pull = error * (is_usual / usual + (1 - is_usual) / stray)
    doubt = is_usual * (1 - is_usual) * (error / usual - error / stray) ** 2
    shrink = is_usual / usual + (1 - is_usual) / stray - doubt
    along = np.einsum("...ij,...j->...i", belief.cov, _seen(prior, belief))
    mean = belief.mean + along * pull[..., None]
    cov = belief.cov - shrink[..., None, None] * along[..., :, None] * along[..., None, :]
    return Belief(mean, cov, belief.told + told, belief.time)


def weights(told: Floats) -> Floats:
    """The share of belief in each guess, along the last axis."""
    likelihood = np.exp(told - told.max(axis=-1, keepdims=True))
    return np.asarray(likelihood / likelihood.sum(axis=-1, keepdims=True))

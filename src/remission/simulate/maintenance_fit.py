"""Learning the prior from many children: empirical Bayes by expectation and maximisation over weighted guesses.

Each round draws guesses of every child from the prior so far, weighs them by how well they tell all counts of that child, and
takes the mean and the spread over children of what is then believed as the next prior. Run by hand, never when a count is told.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from remission.knowledge.model import Frozen
from remission.simulate.maintenance_filter import LINEAR, Belief, expected, first_belief, moved_on, updated, weights
from remission.simulate.maintenance_forecast import DosesKnown, History, checked, log_count
from remission.simulate.maintenance_marrow import DIFFERS, Floats, Guesses, at_rest, guesses, next_day, settled
from remission.simulate.maintenance_prior import Prior
from remission.simulate.maintenance_report import Report, Told, methods_told, report_of

Values = dict[str, tuple[float, float]]
LEAST_SPREAD = 0.05  # below it the guesses no longer reach anything new
NEUTRAL: Values = {  # where learning begins: round numbers of the right size, not what was learnt from all children
    "level": (0.5, 0.4),
    "start": (0.0, 0.8),
    "drift": (0.0, 0.2),
    "sensitivity": (0.1, 0.7),
    "exposure_loss": (0.1, 0.4),
    "transit_rate": (0.25, 0.3),
    "feedback": (0.4, 0.3),
    "fast_sd": (0.3, 0.3),
    "fast_memory": (10.0, 0.3),
    "slow_sd": (0.3, 0.3),
    "slow_memory": (60.0, 0.3),
    "noise_sd": (0.2, 0.3),
}


class Learning(Frozen, frozen=True):
    """The prior learnt, and the log likelihood of all counts in each round."""

    prior: Prior
    told: tuple[float, ...]


class Children:
    """All children as arrays, one row a child; places after a child's last count are empty."""

    def __init__(self, histories: Sequence[History], prior: Prior):
        ordered = [checked(history) for history in histories]
        size = (len(ordered), max(len(history.counts) for history in ordered))
        self.days, self.logs, self.seen = np.zeros(size), np.zeros(size), np.zeros(size, dtype=bool)
        last = max(count.day for history in ordered for count in history.counts)
        self.doses = np.zeros((math.floor(last) + 2, len(ordered)))
        for row, history in enumerate(ordered):
            number = len(history.counts)
            self.days[row, :number] = [count.day for count in history.counts]
            self.days[row, number:] = history.counts[-1].day
            self.logs[row, :number] = [log_count(prior, count.anc) for count in history.counts]
            self.seen[row, :number] = True
            for dose in history.doses:
                if 0 <= dose.day < last + 1:
                    self.doses[math.floor(dose.day), row] += dose.amount / prior["reference_dose"]


def learn(
    histories: Sequence[History],
    prior: Prior,
    rounds: int = 30,
    number: int = 160,
    seed: int = 7,
    progress: Callable[[int, float], None] | None = None,
) -> Learning:
    """The prior of these children, from `prior` on. The second half of the rounds is averaged, against the noise of the draws."""
    children, random = Children(histories, prior), np.random.default_rng(seed)
    kept: list[Values] = []
    told: list[float] = []
    for each in range(rounds):
        values, likelihood = _round(children, prior, random.standard_normal((len(DIFFERS), len(histories), number)))
        prior = prior.with_values(values)
        told.append(likelihood)
        kept += [values] if each >= rounds // 2 else []
        if progress:
            progress(each, likelihood)
    return Learning(prior.with_values(_averaged(kept)), tuple(told))


def _round(children: Children, prior: Prior, normals: Floats) -> tuple[Values, float]:
    """What one round believes of the children, and how well the prior before it told their counts."""
    guess = guesses(prior, normals)
    belief = followed(children, prior, guess)
    weight = weights(belief.told)
    most = belief.told.max(axis=-1)
    likelihood = float((most + np.log(np.exp(belief.told - most[:, None]).mean(axis=-1))).sum())
    values = {name: _moments(weight, np.log(getattr(guess, name)), True) for name in DIFFERS}
    for name, place in LINEAR.items():
        values[name] = _moments(weight, belief.mean[..., place], False, belief.cov[..., place, place])
    return values, likelihood


def _moments(weight: Floats, guess: Floats, of_log: bool, variance: Floats | float = 0.0) -> tuple[float, float]:
    """The typical value and the spread over children of what is believed of each."""
    share = weight / weight.shape[0]
    mean = float((share * guess).sum())
    spread = math.sqrt(float((share * ((guess - mean) ** 2 + variance)).sum()))
    return math.exp(mean) if of_log else mean, max(spread, LEAST_SPREAD)


def _averaged(kept: list[Values]) -> Values:
    def mean(name: str) -> tuple[float, float]:
        values, spreads = ([one[name][side] for one in kept] for side in (0, 1))
        typical = float(np.mean(values)) if name in LINEAR else float(np.exp(np.mean(np.log(values))))
        return typical, float(np.mean(spreads))

    return {name: mean(name) for name in kept[0]}


def followed(children: Children, prior: Prior, guess: Guesses) -> Belief:
    """The belief about every child after its last count."""
    drug = _drug(children, prior, guess)
    belief = first_belief(prior, guess, np.zeros((len(children.days), 1)))
    for place in range(children.days.shape[1]):
        moved = moved_on(belief, guess, children.days[:, place, None])
        now = expected(prior, moved, guess, drug[place])
        after = updated(prior, moved, now, children.logs[:, place, None])
        seen = children.seen[:, place]
        mean, cov, told = (_where(seen, new, old) for new, old in zip(after[:3], moved[:3], strict=True))
        belief = Belief(mean, cov, told, after.time)
    return belief


def _where(seen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], new: Floats, old: Floats) -> Floats:
    return np.where(seen.reshape(-1, *[1] * (new.ndim - 1)), new, old)


def _drug(children: Children, prior: Prior, guess: Guesses) -> Floats:
    """What the doses taken do to the log count at each count: (counts, children, guesses)."""
    place = np.floor(children.days).astype(int)
    part = (children.days - place)[..., None]
    drug = np.zeros((children.days.shape[1], *guess.sensitivity.shape))
    marrow = at_rest(guess.sensitivity)
    for day, dose in enumerate(children.doses):
        after = next_day(marrow, guess, dose[:, None], prior["neutrophil_loss"])
        for row, count in zip(*np.nonzero(place == day), strict=True):
            share = part[row, count]
            drug[count, row] = (1 - share) * np.log(marrow.blood[row]) + share * np.log(after.blood[row])
        marrow = after
    return drug - settled(guess)


def cross_validated(
    histories: Sequence[History],
    prior: Prior,
    known: Sequence[DosesKnown],
    start: Values = NEUTRAL,
    folds: int = 5,
    rounds: int = 30,
    number: int = 160,
) -> dict[DosesKnown, Report]:
    """Each child told by a prior learnt, from the numbers of `start` on, from the other folds' children alone."""
    ordered = sorted(histories, key=lambda history: history.id)
    told: dict[DosesKnown, dict[str, dict[str, list[Told]]]] = {each: {} for each in known}
    for fold in range(folds):
        others = [history for place, history in enumerate(ordered) if place % folds != fold]
        learnt = learn(others, prior.with_values(start), rounds, number, seed=fold).prior
        for history in ordered[fold::folds]:
            for each in known:
                told[each][history.id] = methods_told(history, each, learnt)
    return {each: report_of(told[each], each) for each in known}

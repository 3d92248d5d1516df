"""The next neutrophil count of a recorded child in maintenance, from the counts and doses so far, with its doubt.

For comparing a model with counts that were already taken, and for teaching. Never for a dose, an advice or a named child's care:
it says what a count may be, not what to do, and it knows neither methotrexate, infections nor anything else about the child.

Many guesses of what the child may be like are followed at once; each count shifts belief among them and, exactly, within each.
Nothing later than the last count is used, unless the caller says that the doses up to the count asked about are known.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

import numpy as np

from remission.knowledge.model import Frozen
from remission.simulate.maintenance_filter import Belief, Expected, expected, first_belief, moved_on, updated, weights
from remission.simulate.maintenance_marrow import Floats, Guesses, Marrow, at_rest, guesses, next_day, settled, spread_evenly
from remission.simulate.maintenance_prior import Prior, load_prior
from remission.simulate.problems import SimulationProblem

DosesKnown = Literal["so-far", "given"]

GUESSES = 256
LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
MOST_COUNT, MOST_DOSE, MOST_DAY, MOST_AHEAD = 100.0, 10_000.0, 3_660.0, 366.0
_HABIT_DAYS = 7  # the doses of so many days are thought to go on
_USUAL_GAP = 7.0


class Count(Frozen, frozen=True):
    """A neutrophil count (10*9/L) on a day counted from the start of maintenance; a part of a day is a time of day."""

    day: float
    anc: float


class Dose(Frozen, frozen=True):
    """A dose of 6-MP, in any unit that stays the same for this child."""

    day: float
    amount: float


class History(Frozen, frozen=True):
    """What was recorded of one child."""

    id: str
    counts: tuple[Count, ...]
    doses: tuple[Dose, ...]


class Prediction(Frozen, frozen=True):
    """What the count on `day` may be (10*9/L), from `counts` counts. `log_sd` is the log's SD, `sure` how many guesses still count.

    Fewer than some ten that count mean a child unlike all those learnt from.
    """

    id: str
    day: float
    counts: int
    median: float
    low50: float
    high50: float
    low80: float
    high80: float
    low95: float
    high95: float
    log_mean: float
    log_sd: float
    sure: float


def predict_next(history: History, day: float | None = None, prior: Prior | None = None) -> Prediction:
    """The count on `day` (left out: a week after the last), from all of `history`; after its last dose those of its week go on.

    Raises `SimulationProblem` when the history makes no sense or `day` lies before its last count.
    """
    followed = _Followed(checked(history), prior or load_prior(), GUESSES)
    last = followed.counts[-1].day if followed.counts else 0.0
    asked = last + _USUAL_GAP if day is None else day
    if not last <= asked <= last + MOST_AHEAD:
        raise SimulationProblem("maintenance-day", day=asked, last=last)
    belief = followed.belief_before(len(followed.counts))
    known = max(last, followed.doses_known_until)
    return followed.prediction(belief, asked, len(followed.counts), known)


def predictions(
    history: History, known: DosesKnown = "so-far", prior: Prior | None = None, number: int = GUESSES
) -> Iterator[tuple[Count, Prediction]]:
    """Each count with what was expected of it, in order. The first rests on the prior alone.

    `so-far`: only doses before the count before it are used, and those of the last week are thought to go on. `given`: the doses
    actually taken up to the count are used too.
    """
    followed = _Followed(checked(history), prior or load_prior(), number)
    belief = followed.belief
    for place, count in enumerate(followed.counts):
        before = followed.counts[place - 1].day if place else count.day
        yield count, followed.prediction(belief, count.day, place, before if known == "so-far" else count.day)
        belief = followed.after(belief, count)


def checked(history: History) -> History:
    """The history in order of time. Raises `SimulationProblem` for a number that cannot be what it says."""
    for count in history.counts:
        _check(history.id, "maintenance-count", count.day, count.anc, MOST_COUNT)
    for dose in history.doses:
        _check(history.id, "maintenance-dose", dose.day, dose.amount, MOST_DOSE)
    counts = tuple(sorted(history.counts, key=lambda count: count.day))
    return History(history.id, counts, tuple(sorted(history.doses, key=lambda dose: dose.day)))


def _check(child: str, word: str, day: float, value: float, most: float) -> None:
    if not (math.isfinite(day) and abs(day) <= MOST_DAY):
        raise SimulationProblem("maintenance-time", id=child, day=day)
    if not (math.isfinite(value) and 0.0 <= value <= most):
        raise SimulationProblem(word, id=child, day=day, value=value)


def log_count(prior: Prior, anc: float) -> float:
    """The logarithm of a count; below the least that laboratories tell from nothing, that least."""
    return math.log(max(anc, prior["least_count"]))


class _Followed:
    """One child followed through time: the marrow of every guess, day by day, and the belief."""

    def __init__(self, history: History, prior: Prior, number: int):
        self.history, self.prior, self.counts = history, prior, history.counts
        self.guess = _guesses(prior, number)
        days = [*(count.day for count in history.counts), *(dose.day for dose in history.doses)]
        self.first_day = math.floor(min([0.0, *days]))
        self.doses = _daily(history, prior["reference_dose"], self.first_day)
        self.days = [at_rest(self.guess.sensitivity)]
        self.settled = settled(self.guess)
        self.belief = first_belief(prior, self.guess, float(self.first_day))

    @property
    def doses_known_until(self) -> float:
        """The end of the day of the last dose."""
        return math.floor(self.history.doses[-1].day) + 1.0 if self.history.doses else float(self.first_day)

    def belief_before(self, place: int) -> Belief:
        belief = self.belief
        for count in self.counts[:place]:
            belief = self.after(belief, count)
        return belief

    def after(self, belief: Belief, count: Count) -> Belief:
        belief, now = self._expected(belief, count.day, count.day)
        return updated(self.prior, belief, now, log_count(self.prior, count.anc))

    def prediction(self, belief: Belief, day: float, counts: int, known: float) -> Prediction:
        """What a count on `day` may be when doses before `known` are known."""
        moved, now = self._expected(belief, day, known)
        return _told(self.history.id, day, counts, self.prior, weights(moved.told), now)

    def _expected(self, belief: Belief, day: float, known: float) -> tuple[Belief, Expected]:
        moved = moved_on(belief, self.guess, day)
        return moved, expected(self.prior, moved, self.guess, self._drug(day, min(known, day)))

    def _drug(self, day: float, known: float) -> Floats:
        """What the doses before `known`, and then the habit of the week before it, do to the log count at `day`."""
        place, sure = math.floor(day) - self.first_day, math.floor(known) - self.first_day
        if sure >= place:
            before, after = self._marrow(place), self._marrow(place + 1)
        else:
            before, after = self._thought_on(place, sure, known)
        part = day - math.floor(day)
        return np.asarray((1 - part) * np.log(before.blood) + part * np.log(after.blood) - self.settled)

    def _marrow(self, place: int) -> Marrow:
        while len(self.days) <= place:
            dose = self.doses.get(len(self.days) - 1, 0.0)
            self.days.append(next_day(self.days[-1], self.guess, dose, self.prior["neutrophil_loss"]))
        return self.days[place]

    def _thought_on(self, place: int, sure: int, known: float) -> tuple[Marrow, Marrow]:
        """The marrow at the two ends of a day ahead, when the doses of the week before go on."""
        habit = self._habit(sure)
        taken = sum(dose.amount for dose in self.history.doses if known > dose.day >= math.floor(known))
        before = after = self._marrow(sure)
        for each in range(sure, place + 1):
            dose = taken / self.prior["reference_dose"] if each == sure and taken else habit
            before, after = after, next_day(after, self.guess, dose, self.prior["neutrophil_loss"])
        return before, after

    def _habit(self, place: int) -> float:
        """The mean daily dose of the week before, or of the days since the first dose."""
        first = min(self.doses, default=place)
        days = range(max(place - _HABIT_DAYS, first), place)
        return sum(self.doses.get(day, 0.0) for day in days) / len(days) if days else 0.0


def _daily(history: History, reference: float, first_day: int) -> dict[int, float]:
    """The doses of each day together, in units of the prior's reference dose."""
    doses: dict[int, float] = {}
    for dose in history.doses:
        place = math.floor(dose.day) - first_day
        doses[place] = doses.get(place, 0.0) + dose.amount / reference
    return doses


@lru_cache(maxsize=4)
def _normals(number: int) -> Floats:
    return spread_evenly(number)


def _guesses(prior: Prior, number: int) -> Guesses:
    return guesses(prior, _normals(number))


def _told(child: str, day: float, counts: int, prior: Prior, weight: Floats, now: Expected) -> Prediction:
    logs = _quantiles(prior, weight, now)
    mean = float(weight @ now.mean)
    variance = weight @ (now.variance + prior["stray_share"] * prior["stray_sd"] ** 2 + (now.mean - mean) ** 2)
    low95, low80, low50, median, high50, high80, high95 = (float(value) for value in np.exp(logs))
    sure = float(1.0 / (weight**2).sum())
    return Prediction(child, day, counts, median, low50, high50, low80, high80, low95, high95, mean, float(np.sqrt(variance)), sure)


def _quantiles(prior: Prior, weight: Floats, now: Expected) -> Floats:
    """Quantiles of the log count: the mixture of all guesses, each with its usual and its stray error, by halving."""
    share = prior["stray_share"]
    mean = np.concatenate([now.mean, now.mean])
    sd = np.sqrt(np.concatenate([now.variance, now.variance + prior["stray_sd"] ** 2]))
    part = np.concatenate([(1 - share) * weight, share * weight])
    kept = part > 1e-4 * part.max()
    mean, sd, part = mean[kept], sd[kept], part[kept] / part[kept].sum()
    low = np.full(len(LEVELS), (mean - 6 * sd).min())
    high = np.full(len(LEVELS), (mean + 6 * sd).max())
    for _ in range(24):
        middle = 0.5 * (low + high)
        below = normal_share((middle[:, None] - mean) / sd) @ part < LEVELS
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray(0.5 * (low + high))


def normal_share(z: Floats) -> Floats:
    """The share of a standard normal below `z`, to 1e-7 (Abramowitz and Stegun 26.2.17)."""
    size = np.abs(z)
    t = 1.0 / (1.0 + 0.2316419 * size)
    series = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    above = np.exp(-0.5 * size**2) / math.sqrt(2 * math.pi) * series
    return np.asarray(np.where(z >= 0, 1.0 - above, above))

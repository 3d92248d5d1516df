"""The invented child of the page on the marrow at one moment, in words. The numbers are the model's; nothing is judged."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from math import floor, log10
from typing import NamedTuple

from remission.documents.wording import Wording, grouped
from remission.knowledge.shown_child import AFTER, BEFORE, Run, ShownChild, SpinalRun

LIMIT = 1e-4  # what the test for MRD can see: 1 cell in 10,000 (minimal-residual-disease/how-few-can-be-found)
SHOWN_AS_CELLS = 0.02  # from here on, so many of 100 cells can be told and drawn
EMPTY = 0.75  # a marrow less full than this is called partly empty
MONTH = 30.44
DAYS_ALONE = 100  # up to this day of treatment the month is not told


class View:
    """What is looked at: the child with one choice of pills missed, one of the spinal fluid, at one step of time."""

    def __init__(self, child: ShownChild, missed: str, spinal: str, step: int):
        self.child, self.missed, self.spinal = child, missed, spinal
        self.step = max(0, min(step, len(child.plan.days) - 1))
        self.run: Run = child.missed[missed]
        self.fluid: SpinalRun = child.spinal[spinal]

    @cached_property
    def day(self) -> int:
        return self.child.plan.days[self.step]

    @cached_property
    def at(self) -> int:
        """The step whose numbers are shown: the last there is once the run has stopped."""
        return min(self.step, len(self.run.days) - 1)

    @property
    def has_stopped(self) -> bool:
        return self.step > self.at

    @property
    def phase(self) -> str:
        return self.run.phase[self.at]

    @property
    def blasts(self) -> float:
        return self.run.blasts[self.at]

    @property
    def cells(self) -> float:
        return self.run.cells[self.at]

    @property
    def fluid_at(self) -> int:
        return min(self.step, len(self.fluid.days) - 1)

    @property
    def grows(self) -> bool:
        """Whether cells that were left are growing again after treatment."""
        return self.phase == AFTER and self.at > 0 and self.cells > self.run.cells[self.at - 1]

    def with_all_pills(self) -> View:
        return View(self.child, self.child.plan.missed[0].id, self.spinal, self.step)

    def at_step(self, step: int) -> View:
        return View(self.child, self.missed, self.spinal, step)


def phase_name(words: Wording, child: ShownChild, phase: str) -> str:
    """The phase as families hear it."""
    if phase in (BEFORE, AFTER):
        return words.say(f"marrow-{phase}")
    return next(one.name for one in child.phases if one.id == phase).in_(words.lang)


def when(words: Wording, view: View) -> str:
    """The moment, counted as doctors do: the first day of treatment is day 1."""
    day, ends = view.day, int(view.child.told["treatment_ends"])
    if day < 0:
        return words.say("marrow-when-before", days=-day)
    if day == 0:
        return words.say("marrow-when-diagnosis")
    if day < ends:
        return words.say("marrow-when-day" if day < DAYS_ALONE else "marrow-when-month", day=day + 1, month=int(day // MONTH) + 1)
    return words.say("marrow-when-end") if day == ends else words.say("marrow-when-after", weeks=round((day - ends) / 7))


def when_and_phase(words: Wording, view: View) -> str:
    told, phase = when(words, view), view.phase
    if phase in (BEFORE, AFTER) or view.day == 0:
        return told
    return words.say("marrow-when-in", when=told, phase=phase_name(words, view.child, phase))


def sees(words: Wording, view: View) -> tuple[str, ...]:
    """What the window shows, in sentences."""
    said = [_leukemia_told(words, view)]
    if view.phase == "maintenance" and not view.cells:
        said.append(words.say("marrow-sees-others"))
    if view.run.filled[view.at] < EMPTY:
        said.append(words.say("marrow-sees-empty"))
    if view.run.given[view.at]:
        said.append(words.say("marrow-given"))
    if view.grows:
        said.append(words.say("marrow-growing"))
    return tuple(said)


def _leukemia_told(words: Wording, view: View) -> str:
    share, cells = view.blasts, view.cells
    if share >= SHOWN_AS_CELLS:
        return words.say("marrow-sees-full" if share >= 0.5 else "marrow-sees-among", of=round(100 * share))
    if share >= LIMIT:
        return words.say("marrow-sees-few-before" if view.phase == BEFORE else "marrow-sees-few", among=rounded(1 / share))
    if cells >= 2:
        return words.say("marrow-sees-hidden", cells=rounded(cells))
    return words.say("marrow-sees-hidden-one" if cells > 0 else "marrow-sees-none")


def why(words: Wording, view: View) -> tuple[str, ...]:
    """Why it looks so; after induction with the child's own result."""
    reason = "diagnosis" if view.day == 0 else "growing" if view.grows else view.phase
    said = [words.say(f"marrow-why-{reason}")]
    if view.phase == "recovery":
        percent = view.child.told["mrd_29"] * 100
        found = words.say("marrow-mrd-found", percent=grouped(Decimal(f"{percent:.1g}")))
        said.append(found if percent else words.say("marrow-mrd-below"))
    return tuple(said)


class CountNow(NamedTuple):
    """A blood count: its name, what its cells are for, its value now and at the first moment shown."""

    name: str
    purpose: str
    now: str
    at_first: str


def counts(words: Wording, view: View) -> tuple[CountNow, ...]:
    def told(count: str, at: int) -> str:
        return count_told(words, view, count, at)

    names = ("neutrophils", "platelets", "hemoglobin")
    return tuple(
        CountNow(words.say(f"marrow-{one}"), words.say(f"marrow-{one}-are"), told(one, view.at), told(one, 0)) for one in names
    )


def count_told(words: Wording, view: View, count: str, at: int) -> str:
    """A value as families hear it: cells per microliter, hemoglobin in grams."""
    value = getattr(view.run, count)[at]
    if count == "hemoglobin":
        return words.say("marrow-per-deciliter", value=f"{value:.1f}")
    return words.say("marrow-per-microliter", value=f"{round(value * 1000):,}")


def missed_told(words: Wording, view: View) -> tuple[str, ...]:
    """What the choice of pills missed comes to at this moment; from maintenance on set against every pill taken."""
    choice = words.say(f"marrow-missed-{view.missed}")
    if view.phase not in ("maintenance", AFTER):
        return (words.say("marrow-missed-not-yet", choice=choice),)
    if view.missed == view.child.plan.missed[0].id:
        return (words.say("marrow-missed-same", choice=choice),)
    cells, others = cells_told(words, view.cells), cells_told(words, view.with_all_pills().cells)
    said = words.say("marrow-missed-more", choice=choice, cells=cells, others=others)
    return (said, words.say("marrow-missed-caution"))


def spinal_told(words: Wording, view: View) -> tuple[str, ...]:
    """The spinal fluid at this moment."""
    choice, cells = words.say(f"marrow-spinal-{view.spinal}"), view.fluid.cells[view.fluid_at]
    if view.day < 0:
        return (words.say("marrow-spinal-before", choice=choice),)
    given = sum(view.fluid.given[: view.fluid_at + 1])
    said = words.say("marrow-spinal-now" if cells >= 1 else "marrow-spinal-gone", choice=choice, cells=rounded(cells), given=given)
    nothing_seen = next(one for one in view.child.plan.spinal if one.id == view.spinal).status == 1
    return (said, words.say("marrow-spinal-hidden")) if nothing_seen and cells >= 1 else (said,)


def cells_told(words: Wording, cells: float) -> str:
    if cells >= 2:
        return rounded(cells)
    return words.say("marrow-less-than-one" if cells > 0 else "marrow-none")


def rounded(number: float) -> str:
    """A number with one figure that counts, the others nought: 40,000."""
    if number < 1:
        return "0"
    unit = 10 ** floor(log10(number))
    return f"{round(number / unit) * unit:,}"


class MomentTold(NamedTuple):
    """A row of the table: the moment in words, and its numbers."""

    when: str
    leukemia: str
    neutrophils: str
    platelets: str
    hemoglobin: str


def table(words: Wording, view: View) -> tuple[MomentTold, ...]:
    """Every moment that has a link, with its numbers, as far as the run goes."""
    days = view.child.plan.days
    steps = [days.index(moment.day) for moment in view.child.plan.moments]
    return tuple(_row(words, view.at_step(step)) for step in steps if step < len(view.run.days))


def _row(words: Wording, view: View) -> MomentTold:
    told = (count_told(words, view, count, view.at) for count in ("neutrophils", "platelets", "hemoglobin"))
    return MomentTold(when(words, view), leukemia_short(words, view), *told)


def leukemia_short(words: Wording, view: View) -> str:
    """The share of leukemia cells as a test would tell it."""
    if view.blasts >= SHOWN_AS_CELLS:
        return words.say("marrow-of-100", of=round(100 * view.blasts))
    if view.blasts >= LIMIT:
        return words.say("marrow-row-one-in", number=rounded(1 / view.blasts))
    return words.say("marrow-below-test")

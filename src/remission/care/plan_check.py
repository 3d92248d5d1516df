"""What is to be asked about a plan before it is followed: slips of the pen, and what no published plan of the library does.

An error is left out of the plan unless it is mended; a doubt is kept only when the family confirms it against its own sheet. The
library is small: that it does not know something is never said to be wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate, combinations, groupby, pairwise

from msgspec.structs import replace

from remission.care.drugs import drug_id, drug_named, drug_title, nearest_drug, plain
from remission.care.plan import Item, Phase, Plan
from remission.care.plan_days import LAST_DAY, days_written
from remission.care.weekly import published_routes, routes_of, weekly_by
from remission.knowledge.model import Citation, Frozen, Text
from remission.knowledge.shelf import Shelf
from remission.record.problems import InputProblem

MOST_CYCLES = 60
LONGEST = 366 * 20  # days that a plan may last; no published road comes near it
_WEEK = 7
_ONLY_VEIN = "only-into-a-vein"  # the claim of a drug's topic that allows it no other way
_SPINAL = "spinal-fluid"


class LeftOut(Frozen, frozen=True):
    """What goes while a problem stands: a block; with an item, only that; with days (counted from 1), only those of it."""

    phase: str
    item: str = ""
    days: tuple[int, ...] = ()


class PlanProblem(Frozen, frozen=True):
    """One thing to mend or to confirm. `word` and `values` make its sentence, `line` is where it stands in a file.

    `read` names the claim (`topic/claim`) and `cites` the places that it rests on, where the library says something about it.
    """

    id: str
    word: str
    values: dict[str, object]
    leaves_out: tuple[LeftOut, ...] = ()
    is_doubt: bool = False
    line: int | None = None
    read: str = ""
    cites: tuple[Citation, ...] = ()

    @property
    def problem(self) -> InputProblem:
        """The sentence, with the line before it."""
        says = InputProblem(self.word, **self.values)
        return says if self.line is None else InputProblem("plan-check-at-line", line=self.line, says=says)


def check_plan(plan: Plan, shelf: Shelf) -> tuple[PlanProblem, ...]:
    """Everything to mend or to confirm, block by block; nothing for a plan without a slip."""
    return tuple(_Check(plan, shelf).problems())


def without(plan: Plan, left_out: Iterable[LeftOut]) -> Plan:
    """The plan less blocks, items and days. An item without days goes with them."""
    gone: dict[tuple[str, str], set[int]] = {}
    whole = set()
    for part in left_out:
        gone.setdefault((part.phase, part.item), set()).update(part.days)
        whole |= set() if part.days else {(part.phase, part.item)}
    phases = [phase for phase in plan.phases if (phase.id, "") not in whole]
    return replace(plan, phases=tuple(replace(phase, items=tuple(_items_left(phase, gone, whole))) for phase in phases))


def _items_left(phase: Phase, gone: dict[tuple[str, str], set[int]], whole: set[tuple[str, str]]) -> Iterator[Item]:
    for item in phase.items:
        place = (phase.id, item.id)
        days = tuple(day for day in item.days if day not in gone.get(place, ()))
        if days and place not in whole:
            yield replace(item, days=days)


class _Check:
    def __init__(self, plan: Plan, shelf: Shelf):
        self.plan, self.shelf = plan, shelf
        written = {item.what for phase in plan.phases for item in phase.items}
        self.pages = {what: drug_named(shelf, what) for what in written}
        self.ids = {what: drug_id(shelf, what) for what in written}
        self.routes = published_routes(shelf)
        self.known = {*self.routes, *(plain(factor.drug) for table in shelf.playbook.conversions for factor in table.factors)}

    def problems(self) -> Iterator[PlanProblem]:
        for phase in self.plan.phases:
            yield from self._block(phase)
            for item in phase.items:
                yield from self._item(phase, item)
            yield from self._twice_on_a_day(phase)
            yield from self._weekly(phase)
        yield from self._too_long()

    def _too_long(self) -> Iterator[PlanProblem]:
        """A plan longer than any could be: the blocks from there on."""
        fitting = [phase for phase in self.plan.phases if _lasts(phase) and 1 <= phase.repeats <= MOST_CYCLES]
        ends = list(accumulate(phase.lasts * phase.repeats for phase in fitting))
        beyond = [phase for phase, end in zip(fitting, ends, strict=True) if end > LONGEST]
        if beyond:
            problem = self._error("plan-check-too-long", beyond[0], most=LONGEST)
            yield replace(problem, leaves_out=tuple(LeftOut(phase.id) for phase in beyond))

    def _block(self, phase: Phase) -> Iterator[PlanProblem]:
        if not phase.name.en.strip():
            yield self._error("plan-check-no-name", phase)
        if not _lasts(phase):
            yield self._error("plan-check-lasts", phase, days=phase.lasts, most=LAST_DAY)
        if not 1 <= phase.repeats <= MOST_CYCLES:
            yield self._error("plan-check-repeats", phase, repeats=phase.repeats, most=MOST_CYCLES)

    def _item(self, phase: Phase, item: Item) -> Iterator[PlanProblem]:
        if not item.what.strip():
            yield self._error("plan-check-item-no-name", phase, item)
        if not item.days:
            yield self._error("plan-check-item-no-days", phase, item)
        outside = tuple(day for day in item.days if not 1 <= day <= phase.lasts) if _lasts(phase) else ()
        if outside:
            last = self.plan.printed_day(phase.lasts)
            yield self._error("plan-check-day-outside", phase, item, outside, days=self._days(outside), last=last)
        if item.what.strip() and self.pages[item.what] is None and self.ids[item.what] not in self.known:
            near = nearest_drug(self.shelf, item.what, self.known)
            near_title = drug_title(self.shelf, near) if near else ""
            yield self._doubt("plan-check-drug-near" if near else "plan-check-drug", phase, item, near=near_title)
        yield from self._route(phase, item)

    def _route(self, phase: Phase, item: Item) -> Iterator[PlanProblem]:
        """Ways by which a medicine is never given (an error), and ways that no plan of the library uses (a doubt)."""
        drug = self.ids[item.what]
        routes = {route for route in routes_of(item.route) if route != "not-stated"}
        topic = self.shelf.topics.get(f"drug-{drug}")
        only_vein = next((claim for claim in topic.claims if claim.id == _ONLY_VEIN), None) if topic else None
        if only_vein and routes - {"vein"}:
            error = self._error("plan-check-route-never", phase, item, route=InputProblem(f"route-{item.route}"))
            yield replace(error, read=f"drug-{drug}/{_ONLY_VEIN}", cites=only_vein.cites)
        elif drug in self.routes and routes - self.routes[drug]:
            yield self._doubt("plan-check-route-unusual", phase, item, route=InputProblem(f"route-{item.route}"))
        elif drug not in self.routes and _SPINAL in routes:
            yield self._doubt("plan-check-route-spinal", phase, item)

    def _twice_on_a_day(self, phase: Phase) -> Iterator[PlanProblem]:
        for one, other in combinations(phase.items, 2):
            both = set(one.days) & set(other.days)
            if both and self._drug(one) == self._drug(other) and _may_be_one_route(one, other) and not (one.only and other.only):
                days = tuple(sorted(both))
                yield self._doubt("plan-check-twice", phase, other, days, days=self._days(days))

    def _weekly(self, phase: Phase) -> Iterator[PlanProblem]:
        """Medicines that published plans give weekly or less often, on days closer together."""
        found = [(weekly_by(self.shelf, item.what, item.route), item) for item in phase.items]
        by_drug = sorted(((weekly.drug, weekly, item) for weekly, item in found if weekly), key=lambda one: (one[0], one[2].route))
        for _, same in groupby(by_drug, key=lambda one: (one[0], one[2].route)):
            group = list(same)
            days = sorted({day for _, _, item in group for day in item.days})
            if any(later - day < _WEEK for day, later in pairwise(days)):
                weekly, item = group[0][1], group[0][2]
                doubt = self._doubt(
                    "plan-check-weekly", phase, item, days=self._days(days), route=InputProblem(f"route-{item.route}")
                )
                gone = tuple(LeftOut(phase.id, other.id) for _, _, other in group)
                yield replace(doubt, leaves_out=gone, cites=weekly.cites)

    # --- telling --------------------------------------------------------------------------------------------------------

    def _error(
        self, word: str, phase: Phase, item: Item | None = None, gone: tuple[int, ...] = (), **values: object
    ) -> PlanProblem:
        place = f"{phase.id}/{item.id}" if item else phase.id
        told = {"block": phase.name, "item": self._name(item) if item else ""} | values
        return PlanProblem(f"{word}:{place}", word, told, (LeftOut(phase.id, item.id if item else "", gone),))

    def _doubt(self, word: str, phase: Phase, item: Item, gone: tuple[int, ...] = (), **values: object) -> PlanProblem:
        return replace(self._error(word, phase, item, gone, **values), is_doubt=True)

    def _days(self, days: Iterable[int]) -> str:
        return days_written(days, self.plan.first_day)

    def _name(self, item: Item) -> Text | str:
        return drug_title(self.shelf, self.pages.get(item.what) or item.what)

    def _drug(self, item: Item) -> str:
        return self.ids[item.what]


def _lasts(phase: Phase) -> bool:
    """Whether the length of a block can be."""
    return 1 <= phase.lasts <= LAST_DAY


def _may_be_one_route(one: Item, other: Item) -> bool:
    routes = set(routes_of(one.route)) & set(routes_of(other.route))
    return bool(routes) or "not-stated" in (one.route, other.route)

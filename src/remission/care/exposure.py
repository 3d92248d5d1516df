"""What a child was given in all, as far as somebody wrote it down: it counts for the checks of later years.

Only what was ticked as given and what the family copied from the team is counted; the doses of published plans never are. What was
not written down is not recorded, which is not the same as nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Literal

from remission.care.child_road import Unfitting, unfitting
from remission.care.drugs import drug_id
from remission.care.record import Record
from remission.care.road import Road
from remission.home.notes import Note
from remission.knowledge.model import Frozen
from remission.knowledge.playbook import Conversion
from remission.knowledge.shelf import Shelf

STEROIDS = ("dexamethasone", "prednisone", "prednisolone", "methylprednisolone")
CYCLOPHOSPHAMIDE = "cyclophosphamide"
_SPINAL = "spinal-fluid"
_LOCAL = (_SPINAL, "skin", "other")  # ways by which a steroid does not go through the whole body
_PER_SQUARE_METER = {"mg-m2": Decimal(1), "g-m2": Decimal(1000)}  # in mg/m2

Why = Literal["added", "replaced", "undated", "kind-not-recorded", "not-per-square-meter"]


class Told(Frozen, frozen=True):
    """An amount that the family recorded as told by the team. `amount` is in mg/m2, or in mg where only that was told.

    `why` says whether it is part of the sum, and if not, why not.
    """

    note: Note
    amount: Decimal
    unit: Literal["mg/m2", "mg"]
    on: date | None
    is_total: bool
    why: Why = "added"


class Total(Frozen, frozen=True):
    """What is recorded of one drug. `amount` (mg/m2) is None when no amount was told: then only the days are known.

    `given` are the days on which it was ticked as given, `amount_missing` those of them that no told amount speaks of.
    `falls` when a later total is lower than an earlier one: one of them must be wrong.
    """

    drug: str
    amount: Decimal | None
    told: tuple[Told, ...]
    given: tuple[date, ...]
    amount_missing: tuple[date, ...]
    falls: bool = False
    route: str = ""


class Product(Frozen, frozen=True):
    """One line of the arithmetic: an amount times a published factor."""

    drug: str
    amount: Decimal
    factor: Decimal
    product: Decimal


class Converted(Frozen, frozen=True):
    """The anthracyclines by one published table. `total` is None when the table has a factor for none of them.

    Drugs without a factor in it are named in `not_converted` and are not part of the total.
    """

    conversion: Conversion
    products: tuple[Product, ...]
    not_converted: tuple[str, ...]
    total: Decimal | None


class SpinalTreatment(Frozen, frozen=True):
    """One treatment into the spinal fluid: everything that was put there on one day."""

    on: date
    drugs: tuple[str, ...]


class SteroidDays(Frozen, frozen=True):
    """The days on which a steroid was ticked as given."""

    drug: str
    days: tuple[date, ...]


class Exposures(Frozen, frozen=True):
    """All that is recorded. An empty tuple or a None is "not recorded". `uncounted` were given in blocks that the plan lost."""

    spinal: tuple[SpinalTreatment, ...]
    spinal_undated: tuple[Note, ...]
    steroids: tuple[SteroidDays, ...]
    anthracyclines: tuple[Total, ...]
    converted: tuple[Converted, ...]
    cyclophosphamide: Total | None
    others: tuple[Total, ...]
    radiation: tuple[Note, ...]
    transplants: tuple[Note, ...]
    uncounted: tuple[Unfitting, ...] = ()


class _Given(Frozen, frozen=True):
    """One thing that somebody ticked as given."""

    drug: str
    route: str
    on: date


def exposures(shelf: Shelf, record: Record, road: Road | None) -> Exposures:
    """What was given so far, from the road's given items, the ticked doses and the amounts told by the team."""
    given = [*_on_the_road(shelf, road), *_at_home(shelf, record)]
    notes = [(drug, note) for note in record.of("given-total") if (drug := drug_id(shelf, note.said("drug")))]
    kinds = _anthracyclines(shelf)
    totals = list(_totals(notes, given, kinds))
    anthracyclines = tuple(total for total in totals if total.drug in kinds)
    return Exposures(
        spinal=tuple(_spinal(given, notes)),
        spinal_undated=tuple(note for _, note in notes if note.said("route") == _SPINAL and not _one_day(note)),
        steroids=tuple(_steroids(given)),
        anthracyclines=anthracyclines,
        converted=tuple(_converted(table, anthracyclines) for table in shelf.playbook.conversions) if anthracyclines else (),
        cyclophosphamide=next((total for total in totals if total.drug == CYCLOPHOSPHAMIDE), None),
        others=tuple(total for total in totals if total.drug not in (*kinds, CYCLOPHOSPHAMIDE)),
        radiation=_by_day(record, "radiation"),
        transplants=_by_day(record, "transplant"),
        uncounted=tuple(apart for apart in unfitting(record) if apart.note.said("what") == "given"),
    )


# --- what was ticked ----------------------------------------------------------------------------------------------------------


def _on_the_road(shelf: Shelf, road: Road | None) -> Iterator[_Given]:
    drugs = {item.what: drug_id(shelf, item.what) for phase in road.plan.phases for item in phase.items} if road else {}
    for planned in road.planned() if road else ():
        if planned.done and not planned.done.skipped:
            yield _Given(drugs[planned.item.what], planned.item.route, planned.on)


def _at_home(shelf: Shelf, record: Record) -> Iterator[_Given]:
    """The doses ticked on the medicine list; the last tick for a time of a day is the one that holds."""
    medicines = {note.id: (drug_id(shelf, note.said("name")), note.said("route")) for note in record.of("medicine")}
    last = {(d.said("medicine"), d.said("on"), d.said("slot")): d for d in sorted(record.of("dose"), key=lambda d: d.seq)}
    for (medicine, _, _), dose in last.items():
        on = _day(dose)
        if medicine in medicines and on and dose.said("what") == "given":
            yield _Given(*medicines[medicine], on)


def _spinal(given: Iterable[_Given], notes: Iterable[tuple[str, Note]]) -> Iterator[SpinalTreatment]:
    """One treatment for each day, however many drugs were put in; a tick and a told dose of one day are the same treatment."""
    days: dict[date, dict[str, None]] = {}
    for one in given:
        if one.route == _SPINAL:
            days.setdefault(one.on, {})[one.drug] = None
    for drug, note in notes:
        on = _one_day(note)
        if note.said("route") == _SPINAL and on:
            days.setdefault(on, {})[drug] = None
    return (SpinalTreatment(on, tuple(drugs)) for on, drugs in sorted(days.items()))


def _one_day(note: Note) -> date | None:
    """The day of a single dose; a total so far is no treatment of its day."""
    return _day(note) if note.said("what") == "once" else None


def _steroids(given: Iterable[_Given]) -> Iterator[SteroidDays]:
    days: dict[str, set[date]] = {}
    for one in given:
        if one.drug in STEROIDS and one.route not in _LOCAL:
            days.setdefault(one.drug, set()).add(one.on)
    return (SteroidDays(drug, tuple(sorted(days[drug]))) for drug in sorted(days))


def _by_day(record: Record, kind: str) -> tuple[Note, ...]:
    """Notes by their day, those without one last."""
    return tuple(sorted(record.of(kind), key=lambda note: note.said("on") or "9999"))


# --- what the team told -------------------------------------------------------------------------------------------------------


def _totals(notes: list[tuple[str, Note]], given: list[_Given], kinds: tuple[str, ...]) -> Iterator[Total]:
    """A total for each drug; for other drugs than those whose whole amount counts, one for each way it was given."""
    summed = (*kinds, CYCLOPHOSPHAMIDE)
    named = [(drug, "" if drug in summed else note.said("route")) for drug, note in notes]
    for drug, route in dict.fromkeys((*named, *((one.drug, "") for one in given if one.drug in summed))):
        own = [note for other, note in notes if other == drug and (drug in summed or note.said("route") == route)]
        yield _total(drug, route, own, [one for one in given if one.drug == drug and route in ("", one.route)])


def _total(drug: str, route: str, notes: Iterable[Note], given: Iterable[_Given]) -> Total:
    """The amount of one drug: the latest total so far, and the single doses since. Nothing is added twice."""
    told = [one for note in notes if (one := _told(note))]
    latest = max((one for one in told if _is_dated_total(one)), key=lambda one: (one.on or date.min, one.note.seq), default=None)
    if latest is None:
        latest = max((one for one in told if one.is_total and one.why == "undated"), key=lambda one: one.note.seq, default=None)
    told = [_beside(one, latest) for one in told]
    added = [one for one in told if one.why == "added"]
    days = tuple(sorted({one.on for one in given}))
    amount = sum((one.amount for one in added), Decimal(0)) if added else None
    return Total(drug, amount, tuple(told), days, tuple(_not_spoken_of(days, added)), _falls(told), route)


def _told(note: Note) -> Told | None:
    """An amount as it was recorded; None when it is none."""
    try:
        number, on = note.number("amount"), _day(note)
    except InvalidOperation:
        return None
    if number is None:
        return None
    factor = _PER_SQUARE_METER.get(note.said("unit"))
    what = note.said("what")
    why: Why = "added" if what in ("once", "so-far") else "kind-not-recorded"
    if factor is None:
        return Told(note, number, "mg", on, what == "so-far", "not-per-square-meter")
    return Told(note, number * factor, "mg/m2", on, what == "so-far", "undated" if why == "added" and on is None else why)


def _is_dated_total(told: Told) -> bool:
    return told.is_total and told.why == "added"


def _beside(told: Told, latest: Told | None) -> Told:
    """An amount beside the latest total so far: what that total holds already is replaced by it.

    A dose without a date may be part of the total, so it is not added; neither is anything to a total without a date.
    """
    if told.why not in ("added", "undated"):
        return told
    if latest is None or told.note is latest.note:
        return _because(told, "added")
    if latest.on is None:
        return _because(told, "replaced")
    if told.on is None:
        return _because(told, "undated")
    return _because(told, "replaced" if told.is_total or told.on <= latest.on else "added")


def _because(told: Told, why: Why) -> Told:
    return Told(told.note, told.amount, told.unit, told.on, told.is_total, why)


def _not_spoken_of(days: Iterable[date], added: Iterable[Told]) -> Iterator[date]:
    """Days on which the drug was given, with no amount told for them: neither a dose of that day nor a total of then or later."""
    singles = {one.on for one in added if not one.is_total}
    totals = [one.on for one in added if one.is_total]
    for day in days:
        if day not in singles and not any(total is None or day <= total for total in totals):
            yield day


def _falls(told: Iterable[Told]) -> bool:
    """Whether a total so far is lower than an earlier one."""
    totals = sorted((one for one in told if one.is_total and one.on and one.unit == "mg/m2"), key=lambda one: one.on or date.min)
    return any(later.amount < one.amount for one, later in pairwise(totals))


# --- anthracyclines -----------------------------------------------------------------------------------------------------------


def _anthracyclines(shelf: Shelf) -> tuple[str, ...]:
    """The drugs that any of the published tables converts."""
    return tuple(dict.fromkeys(factor.drug for table in shelf.playbook.conversions for factor in table.factors))


def _converted(table: Conversion, totals: Iterable[Total]) -> Converted:
    """What the told amounts come to in one published table, line by line."""
    factors = {factor.drug: factor.factor for factor in table.factors}
    told = [(total.drug, total.amount) for total in totals if total.amount is not None]
    products = [Product(drug, amount, factors[drug], amount * factors[drug]) for drug, amount in told if drug in factors]
    left = tuple(drug for drug, _ in told if drug not in factors)
    return Converted(table, tuple(products), left, sum((p.product for p in products), Decimal(0)) if products else None)


def _day(note: Note) -> date | None:
    try:
        return note.day("on")
    except ValueError:
        return None

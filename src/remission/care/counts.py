"""The counts that were written down, each in one unit, and those that follow from others of the same report, with the formula.

Exact decimals throughout. Nothing is filled in: a share that was not recorded is not counted as nothing, it is said.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from remission.care.record import Record
from remission.home.notes import Note
from remission.knowledge.model import Frozen, Library
from remission.knowledge.shelf import Shelf
from remission.record.units import unit_factor

CountKind = Literal["wbc", "anc", "platelets", "hemoglobin", "lymphocytes"]
COUNT_KINDS: tuple[CountKind, ...] = ("wbc", "anc", "platelets", "hemoglobin", "lymphocytes")
_WRITTEN = ("wbc", "anc", "platelets", "hemoglobin")  # what a report gives as a number of its own
_SHARES = {"anc": ("neutrophils", "bands"), "lymphocytes": ("lymphocytes",)}  # the first is needed, the others count if recorded
_HUNDRED = Decimal(100)


class Formula(Frozen, frozen=True):
    """How a count was worked out: white cells times the sum of `shares` in percent. `not_recorded` shares were not counted."""

    wbc: Decimal
    wbc_as_written: str
    shares: tuple[tuple[str, Decimal], ...]
    value: Decimal
    not_recorded: tuple[str, ...] = ()


class Reading(Frozen, frozen=True):
    """One count of one report, in 10*9/L or g/dL. `as_written` is empty when it was worked out (`formula`).

    `disagrees` is what the other numbers of the same report come to, when that is more than rounding away from what was written.
    """

    kind: str
    value: Decimal
    as_written: str
    on: date
    note: Note
    formula: Formula | None = None
    disagrees: Formula | None = None


class TeamLine(Frozen, frozen=True):
    """A line that the team drew for a count, in the unit of the readings."""

    kind: str
    value: Decimal
    as_written: str
    note: Note

    @property
    def what_for(self) -> str:
        return self.note.said("what-for")

    @property
    def told_by(self) -> str:
        return self.note.said("told-by")

    @property
    def told_on(self) -> date | None:
        return _day(self.note, "told-on")


def readings(library: Library, shelf: Shelf, record: Record, kind: str) -> list[Reading]:
    """The readings of one kind of count, oldest first."""
    notes = [(on, note) for note in record.of("count") if (on := _day(note))]
    found = [_reading(library, shelf, note, on, kind) for on, note in notes]
    return sorted((one for one in found if one), key=lambda one: (one.on, one.note.said("time"), one.note.seq))


def team_lines(library: Library, shelf: Shelf, record: Record, kind: str) -> list[TeamLine]:
    """The lines that the team drew for a kind of count, in the order in which they were told."""
    field = "hemoglobin" if kind == "hemoglobin" else "cells"
    lines = []
    for note in record.by_day("line-of-team", "told-on")[::-1]:
        value = _in_base_unit(library, shelf, note, field)
        if value is not None and note.said("count") == kind:
            lines.append(TeamLine(kind, value, note.said(field), note))
    return lines


def _reading(library: Library, shelf: Shelf, note: Note, on: date, kind: str) -> Reading | None:
    formula = _formula(library, shelf, note, kind)
    written = _in_base_unit(library, shelf, note, kind) if kind in _WRITTEN else None
    if written is None:
        return Reading(kind, formula.value, "", on, note, formula) if formula else None
    disagrees = formula if formula and _is_beyond_rounding(library, shelf, note, kind, formula) else None
    return Reading(kind, written, note.said(kind), on, note, None, disagrees)


def _formula(library: Library, shelf: Shelf, note: Note, kind: str) -> Formula | None:
    """What the white cells and the shares of a report come to; None when the share that matters is not recorded."""
    wbc = _in_base_unit(library, shelf, note, "wbc")
    shares = [(share, _percent(note, share)) for share in _SHARES.get(kind, ())]
    if wbc is None or not shares or shares[0][1] is None:
        return None
    counted = tuple((share, percent) for share, percent in shares if percent is not None)
    value = wbc * sum(percent for _, percent in counted) / _HUNDRED
    return Formula(wbc, note.said("wbc"), counted, value, tuple(share for share, percent in shares if percent is None))


def _is_beyond_rounding(library: Library, shelf: Shelf, note: Note, kind: str, formula: Formula) -> bool:
    """Whether no numbers that round to what was written fit together."""
    written, wbc = (_quantity(library, shelf, note, field) for field in (kind, "wbc"))
    if written is None or wbc is None:
        return False
    (lowest, highest), (low, high) = _rounded_from(*written), _rounded_from(*wbc)
    shares = [_rounded_from(percent, Decimal(1)) for _, percent in formula.shares]
    low, high = low * sum(share[0] for share in shares) / _HUNDRED, high * sum(share[1] for share in shares) / _HUNDRED
    return high < lowest or highest < low


def _rounded_from(number: Decimal, factor: Decimal) -> tuple[Decimal, Decimal]:
    """From where to where a number may have been rounded: half a step of its last digit. In a whole number, zeros at the end may
    be rounding, except for the first two digits: 2100 may be anything from 2050 to 2150."""
    exponent = int(number.as_tuple().exponent)
    if exponent >= 0 and number.adjusted() > 1:
        exponent = min(int(number.normalize().as_tuple().exponent), number.adjusted() - 1)
    half = Decimal(5).scaleb(exponent - 1)
    return max(number - half, Decimal(0)) * factor, (number + half) * factor


def _in_base_unit(library: Library, shelf: Shelf, note: Note, field_id: str) -> Decimal | None:
    """A quantity of a note in 10*9/L or g/dL; None when it is not recorded, or not in a way that can be read."""
    quantity = _quantity(library, shelf, note, field_id)
    return quantity[0] * quantity[1] if quantity else None


def _quantity(library: Library, shelf: Shelf, note: Note, field_id: str) -> tuple[Decimal, Decimal] | None:
    """A number of a note as it was written, and what one of its unit is in the base unit."""
    field = shelf.playbook.kinds[note.kind].field(field_id)
    try:
        quantity = note.quantity(field_id)
    except InvalidOperation:
        return None
    factor = unit_factor(library.units[field.family], quantity[1]) if quantity else None
    return (quantity[0], factor) if quantity and factor is not None else None


def _percent(note: Note, field_id: str) -> Decimal | None:
    try:
        return note.number(field_id)
    except InvalidOperation:
        return None


def _day(note: Note, field: str = "on") -> date | None:
    try:
        return note.day(field)
    except ValueError:
        return None

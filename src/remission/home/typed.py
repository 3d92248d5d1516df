"""What was typed into a form becomes the values of a note, or every problem at once. Nothing is guessed, nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal

import msgspec

from remission.home.notes import Values
from remission.knowledge.model import Frozen, Library, UnitFamily
from remission.knowledge.playbook import Field, NoteKind
from remission.record.problems import InputProblem, InputProblems
from remission.record.reading import read_fact
from remission.record.units import split_quantity, unit_factor

_DECIMAL_COMMA = re.compile(r"(-?\d+),(\d{1,2})(?!\d)")
_TEMPERATURE = re.compile(r"(?P<number>\d{2,3}(?:\.\d{1,2})?)\s*(?:°|º)?\s*(?P<unit>[CcFf]?)")
_PHONE = re.compile(r"[+\d][\d\s().\-/]*(?:(?:ext\.?|x|#|anexo|int\.?)\s*\d+)?", re.IGNORECASE)
_LONGEST = {"words": 200, "text": 5000, "phone": 40}
_FAR = 366 * 10  # days ahead within which an appointment may lie
_MRD_FACT = "mrd_eoi"  # any MRD fact: all are read alike
_CELSIUS = (Decimal(30), Decimal(45))  # no thermometer on a living child shows more or less


class Doubt(Frozen, frozen=True):
    """Something to be asked twice before it is kept: which field, in which words, and what it may have been meant as.

    `readings` are values as they would be kept; the one that was typed comes first.
    """

    field: str
    word: str
    values: Values = msgspec.field(default_factory=dict)
    readings: tuple[str, ...] = ()


class Typed(Frozen, frozen=True):
    """What a form said: the values, and what is to be asked twice."""

    values: Values
    doubts: tuple[Doubt, ...] = ()


def read_typed(
    library: Library,
    kind: NoteKind,
    typed: Mapping[str, str],
    today: date,
    born: date | None = None,
    sure: Mapping[str, str] | None = None,
) -> Typed:
    """The values of a note from a form's fields. A quantity's unit is in `FIELD-unit`; `sure` holds, by field, a value that was
    read back and confirmed.

    Raises `InputProblems`, each with the field as `where`.
    """
    values: Values = {}
    problems: list[InputProblem] = []
    doubts: list[Doubt] = []
    for field in kind.fields:
        try:
            value = _read(library, field, typed, today, born)
        except InputProblem as problem:
            problems.append(InputProblem(problem.word, **(problem.values | {"where": field.id, "label": field.label})))
            continue
        if value:
            values[field.id] = value
            doubt = None if (sure or {}).get(field.id) == value else _doubt(library, field, value)
            doubts += [doubt] if doubt else []
    if problems:
        raise InputProblems(problems)
    return Typed(values, tuple(doubts))


def _read(library: Library, field: Field, typed: Mapping[str, str], today: date, born: date | None) -> str:
    """The value of one field as it is kept; nothing when it was left empty."""
    written = typed.get(field.id, "").replace("\r\n", "\n").replace("\0", "").strip()
    if not written:
        if field.required:
            raise InputProblem("note-needed")
        return ""
    if len(written) > _LONGEST.get(field.kind, 200):
        raise InputProblem("note-too-long", most=_LONGEST.get(field.kind, 200))
    if field.kind == "day":
        return _day(field, written, today, born)
    if field.kind in ("choice", "choices"):
        return _chosen(field, written)
    if field.kind == "number":
        return f"{_in_range(field, _number(written)):f}"
    if field.kind == "quantity":
        return _quantity(library, field, written, typed.get(f"{field.id}-unit", "").strip())
    if field.kind == "temperature":
        return _temperature(written, typed.get(f"{field.id}-unit", "").strip())
    if field.kind == "mrd":
        read_fact(library, _MRD_FACT, written)  # refuses what is no result; kept as the report says it
    return _READ_AS.get(field.kind, str)(written)


def _day(field: Field, written: str, today: date, born: date | None) -> str:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise InputProblem("note-day-unreadable", value=written) from None
    if field.days == "past" and day > today:
        raise InputProblem("note-day-ahead", value=day)
    if (day - today).days > _FAR:
        raise InputProblem("note-day-far", value=day)
    if born and not field.before_birth and day < born:
        raise InputProblem("note-day-before-birth", value=day, born=born)
    return day.isoformat()


def _time(written: str) -> str:
    try:
        return time.fromisoformat(written if len(written) > 4 else f"0{written}").strftime("%H:%M")
    except ValueError:
        raise InputProblem("note-time-unreadable", value=written) from None


def _chosen(field: Field, written: str) -> str:
    chosen = written.split() if field.kind == "choices" else [written]
    known = [option.id for option in field.options]
    if any(choice not in known for choice in chosen):
        raise InputProblem("note-choice-unknown", value=written)
    return " ".join(option for option in known if option in chosen)


def _number(written: str) -> Decimal:
    split = split_quantity(_DECIMAL_COMMA.sub(r"\1.\2", written))
    if split is None or split[1]:
        raise InputProblem("note-number-unreadable", value=written)
    return split[0]


def _in_range(field: Field, number: Decimal, shown: str = "") -> Decimal:
    if (field.low is not None and number < field.low) or (field.high is not None and number > field.high):
        unit = field.units[0] if field.units else ""
        raise InputProblem("note-out-of-range", value=shown or f"{number:f}", low=field.low, high=field.high, unit=unit)
    return number


def _quantity(library: Library, field: Field, written: str, unit: str) -> str:
    split = split_quantity(_DECIMAL_COMMA.sub(r"\1.\2", written))
    if split is None:
        raise InputProblem("note-number-unreadable", value=written)
    number, unit = split[0], split[1] or unit
    if not unit:
        raise InputProblem("note-unit-missing", value=written, units=", ".join(field.units))
    known = next(
        (
            one
            for one in field.units
            if unit_factor(library.units[field.family], one) == unit_factor(library.units[field.family], unit)
        ),
        "",
    )
    if unit_factor(library.units[field.family], unit) is None or not known:
        raise InputProblem("note-unit-unknown", value=unit, units=", ".join(field.units))
    _in_range(field, in_first_unit(library.units[field.family], field, number, known), f"{number:f} {known}")
    return f"{number:f} {known}"


def _temperature(written: str, unit: str) -> str:
    match = _TEMPERATURE.fullmatch(_DECIMAL_COMMA.sub(r"\1.\2", written))
    if match is None:
        raise InputProblem("note-number-unreadable", value=written)
    unit = match["unit"].upper() or unit[-1:].upper()
    if unit not in ("C", "F"):
        raise InputProblem("note-unit-missing", value=written, units="°C, °F")
    value = f"{match['number']} °{unit}"
    if not _CELSIUS[0] <= celsius(value) <= _CELSIUS[1]:
        raise InputProblem("note-temperature-impossible", value=value)
    return value


def celsius(value: str) -> Decimal:
    """A temperature as it is kept ("101.3 °F") in degrees Celsius, exactly."""
    number, _, unit = value.partition(" °")
    return (Decimal(number) - 32) * 5 / 9 if unit == "F" else Decimal(number)


def in_first_unit(family: UnitFamily, field: Field, number: Decimal, unit: str) -> Decimal:
    """A number in the first of a field's units."""
    factor, first = unit_factor(family, unit), unit_factor(family, field.units[0])
    if factor is None or first is None:
        raise ValueError(unit)  # the reader refuses such a unit before, and the knowledge check one in a field
    return number * factor / first


def _doubt(library: Library, field: Field, value: str) -> Doubt | None:
    """Whether a value is so unusual that the unit may be meant otherwise; with every reading that would be usual."""
    if field.kind != "quantity" or not _is_unusual(library, field, value):
        return None
    number, _, unit = value.partition(" ")
    others = tuple(
        f"{number} {other}" for other in field.units if other != unit and not _is_unusual(library, field, f"{number} {other}")
    )
    return Doubt(field.id, "note-doubt-unit" if others else "note-doubt-value", {"value": value}, (value, *others))


def _is_unusual(library: Library, field: Field, value: str) -> bool:
    number, _, unit = value.partition(" ")
    amount = in_first_unit(library.units[field.family], field, Decimal(number), unit)
    return (field.ask_low is not None and amount < field.ask_low) or (field.ask_high is not None and amount > field.ask_high)


def _phone(written: str) -> str:
    if not _PHONE.fullmatch(written):
        raise InputProblem("note-phone-unreadable", value=written)
    return written


_READ_AS = {"time": _time, "phone": _phone}

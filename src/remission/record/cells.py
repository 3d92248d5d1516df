"""What the cells of one row say, through a mapping: a fact, the first event, whether the child died, a time.

This is the only reading of such cells there is. One child's row is read by it cell by cell; of many children, every distinct text
is read once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from remission.knowledge import ages
from remission.knowledge.mapping import ColumnMapping, DeathColumn, EventColumn, OutcomeMapping, TimeColumn
from remission.knowledge.mapping import Mapping as TableMapping
from remission.knowledge.model import Library
from remission.record.facts import Fact
from remission.record.problems import InputProblem
from remission.record.reading import read_fact
from remission.record.units import split_quantity

Cells = Mapping[str, str]
Outcome = str | bool | float | None
OutcomeReader = tuple[tuple[str, ...], Callable[[Cells], Outcome]]  # the columns that are looked at, and what reads a row
OUTCOME_NAMES = ("first_event", "first_event_days", "died", "death_days", "entered_days")
_DAYS = {"d": Decimal(1), "w": Decimal(7), "mo": ages.DAYS_PER_MONTH, "y": ages.DAYS_PER_YEAR}
_PARTS = {
    "yyyy": r"(?P<year>\d{4})", "mm": r"(?P<month>\d{2})", "m": r"(?P<month>\d{1,2})", "dd": r"(?P<day>\d{2})",
    "d": r"(?P<day>\d{1,2})",
}  # fmt: skip


def read_cells(library: Library, mapping: TableMapping, column: ColumnMapping, cells: Cells) -> Fact | None:
    """The fact that one line of a mapping reads from a row; None when the row says nothing of it. Raises `InputProblem`."""
    if not all(cells.get(name, "") in allowed for name, allowed in column.only.items()):
        return None
    if column.says:
        return read_fact(library, column.fact, column.says, column.method)
    cell = cells.get(column.column, "")
    missing = (*mapping.missing, *column.missing)
    if not cell or cell in missing:
        return None
    if cell in column.below_limit:
        cell = "negative"
    elif column.codes:
        cell = _coded(column.column, column.codes, cell)
    elif column.dates:
        return _age(library, missing, column, cell, cells)
    limit = cells.get(column.limit_column, "") if column.limit_column else ""
    limit = "" if not limit or limit in missing else f"{limit} {column.unit}".strip()
    return read_fact(library, column.fact, _with_unit(library, column, cell), column.method, limit)


def _with_unit(library: Library, column: ColumnMapping, cell: str) -> str:
    """The cell with its unit, where it says a number; days that a fact counts in months are brought into months."""
    definition = library.facts[column.fact]
    if not any(map(str.isdigit, cell)):
        return cell
    if definition.unit != "mo" or column.unit not in ("d", "w", "y"):
        return f"{cell} {column.unit}".strip()
    months = _number(column.column, cell) * _DAYS[column.unit] / ages.DAYS_PER_MONTH
    return f"{months:f} mo"


def _age(library: Library, missing: Sequence[str], column: ColumnMapping, cell: str, cells: Cells) -> Fact | None:
    since = cells.get(column.since, "")
    if not since or since in missing:
        return None
    day, start = read_date(column.column, cell, column.dates), read_date(column.since, since, column.dates)
    if day < start:
        raise InputProblem("cell-dates-reversed", column=column.column, value=cell, since=column.since, start=since)
    return read_fact(library, column.fact, _with_unit(library, column, f"{ages.age_between(start, day)} d"), column.method)


def _coded(column: str, codes: Mapping[str, str], cell: str) -> str:
    if cell not in codes:
        raise InputProblem("code-unknown", column=column, value=cell)
    return codes[cell]


def read_date(column: str, text: str, form: str) -> date:
    """A date in the stated form, for example m/d/yyyy. Raises `InputProblem`."""
    match = _date_pattern(form).fullmatch(text)
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"])) if match else _no_date(column, text, form)
    except ValueError as error:
        raise InputProblem("cell-date-unreadable", column=column, value=text, form=form) from error


def _no_date(column: str, text: str, form: str) -> date:
    raise InputProblem("cell-date-unreadable", column=column, value=text, form=form)


@lru_cache(maxsize=32)
def _date_pattern(form: str) -> re.Pattern[str]:
    """The pattern of a form such as m/d/yyyy. Raises ValueError when year, month and day are not each named once."""
    parts = re.split(r"(yyyy|mm|m|dd|d)", form)
    if sorted(part[0] for part in parts[1::2]) != ["d", "m", "y"]:
        raise ValueError(f"“{form}” is no form of a date; write for example m/d/yyyy, dd.mm.yyyy or yyyy-mm-dd")
    return re.compile("".join(_PARTS.get(part, re.escape(part)) for part in parts), re.ASCII)


def check_date_form(form: str) -> None:
    """Raises ValueError when this is no form of a date."""
    _date_pattern(form)


def read_event(mapping: TableMapping, event: EventColumn, cells: Cells) -> str | None:
    """The first event as `cohort.columns` names it; None when it is not known. Raises `InputProblem`."""
    cell = cells.get(event.column, "")
    if not cell or cell in mapping.missing or cell in event.missing:
        return None
    said = _coded(event.column, event.codes, cell)
    return None if said == "unknown" else said


def read_death(mapping: TableMapping, death: DeathColumn, cells: Cells) -> bool | None:
    """Whether the child died; None when that is not known. Raises `InputProblem`."""
    cell = cells.get(death.column, "")
    if not cell or cell in mapping.missing or cell in death.missing:
        return None
    said = _coded(death.column, death.codes, cell)
    return None if said == "unknown" else said == "yes"


def read_time(mapping: TableMapping, time: TimeColumn, cells: Cells) -> float | None:
    """Days since time zero; None when they are not known. Raises `InputProblem`."""
    missing = (*mapping.missing, *time.missing)
    cell, since = cells.get(time.column, ""), cells.get(time.since, "") if time.since else ""
    if not cell or cell in missing or (time.since and (not since or since in missing)):
        return None
    if time.since:
        return float((read_date(time.column, cell, time.dates) - read_date(time.since, since, time.dates)).days)
    days = _number(time.column, cell) * _DAYS[time.unit]
    return float(days.quantize(Decimal(1), ROUND_HALF_EVEN) if time.whole_days else days)


def _number(column: str, cell: str) -> Decimal:
    split = split_quantity(cell)
    if split is None or split[1]:
        raise InputProblem("time-unreadable", column=column, value=cell)
    return split[0]


def outcome_readers(mapping: TableMapping, outcomes: OutcomeMapping) -> dict[str, OutcomeReader]:
    """For each outcome that the mapping reads: the columns that are looked at, and what reads it from a row."""
    readers: dict[str, OutcomeReader] = {}
    event, death = outcomes.event, outcomes.death
    if event:
        readers["first_event"] = ((event.column,), lambda cells: read_event(mapping, event, cells))
    if death:
        readers["died"] = ((death.column,), lambda cells: read_death(mapping, death, cells))
    for name, time in (
        ("first_event_days", event.time if event else None),
        ("death_days", death.time if death else None),
        ("entered_days", outcomes.entered),
    ):
        if time:
            readers[name] = (time.inputs, _time_reader(mapping, time))
    return {name: readers[name] for name in OUTCOME_NAMES if name in readers}


def _time_reader(mapping: TableMapping, time: TimeColumn) -> Callable[[Cells], Outcome]:
    return lambda cells: read_time(mapping, time, cells)

"""The check of mappings of tables: every fact, answer, unit and form of a date exists, and every line can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remission.knowledge.mapping import ColumnMapping, Mapping, TimeColumn
from remission.knowledge.model import ABSENT_REASONS, FactDefinition, Library

_TIME_UNITS = ("d", "w", "mo", "y")
_DATE_PARTS = re.compile(r"(yyyy|mm|m|dd|d)")


def check_mappings(library: Library) -> Iterator[str]:
    """All problems of the shipped mappings, as sentences."""
    for mapping in library.mappings.values():
        yield from (f"mapping {mapping.id}: {wrong}" for wrong in wrong_with(mapping, library))


def wrong_with(mapping: Mapping, library: Library) -> Iterator[str]:
    """What a shipped mapping and a registry's own may both get wrong."""
    for column in mapping.columns:
        definition = library.facts.get(column.fact)
        if definition is None:
            yield f"“{column.fact}” is no fact."
        else:
            yield from (f"{column.fact}: {wrong}" for wrong in _wrong_with(column, definition))
    for time in _times(mapping):
        yield from (f"{time.column}: {wrong}" for wrong in _wrong_dates(time.since, time.dates))
    for comparison in mapping.compare:
        scheme = library.schemes.get(comparison.scheme)
        if scheme is None:
            yield f"“{comparison.scheme}” is no scheme."
            continue
        known = {outcome.id for outcome in scheme.outcomes}
        yield from (f"“{o}” is no outcome of {scheme.id}." for o in comparison.expects.values() if o not in known)
    if mapping.outcomes and not (mapping.outcomes.event or mapping.outcomes.death):
        yield "outcomes names neither an event nor a death."


def _wrong_with(column: ColumnMapping, definition: FactDefinition) -> Iterator[str]:
    if bool(column.column) == bool(column.says):
        yield "a line needs either a column to read, or what it says together with only."
    if column.says and bool(column.only) == column.always:
        yield f"“{column.says}” needs the columns that say so under only; or always: true, if every child of the table is meant."
    if column.below_limit and definition.kind != "mrd":
        yield "only a test for MRD can be below its limit."
    for answer in (column.says, *column.codes.values()):
        if answer and definition.kind == "choice" and not _is_answer(answer, definition):
            yield f"“{answer}” is none of its answers."
    yield from _wrong_dates(column.since, column.dates)
    if column.dates and definition.unit not in ("d", "mo"):
        yield "two dates make a time, and this is none."


def _is_answer(answer: str, definition: FactDefinition) -> bool:
    known = {*definition.choice_ids, *(group.id for group in definition.groups), *ABSENT_REASONS}
    return all(part.strip() in known for part in answer.split("|"))


def _wrong_dates(since: str, dates: str) -> Iterator[str]:
    if bool(since) != bool(dates):
        yield "a date needs both: since, the column with the day from which is counted, and dates, how days are written."
    if dates and sorted(part[0] for part in _DATE_PARTS.findall(dates)) != ["d", "m", "y"]:
        yield f"“{dates}” is no form of a date. Write for example m/d/yyyy, dd.mm.yyyy or yyyy-mm-dd."


def _times(mapping: Mapping) -> Iterator[TimeColumn]:
    outcomes = mapping.outcomes
    if outcomes:
        times = (outcomes.event and outcomes.event.time, outcomes.death and outcomes.death.time, outcomes.entered)
        yield from (time for time in times if time)

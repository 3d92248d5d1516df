"""The check of mappings of tables: every fact, answer, unit and form of a date exists, and every line can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from remission.knowledge.mapping import ColumnMapping, Mapping, TimeColumn
from remission.knowledge.model import ABSENT_REASONS, FactDefinition, Library

_DATE_PARTS = re.compile(r"(yyyy|mm|m|dd|d)")


class Wrong(NamedTuple):
    """A mistake of a mapping: where it stands, as msgspec writes a place, and the word of its sentence with what fills it."""

    at: str
    word: str
    values: dict[str, str]


def check_mappings(library: Library) -> Iterator[str]:
    """All problems of the shipped mappings, as sentences."""
    for mapping in library.mappings.values():
        for wrong in wrong_with(mapping, library):
            yield f"mapping {mapping.id}: {library.words[wrong.word].en.format_map(wrong.values)}"


def wrong_with(mapping: Mapping, library: Library) -> Iterator[Wrong]:
    """What a shipped mapping and a registry's own may both get wrong."""
    for place, column in enumerate(mapping.columns):
        at, definition = f"$.columns[{place}]", library.facts.get(column.fact)
        if definition is None:
            yield Wrong(at, "mapping-no-fact", {"fact": column.fact})
        else:
            yield from (Wrong(at, word, {"fact": column.fact, **values}) for word, values in _wrong_with(column, definition))
    for at, time in _times(mapping):
        yield from (Wrong(at, word, {"fact": time.column, **values}) for word, values in _wrong_dates(time.since, time.dates))
    for place, comparison in enumerate(mapping.compare):
        at, scheme = f"$.compare[{place}]", library.schemes.get(comparison.scheme)
        known = {outcome.id for outcome in scheme.outcomes} if scheme else set(comparison.expects.values())
        if scheme is None:
            yield Wrong(at, "mapping-no-scheme", {"scheme": comparison.scheme})
        for outcome in comparison.expects.values():
            if outcome not in known:
                yield Wrong(at, "mapping-no-outcome", {"outcome": outcome, "scheme": comparison.scheme})
    if mapping.outcomes and not (mapping.outcomes.event or mapping.outcomes.death):
        yield Wrong("$.outcomes", "mapping-no-outcomes", {})


Said = tuple[str, dict[str, str]]


def _wrong_with(column: ColumnMapping, definition: FactDefinition) -> Iterator[Said]:
    if bool(column.column) == bool(column.says):
        yield "mapping-column-or-says", {}
    if column.says and bool(column.only) == column.always:
        yield "mapping-says-needs-only", {"answer": column.says}
    if column.below_limit and definition.kind != "mrd":
        yield "mapping-below-limit", {}
    for answer in (column.says, *column.codes.values()):
        if answer and definition.kind == "choice" and not _is_answer(answer, definition):
            yield "mapping-no-answer", {"answer": answer, "known": ", ".join(definition.choice_ids)}
    yield from _wrong_dates(column.since, column.dates)
    if column.dates and definition.unit not in ("d", "mo"):
        yield "mapping-no-time", {}


def _is_answer(answer: str, definition: FactDefinition) -> bool:
    known = {*definition.choice_ids, *(group.id for group in definition.groups), *ABSENT_REASONS}
    return all(part.strip() in known for part in answer.split("|"))


def _wrong_dates(since: str, dates: str) -> Iterator[Said]:
    if bool(since) != bool(dates):
        yield "mapping-date-needs-both", {}
    if dates and sorted(part[0] for part in _DATE_PARTS.findall(dates)) != ["d", "m", "y"]:
        yield "mapping-no-date-form", {"form": dates}


def _times(mapping: Mapping) -> Iterator[tuple[str, TimeColumn]]:
    outcomes = mapping.outcomes
    if outcomes is None:
        return
    for part, time in (
        ("event", outcomes.event and outcomes.event.time),
        ("death", outcomes.death and outcomes.death.time),
        ("entered", outcomes.entered),
    ):
        if time:
            yield f"$.outcomes.{part}", time

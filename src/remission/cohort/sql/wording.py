"""Names and comments of the statement: what a column asks, which row says so, and where that is written."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from decimal import Decimal

from remission.cohort.columns import columns_of
from remission.cohort.names import sql_name
from remission.knowledge.ages import DAYS_PER_YEAR
from remission.knowledge.model import Cell, Citation, Contradiction, FactDefinition, Library
from remission.rules.axes import Axis, condition
from remission.rules.describe import describe_region
from remission.rules.explain import cites_of_row
from remission.rules.program import NOT_APPLICABLE, Program

_LONGEST = 58  # PostgreSQL cuts a name at 63
_SIGNS = {">=": "ge", "<=": "le", ">": "gt", "<": "lt", "=": "eq"}


def cell_name(axis: Axis, mask: int, taken: Collection[str]) -> str:
    """A name for a cell, such as `wbc__lt_50` or `lineage__b`."""
    words = _without_fact(axis, _short_region(axis, mask))
    parts = [_SIGNS.get(part, part) for part in re.split(r"(>=|<=|[<>=])|\s+", words) if part]
    slug = re.sub(r"[^a-z0-9]+", "_", "_".join(parts).lower()).strip("_")
    name = f"{axis.fact}__{slug}"
    if len(name) > _LONGEST:
        name = f"{axis.fact}__any_of_{mask}"
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name}_{number}"
    return free


def _short_region(axis: Axis, mask: int) -> str:
    """The region in words; the choices that are left out where those are fewer."""
    if axis.kind == "choice" and 2 * len(axis.atoms_in(mask)) > len(axis.options):
        return describe_region(axis, axis.everything & ~mask).replace(" in ", " not ", 1)
    return _plain_digits(describe_region(axis, mask))


def _without_fact(axis: Axis, words: str) -> str:
    return words.replace(f"{axis.fact} in ", "").replace(f"{axis.fact} ", "").replace(", ", " or ")


def _plain_digits(words: str) -> str:
    return re.sub(r"\d+\.\d+", lambda found: f"{Decimal(found[0]).normalize():f}", words)


class Words:
    """Comments for one library. They are technical English: the statement is read by programmers and clinicians together."""

    def __init__(self, library: Library):
        self.library = library

    def cell(self, axis: Axis, mask: int) -> str:
        definition = self.library.facts[axis.fact]
        asked = _without_fact(axis, _short_region(axis, mask))
        return f"{definition.label.en}: {asked}{_unit(definition)}{_in_years(axis, asked)}"

    def told(self, fact: str, table: str) -> str:
        label = self.library.facts[fact].label.en
        if not table:
            return f"{label}: from the exact cell counts of the tap, where nobody gave it"
        cites = [cite for row in self.library.schemes[table].tables[-1].rows for cite in row.cites]
        return f"{label}: what is left of it by {table} ({self.cites(dict.fromkeys(cites))})"

    def contradiction(self, name: str) -> str:
        kind, _, what = name.partition("__")
        if kind == "no_interval":
            return f"{what}: nothing lies between its ends"
        if kind == "nothing_left":
            return f"{what}: what was given and what follows cannot both be right"
        return self._both(next(rule for rule in self.library.contradictions if sql_name(rule.id) == what))

    def _both(self, rule: Contradiction) -> str:
        if rule.exceeds:
            return f"certainly {rule.exceeds[0]} > {rule.exceeds[1]}"
        spared = "".join(f", unless {self._cells(cells)}" for cells in rule.unless)
        return f"certainly {self._cells(rule.when)}{spared}"

    def _cells(self, cells: Iterable[Cell]) -> str:
        parts = condition(cells, self.library.facts).parts
        return " and ".join(_plain_digits(describe_region(axis, mask)) for axis, mask in parts)

    def outcome(self, program: Program, outcome: str) -> str:
        scheme = self.library.schemes[program.scheme]
        if outcome == NOT_APPLICABLE:
            return f"{scheme.short.en} may not apply to this child"
        return f"{scheme.short.en} may be: {scheme.outcome_name(outcome).en}"

    def rows(self, program: Program, rows: Iterable[str]) -> str:
        """The rows behind a way, each followed by where it is written."""
        scheme = self.library.schemes[program.scheme]
        written: dict[str, list[str]] = {}
        for row in rows:
            written.setdefault(self.cites(cites_of_row(self.library, scheme, row)), []).append(row)
        return "; ".join(f"{', '.join(names)}: {cites}" if cites else ", ".join(names) for cites, names in written.items())

    def how_many(self, program: Program) -> str:
        return f"{self.library.schemes[program.scheme].short.en}: how many outcomes are open; none if the facts cannot all be right"

    def pattern(self) -> str:
        return "in which regions of each fact the child may be, a bit each"

    def cites(self, cites: Iterable[Citation]) -> str:
        return "; ".join(f"{cite.source} ({cite.locator})" if cite.locator else cite.source for cite in cites)

    def columns(self, definition: FactDefinition) -> list[tuple[str, str, str]]:
        """The columns of a fact: name, type, meaning."""
        bits = ", ".join(f"{1 << place} {choice}" for place, choice in enumerate(definition.choice_ids))
        measured = definition.label.en + (f", in {unit}" if (unit := _unit(definition).strip()) else "")
        meanings = {
            "": f"{definition.label.en}; the choices it may still be, added up: {bits}",
            "low": f"{measured}: it is at least this",
            "high": f"{measured}: it is at most this",
            "low_open": "it is more than the lower end, not equal to it",
            "high_open": "it is less than the upper end, not equal to it",
            "result": "whether leukemia cells were found: positive or negative",
            "absent": "why there is no value: not-asked, pending, not-done, failed, declined, unknown",
        }
        endings = [(column, column.name.removeprefix(definition.id).removeprefix("_")) for column in columns_of(definition)]
        return [(column.name, column.type, meanings[ending]) for column, ending in endings]


def _unit(definition: FactDefinition) -> str:
    return f" {definition.unit}" if definition.unit not in ("", "1") else ""


def _in_years(axis: Axis, asked: str) -> str:
    """Limits of an age in years, which is how a scheme states them."""
    if axis.fact != "age_days":
        return ""
    years = [Decimal(found) / DAYS_PER_YEAR for found in re.findall(r"\d+(?:\.\d+)?", asked)]
    return f" ({', '.join(f'{year.normalize():f}' for year in years)} years of 365.25 days)"

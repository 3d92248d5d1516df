"""The numbers of a cohort's report, as frozen values: who was read, which groups, what is missing, how the groups fared.

Everything here is a count or an estimate from counts; nothing names a child, a day of birth or a file. The report's pages are
made from these values alone (`documents.cohort_report`), so what is hidden here is not in them.
"""

from __future__ import annotations

from pathlib import PurePath

import msgspec

from remission.cohort.engines import Engine
from remission.cohort.events import Endpoint
from remission.cohort.figures import Kind, Spread
from remission.cohort.hiding import Count
from remission.cohort.result import Account
from remission.cohort.survival import Test
from remission.knowledge.mapping import Comparison
from remission.knowledge.model import Frozen, Library, Text

YEARS = (1, 3, 5)  # at which the estimates are told
ALL, UNDECIDED, NOT_APPLICABLE = "", "undecided", "not-applicable"  # groups that no scheme names


class ReportInput(Frozen, frozen=True):
    """What is known of the run beside its tables. `invented` marks children that never lived."""

    source: str
    software: str
    library_version: str
    library_hash: str
    engine: str
    schemes: tuple[str, ...]
    facts: tuple[str, ...] = ()
    records: int = 0
    rejected: int = 0
    counters: dict[str, int] = msgspec.field(default_factory=dict)
    reading: tuple[Text, ...] = ()  # what is to be known of how it was read
    notes: tuple[Text, ...] = ()  # what is known of the source
    time_zero: Text | None = None
    time_zero_stated: bool = True
    mapping: Text | None = None  # the name of what was read as what
    stated: tuple[Comparison, ...] = ()  # columns of the source to hold our answers against
    survival_by: tuple[str, ...] = ()
    compare: tuple[tuple[str, str], ...] = ()
    hide_below: int = 0
    invented: bool = False


def asked(
    library: Library, account: Account, survival_by: tuple[str, ...] = (), compare: tuple[tuple[str, str], ...] = (),
    hide_below: int = 0, invented: bool = False,
) -> ReportInput:  # fmt: skip
    """The input of a report on a result, from the account inside it. Of the source only the name, never the folder."""
    loaded, table = account.loaded, account.table or library.mappings.get(account.mapping)
    outcomes = table.outcomes if table else None
    time_zero = outcomes.time_zero if outcomes else Text(loaded.time_zero, loaded.time_zero) if loaded.time_zero else None
    return ReportInput(
        source=PurePath(loaded.source).name, software=account.software, library_version=account.library_version,
        library_hash=account.library_hash, engine=account.engine, schemes=account.schemes, facts=loaded.facts,
        records=loaded.records, rejected=loaded.rejected, counters=dict(loaded.counters), reading=account.notes,
        notes=table.notes if table else (), time_zero=time_zero, mapping=table.title if table else None,
        time_zero_stated=outcomes.time_zero_stated if outcomes else True, stated=table.compare if table else (),
        survival_by=survival_by, compare=compare, hide_below=hide_below, invented=invented or bool(table and table.invented),
    )  # fmt: skip


class Flow(Frozen, frozen=True):
    """From records to curves."""

    records: Count
    rejected: Count
    children: Count
    contradictory: Count
    usable: Count
    followed: dict[Endpoint, Count]
    not_followed: dict[Endpoint, Count]
    left_out: dict[Endpoint, tuple[tuple[str, Count], ...]]
    remarks: tuple[tuple[str, Count], ...]
    counters: tuple[tuple[str, Count], ...]


class Baseline(Frozen, frozen=True):
    """A fact of the baseline table."""

    fact: str
    lines: tuple[tuple[Kind, Count], ...]
    in_part: Count
    not_known: Count
    spread: Spread | None = None


class Groups(Frozen, frozen=True):
    """The groups of one scheme."""

    scheme: str
    groups: tuple[tuple[str, Count], ...]
    undecided: Count
    not_applicable: Count


class StillNeeded(Frozen, frozen=True):
    """A fact on which undecided answers depend: in how many, and in how many it is the only one."""

    fact: str
    among: Count
    alone: Count


class Undecided(Frozen, frozen=True):
    """Why children are undecided under a scheme, and which groups are still possible for them."""

    scheme: str
    children: Count
    facts: tuple[StillNeeded, ...]
    open: tuple[tuple[tuple[str, ...], Count], ...]


class Recorded(Frozen, frozen=True):
    """How often a fact is recorded, in the order of `figures.STATES`."""

    fact: str
    states: tuple[Count, ...]


class Feature(Frozen, frozen=True):
    """A kind of child that is common in a cell of a cross-table and less so in the cell where most are."""

    kind: Kind
    here: int
    of: int
    usual: int
    of_usual: int


class Apart(Frozen, frozen=True):
    """Children of one group whom the other scheme places elsewhere than most of that group."""

    group: str
    most: str
    other: str
    children: int
    features: tuple[Feature, ...]


class Crossing(Frozen, frozen=True):
    """Two schemes against each other. Rows and columns are groups, then `undecided` and `not-applicable`."""

    first: str
    second: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Count, ...], ...]
    apart: tuple[Apart, ...]


class Compared(Frozen, frozen=True):
    """What the source itself says, held against our group: said, expected, and how many agree, differ, are undecided."""

    comparison: Comparison
    rows: tuple[tuple[str, str, Count, Count, Count], ...]


class Point(Frozen, frozen=True):
    """A place of a curve with its band; without one where it is not defined."""

    day: float
    share: float
    low: float | None = None
    high: float | None = None


class Followed(Frozen, frozen=True):
    """One curve: a group's survival, or the share with one event. `points` is empty where it may not be shown."""

    group: str
    children: Count
    events: Count
    points: tuple[Point, ...] = ()
    last_day: float = 0.0
    at_risk: tuple[Count, ...] = ()  # at the beginning of each year
    years: tuple[Point | None, ...] = ()  # at YEARS; None where nobody was followed so far, or where it may not be shown
    median: Point | None = None  # its day; `low` and `high` are days too
    emptied: bool = False
    hidden: bool = False


class Curves(Frozen, frozen=True):
    """Curves in one picture, and the test between them. `scheme` is empty for all children together."""

    endpoint: Endpoint
    scheme: str
    lines: tuple[Followed, ...]
    test: Test | None = None


class Incidences(Frozen, frozen=True):
    """Cumulative incidence of each event; `Followed.group` is the event here."""

    scheme: str
    group: str
    lines: tuple[Followed, ...]


class Report(Frozen, frozen=True):
    about: ReportInput
    flow: Flow
    baseline: tuple[Baseline, ...]
    groups: tuple[Groups, ...]
    undecided: tuple[Undecided, ...]
    recorded: tuple[Recorded, ...]
    crossings: tuple[Crossing, ...]
    compared: tuple[Compared, ...]
    curves: tuple[Curves, ...]
    incidences: tuple[Incidences, ...]

    @property
    def tests(self) -> int:
        """How many tests the report makes."""
        return sum(curves.test is not None for curves in self.curves)


def build_report(engine: Engine, library: Library, about: ReportInput) -> Report:
    """The report on the tables `children` and `decided`."""
    from remission.cohort.counting import Counting  # which stands on the values above

    return Counting(engine, library, about).report()

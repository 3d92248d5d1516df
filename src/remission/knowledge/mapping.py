"""How somebody's table becomes facts and outcomes: `knowledge/mappings/`, and a registry's own file of the same shape.

A mapping is data that a data manager writes and a second person can read against the registry's own code book
(`docs/mappings.md`). Nothing is guessed: a column that no line names is not read, and a code that no line lists is reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from remission.knowledge.base import Frozen, Text

TimeUnit = Literal["d", "w", "mo", "y"]
EventSaid = Literal["none", "induction-failure", "relapse", "second-cancer", "death", "other", "unknown"]
DeathSaid = Literal["yes", "no", "unknown"]


class ColumnMapping(Frozen, frozen=True):
    """How one column of somebody's table becomes a fact; or, with `says`, what several columns say together.

    `only` names columns and the texts they must hold for this line to be read at all. Several lines may be about one fact;
    where two of them say different things of one child, nothing is taken from either, and that is reported.
    """

    fact: str
    column: str = ""
    unit: str = ""
    codes: dict[str, str] = msgspec.field(default_factory=dict)
    limit_column: str = ""
    method: str = ""
    says: str = ""
    always: bool = False  # `says` holds for every row, because the table is about no other children
    only: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    missing: tuple[str, ...] = ()
    below_limit: tuple[str, ...] = ()
    since: str = ""
    dates: str = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that are looked at, each once."""
        named = (self.column, self.limit_column, self.since, *self.only)
        return tuple(dict.fromkeys(name for name in named if name))


class TimeColumn(Frozen, frozen=True):
    """A column that holds a time since time zero; or a date, when `since` names the column with the date of time zero.

    `whole_days`: the table's times are whole days written in another unit, so that they are rounded back to the day.
    """

    column: str
    unit: TimeUnit = "d"
    whole_days: bool = False
    since: str = ""
    dates: str = ""
    missing: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.column, self.since) if self.since else (self.column,)


class EventColumn(Frozen, frozen=True):
    """The first event: `none` is no event up to the time beside it, `other` one of another kind or of a kind that is not told."""

    column: str
    codes: dict[str, EventSaid]
    time: TimeColumn | None = None
    missing: tuple[str, ...] = ()


class DeathColumn(Frozen, frozen=True):
    """Whether the child died; the time is that of the death, or of the last contact."""

    column: str
    codes: dict[str, DeathSaid]
    time: TimeColumn | None = None
    missing: tuple[str, ...] = ()


class OutcomeMapping(Frozen, frozen=True):
    """What became of the children. `time_zero_stated`: the source says that its times count from there, and we did not infer it."""

    time_zero: Text
    time_zero_stated: bool
    event: EventColumn | None = None
    death: DeathColumn | None = None
    entered: TimeColumn | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        parts = [part for part in (self.event, self.death) if part]
        times = [time for time in (*(part.time for part in parts), self.entered) if time]
        return tuple(dict.fromkeys((*(part.column for part in parts), *(name for time in times for name in time.inputs))))


class Comparison(Frozen, frozen=True):
    """A column that says what a scheme's outcome should be, to hold our answer against."""

    scheme: str
    column: str
    expects: dict[str, str]
    text: Text
    only: dict[str, str] = msgspec.field(default_factory=dict)


class Mapping(Frozen, frozen=True):
    """A table's columns, codes for missing values, row identity and outcomes."""

    id: str
    title: Text
    id_column: str
    columns: tuple[ColumnMapping, ...]
    missing: tuple[str, ...] = ()
    one_row_per_id: bool = False
    outcomes: OutcomeMapping | None = None
    compare: tuple[Comparison, ...] = ()
    notes: tuple[Text, ...] = ()
    invented: bool = False  # the children never lived

    @property
    def inputs(self) -> tuple[str, ...]:
        """Every column that is read for facts and outcomes, in the order in which the mapping names them."""
        return tuple(dict.fromkeys(self._inputs()))

    @property
    def read(self) -> tuple[str, ...]:
        """Every column that is looked at beside the id: what is read, and what an answer is held against."""
        return tuple(dict.fromkeys((*self._inputs(), *(comparison.column for comparison in self.compare))))

    def _inputs(self) -> Iterator[str]:
        for column in self.columns:
            yield from column.inputs
        if self.outcomes:
            yield from self.outcomes.inputs

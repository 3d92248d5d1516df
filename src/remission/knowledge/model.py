"""The words of the library: facts, sources, tables and schemes, as frozen objects.

The shapes follow `docs/knowledge-format.md`. Nothing here computes; reading and checking live beside it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

import msgspec

from remission.knowledge.base import LANGS as LANGS
from remission.knowledge.base import Frozen as Frozen
from remission.knowledge.base import Lang as Lang
from remission.knowledge.base import Text as Text
from remission.knowledge.mapping import Mapping

Status = Literal["verified", "secondary", "background"]
STATUSES: tuple[Status, ...] = ("verified", "secondary", "background")  # strongest first

ABSENT_REASONS = ("not-asked", "pending", "not-done", "failed", "declined", "unknown")
NO_RESULT_REASONS = frozenset({"not-done", "failed", "declined"})  # the test will not give a result any more

MRD_RESULTS = ("positive", "negative", "none")
MRD_LIMIT_FOR_NEGATIVE = Decimal("0.01")  # percent: "negative" means not found by a test able to find 1 cell in 10,000


class Citation(Frozen, frozen=True):
    source: str
    locator: str


class Review(Frozen, frozen=True):
    author: str
    checked_by: str | None
    last_review: str
    next_review: str

    def is_overdue(self, today: date) -> bool:
        return self.next_review < today.isoformat()


class Licence(Frozen, frozen=True):
    """Terms of use, and what they let this project carry."""

    name: Text
    may_carry: Text


class Source(Frozen, frozen=True):
    """One publication: who, what, when, where it was read and under which licence.

    `cite_as` is how the publication itself asks to be cited, `excerpt` the sentence that introduces a quotation from it; both may
    hold `{revised}` and, the first, `{accessed}`.
    """

    id: str
    title: str
    key: str = ""
    authors: str = ""
    publisher: str = ""
    journal: str = ""
    year: int | None = None
    undated: bool = False
    revised: str = ""
    address: str | None = None
    also_at: tuple[str, ...] = ()
    doi: str = ""
    read_as: Text | None = None
    licence: str = "unknown"
    cite_as: Text | None = None
    excerpt: Text | None = None
    note: Text | None = None


class Code(Frozen, frozen=True):
    """A code of a terminology, and the source in which it was seen standing for this."""

    system: str
    code: str
    display: str = ""
    source: str = ""


class Choice(Frozen, frozen=True):
    id: str
    label: Text
    also: tuple[str, ...] = ()
    code: Code | None = None


class ChoiceGroup(Frozen, frozen=True):
    """A less precise answer that stands for several choices, such as CNS2 for CNS2a, b and c."""

    id: str
    of: tuple[str, ...]
    label: Text
    also: tuple[str, ...] = ()
    code: Code | None = None


class Plausible(Frozen, frozen=True):
    """Outside this range a value is refused as a slip of the pen. It is no clinical threshold."""

    low: Decimal
    high: Decimal


class UnitSpelling(Frozen, frozen=True):
    unit: str
    factor: Decimal
    also: tuple[str, ...] = ()


class UnitFamily(Frozen, frozen=True):
    """Units that measure the same thing; `value in base = value × factor`."""

    base: str
    spellings: tuple[UnitSpelling, ...]


Days = Annotated[str, msgspec.Meta(pattern=r"^-?\d{1,4} d$")]


class Takes(Frozen, frozen=True, rename={"from_": "from"}):
    """Which of several results in a record answers a fact: those from `from` to `to` days after the day named by `of`.

    With `before_treatment`, the window ends at the first leukemia medicine where the record names it, and at `to` where it
    does not. `which` picks among the results in the window; `agree` takes none unless all say the same.
    """

    from_: Days
    to: Days
    status: Status
    which: Literal["agree", "first", "last", "highest", "lowest"] = "agree"
    of: Literal["diagnosis", "treatment"] = "diagnosis"
    before_treatment: bool = False
    cites: tuple[Citation, ...] = ()
    note: Text | None = None

    @property
    def first_day(self) -> int:
        return int(self.from_.removesuffix(" d"))

    @property
    def last_day(self) -> int:
        return int(self.to.removesuffix(" d"))


class FactDefinition(Frozen, frozen=True):
    """A clinical input: what is asked, in which unit, and what an answer may be."""

    id: str
    kind: Literal["number", "mrd", "choice"]
    label: Text
    question: Text
    plain: Text
    when: Literal["diagnosis", "day-8", "day-15", "end-of-induction", "end-of-consolidation", "relapse", "any"]
    unit: str = ""
    units: str = ""
    bare: bool = False
    whole: bool = False
    plausible: Plausible | None = None
    choices: tuple[Choice, ...] = ()
    groups: tuple[ChoiceGroup, ...] = ()
    codes: tuple[Code, ...] = ()
    takes: Takes | None = None
    note: Text | None = None

    @property
    def choice_ids(self) -> tuple[str, ...]:
        return tuple(choice.id for choice in self.choices)

    def choice_label(self, choice_id: str) -> Text:
        return next(choice.label for choice in self.choices if choice.id == choice_id)


class Cell(Frozen, frozen=True):
    """One condition on one input, a fact or an earlier table. Everything stated must hold.

    `options` are choices or outcomes; `low`/`high` bound a number in the fact's own unit; `results` narrow an MRD fact
    to positive, negative or no result.
    """

    input: str
    options: tuple[str, ...] = ()
    low: Decimal | None = None
    low_open: bool = False
    high: Decimal | None = None
    high_open: bool = False
    results: tuple[str, ...] = ()

    @property
    def has_range(self) -> bool:
        return self.low is not None or self.high is not None


class Row(Frozen, frozen=True):
    """One line of a table: when every cell holds, this is the outcome (or, in a table that narrows, the outcomes left)."""

    id: str
    when: tuple[Cell, ...]
    then: tuple[str, ...]
    status: Status
    cites: tuple[Citation, ...]
    note: Text | None = None


class DecisionTable(Frozen, frozen=True):
    """Rows that exclude each other and cover everything (`hold=""`), or a checklist (`hold="any"` or `"all"`).

    The items of a checklist are its rows; each says `then: yes`, and together they decide between `yes` and `no`.
    """

    id: str
    title: Text
    rows: tuple[Row, ...]
    outcomes: tuple[str, ...]
    hold: Literal["", "any", "all"] = ""


class Outcome(Frozen, frozen=True):
    id: str
    name: Text
    code: Code | None = None


class DomainCell(Frozen, frozen=True):
    """A condition for a scheme to apply at all."""

    when: tuple[Cell, ...]
    status: Status
    cites: tuple[Citation, ...]
    text: Text


class Note(Frozen, frozen=True):
    """What a reader should know when `when` holds (or is not excluded, or always)."""

    id: str
    text: Text
    status: Status
    show: Literal["holds", "unless-excluded", "always"]
    when: tuple[Cell, ...] = ()
    cites: tuple[Citation, ...] = ()


class Factor(Frozen, frozen=True):
    """What a source says about one factor, without naming a group."""

    id: str
    when: tuple[Cell, ...]
    says: Text
    status: Status
    cites: tuple[Citation, ...]


class Scheme(Frozen, frozen=True):
    """One published scheme: whom it is for, its tables, and what to know about it."""

    id: str
    kind: Literal["scheme", "factor-sheet", "supporting"]
    title: Text
    short: Text
    about: Text
    phase: Literal["diagnosis", "response", "relapse"]
    review: Review
    applies: tuple[DomainCell, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    terms: tuple[Outcome, ...] = ()
    tables: tuple[DecisionTable, ...] = ()
    factors: tuple[Factor, ...] = ()
    notes: tuple[Note, ...] = ()
    mrd_method: dict[str, Literal["flow", "pcr", "ngs"]] = msgspec.field(default_factory=dict)
    narrows: str = ""

    def outcome_name(self, outcome_id: str) -> Text:
        """The outcome's printed name; an id that has none prints as itself."""
        named = {outcome.id: outcome.name for outcome in (*self.outcomes, *self.terms)}
        return named.get(outcome_id, Text(outcome_id, outcome_id))


class Contradiction(Frozen, frozen=True):
    """Facts that cannot both be right.

    Refused when every cell of `when` is known to hold and none of `unless` is; or when the first number of `exceeds` is
    certainly above the second, which is measured in the same unit.
    """

    id: str
    says: Text
    when: tuple[Cell, ...] = ()
    exceeds: tuple[str, ...] = ()
    unless: tuple[tuple[Cell, ...], ...] = ()
    note: Text | None = None


class Library(Frozen, frozen=True, dict=True):
    """All that is known, with the version date and the hash of its content. `karyotypes` is unpacked by `knowledge.karyotype`."""

    version: str
    hash: str
    sources: dict[str, Source]
    licences: dict[str, Licence]
    facts: dict[str, FactDefinition]
    units: dict[str, UnitFamily]
    schemes: dict[str, Scheme]
    contradictions: tuple[Contradiction, ...]
    mappings: dict[str, Mapping]
    words: dict[str, Text]
    karyotypes: bytes = b""

    @cached_property
    def _tables(self) -> dict[str, tuple[Scheme, DecisionTable]]:
        return {table.id: (scheme, table) for scheme in self.schemes.values() for table in scheme.tables}

    def scheme_of_table(self, table_id: str) -> Scheme:
        return self._tables[table_id][0]

    def table(self, table_id: str) -> DecisionTable:
        return self._tables[table_id][1]


def weakest(statuses: list[Status]) -> Status:
    """The status an answer carries when it rests on all of these; nothing to rest on counts as unconfirmed."""
    return max(statuses, key=STATUSES.index, default="background")

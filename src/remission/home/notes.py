"""A note: what somebody wrote down about a child, field by field, exactly as it was meant."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from remission.knowledge.model import Frozen

Values = dict[str, str]

SEALED = ("private-key", "private")  # kinds that hold only what is encrypted: the teen's own page


class Note(Frozen, frozen=True):
    """A note as it stands now. `kind` names a `NoteKind`; `seq` is the change that made it so, `at` and `by` when and by whom.

    A field that was left empty is not in `values`: not recorded is not the same as no.
    """

    child: str
    kind: str
    id: str
    values: Values
    seq: int = 0
    at: datetime | None = None
    by: str = ""

    def said(self, field: str) -> str:
        """What was written in a field; nothing when it was left empty."""
        return self.values.get(field, "")

    def day(self, field: str) -> date | None:
        return date.fromisoformat(self.values[field]) if self.values.get(field) else None

    def number(self, field: str) -> Decimal | None:
        return Decimal(self.values[field]) if self.values.get(field) else None

    def quantity(self, field: str) -> tuple[Decimal, str] | None:
        """A number and its unit, as they were written."""
        if not self.values.get(field):
            return None
        number, _, unit = self.values[field].partition(" ")
        return Decimal(number), unit

    def chosen(self, field: str) -> tuple[str, ...]:
        """The answers chosen, where several may be."""
        return tuple(self.values.get(field, "").split())

    def lasts_on(self, day: date, first: str = "from", last: str = "until") -> bool:
        """Whether a day lies in the time that two fields give; an open end is open."""
        begins, ends = self.day(first), self.day(last)
        return (begins is None or begins <= day) and (ends is None or day <= ends)


class Change(Frozen, frozen=True):
    """One change: who wrote what over what, and when. `after` None: the note was taken away; `before` None: it was new."""

    seq: int
    child: str
    kind: str
    id: str
    before: Values | None
    after: Values | None
    at: datetime
    by: str
    undoes: int | None = None

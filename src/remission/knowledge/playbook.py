"""What a family can write down about its child, as data: the kinds of notes, their fields, and what is to be asked twice.

A kind is a form, a list and a sheet of the export at once. Nothing here is filled in for anybody: an empty field stays empty.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from remission.knowledge.model import Citation, Frozen, Status, Text

FieldKind = Literal["words", "text", "day", "time", "choice", "choices", "number", "quantity", "temperature", "phone", "mrd"]


class Option(Frozen, frozen=True):
    """An answer to choose."""

    id: str
    label: Text


class Field(Frozen, frozen=True):
    """One thing asked in a form.

    `words` is one line, `text` several; a `quantity` is a number with one of `units` (the first is offered first); a `number` has
    the one unit that is printed behind it, if any; a `temperature` is in °C or °F; an `mrd` is a result as the report says it.
    Outside `low` to `high` a value is refused as a slip of the pen; outside `ask_low` to `ask_high` it is read back before it is
    kept. Both are in the first unit; neither is a clinical threshold.
    """

    id: str
    kind: FieldKind
    label: Text
    hint: Text | None = None
    required: bool = False
    options: tuple[Option, ...] = ()
    units: tuple[str, ...] = ()
    family: str = ""  # the family of units (knowledge/facts/units.yaml) that a quantity belongs to
    low: Decimal | None = None
    high: Decimal | None = None
    ask_low: Decimal | None = None
    ask_high: Decimal | None = None
    days: Literal["past", "any"] = "any"  # whether a date may lie ahead
    before_birth: bool = False  # whether a date may lie before the child's birth
    suggest: Literal["", "drug", "phase", "person"] = ""
    code: str = ""  # LOINC, where the value is a laboratory's
    fold: bool = False  # rarely filled in: shown folded


class NoteKind(Frozen, frozen=True):
    """A kind of note. `single`: a child has one of it. `named_by`: the fields that make its title; `dated_by`: its date."""

    id: str
    one: Text
    many: Text
    lead: Text
    empty: Text
    fields: tuple[Field, ...]
    named_by: tuple[str, ...] = ()
    dated_by: str = ""
    single: bool = False
    newest_first: bool = True

    def field(self, field_id: str) -> Field:
        return next(field for field in self.fields if field.id == field_id)


class Watch(Frozen, frozen=True):
    """What to read about while a medicine is given: claims (`topic/claim`), for `days` after the last time it was given."""

    drug: str
    read: tuple[str, ...]
    days: int = 7


class Weekly(Frozen, frozen=True):
    """A medicine that published plans give by this route once a week or less often: entered as daily, it is asked twice."""

    drug: str
    names: tuple[str, ...]
    routes: tuple[str, ...]
    cites: tuple[Citation, ...]
    status: Status


class Named(Frozen, frozen=True):
    """What a medicine is called: names, brands and abbreviations that mean it and no other."""

    medicine: str
    names: tuple[str, ...]


class Factor(Frozen, frozen=True):
    """What one milligram of a drug counts in milligrams of doxorubicin, in one published table."""

    drug: str
    factor: Decimal


class Conversion(Frozen, frozen=True):
    """A published table that turns anthracyclines into doxorubicin. Which one was used is always printed."""

    id: str
    name: Text
    factors: tuple[Factor, ...]
    cites: tuple[Citation, ...]
    status: Status
    note: Text | None = None


class ExampleNote(Frozen, frozen=True):
    """A note about the invented child. A day is told from today ("-12"); `each` repeats the note on several days."""

    kind: str
    id: str
    values: dict[str, str | Text]
    each: tuple[int, ...] = ()


class ExampleRoad(Frozen, frozen=True):
    """The road of the invented child: the published one that it is laid out like, and its first day, told from today."""

    protocol: str
    title: Text
    starts: int


class Example(Frozen, frozen=True):
    """The invented child that fills every page before a family has typed anything; marked as invented wherever it is shown."""

    child: str
    road: ExampleRoad
    notes: tuple[ExampleNote, ...]


class Playbook(Frozen, frozen=True):
    """All of it. `questions` names the sheets of questions that belong to a kind of phase."""

    kinds: dict[str, NoteKind]
    watch: tuple[Watch, ...]
    weekly: tuple[Weekly, ...]
    names: tuple[Named, ...]
    conversions: tuple[Conversion, ...]
    questions: dict[str, tuple[str, ...]]
    example: Example

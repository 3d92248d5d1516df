"""Notes in words: the title of a note, and each field that was filled in with its label. What was left empty is left out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from remission.documents.paper import Line
from remission.documents.wording import Wording, grouped
from remission.home.notes import Note
from remission.knowledge.playbook import Field, NoteKind

_NICE = {"10*9/L": "×10⁹/L"}


def note_title(words: Wording, kind: NoteKind, note: Note) -> str:
    """What a note is called in a list: the fields that name it, otherwise its date, otherwise its kind."""
    named = [value_told(words, kind.field(field), note) for field in kind.named_by if note.said(field)]
    if not named and kind.dated_by and note.said(kind.dated_by):
        named = [value_told(words, kind.field(kind.dated_by), note)]
    return ", ".join(named) or kind.one.in_(words.lang)


def note_lines(words: Wording, kind: NoteKind, note: Note, without: tuple[str, ...] = (), whole: bool = False) -> list[Line]:
    """Each field that was filled in: its label and what was written. `whole`: an empty one, unless rarely asked, says so too."""
    shown = [f for f in kind.fields if f.id not in without and (note.said(f.id) or (whole and not f.fold))]
    return [Line(field.label.in_(words.lang), value_told(words, field, note) or words.say("not-recorded")) for field in shown]


def value_told(words: Wording, field: Field, note: Note) -> str:
    """What stands in a field, as a person would say it; nothing when it was left empty."""
    value = note.said(field.id)
    if not value:
        return ""
    if field.kind == "day":
        return words.day(date.fromisoformat(value))
    if field.kind in ("choice", "choices"):
        labels = {option.id: option.label.in_(words.lang) for option in field.options}
        return ", ".join(labels.get(chosen, chosen) for chosen in value.split())
    if field.kind == "quantity":
        return quantity_told(words, value)
    if field.kind == "temperature":
        return value
    if field.kind == "number":
        return f"{grouped(Decimal(value))} {field.units[0] if field.units else ''}".strip()
    return value


def quantity_told(words: Wording, value: str) -> str:
    """A number with its unit as it was written, in nicer signs: "3.2 ×10⁹/L"."""
    number, _, unit = value.partition(" ")
    return f"{Decimal(number):,f} {unit_told(words, unit)}".strip()


def unit_told(words: Wording, unit: str) -> str:
    """A unit in nicer signs: "×10⁹/L", "per µL"."""
    return words.say("unit-per-microliter") if unit == "/uL" else _NICE.get(unit, unit)

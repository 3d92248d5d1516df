"""The history in words: each change with who, when, from what, to what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby

from remission.documents.notes_told import note_title, value_told
from remission.documents.wording import Wording
from remission.home.notes import Change, Note
from remission.knowledge.model import Frozen
from remission.knowledge.playbook import NoteKind, Playbook


class FieldChange(Frozen, frozen=True):
    """What stood in a field, and what stands there since; empty when nothing did."""

    label: str
    before: str
    after: str


class Told(Frozen, frozen=True):
    """A change: `did` names the sentence (began, changed, took away); `can_undo` while no later change of the same note stands."""

    seq: int
    time: str
    by: str
    did: str
    kind: str
    title: str
    fields: tuple[FieldChange, ...]
    can_undo: bool


def history_told(words: Wording, playbook: Playbook, changes: Iterable[Change], last: set[int]) -> list[tuple[str, list[Told]]]:
    """The changes day by day, the latest first. `last` holds the last change of each note: only those can be undone."""
    told: list[tuple[date, Told]] = []
    for change in sorted(changes, key=lambda change: change.seq, reverse=True):
        kind = playbook.kinds.get(change.kind)
        at = change.at.astimezone()  # the family's own clock
        if kind is not None:
            told.append((at.date(), _told(words, kind, change, f"{at:%H:%M}", change.seq in last)))
    return [(words.day(day), [one for _, one in ones]) for day, ones in groupby(told, key=lambda pair: pair[0])]


def _told(words: Wording, kind: NoteKind, change: Change, at: str, is_last: bool) -> Told:
    note = Note(change.child, change.kind, change.id, change.after or change.before or {})
    did = "undone" if change.undoes else "took-away" if change.after is None else "began" if change.before is None else "changed"
    can_undo = is_last and change.kind != "private" and not (change.kind == "child" and change.before is None)
    fields = () if change.kind in ("private", "plan") else tuple(_fields(words, kind, change))
    title = "" if change.kind == "private" else note_title(words, kind, note)
    return Told(change.seq, at, change.by, f"history-{did}", kind.one.in_(words.lang), title, fields, can_undo)


def _fields(words: Wording, kind: NoteKind, change: Change) -> Iterable[FieldChange]:
    """The fields that differ; of a new note those that were filled in are in its title and on its page."""
    if change.before is None or change.after is None:
        return
    before, after = (Note("", kind.id, "", values) for values in (change.before, change.after))
    for field in kind.fields:
        if before.said(field.id) != after.said(field.id):
            yield FieldChange(field.label.in_(words.lang), value_told(words, field, before), value_told(words, field, after))

"""One child's record: the notes of its family, asked in the words of care."""

from __future__ import annotations

from datetime import date

from remission.home.notes import Note
from remission.knowledge.model import Frozen


class Record(Frozen, frozen=True):
    """The notes of one child as they stand. `child` is the note that says who it is."""

    child: Note
    notes: tuple[Note, ...]

    @property
    def name(self) -> str:
        return self.child.said("name")

    @property
    def born(self) -> date | None:
        return self.child.day("born")

    @property
    def is_invented(self) -> bool:
        """Whether this is the example child: marked on every page, print and file."""
        return self.child.said("invented") == "yes"

    def of(self, kind: str) -> list[Note]:
        """The notes of one kind, oldest first."""
        return [note for note in self.notes if note.kind == kind]

    def one(self, kind: str) -> Note | None:
        """The one note of a kind of which a child has one."""
        return next((note for note in self.notes if note.kind == kind), None)

    def about(self, kind: str, field: str, note_id: str) -> list[Note]:
        """The notes of a kind that name another note in a field: the times a medicine was given."""
        return [note for note in self.of(kind) if note.said(field) == note_id]

    def by_day(self, kind: str, dated_by: str) -> list[Note]:
        """The notes of a kind by their date, latest first; those of one day as they were written, latest first."""
        dated = [note for note in self.of(kind) if note.said(dated_by)]
        return sorted(dated, key=lambda note: (note.said(dated_by), note.said("time"), note.seq), reverse=True)

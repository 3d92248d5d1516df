"""What can go wrong with the family's file. Each is an `InputProblem`: a sentence that says what, where and what to do."""

from __future__ import annotations

from remission.home.notes import Note, Values
from remission.record.problems import InputProblem


class HomeProblem(InputProblem):
    """The file cannot be read or written as asked. Nothing that was acknowledged before is touched."""


class ChangedMeanwhile(HomeProblem):
    """Somebody else changed the note since it was opened; `now` is how it stands, None when it was taken away."""

    def __init__(self, now: Note | None, typed: Values):
        super().__init__("home-changed-meanwhile", by=now.by if now else "")
        self.now = now
        self.typed = typed

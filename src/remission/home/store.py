"""The family's file: one SQLite file in which every change is added and none is ever overwritten.

A write is acknowledged only once it is on the disk (WAL, synced): after that, neither a crash nor a pulled plug loses it.
Several processes may write at once; each write is one transaction that waits for its turn.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from remission.home.notes import Change, Note, Values
from remission.home.opening import WAITS, in_words, opened
from remission.home.problems import ChangedMeanwhile, HomeProblem

FILE_NAME = "playbook.sqlite3"
_NOW = "SELECT child, kind, id, after, seq, at, by FROM now"
_CHANGES = "SELECT seq, child, kind, id, before, after, at, by, undoes FROM change"
_SOME = "WHERE child = ? AND (? = '' OR kind = ?) AND (? = '' OR id = ?)"
_ADD = "INSERT INTO change (child, kind, id, before, after, at, by, undoes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_UNSWEPT = "unswept"  # the setting that stands while something erased may still lie in the file


class HomeFile:
    """An open file. Use it as a context manager, in one thread; opening takes a millisecond or two."""

    def __init__(self, folder: Path):
        self.path = folder / FILE_NAME
        self._connection = opened(self.path)
        self._is_erasing = False
        try:
            self._finish_erasing()
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> HomeFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    # --- reading ------------------------------------------------------------------------------------------------------

    def children(self) -> list[Note]:
        """The notes that say who each child is, in the order in which they were begun."""
        return self._notes(f"{_NOW} WHERE kind = 'child' ORDER BY began")

    def child_ids(self) -> list[str]:
        """Everybody of whom anything was ever written and not erased, also those whose own note was taken away."""
        return [row[0] for row in self._rows("SELECT child FROM change GROUP BY child ORDER BY min(seq)")]

    def notes(self, child: str, kind: str = "") -> list[Note]:
        """The notes of a child as they stand, oldest first; of one kind when it is named."""
        if kind:
            return self._notes(f"{_NOW} WHERE child = ? AND kind = ? ORDER BY began", child, kind)
        return self._notes(f"{_NOW} WHERE child = ? ORDER BY began", child)

    def note(self, child: str, kind: str, note_id: str) -> Note | None:
        found = self._notes(f"{_NOW} WHERE child = ? AND kind = ? AND id = ?", child, kind, note_id)
        return found[0] if found else None

    def history(self, child: str, kind: str = "", note_id: str = "") -> list[Change]:
        """Every change, oldest first: of a child, of one kind of note, or of one note."""
        rows = self._rows(f"{_CHANGES} {_SOME} ORDER BY seq", child, kind, kind, note_id, note_id)
        return [_change(row) for row in rows]

    def last_change(self, child: str) -> Change | None:
        """The newest change of a child, without reading the others."""
        last = self._rows("SELECT max(seq) FROM change WHERE child = ?", child)[0][0]
        rows = self._rows(f"{_CHANGES} WHERE seq = ?", last)
        return _change(rows[0]) if rows else None

    def damages(self) -> list[str]:
        """What SQLite finds wrong with the file when it reads all of it; nothing when it is sound."""
        return [str(told) for (told,) in self._rows("PRAGMA integrity_check") if told != "ok"]

    def last_writer(self, child: str) -> str:
        """Who wrote last about a child, as they called themselves; nothing when nobody ever said."""
        rows = self._rows("SELECT by FROM change WHERE child = ? AND by <> '' ORDER BY seq DESC LIMIT 1", child)
        return str(rows[0][0]) if rows else ""

    def setting(self, name: str) -> str | None:
        rows = self._rows("SELECT value FROM setting WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    # --- writing ------------------------------------------------------------------------------------------------------

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is read and written inside is one step: all of it is kept or none, and nobody else writes meanwhile."""
        with self._writing():
            yield

    def write(self, note: Note, by: str, was: int | None = None) -> Note:
        """Keeps a note as it is now. `was` is the change the writer had seen (0: none): raises `ChangedMeanwhile` when there
        is a newer one that says something else."""
        return self.write_all([note], by, None if was is None else {note.id: was})[0]

    def write_all(self, notes: Iterable[Note], by: str, was: dict[str, int] | None = None) -> list[Note]:
        """Keeps several notes, all or none."""
        with self._writing():
            return [self._write(note, by, (was or {}).get(note.id)) for note in notes]

    def remove(self, child: str, kind: str, note_id: str, by: str) -> Change | None:
        """Takes a note away; it stays in the history and can be brought back. None when it is not there."""
        with self._writing():
            standing = self.note(child, kind, note_id)
            return self._add(child, kind, note_id, standing.values, None, by) if standing else None

    def undo(self, seq: int, by: str) -> Change:
        """Sets a note back to what it was before a change, as a change of its own (which can be undone in turn).

        Raises `HomeProblem` when the note was changed again since: undoing would silently lose that.
        """
        with self._writing():
            rows = self._rows(f"{_CHANGES} WHERE seq = ?", seq)
            if not rows:
                raise HomeProblem("home-no-such-change")
            change = _change(rows[0])
            last = self._rows("SELECT max(seq) FROM change WHERE child = ? AND kind = ? AND id = ?", *_place(change))[0][0]
            if last != seq:
                raise HomeProblem("home-changed-since")
            return self._add(*_place(change), change.after, change.before, by, undoes=seq)

    def keep_setting(self, name: str, value: str | None) -> None:
        with self._writing():
            if value is None:
                self._rows("DELETE FROM setting WHERE name = ?", name)
            else:
                self._rows("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, value)

    def take_in(self, changes: Iterable[Change], known: Mapping[int, int] | None = None) -> int:
        """Adds changes of another file with their own times and names (an import), all or none. Returns how many.

        What a change undoes is named by its number over there; `known` says which number earlier ones have here.
        """
        numbers = dict(known or {})
        with self._writing():
            added = [self._take_in(change, numbers) for change in changes]
            for child in {change.child for change in added}:
                self.keep_setting(_erased(child), None)
        return len(added)

    def erase(self, child: str, kind: str = "", note_id: str = "") -> None:
        """Deletes a child (or a kind of its notes, or one note) with all history, and overwrites where it stood in the file.

        A page that is still open elsewhere cannot bring a deleted child back. Raises `HomeProblem` when it is deleted but
        somebody else reads the file, so that it cannot be overwritten yet; that is done when the file is opened the next time.
        """
        with self._writing():
            for table in ("change", "now"):
                self._rows(f"DELETE FROM {table} {_SOME}", child, kind, kind, note_id, note_id)  # noqa: S608
            self.keep_setting(_UNSWEPT, "")
            if not kind:
                self.keep_setting(_erased(child), "")
            self._is_erasing = True

    # --- inside -------------------------------------------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction: all of it on the disk when it ends well, nothing of it otherwise. It may be part of another one."""
        is_part = self._connection.in_transaction
        begin, keep, *drop = _PART if is_part else _WHOLE
        self._rows(begin)
        try:
            yield
            self._rows(keep)
        except BaseException:
            for step in drop if self._connection.in_transaction else ():  # on a full disk SQLite has already dropped it
                self._rows(step)
            self._is_erasing = self._is_erasing and is_part
            raise
        if self._is_erasing and not is_part:
            self._is_erasing = False
            self._sweep(WAITS)

    def _finish_erasing(self) -> None:
        """An erasure may have been cut off, or somebody else was reading."""
        if self.setting(_UNSWEPT) is not None:
            with suppress(HomeProblem):
                self._sweep(wait=0.1)

    def _sweep(self, wait: float) -> None:
        """Overwrites what was erased: in the file (`secure_delete`), in the changes beside it, and by packing the file anew."""
        try:
            self._rows(f"PRAGMA busy_timeout = {int(wait * 1000)}")
            self._move_changes("RESTART")  # the next write begins at the front of the file beside, over what was there
            self._rows("VACUUM")
            self._move_changes("TRUNCATE")
            self._rows("DELETE FROM setting WHERE name = ?", _UNSWEPT)
        except HomeProblem as problem:
            raise HomeProblem("home-erased-not-overwritten", path=self.path) from problem
        finally:
            self._rows(f"PRAGMA busy_timeout = {int(WAITS * 1000)}")

    def _move_changes(self, how: str) -> None:
        """Moves what lies beside the file into it. SQLite only reports, and does not fail, when a reader is in the way."""
        is_busy = self._rows(f"PRAGMA wal_checkpoint({how})")[0][0]
        if is_busy:
            raise HomeProblem("home-busy", path=self.path)

    def _write(self, note: Note, by: str, was: int | None) -> Note:
        standing = self.note(note.child, note.kind, note.id)
        if standing and standing.values == note.values:
            return standing  # a form that was sent twice is no conflict
        if was is not None and was != (standing.seq if standing else 0):
            raise ChangedMeanwhile(standing, note.values)
        self._refuse_erased(note)
        change = self._add(note.child, note.kind, note.id, standing.values if standing else None, note.values, by)
        return Note(note.child, note.kind, note.id, note.values, change.seq, change.at, change.by)

    def _refuse_erased(self, note: Note) -> None:
        """A page left open must not bring an erased child back. Only saying anew who the child is does."""
        if self.setting(_erased(note.child)) is None:
            return
        if note.kind != "child":
            raise HomeProblem("home-child-erased")
        self.keep_setting(_erased(note.child), None)

    def _take_in(self, change: Change, numbers: dict[int, int]) -> Change:
        standing = self.note(*_place(change))
        before, undoes = standing.values if standing else None, numbers.get(change.undoes or 0)
        added = self._add(*_place(change), before, change.after, change.by, undoes, change.at)
        numbers[change.seq] = added.seq
        return added

    def _add(
        self, child: str, kind: str, note_id: str, before: Values | None, after: Values | None, by: str, undoes: int | None = None,
        at: datetime | None = None,
    ) -> Change:  # fmt: skip
        at = (at or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
        row = (child, kind, note_id, _json(before), _json(after), at.isoformat(), by, undoes)
        with in_words(self.path):
            seq = self._connection.execute(_ADD, row).lastrowid or 0
        return Change(seq, child, kind, note_id, before, after, at, by, undoes)

    def _notes(self, query: str, *values: str) -> list[Note]:
        return [
            Note(child, kind, note_id, json.loads(after), seq, datetime.fromisoformat(at), by)
            for child, kind, note_id, after, seq, at, by in self._rows(query, *values)
        ]

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with in_words(self.path):
            return self._connection.execute(query, values).fetchall()


_WHOLE = ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")
_PART = ("SAVEPOINT part", "RELEASE part", "ROLLBACK TO part", "RELEASE part")


def new_id() -> str:
    """An id that says nothing and that nobody can guess."""
    return secrets.token_hex(6)


def _erased(child: str) -> str:
    """The setting that remembers an erased child, without holding its id."""
    return f"erased-{sha256(child.encode()).hexdigest()[:24]}"


def _place(change: Change) -> tuple[str, str, str]:
    return change.child, change.kind, change.id


def _json(values: Values | None) -> str | None:
    return None if values is None else json.dumps(values, ensure_ascii=False, sort_keys=True)


def _change(row: tuple[Any, ...]) -> Change:
    seq, child, kind, note_id, before, after, at, by, undoes = row
    old, new = (None if values is None else json.loads(values) for values in (before, after))
    return Change(seq, child, kind, note_id, old, new, datetime.fromisoformat(at), by, undoes)

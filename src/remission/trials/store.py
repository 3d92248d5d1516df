"""The family's own trials: one SQLite file in the folder of its data, written only when somebody asks for a refresh.

A refresh gathers into a second file beside it. Only when all is there, it takes the place of the first in one step: a refresh that
fails or is cut off leaves what was there before, and the next one goes on where it stopped.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import msgspec

from remission.knowledge.decoding import json_decoder
from remission.knowledge.model import Frozen
from remission.knowledge.trials import Snapshot
from remission.record.problems import InputProblem
from remission.trials.changes import Change
from remission.trials.collecting import Record, snapshot_of

STORE, GATHERING = "trials.sqlite", "trials.gathering.sqlite"
_APPLICATION_ID = 0x52454D54  # "REMT"
_FORMAT = 1
_ON_ITS_WAY = ("token", "unreadable")  # what is noted of a refresh until it is done
_TABLES = (
    f"PRAGMA application_id = {_APPLICATION_ID}",
    f"PRAGMA user_version = {_FORMAT}",
    "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE study (id TEXT PRIMARY KEY, status TEXT NOT NULL, status_date TEXT NOT NULL, record TEXT NOT NULL)",
    "CREATE TABLE change (seq INTEGER PRIMARY KEY AUTOINCREMENT, day TEXT NOT NULL, change TEXT NOT NULL)",
)


class DatedChange(Frozen, frozen=True):
    """A change, and the day of the refresh that found it."""

    day: str
    change: Change


class TrialStore:
    """The file in `folder`. Opening makes nothing: a family that never refreshed has no such file."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.path = folder / STORE
        self.gathering = folder / GATHERING

    def snapshot(self) -> Snapshot | None:
        """The snapshot of the last refresh; None when there is none. Raises `InputProblem` when the file is damaged or not ours."""
        if not self.path.exists():
            return None
        with _reading(self.path) as connection:
            about = _about(connection)
            records = [_record(row[0]) for row in connection.execute("SELECT record FROM study ORDER BY id")]
        return snapshot_of(records, about.get("registry", ""), about.get("taken", ""))

    def changes(self, only_unseen: bool = True) -> tuple[DatedChange, ...]:
        """What refreshes found different, oldest first: all of it, or since the last look. What a later refresh turned about again
        (a study that closed, then opened) is no news any more."""
        if not self.path.exists():
            return ()
        with _reading(self.path) as connection:
            seen = int(_about(connection).get("seen", "0")) if only_unseen else 0
            rows = connection.execute("SELECT day, change FROM change WHERE seq > ? ORDER BY seq", (seen,)).fetchall()
        found = [DatedChange(day, json_decoder(Change).decode(change)) for day, change in rows]
        return _latest(found) if only_unseen else tuple(found)

    def mark_seen(self) -> None:
        """Everything found so far was looked at. In a folder that cannot be written to it stays new."""
        if self.path.exists():
            with suppress(sqlite3.OperationalError), closing(_open(self.path)) as connection, connection:
                last = connection.execute("SELECT coalesce(max(seq), 0) FROM change").fetchone()[0]
                connection.execute("INSERT OR REPLACE INTO about VALUES ('seen', ?)", (str(last),))


class Gathering:
    """A refresh on its way. What was fetched is kept page by page; one refresh at a time."""

    def __init__(self, store: TrialStore, about: dict[str, str], start_anew: bool = False):
        self.store = store
        store.folder.mkdir(parents=True, exist_ok=True)
        self.connection = _gathering(store.gathering)
        try:
            self._begin(about, start_anew)
        except sqlite3.OperationalError as error:
            self.connection.close()
            raise _not_now(store.folder, error) from None

    def _begin(self, about: dict[str, str], start_anew: bool) -> None:
        """Takes up what an earlier refresh left, if it asked the same; otherwise begins with nothing."""
        self.connection.execute("BEGIN EXCLUSIVE")
        tables = self.connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'study'").fetchone()[0]
        left = _about(self.connection) if tables else {}
        if start_anew or any(left.get(name) != value for name, value in about.items() if name != "taken"):
            self._empty(about)
        self.connection.execute("COMMIT")

    def _empty(self, about: dict[str, str]) -> None:
        for table in ("about", "study", "change"):
            self.connection.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in _TABLES:
            self.connection.execute(statement)
        self.connection.executemany("INSERT INTO about VALUES (?, ?)", about.items())

    @property
    def token(self) -> str:
        """The page that comes next; empty at the beginning."""
        return _about(self.connection).get("token", "")

    @property
    def taken(self) -> str:
        return _about(self.connection).get("taken", "")

    def count(self) -> int:
        return int(self.connection.execute("SELECT count(*) FROM study").fetchone()[0])

    @property
    def unreadable(self) -> int:
        """How many records of the pages that were kept could not be read, those of an earlier run among them."""
        return int(_about(self.connection).get("unreadable", "0"))

    def add(self, records: Iterable[Record], token: str = "", unreadable: int = 0) -> None:
        """Keeps a page, which one comes next, and how many of its records could not be read, in one step."""
        rows = [(r.study.id, r.study.status, r.study.status_date, msgspec.json.encode(r).decode()) for r in records]
        with self.connection:
            self.connection.execute("BEGIN")
            self.connection.executemany("INSERT OR REPLACE INTO study VALUES (?, ?, ?, ?)", rows)
            went = {"token": token, "unreadable": str(self.unreadable + unreadable)}
            self.connection.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", went.items())

    def snapshot(self) -> Snapshot:
        about = _about(self.connection)
        records = (_record(row[0]) for row in self.connection.execute("SELECT record FROM study ORDER BY id"))
        return snapshot_of(records, about.get("registry", ""), about.get("taken", ""))

    def start_anew(self) -> None:
        """Forgets the pages that were kept: the registry no longer knows where they ended."""
        about = {name: value for name, value in _about(self.connection).items() if name not in _ON_ITS_WAY}
        with self.connection:
            self.connection.execute("BEGIN")
            self._empty(about)

    def finish(self, day: str, changes: Iterable[Change]) -> None:
        """Takes the place of the old file, with its history: whole, or not at all."""
        with self.connection:
            self.connection.execute("BEGIN")
            self._inherit()
            rows = ((day, msgspec.json.encode(change).decode()) for change in changes)
            self.connection.executemany("INSERT INTO change (day, change) VALUES (?, ?)", rows)
            self.connection.executemany("DELETE FROM about WHERE name = ?", [(name,) for name in _ON_ITS_WAY])
        self.connection.close()
        self.store.gathering.replace(self.store.path)

    def _inherit(self) -> None:
        """Takes over the history of the old file; a damaged one has none to give."""
        if not self.store.path.exists():
            return
        try:
            with closing(_open(self.store.path)) as old:
                seen = _about(old).get("seen", "0")
                history = old.execute("SELECT seq, day, change FROM change ORDER BY seq").fetchall()
        except sqlite3.DatabaseError:
            return
        self.connection.executemany("INSERT INTO change VALUES (?, ?, ?)", history)
        self.connection.execute("INSERT OR REPLACE INTO about VALUES ('seen', ?)", (seen,))

    def close(self) -> None:
        self.connection.close()


def _latest(found: list[DatedChange]) -> tuple[DatedChange, ...]:
    """Of each study and of each of its places the last change."""
    last = {(each.change.study, each.change.site): number for number, each in enumerate(found)}
    return tuple(found[number] for number in sorted(last.values()))


def _gathering(path: Path) -> sqlite3.Connection:
    """The second file; what is there and is no such file is put away, because nothing but pages of a registry can be in it."""
    try:
        return _connect(path)
    except sqlite3.OperationalError as error:
        raise _not_now(path.parent, error) from None
    except sqlite3.DatabaseError:
        path.unlink(missing_ok=True)
        return _connect(path)


def _not_now(folder: Path, error: sqlite3.OperationalError) -> InputProblem:
    """Why nothing can be gathered: another refresh does so already, or the folder cannot be written to."""
    if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return InputProblem("trials-refresh-busy")
    return InputProblem("trials-folder-unwritable", path=folder, reason=str(error))


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=2, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=5)


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """The file, if it is one of ours that this version can read. Raises `InputProblem`; the file is left as it is."""
    try:
        with closing(_open(path)) as connection:
            owner = connection.execute("PRAGMA application_id").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if owner != _APPLICATION_ID or version > _FORMAT:
                raise InputProblem("trials-store-foreign", path=path)
            yield connection
    except (sqlite3.DatabaseError, msgspec.MsgspecError):
        raise InputProblem("trials-store-damaged", path=path) from None


def _about(connection: sqlite3.Connection) -> dict[str, str]:
    return dict(connection.execute("SELECT name, value FROM about"))


def _record(text: str) -> Record:
    return json_decoder(Record).decode(text)

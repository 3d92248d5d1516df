"""The tables of the family's file, and how a file of an older version becomes one of this version."""

from __future__ import annotations

import sqlite3

APPLICATION_ID = 0x52454D49  # "REMI": says whose file it is

# Each step brings a file one version further. A step that was released is never changed; a new shape is a new step.
# The tables are not STRICT: SQLite before 3.37 (still shipped with some systems) could not open the file at all.
_STEPS: tuple[tuple[str, ...], ...] = (
    (
        f"PRAGMA application_id = {APPLICATION_ID}",
        """CREATE TABLE change (
             seq INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice, even after an erasure
             child TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
             before TEXT CHECK (before IS NULL OR json_valid(before)),  -- NULL: was not there
             after TEXT CHECK (after IS NULL OR json_valid(after)),     -- NULL: is taken away
             at TEXT NOT NULL, by TEXT NOT NULL, undoes INTEGER
           )""",
        "CREATE INDEX change_of ON change (child, kind, id, seq)",
        "CREATE TRIGGER never_rewritten BEFORE UPDATE ON change BEGIN SELECT raise(ABORT, 'history is never rewritten'); END",
        "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    ),
    (  # what stands now, kept by the database itself so that it can never differ from the history
        """CREATE TABLE now (
             child TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, after TEXT NOT NULL,
             seq INTEGER NOT NULL, at TEXT NOT NULL, by TEXT NOT NULL,
             began INTEGER NOT NULL,  -- its first change: a note that is brought back stands where it stood
             UNIQUE (child, kind, id)
           )""",
        "CREATE INDEX children ON now (began) WHERE kind = 'child'",
        """CREATE TRIGGER kept AFTER INSERT ON change WHEN new.after IS NOT NULL BEGIN
             INSERT INTO now VALUES (
               new.child, new.kind, new.id, new.after, new.seq, new.at, new.by,
               (SELECT min(seq) FROM change WHERE child = new.child AND kind = new.kind AND id = new.id)
             )
             ON CONFLICT (child, kind, id) DO UPDATE SET
               after = excluded.after, seq = excluded.seq, at = excluded.at, by = excluded.by;
           END""",
        """CREATE TRIGGER taken_away AFTER INSERT ON change WHEN new.after IS NULL BEGIN
             DELETE FROM now WHERE child = new.child AND kind = new.kind AND id = new.id;
           END""",
        """INSERT INTO now SELECT child, kind, id, after, seq, at, by, began FROM change JOIN
             (SELECT min(seq) AS began, max(seq) AS last FROM change GROUP BY child, kind, id) ON seq = last
           WHERE after IS NOT NULL""",
    ),
)
FORMAT = len(_STEPS)


def version_of(connection: sqlite3.Connection) -> int:
    """The version of a file; 0 when it is empty. Raises `NotOurs` when another program made it.

    All is asked of one state of the file: another process may be making it at this moment.
    """
    is_part = connection.in_transaction
    if not is_part:
        connection.execute("BEGIN")
    try:
        version, owner, tables = (connection.execute(asked).fetchone()[0] for asked in _ASKED)
    finally:
        if not is_part and connection.in_transaction:
            connection.execute("COMMIT")
    if owner != APPLICATION_ID and (version or owner or tables):
        raise NotOurs
    return int(version)


_ASKED = ("PRAGMA user_version", "PRAGMA application_id", "SELECT count(*) FROM sqlite_master")


class NotOurs(Exception):
    """A database of another program. It is left exactly as it is."""


def migrate(connection: sqlite3.Connection, to: int = FORMAT) -> int:
    """Brings a file to a version, all steps or none, and says which it has. Another process may have done it meanwhile, and
    may even know a newer one: it looks again first."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = version_of(connection)
        for step in _STEPS[version:to]:
            for statement in step:
                connection.execute(statement)
        if version < to:
            connection.execute(f"PRAGMA user_version = {to}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return max(version, to)

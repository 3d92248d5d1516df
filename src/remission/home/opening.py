"""Opens the family's file: makes it when it is new, brings it up to date, refuses what is not ours, tells in words what fails."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from remission.home.problems import HomeProblem
from remission.home.shape import FORMAT, NotOurs, migrate, version_of
from remission.whole_file import sync_folder

WAITS = 10.0  # seconds for another writer to finish
_SMALLEST = 512  # bytes: no SQLite file is shorter, unless it is empty
_OUR_OWN_MISTAKES = (sqlite3.ProgrammingError, sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.DataError)


def opened(path: Path) -> sqlite3.Connection:
    """A connection to the file, made when it is not there. Raises `HomeProblem` with what to do."""
    with in_words(path):
        if path.is_dir():
            raise HomeProblem("home-path-is-folder", path=path)
        _refuse_leftovers(path)
        if not path.exists():
            _make_empty(path)
        try:
            return _connected(path)
        except sqlite3.OperationalError as error:
            if _word_of(error) == "home-disk-full":
                return _connected(path, alone=True)
            if not _can_only_be_read(path):
                raise
            return _connected(path, may_write=False)


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """What SQLite and the disk say, as a sentence for a family. A mistake in this program stays what it is."""
    try:
        yield
    except _OUR_OWN_MISTAKES:
        raise
    except sqlite3.Error as error:
        raise HomeProblem(_word_of(error), path=path, reason=str(error)) from error
    except OSError as error:
        word = _BY_ERRNO.get(error.errno or 0, "home-no-folder")
        raise HomeProblem(word, path=path.parent, reason=error.strerror or str(error)) from error


_BY_ERRNO = {errno.ENOSPC: "home-disk-full", errno.EDQUOT: "home-disk-full", errno.EROFS: "home-read-only"}
_BY_NAME = {
    "FULL": "home-disk-full", "IOERR_SHMSIZE": "home-disk-full", "READONLY": "home-read-only", "NOTADB": "home-not-ours",
    "CORRUPT": "home-damaged", "BUSY": "home-busy", "LOCKED": "home-busy", "CANTOPEN": "home-no-folder",
}  # fmt: skip


def _word_of(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", None) or ""
    return next((word for part, word in _BY_NAME.items() if name.startswith(f"SQLITE_{part}")), "home-cannot-write")


def _connected(path: Path, may_write: bool = True, alone: bool = False) -> sqlite3.Connection:
    """`alone`: nobody else meanwhile. Then SQLite keeps in memory what several processes share in a file beside, for which a full
    disk has no room: what is written down can still be read."""
    database = f"{path.absolute().as_uri()}{'' if may_write else '?mode=ro&immutable=1'}"
    connection = sqlite3.connect(database, timeout=WAITS, isolation_level=None, check_same_thread=False, uri=True)
    try:
        if alone:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        _make_ready(connection, path, may_write)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_ready(connection: sqlite3.Connection, path: Path, may_write: bool) -> None:
    """Looks before it writes: a file that is not ours, or newer, is not touched."""
    try:
        version = version_of(connection)
        if version <= FORMAT and may_write:
            _set_up(connection)
        if version < FORMAT:
            version = migrate(connection)
    except NotOurs:
        raise HomeProblem("home-not-ours", path=path) from None
    if version > FORMAT:
        raise HomeProblem("home-newer", path=path)


def _set_up(connection: sqlite3.Connection) -> None:
    """A write is on the disk before it is acknowledged, and what is deleted is overwritten.

    EXTRA is FULL where there is a WAL; where the disk cannot have one (some network folders), it makes the end of a write last too.
    FULLFSYNC matters on a Mac only, whose disks keep a plain fsync in their own memory. What SQLite puts aside for a while stays
    in memory: no copy of a record lies in /tmp.
    """
    _use_wal(connection)
    for setting in ("synchronous = EXTRA", "fullfsync = ON", "checkpoint_fullfsync = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("PRAGMA temp_store = MEMORY")


def _use_wal(connection: sqlite3.Connection) -> None:
    """SQLite does not wait by itself when two processes make the file at the same moment."""
    until = time.monotonic() + WAITS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if _word_of(error) != "home-busy" or time.monotonic() > until:
                raise
        time.sleep(0.01)


def _refuse_leftovers(path: Path) -> None:
    """What SQLite would take for an empty database and write over: a few bytes of something, and changes whose file is missing.

    The latest changes lie beside the file until they are moved into it. They are looked at first: another process that is just
    making the file writes them last.
    """
    beside = path.with_name(f"{path.name}-wal")
    if _size(beside) and not _size(path):
        raise HomeProblem("home-changes-without-file", path=path, beside=beside)
    if 0 < _size(path) < _SMALLEST:
        raise HomeProblem("home-not-ours", path=path)


def _size(path: Path) -> int:
    """How long a file is; 0 when it is not there."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _make_empty(path: Path) -> None:
    """The folder and an empty file, both on the disk for good. Nobody else on this machine may read it, nor the files that SQLite
    puts beside it: they get the same rights."""
    folder = path.parent
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    for made_in in (folder, *(one.parent for one in missing)):
        sync_folder(made_in)


def _can_only_be_read(path: Path) -> bool:
    """Whether the file lies whole on a disk that nobody can write: then it can still be looked at."""
    if not hasattr(os, "statvfs") or not path.exists() or _size(path.with_name(f"{path.name}-wal")):
        return False
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)

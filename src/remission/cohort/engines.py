"""The engines on which tables of children live: DuckDB as a rule, PostgreSQL or Spark where a user's data already are.

All that the rest asks of an engine is here. What is asked is a sqlglot tree, printed in the engine's own dialect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from errno import ENOSPC
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from remission.cohort.columns import Column, Value
from remission.record.problems import InputProblem

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

Row = tuple[Any, ...]
_AT_ONCE = 10_000  # rows fetched together
_ENGINES = frozenset({"duckdb", "_duckdb", "psycopg", "pyspark", "py4j"})
NO_ROOM = ("No space left", "disk full", "File too large", "max_temp_directory_size")
_TYPES = {
    "postgres": {"DOUBLE": "DOUBLE PRECISION", "VARCHAR": "TEXT"},
    "spark": {"VARCHAR": "STRING", "INTEGER": "INT"},
}


class Engine(Protocol):
    """Where a table of children is, and how it is asked. `dialect` is sqlglot's name for its SQL."""

    dialect: str

    def rows(self, select: Expr | str) -> Iterator[Row]:
        """The rows of a query, fetched as they are needed."""

    def keep(self, name: str, select: Expr | str) -> None:
        """Keeps what a query gives as a table of this session, in place of one of that name."""

    def put(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> None:
        """Brings a table in from here, in place of one of that name."""

    def columns(self, table: str) -> tuple[str, ...]:
        """The names of a table's columns."""

    def close(self) -> None:
        """Lets go of the connection."""


def printed(select: Expr | str, dialect: str, pretty: bool = False) -> str:
    """A query in a dialect; one that is text already stays as it is."""
    return select if isinstance(select, str) else select.sql(dialect=dialect, pretty=pretty)


class DuckEngine:
    """DuckDB in this process. What does not fit into `memory` goes to files in `folder`; nothing is fetched from anywhere."""

    dialect = "duckdb"

    def __init__(self, folder: Path, memory: str = "1200MB", threads: int = 0):
        import duckdb

        settings: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": False,
            "memory_limit": memory,
            "preserve_insertion_order": False,
            "temp_directory": str(folder),
        }
        if threads:
            settings["threads"] = threads
        self.connection = duckdb.connect(config=settings)
        self.connection.execute("SET enable_progress_bar = false")

    def rows(self, select: Expr | str) -> Iterator[Row]:
        cursor = self.connection.cursor()
        cursor.execute(printed(select, self.dialect))
        while rows := cursor.fetchmany(_AT_ONCE):
            yield from rows

    def keep(self, name: str, select: Expr | str) -> None:
        self.connection.execute(f'CREATE OR REPLACE TABLE "{name}" AS {printed(select, self.dialect)}')

    def put(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> None:
        declared = ", ".join(f'"{column.name}" {column.type}' for column in columns)
        self.connection.execute(f'CREATE OR REPLACE TABLE "{name}" ({declared})')
        taken = ", ".join(f"unnest(?::{column.type}[])" for column in columns)
        left = iter(rows)
        while batch := list(islice(left, _AT_ONCE)):
            self.connection.execute(f'INSERT INTO "{name}" SELECT {taken}', [list(values) for values in zip(*batch, strict=True)])

    def columns(self, table: str) -> tuple[str, ...]:
        return tuple(row[0] for row in self.connection.execute(f'DESCRIBE "{table}"').fetchall())

    def close(self) -> None:
        self.connection.close()


class PostgresEngine:
    """A PostgreSQL server. Everything is kept in tables of this session; nothing that is there is changed."""

    dialect = "postgres"

    def __init__(self, address: str):
        import psycopg

        self.connection = psycopg.connect(address)

    def rows(self, select: Expr | str) -> Iterator[Row]:
        with self.connection.cursor(name="remission_rows") as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute(printed(select, self.dialect).encode())
            yield from cursor

    def keep(self, name: str, select: Expr | str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f'DROP TABLE IF EXISTS pg_temp."{name}"'.encode())
            cursor.execute(f'CREATE TEMP TABLE "{name}" AS {printed(select, self.dialect)}'.encode())

    def put(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> None:
        declared = ", ".join(f'"{column.name}" {_TYPES[self.dialect].get(column.type, column.type)}' for column in columns)
        with self.connection.cursor() as cursor:
            cursor.execute(f'DROP TABLE IF EXISTS pg_temp."{name}"'.encode())
            cursor.execute(f'CREATE TEMP TABLE "{name}" ({declared})'.encode())
            with cursor.copy(f'COPY "{name}" FROM STDIN'.encode()) as copy:
                for row in rows:
                    copy.write_row(row)

    def columns(self, table: str) -> tuple[str, ...]:
        with self.connection.cursor() as cursor:
            cursor.execute(f"TABLE {table} LIMIT 0".encode(), prepare=False)  # another table may have the name next time
            return tuple(column.name for column in cursor.description or ())

    def close(self) -> None:
        with suppress(Exception):
            self.connection.rollback()
        self.connection.close()


class SparkEngine:
    """A Spark session: the one that is running, or a new one as the environment configures it."""

    dialect = "spark"

    def __init__(self, session: Any = None):
        from pyspark.sql import SparkSession  # type: ignore[import-not-found, unused-ignore]

        self.session = session or SparkSession.builder.appName("remission").getOrCreate()
        self._is_ours = session is None

    def rows(self, select: Expr | str) -> Iterator[Row]:
        yield from (tuple(row) for row in self.session.sql(printed(select, self.dialect)).toLocalIterator())

    def keep(self, name: str, select: Expr | str) -> None:
        table = self.session.sql(printed(select, self.dialect)).cache()
        table.createOrReplaceTempView(name)

    def put(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> None:
        declared = ", ".join(f"`{column.name}` {_TYPES[self.dialect].get(column.type, column.type)}" for column in columns)
        self.session.createDataFrame([tuple(row) for row in rows], declared).createOrReplaceTempView(name)

    def columns(self, table: str) -> tuple[str, ...]:
        return tuple(self.session.table(table).columns)

    def close(self) -> None:
        if self._is_ours:
            self.session.stop()


def start(name: str, address: str, memory: str, folder: Path) -> Engine:
    """The engine of that name: duckdb, postgres or spark. `memory` and `folder` are DuckDB's, `address` is PostgreSQL's."""
    if name == "postgres":
        return PostgresEngine(address)
    return SparkEngine() if name == "spark" else DuckEngine(folder, memory)


@contextmanager
def refused_as_problem(name: str, memory: str) -> Iterator[None]:
    """Turns what an engine refuses into a sentence: no room on the disk, too little memory, no such server or table."""
    try:
        yield
    except OSError as error:
        if error.errno != ENOSPC:
            raise
        raise InputProblem("cohort-disk-full", reason=error.strerror or "") from None
    except Exception as error:
        if type(error).__module__.split(".")[0] not in _ENGINES:
            raise
        raise _refusal(name, memory, error) from error


def _refusal(name: str, memory: str, error: Exception) -> InputProblem:
    reason = str(error).strip().partition("\n")[0]
    if any(sign in str(error) for sign in NO_ROOM):
        return InputProblem("cohort-disk-full", reason=reason)
    if "OutOfMemory" in type(error).__name__:
        return InputProblem("cohort-too-little-memory", memory=memory, reason=reason)
    return InputProblem("cohort-engine-refused", engine=name, reason=reason)

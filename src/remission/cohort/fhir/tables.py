"""The tables of one reading, in DuckDB. Their names begin with `fhir_`; they are gone at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from remission.cohort.columns import Column, Value

if TYPE_CHECKING:
    from remission.cohort.engines import DuckEngine

T = TypeVar("T")
Columns = dict[str, str]  # the names of columns, and DuckDB's names for their types


def some_of(rows: Iterable[T], number: int) -> Iterator[list[T]]:
    """The rows, some at a time."""
    left = iter(rows)
    while some := list(islice(left, number)):
        yield some


class Tables:
    """What is kept between the steps of a reading. A name stands for the table `fhir_` and that name."""

    def __init__(self, engine: DuckEngine):
        self.engine, self.sql = engine, engine.connection
        self._kinds: dict[str, str] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._kinds

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.sql.execute(statement)

    def row(self, query: str) -> tuple[Any, ...]:
        """The one row of a query."""
        return self.sql.execute(query).fetchone() or ()

    def listed(self, query: str) -> list[tuple[Any, ...]]:
        return self.sql.execute(query).fetchall()

    def column(self, query: str) -> list[Any]:
        return [row[0] for row in self.listed(query)]

    def number(self, query: str) -> int:
        return int(self.row(query)[0])

    def keep(self, name: str, query: str) -> None:
        """A new table of what a query gives."""
        self.drop(name)
        self.sql.execute(f"CREATE TABLE fhir_{name} AS {query}")
        self._kinds[name] = "TABLE"

    def see(self, name: str, query: str) -> None:
        """What a query gives, worked out wherever it is asked for."""
        self.drop(name)
        self.sql.execute(f"CREATE VIEW fhir_{name} AS {query}")
        self._kinds[name] = "VIEW"

    def empty(self, name: str, columns: Columns) -> None:
        self.drop(name)
        self.sql.execute(f"CREATE TABLE fhir_{name} ({', '.join(f'{column} {kind}' for column, kind in columns.items())})")
        self._kinds[name] = "TABLE"

    def put(self, name: str, columns: Columns, rows: Iterable[Sequence[Value]]) -> None:
        """A new table of rows that were made here."""
        self.drop(name)
        self.engine.put(f"fhir_{name}", [Column(column, kind) for column, kind in columns.items()], rows)  # type: ignore[arg-type]
        self._kinds[name] = "TABLE"

    def add(self, name: str, columns: Columns, rows: Sequence[Sequence[Value]]) -> None:
        """More rows that were made here, where there are any."""
        if rows:
            self.put("told", columns, rows)
            self.sql.execute(f"INSERT INTO fhir_{name} FROM fhir_told")

    def rename(self, name: str, new: str) -> None:
        self.drop(new)
        self.sql.execute(f"ALTER TABLE fhir_{name} RENAME TO fhir_{new}")
        self._kinds[new] = self._kinds.pop(name)

    def drop(self, name: str) -> None:
        if kind := self._kinds.pop(name, ""):
            self.sql.execute(f"DROP {kind} fhir_{name}")

    def drop_all(self) -> None:
        for name in list(self._kinds):
            self.drop(name)

"""The cells of a table on a server as one table of texts, from which everything else is read."""

from __future__ import annotations

from collections.abc import Iterator

from remission.cohort.engines import Engine
from remission.cohort.flat_cells import Cells, trimmed, wanted
from remission.cohort.flat_says import CELLS
from remission.cohort.loaded import Reject
from remission.cohort.names import named
from remission.knowledge.mapping import Mapping
from remission.record.problems import InputProblem, InputProblems


class ServerTable:
    """Brings a table of a server into the table `flat_kept` of this session; the table itself is only read."""

    def __init__(self, engine: Engine, mapping: Mapping, table: str):
        self.engine, self.mapping, self.table = engine, mapping, table
        self.columns: list[str] = []

    def read(self) -> Cells:
        from sqlglot import parse_one

        present = self._present()
        self.columns, absent = wanted(self.mapping, present)
        cells = [f"{trimmed(named(name))} AS c{place}" for place, name in enumerate(self.columns)]
        listed = ", ".join([f"{trimmed(named(self.mapping.id_column))} AS child", *cells])
        places = [f"c{place}" for place, _ in enumerate(self.columns)]
        by = ", ".join(["child", *places])
        rows = parse_one(
            f"SELECT {by}, COUNT(*) AS times FROM (SELECT {listed} FROM {self.table}) AS t GROUP BY {by}", dialect="duckdb"
        )
        self.engine.keep("flat_rows", rows)
        self.engine.keep("flat_differ", "SELECT child FROM flat_rows WHERE child <> '' GROUP BY child HAVING COUNT(*) > 1")
        self.engine.keep(
            CELLS,
            f"SELECT 0 AS n, {by} FROM flat_rows WHERE child <> '' AND child NOT IN (SELECT child FROM flat_differ)",
        )
        records, nobody, kept = self._counts()
        differing = records - nobody - kept[1]
        return Cells(dict(zip(self.columns, places, strict=True)), records, nobody + differing, kept[1] - kept[0], absent)

    def rejects(self) -> Iterator[Reject]:
        for (times,) in self.engine.rows("SELECT SUM(times) FROM flat_rows WHERE child = ''"):
            for _ in range(int(times or 0)):
                yield Reject(self.table, 0, "", InputProblem("row-without-id", table=self.table, column=self.mapping.id_column))
        for (child,) in self.engine.rows("SELECT child FROM flat_differ ORDER BY child"):
            yield Reject(self.table, 0, child, InputProblem("rows-differ", id=child, table=self.table))

    def close(self) -> None:
        """Nothing is held: the tables in between end with the session."""

    def located(self, _n: int) -> tuple[str, int]:
        return self.table, 0

    def _present(self) -> tuple[str, ...]:
        try:
            present = self.engine.columns(self.table)
        except Exception as error:  # each engine has its own
            reason = (str(error).splitlines() or [""])[0]
            raise InputProblems([InputProblem("table-unknown", table=self.table, reason=reason)]) from None
        if self.mapping.id_column not in present:
            about = {"file": self.table, "column": self.mapping.id_column, "mapping": self.mapping.id}
            raise InputProblems([InputProblem("table-no-column", **about)])
        return present

    def _counts(self) -> tuple[int, int, tuple[int, int]]:
        """All rows, those of nobody, and the children kept with the number of rows that speak of them."""
        ((records,),) = self.engine.rows("SELECT SUM(times) FROM flat_rows")
        ((nobody,),) = self.engine.rows("SELECT SUM(times) FROM flat_rows WHERE child = ''")
        ((children,),) = self.engine.rows(f"SELECT COUNT(*) FROM {CELLS}")
        ((of_them,),) = self.engine.rows(
            "SELECT SUM(times) FROM flat_rows WHERE child <> '' AND child NOT IN (SELECT child FROM flat_differ)"
        )
        return int(records or 0), int(nobody or 0), (int(children), int(of_them or 0))

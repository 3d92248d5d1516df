"""The cells of flat files as one table of texts, from which everything else is read.

A file is read by DuckDB as it stands. When DuckDB meets anything wrong, the file is gone through once more by the reader of
`record.sheet`, line by line: what can be read is read, and each damaged line is kept with its number and the reason.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from remission.cohort.engines import DuckEngine
from remission.cohort.flat_says import CELLS
from remission.cohort.loaded import Reject
from remission.cohort.names import named, quoted
from remission.knowledge.mapping import Mapping
from remission.knowledge.model import Frozen
from remission.record.problems import InputProblem, InputProblems
from remission.record.sheet import LONGEST_CELL, Sheet, rows
from remission.record.table import sheet_for

Progress = Callable[[str, int, int], None]
_SPACES = "".join(chr(number) for number in range(0x3001) if chr(number).isspace())  # what Python's strip takes away
_NO_TEXT = "\x01no cell says this"  # were empty cells NULL, DuckDB would take a row with too many of them for a good one
_EACH_FILE = 1 << 40  # the numbers of the rows of a file begin at a multiple of it
_LOOK_EVERY = 0.25  # seconds between two looks at how far a statement is
_TELL_EVERY = 20_000  # lines


class Cells(Frozen, frozen=True):
    """What was found. `place_of` names the column of table `flat_kept` for each source column that is there."""

    place_of: dict[str, str]
    records: int
    rejected: int
    merged: int  # rows that say nothing new of a child
    absent: tuple[str, ...]


class FlatFile:
    """A file, and on which line each of its rows begins."""

    def __init__(self, path: Path, sheet: Sheet | None):
        self.path, self.sheet = path, sheet
        self.records = 0
        self.starts: array[int] | None = None
        self.damaged = 0  # lines that cannot be read

    def line(self, row: int) -> int:
        """The line on which a row begins; a Parquet file has rows, not lines."""
        if self.sheet is None:
            return row + 1
        if self.starts is None and self.sheet.lines != self.records + 1:
            self.starts = array("q", (line for line, cells in rows(self.sheet) if not isinstance(cells, InputProblem)))
        return self.starts[row] if self.starts is not None else row + 2


def wanted(mapping: Mapping, present: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The columns to be read, beside the id, and those that the mapping reads but the table lacks."""
    return [name for name in mapping.read if name in present], tuple(name for name in mapping.read if name not in present)


def as_text(cell: str) -> str:
    """A cell as text, empty where there is none, in DuckDB's SQL."""
    return f"COALESCE(CAST({cell} AS VARCHAR), '')"


def trimmed(cell: str) -> str:
    """A cell as text without the white space around it. To trim is slow, so it is done only where an end is not plainly visible."""
    text = as_text(cell)
    plain = f"ASCII({text}) BETWEEN 33 AND 126 AND ASCII(RIGHT({text}, 1)) BETWEEN 33 AND 126"
    return f"CASE WHEN {plain} THEN {text} ELSE TRIM({text}, '{_SPACES}') END"


def _differ(one: str, other: str) -> str:
    return f"CASE WHEN {one} = {other} THEN FALSE ELSE {trimmed(one)} <> {trimmed(other)} END"


class Files:
    """Brings the files into DuckDB as table `flat_kept`, and knows the rows that were left out and why."""

    def __init__(self, engine: DuckEngine, mapping: Mapping, paths: Sequence[Path], folder: Path, progress: Progress):
        self.engine, self.mapping, self.folder, self.progress = engine, mapping, folder, progress
        self.files = [FlatFile(path, None if path.suffix == ".parquet" else sheet_for(mapping, path)) for path in paths]
        self.repeats = 0
        self.columns: list[str] = []

    def read(self) -> Cells:
        present = [self._present(file) for file in self.files]
        self.columns, absent = wanted(self.mapping, list(dict.fromkeys(name for names in present for name in names)))
        parts = [self._part(n, file, names) for n, (file, names) in enumerate(zip(self.files, present, strict=True))]
        self.engine.connection.execute(f"CREATE OR REPLACE VIEW flat_cells AS {' UNION ALL '.join(parts)}")
        nobody = self._number("SELECT COUNT(*) FROM flat_cells WHERE child = ''")
        self.engine.keep(
            "flat_repeats",
            "SELECT child, MIN(n) AS first_n FROM flat_cells WHERE child <> '' GROUP BY child HAVING COUNT(*) > 1",
        )
        self.repeats = self._number("SELECT COUNT(*) FROM flat_repeats")
        self._keep_first()
        damaged = sum(file.damaged for file in self.files)
        later = (
            self._number("SELECT COUNT(*) FROM flat_cells JOIN flat_repeats USING (child) WHERE n <> first_n")
            if self.repeats
            else 0
        )
        refused = self._number(f"SELECT COUNT(*) FROM ({self._later()})") if later else 0
        records = sum(file.records for file in self.files) + damaged
        return Cells(self._places(), records, nobody + damaged + refused, later - refused, absent)

    def rejects(self) -> Iterator[Reject]:
        """The rows that were not used: damaged, of nobody, or of a child who was read already."""
        for file in self.files:
            for line, cells in rows(file.sheet) if file.sheet and file.damaged else ():
                if isinstance(cells, InputProblem):
                    yield Reject(file.path.name, line, "", cells)
        for (n,) in self.engine.rows("SELECT n FROM flat_cells WHERE child = '' ORDER BY n"):
            name, line = self.located(n)
            yield Reject(name, line, "", InputProblem("row-no-id", line=line, column=self.mapping.id_column))
        if self.repeats:
            yield from self._later_rows()

    def close(self) -> None:
        """Lets go of the files of this reading."""
        self.engine.connection.execute(f"DROP VIEW IF EXISTS {CELLS}; DROP VIEW IF EXISTS flat_cells")

    def located(self, n: int) -> tuple[str, int]:
        """The file and the line of a row."""
        file = self.files[n // _EACH_FILE]
        return file.path.name, file.line(n % _EACH_FILE)

    def _number(self, select: str) -> int:
        return int(next(self.engine.rows(select))[0])

    def _places(self) -> dict[str, str]:
        return {name: f"c{place}" for place, name in enumerate(self.columns)}

    def _present(self, file: FlatFile) -> tuple[str, ...]:
        if file.sheet:
            return file.sheet.columns
        names = tuple(str(row[0]) for row in self._asked(f"DESCRIBE SELECT * FROM read_parquet({quoted(file.path)})", file))
        if self.mapping.id_column not in names:
            about = {"file": file.path.name, "column": self.mapping.id_column, "mapping": self.mapping.id}
            raise InputProblems([InputProblem("table-no-column", **about)])
        return names

    def _asked(self, select: str, file: FlatFile) -> list[tuple[object, ...]]:
        import duckdb

        try:
            return self.engine.connection.execute(select).fetchall()
        except duckdb.Error as error:
            raise InputProblems([InputProblem("file-no-parquet", file=file.path.name, reason=str(error).splitlines()[0])]) from None

    def _part(self, number: int, file: FlatFile, present: Sequence[str]) -> str:
        """The rows of one file as a query: child, n, c0, c1, …"""
        stored = self._stored(number, file, file.sheet) if file.sheet else self._taken_over(number, file, present)
        file.records = int(str(self._asked(f"SELECT COUNT(*) FROM read_parquet({quoted(stored)})", file)[0][0]))
        cells = (f"c{place}" if name in present else f"'' AS c{place}" for place, name in enumerate(self.columns))
        listed = ", ".join([f"{number * _EACH_FILE} + file_row_number AS n", "child", *cells])
        return f"SELECT {listed} FROM read_parquet({quoted(stored)}, file_row_number = true)"

    def _selected(self, named: dict[str, str]) -> str:
        """The id and the needed cells of a file, whose columns are called as `named` says."""
        cells = (f"{as_text(named[name])} AS c{place}" for place, name in enumerate(self.columns) if name in named)
        return ", ".join([f"{trimmed(named[self.mapping.id_column])} AS child", *cells])

    def _taken_over(self, number: int, file: FlatFile, present: Sequence[str]) -> Path:
        stored = self.folder / f"flat-{number}.parquet"
        selected = self._selected({name: named(name) for name in present})
        self._in_order(f"SELECT {selected} FROM read_parquet({quoted(file.path)})", file.path, stored)
        return stored

    def _stored(self, number: int, file: FlatFile, sheet: Sheet) -> Path:
        """The cells that are needed as a Parquet file in the order of the rows, written by DuckDB alone when nothing is wrong."""
        stored, size = self.folder / f"flat-{number}.parquet", file.path.stat().st_size
        self.progress(file.path.name, 0, size)
        if not self._copied_as_it_is(sheet, stored):
            mended = self.folder / f"flat-{number}.csv"
            self._mend(file, sheet, mended, size)
            self._copy(sheet, mended, stored, headers=0)
            mended.unlink()
        self.progress(file.path.name, size, size)
        return stored

    def _copied_as_it_is(self, sheet: Sheet, stored: Path) -> bool:
        """Whether DuckDB could take the whole file. Where it could not, every line is looked at, and each wrong one is told."""
        import duckdb

        if not sheet.encoding.startswith("utf-8") or sheet.damaged or len(sheet.columns) < 2:
            return False
        try:
            self._copy(sheet, sheet.path, stored, headers=1)
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            return False
        return True

    def _copy(self, sheet: Sheet, path: Path, stored: Path, headers: int) -> None:
        declared = ", ".join(f"'x{place}': 'VARCHAR'" for place, _ in enumerate(sheet.columns))
        selected = self._selected({name: f"x{place}" for place, name in enumerate(sheet.columns)})
        length, ends = (LONGEST_CELL, "") if headers else (8 * LONGEST_CELL, ", new_line = '\\n'")
        self._in_order(
            f"SELECT {selected} FROM read_csv({quoted(path)}, auto_detect = false, header = false, skip = {headers}, "
            f"delim = '{sheet.delimiter if headers else ','}', quote = '\"', escape = '\"', columns = {{{declared}}}, "
            f"strict_mode = true, null_padding = false, nullstr = '{_NO_TEXT}', max_line_size = {length}{ends})",
            path,
            stored,
        )

    def _in_order(self, select: str, path: Path, stored: Path) -> None:
        """Writes the rows of a query over a file as a Parquet file, in the order in which they stand there."""
        connection = self.engine.connection
        connection.execute("SET preserve_insertion_order = true")
        try:
            self._watched(f"COPY ({select}) TO {quoted(stored)} (FORMAT parquet)", path)
        finally:
            connection.execute("SET preserve_insertion_order = false")

    def _watched(self, statement: str, path: Path) -> None:
        """Runs a statement and tells how far it is with the file. When the run is stopped, the statement is stopped too."""
        from concurrent.futures import ThreadPoolExecutor, wait

        connection, size = self.engine.connection, path.stat().st_size
        connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
        try:
            with ThreadPoolExecutor(1) as pool:
                running = pool.submit(connection.execute, statement)
                try:
                    while wait([running], timeout=_LOOK_EVERY).not_done:
                        self.progress(path.name, int(size * max(connection.query_progress(), 0.0) / 100), size)
                except BaseException:
                    connection.interrupt()
                    raise
            running.result()
        finally:
            connection.execute("SET enable_progress_bar = false")

    def _mend(self, file: FlatFile, sheet: Sheet, mended: Path, size: int) -> None:
        """Writes the rows that can be read, and keeps the others as rejects."""
        file.starts = array("q")
        with mended.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
            for line, cells in rows(sheet):
                if isinstance(cells, InputProblem):
                    file.damaged += 1
                else:
                    file.starts.append(line)
                    writer.writerow(cells)
                if line % _TELL_EVERY == 0 and sheet.lines:
                    self.progress(file.path.name, size * min(line, sheet.lines) // sheet.lines, size)

    def _keep_first(self) -> None:
        """Table `flat_kept`: the first row of every child."""
        kept = "SELECT * FROM flat_cells WHERE child <> ''"
        if self.repeats:
            kept = (
                "SELECT flat_cells.* FROM flat_cells LEFT JOIN flat_repeats ON flat_cells.child = flat_repeats.child "
                "WHERE flat_cells.child <> '' AND (first_n IS NULL OR first_n = n)"
            )
            stored = self.folder / "flat-kept.parquet"
            self.engine.connection.execute(f"COPY ({kept}) TO {quoted(stored)} (FORMAT parquet)")
            kept = f"SELECT * FROM read_parquet({quoted(stored)})"
        self.engine.connection.execute(f"CREATE OR REPLACE VIEW {CELLS} AS {kept}")

    def _later(self) -> str:
        """The later rows of children that are not simply more of the same, each with the child's first row."""
        places = self._places()
        content = [places[name] for name in self.mapping.inputs if name in places]
        differs = " OR ".join(_differ(f"later.{place}", f"kept.{place}") for place in content) or "FALSE"
        shown = "".join(f", {trimmed(f'later.{c}')} AS later_{c}, {trimmed(f'kept.{c}')} AS kept_{c}" for c in content)
        return (
            f"SELECT later.n AS n, kept.n AS first_n, later.child AS child{shown} FROM flat_cells AS later "
            f"JOIN flat_repeats ON flat_repeats.child = later.child AND later.n <> first_n "
            f"JOIN {CELLS} AS kept ON kept.child = later.child WHERE {differs if self.mapping.one_row_per_id else 'TRUE'}"
        )

    def _later_rows(self) -> Iterator[Reject]:
        from remission.record.table import repeated

        places = self._places()
        content = [name for name in self.mapping.inputs if name in places]
        for n, first_n, child, *cells in self.engine.rows(f"{self._later()} ORDER BY n"):
            (name, line), (_, first_line) = self.located(n), self.located(first_n)
            later, first = dict(zip(content, cells[0::2], strict=True)), dict(zip(content, cells[1::2], strict=True))
            for problem in repeated(self.mapping, child, (first_line, first), (line, later)):
                yield Reject(name, line, child, problem)

"""A table of many children, read row by row through a mapping: columns become facts, codes for missing become nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from remission.knowledge.model import ColumnMapping, Frozen, Library, Mapping
from remission.knowledge.problems import KnowledgeError
from remission.record.facts import Fact
from remission.record.problems import InputProblem, InputProblems
from remission.record.reading import read_fact

_DELIMITERS = "\t,;"


class TableRow(Frozen, frozen=True):
    """One child of a table: the line it stands on, its cells by column, the facts read, and what could not be read."""

    id: str
    line: int
    cells: dict[str, str]
    facts: dict[str, Fact]
    problems: tuple[tuple[str, dict[str, object]], ...] = ()


def find_mapping(library: Library, name: str) -> Mapping:
    """A shipped mapping by its id, or one from a YAML file. Raises `InputProblem` when there is neither."""
    if name in library.mappings:
        return library.mappings[name]
    from remission.knowledge import plain_yaml

    path = Path(name)
    if not path.is_file():
        raise InputProblem("mapping-unknown", mapping=name, known=", ".join(library.mappings))
    try:
        mapping = msgspec.convert(plain_yaml.read(path), Mapping)
    except (KnowledgeError, msgspec.ValidationError, UnicodeDecodeError, OSError) as error:
        raise InputProblem("file-malformed", file=name, reason=f"{error}.") from error
    for column in mapping.columns:
        if column.fact not in library.facts:
            raise InputProblem("fact-unknown", fact=column.fact, near="")
    return mapping


def read_tables(library: Library, mapping: Mapping, paths: Iterable[Path]) -> Iterator[TableRow | InputProblem]:
    """Every child of the tables, in order, and a problem in place of each row that belongs to nobody or has the wrong shape.

    Where the mapping says that an id stands in several rows (one for each sample), the first is kept; a later row that says
    something else about the child is reported. Raises `InputProblems` when a file cannot be read as a table at all.
    """
    seen: dict[str, TableRow] = {}
    for path in paths:
        for row in _rows(library, mapping, path):
            if isinstance(row, TableRow) and mapping.one_row_per_id:
                first = seen.setdefault(row.id, row)
                if first is not row:
                    yield from _conflict(mapping, first, row)
                    continue
            yield row


def _conflict(mapping: Mapping, first: TableRow, row: TableRow) -> Iterator[InputProblem]:
    differing = [c.column for c in mapping.columns if first.cells.get(c.column) != row.cells.get(c.column)]
    if differing:
        yield InputProblem("row-conflict", line=row.line, id=row.id, first_line=first.line, columns=", ".join(differing))


def _rows(library: Library, mapping: Mapping, path: Path) -> Iterator[TableRow | InputProblem]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline()
            delimiter = max(_DELIMITERS, key=header.count)
            columns = next(csv.reader([header], delimiter=delimiter), [])
            if mapping.id_column not in columns:
                raise InputProblems([InputProblem("table-no-column", file=path.name, column=mapping.id_column, mapping=mapping.id)])
            reader = csv.reader(file, delimiter=delimiter)
            for cells in reader:
                if cells:
                    yield _row(library, mapping, columns, cells, reader.line_num + 1)
    except UnicodeDecodeError:
        raise InputProblems([InputProblem("file-not-text", file=path.name)]) from None
    except csv.Error as error:
        raise InputProblems([InputProblem("file-malformed", file=path.name, reason=f"{error}.")]) from None
    except OSError as error:
        raise InputProblems([InputProblem("file-unreadable", file=str(path), reason=error.strerror or "")]) from None


def _row(library: Library, mapping: Mapping, columns: list[str], cells: list[str], line: int) -> TableRow | InputProblem:
    if len(cells) != len(columns):
        return InputProblem("row-cells-missing", line=line, found=len(cells), expected=len(columns))
    named = {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}
    child_id = named[mapping.id_column]
    if not child_id:
        return InputProblem("row-no-id", line=line, column=mapping.id_column)
    facts: dict[str, Fact] = {}
    problems: list[InputProblem] = []
    for column in mapping.columns:
        try:
            fact = _fact(library, mapping, column, named)
            if fact and not fact.means_the_same_as(facts.setdefault(column.fact, fact)):
                del facts[column.fact]
                raise InputProblem("row-conflict", line=line, id=child_id, first_line=line, columns=column.column)
        except InputProblem as problem:
            problems.append(InputProblem(problem.word, **(problem.values | {"where": f"line {line}, {child_id}"})))
    return TableRow(child_id, line, named, facts, tuple((problem.word, problem.values) for problem in problems))


def _fact(library: Library, mapping: Mapping, column: ColumnMapping, cells: dict[str, str]) -> Fact | None:
    """The fact of one column, or None when the cell says nothing."""
    cell = cells.get(column.column, "")
    if cell in mapping.missing or not cell:
        return None
    if column.codes:
        if cell not in column.codes:
            raise InputProblem("code-unknown", column=column.column, value=cell)
        cell = column.codes[cell]
    limit = cells.get(column.limit_column, "") if column.limit_column else ""
    limit = "" if limit in mapping.missing else f"{limit} {column.unit}".strip()
    return read_fact(library, column.fact, f"{cell} {column.unit}".strip(), column.method, limit)

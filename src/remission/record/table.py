"""A table of many children, read row by row through a mapping: columns become facts, codes for missing become nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from remission.knowledge.check_mapping import wrong_with
from remission.knowledge.mapping import Mapping
from remission.knowledge.model import Frozen, Library
from remission.knowledge.problems import KnowledgeError
from remission.record.cells import Outcome, outcome_readers, read_cells
from remission.record.facts import Fact
from remission.record.problems import InputProblem, InputProblems
from remission.record.sheet import Sheet, look_at, rows

_MISTAKES = {
    "mapping-key-unknown": r"unknown field `([^`]+)`",
    "mapping-key-missing": r"missing required field `([^`]+)`",
    "mapping-needs-quotes": r"Expected `str`, got `(?:int|float|bool|decimal)`",
    "mapping-value-unknown": r"Invalid enum value '([^']*)'",
    "mapping-no-mapping": r"^Expected `object`, got `(?:null|array|str)`\.$",
}


class TableRow(Frozen, frozen=True):
    """One child of a table: the line it stands on, its cells by column, the facts and outcomes read, and what could not be read."""

    id: str
    line: int
    cells: dict[str, str]
    facts: dict[str, Fact]
    problems: tuple[tuple[str, dict[str, object]], ...] = ()
    outcomes: dict[str, Outcome] = msgspec.field(default_factory=dict)


def find_mapping(library: Library, name: str) -> Mapping:
    """A shipped mapping by its id, or one from a YAML file. Raises `InputProblem` when there is neither."""
    if name in library.mappings:
        return library.mappings[name]
    path = Path(name)
    if not path.is_file():
        raise InputProblem("mapping-unknown", mapping=name, known=", ".join(library.mappings))
    return _own_mapping(library, path)


def _own_mapping(library: Library, path: Path) -> Mapping:
    """A registry's own mapping. Raises `InputProblem` when it is none, `InputProblems` with every line that cannot work."""
    from remission.knowledge.yaml_file import YamlFile

    try:
        file = YamlFile(path)
        mapping = file.convert(Mapping)
    except KnowledgeError as error:
        raise InputProblem("mapping-malformed", where=error.where, reason=_said_plainly(error.problem)) from error
    except UnicodeDecodeError as error:
        raise InputProblem("mapping-not-text", file=path.name) from error
    except OSError as error:
        raise InputProblem("file-unreadable", file=str(path), reason=error.strerror or "") from error
    wrong = [(at, InputProblem(word, **values)) for at, word, values in wrong_with(mapping, library)]
    wrong += [] if wrong else _wrong_units(library, mapping)
    if wrong:
        raise InputProblems(
            [InputProblem("mapping-malformed", where=file.error(at, "").where, reason=reason) for at, reason in wrong]
        )
    return mapping


def _said_plainly(problem: str) -> InputProblem | str:
    """What the decoder found wrong, in words of a data manager; what it says itself where there are none."""
    for word, pattern in _MISTAKES.items():
        if found := re.search(pattern, problem):
            return InputProblem(word, key=found[1] if found.groups() else "")
    return problem


def _wrong_units(library: Library, mapping: Mapping) -> Iterator[tuple[str, InputProblem]]:
    """Lines whose unit does not belong to their fact, so that no cell of the column could be read."""
    for place, column in enumerate(mapping.columns):
        try:
            if column.unit and not column.dates:
                read_cells(library, mapping, replace(column, only={}, missing=(), codes={}), {column.column: "1"})
        except InputProblem as problem:
            if problem.word.startswith("unit-"):
                yield f"$.columns[{place}]", problem


def read_tables(library: Library, mapping: Mapping, paths: Iterable[Path]) -> Iterator[TableRow | InputProblem]:
    """Every child of the tables, in order, and a problem in place of each row that belongs to nobody or has the wrong shape.

    A child's first row is kept; a later one that says something else is reported, and one that says the same too, unless the
    mapping says that an id stands in several rows (one for each sample). Raises `InputProblems` when a file cannot be read as
    a table at all.
    """
    seen: dict[str, TableRow] = {}
    for path in paths:
        sheet = sheet_for(mapping, path)
        for line, cells in rows(sheet):
            row = cells if isinstance(cells, InputProblem) else _row(library, mapping, sheet, cells, line)
            first = row if isinstance(row, InputProblem) else seen.setdefault(row.id, row)
            if isinstance(row, InputProblem) or isinstance(first, InputProblem) or first is row:
                yield row
            else:
                yield from repeated(mapping, first.id, (first.line, first.cells), (line, row.cells))


def repeated(
    mapping: Mapping, child: str, first: tuple[int, dict[str, str]], later: tuple[int, dict[str, str]]
) -> Iterator[InputProblem]:
    """What is to be said of a child's later row."""
    differing = [name for name in mapping.inputs if first[1].get(name, "") != later[1].get(name, "")]
    if differing:
        yield InputProblem("row-conflict", line=later[0], id=child, first_line=first[0], columns=", ".join(differing))
    elif not mapping.one_row_per_id:
        yield InputProblem("row-repeated", line=later[0], id=child, first_line=first[0])


def sheet_for(mapping: Mapping, path: Path) -> Sheet:
    """The table in a file, which must have the column that tells the children apart, and each that is read once.

    Raises `InputProblems`.
    """
    sheet = look_at(path)
    if mapping.id_column not in sheet.columns:
        raise InputProblems([InputProblem("table-no-column", file=path.name, column=mapping.id_column, mapping=mapping.id)])
    for column in (mapping.id_column, *mapping.read):
        if sheet.columns.count(column) > 1:
            raise InputProblems([InputProblem("table-column-twice", file=path.name, column=column)])
    return sheet


def _row(library: Library, mapping: Mapping, sheet: Sheet, cells: list[str], line: int) -> TableRow | InputProblem:
    named = {column: cell.strip() for column, cell in zip(sheet.columns, cells, strict=True)}
    child_id = named[mapping.id_column]
    if not child_id:
        return InputProblem("row-no-id", line=line, column=mapping.id_column)
    facts, problems = _facts(library, mapping, named)
    outcomes: dict[str, Outcome] = {}
    for name, (_, read) in (outcome_readers(mapping, mapping.outcomes) if mapping.outcomes else {}).items():
        try:
            outcomes[name] = read(named)
        except InputProblem as problem:
            problems.append(problem)
    placed = tuple((problem.word, problem.values | {"where": f"line {line}, {child_id}"}) for problem in problems)
    told: dict[str, Outcome] = {name: value for name, value in outcomes.items() if value is not None}
    return TableRow(child_id, line, named, facts, placed, told)


def _facts(library: Library, mapping: Mapping, cells: dict[str, str]) -> tuple[dict[str, Fact], list[InputProblem]]:
    """The facts of a row. Where two lines of the mapping say different things, neither is taken."""
    said: dict[str, list[Fact]] = {}
    problems: list[InputProblem] = []
    for column in mapping.columns:
        try:
            fact = read_cells(library, mapping, column, cells)
        except InputProblem as problem:
            problems.append(problem)
        else:
            said.setdefault(column.fact, []).extend([fact] if fact else [])
    for name, facts in said.items():
        if any(not fact.means_the_same_as(facts[0]) for fact in facts):
            problems.append(disagreement(library, mapping, name))
    return {
        name: facts[0]
        for name, facts in said.items()
        if facts and all(fact.means_the_same_as(facts[0]) for fact in facts)
    }, problems  # fmt: skip


def disagreement(library: Library, mapping: Mapping, fact: str) -> InputProblem:
    """That the columns which speak of a fact do not agree on it."""
    columns = dict.fromkeys(name for column in mapping.columns if column.fact == fact for name in column.inputs)
    return InputProblem("cells-disagree", columns=", ".join(columns), fact=fact, label=library.facts[fact].label)

"""What the texts of a table say: every distinct text is read once by the one-child reader, and put beside the table to be joined.

No cell is read by a second piece of code. The answers of `record.cells` become small tables, one for each set of columns that is
looked at together, and the children table is a join of the cells with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

import msgspec

from remission.cohort.columns import OUTCOMES, Column, Value, columns_of, values_of
from remission.cohort.engines import Engine
from remission.knowledge.mapping import ColumnMapping
from remission.knowledge.mapping import Mapping as TableMapping
from remission.knowledge.model import Frozen, Library
from remission.record.cells import OutcomeReader, outcome_readers, read_cells
from remission.record.problems import InputProblem

_AT_ONCE = 100_000  # texts brought to the engine together
CELLS = "flat_kept"  # the table of the rows that count: child, n, and a column for each source column


class Reading(Frozen, frozen=True):
    """One thing that is read from some columns: a fact as one line of the mapping has it, or an outcome."""

    number: int
    about: str  # the fact or the outcome
    inputs: tuple[str, ...]
    columns: tuple[Column, ...]
    read: Callable[[Mapping[str, str]], tuple[Value, ...] | None]

    def value(self, place: int) -> str:
        return f"v{self.number}_{place}"

    @property
    def meaning(self) -> str:
        """The column that is the same where two readings say the same, and empty where this one says nothing."""
        return f"m{self.number}"

    @property
    def problem(self) -> str:
        """The column with the word of what could not be read."""
        return f"p{self.number}"


class Dictionary(Frozen, frozen=True):
    """The readings that look at the same columns, and the table in which their answers stand for each combination of texts."""

    name: str
    inputs: tuple[str, ...]
    readings: tuple[Reading, ...]

    def columns(self) -> Iterator[Column]:
        for place, _ in enumerate(self.inputs):
            yield Column(f"k{place}", "VARCHAR")
        for reading in self.readings:
            yield from (Column(reading.value(place), column.type) for place, column in enumerate(reading.columns))
            yield from (Column(reading.meaning, "VARCHAR"), Column(reading.problem, "VARCHAR"))


def dictionaries(library: Library, mapping: TableMapping, present: Sequence[str]) -> list[Dictionary]:
    """The dictionaries of a mapping for a table that has these columns. A line none of whose columns is there says nothing."""
    grouped: dict[tuple[str, ...], list[Reading]] = {}
    for reading in _readings(library, mapping, frozenset(present)):
        grouped.setdefault(reading.inputs, []).append(reading)
    return [Dictionary(f"flat_says_{n}", inputs, tuple(readings)) for n, (inputs, readings) in enumerate(grouped.items())]


def _readings(library: Library, mapping: TableMapping, present: frozenset[str]) -> Iterator[Reading]:
    number = 0
    for line in mapping.columns:
        inputs = tuple(name for name in line.inputs if name in present)
        if inputs or line.always:
            yield Reading(number, line.fact, inputs, columns_of(library.facts[line.fact]), _fact_reader(library, mapping, line))
            number += 1
    types = {column.name: column for column in OUTCOMES}
    for name, reader in (outcome_readers(mapping, mapping.outcomes) if mapping.outcomes else {}).items():
        inputs = tuple(name for name in reader[0] if name in present)
        if inputs:
            yield Reading(number, name, inputs, (types[name],), _outcome_reader(reader))
            number += 1


def _fact_reader(
    library: Library, mapping: TableMapping, line: ColumnMapping
) -> Callable[[Mapping[str, str]], tuple[Value, ...] | None]:
    def read(cells: Mapping[str, str]) -> tuple[Value, ...] | None:
        fact = read_cells(library, mapping, line, cells)
        return values_of(library.facts[line.fact], fact) if fact else None

    return read


def _outcome_reader(reader: OutcomeReader) -> Callable[[Mapping[str, str]], tuple[Value, ...] | None]:
    def read(cells: Mapping[str, str]) -> tuple[Value, ...] | None:
        value = reader[1](cells)
        return None if value is None else (value,)

    return read


def fill(engine: Engine, dictionary: Dictionary, place_of: Mapping[str, str], counters: dict[str, int]) -> None:
    """Reads every distinct combination of texts once, and counts the children of each that cannot be read."""
    keys = [place_of[name] for name in dictionary.inputs]
    grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
    found = engine.rows(f"SELECT {', '.join([*keys, 'COUNT(*)'])} FROM {CELLS}{grouped}")
    put_many(engine, dictionary.name, tuple(dictionary.columns()), _entries(dictionary, found, counters))


def _entries(dictionary: Dictionary, found: Iterable[Sequence[Value]], counters: dict[str, int]) -> Iterator[tuple[Value, ...]]:
    for *texts, number in found:
        cells = {name: str(text).strip() for name, text in zip(dictionary.inputs, texts, strict=True)}
        entry: list[Value] = list(texts)
        for reading in dictionary.readings:
            values, problem = _read(reading, cells)
            if problem:
                counters[problem.word] = counters.get(problem.word, 0) + int(number or 0)
            entry += values or (None,) * len(reading.columns)
            entry += (repr(values) if values else "", problem.word if problem else "")
        yield tuple(entry)


def _read(reading: Reading, cells: Mapping[str, str]) -> tuple[tuple[Value, ...] | None, InputProblem | None]:
    try:
        return reading.read(cells), None
    except InputProblem as problem:
        return None, problem


def problem_of(reading: Reading, cells: Mapping[str, str]) -> InputProblem | None:
    """Once more what is wrong with these cells, to be told of one child."""
    return _read(reading, cells)[1]


def put_many(engine: Engine, name: str, columns: Sequence[Column], rows: Iterable[tuple[Value, ...]]) -> None:
    """Brings any number of rows in as a table, a part at a time, so that they never stand in memory together."""
    remaining = iter(rows)
    first = list(islice(remaining, _AT_ONCE))
    engine.put(name, columns, first)
    parts = 0
    while part := list(islice(remaining, _AT_ONCE)):
        engine.put(f"{name}_part_{parts}", columns, part)
        parts += 1
    if parts:
        engine.put(f"{name}_part_{parts}", columns, first)
        united = " UNION ALL ".join(f"SELECT * FROM {name}_part_{number}" for number in range(parts + 1))
        engine.keep(name, united)
        for number in range(parts + 1):
            engine.put(f"{name}_part_{number}", columns, [])


class Combined(Frozen, frozen=True):
    """All readings of one fact or outcome, and the aliases of their dictionaries: they must say the same, or nothing is taken."""

    about: str
    readings: tuple[Reading, ...]
    aliases: dict[int, str] = msgspec.field(default_factory=dict)

    def conflict(self) -> str | None:
        """The condition under which two of the readings say different things."""
        meanings = [f"{self.aliases[reading.number]}.{reading.meaning}" for reading in self.readings]
        pairs = [(one, other) for place, one in enumerate(meanings) for other in meanings[place + 1 :]]
        return " OR ".join(f"({one} <> '' AND {other} <> '' AND {one} <> {other})" for one, other in pairs) or None

    def values(self, definite: bool) -> Iterator[tuple[Column, str]]:
        """Each column and its expression. `definite`: a yes or no that nobody said is no, as `columns.values_of` has it."""
        conflict = self.conflict()
        for place, column in enumerate(self.readings[0].columns):
            said = [f"{self.aliases[reading.number]}.{reading.value(place)}" for reading in self.readings]
            value = f"COALESCE({', '.join(said)})" if len(said) > 1 else said[0]
            value = f"CASE WHEN {conflict} THEN NULL ELSE {value} END" if conflict else value
            yield column, f"COALESCE({value}, FALSE)" if definite and column.type == "BOOLEAN" else value


def combined(filled: Sequence[Dictionary]) -> list[Combined]:
    """The readings by what they are about, in the order in which they come."""
    by_about: dict[str, list[Reading]] = {}
    aliases = {reading.number: dictionary.name for dictionary in filled for reading in dictionary.readings}
    for reading in sorted((r for dictionary in filled for r in dictionary.readings), key=lambda reading: reading.number):
        by_about.setdefault(reading.about, []).append(reading)
    return [Combined(about, tuple(readings), aliases) for about, readings in by_about.items()]


def joined(filled: Sequence[Dictionary], place_of: Mapping[str, str]) -> str:
    """The cells with every dictionary beside them, as the FROM of a query."""
    parts = [CELLS]
    for dictionary in filled:
        keys = [f"{dictionary.name}.k{n} = {CELLS}.{place_of[name]}" for n, name in enumerate(dictionary.inputs)]
        parts.append(f"JOIN {dictionary.name} ON {' AND '.join(keys)}" if keys else f"CROSS JOIN {dictionary.name}")
    return " ".join(parts)

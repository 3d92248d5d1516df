"""Flat files and tables of servers, through a mapping, into the children table. The answer equals `record.table` on every row."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from remission.cohort.columns import CHILD, OUTCOMES
from remission.cohort.engines import DuckEngine, Engine
from remission.cohort.flat_cells import Cells, Files, Progress, trimmed
from remission.cohort.flat_says import CELLS, Combined, Dictionary, combined, dictionaries, fill, joined, problem_of
from remission.cohort.flat_server import ServerTable
from remission.cohort.loaded import Loaded, Reject, write_rejects
from remission.cohort.names import named
from remission.knowledge.mapping import Mapping as TableMapping
from remission.knowledge.model import Lang, Library
from remission.record.problems import InputProblem, InputProblems
from remission.record.table import disagreement

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

_SAID = "said_"


def _quietly(what: str, done: int, of: int) -> None:
    """Nobody watches."""


def read_flat(
    engine: Engine,
    library: Library,
    mapping: TableMapping,
    source: Sequence[Path] | str,
    *,
    work: Path,
    progress: Progress = _quietly,
    lang: Lang = "en",
) -> Loaded:
    """Fills table `children` from files (with DuckDB), or from a table that is on the engine already.

    A row that cannot be used goes to the rejects with file, line and reason, and the run goes on. Raises `InputProblems` when
    nothing can be read as a table at all.
    """
    folder = work / "flat"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        room = _room(engine, mapping, source, folder, progress)
        loaded = _Run(engine, library, mapping, lang).read(room, source, work)
        room.close()
        return loaded
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _room(
    engine: Engine, mapping: TableMapping, source: Sequence[Path] | str, folder: Path, progress: Progress
) -> Files | ServerTable:
    if isinstance(source, str):
        return ServerTable(engine, mapping, source)
    if not isinstance(engine, DuckEngine):
        raise InputProblems([InputProblem("files-need-duckdb", file=", ".join(path.name for path in source))])
    return Files(engine, mapping, source, folder, progress)


class _Run:
    """One reading of one source."""

    def __init__(self, engine: Engine, library: Library, mapping: TableMapping, lang: Lang):
        self.engine, self.library, self.mapping, self.lang = engine, library, mapping, lang
        self.counters: dict[str, int] = {}

    def read(self, room: Files | ServerTable, source: Sequence[Path] | str, work: Path) -> Loaded:
        cells = room.read()
        filled = dictionaries(self.library, self.mapping, tuple(cells.place_of))
        for dictionary in filled:
            fill(self.engine, dictionary, cells.place_of, self.counters)
        said = combined(filled)
        self._keep_children(cells, filled, said)
        told = sorted({r.about for r in said if r.about in self.library.facts}, key=list(self.library.facts).index)
        written = self._rejects(room, cells, filled, said, work / "rejects.csv")
        ((persons,),) = self.engine.rows(f"SELECT COUNT(*) FROM {CELLS}")
        outcomes = self.mapping.outcomes
        return Loaded(
            children="children", source=_name(source), format="flat", records=cells.records, persons=int(persons),
            rejected=cells.rejected, facts=tuple(told), counters=self.counters, rejects=written,
            outcomes=tuple(column.name for column in OUTCOMES) if outcomes else (),
            time_zero=outcomes.time_zero.in_(self.lang) if outcomes else "", notes=tuple(self._notes(room, cells, source)),
        )  # fmt: skip

    def _keep_children(self, cells: Cells, filled: Sequence[Dictionary], said: Sequence[Combined]) -> None:
        selected = [f"{CELLS}.child AS {CHILD}"]
        by_name = {both.about: both for both in said}
        for name in self.library.facts:
            if name in by_name:
                selected += [f'{value} AS "{column.name}"' for column, value in by_name[name].values(definite=True)]
        for column in OUTCOMES if self.mapping.outcomes else ():
            value = next((v for _, v in by_name[column.name].values(definite=False)), "") if column.name in by_name else ""
            selected.append(f"{value or f'CAST(NULL AS {column.type})'} AS {column.name}")
        for name in dict.fromkeys(comparison.column for comparison in self.mapping.compare):
            if name in cells.place_of:
                said_so = trimmed(f"{CELLS}.{cells.place_of[name]}")
                selected.append(f"{said_so} AS {named(_SAID + name)}")
        self.engine.keep("children", _parsed(f"SELECT {', '.join(selected)} FROM {joined(filled, cells.place_of)}"))

    def _rejects(
        self, room: Files | ServerTable, cells: Cells, filled: Sequence[Dictionary], said: Sequence[Combined], path: Path
    ) -> Path | None:
        """Writes what was not read, and counts it by word."""
        path.unlink(missing_ok=True)
        unread = {word for word, number in self.counters.items() if number}
        several = [both for both in said if both.conflict()]
        if not (cells.rejected or unread or several):
            return None
        number = write_rejects(path, self._with_sentences(room, cells, filled, several, bool(unread or several)))
        if not number:
            path.unlink()
        return path if number else None

    def _with_sentences(
        self, room: Files | ServerTable, cells: Cells, filled: Sequence[Dictionary], several: Sequence[Combined], also_cells: bool
    ) -> Iterator[tuple[Reject, str]]:
        for reject in room.rejects():
            self.counters[reject.problem.word] = self.counters.get(reject.problem.word, 0) + 1
            yield reject, reject.problem.sentence(self.library.words, self.lang)
        for reject in self._unread(room, cells, filled, several) if also_cells else ():
            yield reject, reject.problem.sentence(self.library.words, self.lang)

    def _unread(
        self, room: Files | ServerTable, cells: Cells, filled: Sequence[Dictionary], several: Sequence[Combined]
    ) -> Iterator[Reject]:
        """Cells that could not be read, and columns that do not agree, child by child."""
        readings = [reading for dictionary in filled for reading in dictionary.readings]
        words = [f"{dictionary.name}.{reading.problem}" for dictionary in filled for reading in dictionary.readings]
        conflicts = [f"({both.conflict()})" for both in several]
        texts = [f"{CELLS}.{place}" for place in cells.place_of.values()]
        wrong = " OR ".join([*(f"{word} <> ''" for word in words), *conflicts])
        query = (
            f"SELECT {', '.join([f'{CELLS}.n', f'{CELLS}.child', *words, *conflicts, *texts])} "
            f"FROM {joined(filled, cells.place_of)} WHERE {wrong} ORDER BY {CELLS}.n, {CELLS}.child"
        )
        for n, child, *rest in self.engine.rows(_parsed(query)):
            told, disagreeing = rest[: len(words)], rest[len(words) : len(words) + len(conflicts)]
            name, line = room.located(n)
            row = {column: str(t).strip() for column, t in zip(cells.place_of, rest[len(words) + len(conflicts) :], strict=True)}
            found = [problem_of(reading, row) for reading, word in zip(readings, told, strict=True) if word]
            found += [self._disagreement(both) for both, differs in zip(several, disagreeing, strict=True) if differs]
            where = f"line {line}, {child}" if line else f"{child}"
            for problem in found:
                if problem:
                    yield Reject(name, line, child, InputProblem(problem.word, **(problem.values | {"where": where})))

    def _disagreement(self, both: Combined) -> InputProblem:
        self.counters["cells-disagree"] = self.counters.get("cells-disagree", 0) + 1
        return disagreement(self.library, self.mapping, both.about)

    def _notes(self, room: Files | ServerTable, cells: Cells, source: Sequence[Path] | str) -> Iterator[InputProblem]:
        if cells.absent:
            yield InputProblem("table-columns-absent", file=_name(source), columns=", ".join(cells.absent), mapping=self.mapping.id)
        if cells.merged:
            yield InputProblem("rows-merged", number=cells.merged)
        for file in room.files if isinstance(room, Files) else ():
            if file.sheet and file.sheet.looks_latin:
                yield InputProblem("file-looks-latin", file=file.path.name)
        if self.mapping.outcomes and not self.mapping.outcomes.time_zero_stated:
            yield InputProblem("time-zero-inferred", time_zero=self.mapping.outcomes.time_zero)


def _parsed(select: str) -> Expr:
    from sqlglot import parse_one

    return parse_one(select, dialect="duckdb")


def _name(source: Sequence[Path] | str) -> str:
    return source if isinstance(source, str) else ", ".join(path.name for path in source)

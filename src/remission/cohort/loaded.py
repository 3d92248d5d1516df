"""What reading many children gave: the table that was filled, and an honest account of everything that was not read.

Both readers make it, the one of flat files and the one of FHIR exports; the report tells it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import msgspec

from remission.knowledge.model import Frozen
from remission.record.problems import InputProblem
from remission.whole_file import whole_file

REJECT_COLUMNS = ("file", "line", "about", "word", "sentence")


class Reject(Frozen, frozen=True):
    """A line or a resource that was not read: where it stands, about whom, and why. Line 0: not one line of the file."""

    file: str
    line: int
    about: str
    problem: InputProblem

    def cells(self, sentence: str) -> tuple[str | int, ...]:
        return self.file, self.line, self.about, self.problem.word, sentence


class Loaded(Frozen, frozen=True):
    """A children table and how it came about.

    `children` is the name of the table in the engine, of the shape of `cohort.columns`. `counters` says how often each problem
    was met, by the word of its sentence; a record behind a counter is in the table all the same unless it is rejected too.
    `rejects` is the file that lists every rejected record (`REJECT_COLUMNS`), None when none was.
    """

    children: str  # the name of the table
    source: str  # what was read, as the report names it: a file or a folder
    format: str  # flat, fhir
    records: int  # lines or resources read, rejected ones among them
    persons: int  # rows of the table
    rejected: int  # records that were not used
    facts: tuple[str, ...]  # the facts that have columns, in the order of the data dictionary
    outcomes: tuple[str, ...] = ()  # the columns of `columns.OUTCOMES` that are there
    time_zero: str = ""  # from when the outcomes count, as the mapping declares it; empty without outcomes
    counters: dict[str, int] = msgspec.field(default_factory=dict)
    rejects: Path | None = None
    notes: tuple[InputProblem, ...] = ()  # what holds for the whole of it, to be told in the report


def write_rejects(path: Path, rejects: Iterable[tuple[Reject, str]]) -> int:
    """Writes the rejected records with their sentences; how many they were. A run that is interrupted leaves no half file."""
    number = 0
    with whole_file(path) as half, half.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(REJECT_COLUMNS)
        for reject, sentence in rejects:
            writer.writerow(reject.cells(sentence))
            number += 1
    return number


def add_rejects(path: Path, rejects: Iterable[tuple[Reject, str]]) -> Path:
    """Adds to the list of what was not used, or begins it."""
    if not path.exists():
        write_rejects(path, rejects)
        return path
    with path.open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(reject.cells(sentence) for reject, sentence in rejects)
    return path

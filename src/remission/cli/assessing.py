"""`remission assess`: many children in, one CSV row out for each child and scheme, and a summary for the reader."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from remission.care.risk import chosen_schemes
from remission.cohort.assess import COLUMNS, Answer, Assessor, ComparisonResult, compare
from remission.documents.wording import Wording
from remission.knowledge.model import Lang, Library
from remission.record.facts import Fact
from remission.record.problems import InputProblem, InputProblems
from remission.record.table import TableRow, find_mapping, read_tables
from remission.rules.compiled import load_programs


def assess(
    library: Library, tables: Sequence[Path], mapping_name: str, out: Path | None, schemes: tuple[str, ...], lang: Lang
) -> None:
    """Reads, assesses, writes, and tells on standard error how it went. Raises `InputProblems` when nothing could be read."""
    mapping = find_mapping(library, mapping_name)
    chosen = [scheme.id for scheme in chosen_schemes(library, schemes) if scheme.tables]
    assessor = Assessor(library, load_programs(), chosen)
    telling = _Telling(library, lang)
    rows = telling.usable(read_tables(library, mapping, tables))
    assessed = [
        (row, list(assessor.answers(row.id, facts)))
        for row in telling.progress(rows)
        if (facts := telling.facts(assessor, row)) is not None
    ]
    if not assessed:
        raise InputProblems([InputProblem("table-empty", file=", ".join(path.name for path in tables))])
    with _opened(out) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(answer.cells() for _, answers in assessed for answer in answers)
    telling.summary(chosen, [answer for _, answers in assessed for answer in answers], len(assessed))
    telling.comparisons(compare(mapping, assessed))


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    """Standard output, or the file, written beside it first so that a run that breaks off leaves no half a result."""
    if out is None:
        yield sys.stdout
        return
    partial = out.with_name(out.name + ".part")
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            yield file
        partial.replace(out)
    except OSError as error:
        raise InputProblems([InputProblem("cannot-write", file=str(out), reason=error.strerror or "")]) from None


class _Telling:
    """Everything said on standard error: problems as they are met, progress, the summary."""

    def __init__(self, library: Library, lang: Lang):
        self.library, self.lang = library, lang
        self.words = Wording(library, lang)
        self.problems = 0

    def _tell(self, line: str = "") -> None:
        click.echo(line, err=True)

    def _report(self, problem: InputProblem) -> None:
        self.problems += 1
        self._tell(problem.sentence(self.library.words, self.lang))

    def usable(self, rows: Iterator[TableRow | InputProblem]) -> list[TableRow]:
        """The rows that belong to a child; everything else is reported."""
        found = []
        for row in rows:
            if isinstance(row, InputProblem):
                self._report(row)
                continue
            for word, values in row.problems:
                self._report(InputProblem(word, **values))
            found.append(row)
        return found

    @staticmethod
    def progress(rows: list[TableRow]) -> Iterator[TableRow]:
        """The rows, with a progress bar on a terminal when there are many."""
        if len(rows) < 2_000 or not sys.stderr.isatty():
            yield from rows
            return
        with click.progressbar(rows, file=sys.stderr) as bar:
            yield from bar

    def facts(self, assessor: Assessor, row: TableRow) -> dict[str, Fact] | None:
        """The child's facts; None when they contradict each other, which is reported."""
        try:
            return assessor.facts_of(row)
        except InputProblems as refused:
            for problem in refused.problems:
                self._report(problem)
            return None

    def summary(self, schemes: list[str], answers: list[Answer], children: int) -> None:
        """A table: for each scheme how many children were decided, how, and how many not."""
        counts = {scheme: Counter(a.outcome or a.status for a in answers if a.scheme == scheme) for scheme in schemes}
        self._tell(self.words.say("assess-children", children=children, problems=self.problems))
        self._tell()
        for scheme, counted in counts.items():
            named = ", ".join(f"{self._name(scheme, what)} {count}" for what, count in counted.most_common())
            self._tell(f"  {self.library.schemes[scheme].short.in_(self.lang):<24} {named}")
        self._tell()

    def _name(self, scheme: str, what: str) -> str:
        if what == "data-required":
            return self.words.say("assess-undecided")
        return self.words.outcome(self.library.schemes[scheme], what)

    def comparisons(self, results: list[ComparisonResult]) -> None:
        for result in results:
            self._tell(result.comparison.text.in_(self.lang))
            groups = sorted({*result.agreeing, *result.undecided, *(said for _, said, _ in result.differing)})
            for said in groups:
                differing = sum(1 for _, told, _ in result.differing if told == said)
                agree, undecided = result.agreeing.get(said, 0), result.undecided.get(said, 0)
                expected = self._name(result.comparison.scheme, result.comparison.expects[said])
                self._tell(
                    "  "
                    + self.words.say(
                        "assess-compared", said=said, expected=expected, agree=agree, differ=differing, undecided=undecided
                    )
                )
            for child, said, ours in result.differing:
                self._tell(
                    "    " + self.words.say("assess-differs", id=child, said=said, ours=self._name(result.comparison.scheme, ours))
                )

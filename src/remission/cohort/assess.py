"""Many children under many schemes, through the compiled form of each rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from remission.knowledge.model import Comparison, Frozen, Library, Mapping
from remission.record.facts import Child, Fact
from remission.record.problems import InputProblem, InputProblems
from remission.record.table import TableRow
from remission.rules.narrow import narrowed
from remission.rules.program import NOT_APPLICABLE, Program

COLUMNS = ("id", "scheme", "status", "outcome", "possible", "missing")


class Answer(Frozen, frozen=True):
    """One child under one scheme. `missing` holds the facts on which an undecided answer still depends."""

    id: str
    scheme: str
    status: str
    outcome: str
    possible: tuple[str, ...]
    missing: tuple[str, ...]

    def cells(self) -> tuple[str, ...]:
        return (self.id, self.scheme, self.status, self.outcome, ";".join(self.possible), ";".join(self.missing))


class Assessor:
    """Answers child after child. Children who look alike to a scheme share one computed answer."""

    def __init__(self, library: Library, programs: dict[str, Program], schemes: Sequence[str]):
        self.library, self.all_programs = library, programs
        self.programs = [programs[scheme] for scheme in schemes if scheme in programs]
        self._known: dict[tuple[str, tuple[int, ...]], tuple[str, str, tuple[str, ...], tuple[str, ...]]] = {}

    def facts_of(self, row: TableRow) -> dict[str, Fact]:
        """The child's facts with what follows from them. Raises `InputProblems` when they contradict each other."""
        try:
            return narrowed(self.library, self.all_programs, row.facts)
        except InputProblems as refused:
            where = f"line {row.line}, {row.id}"
            raise InputProblems(
                [InputProblem("row-contradicts", where=where, problem=problem) for problem in refused.problems]
            ) from None

    def answers(self, child_id: str, facts: Child) -> Iterator[Answer]:
        """One answer for each scheme."""
        for program in self.programs:
            masks = tuple(axis.mask_of(facts.get(axis.fact)) for axis in program.axes)
            key = (program.scheme, masks)
            if key not in self._known:
                self._known[key] = _answer(program, masks)
            yield Answer(child_id, program.scheme, *self._known[key])


def _answer(program: Program, masks: tuple[int, ...]) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    found = program.diagram.possible(masks)
    possible = tuple(outcome for number, outcome in enumerate(program.outcomes) if found >> number & 1)
    if len(possible) > 1:
        missing = tuple(program.axes[place].fact for place in program.diagram.support(masks)[0])
        return "data-required", "", possible, missing
    if possible[0] == NOT_APPLICABLE:
        return "not-applicable", "", possible, ()
    return "decided", possible[0], possible, ()


class ComparisonResult(Frozen, frozen=True):
    """How often our answer was the expected one, for each expected group, and the children where it was not."""

    comparison: Comparison
    agreeing: dict[str, int]
    undecided: dict[str, int]
    differing: tuple[tuple[str, str, str], ...]  # id, what the column says, our answer


def compare(mapping: Mapping, rows: Iterable[tuple[TableRow, list[Answer]]]) -> list[ComparisonResult]:
    """The mapping's comparisons over all children. A comparison that met no child is left out."""
    pairs = list(rows)
    results = [_compare(comparison, pairs) for comparison in mapping.compare]
    return [result for result in results if result.agreeing or result.undecided or result.differing]


def _compare(comparison: Comparison, pairs: list[tuple[TableRow, list[Answer]]]) -> ComparisonResult:
    agreeing: dict[str, int] = {}
    undecided: dict[str, int] = {}
    differing: list[tuple[str, str, str]] = []
    for row, answers in pairs:
        said = row.cells.get(comparison.column, "")
        ours = next((answer for answer in answers if answer.scheme == comparison.scheme), None)
        if said not in comparison.expects or ours is None or not _is_meant(comparison, row.facts):
            continue
        if ours.status == "data-required":
            undecided[said] = undecided.get(said, 0) + 1
        elif ours.outcome == comparison.expects[said]:
            agreeing[said] = agreeing.get(said, 0) + 1
        else:
            differing.append((row.id, said, ours.outcome or ours.status))
    return ComparisonResult(comparison, agreeing, undecided, tuple(differing))


def _is_meant(comparison: Comparison, facts: Child) -> bool:
    return all(fact in facts and facts[fact].options == (choice,) for fact, choice in comparison.only.items())

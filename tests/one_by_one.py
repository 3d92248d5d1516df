"""What the one-child engine says of a child, without its explanation: what the rules as columns are held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from remission.knowledge.model import Frozen, Library
from remission.record.facts import Child
from remission.rules.narrow import narrowed
from remission.rules.program import NOT_APPLICABLE, Program


class Answer(Frozen, frozen=True):
    """One child under one scheme. `missing` holds the facts on which an undecided answer still depends."""

    id: str
    scheme: str
    status: str
    outcome: str
    possible: tuple[str, ...]
    missing: tuple[str, ...]


class OneByOne:
    """Answers child after child."""

    def __init__(self, library: Library, programs: Mapping[str, Program], schemes: Sequence[str]):
        self.library, self.programs, self.schemes = library, programs, schemes

    def answers(self, child_id: str, given: Child) -> Iterator[Answer]:
        """One answer for each scheme. Raises `InputProblems` when the facts contradict each other."""
        facts = narrowed(self.library, self.programs, given)
        for scheme in self.schemes:
            yield _answer(self.programs[scheme], child_id, facts)


def _answer(program: Program, child_id: str, facts: Child) -> Answer:
    masks = tuple(axis.mask_of(facts.get(axis.fact)) for axis in program.axes)
    found = program.diagram.possible(masks)
    possible = tuple(outcome for number, outcome in enumerate(program.outcomes) if found >> number & 1)
    if len(possible) > 1:
        missing = tuple(program.axes[place].fact for place in program.diagram.support(masks)[0])
        return Answer(child_id, program.scheme, "data-required", "", possible, missing)
    if possible == (NOT_APPLICABLE,):
        return Answer(child_id, program.scheme, "not-applicable", "", possible, ())
    return Answer(child_id, program.scheme, "decided", possible[0], possible, ())

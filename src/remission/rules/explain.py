"""Explains one scheme for one child: the exact set of outcomes still possible, and what would settle it.

The explanation is read off the boxes of the program and the child's masks; nothing is recorded while running, so nothing
can be forgotten. `diagram.py` holds the compiled form, and a property test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from remission.knowledge.model import STATUSES, Citation, Library, Note, Scheme, Status, weakest
from remission.record.facts import Child
from remission.rules.axes import condition
from remission.rules.decision import (
    Decision,
    DecisionStatus,
    FactorAnswer,
    FactorSheet,
    Step,
)
from remission.rules.learning import Learning
from remission.rules.program import NOT_APPLICABLE, Box, Program, live_boxes


def explain(library: Library, programs: Mapping[str, Program], scheme: Scheme, child: Child) -> Decision:
    """The decision of one scheme for a child whose facts are already narrowed (see `narrow.narrowed`)."""
    program = programs[scheme.id]
    masks = [axis.mask_of(child.get(axis.fact)) for axis in program.axes]
    live = live_boxes(program.boxes, masks, program.axes)
    possible = _ordered(program, {box.outcome for box in live})
    resting = _resting_on(live, masks, decided=len(possible) == 1)
    rows = _rows_of(resting)
    learning = Learning(programs, program, child, masks, live)
    return Decision(
        scheme=scheme.id,
        status=_status(possible),
        outcome=possible[0] if len(possible) == 1 and possible[0] != NOT_APPLICABLE else None,
        possible=possible,
        missing=tuple(learning.missing()),
        settled_by=learning.settled_by(),
        verification=_verification(program, child, resting, masks),
        rows=rows,
        cites=_cites(library, scheme, rows),
        notes=tuple(_notes(library, programs, scheme, child, possible)),
        trace=tuple(_trace(library, program, masks)),
    )


def explain_factors(library: Library, scheme: Scheme, child: Child) -> FactorSheet:
    """A factor sheet for one child: each line holds, does not, or cannot be told. It never names a group."""
    answers = tuple(FactorAnswer(f.id, condition(f.when, library.facts).answer(child)) for f in scheme.factors)
    cites = _unique(cite for factor in scheme.factors for cite in factor.cites)
    return FactorSheet(scheme.id, answers, weakest([factor.status for factor in scheme.factors]), cites)


def _ordered(program: Program, found: set[str]) -> tuple[str, ...]:
    return tuple(outcome for outcome in program.outcomes if outcome in found)


def _status(possible: tuple[str, ...]) -> DecisionStatus:
    if len(possible) > 1:
        return "data-required"
    return "not-applicable" if possible == (NOT_APPLICABLE,) else "decided"


def _resting_on(live: list[Box], masks: Sequence[int], decided: bool) -> list[Box]:
    """The boxes that certainly hold for a decided child; otherwise all that are still open."""
    certain = [box for box in live if decided and _contains(box, masks)]
    return certain or live


def _verification(program: Program, child: Child, resting: list[Box], masks: Sequence[int]) -> Status:
    """The weakest row of the answer, the rows by which its facts were learnt from others included.

    When several ways each decide it for certain, the best confirmed one carries it.
    """
    learnt = [(place, child[axis.fact].learnt_status) for place, axis in enumerate(program.axes) if axis.fact in child]
    told = [(place, status) for place, status in learnt if status]
    statuses = [_status_of(program, box, told) if told else box.status for box in resting]
    each_decides = all(_contains(box, masks) for box in resting)
    return min(statuses, key=STATUSES.index) if each_decides else weakest(statuses)


def _status_of(program: Program, box: Box, told: list[tuple[int, Status]]) -> Status:
    asked = [status for place, status in told if box.masks[place] != program.axes[place].everything]
    return weakest([box.status, *asked])


def _rows_of(resting: list[Box]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row for box in resting for row in box.rows))


def _cites(library: Library, scheme: Scheme, rows: tuple[str, ...]) -> tuple[Citation, ...]:
    return _unique(cite for row in rows for cite in cites_of_row(library, scheme, row))


def cites_of_row(library: Library, scheme: Scheme, row_id: str) -> tuple[Citation, ...]:
    """Where a row is written. The rows a checklist stands for (`no-item`, `every-item`) cite all its items."""
    table_id, _, name = row_id.rpartition("/")
    if table_id == scheme.id and name.startswith("applies-"):
        return scheme.applies[int(name.removeprefix("applies-")) - 1].cites
    table = library.table(table_id)
    rows = [row for row in table.rows if row.id == name.removeprefix("without-")] or list(table.rows)
    return _unique(cite for row in rows for cite in row.cites)


def _unique(cites: Iterable[Citation]) -> tuple[Citation, ...]:
    return tuple(dict.fromkeys(cites))


def _notes(
    library: Library, programs: Mapping[str, Program], scheme: Scheme, child: Child, possible: tuple[str, ...]
) -> Iterable[str]:
    """The notes that concern this child; none once the scheme does not apply.

    After the scheme's own come those of the schemes it borrows a table from and of the tables that told it a fact, where
    they hold: they are named `scheme/note`.
    """
    if possible == (NOT_APPLICABLE,):
        return
    for note in scheme.notes:
        holds = programs[scheme.id].notes[note.id].answer(child)
        if note.show == "always" or holds or (note.show == "unless-excluded" and holds is None):
            yield note.id
    for other in programs[scheme.id].borrows_from:
        yield from (f"{other}/{note}" for note in _holding_notes(library, programs, other, child))
    for axis, taught_by in zip(programs[scheme.id].axes, programs[scheme.id].taught_by, strict=True):
        if axis.fact in child and child[axis.fact].learnt_from:
            yield from (f"{other}/{note}" for other in taught_by for note in _holding_notes(library, programs, other, child))


def _holding_notes(library: Library, programs: Mapping[str, Program], other: str, child: Child) -> Iterable[str]:
    notes = library.schemes[other].notes
    return (note.id for note in notes if note.show == "holds" and programs[other].notes[note.id].answer(child))


def note_called(library: Library, scheme: Scheme, note_id: str) -> Note:
    """A note of a decision by the id it is listed under."""
    owner, _, name = note_id.rpartition("/")
    return next(note for note in (library.schemes[owner] if owner else scheme).notes if note.id == name)


def _trace(library: Library, program: Program, masks: Sequence[int]) -> Iterable[Step]:
    """Every row of every table on the way, and how it stands."""
    for table_id, boxes in program.tables.items():
        live = live_boxes(boxes, masks, program.axes)
        outcomes = tuple(outcome for outcome in library.table(table_id).outcomes if any(b.outcome == outcome for b in live))
        open_rows = {box.rows[-1] for box in live}
        holding = {box.rows[-1] for box in live if _contains(box, masks)} or (open_rows if len(open_rows) == 1 else set())
        for row in dict.fromkeys(box.rows[-1] for box in boxes):
            answer: Literal["holds", "open", "fails"] = "holds" if row in holding else "open" if row in open_rows else "fails"
            yield Step(table_id, row, answer, outcomes)


def _contains(box: Box, masks: Sequence[int]) -> bool:
    """Whether the child is in this box whatever the open facts turn out to be."""
    return not any(mask & ~held for mask, held in zip(masks, box.masks, strict=True))

"""Explains one scheme for one child: the exact set of outcomes still possible, and what would settle it.

The explanation is read off the boxes of the program and the child's masks; nothing is recorded while running, so nothing
can be forgotten. `diagram.py` holds the compiled form, and a property test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from remission.knowledge.model import STATUSES, Citation, Library, Scheme, Status, weakest
from remission.record.facts import Child
from remission.rules.axes import Axis, condition
from remission.rules.decision import (
    Decision,
    DecisionStatus,
    FactorAnswer,
    FactorSheet,
    Step,
)
from remission.rules.learning import Learning
from remission.rules.program import NOT_APPLICABLE, Box, Program


def explain(library: Library, programs: Mapping[str, Program], scheme: Scheme, child: Child) -> Decision:
    """The decision of one scheme for a child whose facts are already narrowed (see `narrow.narrowed`)."""
    program = programs[scheme.id]
    masks = [axis.mask_of(child.get(axis.fact)) for axis in program.axes]
    live = _live(program.boxes, masks, program.axes)
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
        verification=_verification(resting, masks),
        rows=rows,
        cites=_cites(library, scheme, rows),
        notes=tuple(_notes(scheme, program, child, possible)),
        trace=tuple(_trace(library, program, masks)),
    )


def possible_outcomes(program: Program, masks: Sequence[int]) -> tuple[str, ...]:
    """The outcomes whose boxes meet what is known, in the scheme's own order."""
    return _ordered(program, {box.outcome for box in _live(program.boxes, masks, program.axes)})


def explain_factors(library: Library, scheme: Scheme, child: Child) -> FactorSheet:
    """A factor sheet for one child: each line holds, does not, or cannot be told. It never names a group."""
    answers = tuple(FactorAnswer(f.id, condition(f.when, library.facts).answer(child)) for f in scheme.factors)
    cites = _unique(cite for factor in scheme.factors for cite in factor.cites)
    return FactorSheet(scheme.id, answers, weakest([factor.status for factor in scheme.factors]), cites)


def _live(boxes: Iterable[Box], masks: Sequence[int], axes: Sequence[Axis]) -> list[Box]:
    """The boxes that meet what is known. Axes about which nothing is known cannot exclude any."""
    known = [(place, mask) for place, (mask, axis) in enumerate(zip(masks, axes, strict=True)) if mask != axis.everything]
    return [box for box in boxes if all(box.masks[place] & mask for place, mask in known)]


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


def _verification(resting: list[Box], masks: Sequence[int]) -> Status:
    """The weakest row of the answer. When several ways each decide it for certain, the best confirmed one carries it."""
    certain = [box.status for box in resting if _contains(box, masks)]
    return min(certain, key=STATUSES.index) if certain else weakest([box.status for box in resting])


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


def _notes(scheme: Scheme, program: Program, child: Child, possible: tuple[str, ...]) -> Iterable[str]:
    """The notes that concern this child. None once the scheme does not apply."""
    if possible == (NOT_APPLICABLE,):
        return
    for note in scheme.notes:
        holds = program.notes[note.id].answer(child)
        if note.show == "always" or holds or (note.show == "unless-excluded" and holds is None):
            yield note.id


def _trace(library: Library, program: Program, masks: Sequence[int]) -> Iterable[Step]:
    """Every row of every table on the way, and how it stands."""
    for table_id, boxes in program.tables.items():
        live = _live(boxes, masks, program.axes)
        outcomes = tuple(outcome for outcome in library.table(table_id).outcomes if any(b.outcome == outcome for b in live))
        open_rows = {box.rows[-1] for box in live}
        holding = {box.rows[-1] for box in live if _contains(box, masks)} or (open_rows if len(open_rows) == 1 else set())
        for row in dict.fromkeys(box.rows[-1] for box in boxes):
            answer: Literal["holds", "open", "fails"] = "holds" if row in holding else "open" if row in open_rows else "fails"
            yield Step(table_id, row, answer, outcomes)


def _contains(box: Box, masks: Sequence[int]) -> bool:
    """Whether the child is in this box whatever the open facts turn out to be."""
    return not any(mask & ~held for mask, held in zip(masks, box.masks, strict=True))

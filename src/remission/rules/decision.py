"""What the engine returns for one child and one scheme."""

from __future__ import annotations

from typing import Literal

from remission.knowledge.model import Citation, Frozen, Status

DecisionStatus = Literal["decided", "data-required", "not-applicable"]
Effect = Literal["settles", "narrows", "changes-nothing"]


class Missing(Frozen, frozen=True):
    """A fact not (or not fully) known, and what learning it alone would do.

    `settles`: every value leaves one outcome; `narrows`: some value removes one; `changes-nothing`: none does.
    `matters_with_others` marks a fact that changes nothing alone but does together with others. `of` names the fact that
    this one would settle (blood blasts on day 8 → prednisone response), when the scheme does not read it itself.
    """

    fact: str
    effect: Effect
    matters_with_others: bool = False
    of: str = ""


class Step(Frozen, frozen=True):
    """One row of one table, as it stands for this child: `holds`, `open` or `fails`."""

    table: str
    row: str
    answer: Literal["holds", "open", "fails"]
    outcomes: tuple[str, ...]


class Decision(Frozen, frozen=True):
    """The answer of one scheme for one child: decided, still open between `possible`, or outside the scheme's domain.

    `settled_by` holds the smallest sets of facts that would leave one outcome whatever they turn out to be. `rows` are the
    rows the answer rests on: those that hold, or, while undecided, those still open. `verification` is the weakest status
    among them. `outside` numbers the conditions of the domain that fail, or may.
    """

    scheme: str
    status: DecisionStatus
    outcome: str | None
    possible: tuple[str, ...]
    missing: tuple[Missing, ...]
    settled_by: tuple[tuple[str, ...], ...]
    verification: Status
    rows: tuple[str, ...]
    cites: tuple[Citation, ...]
    notes: tuple[str, ...]
    trace: tuple[Step, ...]


class FactorAnswer(Frozen, frozen=True):
    """One line of a factor sheet: whether it speaks about this child (None: cannot tell)."""

    factor: str
    holds: bool | None


class FactorSheet(Frozen, frozen=True):
    """What a source says about single factors, without a group."""

    scheme: str
    factors: tuple[FactorAnswer, ...]
    verification: Status
    cites: tuple[Citation, ...]

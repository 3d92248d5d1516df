"""What is known about one child: values that may be exact, half known, or absent for a reason."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from remission.knowledge.model import NO_RESULT_REASONS, FactDefinition, Frozen, Status


class Fact(Frozen, frozen=True, gc=False):
    """One clinical input and its value.

    A number lies between `low` and `high` (None: no bound; `_open`: the bound itself is excluded); a choice is one of
    `options`. `result` says of an MRD test whether cells were found (`positive`, `negative`), or None when that was not
    said. `limit` is the smallest amount the test could find. A fact with an `absent_reason` has no value at all.
    `as_given` keeps what was typed; `learnt_from` names the facts this one follows from, and `learnt_status` how well confirmed
    the rule is by which it does.
    """

    id: str
    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False
    options: tuple[str, ...] = ()
    result: str | None = None
    limit: Decimal | None = None
    method: str = ""
    absent_reason: str | None = None
    as_given: str = ""
    learnt_from: tuple[str, ...] = ()
    learnt_status: Status | None = None

    @property
    def is_exact_number(self) -> bool:
        return self.low is not None and self.low == self.high

    @property
    def has_no_result(self) -> bool:
        """The test was not done, failed or was declined: no value is to be waited for."""
        return self.absent_reason in NO_RESULT_REASONS

    def means_the_same_as(self, other: Fact) -> bool:
        """Whether both say the same about the child, however it was typed."""
        return _meaning(self) == _meaning(other)


def _meaning(fact: Fact) -> tuple[object, ...]:
    ends = (fact.low, fact.high, fact.low_open, fact.high_open)
    return (fact.id, *ends, frozenset(fact.options), fact.result, fact.absent_reason)


def settles(fact: Fact | None, definition: FactDefinition) -> bool:
    """Whether nothing is left to learn about this fact itself: an exact number or a single choice."""
    if fact is None or fact.absent_reason:
        return False
    return len(fact.options) == 1 if definition.kind == "choice" else fact.is_exact_number


Child = Mapping[str, Fact]

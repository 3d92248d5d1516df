"""What a resource was found to say, and why something of it is left: the two things every reader of a resource gives back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from msgspec.structs import replace

from remission.knowledge.model import Frozen, Takes
from remission.record.facts import Fact
from remission.record.fhir.files import Held
from remission.record.fhir.moments import Moment
from remission.record.problems import InputProblem
from remission.record.structured import refuse_double_keys

_LEAST, _MOST = Decimal("-Infinity"), Decimal("Infinity")


class Why(Frozen, frozen=True, gc=False):
    """A reason, as a sentence of `knowledge/words/fhir.yaml` and what fills it."""

    word: str
    values: dict[str, Any] = {}  # noqa: RUF012 - msgspec copies an empty default

    def as_problem(self) -> InputProblem:
        return InputProblem(self.word, **self.values)


def why(word: str, **values: object) -> Why:
    return Why(f"fhir-{word}", values)


def why_of(problem: InputProblem) -> Why:
    """The sentence about a refused value, inside one that says that it is left unread.

    Without its traceback: that would keep everything alive which was at hand when the value was refused.
    """
    return why("left-value", problem=problem.with_traceback(None))


class Unread(Exception):
    """Something in a resource cannot be taken as a value; `why` is the reason that is shown."""

    def __init__(self, reason: Why):
        super().__init__(reason.word)
        self.why = reason


def unsafe(held: Held, modifiers: object, rules: str) -> Why | None:
    """Why a resource must not be used whatever it says: elements that change its meaning, or keys that stand twice in it."""
    if modifiers or rules:
        return why("left-modified")
    try:
        if not _keys_stand_once(held.raw):
            refuse_double_keys(bytes(held.raw).decode("utf-8"))
    except InputProblem as problem:
        return why("left-unclear", problem=problem.with_traceback(None))
    return None


def _keys_stand_once(raw: msgspec.Raw) -> bool:
    """A quick look: what was read and written again is byte for byte the same, so nothing stood in it twice.

    It may also differ for a harmless reason (1.50 is written 1.5); then only a slow look can tell.
    """
    try:
        written, again = bytes(raw), msgspec.json.encode(msgspec.json.decode(raw))
        return again == written or again == msgspec.json.format(written, indent=-1)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False


class Finding(Frozen, frozen=True, gc=False):
    """A fact as one resource states it: `told` in the record's words, and when the sample was taken.

    `timed`: the time of the sample is in the code, so that no window is asked for. `remark` says what a reader should know
    about it.
    """

    fact: Fact
    number: int
    told: str
    moment: Moment | None = None
    takes: Takes | None = None
    timed: bool = False
    remark: Why | None = None


class Karyotype(Frozen, frozen=True, gc=False):
    """A karyotype in words. What follows from it is worked out last: it overrides nothing."""

    number: int
    text: str
    moment: Moment | None
    takes: Takes | None = None
    timed: bool = False


class Reading(Frozen, frozen=True, gc=False):
    """All that one resource gave: findings, karyotypes, and the reasons why something of it was left. All may be empty."""

    findings: tuple[Finding, ...] = ()
    left: tuple[Why, ...] = ()
    karyotypes: tuple[Karyotype, ...] = ()


def met(one: Fact, other: Fact) -> Fact | None:
    """What two statements about one fact say together, when both can be true; None when they cannot.

    "CNS2" and "CNS2a" are CNS2a; "54 to 56" and "55" are 55; 12 and 13 are nothing. A reason for absence meets only itself.
    """
    if one.absent_reason or other.absent_reason:
        return one if one.absent_reason == other.absent_reason else None
    if one.options or other.options:
        options = tuple(option for option in one.options if option in other.options)
        return replace(one, options=options) if options else None
    if one.result and other.result and one.result != other.result:
        return None
    low, low_open = max((_bottom(one), one.low_open), (_bottom(other), other.low_open))
    high, high_closed = min((_top(one), not one.high_open), (_top(other), not other.high_open))
    if low > high or (low == high and (low_open or not high_closed)):
        return None
    ends = {"low": None if low == _LEAST else low, "high": None if high == _MOST else high}
    return replace(one, **ends, low_open=low_open, high_open=not high_closed, result=one.result or other.result)


def _bottom(fact: Fact) -> Decimal:
    return _LEAST if fact.low is None else fact.low


def _top(fact: Fact) -> Decimal:
    return _MOST if fact.high is None else fact.high

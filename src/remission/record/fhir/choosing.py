"""Which of several results answers a fact, by what the data dictionary declares; every result not taken has its reason.

Only what is certain is taken: where a result of an unclear date could change the answer, or the results cannot be told
apart, the fact stays open and both are shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from remission.knowledge.model import FactDefinition, Frozen
from remission.record.facts import Fact
from remission.record.fhir.finding import Finding, Why, met, why
from remission.record.fhir.moments import Moment, Place, place_in

_LONG = 100_000  # days: no limit on that side


class Anchors(Frozen, frozen=True, gc=False):
    """The days that windows count from, as far as they are known."""

    diagnosis: Moment | None = None
    treatment: Moment | None = None


class Considered(Frozen, frozen=True, gc=False):
    """A result that was looked at for a fact, and why it was not taken (None: it was)."""

    finding: Finding
    left: Why | None = None


class Answer(Frozen, frozen=True, gc=False):
    """What a record says of one fact: the value, or None when it stays open; by which rule; and every result looked at."""

    id: str
    fact: Fact | None
    rule: Why
    considered: tuple[Considered, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The resources that the answer was taken from."""
        return tuple(dict.fromkeys(one.finding.number for one in self.considered if one.left is None))


def choose(definition: FactDefinition, findings: Sequence[Finding], anchors: Anchors) -> Answer:
    """The answer to one fact from everything that was found of it."""
    if len(findings) == 1:
        return _only(definition, findings[0], *placed(definition, findings[0], anchors))
    places = [(finding, *placed(definition, finding, anchors)) for finding in findings]
    within = [finding for finding, place, _ in places if place == "in"]
    perhaps = [finding for finding, place, _ in places if place == "may"]
    outside = {id(finding): reason for finding, place, reason in places if place != "in"}
    valued = [finding for finding in within if finding.fact.absent_reason is None]
    picked = _pick(_which(valued), valued)
    if picked and _could_change(_which(valued), picked, valued, perhaps):
        return _open(definition, findings, outside, why("open-vague"))
    if picked:
        return _answered(definition, findings, outside, picked, valued)
    if valued:
        return _open(definition, findings, outside, why(f"open-{_which(valued)}"))
    if any(finding.fact.absent_reason is None for finding in perhaps):
        return _open(definition, findings, outside, next(outside[id(finding)] for finding in perhaps))
    return _absent(definition, findings, outside, within)


def _only(definition: FactDefinition, finding: Finding, place: Place, reason: Why | None) -> Answer:
    """The answer when just one result was found, which is the usual case."""
    if place == "in":
        rule = why("rule-absent") if finding.fact.absent_reason else _rule("", [finding])
        return Answer(definition.id, finding.fact, rule, (Considered(finding),))
    rule = why("open-outside") if place == "out" or finding.fact.absent_reason else reason or why("open-vague")
    return Answer(definition.id, None, rule, (Considered(finding, reason or rule),))


# --- the window ---------------------------------------------------------------------------------------------------------------


def placed(definition: FactDefinition, finding: Finding, anchors: Anchors) -> tuple[Place, Why | None]:
    """Whether a result lies in its window, and why not."""
    if finding.timed:
        return "in", None
    takes = finding.takes
    if takes is None:
        return "may", why("left-no-window", label=definition.label)
    anchor = anchors.diagnosis if takes.of == "diagnosis" else anchors.treatment
    if anchor is None:
        return "may", why(f"left-no-{takes.of}")
    if finding.moment is None:
        return "may", why("left-no-time")
    place = place_in(finding.moment, anchor, takes.first_day, takes.last_day)
    day, word = anchor.written, f"left-outside-{takes.of}"
    if takes.before_treatment and anchors.treatment:
        place = place_in(finding.moment, anchor, takes.first_day, _LONG)
        if place != "out" and (after := _after(finding.moment, anchors.treatment)) != "in":
            place, day, word = after, anchors.treatment.written, "left-after-treatment"
    if place == "in":
        return "in", None
    return place, why("left-vague-time" if place == "may" else word, on=finding.moment.written, day=day)


def _after(moment: Moment, treatment: Moment) -> Place:
    """“in” when a moment is not after the start of treatment: a sample of that very day was, as a rule, taken before it."""
    if treatment.instant and moment.instant:
        return "out" if treatment.instant < moment.instant else "in"
    return place_in(moment, treatment, -_LONG, 0)


# --- one of several -----------------------------------------------------------------------------------------------------------


class _Picked(Frozen, frozen=True, gc=False):
    fact: Fact
    taken: tuple[Finding, ...]


def _which(findings: Sequence[Finding]) -> str:
    """How one of several is chosen; sources that declare different ways must agree."""
    ways = {finding.takes.which if finding.takes else "agree" for finding in findings}
    return ways.pop() if len(ways) == 1 else "agree"


def _pick(which: str, findings: Sequence[Finding]) -> _Picked | None:
    """The result that counts; None when there is none, or when they cannot be told apart."""
    if not findings:
        return None
    if which in ("highest", "lowest"):
        return _extreme(which, findings)
    if which in ("first", "last"):
        findings = [one for one in findings if not any(_beats(which, other, one) for other in findings)]
        same = all(one.fact.means_the_same_as(findings[0].fact) for one in findings)
        return _Picked(findings[0].fact, tuple(findings)) if same else None
    return _agreed(findings)


def _beats(which: str, one: Finding, other: Finding) -> bool:
    """Whether a result certainly counts before another, by its time."""
    if one.moment is None or other.moment is None:
        return False
    return one.moment.certainly_before(other.moment) if which == "first" else other.moment.certainly_before(one.moment)


def _agreed(findings: Sequence[Finding]) -> _Picked | None:
    known: Fact | None = findings[0].fact
    for finding in findings[1:]:
        known = met(known, finding.fact) if known else None
    return _Picked(known, tuple(findings)) if known else None


def _extreme(which: str, findings: Sequence[Finding]) -> _Picked:
    """The highest of several numbers, or the lowest. Where one is only known to be above 500, so may the highest be."""
    facts = [finding.fact for finding in findings]
    pick = max if which == "highest" else min
    low = pick(facts, key=lambda fact: (fact.low is not None, fact.low or 0, fact.low_open))
    high = pick(facts, key=lambda fact: (fact.high is None, fact.high or 0, not fact.high_open))
    taken = tuple(finding for finding in findings if finding.fact in (low, high))
    fact = replace(low, high=high.high, high_open=high.high_open)
    return _Picked(fact, taken)


def _could_change(which: str, picked: _Picked, valued: list[Finding], perhaps: list[Finding]) -> bool:
    """Whether a result that is perhaps in the window would give another answer if it were."""
    rivals = [finding for finding in perhaps if finding.takes and finding.fact.absent_reason is None]
    for rival in rivals:
        other = _pick(which, [*valued, rival])
        if other is None or not other.fact.means_the_same_as(picked.fact):
            return True
    return False


# --- the answer ---------------------------------------------------------------------------------------------------------------


def _answered(
    definition: FactDefinition, findings: Sequence[Finding], outside: dict[int, Why | None], picked: _Picked,
    valued: Sequence[Finding],
) -> Answer:  # fmt: skip
    which = _which(valued)
    taken = {id(finding) for finding in picked.taken}
    considered = []
    for finding in findings:
        reason = outside.get(id(finding)) or why("left-has-value" if finding.fact.absent_reason else f"left-not-{which}")
        considered.append(Considered(finding, None if id(finding) in taken else reason))
    return Answer(definition.id, picked.fact, _rule(which, valued), tuple(considered))


def _rule(which: str, valued: Sequence[Finding]) -> Why:
    if len(valued) > 1:
        return why(f"rule-{which}", number=len(valued))
    return why("rule-stated" if valued[0].timed else "rule-only")


def _open(
    definition: FactDefinition, findings: Sequence[Finding], outside: dict[int, Why | None], rule: Why | None
) -> Answer:  # fmt: skip
    rule = rule or why("open-vague")
    considered = tuple(Considered(finding, outside.get(id(finding)) or rule) for finding in findings)
    return Answer(definition.id, None, rule, considered)


def _absent(
    definition: FactDefinition, findings: Sequence[Finding], outside: dict[int, Why | None], within: Sequence[Finding]
) -> Answer:  # fmt: skip
    """Only reasons for absence are left: the newest of them, or “unknown” when they differ and none is newer."""
    if not within:
        return _open(definition, findings, outside, why("open-outside"))
    newest = [one for one in within if not any(_beats("last", other, one) for other in within)]
    reasons = {finding.fact.absent_reason for finding in newest}
    fact = newest[0].fact if len(reasons) == 1 else replace(newest[0].fact, absent_reason="unknown")
    taken = {id(finding) for finding in newest}
    considered = [
        Considered(finding, None if id(finding) in taken else outside.get(id(finding)) or why("left-not-last"))
        for finding in findings
    ]
    return Answer(definition.id, fact, why("rule-absent"), tuple(considered))

"""Observations: which facts their codes answer, whether they may be used at all, and what their values say."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from msgspec.structs import replace

from remission.knowledge.codes import CodedResult
from remission.record.facts import Fact
from remission.record.fhir import genes
from remission.record.fhir.files import Held, decoded
from remission.record.fhir.finding import Finding, Reading, Unread, Why, unsafe, why
from remission.record.fhir.meanings import Meanings
from remission.record.fhir.moments import Moment, read_moment, read_period
from remission.record.fhir.shapes import Observation, Valued
from remission.record.fhir.values import UNFINISHED, code_told, told_of, value_of

_WITHDRAWN = frozenset({"entered-in-error", "cancelled"})
_FINAL = frozenset({"final", "amended", "corrected"})


def read_observation(meanings: Meanings, held: Held) -> Reading:
    """What an Observation says of the facts. Everything that is left of it has its reason."""
    seen = decoded(Observation, held.raw)
    if seen is None:
        return Reading(left=(why("left-malformed"),))
    asked = list(_asked(meanings, seen))
    variant = bool(seen.component) and meanings.has_code("variant", seen.code)
    if not asked and not variant:
        return _of_no_interest(code_told(seen.code))
    unfit = _unfit(held, seen)
    if unfit:
        return Reading(left=(unfit,))
    moment = _moment(seen)
    if len(asked) == 1 and not (variant or seen.component) and seen.status in _FINAL:
        return _read(meanings, held, seen, moment, *asked[0])
    readings = [_read(meanings, held, seen, moment, valued, result) for valued, result in asked]
    if variant:
        readings.append(genes.read_variant(meanings, held.number, seen, moment))
    findings = tuple(finding for reading in readings for finding in reading.findings)
    left = tuple(reason for reading in readings for reason in reading.left)
    karyotypes = tuple(karyotype for reading in readings for karyotype in reading.karyotypes)
    if karyotypes and genes.says_none(meanings, seen):
        karyotypes, left = (), (*left, why("left-karyotype-none", told=told_of(seen)))
    if karyotypes and seen.status not in _FINAL:
        karyotypes, left = (), (*left, why("remark-unfinished", status=seen.status))
    return Reading(tuple(_pending(finding, seen.status) for finding in findings), left, karyotypes)


@lru_cache(maxsize=1_000)
def _of_no_interest(code: str) -> Reading:
    return Reading(left=(why("left-code", code=code),))


def _asked(meanings: Meanings, seen: Observation) -> Iterator[tuple[Valued, CodedResult]]:
    """The values of an Observation whose code answers something: its own, those of its components, a karyotype in words."""
    for valued in (seen, *seen.component):
        known = meanings.results_of(valued.code)
        yield from ((valued, result) for result in known)
        if not known and genes.is_karyotype(valued):
            yield valued, CodedResult(system="", code="", reads="karyotype")


def _unfit(held: Held, seen: Observation) -> Why | None:
    """Why an Observation must not be used at all: its status, who it is about, or what it says of its own meaning."""
    if seen.status in _WITHDRAWN:
        return why("left-withdrawn", status=seen.status)
    if seen.status not in _FINAL | UNFINISHED:
        return why("left-status", status=seen.status or "—")
    if any(not focus.reference.startswith("Condition/") for focus in seen.focus):
        return why("left-focus")
    return unsafe(held, seen.modifier_extension, seen.implicit_rules)


def _pending(finding: Finding, status: str) -> Finding:
    """A result that is not final is not taken as a value: it counts as not back yet, and is shown."""
    if status in _FINAL:
        return finding
    fact = Fact(id=finding.fact.id, absent_reason="pending", as_given=finding.told)
    return replace(finding, fact=fact, remark=why("remark-unfinished", status=status))


def _moment(seen: Observation) -> Moment | None:
    """When the sample was taken. The time at which a result was sent says nothing about it."""
    written = seen.effective_date_time or seen.effective_instant
    if written:
        return read_moment(written)
    return read_period(seen.effective_period) if seen.effective_period else None


def _read(meanings: Meanings, held: Held, seen: Observation, moment: Moment | None, valued: Valued, result: CodedResult) -> Reading:
    if result.reads == "karyotype":
        return genes.read_karyotype(meanings, held.number, seen, moment, valued, result)
    if result.reads == "group":
        return Reading(left=(why("left-group", told=told_of(valued), day=moment.written if moment else "—"),))
    if result.reads == "unclear":
        return Reading(left=(why("left-unclear-code", code=code_told(valued.code)),))
    definition = meanings.library.facts[result.fact]
    told = told_of(valued)
    try:
        fact = replace(value_of(meanings, definition, valued, result, seen.status), as_given=told)
        genes.refuse_no_from_karyotype(meanings, fact, seen.method)
    except Unread as unread:
        return Reading(left=(unread.why,))
    takes = result.takes or definition.takes
    timed = result.timed or (takes is None and definition.when == "any")
    remark = genes.remark_on(meanings, fact, seen.method)
    return Reading((Finding(fact, held.number, told, moment, takes, timed, remark=remark),))

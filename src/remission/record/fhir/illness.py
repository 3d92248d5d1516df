"""Conditions: what a confirmed diagnosis says of the facts, and when the leukemia was diagnosed."""

from __future__ import annotations

from msgspec.structs import replace

from remission.knowledge.codes import CodedIllness, CodedResult
from remission.knowledge.model import Frozen
from remission.record.facts import Fact
from remission.record.fhir.files import Held, decoded
from remission.record.fhir.finding import Finding, Reading, Unread, Why, unsafe, why
from remission.record.fhir.meanings import Meanings
from remission.record.fhir.moments import Moment, no_later_than, read_moment, read_period
from remission.record.fhir.shapes import Concept, Condition
from remission.record.fhir.values import code_told, read_words

_ASSERTED = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate"
_MORPHOLOGY = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior"
_AGE_UNITS = {"a": "y", "mo": "mo", "wk": "w", "d": "d"}  # UCUM, and how a person would write it


class Diagnosis(Frozen, frozen=True):
    """The leukemia as a condition states it: since when, and the resource that says so. `exact`: the date is a diagnosis date."""

    number: int
    moment: Moment | None
    exact: bool = True


class Illness(Frozen, frozen=True):
    """What one condition gave."""

    reading: Reading
    diagnosis: Diagnosis | None = None


def read_condition(meanings: Meanings, held: Held, birth: Moment | None) -> Illness:
    """What a Condition says. One that nobody has confirmed, or that was ruled out or entered in error, says nothing."""
    seen = decoded(Condition, held.raw)
    if seen is None:
        return Illness(Reading(left=(why("left-malformed"),)))
    known = _known(meanings, seen)
    if not known:
        return Illness(Reading(left=(why("left-condition", code=code_told(seen.code)),)))
    unfit = _unfit(held, seen)
    if unfit:
        return Illness(Reading(left=(unfit,)))
    findings = [finding for illness in known for finding in _findings(meanings, held.number, seen, illness)]
    leukemia = [illness for illness in known if illness.leukemia]
    if leukemia and seen.onset_age:
        findings += _age(meanings, held.number, seen)
    return Illness(Reading(tuple(findings)), _diagnosis(meanings, held.number, seen, leukemia, birth) if leukemia else None)


def _known(meanings: Meanings, seen: Condition) -> list[CodedIllness]:
    """Every known code of the condition, also the one for the look of the cells that mCODE keeps apart."""
    apart = [added.value_codeable_concept for added in seen.extension if added.url == _MORPHOLOGY]
    codings = [coding for concept in (seen.code, *apart) if concept for coding in concept.coding]
    return [meanings.illnesses[key] for coding in codings if (key := meanings.key(coding)) in meanings.illnesses]


def _unfit(held: Held, seen: Condition) -> Why | None:
    status = _code_of(seen.verification_status)
    if status not in ("", "confirmed"):
        return why("left-unconfirmed", status=status)
    return unsafe(held, seen.modifier_extension, seen.implicit_rules)


def _code_of(concept: Concept | None) -> str:
    if concept is None:
        return ""
    return next((coding.code for coding in concept.coding if coding.code), concept.text)


def _findings(meanings: Meanings, number: int, seen: Condition, illness: CodedIllness) -> list[Finding]:
    told = code_told(seen.code)
    facts = []
    for fact_id, said in illness.facts.items():
        fact = read_words(meanings, meanings.library.facts[fact_id], said, CodedResult(system="", code=""))
        facts.append(Finding(replace(fact, as_given=told), number, told, timed=True))
    return facts


def _age(meanings: Meanings, number: int, seen: Condition) -> list[Finding]:
    """The age at which the leukemia was found, where the record says that instead of a date."""
    age = seen.onset_age
    if age is None or age.value is None or age.comparator or (age.code or age.unit) not in _AGE_UNITS or age.value.adjusted() > 5:
        return []
    told = f"{age.value:f}{_AGE_UNITS[age.code or age.unit]}"
    try:
        fact: Fact = read_words(meanings, meanings.library.facts["age_days"], told, CodedResult(system="", code=""))
    except Unread:
        return []
    return [Finding(fact, number, told, timed=True)]


def _diagnosis(
    meanings: Meanings, number: int, seen: Condition, leukemia: list[CodedIllness], birth: Moment | None
) -> Diagnosis:  # fmt: skip
    """When it was diagnosed: by the date that counts first; by any other date only no later than then."""
    dates = _dates(seen)
    exact = next((moment for name in meanings.diagnosis_dates if (moment := dates.get(name))), None)
    if exact and all(illness.since == "diagnosis" for illness in leukemia):
        return Diagnosis(number, exact)
    latest = exact or next((moment for name in meanings.diagnosis_latest if (moment := dates.get(name))), None)
    return Diagnosis(number, no_later_than(latest, birth) if latest else None, exact=False)


def _dates(seen: Condition) -> dict[str, Moment | None]:
    """The dates of a condition by the names that a code map calls them. Of a period it is its start."""
    asserted = next((added.value_date_time for added in seen.extension if added.url == _ASSERTED), "")
    onset = read_moment(seen.onset_date_time) if seen.onset_date_time else None
    if onset is None and seen.onset_period:
        onset = read_moment(seen.onset_period.start) or read_period(seen.onset_period)
    return {"asserted": read_moment(asserted), "onset": onset, "recorded": read_moment(seen.recorded_date)}

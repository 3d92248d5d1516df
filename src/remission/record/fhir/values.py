"""The value of an Observation or of a component, as the fact that it states: quantities, codes, words, reasons for absence."""

from __future__ import annotations

import re
from decimal import Decimal
from operator import attrgetter

from remission.knowledge.codes import CodedResult
from remission.knowledge.model import FactDefinition
from remission.record.facts import Fact
from remission.record.fhir.finding import Unread, met, why, why_of
from remission.record.fhir.meanings import Meanings
from remission.record.fhir.shapes import Coding, Concept, Quantity, Range, Valued
from remission.record.problems import InputProblem
from remission.record.reading import absent_reason
from remission.record.units import unit_factor

UNFINISHED = frozenset({"registered", "preliminary"})
_COMPARATORS = frozenset({"", "<", "<=", ">=", ">"})
_MOST_ODD = 30  # digits before or after the point
_ANNOTATION = re.compile(r"\{[^{}]*\}")
_LONGEST_TOLD = 120
_OTHER_KINDS = ("value_ratio", "value_sampled_data", "value_time", "value_date_time", "value_period")
_KINDS = (
    "value_quantity",
    "value_codeable_concept",
    "value_string",
    "value_boolean",
    "value_integer",
    "value_range",
    *_OTHER_KINDS,
)
_ALL_KINDS = attrgetter(*_KINDS)


def value_of(meanings: Meanings, definition: FactDefinition, valued: Valued, result: CodedResult, status: str = "final") -> Fact:
    """The fact that a value states. Raises `Unread` with the reason when it states none."""
    given = [name for name, value in zip(_KINDS, _ALL_KINDS(valued), strict=True) if value is not None]
    absent = _absent(meanings, definition, valued)
    if len(given) + (absent is not None) > 1:
        raise Unread(why("left-several-values"))
    if absent:
        return absent
    if not given:
        return _without_value(meanings, definition, valued, result, status)
    if given[0] in _OTHER_KINDS:
        raise Unread(why("left-kind", kind=given[0].removeprefix("value_").replace("_", " ")))
    if valued.value_codeable_concept is not None:
        return _of_concept(meanings, definition, valued.value_codeable_concept, result)
    return read_words(meanings, definition, _written(meanings, definition, valued, result), result)


def _absent(meanings: Meanings, definition: FactDefinition, valued: Valued) -> Fact | None:
    if valued.data_absent_reason is None:
        return None
    codes = [coding.code for coding in valued.data_absent_reason.coding]
    reasons = {meanings.absent[code] for code in codes if code in meanings.absent}
    if len(reasons) != 1:
        raise Unread(why("left-absent-reason", reason=", ".join(codes) or valued.data_absent_reason.text))
    return Fact(id=definition.id, absent_reason=reasons.pop(), as_given=", ".join(codes))


def _without_value(meanings: Meanings, definition: FactDefinition, valued: Valued, result: CodedResult, status: str) -> Fact:
    """Without a value the interpretation may be the answer (not detected); a result that is only registered is pending."""
    if definition.kind != "number":
        for concept in valued.interpretation:
            if any(meanings.key(coding) in meanings.answers for coding in concept.coding):
                return _of_concept(meanings, definition, concept, result)
    if status in UNFINISHED:
        return Fact(id=definition.id, absent_reason="pending")
    raise Unread(why("left-no-value"))


def _of_concept(meanings: Meanings, definition: FactDefinition, concept: Concept, result: CodedResult) -> Fact:
    """What a coded answer says by its codes and its words, as far as they are known. Raises `Unread` when they differ."""
    codes = [said for coding in concept.coding if (said := _answer(meanings, definition, coding, result))]
    words = [word for word in (concept.text, *(coding.display for coding in concept.coding)) if word]
    facts = [read_words(meanings, definition, said, result) for said in codes]
    problem = why("left-answer-code", code=code_told(concept))
    for said in words:
        try:
            facts.append(read_words(meanings, definition, result.answers.get(said, said), result))
        except Unread as unread:
            problem = unread.why
    if not facts:
        raise Unread(problem)
    known = facts[0]
    for fact in facts[1:]:
        both = met(known, fact)
        if both is None:
            raise Unread(why("left-several-answers", told=", ".join(words)))
        known = both
    return known


def _answer(meanings: Meanings, definition: FactDefinition, coding: Coding, result: CodedResult) -> str | None:
    """How a person would write what a coding says, if its code is known."""
    key = meanings.key(coding)
    return result.answers.get(coding.code) or meanings.choices[definition.id].get(key) or meanings.answers.get(key)


def read_words(meanings: Meanings, definition: FactDefinition, said: str, result: CodedResult) -> Fact:
    """What a person would have typed, read as such. Raises `Unread` with the sentence that would refuse it."""
    try:
        return meanings.fact(definition.id, said, result.method, result.limit)
    except InputProblem as problem:
        raise Unread(why_of(problem)) from None


def _written(meanings: Meanings, definition: FactDefinition, valued: Valued, result: CodedResult) -> str:
    """A value as a person would have typed it. Raises `Unread` when its kind does not fit the fact."""
    if valued.value_string is not None:
        return _of_string(valued.value_string, definition, result)
    is_choice = definition.kind == "choice"
    if valued.value_boolean is not None:
        if definition.choice_ids != ("yes", "no"):
            raise Unread(why("left-kind", kind="boolean"))
        return "yes" if valued.value_boolean else "no"
    if is_choice:
        raise Unread(why("left-number-for-choice", label=definition.label))
    if valued.value_integer is not None:
        return f"{_bounded(valued.value_integer):f} {result.unit}".strip()
    if valued.value_range is not None:
        return _of_range(meanings, definition, valued.value_range, result)
    return _of_quantity(meanings, definition, valued.value_quantity or Quantity(), result)


def _of_string(text: str, definition: FactDefinition, result: CodedResult) -> str:
    """Words as they are; a bare number gets the unit that the map gives."""
    text = result.answers.get(text, text).strip()
    if definition.kind == "choice" or not result.unit or absent_reason(text):
        return text
    return f"{text} {result.unit}" if text[-1:].isdigit() else text


def _of_quantity(meanings: Meanings, definition: FactDefinition, quantity: Quantity, result: CodedResult) -> str:
    if quantity.value is None:
        raise Unread(why("left-no-value"))
    if quantity.comparator not in _COMPARATORS:
        raise Unread(why("left-comparator", comparator=quantity.comparator))
    unit = _unit(meanings, definition, quantity) or result.unit
    times = "x" if unit[:3].isdigit() else ""  # or "5 100/uL" would be read as five thousand one hundred
    return f"{quantity.comparator}{_bounded(quantity.value):f} {times}{unit}".strip()


def _of_range(meanings: Meanings, definition: FactDefinition, given: Range, result: CodedResult) -> str:
    """From one value to another, or without one end. The unit is said once; two units are not compared here."""
    ends = {name: end for name, end in (("low", given.low), ("high", given.high)) if end and end.value is not None}
    numbers = {name: f"{_bounded(end.value):f}" for name, end in ends.items() if end.value is not None}
    units = {_unit(meanings, definition, end) or result.unit for end in ends.values()}
    if not ends or len(units) > 1 or any(end.comparator for end in ends.values()):
        raise Unread(why("left-range"))
    if len(numbers) == 2:
        return f"{numbers['low']} ~ {numbers['high']} {units.pop()}".strip()
    sign = ">=" if "low" in numbers else "<="
    return f"{sign}{numbers.popitem()[1]} {units.pop()}".strip()


def _bounded(number: Decimal) -> Decimal:
    """The number, when it can be one of a laboratory: not infinite, and not of a length that only fills memory."""
    if not number.is_finite() or abs(number.adjusted()) > _MOST_ODD or len(number.as_tuple().digits) > _MOST_ODD:
        raise Unread(why("left-number"))
    return number


def _unit(meanings: Meanings, definition: FactDefinition, quantity: Quantity) -> str:
    """The unit as UCUM gives it, otherwise as it is printed. Raises `Unread` when the two contradict each other."""
    printed = quantity.unit.strip()
    coded = _plain_ucum(quantity.code) if not printed or meanings.is_ucum(quantity.system) else ""
    family = meanings.library.units[definition.units]
    one, other = unit_factor(family, coded), unit_factor(family, printed)
    if coded and one is not None and other is not None and one != other:
        raise Unread(why("left-two-units", printed=printed, coded=quantity.code))
    return coded or printed


def _plain_ucum(code: str) -> str:
    """A UCUM unit without its notes in braces: "{cells}/uL" and "10*3{cells}/uL" are "/uL" and "10*3/uL"."""
    code = _ANNOTATION.sub("", code.strip()) if "{" in code else code.strip()
    return code.removeprefix("1") if code.startswith("1/") else code


def told_of(valued: Valued) -> str:
    """The value in the record's own words, for people to compare."""
    quantity, concept = valued.value_quantity, valued.value_codeable_concept
    if quantity is not None and quantity.value is not None:
        number = f"{quantity.value:f}" if abs(quantity.value.adjusted()) <= _MOST_ODD else f"{quantity.value}"
        return f"{quantity.comparator}{number} {quantity.unit or quantity.code}".strip()[:_LONGEST_TOLD]
    if valued.value_range is not None:
        ends = (valued.value_range.low, valued.value_range.high)
        return " – ".join(told_of(Valued(value_quantity=end)) if end else "…" for end in ends)
    if concept is not None:
        return concept_told(concept)
    for value in (valued.value_string, valued.value_integer, valued.value_boolean):
        if value is not None:
            return str(value)[:_LONGEST_TOLD]
    if valued.data_absent_reason is not None:
        return concept_told(valued.data_absent_reason)
    return ", ".join(concept_told(concept) for concept in valued.interpretation)


def concept_told(concept: Concept) -> str:
    coding = next((coding for coding in concept.coding if coding.display or coding.code), Coding())
    return (concept.text or coding.display or coding.code)[:_LONGEST_TOLD]


def code_told(concept: Concept) -> str:
    """A code as people know it: its name in words with the code behind it."""
    coding = concept.coding[0] if concept.coding else Coding()
    name = concept.text or coding.display
    return (f"{name} ({coding.code})" if name and coding.code else name or coding.code or "—")[:_LONGEST_TOLD]

"""Reads what a person writes for one fact: "4y6m", "12000/uL", "<0.01 %", "cns2a", "pending"."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from msgspec.structs import replace

from remission.knowledge import ages
from remission.knowledge.model import ABSENT_REASONS, MRD_LIMIT_FOR_NEGATIVE, FactDefinition, Library
from remission.record.facts import Fact
from remission.record.problems import InputProblem, nearest
from remission.record.units import in_canonical_unit, split_quantity

_BELOW, _ABOVE = frozenset({"<", "<=", "≤"}), frozenset({">", ">=", "≥"})
_COMPARED = re.compile(r"\s*(<=|>=|<|>|≤|≥)\s*(.+)", re.DOTALL)
_BETWEEN = re.compile(
    r"\s*(?P<low>\d+(?:\.\d+)?)\s*(?P<low_unit>[^\d\s~–-][^~–]*?)?\s*"
    r"(?:~|–|(?<=[\d\s])-(?=[\s\d])|\bto\b|\ba\b)\s*(?P<high>\d.*)",
    re.DOTALL,
)
_MRD_EXTRAS = re.compile(
    r"\b(?:by|por)\s+(?P<method>flow|pcr|ngs)\b|\b(?:limit|límite|limite)\s*(?P<limit>[\d.]+\s*%)", re.IGNORECASE
)
_NEGATIVE = frozenset({"negative", "neg", "negativo", "negativa", "undetectable", "indetectable", "not detected", "no detectable"})
_POSITIVE = frozenset({"positive", "pos", "positivo", "positiva", "detected", "detectable"})
_REASON_SPELLINGS = {
    "not asked": "not-asked", "no preguntado": "not-asked", "pendiente": "pending", "not done": "not-done", "no hecho": "not-done",
    "not performed": "not-done", "no realizado": "not-done",
    "fallido": "failed", "falló": "failed", "rechazado": "declined", "desconocido": "unknown",
    "don't know": "unknown", "dont know": "unknown", "no sé": "unknown", "no se sabe": "unknown", "?": "unknown", "na": "unknown",
}  # fmt: skip
_LONGEST_VALUE = 200
_ALL = Decimal(100)  # percent


def read_fact(library: Library, fact_id: str, written: str, method: str = "", limit: str = "") -> Fact:
    """The fact that `written` states.

    Raises `InputProblem`: unknown fact (with the nearest), no such choice, no number, a missing or wrong unit, an
    impossible value. Nothing is guessed: a bare "12" for a white count is refused because 12 and 12,000 both occur.
    """
    definition = definition_of(library, fact_id)
    text = written.strip()
    if not text or len(text) > _LONGEST_VALUE:
        raise InputProblem("value-empty" if not text else "value-too-long", fact=fact_id, label=definition.label)
    reason = absent_reason(text)
    if reason:
        return Fact(id=fact_id, absent_reason=reason, as_given=text)
    if definition.kind == "choice":
        return _choice(definition, text)
    if definition.kind == "mrd":
        return _mrd(library, definition, text, method, limit)
    return replace(_number(library, definition, text), method=method)


def definition_of(library: Library, fact_id: str) -> FactDefinition:
    """The dictionary's entry; raises `InputProblem` with the nearest id when there is none."""
    if fact_id in library.facts:
        return library.facts[fact_id]
    near = nearest(fact_id, list(library.facts))
    raise InputProblem("fact-unknown-near" if near else "fact-unknown", fact=fact_id, near=near)


def absent_reason(text: str) -> str | None:
    """The reason for absence that these words give, if they give one."""
    word = re.sub(r"[\s_]+", " ", text.strip().lower())
    hyphened = word.replace(" ", "-")
    return hyphened if hyphened in ABSENT_REASONS else _REASON_SPELLINGS.get(word)


@lru_cache(maxsize=256)
def _spellings(definition: FactDefinition) -> dict[str, tuple[str, ...]]:
    """Every way of writing an answer, in both languages, and the choices it stands for."""
    spelt: dict[str, tuple[str, ...]] = {}
    for group in definition.groups:
        for name in (group.id, *group.also):
            spelt[_squeezed(name)] = group.of
    for choice in definition.choices:
        for name in (choice.label.en, choice.label.es, *choice.also, choice.id):
            spelt[_squeezed(name)] = (choice.id,)
    if definition.choice_ids == ("yes", "no"):
        spelt |= dict.fromkeys(("y", "true", "sí", "si", "positive", "positivo", "+"), ("yes",))
        spelt |= dict.fromkeys(("n", "false", "negative", "negativo", "-"), ("no",))
    return spelt


def _squeezed(name: str) -> str:
    return re.sub(r"[\s_]+", "", name.lower())


def _choice(definition: FactDefinition, text: str) -> Fact:
    spelt = _spellings(definition)
    options: list[str] = []
    for part in re.split(r"\s*(?:\||\bor\b|\bo\b)\s*", text):
        chosen = spelt.get(_squeezed(part.rstrip(". ")))
        if chosen is None:
            allowed = [group.id for group in definition.groups] + list(definition.choice_ids)
            raise InputProblem(
                "choice-unknown", fact=definition.id, label=definition.label, value=text, choices=", ".join(sorted(allowed))
            )
        options += [choice for choice in chosen if choice not in options]
    ordered = tuple(choice for choice in definition.choice_ids if choice in options)
    return Fact(id=definition.id, options=ordered, as_given=text)


def _number(library: Library, definition: FactDefinition, text: str) -> Fact:
    compared, between = _COMPARED.fullmatch(text), None if definition.unit == "d" else _BETWEEN.fullmatch(text)
    if compared:
        return _bounded(definition, compared[1], _quantity(library, definition, compared[2])[0], text)
    if between:
        return _interval(library, definition, between, text)
    low, high = _quantity(library, definition, text)
    return Fact(id=definition.id, low=low, high=high, high_open=high > low, as_given=text)


def _bounded(definition: FactDefinition, comparator: str, bound: Decimal, text: str) -> Fact:
    """A value with a comparator, as laboratories report what lies outside their range: "<0.01 %", ">=500"."""
    is_open = comparator in "<>"
    if comparator in _BELOW:
        return Fact(id=definition.id, low=_lowest(definition), high=bound, high_open=is_open, as_given=text)
    return Fact(id=definition.id, low=bound, low_open=is_open, high=_highest(definition), as_given=text)


def _interval(library: Library, definition: FactDefinition, between: re.Match[str], text: str) -> Fact:
    """From one value to another, the unit said once or twice: "54-56", "10 to 20 %"."""
    unit = between["low_unit"] or (split_quantity(between["high"]) or (Decimal(0), ""))[1]
    low, _ = _quantity(library, definition, f"{between['low']} {unit}".strip())
    high, _ = _quantity(library, definition, between["high"])
    if low > high:
        raise InputProblem("range-reversed", fact=definition.id, label=definition.label, value=text)
    return Fact(id=definition.id, low=low, high=high, as_given=text)


def _lowest(definition: FactDefinition) -> Decimal | None:
    return definition.plausible.low if definition.plausible else None


def _highest(definition: FactDefinition) -> Decimal | None:
    return definition.plausible.high if definition.plausible else None


def _quantity(library: Library, definition: FactDefinition, text: str) -> tuple[Decimal, Decimal]:
    """`low` and `high` in the fact's unit: equal, unless the value is an age in whole years or months."""
    if definition.unit == "d":
        span = ages.read_span(text)
        if span is None:
            raise InputProblem("age-unreadable", fact=definition.id, label=definition.label, value=text)
        return _within(definition, text, span[0]), span[1]
    split = split_quantity(text)
    if split is None:
        raise InputProblem("number-unreadable", fact=definition.id, label=definition.label, value=text, unit=definition.unit)
    value = in_canonical_unit(*split, definition, library.units)
    value = _within(definition, text, value)
    return value, value


def _within(definition: FactDefinition, text: str, value: Decimal) -> Decimal:
    if definition.whole and value != value.to_integral_value():
        raise InputProblem("number-not-whole", fact=definition.id, label=definition.label, value=text)
    limits = definition.plausible
    if limits and not limits.low <= value <= limits.high:
        raise InputProblem(
            "value-impossible", fact=definition.id, label=definition.label, value=text, read_as=f"{value.normalize():f}",
            low=f"{limits.low:f}", high=f"{limits.high:f}", unit=definition.unit,
        )  # fmt: skip
    return value


def _mrd(library: Library, definition: FactDefinition, text: str, method: str, limit: str) -> Fact:
    """An MRD result with its method and limit. Zero or "negative" is everything below the limit, never exactly nothing."""
    extras = list(_MRD_EXTRAS.finditer(text))
    method = method or next((match["method"].lower() for match in extras if match["method"]), "")
    limit = limit or next((match["limit"] for match in extras if match["limit"]), "")
    rest = re.sub(r"[\s,;()@]+$", "", _MRD_EXTRAS.sub("", text).strip())
    floor = _quantity(library, definition, limit)[0] if limit else None
    known = Fact(id=definition.id, as_given=text, method=method, limit=floor)
    word = rest.lower().rstrip(".")
    if word in _NEGATIVE:
        return _negative(known)
    if word in _POSITIVE:
        return replace(known, low=Decimal(0), low_open=True, high=_ALL, result="positive")
    number = _number(library, definition, rest)
    if number.is_exact_number and number.low == 0:
        return _negative(known)
    if number.is_exact_number and floor is not None and number.high is not None and number.high < floor:
        return replace(known, low=Decimal(0), high=floor, high_open=True)  # below what the test can measure
    positive = number.low is not None and (number.low > 0 or number.low_open)
    return replace(number, method=method, limit=floor, result="positive" if positive else None)


def _negative(known: Fact) -> Fact:
    """Below the test's limit. Without a limit the level stays open, and the limit is asked for."""
    if known.limit is None:
        return replace(known, low=Decimal(0), high=_ALL)
    result = "negative" if known.limit <= MRD_LIMIT_FOR_NEGATIVE else None
    return replace(known, low=Decimal(0), high=known.limit, high_open=True, result=result)

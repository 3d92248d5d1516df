"""Numbers with units, exactly: `Decimal` in, `Decimal` out, and no unit is ever assumed where it matters."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from remission.knowledge.model import FactDefinition, UnitFamily
from remission.record.problems import InputProblem

_NUMBER = r"[+-]?(?:\d{1,3}(?:[,\u2009\u202f ]\d{3})+|\d+)?(?:\.\d+)?(?:[eE][+-]?\d+)?"
_QUANTITY = re.compile(rf"\s*(?P<number>{_NUMBER})\s*(?P<unit>.*?)\s*", re.DOTALL)
_DECIMAL_COMMA = re.compile(r"^\s*[+-]?\d+,\d{1,2}(?!\d)")
_MOST_DIGITS = 40
_SUPERSCRIPT, _DIGITS = re.compile("[⁰¹²³⁴-⁹]+"), str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SPELT = (
    (re.compile(r"^10(?:\*\*|\*|e\+?|x)?\(?(3|6|9|12)\)?(?=\D)"), r"10*\1"),  # 10e3, 10x3, 10(3); 103 has lost its superscript
    (re.compile(r"(?:mcl|microl|microlit(?:er|re|ro)s?|mm\*?3|cu\.?mm|c\.?mm)$"), "ul"),  # a cubic millimeter is a microliter
    (re.compile(r"(?:per|por)(?=ul$)"), "/"),
    (re.compile(r"\{?(?:cells?|cels?|céls?|células?|celulas?|#)\}?(?=/)"), ""),
)


def split_quantity(text: str) -> tuple[Decimal, str] | None:
    """The number and the unit of "12000/uL" or "12 10*9/L"; None when there is no number at the start.

    A thousands comma or space is read ("12,000"); a decimal comma is not guessed at and gives None.
    """
    if _DECIMAL_COMMA.match(text) or len(text) > _MOST_DIGITS * 2:
        return None
    match = _QUANTITY.fullmatch(text)
    if match is None or not any(character.isdigit() for character in match["number"]):
        return None
    number = Decimal(re.sub(r"[,\u2009\u202f ]", "", match["number"]))
    return (number, match["unit"]) if number.is_finite() and abs(number.adjusted()) < _MOST_DIGITS else None


def in_canonical_unit(number: Decimal, unit: str, fact: FactDefinition, units: dict[str, UnitFamily]) -> Decimal:
    """`number` in the fact's own unit. Raises `InputProblem` when the unit is missing or not one for this fact."""
    family = units[fact.units]
    if not unit:
        if fact.bare or number == 0:
            return number
        raise InputProblem("unit-missing", fact=fact.id, label=fact.label, number=_plain(number), units=_listed(family))
    factors = _factors(family)
    factor = factors.get(_normal(unit))
    if factor is None:
        raise InputProblem("unit-unknown", fact=fact.id, label=fact.label, unit=unit, units=_listed(family))
    return number * factor / factors[_normal(fact.unit)]


def unit_factor(family: UnitFamily, unit: str) -> Decimal | None:
    """What one of `unit` is in the base unit of the family; None when the family has no such unit."""
    return _factors(family).get(_normal(unit))


@lru_cache(maxsize=4096)
def _normal(unit: str) -> str:
    """One spelling for the many that mean the same: no capitals, no spaces, powers of ten as UCUM writes them, cells not named.

    Only one pair needs its case: "G/L" is giga per liter, "g/L" is grams.
    """
    if unit.strip() in ("G/L", "G/l"):
        return "giga/l"
    plain = _SUPERSCRIPT.sub(lambda found: "*" + found[0].translate(_DIGITS), unit.replace("\u00b5", "u").replace("\u03bc", "u"))
    plain = re.sub(r"\s+", "", plain.lower()).replace("×", "x").replace("^", "*").removeprefix("x")
    for pattern, became in _SPELT:
        plain = pattern.sub(became, plain)
    return plain


@lru_cache(maxsize=64)
def _factors(family: UnitFamily) -> dict[str, Decimal]:
    return {_normal(name): spelling.factor for spelling in family.spellings for name in (spelling.unit, *spelling.also)}


def _listed(family: UnitFamily) -> str:
    return ", ".join(spelling.unit for spelling in family.spellings)


def _plain(number: Decimal) -> str:
    return f"{number:f}"

"""Counts as clinicians say them: in both unit systems side by side, and where one was worked out, with the formula."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from remission.care.counts import Formula, Reading
from remission.documents.notes_told import quantity_told
from remission.documents.wording import Wording, grouped

_PER_MICROLITER = Decimal(1000)  # cells per microliter in one 10*9/L
_PER_LITER = Decimal(10)  # g/L in one g/dL
_WHOLE_CELLS = Decimal("0.001")  # of 10*9/L: one cell per microliter


def both_units(words: Wording, kind: str, value: Decimal) -> str:
    """A count in both unit systems: "0.81 ×10⁹/L (810 per µL)", "9.8 g/dL (98 g/L)".

    What a formula gives beyond whole cells is cut off, never rounded up: a count is not told as higher than it is.
    """
    if kind == "hemoglobin":
        return words.say("counted-both-units", one=f"{grouped(value)} g/dL", other=f"{grouped(value * _PER_LITER)} g/L")
    shown = value.quantize(_WHOLE_CELLS, ROUND_DOWN)
    per_microliter = f"{grouped(shown * _PER_MICROLITER)} {words.say('unit-per-microliter')}"
    return words.say("counted-both-units", one=f"{grouped(shown)} ×10⁹/L", other=per_microliter)


def formula_told(words: Wording, reading: Reading) -> str:
    """How a count was worked out, with the numbers: those that a report gives, and what was not recorded. Nothing for one that
    was written down, unless the other numbers of its report come to something else."""
    if reading.disagrees:
        written = quantity_told(words, reading.as_written)
        return words.say("counted-disagrees", written=written, formula=_formula(words, reading.kind, reading.disagrees))
    return _formula(words, reading.kind, reading.formula) if reading.formula else ""


def _formula(words: Wording, kind: str, formula: Formula) -> str:
    shares = " + ".join(words.say(f"counted-share-{share}", share=grouped(percent)) for share, percent in formula.shares)
    wbc, value = quantity_told(words, formula.wbc_as_written), both_units(words, kind, formula.value)
    told = [words.say("counted-formula", wbc=wbc, shares=shares, value=value)]
    told += [words.say(f"counted-not-recorded-{share}") for share in formula.not_recorded]
    return " ".join(told)

"""What a FISH result written behind the chromosomes says of a pattern: `nuc ish(ETV6,RUNX1)x2(ETV6 con RUNX1x1)[180/200]`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from remission.knowledge.karyotype import Pattern, Probes
from remission.knowledge.model import Frozen
from remission.record.karyotype.shape import InSitu, Karyotype, Signal

_BOTH = 2


class Hybridized(Frozen, frozen=True):
    """What the probes showed of a pattern, and the result as written."""

    tells: Literal["seen", "not-seen"]
    written: str


def hybridized(pattern: Pattern, karyotype: Karyotype) -> Hybridized | None:
    """The pattern's answer by FISH, when the string holds a result with the right probes; None when it says nothing of it."""
    if pattern.fish is None:
        return None
    results = [result for clone in karyotype.clones if not clone.donor for result in clone.in_situ if result.kind == "nuc ish"]
    found = [(_tells(pattern.fish, result), result.written) for result in results]
    for wanted in ("seen", "not-seen"):
        for tells, written in found:
            if tells == wanted:
                return Hybridized(tells, written)
    return None


def _tells(probes: Probes, result: InSitu) -> Literal["seen", "not-seen"] | None:
    if probes.joined:
        return _joined(probes.joined, result.signals)
    if probes.split:
        return _split(probes.split, result.signals)
    return _copies(probes, result.signals)


def _joined(genes: Sequence[Sequence[str]], signals: Sequence[Signal]) -> Literal["seen", "not-seen"] | None:
    together = [signal for signal in signals if len(signal.probes) > 1 and signal.relation == "con"]
    if any(all(_has(signal.probes, names) for names in genes) for signal in together):
        return "seen"
    each = [[signal for signal in signals if len(signal.probes) == 1 and _has(signal.probes, names)] for names in genes]
    return "not-seen" if each and all(_two(found) for found in each) and not together else None


def _split(names: Sequence[str], signals: Sequence[Signal]) -> Literal["seen", "not-seen"] | None:
    own = [signal for signal in signals if _has(signal.probes, names)]
    if any(signal.relation == "sep" for signal in own):
        return "seen"
    return "not-seen" if own and _two([signal for signal in own if len(signal.probes) == 1]) else None


def _copies(probes: Probes, signals: Sequence[Signal]) -> Literal["seen", "not-seen"] | None:
    own = [signal.copies for signal in signals if len(signal.probes) == 1 and _has(signal.probes, probes.copies) and signal.copies]
    if any(copies.low >= probes.at_least for copies in own):
        return "seen"
    return "not-seen" if own and all(copies.high < probes.at_least for copies in own) else None


def _has(probes: Iterable[str], names: Sequence[str]) -> bool:
    """Whether one of the probes is for this gene; 5'KMT2A and 3'KMT2A are its two ends."""
    return any(probe.lstrip("35").lstrip("'") in names or probe in names for probe in probes)


def _two(found: Sequence[Signal]) -> bool:
    """Two copies each, as in a healthy cell."""
    return bool(found) and all(signal.copies and signal.copies.low == signal.copies.high == _BOTH for signal in found)

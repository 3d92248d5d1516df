"""What a FISH result written behind the chromosomes says of a pattern: `nuc ish(ETV6,RUNX1)x2(ETV6 con RUNX1x1)[180/200]`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from remission.knowledge.karyotype import Pattern, Probes
from remission.knowledge.model import Frozen
from remission.record.karyotype.bands import place_of
from remission.record.karyotype.groups import groups_of, whole_gains
from remission.record.karyotype.matching import stands_certainly_in
from remission.record.karyotype.shape import InSitu, Karyotype, Signal

_BOTH = 2
Tells = Literal["seen", "not-seen"]


class Hybridized(Frozen, frozen=True):
    """What the probes showed of a pattern, and the result as written."""

    tells: Tells
    written: str


def hybridized(pattern: Pattern, karyotype: Karyotype) -> Hybridized | None:
    """The pattern's answer by FISH, when the string holds a result with the right probes; None when it says nothing of it."""
    found = [
        (_tells(pattern, result, karyotype), result.written)
        for clone in karyotype.clones
        if not clone.donor
        for result in clone.in_situ
        if result.cells is None or result.cells.count != 0  # [0/200]: no cell showed this
    ]
    told = [Hybridized(tells, written) for tells, written in found if tells]
    return next((one for one in told if one.tells == "seen"), told[0] if told else None)


def _tells(pattern: Pattern, result: InSitu, karyotype: Karyotype) -> Tells | None:
    """What one result says. On single chromosomes (`ish`) a change that is named was seen; that a probe shows none is left open."""
    probes = pattern.fish
    if result.kind == "ish":
        return "seen" if stands_certainly_in(pattern, result.changes) else None
    if probes is None:
        return None
    if probes.joined:
        return _joined(probes.joined, result.signals)
    if probes.split:
        return _split(probes.split, result.signals)
    return _copies(probes, result.signals, _most_whole_copies(pattern, karyotype))


def _most_whole_copies(pattern: Pattern, karyotype: Karyotype) -> int:
    """The most whole copies that any group of cells has of the chromosome the gene lies on."""
    where = {place_of(place).chromosome for form in pattern.forms for place in form.at}
    return max((group.sets + whole_gains(group, name) for group in groups_of(karyotype) for name in where), default=0)


def _joined(genes: Sequence[Sequence[str]], signals: Sequence[Signal]) -> Tells | None:
    together = [signal for signal in signals if signal.relation == "con" and not _none(signal)]
    if any(all(_has(signal.probes, names) for names in genes) for signal in together):
        return "seen"
    each = [[signal for signal in signals if len(signal.probes) == 1 and _has(signal.probes, names)] for names in genes]
    return "not-seen" if each and all(_two(found) for found in each) and not together else None


def _split(names: Sequence[str], signals: Sequence[Signal]) -> Tells | None:
    """Split when its ends are said to stand apart, or when of two pairs of ends not both stand together."""
    own = [signal for signal in signals if _has(signal.probes, names)]
    if any(signal.relation == "sep" and not _none(signal) for signal in own):
        return "seen"
    together = [signal for signal in own if signal.relation == "con"]
    if not _two([signal for signal in own if len(signal.probes) == 1]):
        return None
    return "not-seen" if not together or _two(together) else "seen"


def _copies(probes: Probes, signals: Sequence[Signal], whole: int) -> Tells | None:
    """Many copies; but where as many whole chromosomes were counted, they explain the signals, and nothing is told."""
    about = [signal for signal in signals if len(signal.probes) == 1 and _has(signal.probes, probes.copies)]
    own = [signal.copies for signal in about if signal.copies]
    if any(signal.relation == "amp" for signal in about):
        return "seen"
    if any(copies.low >= probes.at_least for copies in own):
        return "seen" if whole < probes.at_least else None
    return "not-seen" if own and all(copies.high < probes.at_least for copies in own) else None


def _none(signal: Signal) -> bool:
    """Whether it says that there is none of it: (ABL1 con BCRx0)."""
    return signal.copies is not None and signal.copies.high == 0


def _has(probes: Iterable[str], names: Sequence[str]) -> bool:
    """Whether one of the probes is for this gene; 5'KMT2A and 3'KMT2A are its two ends."""
    return any(probe.lstrip("35").lstrip("'") in names or probe in names for probe in probes)


def _two(found: Sequence[Signal]) -> bool:
    """Two copies each, as in a healthy cell."""
    return bool(found) and all(signal.copies and signal.copies.low == signal.copies.high == _BOTH for signal in found)

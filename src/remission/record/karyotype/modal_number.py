"""The number of chromosomes in the leukemia cells: an interval over their groups, and what a doubling hides.

A leukemia that lost many chromosomes often doubles the rest (hypodiploid-2007). Where the string itself shows both (27 beside
54,idemx2; 52(26,X,+Y,+14,+21)x2), the number is that before the doubling. Where only the doubled cells were seen, every chromosome
stands in an even number of copies: then the half is possible too.
"""

from __future__ import annotations

from collections.abc import Sequence

from remission.knowledge.karyotype import KaryotypeKnowledge
from remission.knowledge.model import Frozen
from remission.record.karyotype.adding_up import counted_otherwise
from remission.record.karyotype.groups import Group
from remission.record.karyotype.matching import is_all_pairs, seen_in_enough
from remission.record.karyotype.shape import Karyotype

_USUAL = 46


class ModalNumber(Frozen, frozen=True):
    """From `low` to `high` chromosomes.

    `why` is a word: counted, two-numbers (the list makes another number than the one written), doubled (the half was seen),
    pairs (the half is possible), marked-doubtful (the laboratory put a question mark to it: no number follows).
    """

    low: int
    high: int
    clone: int
    why: str = "counted"

    @property
    def by_doubling(self) -> bool:
        return self.why in ("doubled", "pairs")

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low}-{self.high}"


def modal_number(known: KaryotypeKnowledge, karyotype: Karyotype, groups: Sequence[Group]) -> ModalNumber | None:
    """The number over all groups that count as leukemia; over all when only normal cells were seen. None: none is written.

    Where a list makes another number than the one written, nobody here knows which is right: both are in the interval.
    """
    changed = [group for group in groups if not group.is_normal and group.clone.number]
    counting = [group for group in changed if _counts(known, group)] or changed or [g for g in groups if g.clone.number]
    spans = [(group.clone.number.low, group.clone.number.high) for group in counting if group.clone.number]
    if not spans:
        return None
    fewest = _hypodiploid_limit(known)
    halves = [half for group in counting if (half := _half(known, group, spans)) and half[1] <= fewest]
    if halves:
        return ModalNumber(min(low for low, _ in halves), max(high for _, high in halves), counting[0].place, "doubled")
    listed = [counted for group in counting if (counted := counted_otherwise(karyotype, group))]
    low, high = min(low for low, _ in (*spans, *listed)), max(high for _, high in (*spans, *listed))
    if any(group.clone.number.doubtful for group in counting if group.clone.number):
        return ModalNumber(low, high, counting[0].place, "marked-doubtful")
    if any(is_all_pairs(known, group) for group in counting):
        return ModalNumber(min(low, high // 2), high, counting[0].place, "pairs")
    return ModalNumber(low, high, counting[0].place, "two-numbers" if listed else "counted")


def _counts(known: KaryotypeKnowledge, group: Group) -> bool:
    """A group of one cell is none; a group that only lost chromosomes needs one cell more (see `clone` of the patterns)."""
    only_lost = all(change.sign == "-" for change in group.clone.abnormalities) and bool(group.clone.abnormalities)
    return seen_in_enough([group], known.clone.loss if only_lost else known.clone.structural)


def _half(known: KaryotypeKnowledge, group: Group, spans: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """The number before the doubling, where the string shows it: in the group itself, or as a group of half beside pairs."""
    if group.base or not is_all_pairs(known, group) or group.clone.number is None:
        return group.base
    whole = (group.clone.number.low, group.clone.number.high)
    return next((span for span in spans if (2 * span[0], 2 * span[1]) == whole), None)


def _hypodiploid_limit(known: KaryotypeKnowledge) -> int:
    limits = [form.chromosomes.at_most for p in known.patterns for form in p.forms if form.chromosomes and form.chromosomes.at_most]
    return max((limit for limit in limits if limit < _USUAL), default=0)

"""The number of chromosomes in the leukemia cells: an interval over their groups, and what a doubling hides.

A leukemia that lost many chromosomes often doubles the rest (hypodiploid-2007). Where the string itself shows both (27 beside
54,idemx2; 52(26,X,+Y,+14,+21)x2), the number is that before the doubling. Where only the doubled cells were seen, every chromosome
stands in an even number of copies: then the half is possible too.
"""

from __future__ import annotations

from collections.abc import Sequence

from remission.knowledge.karyotype import KaryotypeKnowledge
from remission.knowledge.model import Frozen
from remission.record.karyotype.groups import Group, whole_gains
from remission.record.karyotype.matching import seen_in_enough

_AUTOSOMES = tuple(str(number) for number in range(1, 23))
_USUAL = 46


class ModalNumber(Frozen, frozen=True):
    """From `low` to `high` chromosomes; `why` is a word: counted, doubled (the half was seen), pairs (the half is possible)."""

    low: int
    high: int
    clone: int
    why: str = "counted"

    @property
    def by_doubling(self) -> bool:
        return self.why != "counted"

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low}-{self.high}"


def modal_number(known: KaryotypeKnowledge, groups: Sequence[Group]) -> ModalNumber | None:
    """The number over all groups that count as leukemia; over all when only normal cells were seen. None: none is written."""
    changed = [group for group in groups if not group.is_normal and group.clone.number]
    counting = [group for group in changed if _counts(known, group)] or changed or [g for g in groups if g.clone.number]
    spans = [(group.clone.number.low, group.clone.number.high) for group in counting if group.clone.number]
    if not spans:
        return None
    fewest = _hypodiploid_limit(known)
    halves = [group.base for group in counting if group.base and group.base[1] <= fewest]
    if halves:
        return ModalNumber(min(low for low, _ in halves), max(high for _, high in halves), counting[0].place, "doubled")
    low, high = min(low for low, _ in spans), max(high for _, high in spans)
    if any(_is_all_pairs(known, group) for group in counting):
        return ModalNumber(min(low, high // 2), high, counting[0].place, "pairs")
    return ModalNumber(low, high, counting[0].place)


def _counts(known: KaryotypeKnowledge, group: Group) -> bool:
    """A group of one cell is none; a group that only lost chromosomes needs one cell more (see `clone` of the patterns)."""
    only_lost = all(change.sign == "-" for change in group.clone.abnormalities) and bool(group.clone.abnormalities)
    return seen_in_enough([group], known.clone.loss if only_lost else known.clone.structural)


def _hypodiploid_limit(known: KaryotypeKnowledge) -> int:
    limits = [form.chromosomes.at_most for p in known.patterns for form in p.forms if form.chromosomes and form.chromosomes.at_most]
    return max((limit for limit in limits if limit < _USUAL), default=0)


def _is_all_pairs(known: KaryotypeKnowledge, group: Group) -> bool:
    """Whether every autosome stands in an even number of copies, some of them in four: pairs of pairs."""
    number = group.clone.number
    most = known.doubling.at_most or 0
    if number is None or not known.doubling.at_least <= number.low <= number.high <= most or group.base:
        return False
    copies = [group.sets + whole_gains(group, chromosome) for chromosome in _AUTOSOMES]
    marked = any(change.kind in ("mar", "inc", "unread") for change in group.changes)
    return not marked and all(count % 2 == 0 for count in copies) and any(count > 2 for count in copies)

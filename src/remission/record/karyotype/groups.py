"""What each group of cells holds once "like the first, and …" is spelt out: its changes, its sets of chromosomes, its copies.

Gains and losses are counted against whole sets. `+9` in a cell with one set (27 chromosomes) makes two of chromosome 9, not three;
which it is stands in the string (`<n>`, `<3n>`) or follows from its own arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from remission.knowledge.model import Frozen
from remission.record.karyotype.shape import Abnormality, Clone, Karyotype

_AUTOSOMES = 22
_DIPLOID = 46
_SEX = frozenset("XY")
_JOINING = frozenset({"dic", "psu dic", "der", "rob", "tas", "trc"})  # one chromosome made of those it names


class Group(Frozen, frozen=True):
    """One group of cells: every change in it, inherited ones included and cancelled ones left out, and its sets of chromosomes.

    `cells` is None when no count was written. `base` is the number of chromosomes before a doubling that the string itself shows.
    """

    clone: Clone
    place: int
    changes: tuple[Abnormality, ...]
    sets: int
    cells: int | None
    base: tuple[int, int] | None = None

    @property
    def composite(self) -> bool:
        return self.clone.cells is not None and self.clone.cells.composite

    @property
    def acquired(self) -> tuple[Abnormality, ...]:
        """The changes that the child was not born with."""
        return tuple(change for change in self.changes if not change.born_with and change.kind != "variant")

    @property
    def is_normal(self) -> bool:
        """Only what the child was born with: nothing gained, lost or changed in these cells."""
        number = self.clone.number
        return not (self.acquired or self.clone.same_as or self.clone.doubled) and number is not None and self.sets == 2


def with_references(karyotype: Karyotype) -> Karyotype:
    """The same karyotype in which every `idem`, `sl` and `sdl` knows what it stands for."""
    clones: list[Clone] = []
    for clone in karyotype.clones:
        earlier = referred(clones, clone)
        brings = (*earlier.inherited, *own_changes(earlier)) if earlier else ()
        clones.append(replace(clone, inherited=brings))
    return replace(karyotype, clones=tuple(clones))


def referred(earlier: list[Clone], clone: Clone) -> Clone | None:
    """The group that `idem` (the first), `sl` (the stemline: the first), `sdl` (the one before) or `sdl2` (the third) means."""
    if not clone.same_as or not earlier:
        return None
    if clone.same_as.startswith("sdl"):
        number = clone.same_as.removeprefix("sdl")
        place = int(number) if number.isdigit() and len(number) < 3 else len(earlier) - 1
        return earlier[min(place, len(earlier) - 1)]
    return earlier[0]


def own_changes(clone: Clone) -> tuple[Abnormality, ...]:
    return (*clone.doubled.abnormalities, *clone.abnormalities) if clone.doubled else clone.abnormalities


def groups_of(karyotype: Karyotype) -> tuple[Group, ...]:
    """The child's own groups of cells (a donor's cells and single odd cells are none)."""
    groups: list[Group] = []
    for place, clone in enumerate(karyotype.clones):
        if clone.nonclonal or clone.donor or not _says_something(clone):
            continue
        earlier = referred(list(karyotype.clones[:place]), clone)
        base = next((group for group in groups if group.clone is earlier), None)
        groups.append(_group(clone, place, base))
    return tuple(groups)


def _says_something(clone: Clone) -> bool:
    return clone.number is not None or bool(clone.abnormalities)


def _group(clone: Clone, place: int, base: Group | None) -> Group:
    sets = _sets(clone, base)
    cells = clone.cells.count if clone.cells else None
    before = None
    if clone.doubled and clone.doubled.number:
        before = (clone.doubled.number.low, clone.doubled.number.high)
    elif base and clone.times > 1 and base.clone.number:
        before = base.base or (base.clone.number.low, base.clone.number.high)
    return Group(clone, place, tuple(_net(clone)), sets, cells, before or (base.base if base else None))


def _net(clone: Clone) -> Iterator[Abnormality]:
    """All changes, without those that a later group has lost again (`-der(9)t(9;16)` takes the derivative away)."""
    own = own_changes(clone)
    gone = [change for change in own if change.sign == "-" and change.kind != "chromosome"]
    for change in clone.inherited:
        lost = next((loss for loss in gone if _is_the_same(loss, change)), None)
        if lost is None:
            yield change
        else:
            gone.remove(lost)
    yield from own


def _is_the_same(short: Abnormality, full: Abnormality) -> bool:
    """Whether the short form of a later group, without its bands, means this change."""
    same_kind = (short.kind, short.label, short.chromosomes) == (full.kind, full.label, full.chromosomes)
    same_bands = not short.breakpoints or short.breakpoints == full.breakpoints
    parts = [part.kind for part in short.parts]
    return same_kind and same_bands and full.sign != "-" and (not parts or parts == [part.kind for part in full.parts])


def _sets(clone: Clone, base: Group | None) -> int:
    if clone.doubled is not None:
        return _sets(clone.doubled, None) * clone.times
    if clone.ploidy:
        return int(clone.ploidy.strip("<>+-±n") or 1)
    if base is not None:
        return base.sets * clone.times
    if clone.number is None:
        return 2
    exact = [sets for sets in (2, 1, 3, 4) if _off(clone, sets) == 0]
    return exact[0] if exact else 1 if clone.number.high < _DIPLOID and _off(clone, 1) < _off(clone, 2) else 2


def _off(clone: Clone, sets: int) -> int:
    """How far the number written is from what the list makes of this many sets."""
    if clone.number is None:
        return 0
    low, high = expected(clone, sets)
    return max(0, low - clone.number.high, clone.number.low - high)


def expected(clone: Clone, sets: int) -> tuple[int, int]:
    """The least and the most chromosomes that a list not referring to another can mean, counted against `sets` whole sets."""
    letters = sum(clone.sex.count(letter) for letter in "XYU")
    changed = sum(_sex_chromosomes(change) for change in clone.abnormalities)
    lost = sum(change.times for change in clone.abnormalities if change.sign == "-" and change.chromosomes in (("X",), ("Y",)))
    spare = letters >= sets  # a full pair is written although one of it is changed or lost: both ways of writing occur
    low, high = added(clone.abnormalities, sex_losses=False)
    start = _AUTOSOMES * sets + letters
    return start + low + (0 if spare else changed) - (lost if spare else 0), start + high + changed


def added(changes: tuple[Abnormality, ...], sex_losses: bool = True) -> tuple[int, int]:
    """How many chromosomes these changes add, at least and at most."""
    low = high = 0
    for change in changes:
        least, most = _adds(change)
        if least < 0 and not sex_losses and change.kind == "chromosome" and change.chromosomes[0] in _SEX:
            continue
        low, high = low + least, high + most
    return low, high


def _adds(change: Abnormality) -> tuple[int, int]:
    if change.kind in ("dmin", "hsr", "inc", "unread", "ace", "variant"):
        return 0, 0
    joined = len(change.chromosomes) - 1 if change.kind in _JOINING and len(change.chromosomes) > 1 else 0
    if change.sign == "-":
        return -change.times, -change.times
    if change.sign == "+":
        least, most = (change.count.low, change.count.high) if change.count else (1, 1)
        return least * change.times, most * change.times
    return -joined * change.times, -joined * change.times


def _sex_chromosomes(change: Abnormality) -> int:
    """Sex chromosomes that stand in a changed form in the list instead of among the letters: 46,Y,t(X;2)."""
    if change.sign or change.kind == "chromosome":
        return 0
    return sum(chromosome in _SEX for chromosome in change.chromosomes) * change.times


def whole_gains(group: Group, chromosome: str) -> int:
    """How many whole copies were gained (losses taken off) against the sets of this group."""
    own = [change for change in group.acquired if change.kind == "chromosome" and change.chromosomes == (chromosome,)]
    return sum(change.times * (1 if change.sign == "+" else -1) for change in own)


def partly_gained(group: Group, chromosome: str) -> bool:
    """Whether a changed or doubtful copy was gained: some of the chromosome is extra, or perhaps."""
    for change in group.acquired:
        names = [name.strip("?*") for name in change.chromosomes]
        certain = change.kind == "chromosome" and not change.doubtful and "?" not in change.chromosomes[0]
        if change.sign == "+" and not certain and chromosome in names:
            return True
    return False

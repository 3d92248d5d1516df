"""What a karyotype says that cannot all be true, or leaves out: sentences for the reader, none of which stops the reading."""

from __future__ import annotations

from collections.abc import Iterator

from remission.record.karyotype.groups import Group, added, expected, groups_of, referred
from remission.record.karyotype.shape import Abnormality, Clone, Karyotype
from remission.record.karyotype.writing import abnormality_written
from remission.record.problems import InputProblem

_SHOWN = 40
_NEED_BANDS = frozenset({"t", "del", "inv", "dup", "ins", "add", "dic", "psu dic", "i", "idic", "trp"})


def what_does_not_add_up(karyotype: Karyotype) -> Iterator[InputProblem]:
    """Counts that the list does not give, breakpoints left out, items not understood, "like the first" where nothing is before."""
    if karyotype.beside:
        yield InputProblem("karyotype-other-test", text=karyotype.beside.strip(" .,;\n")[:_SHOWN])
    with_bands: set[tuple[str, tuple[str, ...]]] = set()
    for place, clone in enumerate(karyotype.clones):
        if clone.nonclonal or (clone.in_situ and clone.number is None and not clone.abnormalities):
            continue
        if clone.number is None:
            yield InputProblem("karyotype-only-changes")
        elif not (clone.sex or clone.same_as or clone.doubled):
            yield InputProblem("karyotype-no-sex", clone=place + 1)
        if clone.same_as and not referred(list(karyotype.clones[:place]), clone):
            yield InputProblem("karyotype-nothing-before", clone=place + 1, reference=clone.same_as)
        yield from _items(clone, place, with_bands)
    yield from _counts(karyotype)


def _items(clone: Clone, place: int, with_bands: set[tuple[str, tuple[str, ...]]]) -> Iterator[InputProblem]:
    for change in (*(clone.doubled.abnormalities if clone.doubled else ()), *clone.abnormalities):
        written = abnormality_written(change)
        if change.kind == "unread":
            yield InputProblem("karyotype-item-unread", clone=place + 1, item=written)
        if change.kind == "chromosome" and change.count is None and change.times > 9:
            yield InputProblem("karyotype-item-odd", clone=place + 1, item=written)
        for part in (change, *change.parts):
            key = (part.kind, part.chromosomes)
            if part.breakpoints or part.segments:
                with_bands.add(key)
            elif part.kind in _NEED_BANDS and part.chromosomes and key not in with_bands and change.sign != "-":
                yield InputProblem("karyotype-no-bands", clone=place + 1, item=written)
            if part.kind in _NEED_BANDS and not part.chromosomes and not part.segments:
                yield InputProblem("karyotype-no-chromosome-named", clone=place + 1, item=written)
            if part.kind == "t" and part.breakpoints and len(part.breakpoints) != len(part.chromosomes):
                yield InputProblem("karyotype-bands-uneven", clone=place + 1, item=written)


def _counts(karyotype: Karyotype) -> Iterator[InputProblem]:
    """Groups whose number of chromosomes is not what their list makes."""
    for group in groups_of(karyotype):
        number, counted = group.clone.number, counted_otherwise(karyotype, group)
        if number and counted:
            written, given = _span(number.low, number.high), _span(*counted)
            yield InputProblem("karyotype-count-differs", clone=group.place + 1, written=written, counted=given)


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}~{high}"


def counted_otherwise(karyotype: Karyotype, group: Group) -> tuple[int, int] | None:
    """The least and the most chromosomes that the list of a group makes, where that is not the number written; otherwise None."""
    number = group.clone.number
    if number is None or not _can_be_counted(group.clone, group.composite):
        return None
    counted = _counted(karyotype, group.place, group.sets)
    return counted if counted and (counted[1] < number.low or counted[0] > number.high) else None


def _counted(karyotype: Karyotype, place: int, sets: int) -> tuple[int, int] | None:
    clone = karyotype.clones[place]
    if clone.doubled is not None:
        inner = expected(clone.doubled, max(1, sets // clone.times))
        start = (inner[0] * clone.times, inner[1] * clone.times)
    elif clone.same_as:
        earlier = referred(list(karyotype.clones[:place]), clone)
        if earlier is None or earlier.number is None:
            return None
        start = (earlier.number.low * clone.times, earlier.number.high * clone.times)
    else:
        return expected(clone, sets)
    low, high = added(clone.abnormalities)
    return start[0] + low, start[1] + high


def _can_be_counted(clone: Clone, composite: bool) -> bool:
    """A composite of cells that differ, or a list with unknowns, has no sum."""
    changes: tuple[Abnormality, ...] = (*(clone.doubled.abnormalities if clone.doubled else ()), *clone.abnormalities)
    unknown = any(change.doubtful or change.kind in ("inc", "unread") for change in changes)
    return not (composite or unknown or "?" in clone.sex or (clone.number and clone.number.doubtful)) and bool(
        clone.sex or clone.same_as or clone.doubled
    )

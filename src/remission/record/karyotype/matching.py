"""Whether a pattern stands in a karyotype: seen, seen with a doubt (and which), or not there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from remission.knowledge.karyotype import CellsNeeded, Form, KaryotypeKnowledge, Numbers, Pattern
from remission.knowledge.model import Frozen
from remission.record.karyotype.bands import FITTING, Fit, Place, fits, is_doubtful, is_next_to, place_of
from remission.record.karyotype.groups import Group, partly_gained, whole_gains
from remission.record.karyotype.shape import Abnormality
from remission.record.karyotype.writing import abnormality_written

Doubt = Literal[
    "", "near-bands", "insertion", "extra-set",  # seen, the last three with a reading of our own
    "suggests", "item-unread", "no-bands", "marked-doubtful", "too-few-cells", "ambiguous", "whole-sets", "partly-gained",
    "number-open",
]  # fmt: skip
_NAMED, _BANDS = re.compile(r"(?<=[(;])(?:\d{1,2}|[XY])(?=[;)])"), re.compile(r"[pq]\d+(?:\.\d+)?")
_AUTOSOMES = tuple(str(number) for number in range(1, 23))
_OTHER_NAMES = {"rcp": "t"}
OWN_READING: frozenset[Doubt] = frozenset({"near-bands", "insertion", "extra-set"})


class Sighting(Frozen, frozen=True):
    """A pattern where it stands: the item as written, the group of cells (its place in the string), and what speaks against it."""

    pattern: str
    item: str
    clone: int
    doubt: Doubt = ""

    @property
    def is_certain(self) -> bool:
        """Whether it counts as seen; a reading of our own counts, and lowers the status."""
        return not self.doubt or self.doubt in OWN_READING


class _Found(Frozen, frozen=True):
    pattern: Pattern
    change: Abnormality
    group: Group
    fit: Fit
    doubt: Doubt


def sightings(known: KaryotypeKnowledge, groups: Sequence[Group]) -> list[Sighting]:
    """Every pattern that stands in the groups of cells, the certain ones first."""
    found = [one for pattern in known.patterns for form in pattern.forms if form.change for one in _changes(pattern, form, groups)]
    seen = [_sighting(one, found, known, groups) for one in found if _is_best(one, found)]
    for pattern in known.patterns:
        for form in pattern.forms:
            seen += [*_counted(pattern, form, groups, known), *_in_unread(pattern, form, groups)]
    return sorted(dict.fromkeys(seen), key=lambda sighting: (not sighting.is_certain, bool(sighting.doubt)))


def _changes(pattern: Pattern, form: Form, groups: Sequence[Group]) -> Iterator[_Found]:
    for group in groups:
        for change in group.acquired:
            for part in () if change.sign == "-" else (change, *change.parts):
                fit, doubt = _fit(pattern, form, part, change, group.acquired)
                if fit != "no":
                    yield _Found(pattern, change, group, fit, doubt)


def stands_certainly_in(pattern: Pattern, changes: Sequence[Abnormality]) -> bool:
    """Whether one of these changes is the pattern, with the very breakpoints and without a doubt."""
    forms = [form for form in pattern.forms if form.change]
    return any(
        _fit(pattern, form, part, change, changes) == ("exact", "")
        for form in forms
        for change in changes
        for part in (change, *change.parts)
    )


def is_often_from_birth(known: KaryotypeKnowledge, change: Abnormality) -> bool:
    """Whether children are often born with this: it may be no change of the leukemia, also where no ISCN c stands behind it."""
    gained = change.kind == "chromosome" and change.sign == "+"
    return any(
        (gained and form.gains == change.chromosomes)
        or (_plain_kind(change) in form.change and not change.parts and _is_at(form, change))
        for form in known.from_birth.forms
    )


def _is_at(form: Form, change: Abnormality) -> bool:
    """Whether the change is at the form's places, or names their chromosomes and no places at all."""
    if change.breakpoints or change.segments:
        return _breaks_fit(form, change) != "no"
    return {name.strip("?*") for name in change.chromosomes} == {place_of(written).chromosome for written in form.at}


def _fit(
    pattern: Pattern, form: Form, part: Abnormality, whole: Abnormality, beside: Sequence[Abnormality]
) -> tuple[Fit, Doubt]:  # fmt: skip
    """How well one change fits the form. A change between two places may also be written as an insertion of one into the other.

    `beside` are all changes of the same cells: of an exchange written as two derivatives, each is a half.
    """
    if form.gene:
        return ("exact", "suggests" if form.suggests else "") if _names_gene(form, part) else ("no", "")
    kind = _plain_kind(part)
    inserted = kind == "ins" and "t" in form.change and len(form.at) > 1
    if kind not in form.change and not inserted:
        return _partner_unknown(pattern, form, part)
    fit = _breaks_fit(form, part)
    if fit == "no":
        return _partner_unknown(pattern, form, part) if "?" in part.chromosomes else _without_bands(form, part)
    if form.suggests:
        return ("no", "") if fit == "near" else (fit, "suggests")
    if _breaks_fit(form, part, strictly=True) == "no" or _is_lone_half(form, part, whole, beside):
        return fit, "suggests"
    if whole.doubtful or _has_doubt(form, part):
        return fit, "marked-doubtful"
    return fit, "insertion" if inserted else ""


def _plain_kind(part: Abnormality) -> str:
    """What a change is, without how: `inv ins` is an insertion, `psu dic` a dicentric, and `rcp` an older word for t."""
    kind = part.kind.rsplit(" ", 1)[-1]
    return _OTHER_NAMES.get(kind, kind)


def _names_gene(form: Form, part: Abnormality) -> bool:
    return _plain_kind(part) in form.change and part.gene in form.gene


def _partner_unknown(pattern: Pattern, form: Form, part: Abnormality) -> tuple[Fit, Doubt]:
    """A piece of unknown origin just where an exchange breaks: add(19)(p13), t(9;?)(q34;?). It may be the other partner's.

    Asked only where the answer would otherwise be "not seen".
    """
    unknown = _plain_kind(part) == "add" or (_plain_kind(part) == "t" and "?" in part.chromosomes)
    answers = bool(pattern.sets) and pattern.karyotype == "visible" and "t" in form.change and len(form.at) > 1
    if not (unknown and answers):
        return "no", ""
    broken = [(name, band) for name, bands in zip(part.chromosomes, part.breakpoints, strict=False) for band in bands]
    which, places = (all, form.exactly) if form.exactly else (any, form.at)
    there = which(_closest(place_of(written), broken)[0] == "exact" for written in places)
    return ("near", "suggests") if there else ("no", "")


def _is_lone_half(form: Form, part: Abnormality, whole: Abnormality, beside: Sequence[Abnormality]) -> bool:
    """Whether this is one derivative of an exchange, and the half that keeps the fusion is not among these cells' changes.

    Where the form names no such half, one is enough between two places; at a single place (11q23) both must be there.
    """
    if part is whole or _plain_kind(part) != "t" or not (form.keeps or len(form.at) == 1):
        return False
    needed = {form.keeps} if form.keeps else set(part.chromosomes)
    same = [
        change
        for change in beside
        if change.sign != "-" and any(_is_exchange_of(one, part.chromosomes) for one in (change, *change.parts))
    ]
    return not needed <= {name for change in same for name in change.chromosomes}


def _is_exchange_of(part: Abnormality, chromosomes: tuple[str, ...]) -> bool:
    return _plain_kind(part) == "t" and part.chromosomes == chromosomes


def _breaks_fit(form: Form, part: Abnormality, strictly: bool = False) -> Fit:
    """Exact when every place has a breakpoint of its own, near when at least one has and the others lie in the same region.

    Those of `exactly` may be one band off, and where it is asked for `strictly` not even that.
    """
    left = [(name, band) for name, bands in zip(part.chromosomes, part.breakpoints, strict=False) for band in bands]
    found: list[Fit] = []
    for written in form.at:
        fit, pair = _closest(place_of(written), left)
        too_far = fit == "near" and written in form.exactly and (strictly or not is_next_to(place_of(written), pair[1]))
        found.append("no" if too_far else fit)
        if pair in left:
            left.remove(pair)
    if "no" in found or "exact" not in found:
        return "no"
    return "exact" if set(found) == {"exact"} else "near"


def _closest(place: Place, pairs: Sequence[tuple[str, str]]) -> tuple[Fit, tuple[str, str]]:
    """How well the best of these breakpoints fits the place, and which it is."""
    fitted = [(fits(place, chromosome, band), (chromosome, band)) for chromosome, band in pairs]
    return max(fitted, key=lambda one: FITTING.index(one[0]), default=("no", ("", "")))


def _without_bands(form: Form, part: Abnormality) -> tuple[Fit, Doubt]:
    """The right chromosomes, and no breakpoints written."""
    wanted = {place_of(written).chromosome for written in form.at}
    bare = not part.breakpoints and not part.segments and len(wanted) > 1
    named = {chromosome.strip("?*") for chromosome in part.chromosomes}
    return ("near", "no-bands") if bare and wanted <= named else ("no", "")


def _has_doubt(form: Form, part: Abnormality) -> bool:
    wanted = {place_of(written).chromosome for written in form.at}
    pairs = zip(part.chromosomes, part.breakpoints, strict=False)
    return any(
        chromosome.strip("?*") in wanted and (is_doubtful(chromosome) or any(is_doubtful(band) for band in bands))
        for chromosome, bands in pairs
    )


def _is_best(one: _Found, found: Iterable[_Found]) -> bool:
    """A near fit steps back where the same change fits another pattern exactly; a partner of its own goes before any partner.

    Not where a fact would then be called not seen: t(1;19)(q22;p13) is MEF2D's, and may be TCF3's.
    """
    same = [other for other in found if other.change is one.change and other.group is one.group and other is not one]
    exact = [other for other in same if other.fit == "exact" and len(other.pattern.forms[0].at) > 1]
    return one.fit != "near" or not exact or not any(set(one.pattern.sets) <= set(other.pattern.sets) for other in exact)


def _sighting(one: _Found, found: Iterable[_Found], known: KaryotypeKnowledge, groups: Sequence[Group]) -> Sighting:
    doubt = one.doubt
    if not doubt and one.fit == "near":
        same = [other for other in found if other.change is one.change and not other.doubt]
        rivals = {other.pattern.id for other in same if other.fit == "near" or len(other.pattern.forms[0].at) > 1}
        doubt = "ambiguous" if len(rivals) > 1 else "near-bands"
    if (not doubt or doubt in OWN_READING) and not _is_clonal(one.change, groups, known.clone):
        doubt = "too-few-cells"
    return Sighting(one.pattern.id, abnormality_written(one.change), one.group.place, doubt)


def _is_clonal(change: Abnormality, groups: Sequence[Group], needed: CellsNeeded) -> bool:
    least = needed.loss if change.sign == "-" else needed.gain if change.sign == "+" else needed.structural
    if change.cells is not None and change.cells < least:
        return False
    return seen_in_enough([group for group in groups if change in group.changes], least)


def seen_in_enough(groups: Sequence[Group], least: int) -> bool:
    """Whether these groups together have that many cells. Without a count, or in a composite, it was enough for the laboratory."""
    if any(group.cells is None or group.composite for group in groups):
        return True
    return sum(group.cells or 0 for group in groups) >= least


def _counted(pattern: Pattern, form: Form, groups: Sequence[Group], known: KaryotypeKnowledge) -> Iterator[Sighting]:
    """Patterns that are counted rather than looked for: chromosomes gained, the number of chromosomes, the number of changes."""
    if form.gains:
        yield from _gains(pattern, form, groups, known)
    if form.born_with:
        yield from _born_with(pattern, form, groups)
    if form.abnormalities:
        changes = {abnormality_written(change) for group in groups for change in group.acquired if change.kind != "inc"}
        if _within(form.abnormalities, len(changes)):
            yield Sighting(pattern.id, str(len(changes)), groups[0].place)


def _in_unread(pattern: Pattern, form: Form, groups: Sequence[Group]) -> Iterator[Sighting]:
    """Items that were not understood, but name all the chromosomes and bands of the form: worth asking about."""
    for group in groups:
        for change in group.acquired:
            if change.kind == "unread" and form.change and form.at and not form.suggests:
                named, bands = set(_NAMED.findall(change.label)), _BANDS.findall(change.label)
                places = [place_of(written) for written in form.at]
                if all(place.chromosome in named and _exactly_one_of(place, bands) for place in places):
                    yield Sighting(pattern.id, change.label, group.place, "item-unread")


def _exactly_one_of(place: Place, bands: Sequence[str]) -> bool:
    return any(fits(place, place.chromosome, band) == "exact" for band in bands)


def _gains(pattern: Pattern, form: Form, groups: Sequence[Group], known: KaryotypeKnowledge) -> Iterator[Sighting]:
    """All of these chromosomes in three copies or more, in the same group of cells."""
    item = ",".join(f"+{name}" for name in form.gains)
    having: list[tuple[Group, Doubt]] = []
    for group in groups:
        each = [_three_copies(known, group, name) for name in form.gains]
        if None not in each:
            having.append((group, next((doubt for doubt in each if doubt), "")))
    enough = seen_in_enough([group for group, _ in having], known.clone.gain)
    for group, doubt in having:
        certain = not doubt or doubt in OWN_READING
        yield Sighting(pattern.id, item, group.place, "too-few-cells" if certain and not enough else doubt)


def _three_copies(known: KaryotypeKnowledge, group: Group, chromosome: str) -> Doubt | None:
    """Empty when three copies or more are certain, None when there are not three, otherwise what makes it uncertain.

    Where one set was doubled, as the string shows or as it may be, a chromosome with four copies had only two.
    """
    copies = group.sets + whole_gains(group, chromosome)
    if copies >= 3 and group.sets <= 2:
        if group.base or is_all_pairs(known, group):
            return "whole-sets"
        return "" if _gained_in_enough(known, group, chromosome) else "too-few-cells"
    if copies >= 3:
        return "extra-set" if group.sets == 3 and copies == 3 else "whole-sets"
    return "partly-gained" if copies == 2 and partly_gained(group, chromosome) else None


def _gained_in_enough(known: KaryotypeKnowledge, group: Group, chromosome: str) -> bool:
    """Whether the gain has no count of cells of its own (+4[1] in a composite), or one that is enough."""
    gains = [change for change in group.acquired if change.sign == "+" and change.chromosomes == (chromosome,)]
    return any(change.cells is None or change.cells >= known.clone.gain for change in gains)


def is_all_pairs(known: KaryotypeKnowledge, group: Group) -> bool:
    """Whether every autosome stands in an even number of copies, some of them in four: pairs of pairs."""
    number, limits = group.clone.number, known.doubling
    if number is None or not limits.at_least <= number.low <= number.high <= (limits.at_most or 0) or group.base:
        return False
    copies = [group.sets + whole_gains(group, chromosome) for chromosome in _AUTOSOMES]
    marked = any(change.kind in ("mar", "inc", "unread") for change in group.changes)
    return not marked and all(count % 2 == 0 for count in copies) and any(count > 2 for count in copies)


def _born_with(pattern: Pattern, form: Form, groups: Sequence[Group]) -> Iterator[Sighting]:
    for group in groups:
        for change in group.changes:
            names = [name.strip("?*") for name in change.chromosomes]
            if change.born_with and change.kind == "chromosome" and change.sign == "+" and set(form.born_with) <= set(names):
                doubtful = "?" in change.born_with or is_doubtful(change.chromosomes[0])
                yield Sighting(pattern.id, abnormality_written(change), group.place, "marked-doubtful" if doubtful else "")


def _within(limits: Numbers, number: int) -> bool:
    above = limits.at_least is None or number >= limits.at_least
    return above and (limits.at_most is None or number <= limits.at_most)


def ploidy_sightings(known: KaryotypeKnowledge, low: int, high: int, place: int) -> Iterator[Sighting]:
    """The classes by number of chromosomes: those that hold for the whole interval, and those that may."""
    for pattern in known.patterns:
        for form in pattern.forms:
            limits = form.chromosomes
            if limits is None:
                continue
            first, last = limits.at_least or 0, limits.at_most or 10**6
            item = str(low) if low == high else f"{low}~{high}"
            if first <= low and high <= last:
                yield Sighting(pattern.id, item, place)
            elif low <= last and high >= first:
                yield Sighting(pattern.id, item, place, "number-open")

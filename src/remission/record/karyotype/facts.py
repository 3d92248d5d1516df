"""From a karyotype to facts, with three answers: seen; not seen though this test would have shown it; cannot tell, and why.

A karyotype that looked at too few cells, or at normal cells only, says little; some changes it never shows. So "not seen" becomes
"no" only for what chromosomes show, and only where changed cells, those of the leukemia, were looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal

from msgspec.structs import replace

from remission.knowledge.karyotype import KaryotypeKnowledge, Pattern, karyotypes_of
from remission.knowledge.model import Citation, Frozen, Library, Status, Text, weakest
from remission.record.facts import Fact
from remission.record.karyotype.adding_up import counted_otherwise
from remission.record.karyotype.groups import Group, groups_of
from remission.record.karyotype.hybridization import Hybridized, hybridized
from remission.record.karyotype.matching import (
    OWN_READING,
    Sighting,
    is_often_from_birth,
    ploidy_sightings,
    seen_in_enough,
    sightings,
)
from remission.record.karyotype.modal_number import ModalNumber, modal_number
from remission.record.karyotype.shape import Karyotype
from remission.record.remarks import Remark

NUMBER = "chromosome_number"
_USUAL_SETS = 2
_NOTHING_SEEN = frozenset({"failed", "no-chromosomes", "only-donor"})
_USUAL_SEX = frozenset({"XX", "XY", "X", ""})
Tells = Literal["seen", "not-seen", "cannot-tell"]


class Answer(Frozen, frozen=True):
    """What the karyotype says of one fact, why (a word of `knowledge/words/karyotype.yaml`), and what it rests on."""

    fact: str
    tells: Tells
    why: str
    status: Status
    cites: tuple[Citation, ...] = ()
    items: tuple[str, ...] = ()
    by_fish: bool = False


class KaryotypeFacts(Frozen, frozen=True):
    """The facts that follow; each fact's answer, those that cannot be told included; the patterns seen; and what to know with them.

    `facts` holds a fact for every answer: a value, or a reason for its absence.
    """

    facts: dict[str, Fact]
    answers: tuple[Answer, ...] = ()
    seen: tuple[Sighting, ...] = ()
    notes: tuple[Remark, ...] = ()


class _Looked(Frozen, frozen=True):
    """How much the test could see: "" (leukemia cells), or the reason why what it did not see may still be there.

    `no_leukemia` is why the cells may be none of the leukemia: only normal ones, or only what the child may be born with.
    `unlisted`: more chromosomes were counted than the list names, so that a gain may be missing there.
    """

    limits: str
    no_leukemia: str = ""
    unlisted: bool = False


def facts_of(library: Library, karyotype: Karyotype, method: str = "karyotype") -> KaryotypeFacts:
    """Everything that follows from a karyotype, and everything that does not and why."""
    known = karyotypes_of(library)
    groups = groups_of(karyotype)
    looked = _looked(karyotype, groups, known)
    number = modal_number(known, karyotype, groups)
    seen = [*sightings(known, groups), *_classes(known, number, looked)] if groups else []
    fish = {pattern.id: found for pattern in known.patterns if (found := hybridized(pattern, karyotype))}
    answers = [_answer(known, fact, seen, fish, looked) for fact in _facts_set(known)]
    answers.append(_number_answer(known, number, looked))
    return KaryotypeFacts(
        facts={answer.fact: _fact(answer, number, looked, method) for answer in answers},
        answers=tuple(answers),
        seen=tuple(seen),
        notes=tuple(_notes(known, groups, number, looked, seen, fish)),
    )


def _facts_set(known: KaryotypeKnowledge) -> list[str]:
    return list(dict.fromkeys(fact for pattern in known.patterns for fact in pattern.sets))


def _classes(known: KaryotypeKnowledge, number: ModalNumber | None, looked: _Looked) -> Iterator[Sighting]:
    if number and number.why != "marked-doubtful" and not looked.no_leukemia:
        yield from ploidy_sightings(known, number.low, number.high, number.clone)


def _looked(karyotype: Karyotype, groups: Sequence[Group], known: KaryotypeKnowledge) -> _Looked:
    if karyotype.failed:
        return _Looked("failed")
    if not groups:
        return _Looked("only-donor" if any(clone.donor for clone in karyotype.clones) else "no-chromosomes")
    if any(group.clone.number is None for group in groups):
        return _Looked("only-changes")
    if any(change.kind in ("inc", "unread") for group in groups for change in group.changes):
        return _Looked("incomplete")
    changed = [group for group in groups if not _is_unchanged(group)]
    unlisted = any(_names_too_few(karyotype, group) for group in groups)
    if changed and seen_in_enough(changed, known.clone.structural):
        may_be_born_with = all(_may_be_from_birth(known, group, groups) for group in changed)
        return _Looked("", "may-be-from-birth" if may_be_born_with else "", unlisted)
    if unlisted:
        return _Looked("incomplete")
    if not all(group.clone.sex.endswith("c") or group.clone.sex.strip("?") in _USUAL_SEX for group in groups):
        return _Looked("", "may-be-from-birth")
    counts = [group.cells for group in groups]
    if None in counts:
        return _Looked("cells-not-counted", "normal-only")
    enough = sum(count or 0 for count in counts) >= known.metaphases.at_least
    return _Looked("" if enough else "too-few-metaphases", "normal-only")


def _is_unchanged(group: Group) -> bool:
    """Nothing gained, lost or rebuilt. Whole sets doubled (92,XXXX) say no more: healthy cells do that too."""
    return group.is_normal or (group.sets == 2 * _USUAL_SETS and not (group.changes or group.clone.same_as or group.clone.doubled))


def _may_be_from_birth(known: KaryotypeKnowledge, group: Group, groups: Sequence[Group]) -> bool:
    """Whether all that was seen in this group stands in every group, and is something that children are often born with."""
    everywhere = all(change in other.changes for change in group.acquired for other in groups)
    same = not (group.clone.same_as or group.clone.doubled) and group.sets == _USUAL_SETS
    return same and everywhere and all(is_often_from_birth(known, change) for change in group.acquired)


def _names_too_few(karyotype: Karyotype, group: Group) -> bool:
    """Whether more chromosomes are written than the list makes."""
    counted, number = counted_otherwise(karyotype, group), group.clone.number
    return bool(counted and number and counted[1] < number.low)


def _answer(
    known: KaryotypeKnowledge, fact: str, seen: Sequence[Sighting], fish: Mapping[str, Hybridized], looked: _Looked
) -> Answer:
    """The answer for a yes-or-no fact. A FISH result written behind the chromosomes goes before what was seen on them."""
    patterns = known.setting(fact)
    by_fish = [(pattern, fish[pattern.id]) for pattern in patterns if pattern.id in fish]
    for found in ("seen", "not-seen"):
        for pattern, result in by_fish:
            if result.tells == found:
                return Answer(fact, result.tells, f"fish-{found}", pattern.status, pattern.cites, (result.written,), by_fish=True)
    found_here = [sighting for sighting in seen if sighting.pattern in {pattern.id for pattern in patterns}]
    if not found_here:
        return _not_seen(fact, patterns, looked)
    answer = _seen(known, fact, found_here)
    if answer.tells == "seen" and looked.no_leukemia == "may-be-from-birth" and not _is_born_with(patterns):
        return replace(answer, tells="cannot-tell", why=looked.no_leukemia, status="background")
    denied = [pattern for pattern in patterns if any(_denied(known, other, fish) for other in pattern.sets if other != fact)]
    if answer.tells == "seen" and len(denied) == len(patterns):  # KMT2A::AFF1 on chromosomes, and by FISH no broken KMT2A
        return replace(answer, tells="cannot-tell", why="fish-differs", status="background")
    return answer


def _is_born_with(patterns: Sequence[Pattern]) -> bool:
    return any(form.born_with for pattern in patterns for form in pattern.forms)


def _denied(known: KaryotypeKnowledge, fact: str, fish: Mapping[str, Hybridized]) -> bool:
    """Whether FISH looked for it and did not find it."""
    told = {fish[pattern.id].tells for pattern in known.setting(fact) if pattern.id in fish}
    return told == {"not-seen"}


def _seen(known: KaryotypeKnowledge, fact: str, found: Sequence[Sighting]) -> Answer:
    by_id = {pattern.id: pattern for pattern in known.patterns}
    certain = [sighting for sighting in found if sighting.is_certain]
    plain = [sighting for sighting in certain if not sighting.doubt] or certain
    resting = [by_id[sighting.pattern] for sighting in plain or found]
    best = min(resting, key=lambda pattern: ("verified", "secondary", "background").index(pattern.status))
    items = tuple(dict.fromkeys(sighting.item for sighting in plain or found))
    if not plain:
        return Answer(fact, "cannot-tell", found[0].doubt, best.status, best.cites, items)
    own = plain[0].doubt in OWN_READING
    return Answer(fact, "seen", plain[0].doubt or "seen", "background" if own else best.status, best.cites, items)


def _not_seen(fact: str, patterns: Sequence[Pattern], looked: _Looked) -> Answer:
    """Nothing of it stands in the string: whether this test would have shown it."""
    cites = tuple(dict.fromkeys(cite for pattern in patterns for cite in pattern.cites))
    if looked.limits in _NOTHING_SEEN or looked.limits == "only-changes":
        return Answer(fact, "cannot-tell", looked.limits, "background", cites)
    hidden = next((pattern for pattern in patterns if pattern.karyotype != "visible"), None)
    if hidden:
        return Answer(fact, "cannot-tell", f"karyotype-{hidden.karyotype}", weakest([p.status for p in patterns]), cites)
    if looked.limits:
        return Answer(fact, "cannot-tell", looked.limits, "background", cites)
    if looked.no_leukemia:  # the leukemia cells may not have divided: real tests found the change in such children
        return Answer(fact, "cannot-tell", looked.no_leukemia, weakest([p.status for p in patterns]), cites)
    if looked.unlisted and any(form.gains for pattern in patterns for form in pattern.forms):
        return Answer(fact, "cannot-tell", "unlisted", "background", cites)
    return Answer(fact, "not-seen", "not-seen", "background", cites)


def _number_answer(known: KaryotypeKnowledge, number: ModalNumber | None, looked: _Looked) -> Answer:
    rule = known.number
    if number is None or looked.limits in _NOTHING_SEEN:
        why = looked.limits if looked.limits in _NOTHING_SEEN else "no-number"
        return Answer(NUMBER, "cannot-tell", why, "background", rule.cites)
    if looked.no_leukemia:
        says = known.normal if looked.no_leukemia == "normal-only" else known.from_birth
        return Answer(NUMBER, "cannot-tell", looked.limits or looked.no_leukemia, says.status, says.cites)
    if number.why == "marked-doubtful":
        return Answer(NUMBER, "cannot-tell", number.why, "background", rule.cites, (str(number),))
    status: Status = known.doubling.status if number.by_doubling else rule.status if number.why == "counted" else "background"
    cites = known.doubling.cites if number.by_doubling else rule.cites
    return Answer(NUMBER, "seen", number.why, status, cites, (str(number),))


def _fact(answer: Answer, number: ModalNumber | None, looked: _Looked, method: str) -> Fact:
    by = "fish" if answer.by_fish else method
    if answer.tells == "cannot-tell":
        return Fact(id=answer.fact, absent_reason="failed" if looked.limits == "failed" else "unknown", method=by)
    if answer.fact == NUMBER and number is not None:
        low, high = Decimal(number.low), Decimal(number.high)
        return Fact(id=NUMBER, low=low, high=high, method=by, as_given=str(number), learnt_status=answer.status)
    value = "yes" if answer.tells == "seen" else "no"
    return Fact(id=answer.fact, options=(value,), method=by, as_given=value, learnt_status=answer.status)


def _notes(
    known: KaryotypeKnowledge, groups: Sequence[Group], number: ModalNumber | None, looked: _Looked, seen: Sequence[Sighting],
    fish: Mapping[str, Hybridized],
) -> Iterator[Remark]:  # fmt: skip
    if looked.no_leukemia == "normal-only":
        yield Remark("karyotype-note-normal")
    if looked.no_leukemia == "may-be-from-birth":
        yield Remark("karyotype-note-from-birth")
    if looked.limits == "too-few-metaphases":
        yield Remark("karyotype-note-metaphases")
    if number and number.by_doubling:
        yield Remark(f"karyotype-note-{number.why}", {"count": str(number)})
    elif number and any(group.sets > _USUAL_SETS and not group.base and _may_be_doubled(known, group) for group in groups):
        yield Remark("karyotype-note-near-triploid", {"count": str(number)})
    for group in groups:
        if group.sets != _USUAL_SETS and not group.clone.same_as:
            yield Remark("karyotype-note-sets", {"group": str(group.place + 1), "sets": str(group.sets)})
    if any(sighting.doubt == "near-bands" for sighting in seen):
        yield Remark("karyotype-note-near-bands")
    if any(sighting.doubt == "too-few-cells" for sighting in seen):
        yield Remark("karyotype-note-clone")
    if any(change.kind == "unread" for group in groups for change in group.changes):
        yield Remark("karyotype-note-unread")
    by_id = {pattern.id: pattern for pattern in known.patterns}
    for name, result in fish.items():
        on_chromosomes = next((sighting for sighting in seen if sighting.pattern == name and sighting.is_certain), None)
        if result.tells == "not-seen" and on_chromosomes:
            values: dict[str, str | Text] = {"item": on_chromosomes.item, "fish": result.written, "name": by_id[name].name}
            yield Remark("karyotype-note-fish-differs", values)


def _may_be_doubled(known: KaryotypeKnowledge, group: Group) -> bool:
    number, limit = group.clone.number, known.doubling
    return number is not None and limit.at_least <= number.low and number.high <= (limit.at_most or 0)

"""Karyotypes in words, last of all: they add what nobody else said, and where they differ both sides are shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from remission.knowledge.model import Frozen, Library
from remission.record.facts import Fact
from remission.record.fhir.choosing import Anchors, Answer, Considered, placed
from remission.record.fhir.finding import Finding, Karyotype, Why, met, why, why_of
from remission.record.problems import InputProblem
from remission.record.remarks import Remark

_NUMBER = "chromosome_number"  # its window is that of every karyotype
_OUTSIDE = frozenset({"fhir-open-outside"})


class Told(Frozen, frozen=True):
    """What one karyotype added: answers, remarks; or why it was left."""

    answers: dict[str, Answer]
    remarks: tuple[Remark, ...] = ()
    left: Why | None = None


def tell(
    library: Library, karyotype: Karyotype, answers: Mapping[str, Answer], anchors: Anchors, names: Mapping[int, str],
    others: frozenset[str] = frozenset(),
) -> Told:  # fmt: skip
    """What follows from a karyotype beside the answers that are there already.

    `names` are those of the resources, `others` the facts that other karyotypes tell.
    """
    definition = library.facts[_NUMBER]
    takes = karyotype.takes or definition.takes
    looked = Finding(Fact(_NUMBER), karyotype.number, karyotype.text, karyotype.moment, takes, karyotype.timed)
    place, reason = placed(definition, looked, anchors)
    if place != "in":
        return Told({}, left=reason)
    from remission.record.karyotype.joining import joined  # only a record with a karyotype needs its reader

    facts = {answer.id: answer.fact for answer in answers.values() if answer.fact}
    try:
        places = {answer.id: ", ".join(names[number] for number in answer.numbers) for answer in answers.values()}
        new, remarks = joined(library, facts, places, karyotype.text, names[karyotype.number], others)
    except InputProblem as problem:
        return Told({}, left=why_of(problem))
    undecided = {answer.id for answer in answers.values() if not answer.fact and answer.rule.word not in _OUTSIDE}
    kept = {name: _answer(fact, looked, answers.get(name)) for name, fact in new.items() if name not in undecided}
    return Told(kept, remarks, None if kept else why("left-karyotype-nothing"))


def agreed(told: Sequence[Told]) -> dict[str, Answer]:
    """What several karyotypes say together, whichever comes first.

    Where one shows what another does not, the fact stays open; but FISH, written as a karyotype is, goes before chromosomes.
    """
    answers: dict[str, Answer] = {}
    for answer in (answer for one in told for answer in one.answers.values()):
        before = answers.get(answer.id)
        answers[answer.id] = _both(before, answer) if before else answer
    return answers


def differing(library: Library, agreed: Mapping[str, Answer], names: Mapping[int, str]) -> Iterator[Remark]:
    """A sentence for each fact that stays open because karyotypes do not say the same."""
    for answer in agreed.values():
        if answer.fact is None:
            *first, last = [names[seen.finding.number] for seen in answer.considered]
            yield Remark(
                "karyotype-two-differ", {"label": library.facts[answer.id].label, "place": ", ".join(first), "where": last}
            )


def _both(one: Answer, other: Answer) -> Answer:
    considered = (*one.considered, other.considered[-1])
    known = met(one.fact, other.fact) if one.fact and other.fact else None
    if known:
        return Answer(one.id, known, one.rule, considered)
    methods = {answer.fact.method: answer for answer in (one, other) if answer.fact}
    if len(methods) > 1 and "fish" in methods:
        winner = methods["fish"]
        taken = [seen.finding for seen in winner.considered if seen.left is None]
        left = why("left-karyotype-fish")
        return replace(winner, considered=tuple(c if c.left or c.finding in taken else replace(c, left=left) for c in considered))
    rule = why("open-agree")
    return Answer(one.id, None, rule, tuple(replace(seen, left=seen.left or rule) for seen in considered))


def _answer(fact: Fact, looked: Finding, before: Answer | None) -> Answer:
    """The answer from the karyotype, with whatever was looked at for it before."""
    considered = [replace(one, left=one.left or why("left-has-value")) for one in (before.considered if before else ())]
    return Answer(fact.id, fact, why("rule-karyotype"), (*considered, Considered(replace(looked, fact=fact))))

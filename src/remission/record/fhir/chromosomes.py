"""Karyotypes in words, last of all: they add what nobody else said, and where they differ both sides are shown."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from remission.knowledge.model import Frozen, Library
from remission.record.facts import Fact
from remission.record.fhir.choosing import Anchors, Answer, Considered, placed
from remission.record.fhir.finding import Finding, Karyotype, Why, why, why_of
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
    library: Library, karyotype: Karyotype, answers: Mapping[str, Answer], anchors: Anchors, names: Mapping[int, str]
) -> Told:  # fmt: skip
    """What follows from a karyotype beside the answers that are there already; `names` are those of the resources."""
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
        new, remarks = joined(library, facts, places, karyotype.text, names[karyotype.number])
    except InputProblem as problem:
        return Told({}, left=why_of(problem))
    undecided = {answer.id for answer in answers.values() if not answer.fact and answer.rule.word not in _OUTSIDE}
    kept = {name: _answer(fact, looked, answers.get(name)) for name, fact in new.items() if name not in undecided}
    return Told(kept, remarks, None if kept else why("left-karyotype-nothing"))


def _answer(fact: Fact, looked: Finding, before: Answer | None) -> Answer:
    """The answer from the karyotype, with whatever was looked at for it before."""
    considered = [replace(one, left=one.left or why("left-has-value")) for one in (before.considered if before else ())]
    return Answer(fact.id, fact, why("rule-karyotype"), (*considered, Considered(replace(looked, fact=fact))))

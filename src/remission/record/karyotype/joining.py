"""What a karyotype says, joined with what is known already. It never overrides anybody: where they differ, both are shown.

A FISH or molecular result goes before the karyotype, and so does whatever a person typed. Facts that hang together (the two
trisomies and the double trisomy; KMT2A and its partner) stand or fall together. Only the number of chromosomes is refused when it
is given twice with different values: that number comes from the karyotype itself, so one of the two is a slip.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from remission.knowledge.model import Cell, Contradiction, Library, Text
from remission.record.facts import Fact
from remission.record.karyotype.facts import NUMBER, Answer, KaryotypeFacts, facts_of
from remission.record.karyotype.reading import read_karyotype
from remission.record.problems import InputProblem
from remission.record.reading import absent_reason
from remission.record.remarks import Remark


def joined(
    library: Library, given: Mapping[str, Fact], places: Mapping[str, str], written: str, where: str,
    told_elsewhere: frozenset[str] = frozenset(),
) -> tuple[dict[str, Fact], tuple[Remark, ...]]:  # fmt: skip
    """The facts of a karyotype that may stand beside what is `given`, and what to say about it.

    Where what is given is from another karyotype and differs, the fact is given back as unknown.
    That it cannot tell a fact is not said where another karyotype does (`told_elsewhere`).
    Raises `InputProblem` when the string cannot be read, or gives another number of chromosomes than was typed.
    """
    if absent_reason(written) not in (None, "failed"):
        return {}, ()  # the result is pending or was not asked for: nothing follows
    try:
        read = read_karyotype(written)
    except InputProblem as problem:
        raise InputProblem("karyotype-in-place", where=where, problem=problem) from problem
    found = facts_of(library, read.karyotype)
    new = {fact.id: fact for fact in found.facts.values() if not fact.absent_reason and not _waits(fact, given.get(fact.id))}
    differing = [fact for fact in new.values() if _differ(fact, given.get(fact.id))]
    _refuse_two_numbers(library, differing, given, places, where)
    remarks = [_differs(library, found, fact, given[fact.id], places.get(fact.id, ""), where) for fact in differing]
    dropped = {other for fact in differing for other in _hanging_together(library, fact.id)}
    for rule in _broken(library, {**new, **given}, set(new) - set(given) - dropped):
        values = {cell.input: (given.get(cell.input) or new[cell.input]).as_given for cell in rule.when}
        remarks.append(Remark("karyotype-contradicts", {"where": where, "rule": _filled(rule.says, values)}))
        dropped |= {cell.input for cell in rule.when}
    kept = {name: fact for name, fact in new.items() if name not in dropped and (name not in given or given[name].absent_reason)}
    kept |= {fact.id: _left_open(given[fact.id]) for fact in differing if _by_karyotype(given[fact.id])}
    if read.repairs:
        remarks.append(Remark("karyotype-was-mended", {"where": where, "count": str(len(read.repairs))}))
    remarks += [Remark(problem.word, {key: str(value) for key, value in problem.values.items()}) for problem in read.problems]
    return kept, (*remarks, *found.notes, *_untold(library, found, {*given, *told_elsewhere}))


def _waits(fact: Fact, given: Fact | None) -> bool:
    """Whether somebody wrote down that a test is pending or was not done: "not seen on chromosomes" does not answer for it."""
    return given is not None and given.absent_reason is not None and fact.options == ("no",)


def _by_karyotype(given: Fact) -> bool:
    """Whether what was given is itself from a karyotype: then neither of the two goes before the other."""
    return given.method == "karyotype"


def _left_open(given: Fact) -> Fact:
    return Fact(id=given.id, absent_reason="unknown", method=given.method, as_given=given.as_given)


def _differ(fact: Fact, given: Fact | None) -> bool:
    """Whether both say something, and both cannot be right."""
    if given is None or given.absent_reason:
        return False
    if fact.options:
        return not set(fact.options) & set(given.options)
    low, high = fact.low or 0, fact.high or 0
    return (given.low is not None and given.low > high) or (given.high is not None and given.high < low)


def _refuse_two_numbers(
    library: Library, differing: list[Fact], given: Mapping[str, Fact], places: Mapping[str, str], where: str
) -> None:
    for fact in differing:
        if fact.id == NUMBER:
            label, first = library.facts[NUMBER].label, given[NUMBER].as_given
            raise InputProblem(
                "two-values", fact=NUMBER, label=label, first=first, first_place=places.get(NUMBER, ""), second=fact.as_given,
                second_place=where,
            )  # fmt: skip


def _answer(found: KaryotypeFacts, fact: str) -> Answer:
    return next(answer for answer in found.answers if answer.fact == fact)


def _differs(library: Library, found: KaryotypeFacts, fact: Fact, given: Fact, place: str, where: str) -> Remark:
    """Both sides of a difference: what was given and where, what the karyotype shows and in which item."""
    seen = fact.options != ("no",)
    method = f", {given.method}" if given.method else ""
    values: dict[str, str | Text] = {
        "label": library.facts[fact.id].label, "given": given.as_given, "place": f"{place}{method}", "where": where,
        "item": ", ".join(_answer(found, fact.id).items),
    }  # fmt: skip
    if _by_karyotype(given):
        return Remark("karyotype-two-differ", values)
    return Remark("karyotype-differs-seen" if seen else "karyotype-differs-not-seen", values)


def _hanging_together(library: Library, fact: str) -> set[str]:
    """The facts of which the supporting tables learn one from another, this one among them."""
    linked = [{scheme.narrows, *(cell.input for table in scheme.tables for row in table.rows for cell in row.when)}
              for scheme in library.schemes.values() if scheme.narrows]  # fmt: skip
    together, growing = {fact}, True
    while growing:
        more = set().union(*(link for link in linked if link & together))
        growing = not more <= together
        together |= more
    return together


def _broken(library: Library, facts: Mapping[str, Fact], new: set[str]) -> list[Contradiction]:
    """The known contradictions that would certainly hold, and in which a fact of the karyotype takes part."""
    concerned = [rule for rule in library.contradictions if new & {cell.input for cell in rule.when}]
    return [rule for rule in concerned if all(_certain(cell, facts.get(cell.input)) for cell in rule.when)]


def _certain(cell: Cell, fact: Fact | None) -> bool:
    """Whether the fact certainly meets the cell."""
    if fact is None or fact.absent_reason:
        return False
    if cell.options:
        return bool(fact.options) and set(fact.options) <= set(cell.options)
    if (cell.low is not None and fact.low is None) or (cell.high is not None and fact.high is None):
        return False
    above = cell.low is None or fact.low is None or fact.low > cell.low or (fact.low == cell.low and not cell.low_open)
    below = cell.high is None or fact.high is None or fact.high < cell.high or (fact.high == cell.high and not cell.high_open)
    return above and below


def _filled(text: Text, values: Mapping[str, str]) -> Text:
    return Text(text.en.format_map(values), text.es.format_map(values))


def _untold(library: Library, found: KaryotypeFacts, given: Container[str]) -> list[Remark]:
    """Facts nobody gave and the karyotype cannot tell, in one sentence of each language."""
    labels = [
        library.facts[answer.fact].label for answer in found.answers if answer.tells == "cannot-tell" and answer.fact not in given
    ]
    if not labels:
        return []
    listed = Text("; ".join(label.en for label in labels), "; ".join(label.es for label in labels))
    return [Remark("karyotype-cannot-tell", {"labels": listed})]

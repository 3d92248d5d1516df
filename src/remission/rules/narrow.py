"""Facts that follow from other facts, and facts that cannot both be right.

A blood count of blasts on day 8 says what the prednisone response was; cells in the spinal fluid say which CNS status. The
supporting tables that `narrow` a fact are asked until nothing new is learnt. What they leave is met with what was given; if
nothing is left of it, the record contradicts itself and both sides are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from remission.knowledge.model import Contradiction, FactDefinition, Library, Scheme, weakest
from remission.record.facts import Child, Fact
from remission.record.problems import InputProblem, InputProblems
from remission.rules.axes import condition
from remission.rules.program import Program, live_boxes


def narrowed(library: Library, programs: Mapping[str, Program], given: Child) -> dict[str, Fact]:
    """The child's facts with everything that follows from them.

    Raises `InputProblems` with one sentence for each contradiction.
    """
    problems = contradictions(library, given)
    if problems:
        raise InputProblems(problems)
    child = _with_tap_ratio(dict(given))
    narrowing = [scheme for scheme in library.schemes.values() if scheme.narrows]
    learning = True
    while learning:
        learning = False
        for scheme in narrowing:
            learnt = learn(library, programs[scheme.id], scheme, child)
            if learnt is not None:
                child[scheme.narrows] = learnt
                learning = True
    return child


def learn(library: Library, program: Program, scheme: Scheme, child: Mapping[str, Fact]) -> Fact | None:
    """What the supporting table adds to the fact it narrows, or None when that is nothing new."""
    inputs = [child[axis.fact] for axis in program.axes if axis.fact in child and not child[axis.fact].absent_reason]
    if not inputs:
        return None
    definition = library.facts[scheme.narrows]
    known = child.get(scheme.narrows)
    before = known.options if known and known.options else definition.choice_ids
    masks = [axis.mask_of(child.get(axis.fact)) for axis in program.axes]
    live = live_boxes(program.boxes, masks, program.axes)
    after = tuple(choice for choice in before if any(box.outcome == choice for box in live))
    if not after:
        raise InputProblems([_disagreement(library, scheme, known, inputs)])
    if after == before:
        return None
    sources = tuple(fact.id for fact in inputs)
    given = known.as_given if known and not known.absent_reason else ""
    status = weakest([box.status for box in live] + [fact.learnt_status for fact in inputs if fact.learnt_status])
    return Fact(id=scheme.narrows, options=after, as_given=given, learnt_from=sources, learnt_status=status)


def contradictions(library: Library, child: Mapping[str, Fact]) -> list[InputProblem]:
    """A problem for each known contradiction that certainly holds among the values given; a reason for absence is no value."""
    found = []
    for rule in library.contradictions:
        facts = rule.exceeds or tuple(cell.input for cell in rule.when)
        if all(fact in child and not child[fact].absent_reason for fact in facts) and _holds(library, rule, child):
            found.append(InputProblem(f"contradiction-{rule.id}", **{fact: child[fact].as_given for fact in facts}))
    return found


def _holds(library: Library, rule: Contradiction, child: Child) -> bool:
    if rule.exceeds:
        low, high = child[rule.exceeds[0]].low, child[rule.exceeds[1]].high
        return low is not None and high is not None and low > high
    spared = any(condition(cells, library.facts).answer(child) for cells in rule.unless)
    return condition(rule.when, library.facts).answer(child) is True and not spared


def _disagreement(library: Library, scheme: Scheme, known: Fact | None, inputs: list[Fact]) -> InputProblem:
    others = ", ".join(f"{fact.id} = {fact.as_given or '|'.join(fact.options)}" for fact in inputs)
    value = (known.as_given or "|".join(known.options)) if known else ""
    definition: FactDefinition = library.facts[scheme.narrows]
    return InputProblem(
        "facts-disagree", fact=definition.id, label=definition.label, value=value, others=others, table=scheme.short
    )


def _with_tap_ratio(child: dict[str, Fact]) -> dict[str, Fact]:
    """Adds the Steinherz-Bleyer comparison of a traumatic tap when all four cell counts are exact.

    Positive when CSF white cells / CSF red cells > 2 × (blood white cells / blood red cells), all in the same unit; a ratio of
    exactly 2 is left undefined by the source (Medscape 2019, CNS disease in pediatric ALL; shorter versions that drop the red
    cells are wrong).
    """
    names = ("csf_wbc", "csf_rbc", "wbc", "blood_rbc")
    numbers = [child[name].low for name in names if name in child and child[name].is_exact_number]
    if len(numbers) < len(names) or "steinherz_bleyer" in child:
        return child
    csf_white, csf_red, white, red = (number or Decimal(0) for number in numbers)
    if not csf_red or not red:
        return child
    in_fluid = csf_white * red * 1000  # blood red cells are counted in 10*12/L, white cells in 10*9/L
    in_blood = 2 * white * csf_red
    verdict = "positive" if in_fluid > in_blood else "negative" if in_fluid < in_blood else "at-limit"
    return child | {"steinherz_bleyer": Fact(id="steinherz_bleyer", options=(verdict,), learnt_from=names)}

"""One child under every published scheme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from remission.knowledge.ages import DAYS_PER_YEAR
from remission.knowledge.model import Frozen, Library
from remission.record.facts import Fact
from remission.record.remarks import Remark
from remission.rules.asked import chosen_schemes
from remission.rules.compiled import load_programs
from remission.rules.decision import Decision, FactorSheet
from remission.rules.explain import explain, explain_factors
from remission.rules.narrow import narrowed


class Assessment(Frozen, frozen=True):
    """What was given and what follows from it, what to say of where it comes from, and the answer of each scheme that was asked."""

    facts: dict[str, Fact]
    decisions: tuple[Decision, ...]
    factor_sheets: tuple[FactorSheet, ...]
    invented: bool = False
    remarks: tuple[Remark, ...] = ()


def assess_child(
    library: Library,
    given: dict[str, Fact],
    scheme_ids: Iterable[str] = (),
    invented: bool = False,
    remarks: tuple[Remark, ...] = (),
) -> Assessment:
    """Every scheme (or those named) explained for one child.

    Raises `InputProblem` for a scheme nobody knows, `InputProblems` for facts that contradict each other.
    """
    programs = load_programs()
    schemes = chosen_schemes(library, scheme_ids)
    facts = narrowed(library, programs, given)
    return Assessment(
        facts=facts,
        decisions=tuple(explain(library, programs, scheme, facts) for scheme in schemes if scheme.tables),
        factor_sheets=tuple(explain_factors(library, scheme, facts) for scheme in schemes if scheme.factors),
        invented=invented,
        remarks=remarks,
    )


class Ask(Frozen, frozen=True):
    """Something to ask back about a fact as it was given; `word` names the sentence."""

    fact: str
    word: str


def asks(library: Library, facts: Mapping[str, Fact]) -> list[Ask]:
    """What would make the given facts say more: the limit of an MRD test, the dates behind an age in days."""
    found = []
    for fact in facts.values():
        definition = library.facts[fact.id]
        if definition.kind == "mrd" and fact.low == 0 and fact.high == 100 and fact.result is None:
            found.append(Ask(fact.id, "limit-asked"))
        if definition.unit == "d" and fact.is_exact_number and fact.method != "dates" and _is_next_to_a_birthday(fact):
            found.append(Ask(fact.id, "age-seam"))
    return found


def _is_next_to_a_birthday(age: Fact) -> bool:
    """An age short of whole years by less than a day: by dates it may be the birthday itself."""
    return (age.low or Decimal(0)) % DAYS_PER_YEAR > DAYS_PER_YEAR - 1

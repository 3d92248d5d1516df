"""Every decision in `cases/` comes out as written there, and together the cases leave no row, limit or input untried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from conftest import ROOT
from remission.knowledge import plain_yaml
from remission.knowledge.model import Library
from remission.record.child import Entry, gather
from remission.record.facts import Fact, settles
from remission.rules.compiled import load_library, load_programs
from remission.rules.decision import Decision
from remission.rules.explain import explain
from remission.rules.narrow import narrowed
from remission.rules.program import Program

CASE_FILES = sorted((ROOT / "cases").glob("*.yaml"))
JUST_BELOW = Decimal("0.9")


def _cases_of(path: Any) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    content = plain_yaml.read(path)
    for case in content["cases"]:
        facts = {**content["base"], **case.get("change", {})}
        yield content["scheme"], {fact: value for fact, value in facts.items() if value is not None}, case


ALL_CASES = [pytest.param(*case, id=f"{case[0]}: {case[2]['name']}") for path in CASE_FILES for case in _cases_of(path)]


@cache
def _explained(scheme: str, facts: tuple[tuple[str, str], ...]) -> tuple[dict[str, Fact], Decision]:
    library, programs = load_library(), load_programs()
    given = gather(library, [Entry(fact, value, "case") for fact, value in facts])
    child = narrowed(library, programs, given)
    return child, explain(library, programs, library.schemes[scheme], child)


def explained(scheme: str, facts: dict[str, Any]) -> tuple[dict[str, Fact], Decision]:
    return _explained(scheme, tuple((fact, str(value)) for fact, value in facts.items()))


@pytest.mark.parametrize(("scheme", "facts", "case"), ALL_CASES)
def test_case(scheme: str, facts: dict[str, Any], case: dict[str, Any]) -> None:
    _, decision = explained(scheme, facts)
    expected = dict(case["expect"])
    assert expected, "a case that expects nothing compares nothing"
    compared: dict[str, Callable[[], Any]] = {
        "outcome": lambda: decision.outcome,
        "status": lambda: decision.status,
        "possible": lambda: sorted(decision.possible),
        "settled_by": lambda: sorted(sorted(facts) for facts in decision.settled_by),
        "verification": lambda: decision.verification,
    }
    effects = {missing.fact: missing.effect for missing in decision.missing}
    for key, value in expected.items():
        if key == "missing":
            assert {fact: effects.get(fact) for fact in value} == value
        elif key == "tables":
            assert {table: _outcome_of(decision, table) for table in value} == value
        elif key == "note":
            assert value in decision.notes
        else:
            want = sorted(value) if key == "possible" else sorted(sorted(v) for v in value) if key == "settled_by" else value
            assert compared[key]() == want, key


def _outcome_of(decision: Decision, table: str) -> str | None:
    """The outcome of a table on the way, when it is down to one."""
    outcomes = next(step.outcomes for step in decision.trace if step.table == table)
    return outcomes[0] if len(outcomes) == 1 else None


def _schemes_with_tables() -> list[str]:
    return [scheme.id for scheme in load_library().schemes.values() if scheme.tables]


def _facts_of_cases(scheme: str) -> list[dict[str, Any]]:
    found = [facts for path in CASE_FILES for name, facts, _ in _cases_of(path) if name == scheme]
    assert found, f"no case in cases/ proves {scheme}"
    return found


@pytest.mark.parametrize("scheme", _schemes_with_tables())
def test_every_row_is_hit_by_a_decided_case(scheme: str, library: Library, programs: dict[str, Program]) -> None:
    rows = {row for box in programs[scheme].boxes for row in box.rows if _belongs_to(library, scheme, row)}
    hit: set[str] = set()
    for facts in _facts_of_cases(scheme):
        _, decision = explained(scheme, facts)
        hit |= {step.row for step in decision.trace if step.answer == "holds"}
        hit |= set(decision.rows) if decision.status == "not-applicable" else set()
    assert rows, "no row was looked for"
    assert not rows - hit


def _belongs_to(library: Library, scheme: str, row: str) -> bool:
    table_id, _, name = row.rpartition("/")
    if name.startswith("without-"):  # one way for a checklist of "all" to fail; each item is one input, tried below
        return False
    return table_id in {table.id for table in library.schemes[scheme].tables}


@pytest.mark.parametrize("scheme", _schemes_with_tables())
def test_every_limit_has_a_case_on_it_and_just_below(scheme: str, programs: dict[str, Program]) -> None:
    untried = []
    for axis in programs[scheme].axes:
        given = [child[axis.fact] for facts in _facts_of_cases(scheme) if axis.fact in (child := explained(scheme, facts)[0])]
        for limit in axis.limits:
            if not any(fact.low == limit for fact in given):
                untried.append(f"{axis.fact} = {limit}")
            if limit and not any(_just_below(fact, limit) for fact in given):
                untried.append(f"{axis.fact} just below {limit}")
    assert not untried


def _just_below(fact: Fact, limit: Decimal) -> bool:
    if fact.high is None or fact.low is None:
        return False
    below = fact.high < limit or (fact.high_open and fact.high == limit)
    return below and fact.low >= limit * JUST_BELOW


@pytest.mark.parametrize("scheme", _schemes_with_tables())
def test_every_input_is_unknown_in_a_case_where_all_others_are_known(
    scheme: str, library: Library, programs: dict[str, Program]
) -> None:
    inputs = set(programs[scheme].facts)
    alone = set()
    for facts in _facts_of_cases(scheme):
        child, _ = explained(scheme, facts)
        unknown = {fact for fact in inputs if not _known_enough(library, programs[scheme], child.get(fact), fact)}
        alone |= unknown if len(unknown) == 1 else set()
    assert inputs
    assert not inputs - alone


def _known_enough(library: Library, program: Program, fact: Fact | None, fact_id: str) -> bool:
    """A value, exact or half known; or no result, where the scheme says what follows from that."""
    if fact is None or fact.absent_reason:
        says_what_follows = next(axis for axis in program.axes if axis.fact == fact_id).tells_no_result
        return says_what_follows and fact is not None and fact.has_no_result
    return library.facts[fact_id].kind != "choice" or settles(fact, library.facts[fact_id])

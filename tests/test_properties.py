"""What must hold for every scheme and every child: the two forms of the engine agree, and unknown stays unknown."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT
from remission.knowledge.model import Library
from remission.record.facts import Fact
from remission.record.problems import InputProblems
from remission.rules.build import build_programs
from remission.rules.compiled import load_library, load_programs
from remission.rules.decision import Decision
from remission.rules.describe import representative
from remission.rules.explain import explain
from remission.rules.narrow import narrowed
from remission.rules.program import Program
from small_schemes import FACTS, children, outcome_at, points, small_libraries

SCHEMES = [scheme.id for scheme in load_library().schemes.values() if scheme.tables]
PUBLISHED = [scheme.id for scheme in load_library().schemes.values() if scheme.kind == "scheme"]


def published_children(scheme: str) -> st.SearchStrategy[dict[str, Fact]]:
    """Children of whom each fact the scheme reads is unknown or has a value that the scheme can tell from others."""
    known: dict[str, st.SearchStrategy[Fact | None]] = {
        axis.fact: st.none() | st.sampled_from([representative(axis, atom) for atom in axis.possible_atoms])
        for axis in load_programs()[scheme].axes
    }
    return st.fixed_dictionaries(known).map(lambda child: {name: fact for name, fact in child.items() if fact is not None})


def answered(scheme: str, child: dict[str, Fact]) -> Decision | None:
    """The decision, or None for a child whose facts contradict each other."""
    library, programs = load_library(), load_programs()
    try:
        return explain(library, programs, library.schemes[scheme], narrowed(library, programs, child))
    except InputProblems:
        return None


def compiled(program: Program, child: dict[str, Fact]) -> set[str]:
    found = program.diagram.possible([axis.mask_of(child.get(axis.fact)) for axis in program.axes])
    return {outcome for number, outcome in enumerate(program.outcomes) if found >> number & 1}


@pytest.mark.parametrize("scheme", SCHEMES)
@given(data=st.data())
def test_both_forms_of_the_engine_agree(scheme: str, data: st.DataObject) -> None:
    library, programs = load_library(), load_programs()
    child = data.draw(published_children(scheme))
    assert compiled(programs[scheme], child) == set(explain(library, programs, library.schemes[scheme], child).possible)


@pytest.mark.parametrize("scheme", SCHEMES)
@given(data=st.data())
def test_learning_more_never_opens_an_outcome(scheme: str, data: st.DataObject) -> None:
    child = data.draw(published_children(scheme))
    kept = data.draw(st.sets(st.sampled_from(sorted(child)))) if child else set()
    more, less = answered(scheme, child), answered(scheme, {name: child[name] for name in kept})
    if more is not None and less is not None:
        assert set(more.possible) <= set(less.possible)


@pytest.mark.parametrize("scheme", PUBLISHED)
def test_knowing_nothing_decides_nothing(scheme: str) -> None:
    decision = answered(scheme, {})
    assert decision is not None
    assert decision.status == "data-required"
    assert decision.settled_by


@pytest.mark.parametrize("scheme", PUBLISHED)
@given(data=st.data())
def test_the_effect_of_a_missing_fact_is_what_giving_it_does(scheme: str, data: st.DataObject) -> None:
    """Each value is given through the front door, with everything that follows from it."""
    child = data.draw(published_children(scheme))
    decision = answered(scheme, child)
    if decision is None:
        return
    axes = {axis.fact: axis for axis in load_programs()[scheme].axes}
    before = set(decision.possible)
    for missing in decision.missing:
        if missing.fact not in axes or missing.fact in child:
            continue
        values = [representative(axes[missing.fact], atom) for atom in axes[missing.fact].possible_atoms]
        after = [set(left.possible) for value in values if (left := answered(scheme, child | {missing.fact: value}))]
        if all(left == before for left in after):
            assert missing.effect == "changes-nothing", missing.fact  # so too where no value could be right at all
        else:
            settling = all(len(left) == 1 for left in after)
            assert missing.effect == ("settles" if settling else "narrows"), missing.fact


@pytest.mark.parametrize("scheme", PUBLISHED)
@given(data=st.data())
def test_a_settling_set_settles_whatever_the_values(scheme: str, data: st.DataObject) -> None:
    child = data.draw(published_children(scheme))
    decision = answered(scheme, child)
    axes = {axis.fact: axis for axis in load_programs()[scheme].axes}
    if decision is None or not decision.settled_by:
        return
    facts = decision.settled_by[0]
    drawn = {
        fact: data.draw(st.sampled_from([representative(axes[fact], atom) for atom in axes[fact].possible_atoms])) for fact in facts
    }
    settled = answered(scheme, child | drawn)
    assert settled is None or len(settled.possible) == 1


@given(data=st.data())
def test_random_schemes_answer_as_their_rows_read_point_by_point(data: st.DataObject) -> None:
    library = data.draw(small_libraries())
    programs = build_programs(library)
    facts = tuple(fact for fact in FACTS if fact in programs["scheme"].facts)
    child = data.draw(children(facts))
    decision = explain(library, programs, library.schemes["scheme"], child)
    by_hand = {outcome_at(library, "scheme", point) for point in points(child, facts)}
    assert set(decision.possible) == by_hand == compiled(programs["scheme"], child)


@given(data=st.data())
def test_random_schemes_name_the_smallest_settling_set(data: st.DataObject) -> None:
    library = data.draw(small_libraries())
    programs = build_programs(library)
    facts = tuple(fact for fact in FACTS if fact in programs["scheme"].facts)
    child = data.draw(children(facts))
    decision = explain(library, programs, library.schemes["scheme"], child)
    smallest = _smallest_settling_sets(library, child, facts)
    assert [set(facts) for facts in decision.settled_by] == smallest


def _smallest_settling_sets(library: Library, child: dict[str, Fact], facts: tuple[str, ...]) -> list[set[str]]:
    """By brute force: the smallest sets of facts such that, once they are known, no other value matters."""
    outcomes = [(point, outcome_at(library, "scheme", point)) for point in points(child, facts)]
    for size in range(len(facts) + 1):
        found = [set(chosen) for chosen in combinations(facts, size) if _settles(chosen, outcomes)]
        if found:
            return found if size else []
    raise AssertionError("knowing everything must settle everything")


def _settles(chosen: tuple[str, ...], outcomes: list[tuple[Any, str]]) -> bool:
    first: dict[tuple[Any, ...], str] = {}
    return all(first.setdefault(tuple(point[fact] for fact in chosen), outcome) == outcome for point, outcome in outcomes)


def test_the_compiled_library_is_the_one_in_the_repository(library: Library) -> None:
    from remission.knowledge.read import read_library

    assert library.hash == read_library(ROOT / "knowledge").hash, "run `make library`"

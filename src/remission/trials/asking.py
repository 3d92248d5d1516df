"""What a family says of its child, as a search takes it: the age today, and the facts that sharpen it. Nothing is needed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from remission.knowledge.model import Library
from remission.record.child import entry_from_pair, gathered
from remission.record.facts import Fact
from remission.record.problems import InputProblem, InputProblems
from remission.record.reading import read_fact
from remission.trials.ages import Age, age_from_birth, age_from_span
from remission.trials.criteria import Asked, Comparison

_RELAPSED = frozenset({"isolated-marrow", "isolated-extramedullary", "combined"})


def asked_of(
    comparison: Comparison,
    library: Library,
    today: date,
    age: str | None = None,
    born: str | None = None,
    lineage: str | None = None,
    relapsed: str | None = None,
    treated: str | None = None,
    pairs: tuple[str, ...] = (),
) -> Asked:
    """Everything that was typed. Raises `InputProblem` or `InputProblems` with what cannot be read."""
    typed = {
        "lineage": ("--lineage", lineage),
        "disease_state": ("--relapsed", relapsed),
        "treatment_started": ("--treated", treated),
    }
    found: dict[str, Fact] = {}
    for name, (option, written) in typed.items():
        if written is not None:
            found[name] = _read(comparison, name, written, f"{option} {written}")
    return Asked(_age(age, born, today), facts_of(comparison, library, pairs) | found)


def facts_of(comparison: Comparison, library: Library, pairs: tuple[str, ...]) -> dict[str, Fact]:
    """The facts of `id=value` pairs: those of a search itself, and any of the library's own."""
    entries = [entry_from_pair(pair) for pair in pairs]
    own = {each.fact: _read(comparison, each.fact, each.written, each.where) for each in entries if _is_own(comparison, each.fact)}
    return from_record(gathered(library, [each for each in entries if each.fact not in own]).facts) | own


def from_record(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """The facts of a child's record that a search can use. A relapse that is on record says in which state the leukemia is; that
    none is on record says nothing."""
    used = {name: fact for name, fact in facts.items() if name in ("sex", "lineage", "bcr_abl1", "down_syndrome") and fact.options}
    site = facts.get("relapse_site")
    if site and site.options and set(site.options) <= _RELAPSED:
        used["disease_state"] = Fact(
            id="disease_state", options=("relapsed",), as_given=site.as_given, learnt_from=("relapse_site",)
        )
    return used


def _is_own(comparison: Comparison, name: str) -> bool:
    return name in ("disease_state", "treatment_started") and name in comparison.own


def _read(comparison: Comparison, name: str, written: str, where: str) -> Fact:
    try:
        return read_fact(comparison.library, name, written)
    except InputProblem as problem:
        raise InputProblems([InputProblem(problem.word, **(problem.values | {"where": where}))]) from problem


def _age(age: str | None, born: str | None, today: date) -> Age | None:
    if age is not None and born is not None:
        raise InputProblem("trials-age-twice")
    if born is not None:
        return age_from_birth(_day(born), today, f"--born {born}")
    return None if age is None else age_from_span(age, f"--age {age}")


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        raise InputProblem("date-unreadable", value=written, where="--born") from None

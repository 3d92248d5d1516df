"""A child compared with a record, criterion by criterion: met, not met, or a question for the team, each with its reason.

The comparison is decision tables (`knowledge/trials/criteria.yaml`), proved complete like every table of the library and run by the
same engine. This file only states how a record stands to the child; which verdict follows is written in the tables. What is not
known leaves both verdicts open, and then the answer is to ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Literal, cast

import msgspec

from remission.knowledge.decoding import msgpack_decoder
from remission.knowledge.model import FactDefinition, Frozen, Library, Scheme
from remission.knowledge.trials import AgeLimit, Criteria, Study
from remission.record.facts import Fact
from remission.rules.explain import explain
from remission.rules.program import Program, build_program
from remission.trials.ages import Age
from remission.trials.kinds import Disease

_Options = tuple[tuple[str, tuple[str, ...]], ...]  # facts and what each may be
Verdict = Literal["met", "not-met", "ask"]
_TREATED_BEFORE = frozenset({"relapsed", "refractory"})
TABLES = ("status", "age", "disease", "lineage", "state", "before", "ph", "down", "infant", "sex", "healthy", "place")

_STATUS = {
    "RECRUITING": "open", "NOT_YET_RECRUITING": "soon", "ENROLLING_BY_INVITATION": "invited", "AVAILABLE": "program",
    "SUSPENDED": "paused", "TEMPORARILY_NOT_AVAILABLE": "paused", "ACTIVE_NOT_RECRUITING": "closed", "COMPLETED": "closed",
    "TERMINATED": "closed", "WITHDRAWN": "closed", "NO_LONGER_AVAILABLE": "closed", "APPROVED_FOR_MARKETING": "closed",
}  # fmt: skip
_GROUPS = (("CHILD", 0, 18), ("ADULT", 18, 65), ("OLDER_ADULT", 65, 200))  # the registry's own: years from (included) to


class Criterion(Frozen, frozen=True):
    """One criterion as it stands: `why` names the words of the reason, `ask` the facts that would settle it."""

    id: str
    verdict: Verdict
    why: str
    ask: tuple[str, ...] = ()


class Asked(Frozen, frozen=True, dict=True):
    """What is known of the child, for a search: age today and the facts that sharpen it. Nothing of it is needed."""

    age: Age | None = None
    facts: Mapping[str, Fact] = msgspec.field(default_factory=dict)

    @cached_property
    def options(self) -> _Options:
        """The facts as the tables take them; one without a value is not known. A leukemia that came back or did not go away has
        been treated: that is what the words mean."""
        given = {name: fact.options for name, fact in self.facts.items() if fact.options}
        if _TREATED_BEFORE.issuperset(given.get("disease_state", ("first",))):
            given.setdefault("treatment_started", ("yes",))
        return tuple(sorted(given.items()))


class Comparison:
    """The tables, ready to be asked. Built once; each distinct combination of inputs is decided once."""

    def __init__(self, library: Library, criteria: Criteria):
        self.own = {fact.id: fact for fact in criteria.facts}
        schemes = {scheme.id: scheme for scheme in msgpack_decoder(list[Scheme]).decode(criteria.tables)}
        facts: dict[str, FactDefinition] = {name: library.facts[name] for name in criteria.takes} | self.own
        self.library = msgspec.structs.replace(library, facts=facts, schemes=schemes, contradictions=())
        self._decided: dict[tuple[str, _Options], Criterion | None] = {}
        self._answered: dict[tuple[tuple[tuple[str, str], ...], _Options], tuple[Criterion, ...]] = {}

    @cached_property
    def programs(self) -> dict[str, Program]:
        return {scheme.id: build_program(self.library, scheme) for scheme in self.library.schemes.values()}

    @cached_property
    def inputs(self) -> dict[str, tuple[str, ...]]:
        """The facts that each table reads."""
        schemes = self.library.schemes.values()
        return {s.id: tuple(dict.fromkeys(c.input for t in s.tables for row in t.rows for c in row.when)) for s in schemes}

    def criteria(self, said: Mapping[str, str], asked: Asked) -> tuple[Criterion, ...]:
        """Each criterion that has something to tell. `said` is how the record stands (see `said_of`)."""
        key = (tuple(said.items()), asked.options)
        if key not in self._answered:
            given = dict(asked.options) | {name: (value,) for name, value in said.items()}
            found = (self._decide(table, given) for table in TABLES)
            self._answered[key] = tuple(criterion for criterion in found if criterion)
        return self._answered[key]

    def _decide(self, table: str, given: Mapping[str, tuple[str, ...]]) -> Criterion | None:
        """One table. The same inputs are decided once."""
        inputs = tuple((name, given[name]) for name in self.inputs[table] if name in given)
        if (table, inputs) not in self._decided:
            self._decided[table, inputs] = self._asked(table, {name: Fact(id=name, options=options) for name, options in inputs})
        return self._decided[table, inputs]

    def _asked(self, table: str, facts: dict[str, Fact]) -> Criterion | None:
        decision = explain(self.library, self.programs, self.library.schemes[table], facts)
        possible = set(decision.possible)
        if not possible - {"silent"} or (table in _QUIET and "silent" in possible):
            return None
        if len(possible) > 1 or len(decision.rows) != 1:
            return Criterion(table, "ask", f"trial-why-{table}-unknown", tuple(n for n in self.inputs[table] if n not in facts))
        return Criterion(table, cast(Verdict, decision.outcome), f"trial-why-{decision.rows[0].replace('/', '-')}", ())


_QUIET = frozenset({"ph", "down", "infant", "healthy"})  # told only when something of the record or of the child speaks of it


def said_of(study: Study, disease: Disease, age: Age | None, place: str) -> dict[str, str]:
    """How a record stands to a child: the inputs of the tables, those left out that the child's age cannot tell."""
    return {
        "study_status": _STATUS.get(study.status, "not-said"),
        "study_sex": {"ALL": "all", "FEMALE": "female", "MALE": "male"}.get(study.sex, "not-said"),
        "study_disease": disease.disease,
        "study_lineage": disease.lineage,
        "study_state": disease.state,
        "study_ph": disease.ph,
        "study_down": disease.down,
        "study_infant": disease.infant,
        "study_healthy": study.healthy_volunteers or "not-said",
        "study_place": place,
    } | dict(_ages(study.minimum_age, study.maximum_age, study.age_groups, age))


@lru_cache(maxsize=1024)
def _ages(low: AgeLimit, high: AgeLimit, groups: tuple[str, ...], age: Age | None) -> tuple[tuple[str, str], ...]:
    """How the limits stand to the age. Many studies share theirs, so an answer is remembered."""
    not_stated = {"none": "no-limit", "unknown": "not-said"}
    reached = None if age is None else age.has_reached(low)
    passed = None if age is None else age.has_passed(high)
    within = None if age is None else _is_within(groups, age)
    told = (
        ("age_minimum", not_stated.get(low.state) or _told(reached, "reached", "not-reached")),
        ("age_maximum", not_stated.get(high.state) or _told(passed, "passed", "not-passed")),
        ("age_group", _told(within, "within", "outside") if groups else "not-said"),
    )
    return tuple((name, value) for name, value in told if value)


def _told(answer: bool | None, yes: str, no: str) -> str:
    """One of two words; empty when the age does not tell."""
    return "" if answer is None else yes if answer else no


def _is_within(groups: tuple[str, ...], age: Age) -> bool | None:
    """Whether the registry's groups take this age; None when the age may lie in one that is taken and in one that is not."""
    answers = set()
    for group, low, high in _GROUPS:
        begins, ends = age.is_past_years(Decimal(low)), age.is_past_years(Decimal(high))
        if begins is False or ends is True:
            continue
        answers.add(group in groups)
    return answers.pop() if len(answers) == 1 else None

"""Invented children for tests of the report: tables `children` and `decided` as a run would leave them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from one_by_one import OneByOne
from remission.cohort.columns import CHILD, OUTCOMES, Column, Value, columns_of, values_of
from remission.cohort.engines import DuckEngine
from remission.cohort.reporting import ReportInput
from remission.knowledge.model import Library
from remission.record.facts import Fact
from remission.record.problems import InputProblems
from remission.record.reading import read_fact
from remission.rules.compiled import load_programs

FACTS = (
    "age_days", "sex", "down_syndrome", "lineage", "testicular", "wbc", "cns", "etv6_runx1", "double_trisomy",
    "kmt2a_rearranged", "bcr_abl1", "mrd_day8_blood", "marrow_day8",
    "marrow_eoi", "mrd_eoi", "prednisone_response", "chromosome_number",
    "dna_index", "iamp21",
)  # fmt: skip
SCHEMES = ("nci-rome", "pdq-patient-2024", "cog-08b1", "ukall-2003", "icicle-14", "relapse-cog")
Outcomes = dict[str, Value]


def invented_child(library: Library, chance: Random) -> dict[str, Fact]:
    """One invented child; some results are not recorded, one in ten lies below a limit."""
    age, wbc = chance.choice([chance.uniform(1, 10), chance.uniform(0.3, 18)]), 10 ** chance.uniform(0, 2.6)
    said = {
        "age_days": f"{int(age * 365.25)} d",
        "sex": chance.choice(["female", "male"]),
        "lineage": "t" if chance.random() < 0.15 else "b",
        "wbc": f"{wbc:.1f} 10*9/L" if chance.random() < 0.95 else "< 50 10*9/L",
        "cns": chance.choices(["cns1", "cns2a", "cns2", "cns3b"], [85, 6, 5, 4])[0],
        "down_syndrome": "yes" if chance.random() < 0.03 else "no",
        "testicular": "no",
        "etv6_runx1": "yes" if chance.random() < 0.22 else "no",
        "double_trisomy": "yes" if chance.random() < 0.2 else "no",
        "kmt2a_rearranged": "yes" if chance.random() < 0.03 else "no",
        "bcr_abl1": "yes" if chance.random() < 0.03 else "no",
        "iamp21": "yes" if chance.random() < 0.02 else "no",
        "mrd_day8_blood": chance.choice(["0.005 %", "0.5 %", "2 %"]),
        "marrow_day8": chance.choice(["m1", "m2", "m3"]),
        "marrow_eoi": chance.choices(["m1", "m2", "m3"], [95, 3, 2])[0],
        "mrd_eoi": chance.choices(["negative", "0.004 %", "0.05 %", "0.5 %", "3 %"], [45, 25, 15, 10, 5])[0],
        "prednisone_response": chance.choices(["good", "poor"], [9, 1])[0],
        "chromosome_number": chance.choice(["46", "46", "47", "55", "43"]),
        "dna_index": chance.choice(["1", "1", "1.02", "1.2"]),
    }
    missing = {fact for fact in said if chance.random() < (0.02 if fact in ("age_days", "sex") else 0.12)}
    facts = {fact: read_fact(library, fact, text) for fact, text in said.items() if fact not in missing}
    for fact in missing:
        if chance.random() < 0.2:
            facts[fact] = Fact(fact, absent_reason="not-done")
    return facts


def invented_outcome(chance: Random, is_high: bool) -> Outcomes:
    """What happened; two in a hundred are not recorded or cannot be."""
    follow = chance.uniform(200, 3600)
    days = {event: chance.expovariate(rate * (2.5 if is_high else 1)) for event, rate in
            (("relapse", 4e-5), ("death", 1e-5), ("second-cancer", 3e-6), ("other", 5e-7))}  # fmt: skip
    event, on = min(days.items(), key=lambda item: item[1])
    if chance.random() < 0.01:
        event, on = "induction-failure", 29.0
    died_after = on + (0 if event == "death" else chance.expovariate(1 / 900))
    if on > follow:
        found: Outcomes = {
            "first_event": "none",
            "first_event_days": float(int(follow)),
            "died": False,
            "death_days": float(int(follow)),
        }
    else:
        died = died_after <= max(follow, on)
        found = {
            "first_event": event,
            "first_event_days": float(int(on)),
            "died": died,
            "death_days": float(int(died_after if died else max(follow, on))),
        }
    if chance.random() < 0.02:
        gone: list[Outcomes] = [{"first_event": None}, {"first_event_days": None, "death_days": None}, {"first_event_days": -3.0}]
        found |= chance.choice([*gone, {"died": None}])
    found["entered_days"] = 40.0 if chance.random() < 0.05 else None
    return found


def tables(engine: DuckEngine, library: Library, children: Sequence[tuple[dict[str, Fact], Outcomes]],
           schemes: Sequence[str] = SCHEMES, facts: Sequence[str] = FACTS, **more: Sequence[Value]) -> None:  # fmt: skip
    """Fills `children` and `decided` by the one-child engine. `more` are columns of the source."""
    definitions = [library.facts[fact] for fact in facts]
    columns = [
        Column(CHILD, "VARCHAR"),
        *(c for d in definitions for c in columns_of(d)),
        *OUTCOMES,
        *(Column(name, "VARCHAR") for name in more),
    ]
    rows = [
        (f"child-{number}", *(value for d in definitions for value in values_of(d, child.get(d.id))),
         *(outcome.get(c.name) for c in OUTCOMES),
         *(values[number] for values in more.values()))
        for number, (child, outcome) in enumerate(children)
    ]  # fmt: skip
    engine.put("children", columns, rows)
    names = [name for scheme in schemes for name in _names(scheme)]
    answers = [(f"child-{number}", *_answers(library, child, schemes)) for number, (child, _) in enumerate(children)]
    engine.put("decided", [Column(CHILD, "VARCHAR"), *(Column(name, "VARCHAR") for name in names)], answers)


def _names(scheme: str) -> tuple[str, ...]:
    name = scheme.replace("-", "_")
    return name, f"{name}_status", f"{name}_possible", f"{name}_missing"


def _answers(library: Library, child: dict[str, Fact], schemes: Sequence[str]) -> list[Any]:
    programs = load_programs()
    try:
        found = {answer.scheme: answer for answer in OneByOne(library, programs, schemes).answers("", child)}
    except InputProblems:
        return [cell for _ in schemes for cell in (None, "contradiction", "", "")]
    return [
        cell for scheme in schemes for answer in [found[scheme]]
        for cell in (answer.outcome or None, answer.status, ";".join(answer.possible), ";".join(answer.missing))
    ]  # fmt: skip


def invented_cohort(engine: DuckEngine, library: Library, number: int, seed: int = 1) -> None:
    """So many invented children, always the same ones, with what a registry might say of each."""
    chance = Random(seed)  # noqa: S311 - no secret
    children = []
    for _ in range(number):
        child = invented_child(library, chance)
        age = child.get("age_days")
        children.append((child, invented_outcome(chance, bool(age and age.low and age.low > 3652))))
    tables(engine, library, children)


def about(**more: Any) -> ReportInput:
    found: dict[str, Any] = {
        "source": "invented.csv", "software": "remission 0", "library_version": "2026-11-21", "library_hash": "0" * 64,
        "engine": "DuckDB",
        "schemes": SCHEMES, "facts": FACTS, "records": 0, "invented": True,
    }  # fmt: skip
    return ReportInput(**(found | more))


def engine(folder: Path) -> DuckEngine:
    return DuckEngine(folder, memory="600MB", threads=1)

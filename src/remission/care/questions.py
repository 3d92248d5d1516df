"""Which fact to ask for next: the one whose answer would tell most, under the schemes that are still open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from remission.care.risk import Assessment
from remission.knowledge.model import Library

FIRST = ("age_days", "wbc", "lineage")  # what every team knows on the first day, and most schemes begin with
_WEIGHT = {"settles": 5.0, "narrows": 3.0, "changes-nothing": 0.0}


def next_question(library: Library, assessment: Assessment, asked: Collection[str]) -> str | None:
    """The next fact worth asking for, or None when nothing that is left could change an answer.

    `asked` holds the facts that were answered or left open. Relapse is asked about only once something was said of one.
    """
    first = next((fact for fact in FIRST if fact not in asked and fact not in assessment.facts), None)
    if first:
        return first
    worth = {fact: score for fact, score in _worth(library, assessment).items() if fact not in asked}
    return max(library.facts, key=lambda fact: worth.get(fact, 0.0)) if any(worth.values()) else None


def _worth(library: Library, assessment: Assessment) -> dict[str, float]:
    worth: dict[str, float] = defaultdict(float)
    relapsed = "relapse_site" in assessment.facts
    for decision in assessment.decisions:
        if decision.status != "data-required" or (library.schemes[decision.scheme].phase == "relapse" and not relapsed):
            continue
        for missing in decision.missing:
            worth[missing.fact] += _WEIGHT[missing.effect] + (1.0 if missing.matters_with_others else 0.0)
        for facts in decision.settled_by:
            for fact in facts:
                worth[fact] += 1 / len(facts)
    return worth

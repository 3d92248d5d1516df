"""One child's assessment as JSON for programs. The shape is described by `explain.schema.json`, which ships beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from remission.care.risk import Assessment, asks
from remission.documents.wording import Wording
from remission.knowledge.model import Citation, FactDefinition, Lang, Library
from remission.record.facts import Fact
from remission.rules.decision import Decision, FactorSheet
from remission.rules.explain import note_called

SCHEMA_FILE = Path(__file__).with_name("explain.schema.json")


def answer_json(library: Library, assessment: Assessment, lang: Lang, trace: bool = False) -> str:
    """The assessment as indented JSON. With `trace`, every decision carries every row of every table."""
    answer: dict[str, Any] = {
        "knowledge": {"version": library.version, "hash": library.hash},
        "notice": library.words["notice"].in_(lang),
    }
    if assessment.invented:
        answer["invented"] = library.words["invented"].in_(lang)
    answer["facts"] = {fact.id: fact_json(library.facts[fact.id], fact) for fact in assessment.facts.values()}
    words = Wording(library, lang)
    answer["asks"] = [
        {"fact": ask.fact, "text": words.ask(ask, assessment.facts[ask.fact])} for ask in asks(library, assessment.facts)
    ]
    if assessment.remarks:
        answer["remarks"] = [remark.sentence(library.words, lang) for remark in assessment.remarks]
    answer["decisions"] = [_decision(library, decision, lang, trace) for decision in assessment.decisions]
    answer["factor_sheets"] = [_sheet(library, sheet, lang) for sheet in assessment.factor_sheets]
    encoded = msgspec.json.Encoder(decimal_format="number").encode(answer)
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def fact_json(definition: FactDefinition, fact: Fact) -> dict[str, Any]:
    """A fact in its own unit: `value`, or `low`/`high` with the ends said, or `any_of`, or `absent_reason`."""
    told: dict[str, Any] = {}
    if fact.absent_reason:
        told["absent_reason"] = fact.absent_reason
    elif definition.kind == "choice":
        told |= {"value": fact.options[0]} if len(fact.options) == 1 else {"any_of": list(fact.options)}
    elif fact.is_exact_number:
        told["value"] = fact.low
    else:
        told |= {"low": fact.low, "low_included": not fact.low_open, "high": fact.high, "high_included": not fact.high_open}
    if definition.unit and not fact.absent_reason:
        told["unit"] = definition.unit
    for key in ("result", "limit", "method", "as_given"):
        if getattr(fact, key):
            told[key] = getattr(fact, key)
    if fact.learnt_from:
        told["learnt_from"] = list(fact.learnt_from)
    return told


def _decision(library: Library, decision: Decision, lang: Lang, trace: bool) -> dict[str, Any]:
    scheme = library.schemes[decision.scheme]
    notes = [(note_id, note_called(library, scheme, note_id)) for note_id in decision.notes]
    told: dict[str, Any] = {
        "scheme": decision.scheme,
        "title": scheme.title.in_(lang),
        "status": decision.status,
        "outcome": decision.outcome,
        "possible": list(decision.possible),
        "missing": [_without_empty(msgspec.to_builtins(missing)) for missing in decision.missing],
        "settled_by": [list(facts) for facts in decision.settled_by],
        "verification": decision.verification,
        "rows": list(decision.rows),
        "cites": [_cite(library, cite) for cite in decision.cites],
        "notes": [{"id": note_id, "text": note.text.in_(lang), "status": note.status} for note_id, note in notes],
    }
    if trace:
        told["trace"] = [msgspec.to_builtins(step) for step in decision.trace]
    return told


def _without_empty(missing: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in missing.items() if value not in ("", False)}


def _cite(library: Library, cite: Citation) -> dict[str, Any]:
    source = library.sources[cite.source]
    return {"source": cite.source, "locator": cite.locator, "title": source.title, "year": source.year, "address": source.address}


def _sheet(library: Library, sheet: FactorSheet, lang: Lang) -> dict[str, Any]:
    scheme = library.schemes[sheet.scheme]
    holds = {answer.factor: answer.holds for answer in sheet.factors}
    return {
        "scheme": sheet.scheme,
        "title": scheme.title.in_(lang),
        "factors": [{"id": f.id, "holds": holds[f.id], "says": f.says.in_(lang), "status": f.status} for f in scheme.factors],
        "verification": sheet.verification,
        "cites": [_cite(library, cite) for cite in sheet.cites],
    }

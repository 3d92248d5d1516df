"""The check of the code maps: every code was seen in a source, every fact and answer exists."""

from __future__ import annotations

from collections.abc import Iterator

from remission.knowledge.check import texts_of, wrong_with_texts
from remission.knowledge.codes import CodedAnswer, CodedIllness, CodedResult, CodeMap
from remission.knowledge.model import ABSENT_REASONS, Code, Library

LISTS = ("variant", "gene", "change", "origin", "iscn", "germline", "karyotyping", "rearrangement")
_DATES = ("asserted", "onset", "recorded")


def check_codes(maps: dict[str, CodeMap], library: Library) -> list[str]:
    """All problems of the shipped code maps, as sentences."""
    problems = list(wrong_with_texts(text for code_map in maps.values() for text in texts_of(code_map, f"mapping {code_map.id}")))
    for code_map in maps.values():
        wrong = [*_unseen(code_map, library), *wrong_with(code_map, library)]
        wrong += [f"the list {name} is missing." for name in LISTS if name not in code_map.lists]
        problems += [f"mapping {code_map.id}: {problem}" for problem in wrong]
    return problems


def wrong_with(code_map: CodeMap, library: Library) -> Iterator[str]:
    """What a shipped map and a hospital's own may both get wrong."""
    named = {result.fact for result in code_map.results if result.fact} | {fusion.fact for fusion in code_map.fusions}
    named |= {fact for illness in code_map.illnesses for fact in illness.facts} | set(code_map.not_ruled_out_by_karyotype)
    yield from (f"“{fact}” is no fact." for fact in sorted(named) if fact not in library.facts)
    for result in code_map.results:
        if bool(result.fact) == bool(result.reads):
            yield f"the result {result.code} must name either a fact or what is read from it."
    reasons = sorted(set(code_map.absent.values()) - set(ABSENT_REASONS))
    yield from (f"“{reason}” is no reason for absence. Use one of {', '.join(ABSENT_REASONS)}." for reason in reasons)
    dates = {*code_map.diagnosis_dates, *code_map.diagnosis_latest} - set(_DATES)
    yield from (f"“{name}” is no date of a condition. Use one of {', '.join(_DATES)}." for name in sorted(dates))
    genes = {gene for fusion in code_map.fusions for gene in fusion.genes} - set(code_map.genes)
    yield from (f"the gene {gene} of a fusion has no line under genes." for gene in sorted(genes))


def _unseen(code_map: CodeMap, library: Library) -> Iterator[str]:
    """Codes that name no source, and terminologies without an address."""
    coded: list[CodedResult | CodedAnswer | CodedIllness | Code] = [*code_map.results, *code_map.answers, *code_map.illnesses]
    coded += code_map.treatment.medicines if code_map.treatment else ()
    coded += [code for codes in code_map.lists.values() for code in codes.codes]
    for code in coded:
        if code.source not in library.sources:
            yield f"the code {code.code} cites “{code.source}”, which is no source. Say where it was seen."
        if code.system not in code_map.systems:
            yield f"the terminology {code.system} has no address under systems."
    unseen = [symbol for symbol, gene in code_map.genes.items() if gene.source not in library.sources]
    yield from (f"the gene {symbol} cites no source." for symbol in unseen)
    yield from (f"the terminology {code.system} of the fact {name} has no address." for name, code in _strange(code_map, library))


def _strange(code_map: CodeMap, library: Library) -> Iterator[tuple[str, Code]]:
    for fact in library.facts.values():
        yield from ((fact.id, code) for code in fact.codes if code.system not in code_map.systems)

"""Genes: variant results as mCODE writes them (which genes, what kind of change, in whose cells), and karyotypes in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from remission.knowledge.codes import CodedResult, Fusion
from remission.record.facts import Fact
from remission.record.fhir.finding import Finding, Karyotype, Reading, Unread, Why, why
from remission.record.fhir.meanings import Meanings
from remission.record.fhir.moments import Moment
from remission.record.fhir.shapes import Concept, Observation, Valued
from remission.record.fhir.values import told_of, value_of

# A modal number (perhaps a range, perhaps a ploidy mark), a comma, sex chromosomes; or what an in situ test begins with.
_KARYOTYPE = re.compile(
    r"\s*(?:(?:karyotype|cariotipo)\s*:?\s*)?(?:\d{2,3}(?:\s*[-~]\s*\d{2,3})?\s*(?:<\d?n[+-]?>)?\s*,\s*[XYUI?]|(?:nuc\s+)?ish[\s(])",
    re.IGNORECASE,
)
_BETWEEN_GENES = re.compile(r"::|[-/,;\s]+")
_LONGEST = 5_000


def is_karyotype(valued: Valued) -> bool:
    """Whether words begin as a karyotype does. What they say is for the karyotype reader to find out."""
    text = _words(valued)
    return bool(text) and _KARYOTYPE.match(text) is not None


def _words(valued: Valued) -> str:
    """A value in words, whole: a karyotype that was cut short would still read as one, and as another."""
    concept = valued.value_codeable_concept
    if concept is None:
        return valued.value_string or ""
    return concept.text or next((coding.display or coding.code for coding in concept.coding if coding.display or coding.code), "")


def says_none(meanings: Meanings, seen: Observation) -> bool:
    """Whether a result is negative: what its components name was looked for, and not found."""
    yes_or_no = meanings.library.facts[meanings.fusions[0].fact]
    try:
        return value_of(meanings, yes_or_no, seen, CodedResult(system="", code="")).options == ("no",)
    except Unread:
        return False


def read_karyotype(
    meanings: Meanings, number: int, seen: Observation, moment: Moment | None, valued: Valued, result: CodedResult
) -> Reading:
    """A karyotype in words, unless it is one of healthy cells."""
    if _from_germline(meanings, seen):
        return Reading(left=(why("left-germline"),))
    return Reading(karyotypes=(Karyotype(number, _words(valued)[:_LONGEST], moment, result.takes, result.timed),))


def read_variant(meanings: Meanings, number: int, seen: Observation, moment: Moment | None) -> Reading:
    """A genetic variant assessment: the facts that a finding in its genes answers, and a karyotype among its components."""
    if _from_germline(meanings, seen):
        return Reading(left=(why("left-germline"),))
    texts = [_words(part)[:_LONGEST] for part in _components(meanings, seen, "iscn")]
    karyotypes = tuple(Karyotype(number, text, moment) for text in texts)
    genes = _genes(meanings, seen)
    if karyotypes and not genes:
        return Reading(karyotypes=karyotypes)
    reading = _of_genes(meanings, number, seen, moment, genes)
    return Reading(reading.findings, reading.left, karyotypes)


def _of_genes(meanings: Meanings, number: int, seen: Observation, moment: Moment | None, genes: frozenset[str]) -> Reading:
    findings, left = [], []
    for fusion in meanings.fusions:
        if not genes.issuperset(fusion.genes):
            continue
        definition = meanings.library.facts[fusion.fact]
        try:
            stated = value_of(meanings, definition, seen, CodedResult(system="", code=""), seen.status)
            _refuse_other_change(meanings, seen, fusion, genes, stated)
            refuse_no_from_karyotype(meanings, stated, seen.method)
        except Unread as unread:
            left.append(unread.why)
            continue
        told = f"{'::'.join(sorted(genes))}: {told_of(seen)}"
        remark = remark_on(meanings, stated, seen.method)
        fact = replace(stated, as_given=told)
        findings.append(Finding(fact, number, told, moment, definition.takes, remark=remark))
    if findings:
        return Reading(tuple(findings))
    return Reading(left=tuple(left[:1]) or (why("left-genes", genes=", ".join(sorted(genes)) or "—"),))


def _refuse_other_change(meanings: Meanings, seen: Observation, fusion: Fusion, genes: frozenset[str], stated: Fact) -> None:
    """Raises `Unread` unless the finding is about the genes' rearrangement.

    A kind of change that is none (a single letter) speaks of something else. Of one gene alone it must be said to be one; and
    that one gene is not joined with a certain other does not say that it is not broken.
    """
    changes = [part.value_codeable_concept for part in _components(meanings, seen, "change")]
    rearranged = any(meanings.is_in("rearrangement", change) for change in changes)
    if changes and not rearranged:
        raise Unread(why("left-change", genes="::".join(sorted(genes))))
    if len(fusion.genes) > 1:
        return
    alone = len(genes) == 1
    if (alone and not rearranged) or (not alone and stated.options == ("no",)):
        raise Unread(why("left-change-unsaid", genes="::".join(sorted(genes))))


def refuse_no_from_karyotype(meanings: Meanings, fact: Fact, method: Concept | None) -> None:
    """Raises `Unread` for a “no” that a look at the chromosomes cannot give."""
    if fact.options == ("no",) and fact.id in meanings.by_karyotype_never_no and meanings.is_in("karyotyping", method):
        raise Unread(why("left-karyotype-no", label=meanings.library.facts[fact.id].label))


def remark_on(meanings: Meanings, fact: Fact, method: Concept | None) -> Why | None:
    """A “yes” by a method that seldom shows it is taken, and pointed at."""
    seldom = fact.options == ("yes",) and fact.id in meanings.by_karyotype_never_no and meanings.is_in("karyotyping", method)
    return why("remark-karyotype-yes", label=meanings.library.facts[fact.id].label) if seldom else None


def _from_germline(meanings: Meanings, seen: Observation) -> bool:
    """Whether the test was about the genes that the child was born with."""
    return any(meanings.is_in("germline", part.value_codeable_concept) for part in _components(meanings, seen, "origin"))


def _components(meanings: Meanings, seen: Observation, name: str) -> Iterator[Valued]:
    return (part for part in seen.component if meanings.has_code(name, part.code))


def _genes(meanings: Meanings, seen: Observation) -> frozenset[str]:
    """The known genes that a variant result names: by their numbers, or by their symbols in any spelling of capitals."""
    concepts = (part.value_codeable_concept for part in _components(meanings, seen, "gene"))
    names = {name for concept in concepts if concept for name in _gene_names(concept)}
    return frozenset(meanings.genes[name] for name in names if name in meanings.genes)


def _gene_names(concept: Concept) -> Iterator[str]:
    for coding in concept.coding:
        code = coding.code.strip().upper()
        yield code if not code.isdecimal() else f"HGNC:{code}"
        yield from _BETWEEN_GENES.split(coding.display.strip().upper())
    yield from _BETWEEN_GENES.split(concept.text.strip().upper())

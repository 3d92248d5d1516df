"""The editor's gate: what the shapes alone cannot refuse. Every problem names the place and the remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from string import Formatter
from typing import Any

import msgspec

from remission.knowledge.check_mapping import check_mappings
from remission.knowledge.karyotype import karyotypes_of, wrong_with_karyotypes
from remission.knowledge.model import Cell, Citation, Code, DecisionTable, FactDefinition, Frozen, Library, Scheme, Text
from remission.knowledge.problems import KnowledgeError

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ENGLISH = re.compile(r"\b(?:the|and|of|with|for|your|when|what|from|which|this|that|are|you)\b", re.IGNORECASE)


def check_library(library: Library, today: date | None = None) -> list[str]:
    """All problems of the library, as sentences. With `today`, overdue reviews count too.

    Raises `KnowledgeError` when there was nothing to check.
    """
    if not library.schemes or not library.facts or not library.sources:
        raise KnowledgeError("knowledge", "there is nothing to check.", "Look whether the folder is the right one.")
    problems = [*wrong_with_texts(texts_of(library)), *_sources(library), *_citations(library), *_facts(library)]
    problems += _karyotypes(library)
    for scheme in library.schemes.values():
        problems += [f"{scheme.id}: the code of {o.id} cites no source." for o in scheme.outcomes if _unseen(library, o.code)]
        problems += _scheme(library, scheme)
        if today and scheme.review.is_overdue(today):
            problems.append(
                f"scheme {scheme.id}: its review was due on {scheme.review.next_review}. Review it and set the next date."
            )
    return problems


def wrong_with_texts(texts: Iterable[tuple[str, Text]]) -> Iterator[str]:
    """Whether both languages are there, name the same placeholders, and carry the same numbers."""
    for where, text in texts:
        if not text.en.strip() or not text.es.strip():
            yield f"{where}: one language is empty. Write both."
        if _fields(text.en) != _fields(text.es):
            yield f"{where}: the placeholders differ between the languages. Use the same ones in both."
        if sorted(_NUMBER.findall(text.en)) != sorted(_NUMBER.findall(text.es)):
            yield f"{where}: the numbers differ between “{text.en}” and “{text.es}”. Make them equal."


def texts_of(thing: Any, where: str = "knowledge") -> Iterator[tuple[str, Text]]:
    """Every bilingual text below an object of the library, with the path to it."""
    if isinstance(thing, Text):
        yield where, thing
    elif isinstance(thing, Frozen):
        for field in msgspec.structs.fields(thing):
            yield from texts_of(getattr(thing, field.name), f"{where}.{field.name}")
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from texts_of(value, f"{where} {key}")
    elif isinstance(thing, tuple):
        for value in thing:
            yield from texts_of(value, f"{where} {getattr(value, 'id', '')}".rstrip())


def wrong_with_cites(library: Library, where: str, cites: Iterable[Citation]) -> Iterator[str]:
    for cite in cites:
        if cite.source not in library.sources:
            yield f"{where}: cites “{cite.source}”, which is no source. Add it to knowledge/sources/ or mend the id."


def english_in(spanish: str, titles: Iterable[str]) -> list[str]:
    """The English words of a Spanish sentence, titles that stay in English aside; each once."""
    listed = "|".join(re.escape(title) for title in sorted(titles, key=len, reverse=True)) or "(?!)"
    return list(dict.fromkeys(_ENGLISH.findall(re.sub(listed, "", spanish))))


def _fields(text: str) -> set[str | None]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def _sources(library: Library) -> Iterator[str]:
    for source in library.sources.values():
        if source.licence not in library.licences:
            yield f"{source.id}: “{source.licence}” is no licence of knowledge/licences.yaml. Add it there or say unknown."
        if source.year is None and not source.undated:
            yield f"{source.id}: has no year. Give it, or say `undated: true`."


def _citations(library: Library) -> Iterator[str]:
    for where, cites in _cited(library):
        if not cites:
            yield f"{where}: cites nothing. Say where it is written."
        yield from wrong_with_cites(library, where, cites)


def _cited(library: Library) -> Iterator[tuple[str, tuple[Citation, ...]]]:
    for scheme in library.schemes.values():
        yield from ((f"{table.id}/{row.id}", row.cites) for table in scheme.tables for row in table.rows)
        yield from ((f"{scheme.id}/{factor.id}", factor.cites) for factor in scheme.factors)
        yield from ((f"{scheme.id}/{note.id}", note.cites) for note in scheme.notes)
        for domain in scheme.applies:
            yield f"{scheme.id}, applies", domain.cites


def _facts(library: Library) -> Iterator[str]:
    for fact in library.facts.values():
        if fact.kind == "choice" and not fact.choices:
            yield f"fact {fact.id}: has no choices."
        if fact.kind != "choice" and fact.units not in library.units:
            yield f"fact {fact.id}: “{fact.units}” is no unit family. Add it to knowledge/facts/units.yaml."
        coded = [choice.code for choice in fact.choices] + [group.code for group in fact.groups]
        for code in [*fact.codes, *(code for code in coded if code)]:
            if code.source not in library.sources:
                yield f"fact {fact.id}: the code {code.code} cites “{code.source}”, which is no source. Say where it was seen."
        yield from _takes(library, fact)
        for group in fact.groups:
            if set(group.of) - set(fact.choice_ids):
                yield f"fact {fact.id}: the group {group.id} names a choice that does not exist."
    yield from check_mappings(library)
    for rule in library.contradictions:
        yield from _only_facts(library, f"contradiction {rule.id}", rule.when)
        if len({library.facts[fact].unit if fact in library.facts else fact for fact in rule.exceeds}) > 1:
            yield f"contradiction {rule.id}: {' and '.join(rule.exceeds)} are not two numbers in the same unit."


def _unseen(library: Library, code: Code | None) -> bool:
    return code is not None and code.source not in library.sources


def _takes(library: Library, fact: FactDefinition) -> Iterator[str]:
    """Which of several results counts must be possible for this kind of fact, and say where it comes from."""
    takes = fact.takes
    if takes is None:
        return
    yield from wrong_with_cites(library, f"fact {fact.id}, takes", takes.cites)
    if takes.first_day > takes.last_day:
        yield f"fact {fact.id}: takes results from {takes.from_} to {takes.to}, which runs backwards."
    if fact.kind == "choice" and takes.which in ("highest", "lowest"):
        yield f"fact {fact.id}: a choice has no {takes.which} result. Say first, last or agree."
    if takes.status != "background" and not takes.cites:
        yield f"fact {fact.id}: takes is marked {takes.status} but cites nothing. Cite it, or mark it background."
    if takes.status == "background" and takes.note is None:
        yield f"fact {fact.id}: which result is taken is our own reading. Say so in takes.note."


def _karyotypes(library: Library) -> Iterator[str]:
    if not library.karyotypes:
        return
    known = karyotypes_of(library)
    yield from wrong_with_texts(texts_of(known, "karyotype"))
    yield from wrong_with_karyotypes(known, library.facts)
    for pattern in known.patterns:
        yield from wrong_with_cites(library, f"karyotype pattern {pattern.id}", pattern.cites)
    stated = (known.clone, known.metaphases, known.normal, known.doubling, known.near_bands, known.from_birth, known.number)
    for statement in stated:
        yield from wrong_with_cites(library, "karyotype", statement.cites)


def _scheme(library: Library, scheme: Scheme) -> Iterator[str]:
    for domain in scheme.applies:
        yield from _only_facts(library, f"{scheme.id}, applies", domain.when)
    for note in scheme.notes:
        yield from _only_facts(library, f"{scheme.id}/{note.id}", note.when)
    for factor in scheme.factors:
        yield from _only_facts(library, f"{scheme.id}/{factor.id}", factor.when)
    if scheme.kind == "factor-sheet":
        return
    if scheme.id not in {table.id for table in scheme.tables}:
        yield f"scheme {scheme.id}: no table is called {scheme.id}, so nothing decides."
    if scheme.narrows and scheme.narrows not in library.facts:
        yield f"scheme {scheme.id}: narrows “{scheme.narrows}”, which is no fact."
    elif scheme.narrows:
        choices = library.facts[scheme.narrows].choice_ids
        yield from (f"scheme {scheme.id}: {o.id} is no choice of {scheme.narrows}." for o in scheme.outcomes if o.id not in choices)
    if all(row.status == "background" for table in scheme.tables for row in table.rows) and scheme.kind == "scheme":
        yield f"scheme {scheme.id}: every row is background. Such a scheme is not shipped."
    for table in scheme.tables:
        yield from _table(library, table)


def _table(library: Library, table: DecisionTable) -> Iterator[str]:
    ids = [row.id for row in table.rows]
    yield from (f"{table.id}: two rows are called {row}." for row in sorted({row for row in ids if ids.count(row) > 1}))
    tables = {other.id: other for each in library.schemes.values() for other in each.tables}
    for row in table.rows:
        for cell in row.when:
            if cell.input in library.facts:
                continue
            if cell.input not in tables:
                yield f"{table.id}/{row.id}: “{cell.input}” is neither a fact nor a table."
            elif extra := set(cell.options) - set(tables[cell.input].outcomes):
                yield f"{table.id}/{row.id}: the table {cell.input} has no outcome {', '.join(sorted(extra))}."


def _only_facts(library: Library, where: str, cells: Iterable[Cell]) -> Iterator[str]:
    yield from (f"{where}: “{cell.input}” is no fact." for cell in cells if cell.input not in library.facts)

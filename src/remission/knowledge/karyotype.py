"""What a pattern in a karyotype says: `knowledge/karyotype/patterns.yaml` as frozen objects, and the check of them.

A pattern is a row of a table a cytogeneticist can read: how it stands in the string, which fact follows, and what it means when it
is not there. The last is the harder half: some changes cannot be seen on chromosomes at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

import msgspec

from remission.knowledge.decoding import msgpack_decoder
from remission.knowledge.model import Citation, FactDefinition, Frozen, Library, Status, Text

Visible = Literal["visible", "partly", "cryptic", "never"]

_BREAK = re.compile(r"(?:\d{1,2}|[XY])(?:[pq]\d{1,2}(?:\.\d{1,2})?)?")
_CHROMOSOME = re.compile(r"\d{1,2}|[XY]")


class Numbers(Frozen, frozen=True):
    """How many, the ends included; None: no limit on that side."""

    at_least: int | None = None
    at_most: int | None = None


class Form(Frozen, frozen=True):
    """One way in which a pattern stands in the string. Everything stated must hold in one and the same group of cells.

    `change` are ISCN's words for it, `at` the breakpoints (chromosome and band; those of `exactly` may not be a band off), `gene`
    what an `amp` names; `gains` whole chromosomes gained; `born_with` those that the child was born with. A form that `suggests`
    needs another test to confirm it. `keeps` is the chromosome whose derivative keeps the fusion: the other half alone suggests it.
    """

    change: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    exactly: tuple[str, ...] = ()
    keeps: str = ""
    gene: tuple[str, ...] = ()
    gains: tuple[str, ...] = ()
    born_with: tuple[str, ...] = ()
    chromosomes: Numbers | None = None
    abnormalities: Numbers | None = None
    suggests: bool = False


class Probes(Frozen, frozen=True):
    """How a FISH result written into the string shows it: two genes `joined`, one gene `split`, or `copies` of one.

    Each gene is a list of its names, the present one first.
    """

    joined: tuple[tuple[str, ...], ...] = ()
    split: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    at_least: int = 0


class Pattern(Frozen, frozen=True):
    """A row of the table: `karyotype` says whether a look at the chromosomes of leukemia cells shows it."""

    id: str
    row: int
    name: Text
    iscn: tuple[str, ...]
    lineage: tuple[Literal["b", "t", "mixed"], ...]
    karyotype: Visible
    status: Status
    cites: tuple[Citation, ...] = ()
    forms: tuple[Form, ...] = ()
    fish: Probes | None = None
    sets: dict[str, str] = msgspec.field(default_factory=dict)
    note: Text | None = None


class Statement(Frozen, frozen=True):
    """Something that holds for every karyotype, with its source."""

    text: Text
    status: Status
    cites: tuple[Citation, ...] = ()


class CellsNeeded(Statement, frozen=True, kw_only=True):
    """In how many cells a change must be seen to count."""

    gain: int
    structural: int
    loss: int


class Limit(Statement, frozen=True, kw_only=True):
    """A number with its source."""

    at_least: int
    at_most: int | None = None


class FromBirth(Statement, frozen=True, kw_only=True):
    """What children are often born with. Where it is all that was seen, in every cell, these may be no cells of the leukemia."""

    forms: tuple[Form, ...]


class KaryotypeKnowledge(Frozen, frozen=True):
    """All that is known about reading facts from a karyotype."""

    patterns: tuple[Pattern, ...]
    from_birth: FromBirth
    clone: CellsNeeded
    metaphases: Limit
    normal: Statement
    doubling: Limit
    near_bands: Statement
    number: Statement

    def setting(self, fact_id: str) -> tuple[Pattern, ...]:
        """The patterns from which this fact follows."""
        return tuple(pattern for pattern in self.patterns if fact_id in pattern.sets)


def karyotypes_of(library: Library) -> KaryotypeKnowledge:
    """What the library knows about karyotypes. It is kept packed, so that only those who ask for it pay for it."""
    return _unpacked(library.karyotypes)


@lru_cache(maxsize=4)
def _unpacked(packed: bytes) -> KaryotypeKnowledge:
    return msgpack_decoder(KaryotypeKnowledge).decode(packed)


def wrong_with_karyotypes(knowledge: KaryotypeKnowledge, facts: dict[str, FactDefinition]) -> Iterator[str]:
    """What the shapes alone cannot refuse: ids twice, facts and choices that do not exist, breakpoints that are none."""
    ids = [pattern.id for pattern in knowledge.patterns]
    yield from (f"karyotype patterns: two are called {name}." for name in sorted({name for name in ids if ids.count(name) > 1}))
    for pattern in knowledge.patterns:
        where = f"karyotype pattern {pattern.id}"
        if pattern.status != "background" and not pattern.cites:
            yield f"{where}: cites nothing. Say where it is written, or that it is background."
        if (pattern.karyotype == "never") == bool(pattern.forms):
            yield f"{where}: a pattern that a karyotype can show has forms, and one that it never shows has none."
        for fact, choice in pattern.sets.items():
            if fact not in facts or choice not in facts[fact].choice_ids:
                yield f"{where}: {fact} = {choice} is no fact with that choice."
        yield from (f"{where}: {problem}" for form in pattern.forms for problem in _wrong_with_form(form))
    yield from (
        f"karyotype patterns, from_birth: {wrong}" for form in knowledge.from_birth.forms for wrong in _wrong_with_form(form)
    )


def _wrong_with_form(form: Form) -> Iterator[str]:
    stated = [form.change, form.gains, form.born_with, form.chromosomes, form.abnormalities]
    if sum(bool(part) for part in stated) != 1:
        yield "a form states one of change, gains, born_with, chromosomes and abnormalities."
    if bool(form.change) != bool(form.at or form.gene):
        yield "a form with a change says at which breakpoints (or of which gene)."
    yield from (f"“{place}” is no breakpoint; write 12p13." for place in form.at if not _BREAK.fullmatch(place))
    yield from (f"{place} is in `exactly` and not in `at`." for place in form.exactly if place not in form.at)
    if form.keeps and not any(re.split("[pq]", place)[0] == form.keeps for place in form.at):
        yield f"keeps: no breakpoint of the form is on chromosome {form.keeps}."
    yield from (f"“{name}” is no chromosome." for name in (*form.gains, *form.born_with) if not _CHROMOSOME.fullmatch(name))

"""How the codes of a FHIR record become facts: `knowledge/mappings/`, and a hospital's own file of the same shape.

The shapes follow `docs/knowledge-format.md`. They are compiled into a file of their own, which only a FHIR record opens.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from remission.knowledge.model import Code, Days, Frozen, Status, Takes, Text


class CodedResult(Frozen, frozen=True):
    """What a result with this code answers: a fact, or what is `read` from it: a karyotype, a risk group that somebody
    states, or nothing, because such a result may mean two things (`unclear`).

    `timed`: the code itself says when the sample was taken, so no window is asked for; otherwise `takes`, or the fact's own.
    `unit`, `method` and `limit` hold where the result does not say them. `answers` spells out local answers.
    """

    system: str
    code: str
    fact: str = ""
    reads: Literal["", "karyotype", "group", "unclear"] = ""
    timed: bool = False
    takes: Takes | None = None
    unit: str = ""
    method: str = ""
    limit: str = ""
    answers: dict[str, str] = msgspec.field(default_factory=dict)
    display: str = ""
    source: str = ""


class CodedAnswer(Frozen, frozen=True):
    """A coded value that means the same in every result; `says` is how a person would write it (yes, no, negative, failed)."""

    system: str
    code: str
    says: str
    display: str = ""
    source: str = ""


class CodedIllness(Frozen, frozen=True):
    """What a confirmed condition with this code says. `leukemia`: it is the ALL itself, so that its date is the diagnosis.

    `since`: whether its date is that of the first diagnosis, or only the latest day on which that can have been.
    """

    system: str
    code: str
    facts: dict[str, str] = msgspec.field(default_factory=dict)
    leukemia: bool = False
    since: Literal["diagnosis", "at-the-latest"] = "diagnosis"
    display: str = ""
    source: str = ""


class Gene(Frozen, frozen=True):
    """Other names of a gene: its HGNC number, and symbols that it had before."""

    names: tuple[str, ...]
    source: str = ""


class Fusion(Frozen, frozen=True):
    """A fact that a finding in all of these genes answers; a single gene counts only where the finding is a rearrangement."""

    fact: str
    genes: tuple[str, ...]


class CodeList(Frozen, frozen=True):
    """Codes that mean one thing, and where they were seen."""

    codes: tuple[Code, ...]
    note: Text | None = None


class Treatment(Frozen, frozen=True):
    """By which medicines the start of treatment is known, and how many days after the diagnosis it can be at most."""

    within: Days
    medicines: tuple[Code, ...]
    status: Status
    note: Text


class CodeMap(Frozen, frozen=True):
    """How a FHIR record's codes become facts. A hospital's own file has the same shape and adds to the shipped one.

    `systems` gives each terminology its addresses. `diagnosis_dates` are the dates of a condition in the order in which they
    count; those of `diagnosis_latest` only say that the diagnosis was no later.
    """

    id: str
    title: Text | None = None
    systems: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    results: tuple[CodedResult, ...] = ()
    answers: tuple[CodedAnswer, ...] = ()
    illnesses: tuple[CodedIllness, ...] = ()
    absent: dict[str, str] = msgspec.field(default_factory=dict)
    genes: dict[str, Gene] = msgspec.field(default_factory=dict)
    fusions: tuple[Fusion, ...] = ()
    lists: dict[str, CodeList] = msgspec.field(default_factory=dict)
    not_ruled_out_by_karyotype: tuple[str, ...] = ()
    diagnosis_dates: tuple[str, ...] = ()
    diagnosis_latest: tuple[str, ...] = ()
    treatment: Treatment | None = None

"""What the steps of one reading share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from remission.cohort.fhir.dictionary import Dictionary
from remission.cohort.fhir.exports import CONDITION, MEDICINES, OBSERVATION, PATIENT, Export
from remission.cohort.fhir.looking import Whom
from remission.cohort.fhir.tables import Tables
from remission.cohort.loaded import Reject
from remission.record.fhir.meanings import Meanings

if TYPE_CHECKING:
    from remission.cohort.engines import DuckEngine

Progress = Callable[[int, int], None]  # bytes read, bytes in all
LARGE = 4_000_000_000  # a file of this size is worth a copy of what was found in it, to go on from after an interruption
KINDS = {"patients": (PATIENT,), "conditions": (CONDITION,), "doses": MEDICINES, "found": (OBSERVATION,)}
ABOUT_CHILDREN = ("conditions", "found", "doses")  # the tables of resources that name their child


class Run:
    """One reading of one export: where it is kept, what its words mean, and what was noticed on the way."""

    def __init__(
        self, engine: DuckEngine, meanings: Meanings, export: Export, work: Path, progress: Progress, large: int
    ):  # fmt: skip
        self.tables = Tables(engine)
        self.meanings, self.export, self.work = meanings, export, work
        self.progress, self.large = progress, large
        self.dictionary = Dictionary(meanings)
        self.counters: Counter[str] = Counter()
        self.rejects: list[Reject] = []
        self.whom = Whom()

    def reject(self, word: str, rejects: list[Reject]) -> None:
        """Notes what was not read, and counts it under one word."""
        self.rejects += rejects
        self.counters[word] += len(rejects)

    def mark_ids(self, ids: set[str]) -> None:
        """The one-child reader is to read these Patients."""
        if ids:
            self.tables.put("told", {"id": "VARCHAR"}, [(one,) for one in sorted(ids)])
            self.tables.run("INSERT INTO fhir_marks SELECT child FROM fhir_persons JOIN fhir_told USING (id)")

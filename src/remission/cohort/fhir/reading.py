"""A folder of NDJSON files to the children table: the passes, the distinct texts, the choice, and what is said of it all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from remission.cohort.columns import CHILD, columns_of
from remission.cohort.fhir.deciding import Deciding
from remission.cohort.fhir.exports import find_export
from remission.cohort.fhir.gathering import Gathering
from remission.cohort.fhir.run import LARGE, Progress, Run
from remission.cohort.fhir.texts import Texts
from remission.cohort.loaded import Loaded, write_rejects
from remission.knowledge.model import Lang
from remission.record.fhir.meanings import Meanings
from remission.record.problems import InputProblem

if TYPE_CHECKING:
    from remission.cohort.engines import DuckEngine

CHILDREN = "children"
_LINES = frozenset({"cohort-fhir-not-text", "cohort-fhir-deep", "cohort-fhir-line-malformed", "cohort-fhir-no-resource"})


def read_export(
    engine: DuckEngine, meanings: Meanings, folder: Path, *, work: Path, progress: Progress | None = None, lang: Lang = "en",
    large: int = LARGE,
) -> Loaded:  # fmt: skip
    """Fills the table `children` from the NDJSON files of a folder. `work` keeps what is needed to go on after an interruption.

    Raises `InputProblem` when the folder holds no export. What cannot be read of it is told in what comes back.
    """
    work.mkdir(parents=True, exist_ok=True)
    run = Run(engine, meanings, find_export(folder), work, progress or _silent, large)
    try:
        gathering = Gathering(run)
        gathering.gather()
        texts = Texts(run)
        texts.read()
        Deciding(run, texts, gathering.marked).decide()
        facts = _children(run)
        gathering.remove_stale()
        return _loaded(run, gathering.records, facts, lang)
    finally:
        run.tables.drop_all()


def _silent(done: int, total: int) -> None:
    """No progress is told."""


def _children(run: Run) -> tuple[str, ...]:
    """One row a child, with the columns of every fact that something is known of."""
    numbers = sorted(run.tables.column("SELECT DISTINCT fact FROM fhir_known"))
    facts = [run.meanings.library.facts[run.dictionary.facts[number]] for number in numbers]
    shown, joins = [], []
    for number, definition in zip(numbers, facts, strict=True):
        joins.append(f" LEFT JOIN fhir_known k{number} ON k{number}.child = p.child AND k{number}.fact = {number}")
        for column in columns_of(definition):
            part = column.name.removeprefix(definition.id).removeprefix("_") or "bits"
            value = f"k{number}.{part}"
            shown.append(f'{f"coalesce({value}, false)" if column.type == "BOOLEAN" else value} AS "{column.name}"')
    run.tables.run(f"""
        CREATE OR REPLACE TABLE {CHILDREN} AS SELECT p.id AS {CHILD}{"".join(f", {one}" for one in shown)}
        FROM fhir_persons p{"".join(joins)}""")
    return tuple(definition.id for definition in facts)


def _loaded(run: Run, records: int, facts: tuple[str, ...], lang: Lang) -> Loaded:
    persons = _counted(run)
    rejects = run.work / "rejects.csv"
    rejects.unlink(missing_ok=True)
    if run.rejects:
        write_rejects(rejects, ((one, one.problem.sentence(run.meanings.library.words, lang)) for one in run.rejects))
    return Loaded(
        children=CHILDREN,
        source=run.export.folder.name,
        format="fhir",
        records=records + len([one for one in run.rejects if one.problem.word in _LINES]),
        persons=persons,
        rejected=len(run.rejects),
        facts=facts,
        counters={word: number for word, number in sorted(run.counters.items()) if number},
        rejects=rejects if run.rejects else None,
        notes=tuple(_notes(run)),
    )


def _counted(run: Run) -> int:
    """How many children there are. What was noticed about them is counted as well."""
    persons, invented, diagnosed, no_id, patients = run.tables.row("""
        SELECT (SELECT count(*) FROM fhir_persons), (SELECT count_if(invented) FROM fhir_persons),
            (SELECT count(*) FROM fhir_diagnoses), count_if(coalesce(id, '') = ''), count_if(id <> '')
        FROM fhir_patients WHERE type IS NULL""")
    run.counters["cohort-fhir-invented"] += invented
    run.counters["cohort-fhir-no-diagnosis"] += persons - diagnosed
    run.counters["cohort-fhir-no-id"] += no_id
    run.counters["cohort-fhir-same-patient"] += patients - persons
    return int(persons)


def _notes(run: Run) -> Iterator[InputProblem]:
    if run.export.others:
        yield InputProblem("cohort-fhir-other-files", files=", ".join(run.export.others))


__all__ = ["CHILDREN", "LARGE", "Progress", "read_export"]

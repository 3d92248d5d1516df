"""`remission facts-from`, and `remission explain` for a FHIR record."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from remission.cli.options import coloured, lang_option
from remission.knowledge.model import Frozen, Lang, Library
from remission.record.child import KARYOTYPE, ChildFile, Gathered, gather
from remission.record.facts import Fact
from remission.record.problems import InputProblem, InputProblems
from remission.record.remarks import Remark
from remission.rules.compiled import load_codes, load_library

if TYPE_CHECKING:  # a FHIR record is seldom what is given; the reader is loaded when one is
    from remission.care.risk import Assessment
    from remission.record.fhir.reader import FhirRecord


def patient_option(command: click.decorators.FC) -> click.decorators.FC:
    return click.option("--patient", default="", help="FHIR: which child is meant, by id, where the record has several.")(command)


def mapping_option(command: click.decorators.FC) -> click.decorators.FC:
    return click.option("--mapping", help="FHIR: your hospital's own codes, a YAML file. See docs/knowledge-format.md.")(command)


@click.command("facts-from", short_help="What a FHIR record says, and what was left unread.")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@patient_option
@mapping_option
@click.option("--born", default="", help="Date of birth, instead of the record's own: 2020-03-01, 2020-03 or 2020.")
@click.option("--diagnosed", default="", help="Date of diagnosis, instead of the record's own.")
@click.option("--report", is_flag=True, help="Everything: every result looked at, and why the others were not used.")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs; with --report the account of every resource.")
@lang_option
def facts_from(
    file: Path, patient: str, mapping: str | None, born: str, diagnosed: str, report: bool, as_json: bool, lang: Lang
) -> None:  # fmt: skip
    """Read the facts of one child from a FHIR R4 record, and say what became of every resource.

    FILE is a Bundle or one resource in JSON, or a folder with the NDJSON files of an export.

    \b
      remission facts-from bundle.json --report
      remission facts-from export/ --patient 1234 --mapping our-codes.yaml --json
    """
    from remission.documents.fhir_report import report_json, report_text

    library = load_library()
    record = read(library, file, patient, mapping, born, diagnosed)
    if as_json:
        return click.echo(report_json(library, record, file.name, lang, report), nl=False)
    return click.echo(report_text(library, record, file.name, lang, report, coloured), nl=False)


def read(library: Library, file: Path, patient: str, mapping: str | None, born: str, diagnosed: str) -> FhirRecord:
    """The record of the child that is meant. Raises `InputProblem`."""
    from remission.record.fhir.files import open_fhir
    from remission.record.fhir.meanings import find_meanings
    from remission.record.fhir.reader import Given, read_record

    if not is_fhir(file):
        raise InputProblem("fhir-not-fhir", file=file.name)
    meanings = find_meanings(library, load_codes(), mapping)
    return read_record(meanings, open_fhir(file), patient, Given(born, diagnosed))


def with_typed(library: Library, record: FhirRecord, file: str, child: ChildFile) -> Gathered:
    """The record's facts and those that were typed beside it.

    What was typed fills in what the record leaves open or absent; typed as absent, it sets the record's value aside. A
    karyotype overrides nothing. Raises `InputProblems` where both say a value, and differ.
    """
    facts, places = record.facts, dict.fromkeys(record.facts, file)
    where = {entry.fact: entry.where for entry in child.entries}
    typed = gather(library, [entry for entry in child.entries if entry.fact != KARYOTYPE])
    both = [(facts[name], fact) for name, fact in typed.items() if name in facts]
    problems = [
        InputProblem(
            "fhir-two-values", fact=fact.id, label=library.facts[fact.id].label, first=read.as_given, first_place=file,
            second=fact.as_given, second_place=where[fact.id],
        )
        for read, fact in both
        if not (fact.absent_reason or read.absent_reason or fact.means_the_same_as(read))
    ]  # fmt: skip
    if problems:
        raise InputProblems(problems)
    return _with_karyotypes(library, facts | typed, places | where, child, record.remarks)


def _with_karyotypes(
    library: Library, facts: dict[str, Fact], places: dict[str, str], child: ChildFile, said_already: tuple[Remark, ...]
) -> Gathered:  # fmt: skip
    remarks = list(said_already)
    for entry in child.entries:
        if entry.fact == KARYOTYPE:
            from remission.record.karyotype.joining import joined

            more, said = joined(library, facts, places, entry.written, entry.where)
            facts, places, remarks = facts | more, places | dict.fromkeys(more, entry.where), [*remarks, *said]
    return Gathered(facts, tuple(remarks))


class FhirAsked(Frozen, frozen=True):
    """What was asked of a FHIR record: which child, by whose codes, dates that count before its own, in which form to answer."""

    patient: str
    mapping: str | None
    born: str
    diagnosed: str
    form: str  # "text", "json" or "fhir"


def is_fhir(file: Path) -> bool:
    """Whether a file or a folder holds FHIR, by its content."""
    if not file.is_dir() and file.suffix.lower() in (".yaml", ".yml"):
        return False
    from remission.record.fhir.files import is_fhir as holds_fhir

    return holds_fhir(file)


def refuse_fhir_options(patient: str, mapping: str | None, as_fhir: bool) -> None:
    """Raises `InputProblem` for an option that says nothing without a FHIR record."""
    for option, given in (("--patient", patient), ("--mapping", mapping), ("--fhir", as_fhir)):
        if given:
            raise InputProblem("fhir-only-for-fhir", option=option)


def explain_fhir(file: Path, asked: FhirAsked, child: ChildFile, schemes: tuple[str, ...], lang: Lang, trace: bool) -> str:
    """The answer for a child whose facts come from a FHIR record, and from what was typed beside it.

    Raises `InputProblems` when what was typed contradicts the record, or the facts contradict each other.
    """
    from remission.care.risk import assess_child

    library = load_library()
    record = read(library, file, asked.patient, asked.mapping, asked.born, asked.diagnosed)
    known = with_typed(library, record, file.name, child)
    assessment = assess_child(library, known.facts, schemes, child.invented or record.invented, known.remarks)
    if asked.form == "fhir":
        return _as_fhir(library, assessment, record, child, lang)
    if asked.form == "json":
        from remission.documents.answer_json import answer_json

        return answer_json(library, assessment, lang, trace)
    from remission.documents.answer_text import answer_text

    used = sum(1 for account in record.accounts if account.used_for)
    counts = {"number": len(record.accounts), "used": used, "left": len(record.accounts) - used}
    click.echo(library.words["fhir-read-from"].in_(lang).format(file=file.name, **counts), err=True)
    if record.diagnosis is None:
        click.echo(library.words["fhir-no-diagnosis-date"].in_(lang), err=True)
    click.echo(library.words["fhir-see-report"].in_(lang), err=True)
    return answer_text(library, assessment, lang, trace, coloured)


def _as_fhir(library: Library, assessment: Assessment, record: FhirRecord, child: ChildFile, lang: Lang) -> str:
    from remission.documents.fhir_answer import Written, fhir_answer
    from remission.record.fhir.meanings import SHIPPED

    typed = tuple(f"{entry.fact} = {entry.written}" for entry in child.entries)
    written = Written(record, typed, datetime.now(UTC).replace(microsecond=0))
    return fhir_answer(library, load_codes()[SHIPPED], assessment, written, lang)

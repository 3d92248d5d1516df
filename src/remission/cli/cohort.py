"""`remission cohort`: many children at once. Gathers what was typed, shows how far the work is, and tells how it went."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from remission.cli.options import lang_option
from remission.cli.working import Pace, progress_line, words_in, write_out
from remission.knowledge.model import Lang
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library, load_programs

if TYPE_CHECKING:
    from remission.cohort.engines import Engine
    from remission.cohort.sources import Source
    from remission.cohort.study import Study

DIALECTS = ("duckdb", "spark", "postgres", "bigquery")
_FORMATS = (".html", ".pdf")

scheme_option = click.option("--scheme", "schemes", multiple=True, metavar="ID", help="Only this scheme; repeat as needed.")


@click.group(short_help="Many children: groups under every scheme, and how they fared.")
def cohort() -> None:
    """Many children at once: which group each was in under every published scheme, what was missing, how the groups fared.

    \b
      remission cohort assess export/ --out result.parquet
      remission cohort report result.parquet --out report.html
      remission cohort sql cog-08b1 --dialect spark
    """


@cohort.command("assess", short_help="Read many children and find each one's groups.")
@click.argument("sources", nargs=-1, metavar="SOURCE...", type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where to write: a .parquet or a .csv file."
)
@click.option(
    "--mapping", default="", help="What is what in a table: a shipped mapping's id, or a YAML file. For an export: local codes."
)
@scheme_option
@click.option("--engine", type=click.Choice(["duckdb", "postgres", "spark"]), default="duckdb", show_default=True,
              help="Where the table is and the work is done.")  # fmt: skip
@click.option("--source", "address", default="", metavar="ADDRESS", help="PostgreSQL: postgresql://user@host/database.")
@click.option("--table", default="", help="PostgreSQL, Spark: the table with a row a child.")
@click.option("--memory", default="1200MB", show_default=True, help="The most memory the work may take before it uses the disk.")
@click.option("--work", type=click.Path(path_type=Path, file_okay=False),
              help="Folder for what is kept on the way; beside the result unless you say otherwise.")  # fmt: skip
@click.option("--restart", is_flag=True, help="Forget what an interrupted run kept, and begin anew.")
@lang_option
def assess(
    sources: tuple[Path, ...], out: Path, mapping: str, schemes: tuple[str, ...], engine: str, address: str, table: str,
    memory: str, work: Path | None, restart: bool, lang: Lang,
) -> None:  # fmt: skip
    """Find every child's group under every scheme: one row a child, four columns a scheme.

    SOURCE is a folder with a FHIR bulk export (NDJSON), or CSV, TSV or Parquet files, for which --mapping says which column is
    which fact. What cannot be used is listed with its line and the reason, and never stops the run. A run that was
    interrupted goes on where it stopped. The names and numbers of the children stay in the result; reports never hold them.

    \b
      remission cohort assess export/ --out result.parquet
      remission cohort assess patients.tsv --mapping cbioportal-target --out result.parquet
      remission cohort assess --engine postgres --source postgresql:///registry --table child \\
          --mapping registry.yaml --out result.parquet
    """
    from remission.cohort.result import endings
    from remission.cohort.sources import Source

    if out.suffix not in endings():
        raise InputProblem("cohort-out-ending", file=out.name)
    _refuse_mixed(engine, bool(sources), address, table)
    began = time.monotonic()
    with _work_folder(out, work, restart) as folder, _engine(engine, address, memory, folder) as used:
        telling = _Telling(lang)
        study = telling.read(used, Source(sources, mapping, table), schemes, folder)
        rejects = study.write(out)
        telling.summary(study, out, rejects, time.monotonic() - began)


@cohort.command("report", short_help="A report of a result, for a board to read.")
@click.argument("result", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where to write: a .html or a .pdf file."
)
@scheme_option
@click.option(
    "--hide-below", type=click.IntRange(min=2), help="Hide counts of 1 up to below this number, and what would give them away."
)
@click.option("--compare", multiple=True, nargs=2, metavar="ONE OTHER", help="Where two schemes disagree; repeat as needed.")
@click.option("--invented", is_flag=True, help="Mark the whole report as one about invented children.")
@lang_option
def report(
    result: Path, out: Path, schemes: tuple[str, ...], hide_below: int | None, compare: tuple[tuple[str, str], ...],
    invented: bool, lang: Lang,
) -> None:  # fmt: skip
    """Make the report of a RESULT that `remission cohort assess` wrote: one self-contained HTML file, or a PDF.

    It holds the flow of records, a baseline table, the groups by scheme, where two schemes disagree, which missing item leaves
    most children undecided, survival by group where the source tells it, methods, and what may not be concluded. It never holds
    a name, a number or a date of a child.

    \b
      remission cohort report result.parquet --out report.html
      remission cohort report result.parquet --out informe.pdf --lang es --hide-below 5
    """
    from remission.cohort.study import opened_result
    from remission.documents.cohort_report import report_html, report_pdf

    if out.suffix not in _FORMATS:
        raise InputProblem("cohort-report-ending", file=out.name)
    with _needed("cohort"), opened_result(result) as study:
        made, library = study.report(schemes, compare, hide_below or 0, invented), study.library
        data = report_pdf(library, made, lang) if out.suffix == ".pdf" else report_html(library, made, lang).encode()
    write_out(out, data)
    click.echo(words_in(lang).say("cohort-reported", file=out), err=True)


@cohort.command("sql", short_help="A rule as SQL, to be read and run elsewhere.")
@click.argument("schemes", nargs=-1, required=True, metavar="SCHEME...")
@click.option("--dialect", type=click.Choice(DIALECTS), default="duckdb", show_default=True, help="Whose SQL.")
def sql(schemes: tuple[str, ...], dialect: str) -> None:
    """Print one or more schemes as one SQL statement over a table of children.

    It opens with the table that it expects. Every condition asks "could this hold?", so what is not known stays open.
    """
    from remission.rules.asked import scheme_called

    library = load_library()
    named = [scheme_called(library, scheme).id for scheme in schemes]
    with _needed("cohort"):
        from remission.cohort.sql.text import sql_text

        click.echo(sql_text(library, load_programs(), named, dialect))


@cohort.command("views", short_help="The table as SQL on FHIR ViewDefinitions.")
def views() -> None:
    """Print the SQL on FHIR ViewDefinitions by which other tools can build the same raw table from a FHIR store, as a JSON list."""
    from remission.cohort.fhir.views import view_definitions
    from remission.rules.compiled import load_codes

    click.echo(json.dumps(list(view_definitions(load_library(), load_codes()).values()), indent=2))


# --- what the work needs --------------------------------------------------------------------------------------------------------


@contextmanager
def _needed(extra: str) -> Iterator[None]:
    """Says which extra is not installed, instead of which module Python did not find."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in {"duckdb", "sqlglot", "lifelines", "psycopg", "pyspark"}:
            raise
        raise InputProblem("cohort-needs-extra", extra=extra) from None


def _refuse_mixed(engine: str, has_files: bool, address: str, table: str) -> None:
    """Files are read here; a table lies on the engine that is named, and PostgreSQL has an address."""
    if engine == "duckdb" and (table or address or not has_files):
        raise InputProblem("cohort-files-only")
    if engine != "duckdb" and (has_files or not table or bool(address) != (engine == "postgres")):
        raise InputProblem("cohort-engine-source", engine=engine)


@contextmanager
def _work_folder(out: Path, asked: Path | None, restart: bool) -> Iterator[Path]:
    """Where a run keeps what it has done. It goes away when the run ends well, and stays when it is interrupted."""
    from shutil import rmtree

    folder = asked or out.with_name(f"{out.name}.work")
    if restart:
        rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputProblem("cannot-write", file=str(folder), reason=error.strerror or "") from None
    try:
        yield folder
    except BaseException:
        with suppress(OSError):
            folder.rmdir()  # when there is nothing to go on from
        raise
    rmtree(folder, ignore_errors=True)


@contextmanager
def _engine(name: str, address: str, memory: str, folder: Path) -> Iterator[Engine]:
    """The engine, with what it refuses said in a sentence."""
    from remission.cohort.engines import refused_as_problem, start

    with _needed(name if name != "duckdb" else "cohort"), refused_as_problem(name, memory):
        engine = start(name, address, memory, folder)
        try:
            yield engine
        finally:
            engine.close()


# --- what is told -----------------------------------------------------------------------------------------------------------------


class _Telling:
    """Everything said on standard error while a run goes on, and after it."""

    def __init__(self, lang: Lang):
        self.lang, self.words = lang, words_in(lang)

    def read(self, engine: Engine, source: Source, schemes: tuple[str, ...], folder: Path) -> Study:
        from remission.cohort.study import study_of

        pace = Pace()
        with progress_line() as show:

            def progress(what: str, done: int, of: int) -> None:
                if of:
                    show(lambda: self._progress(pace, what, done, of))

            return study_of(engine, source, schemes, folder, progress)

    def _progress(self, pace: Pace, what: str, done: int, of: int) -> str:
        """What is being read, how fast in MB a second, and how long it will take."""
        percent, rate = f"{100 * done / of:.0f}", f"{pace.rate(done) / 1e6:.0f}"
        return self.words.say("cohort-progress", what=what, percent=percent, rate=rate, left=pace.left(done, of))

    def _tell(self, line: str = "") -> None:
        click.echo(line, err=True)

    def summary(self, study: Study, out: Path, rejects: Path | None, seconds: float) -> None:
        """What was read and what was not, then a table: for each scheme how many children were decided, and how."""
        loaded = study.loaded
        self._tell(
            self.words.say(
                "cohort-read", source=loaded.source, records=loaded.records, persons=loaded.persons, rejected=loaded.rejected
            )
        )
        if rejects:
            self._tell(self.words.say("cohort-rejects", file=rejects))
        for word, count in sorted(loaded.counters.items(), key=lambda met: -met[1]):
            self._tell(f"  {count:>9,}  {self.words.counted(word)}")
        for note in study.account.notes:
            self._tell(note.in_(self.lang))
        self._tell()
        for line in self._groups(study):
            self._tell(line)
        self.compared(study)
        self._tell()
        self._tell(self.words.say("cohort-not-reviewed"))
        self._tell(self.words.say("cohort-written", children=loaded.persons, file=out, seconds=f"{seconds:.1f}"))
        if out.suffix == ".parquet":
            self._tell(self.words.say("cohort-next-report", file=out))

    def _groups(self, study: Study) -> Iterator[str]:
        titles = {scheme: study.library.schemes[scheme].short.in_(self.lang) for scheme in study.account.schemes}
        width = max(map(len, titles.values()))
        for scheme, title in titles.items():
            named = ", ".join(f"{self._outcome(study, scheme, what)} {count:,}" for what, count in study.counts(scheme).items())
            yield f"  {title:<{width}}  {named}"

    def _outcome(self, study: Study, scheme: str, what: str) -> str:
        """A group by its name; `undecided` and `contradictory` are said in our words."""
        if what in ("data-required", "contradiction"):
            return self.words.say("cohort-undecided" if what == "data-required" else "cohort-contradiction")
        return self.words.outcome(study.library.schemes[scheme], what)

    def compared(self, study: Study) -> None:
        """What a column of the source says, against our answers."""
        for compared in study.compared():
            comparison = compared.comparison
            self._tell()
            self._tell(comparison.text.in_(self.lang))
            for said in compared.said:
                expected = self._outcome(study, comparison.scheme, comparison.expects[said])
                counts = {"agree": compared.agreeing, "differ": compared.differing, "undecided": compared.undecided}
                numbers = {name: counted.get(said, 0) for name, counted in counts.items()}
                self._tell("  " + self.words.say("cohort-compared", said=said, expected=expected, **numbers))

"""A cohort from the first look to its groups, for the command line and for Python.

    >>> from remission.cohort import opened                                     # doctest: +SKIP
    >>> with opened("registry.csv", mapping="registry.yaml") as study:          # doctest: +SKIP
    ...     study.groups("nci-rome").aggregate("outcome, count(*)")

A study holds tables `children` and `decided` in its engine; what it gives back is computed when it is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from msgspec.structs import replace

from remission import __version__
from remission.cohort.columns import CHILD, Column, fact_of
from remission.cohort.engines import DuckEngine, Engine
from remission.cohort.loaded import Loaded, Reject, add_rejects
from remission.cohort.names import sql_name
from remission.cohort.result import CONTRADICTION, Account, bring_over, columns_of_scheme, read_result, write_result
from remission.cohort.sources import Progress, Source, read_source, unwatched
from remission.knowledge.model import Library, Text
from remission.record.problems import InputProblem, InputProblems
from remission.record.table import find_mapping
from remission.rules.asked import chosen_schemes
from remission.rules.compiled import load_library, load_programs
from remission.rules.narrow import narrowed
from remission.rules.program import Program

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

    from remission.cohort.flat_compare import Compared
    from remission.cohort.reporting import Report

DATA_REQUIRED = "data-required"


class Study:
    """The children of one source and what every scheme says of them."""

    def __init__(self, engine: Engine, library: Library, account: Account):
        self.engine, self.library, self.account = engine, library, account

    @property
    def loaded(self) -> Loaded:
        """What was read, and what was not."""
        return self.account.loaded

    @property
    def children(self) -> DuckDBPyRelation:
        """The children table (see `remission.cohort.columns`), lazily."""
        return self._local.connection.table("children")

    @property
    def decided(self) -> DuckDBPyRelation:
        """What every scheme says of every child: four columns a scheme, lazily."""
        return self._local.connection.table("decided")

    def groups(self, scheme: str) -> DuckDBPyRelation:
        """One scheme as the columns child, outcome, status, possible and missing, lazily. Raises `InputProblem` for another one."""
        _refuse_unasked(self.account, scheme)
        parts = zip(columns_of_scheme(scheme), ("outcome", "status", "possible", "missing"), strict=True)
        return self.decided.project(", ".join([CHILD, *(f"{column} AS {name}" for column, name in parts)]))

    def counts(self, scheme: str) -> dict[str, int]:
        """How many children are in each group of a scheme; undecided ones and the like are counted by their status."""
        name = sql_name(scheme)
        asked = (
            f"SELECT coalesce({name}, {name}_status) AS what, count(*) AS many FROM decided GROUP BY ALL ORDER BY many DESC, what"
        )
        return dict(self._local.connection.execute(asked).fetchall())

    def compared(self) -> list[Compared]:
        """Our answers held against what a column of the source says, as its mapping asks for."""
        from remission.cohort.flat_compare import comparisons

        return comparisons(self._local, self.library, self.account.table) if self.account.table else []

    def report(
        self, survival_by: Sequence[str] = (), compare: Sequence[tuple[str, str]] = (), hide_below: int = 0, invented: bool = False
    ) -> Report:
        """The numbers of a report; `hide_below` hides small counts and what would give them away. Raises `InputProblem`."""
        from remission.cohort.reporting import asked, build_report

        for scheme in (*survival_by, *(each for pair in compare for each in pair)):
            _refuse_unasked(self.account, scheme)
        for one, other in compare:
            if one == other:
                raise InputProblem("cohort-compare-same", scheme=one)
        for scheme in survival_by:
            if self.library.schemes[scheme].phase == "relapse":
                raise InputProblem("cohort-after-time-zero", scheme=scheme)
        about = asked(self.library, self.account, tuple(survival_by), tuple(compare), hide_below, invented)
        return build_report(self._local, self.library, about)

    def write(self, out: Path) -> Path | None:
        """Keeps the result in a .parquet or .csv file, whole or not at all; beside it, and returned, the list of what was not used.

        Raises `InputProblem` when it cannot be written.
        """
        write_result(self._local, self.library, self.account, out)
        beside = out.with_name(f"{out.stem}.rejects.csv")
        if self.loaded.rejects is None:
            if not self.loaded.counters:
                beside.unlink(missing_ok=True)  # of an earlier run, when there was something to list
            return None
        copyfile(self.loaded.rejects, beside)
        return beside

    @property
    def _local(self) -> DuckEngine:
        """The study in DuckDB; one that lives on a server is brought over when it is first asked for."""
        if not isinstance(self.engine, DuckEngine):
            local = DuckEngine(Path(self._folder()))
            for table in ("children", "decided"):
                bring_over(self.engine, local, self.library, table)
            self.engine.close()
            self.engine = local
        return self.engine

    def _folder(self) -> str:
        self._temporary = TemporaryDirectory(prefix="remission-")
        return self._temporary.name


@contextmanager
def opened(
    source: str | Path | Source,
    mapping: str = "",
    schemes: Sequence[str] = (),
    engine: Engine | None = None,
    work: Path | None = None,
) -> Iterator[Study]:
    """A study of a FHIR export, a table, or a result that was written before.

    `source` is a folder of NDJSON, a CSV, TSV or Parquet file (which needs a `mapping`: a shipped one's id, or a YAML file), a
    result of `Study.write`, or a `Source` that says more. Raises `InputProblem` or `InputProblems` with what is wrong.
    """
    with TemporaryDirectory(prefix="remission-") as temporary:
        used = engine or DuckEngine(Path(temporary))
        asked = source if isinstance(source, Source) else Source((Path(source),), mapping)
        try:
            yield study_of(used, asked, schemes, work or Path(temporary))
        finally:
            used.close()


@contextmanager
def opened_result(file: Path) -> Iterator[Study]:
    """A study of a result that `Study.write` wrote as .parquet. Raises `InputProblem` for any other file."""
    with TemporaryDirectory(prefix="remission-") as temporary:
        engine, library = DuckEngine(Path(temporary)), load_library()
        try:
            yield Study(engine, library, read_result(engine, library, file))
        finally:
            engine.close()


def study_of(engine: Engine, source: Source, schemes: Sequence[str], work: Path, progress: Progress = unwatched) -> Study:
    """Reads a source and decides. A result that was written before is taken as it is."""
    library, programs = load_library(), load_programs()
    if isinstance(engine, DuckEngine) and (result := source.result(engine)):
        return Study(engine, library, _asked_again(read_result(engine, library, result), schemes))
    loaded = read_source(engine, library, source, work, progress)
    chosen = [scheme.id for scheme in chosen_schemes(library, schemes) if scheme.tables]
    decide(engine, library, programs, chosen)
    loaded = _with_contradictions(engine, library, programs, loaded, work)
    notes = tuple(Text(note.sentence(library.words, "en"), note.sentence(library.words, "es")) for note in loaded.notes)
    table = None if source.is_export else find_mapping(library, source.mapping)
    mapping = table.id if table else Path(source.mapping).name
    account = Account(__version__, library.version, library.hash, engine.dialect, mapping, tuple(chosen), loaded, notes, table)
    return Study(engine, library, account)


def _asked_again(account: Account, schemes: Sequence[str]) -> Account:
    """The account of a result that was written before, with no other schemes than are asked for now. Raises `InputProblem`."""
    for scheme in schemes:
        _refuse_unasked(account, scheme)
    return replace(account, schemes=tuple(scheme for scheme in account.schemes if not schemes or scheme in schemes))


def _refuse_unasked(account: Account, scheme: str) -> None:
    if scheme not in account.schemes:
        known = ", ".join(account.schemes)
        raise InputProblem("cohort-nothing-in-common", scheme=scheme, file=account.loaded.source, known=known)


def decide(engine: Engine, library: Library, programs: Mapping[str, Program], schemes: Sequence[str]) -> None:
    """Makes table `decided` from table `children`: the rules as one statement, then what undecided children lack.

    The missing facts are asked of the one-child engine, once for each kind of undecided child and not for each child.
    """
    from remission.cohort.sql.stages import decision_select

    engine.keep(
        "answers", decision_select(library, programs, schemes, engine.columns("children"), patterns=True, dialect=engine.dialect)
    )
    for scheme in schemes:
        _keep_missing(engine, programs, scheme)
    columns, joins = [CHILD, "contradiction"], []
    for scheme in schemes:
        name = sql_name(scheme)
        columns += [name, f"{name}_status", f"{name}_possible", f"lacks_{name}.missing AS {name}_missing"]
        joins.append(
            f"LEFT JOIN lacks_{name} ON answers.{name}_pattern = lacks_{name}.pattern AND {name}_status = '{DATA_REQUIRED}'"
        )
    engine.keep("decided", f"SELECT {', '.join(columns)} FROM answers {' '.join(joins)}")


def _keep_missing(engine: Engine, programs: Mapping[str, Program], scheme: str) -> None:
    from remission.cohort.sql.patterns import missing_by_pattern

    name = sql_name(scheme)
    asked = engine.rows(f"SELECT DISTINCT {name}_pattern FROM answers WHERE {name}_status = '{DATA_REQUIRED}'")
    answers = missing_by_pattern(programs, scheme, sorted(pattern for (pattern,) in asked))
    rows = [(pattern, ";".join(lacking.missing)) for pattern, lacking in answers.items()]
    engine.put(f"lacks_{name}", (Column("pattern", "BIGINT"), Column("missing", "VARCHAR")), rows)


def _with_contradictions(engine: Engine, library: Library, programs: Mapping[str, Program], loaded: Loaded, work: Path) -> Loaded:
    """Adds the children whose facts cannot all be right to the list of what was not used, each with its sentence."""
    told = [
        (Reject(loaded.source, 0, child, problem), problem.sentence(library.words, "en"))
        for child, problems in _contradictory(engine, library, programs)
        for problem in problems
    ]
    if not told:
        return loaded
    path = add_rejects(loaded.rejects or work / "rejects.csv", told)
    children = len({reject.about for reject, _ in told})
    return replace(loaded, rejects=path, counters=loaded.counters | {"cohort-contradicts": children})


def _contradictory(engine: Engine, library: Library, programs: Mapping[str, Program]) -> Iterator[tuple[str, list[InputProblem]]]:
    """Asks the one-child engine what is wrong with each of them."""
    names = engine.columns("children")
    asked = f"SELECT children.* FROM children JOIN decided USING ({CHILD}) WHERE {CONTRADICTION} IS NOT NULL"
    for values in sorted(engine.rows(asked), key=lambda row: str(row[names.index(CHILD)])):
        row = dict(zip(names, values, strict=True))
        facts = {name: fact for name, definition in library.facts.items() if (fact := fact_of(definition, row))}
        try:
            narrowed(library, programs, facts)
        except InputProblems as refused:
            yield str(row[CHILD]), refused.problems

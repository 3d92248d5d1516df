"""`remission simulate`: virtual children. Gathers what was typed, shows how far the work is, and tells how it went."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

import click

from remission.cli.options import lang_option
from remission.cli.working import Pace, progress_line, words_in, write_out
from remission.knowledge.model import Lang, Text
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library
from remission.simulate.problems import SimulationProblem

if TYPE_CHECKING:
    from remission.simulate.cohort import Cohort, Progress, Setting

_ENOUGH = 20_000
_NEEDED = {"numpy": "simcli-needs-extra", "numba": "simcli-needs-extra", "duckdb": "cohort-needs-extra"}

seed_option = click.option("--seed", type=int, default=7, show_default=True, help="The same seed gives the same children.")
arm_option = click.option("--arm", default="chemotherapy", show_default=True, help="The treatment: chemotherapy or blinatumomab.")
adherence_option = click.option("--adherence", type=float, help="Every child takes this share of its doses at home, 0 to 1.")
set_option = click.option(
    "--set", "changed", multiple=True, metavar="NAME=NUMBER", help="Another number of the model; repeat as needed."
)
threads_option = click.option("--threads", type=click.IntRange(min=1), help="How many threads; it changes nothing but the time.")


@click.group(short_help="Virtual children: a model of marrow, leukemia and treatment.")
def simulate() -> None:
    """Virtual children: the marrow, the leukemia and the treatment as one model that can be run. Everyone in it is invented.

    It illustrates a model. It says nothing about any real child, and may not be used to choose a treatment or a dose.

    \b
      remission simulate child --seed 7 --out child/
      remission simulate cohort --n 100000 --seed 7 --out cohort/
      remission simulate check
      remission simulate what-if --adherence 0.85
    """


@simulate.command("child", short_help="One invented child, day by day.")
@seed_option
@click.option("--number", type=int, default=0, show_default=True, help="Which child of that seed, from 0 on.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder to write to.")
@arm_option
@adherence_option
@set_option
@lang_option
def child(seed: int, number: int, out: Path, arm: str, adherence: float | None, changed: tuple[str, ...], lang: Lang) -> None:
    """Write one invented child: series.csv (every day, every output), bundle.json (FHIR R4), chart.html (pictures and words).

    \b
      remission simulate child --seed 7 --out child/
      remission simulate child --seed 7 --number 12 --adherence 0.8 --out child/ --lang es
    """
    with _ready(lang):
        from remission.documents.simulate_fhir import Writer
        from remission.documents.simulate_page import child_page
        from remission.documents.simulate_told import series_csv
        from remission.documents.simulate_visits import Seeing
        from remission.simulate.child import child as one_child

        numbers = _numbers(changed)
        made = one_child(seed, number, arm=arm, adherence=adherence, changed=numbers)
        seeing = Seeing(made.setting)
        seen = seeing.seen(number, 1, seeing.columns(number, 1))
        files = {
            "series.csv": series_csv(made),
            "bundle.json": Writer(seeing).bundle(seen[0]),
            "chart.html": child_page(load_library(), made, lang),
        }
    _folder(out)
    for name, text in files.items():
        write_out(out / name, text.encode())
    click.echo(words_in(lang).say("simcli-child-written", folder=out), err=True)


@simulate.command("cohort", short_help="Many invented children, as a table or as FHIR.")
@click.option("--n", type=int, default=1000, show_default=True, help="How many children.")
@seed_option
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder to write to.")
@click.option("--format", "form", type=click.Choice(["parquet", "fhir"]), default="parquet", show_default=True,
              help="One row a child, or a FHIR R4 bulk export (NDJSON, visit days).")  # fmt: skip
@arm_option
@adherence_option
@set_option
@threads_option
@click.option("--restart", is_flag=True, help="Forget what an earlier run wrote there, and begin anew.")
@lang_option
def cohort(
    n: int, seed: int, out: Path, form: str, arm: str, adherence: float | None, changed: tuple[str, ...], threads: int | None,
    restart: bool, lang: Lang,
) -> None:  # fmt: skip
    """Write many invented children. The same seed gives the same bytes. A run that was stopped goes on where it was.

    At the end the cohort is held against the published figures that it can be held against.

    \b
      remission simulate cohort --n 100000 --seed 7 --out cohort/
      remission simulate cohort --n 20000 --seed 7 --out cohort/ --format fhir
      remission cohort assess cohort/ --mapping cohort/mapping.yaml --out result.parquet
    """
    began, telling = time.monotonic(), _Telling(lang)
    with _ready(lang):
        from remission.documents.simulate_export import ABOUT, UNFINISHED, Wanted, write_fhir, write_table
        from remission.simulate.cohort import checked

        setting = _setting(seed, arm, adherence, changed)
        checked(n, setting, None)
        _folder(out, restart, (UNFINISHED, ABOUT))
        wanted = Wanted(out, n, setting, threads or 0)
        with telling.progress() as progress:
            made = write_fhir(wanted, progress) if form == "fhir" else write_table(load_library(), wanted, progress)
        telling.summary(made)
    words = words_in(lang)
    click.echo(
        words.say("simcli-cohort-written", children=f"{n:,}", folder=out, seconds=f"{time.monotonic() - began:.1f}"), err=True
    )
    if form == "fhir":
        click.echo(words.say("simcli-next-assess", folder=out), err=True)


@simulate.command("check", short_help="The virtual children against published figures.")
@click.option("--n", type=int, default=_ENOUGH, show_default=True, help="How many children.")
@seed_option
@threads_option
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@lang_option
def check(n: int, seed: int, threads: int | None, as_json: bool, lang: Lang) -> None:
    """Hold the model against published figures: ours, the span that counts as a hit, and how each row was used.

    Misses are named. The exit code is 0 in any case: this is information.
    """
    with _ready(lang):
        from remission.documents.simulate_told import check_json, check_text
        from remission.simulate.check import check as checked

        rows = checked(n, seed, threads=threads)
        if as_json:
            click.echo(check_json(rows, lang), nl=False)
            return
        words = words_in(lang)
        for line in check_text(words, rows):
            click.echo(line)
        if n < _ENOUGH:
            click.echo(f"\n{words.say('simcli-small', n=f'{n:,}')}")
        click.echo(f"\n{words.say('simulate-invented')}")


@simulate.command("what-if", short_help="The same invented children twice, with one thing otherwise.")
@click.option("--n", type=int, default=_ENOUGH, show_default=True, help="How many children.")
@seed_option
@arm_option
@adherence_option
@set_option
@click.option("--group", default="", help="Only these children: standard, high, t or infant.")
@threads_option
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@lang_option
def what_if(
    n: int, seed: int, arm: str, adherence: float | None, changed: tuple[str, ...], group: str, threads: int | None, as_json: bool,
    lang: Lang,
) -> None:  # fmt: skip
    """Simulate the same invented children twice, as they are and with one thing otherwise, and print the differences.

    The span of a difference is chance between groups of children. How far the model is wrong is not in it.

    \b
      remission simulate what-if --adherence 0.85
      remission simulate what-if --arm blinatumomab --group standard
    """
    with _ready(lang):
        from remission.documents.simulate_told import what_if_json, what_if_text
        from remission.simulate.what_if import what_if as compare

        made = compare(n, seed, adherence=adherence, arm=arm, changed=_numbers(changed), group=group, threads=threads)
        if as_json:
            click.echo(what_if_json(made.differences), nl=False)
            return
        for line in what_if_text(words_in(lang), n, made.differences):
            click.echo(line)


@simulate.command("maintenance", short_help="The model of maintenance against recorded counts.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--known", type=click.Choice(["so-far", "given"]), default="so-far", show_default=True,
              help="Which doses the model is told.")  # fmt: skip
@lang_option
def maintenance(file: Path, known: str, lang: Lang) -> None:
    """Tell each next neutrophil count of recorded children from the counts so far, and print how near that came.

    FILE is a table with the columns ID, TIME, DV, AMT, EVID, or a folder that holds anc_dose_events.csv. Nothing that is printed is
    about one child. It proposes no dose.
    """
    telling = _Telling(lang)
    with _ready(lang):
        from remission.simulate.maintenance_report import evaluate, read_histories, told_as_table

        histories = read_histories(file)
        done = 0
        with telling.progress() as progress:

            def one_more(_: str) -> None:
                nonlocal done
                done += 1
                progress(done, len(histories))

            report = evaluate(histories, known, progress=one_more)  # type: ignore[arg-type]
        click.echo(told_as_table(report, lang))


# --- what the work needs --------------------------------------------------------------------------------------------------------


@contextmanager
def _ready(lang: Lang) -> Iterator[None]:
    """Says what is not installed instead of which module Python did not find, and what the model refuses in a sentence."""
    try:
        import numpy  # noqa: F401 - without it nothing of the model can be loaded

        if not find_spec("numba"):
            click.echo(words_in(lang).say("simcli-slow"), err=True)
        yield
    except ModuleNotFoundError as error:
        word = _NEEDED.get((error.name or "").split(".")[0])
        if word is None:
            raise
        raise InputProblem(word, extra="cohort") from None
    except OSError as error:
        raise InputProblem("cannot-write", file=str(error.filename or ""), reason=error.strerror or "") from None
    except SimulationProblem as problem:
        raise _refused(problem) from None


def _refused(problem: SimulationProblem) -> InputProblem:
    """A refusal of the model as one of the command line. Those of maintenance bring their own words."""
    words = load_library().words
    if problem.word not in words:
        from remission.simulate.maintenance_prior import load_prior

        words = load_prior().words
    return InputProblem("simcli-refused", what=Text(en=problem.sentence(words, "en"), es=problem.sentence(words, "es")))


def _numbers(changed: tuple[str, ...]) -> dict[str, float]:
    numbers = {}
    for text in changed:
        name, _, value = text.partition("=")
        try:
            numbers[name.strip()] = float(value)
        except ValueError:
            raise InputProblem("simcli-set", text=text) from None
    return numbers


def _setting(seed: int, arm: str, adherence: float | None, changed: tuple[str, ...]) -> Setting:
    from remission.simulate.cohort import Setting, default_engine

    return Setting(seed, arm, adherence, changed=tuple(sorted(_numbers(changed).items())), engine=default_engine())


def _folder(out: Path, restart: bool = False, ours: tuple[str, ...] = ()) -> None:
    """Makes the folder. With `restart` what an earlier run left there is taken away, and nothing else."""
    try:
        if restart and out.is_dir():
            _empty(out, ours)
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputProblem("cannot-write", file=str(out), reason=error.strerror or "") from None


def _empty(out: Path, ours: tuple[str, ...]) -> None:
    unfinished, about = (out / name for name in ours)
    rmtree(unfinished, ignore_errors=True)
    if about.exists():
        import msgspec

        files = msgspec.json.decode(about.read_bytes()).get("files", [])
        for name in (about.name, *files, "mapping.yaml", "columns.csv"):
            (out / Path(name).name).unlink(missing_ok=True)


# --- what is told -----------------------------------------------------------------------------------------------------------------


class _Telling:
    """Everything said on standard error while a run goes on, and after it."""

    def __init__(self, lang: Lang):
        self.words = words_in(lang)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A line that says how far it is, how fast, and how long it will take; only where somebody watches."""
        pace: Pace | None = None
        with progress_line() as show:

            def show_at(done: int, of: int) -> None:
                nonlocal pace
                at = pace = pace or self._begun(done)
                show(lambda: self._line(at, done, of))

            yield show_at

    def _begun(self, done: int) -> Pace:
        if done and sys.stderr.isatty():
            click.echo(self.words.say("simcli-goes-on", done=f"{done:,}"), err=True)
        return Pace(done)

    def _line(self, pace: Pace, done: int, of: int) -> str:
        percent, rate = f"{100 * done / of:.0f}", f"{pace.rate(done):,.0f}"
        return self.words.say("simcli-progress", percent=percent, rate=rate, left=pace.left(done, of))

    def summary(self, made: Cohort) -> None:
        """The cohort against the published figures, as far as it can be held against them."""
        from remission.documents.simulate_told import check_text, summary_rows

        rows = summary_rows(made)
        lines = list(check_text(self.words, rows)) if rows else [self.words.say("simcli-not-compared")]
        if rows and len(made) < _ENOUGH:
            lines += ["", self.words.say("simcli-small", n=f"{len(made):,}")]
        for line in (*lines, ""):
            click.echo(line, err=True)

"""`remission trials` and `remission places`: what is open, where, for whom; asked of the registry only when somebody says so."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from remission.cli.options import coloured, data_option, lang_option
from remission.documents import trials_text
from remission.documents.trials_told import TrialsTeller
from remission.documents.wording import Wording
from remission.home.folder import data_folder
from remission.home.problems import HomeProblem
from remission.knowledge.model import Lang
from remission.knowledge.trials import Snapshot
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library
from remission.trials.asking import asked_of
from remission.trials.csv_export import day_of
from remission.trials.geography import Spot, read_distance
from remission.trials.loaded import load_trials, shipped_trials, trials_of
from remission.trials.search import STATUSES_ASKED, Query, StatusAsked, Trials
from remission.trials.store import TrialStore


class _SearchByDefault(click.Group):
    """`remission trials --age 4y` searches, as `remission trials search --age 4y` does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["search", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_SearchByDefault, short_help="Studies of childhood ALL: what is open, where, for whom.")
def trials() -> None:
    """Studies of childhood ALL: what is open, where, for whom, and what would have to be known.

    \b
      remission trials --age 4y --near "Washington, DC" --within 100mi
      remission trials show NCT03914625 --age 4y
      remission trials refresh
    """


def near_options(command: Any) -> Any:
    command = click.option("--within", metavar="DISTANCE", help="How far: 100mi or 150km (with --near).")(command)
    return click.option("--near", metavar="PLACE", help="From where: a city with its state or country, or a ZIP.")(command)


def child_options(command: Any) -> Any:
    options = (
        click.option("--age", help="Age today: 4y, 4y6m, 18mo or 400d."),
        click.option("--born", help="Date of birth, 2020-03-01 (instead of --age)."),
        click.option("--lineage", help="Cell type of the leukemia: b or t."),
        click.option("--relapsed", metavar="ANSWER", help="Has it come back: no, yes, or refractory (it did not go away)."),
        click.option("--treated", metavar="ANSWER", help="Has treatment begun: yes or no."),
        click.option("--fact", "facts", multiple=True, metavar="ID=VALUE", help="Any fact by its id; repeat as needed."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@trials.command(short_help="Search; what `remission trials` does by itself.")
@child_options
@near_options
@click.option("--status", type=click.Choice(STATUSES_ASKED), default="open", show_default=True, help="Which studies.")
@click.option("--words", default="", help="Only studies with these words in title, conditions or medicines.")
@click.option("--all", "with_ruled_out", is_flag=True, help="Show studies with a stated condition that does not fit as well.")
@click.option("--limit", type=click.IntRange(1, 2000), default=10, show_default=True, help="How many studies.")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs; its schema is printed by --json-schema.")
@click.option("--json-schema", is_flag=True, help="Print the JSON Schema of --json, and stop.")
@data_option
@lang_option
def search(
    age: str | None, born: str | None, lineage: str | None, relapsed: str | None, treated: str | None, facts: tuple[str, ...],
    near: str | None, within: str | None, status: StatusAsked, words: str, with_ruled_out: bool, limit: int, as_json: bool,
    json_schema: bool, data: Path | None, lang: Lang,
) -> None:  # fmt: skip
    """Search the studies. Each criterion is met, not met, or a question for the team, with the reason.

    Nothing is needed: every fact that is given narrows the list. Studies come from the list that ships, or from your own last
    `remission trials refresh`.
    """
    if json_schema:
        return click.echo(trials_text.SCHEMA_FILE.read_text("utf-8"), nl=False)
    library, store = load_library(), _store(data)
    found = trials_of(store)
    asked = asked_of(found.comparison, library, date.today(), age, born, lineage, relapsed, treated, facts)
    spot, distance = _where(found, near, within)
    answer = found.search(Query(asked=asked, near=spot, within=distance, status=status, words=words))
    teller = TrialsTeller(library, found, lang, date.today(), spot)
    told = teller.answer(answer, limit, with_ruled_out)
    if as_json:
        return click.echo(trials_text.answer_json(answer, told), nl=False)
    return click.echo(trials_text.answer_text(library, told, lang, coloured, _news(teller, store)), nl=False)


@trials.command(short_help="One study: every place, and what the registry writes.")
@click.argument("study")
@child_options
@near_options
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@data_option
@lang_option
def show(
    study: str, age: str | None, born: str | None, lineage: str | None, relapsed: str | None, treated: str | None,
    facts: tuple[str, ...], near: str | None, within: str | None, as_json: bool, data: Path | None, lang: Lang,
) -> None:  # fmt: skip
    """Show one STUDY by its number (NCT03914625): how it stands, every place, and the registry's own text."""
    library = load_library()
    found = trials_of(_store(data))
    asked = asked_of(found.comparison, library, date.today(), age, born, lineage, relapsed, treated, facts)
    spot, distance = _where(found, near, within)
    one = found.compare(study, Query(asked=asked, near=spot, within=distance, status="all"))
    teller = TrialsTeller(library, found, lang, date.today(), spot)
    told, snapshot, notice = teller.study(one, spot is not None, whole=True), teller.snapshot(), teller.words.say("trial-notice")
    if as_json:
        return click.echo(trials_text.study_json(one, told, _snapshot_json(found.snapshot, teller), notice), nl=False)
    return click.echo(trials_text.study_text(library, told, snapshot, notice, lang, coloured), nl=False)


@trials.command(short_help="Bring the list up to date: asks the registry, or reads a file.")
@click.option("--from", "file", type=click.Path(path_type=Path, dir_okay=False), help="A downloaded file: JSON or CSV.")
@click.option("--taken", default="", metavar="DATE", help="With --from: the day of the download; the file's own when left out.")
@click.option("--registry", default="", metavar="ADDRESS", help="Another address of the registry.")
@data_option
@lang_option
def refresh(file: Path | None, taken: str, registry: str, data: Path | None, lang: Lang) -> None:
    """Bring the list of studies up to date. This is the only command that uses the network, and only with no file given.

    The question is the same for everybody; nothing about a child is sent. When it fails, the list stays as it was, and the next
    time it goes on where it stopped. FILE may be JSON or CSV of ClinicalTrials.gov, or JSON of NCI's trial search.
    """
    from remission.trials.refresh import refresh as ask
    from remission.trials.refresh import take_file

    _only_past(taken)
    library, known, store = load_library(), load_trials(), TrialStore(data_folder(data))
    found, words = _to_refresh(store), Wording(library, lang)
    try:
        if file is not None:
            from remission.trials.files import read_file

            read = read_file(file, found.gazetteer.has)
            done = take_file(store, read, found.gazetteer, found.snapshot, known.registry, date.today(), taken)
        else:
            click.echo(words.say("trial-refresh-asks", registry=known.registry.name), err=True)
            said = (_Progress(words), _waits(words))
            done = ask(store, known.registry, found.gazetteer, found.snapshot, date.today(), registry, *said)
    except (OSError, sqlite3.OperationalError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputProblem("trials-folder-unwritable", path=store.folder, reason=reason) from None
    teller = TrialsTeller(library, found, lang, date.today())
    click.echo(words.say("trial-refreshed", count=done.studies, registry=done.registry, taken=teller.day(done.taken)))
    if done.unreadable:
        click.echo(words.say("trial-refreshed-unreadable", count=done.unreadable))
    if done.changes:
        click.echo(words.say("trial-refreshed-changes", count=len(done.changes)))


def _only_past(taken: str) -> None:
    """The day that was said for a download, if any, is a day or a month, and none to come."""
    if taken and (taken.count("-") == 0 or day_of(taken) != taken):
        raise InputProblem("trials-taken-unreadable", value=taken)
    if taken > date.today().isoformat():
        raise InputProblem("trials-taken-ahead", value=taken)


def _waits(words: Wording) -> Callable[[float], None]:
    """Says that a refresh waits, so that a long silence is not taken for a standstill."""

    def wait(seconds: float) -> None:
        click.echo(words.say("trial-refresh-waits", seconds=round(seconds)), err=True)
        time.sleep(seconds)

    return wait


class _Progress:
    """Says how far a refresh is: one line that is written over on a terminal, a line for each page elsewhere."""

    def __init__(self, words: Wording):
        self.words = words

    def __call__(self, done: int, total: int | None) -> None:
        known = total is not None
        said = self.words.say("trial-refresh-progress" if known else "trial-refresh-progress-open", done=done, total=total)
        is_last = known and done >= (total or 0)
        on_terminal = sys.stderr.isatty()
        click.echo(f"\r{said}" if on_terminal else said, err=True, nl=not on_terminal or is_last)


@trials.command(short_help="What changed: opened, closed, new places.")
@click.option("--all", "everything", is_flag=True, help="Everything ever found, not only what is new.")
@click.option("--keep", is_flag=True, help="Do not mark it as seen.")
@data_option
@lang_option
def changes(everything: bool, keep: bool, data: Path | None, lang: Lang) -> None:
    """Show what refreshes found different since you last looked here."""
    library, store = load_library(), _store(data)
    words = Wording(library, lang)
    if store is None or not store.path.exists():
        click.echo(words.say("trial-changes-never"))
        return
    teller = TrialsTeller(library, trials_of(store), lang, date.today())
    found = store.changes(only_unseen=not everything)
    for each in found:
        click.echo(f"{teller.day(each.day)}  {teller.change(each.change)}")
    if not found:
        click.echo(words.say("trial-changes-none"))
    if not keep:
        store.mark_seen()


@click.command(short_help="Hospitals that run trials of childhood ALL, nearest first.")
@near_options
@click.option("--own", multiple=True, metavar="NAME", help="Your own center; it comes first. Repeat as needed.")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many hospitals.")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@data_option
@lang_option
def places(
    near: str | None, within: str | None, own: tuple[str, ...], limit: int, as_json: bool, data: Path | None, lang: Lang
) -> None:
    """List hospitals that are listed for trials of childhood ALL, nearest first.

    \b
      remission places --near 20010
      remission places --near "Guadalajara, México" --within 300km
    """
    library = load_library()
    found = trials_of(_store(data))
    spot, distance = _where(found, near, within)
    teller = TrialsTeller(library, found, lang, date.today(), spot)
    hospitals = found.hospitals(spot, distance, own)
    told = teller.places(hospitals, spot, distance, limit, own)
    if as_json:
        return click.echo(trials_text.places_json(hospitals, told, _snapshot_json(found.snapshot, teller)), nl=False)
    return click.echo(trials_text.places_text(library, told, lang, coloured), nl=False)


def _store(data: Path | None) -> TrialStore | None:
    """The family's own trials; None where this copy does not know of a folder for its data and nobody named one."""
    try:
        return TrialStore(data_folder(data))
    except HomeProblem:
        if data is not None:
            raise
        return None


def _to_refresh(store: TrialStore) -> Trials:
    """What a refresh is compared with; a damaged list is no reason not to get a new one."""
    try:
        return trials_of(store)
    except InputProblem as problem:
        if problem.word != "trials-store-damaged":
            raise
        return shipped_trials()


def _where(found: Trials, near: str | None, within: str | None) -> tuple[Spot | None, float | None]:
    if near is None:
        if within is not None:
            raise InputProblem("trials-distance-from")
        return None, None
    spot = found.gazetteer.find(near)
    return spot, None if within is None else read_distance(within, found.gazetteer.in_miles(spot))


def _news(teller: TrialsTeller, store: TrialStore | None) -> list[str]:
    """The first few changes since the last look. They count as seen only once `remission trials changes` showed them."""
    found = store.changes() if store else ()
    told = [teller.change(each.change) for each in found[:5]]
    more = [teller.words.say("trial-changes-more", count=len(found) - len(told))] if len(found) > len(told) else []
    return told + more


def _snapshot_json(snapshot: Snapshot, teller: TrialsTeller) -> dict[str, Any]:
    return trials_text.snapshot_json(snapshot.registry, snapshot.taken, snapshot.shipped, teller.snapshot())

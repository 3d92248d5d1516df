"""`remission read`, `remission search` and `remission knowledge`: what is known, to be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from remission.cli.options import coloured, lang_option
from remission.documents import citing, reading
from remission.documents.pictures import svg
from remission.knowledge.model import Lang
from remission.knowledge.shelf import LEVELS, Level, Shelf, Topic
from remission.record.problems import InputProblem, nearest
from remission.rules.compiled import load_index, load_library, load_shelf
from remission.site.addresses import address_of_hit


def level_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--level", type=click.Choice(LEVELS), default="family", help="For whom: family, professional or child.")(
        command
    )


def numbers_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--numbers", is_flag=True, help="Show figures on the outlook too; they stay folded otherwise.")(command)


@click.command(short_help="Read a topic; without one, list them all.")
@click.argument("topic", required=False)
@level_option
@numbers_option
@click.option("--words", is_flag=True, help="Explain the words of the text too, and say how they are spoken.")
@lang_option
def read(topic: str | None, level: Level, numbers: bool, words: bool, lang: Lang) -> None:
    """Read what is known about a TOPIC, each sentence with its source. Without a topic, list them all."""
    library, shelf = load_library(), load_shelf()
    if topic is None:
        return click.echo(reading.topics_text(library, shelf, lang, coloured), nl=False)
    told = reading.topic_text(library, shelf, _topic_called(shelf, topic), lang, level, numbers, words, coloured)
    return click.echo(told, nl=False)


def _topic_called(shelf: Shelf, name: str) -> Topic:
    if name in shelf.topics:
        return shelf.topics[name]
    near = nearest(name, list(shelf.topics))
    raise InputProblem("topic-unknown-near" if near else "topic-unknown", topic=name, near=near)


@click.command(short_help="Find a claim, however it is spelt.")
@click.argument("query", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.option("--limit", type=click.IntRange(1, 50), default=5, show_default=True, help="How many results.")
@level_option
@numbers_option
@lang_option
def search(query: tuple[str, ...], as_json: bool, limit: int, level: Level, numbers: bool, lang: Lang) -> None:
    """Find the claims that answer a QUERY, with lay words and misspellings too. Each says why it was found.

    \b
      remission search "tiny red dots on skin"
      remission search "leusemia sintomas" --lang es
    """
    words = " ".join(query).strip()
    if not words:
        raise InputProblem("query-empty")
    hits = load_index().search(words, lang, limit)
    if as_json:
        return click.echo(reading.hits_json(load_library(), load_shelf(), hits, lang, level, address_of_hit), nl=False)
    return click.echo(reading.hits_text(load_library(), load_shelf(), hits, lang, level, numbers, coloured), nl=False)


@click.command(short_help="Draw a picture as SVG; without one, list them all.")
@click.argument("picture", required=False)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write the SVG; standard output when left out."
)
@lang_option
def picture(picture: str | None, out: Path | None, lang: Lang) -> None:
    """Draw a PICTURE of the library as SVG, described in words for who cannot see it. Without one, list them all."""
    library, pictures = load_library(), load_shelf().pictures
    if picture is None:
        return click.echo("".join(f"{name:<26} {drawn.title.in_(lang)}\n" for name, drawn in pictures.items()), nl=False)
    if picture not in pictures:
        raise InputProblem("picture-unknown", picture=picture, known=", ".join(pictures))
    drawn = svg(pictures[picture], lang)
    if out is None:
        return click.echo(drawn, nl=False)
    out.write_text(drawn, "utf-8")
    return click.echo(library.words["picture-written"].in_(lang).format(path=out), err=True)


@click.group(short_help="The state of the knowledge, its check and its export.")
def knowledge() -> None:
    """The knowledge itself: what it covers, whether it is sound, all of it as data."""


@knowledge.command(short_help="What is covered, overdue, unreviewed, unconfirmed, in conflict.")
@lang_option
def status(lang: Lang) -> None:
    """Show what the knowledge covers, and what is overdue, unreviewed, confirmed by nobody or in conflict."""
    click.echo(reading.status_text(load_library(), load_shelf(), lang, date.today(), coloured), nl=False)


@knowledge.command(short_help="The sources: what may be carried, how to cite.")
@click.argument("source", required=False)
@lang_option
def sources(source: str | None, lang: Lang) -> None:
    """List the sources. With the id of a SOURCE: what was read of it, what may be carried, how to cite it, where it is cited."""
    library = load_library()
    if source is None:
        return click.echo(citing.sources_text(library, lang, coloured), nl=False)
    if source not in library.sources:
        near = nearest(source, list(library.sources))
        raise InputProblem("source-unknown-near" if near else "source-unknown", source=source, near=near)
    told = citing.source_text(library, load_shelf(), library.sources[source], lang, date.today(), coloured)
    return click.echo(told, nl=False)


@knowledge.command(short_help="Check the YAML as it stands: the editor's gate.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True), default=Path("knowledge"))
def check(folder: Path) -> None:
    """Check the YAML of FOLDER as it stands, and fail with file, line and remedy for each problem."""
    from remission.knowledge.check_all import check_folder

    told, problems = check_folder(folder, date.today())
    click.echo(told)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise SystemExit(1)


@knowledge.command(short_help="Every claim as JSON.")
@click.option("--json", "as_json", is_flag=True, required=True, help="The only form there is so far.")
@lang_option
def export(as_json: bool, lang: Lang) -> None:  # noqa: ARG001 - said so that another form can come
    """Print every claim, in each of its levels, as JSON."""
    click.echo(reading.export_json(load_shelf(), lang), nl=False)

"""`remission home`: the family's file from a terminal: what is in it, a readable copy, an encrypted backup, erasing for good."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from remission.cli.options import data_option, lang_option
from remission.knowledge.model import Lang


def out_options(command: Callable[..., Any]) -> Callable[..., Any]:
    out = click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write.")
    return out(click.option("--force", is_flag=True, help="Replace the file when it is there already.")(command))


@click.group(short_help="The family's own file: copy, backup, erase.")
def home() -> None:
    """The family's own file: what is in it, a copy to read, an encrypted backup and the way back, erasing for good.

    It is one file on this computer. `remission serve` opens its pages.
    """


@home.command(short_help="Where the file is, who is in it, whether it is sound.")
@data_option
@lang_option
def status(data: Path | None, lang: Lang) -> None:
    """Say where the file is, how much is written down about whom, and whether all of it can be read."""
    from remission.cli.keeping import Keeping

    Keeping(data, lang).status()


@home.command(short_help="Where the file is, and nothing else.")
@data_option
def folder(data: Path | None) -> None:
    """Print the folder of the family's file, for scripts. It may not be there yet."""
    from remission.home.folder import data_folder

    click.echo(data_folder(data))


@home.command(short_help="Write everything as one readable archive.")
@out_options
@data_option
@lang_option
def export(out: Path, force: bool, data: Path | None, lang: Lang) -> None:
    """Write everything, with all history, as one ZIP of tables and texts that other programs can read. It is not encrypted."""
    from remission.cli.keeping import Keeping

    Keeping(data, lang).export(out, force)


@home.command("import", short_help="Bring back a readable archive.")
@click.argument("file", type=click.Path(path_type=Path))
@data_option
@lang_option
def import_(file: Path, data: Path | None, lang: Lang) -> None:
    """Bring back what `remission home export` wrote. What is here already is never overwritten; what is missing is added."""
    from remission.cli.keeping import Keeping

    Keeping(data, lang).bring_back(file)


@home.command(short_help="Write an encrypted backup.")
@out_options
@data_option
@lang_option
def backup(out: Path, force: bool, data: Path | None, lang: Lang) -> None:
    """Write everything, encrypted with a passphrase in the age format. It is opened again at once, to be sure that it can be.

    The passphrase is asked for, never given as an argument; scripts put it into REMISSION_PASSPHRASE. Forgotten means lost.
    """
    from remission.cli.keeping import Keeping

    Keeping(data, lang).backup(out, force)


@home.command(short_help="Bring back an encrypted backup.")
@click.argument("file", type=click.Path(path_type=Path))
@data_option
@lang_option
def restore(file: Path, data: Path | None, lang: Lang) -> None:
    """Bring back what `remission home backup` wrote, also on an empty computer. What is here already is never overwritten."""
    from remission.cli.keeping import Keeping

    Keeping(data, lang).restore(file)


@home.command(short_help="Delete a child for good, with all history.")
@click.argument("child")
@data_option
@lang_option
def erase(child: str, data: Path | None, lang: Lang) -> None:
    """Delete everything about CHILD (a name or an id) from the file, with all history, and overwrite where it stood.

    The name is asked for once more. Copies and backups elsewhere stay as they are.
    """
    from remission.cli.keeping import Keeping

    Keeping(data, lang).erase(child)


@home.command(short_help="Take the passphrase of the pages away.")
@data_option
@lang_option
def unlock(data: Path | None, lang: Lang) -> None:
    """Take away the passphrase that the pages ask for, when it was forgotten. It guards the pages, not the file."""
    from remission.cli.keeping import Keeping

    Keeping(data, lang).unlock()

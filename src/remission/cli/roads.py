"""`remission road`: a published treatment road with dates, delays and a calendar file."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import click

from remission.care.plan import published
from remission.care.road import Delay, Place, laid_out
from remission.cli.options import coloured, lang_option
from remission.documents.calendar_file import calendar_file
from remission.documents.road_told import road_text
from remission.documents.wording import Wording
from remission.knowledge.model import Lang
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library, load_shelf

_DELAY = re.compile(r"(?P<phase>[a-z0-9-]+)(?::(?P<cycle>\d{1,3}))?=(?P<days>\d{1,4})")


@click.command(short_help="A published treatment road with dates; without one, list them all.")
@click.argument("protocol", required=False)
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="The first day of treatment, as 2026-03-03; today when left out.")
@click.option("--delay", "delays", multiple=True, metavar="BLOCK=DAYS", help="A block begins later, for example consolidation=7.")
@click.option("--days", is_flag=True, help="What each day holds.")
@click.option("--doses", is_flag=True, help="With --days: the doses that the published protocol used. Never a dose for a child.")
@click.option("--ics", type=click.Path(path_type=Path, dir_okay=False), help="Write a calendar file.")
@lang_option
def road(
    protocol: str | None, start: datetime | None, delays: tuple[str, ...], days: bool, doses: bool, ics: Path | None, lang: Lang
) -> None:  # fmt: skip
    """Lay out a published PROTOCOL from its first day. It is an example to understand a plan by, never a child's own plan.

    \b
      remission road ccg-1991 --start 2026-03-03 --delay consolidation=7
      remission road ccg-1991 --days --ics road.ics
    """
    library, shelf = load_library(), load_shelf()
    if protocol is None:
        return click.echo("".join(f"{name:<24} {p.title.in_(lang)}\n" for name, p in shelf.protocols.items()), nl=False)
    if protocol not in shelf.protocols:
        raise InputProblem("road-unknown", road=protocol, known=", ".join(shelf.protocols))
    first_day = start.date() if start else date.today()
    laid = laid_out(published(shelf.protocols[protocol]), first_day, [_delay(written) for written in delays])
    if ics is None:
        return click.echo(road_text(library, shelf, laid, lang, days, doses, coloured), nl=False)
    try:
        ics.write_bytes(calendar_file(Wording(library, lang), shelf, laid))
    except ImportError:
        raise InputProblem("road-extra-missing") from None
    return click.echo(library.words["picture-written"].in_(lang).format(path=ics), err=True)


def _delay(written: str) -> Delay:
    match = _DELAY.fullmatch(written.strip())
    if match is None:
        raise InputProblem("road-change-unreadable", written=written)
    return Delay(Place(match["phase"], int(match["cycle"] or 1)), int(match["days"]))

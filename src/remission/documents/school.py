"""The letter to the school: that the child is in treatment, when it is away, what to tell the family at once, and whom to call.

The name of the disease stands in it only when the family chose so; a source whose name would give it away is then left out too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from itertools import groupby

from remission.care.away import away_days
from remission.care.child_road import road_of
from remission.care.medicines import WEEKDAYS
from remission.documents.paper import Line, Paper, Section
from remission.documents.parts import urgent_phone
from remission.documents.teller import Teller

CLAIMS = tuple(
    f"infection-contact/{claim}"
    for claim in ("chickenpox-contact", "chickenpox-96-hours", "chickenpox-can-kill", "measles-contact", "measles-6-days")
)
_DISEASE = re.compile(r"leuk|leuc|cancer|cáncer|oncolog|hemato|tumor|\bALL\b|\bLLA\b", re.IGNORECASE)
_TO_FILL_IN = "________________________"


def school_letter(teller: Teller, disease: bool, sections: Iterable[Section], sources: tuple[str, ...]) -> Paper:
    """A letter that holds what was chosen, with room to sign; `disease`: it may name the disease."""
    name = teller.record.name
    treated = Section(
        paragraphs=(
            teller.say("printed-school-greeting", name=name),
            teller.say("printed-school-disease" if disease else "printed-school-treated", name=name),
            teller.say("printed-school-thanks"),
        )
    )
    signed = Section(facts=(Line(teller.say("printed-signature"), "\n"),))
    about = teller.say("printed-about-short", name=name, today=teller.day(teller.today))
    return teller.paper(
        "school", teller.say("printed-pack-school", name=name), (treated, *sections, signed), about=about, sources=sources
    )


def names_disease(text: str) -> bool:
    """Whether a text would give the disease away."""
    return _DISEASE.search(text) is not None


def infection(teller: Teller) -> Section:
    """What to tell the family at once. Past the review of the topic, only that the team is to be asked."""
    heading = teller.say("printed-infection")
    topic = teller.shelf.topics["infection-contact"]
    if topic.safety and topic.review.is_overdue(teller.today):
        return Section(heading=heading, paragraphs=(teller.say("read-overdue-safety"),))
    return Section(
        heading=heading,
        strong=(teller.say("printed-infection-call", name=teller.record.name),),
        paragraphs=(teller.say("printed-infection-why", name=teller.record.name), teller.say("printed-infection-other")),
    )


def absences(teller: Teller) -> Section:
    """The days away, month by month; never what they are for."""
    road = road_of(teller.record)
    months = teller.say("months").split()
    days = away_days(teller.record, road, teller.today)
    items = [
        f"{teller.say('printed-month', month=months[month - 1], year=year)}: {', '.join(_short(teller, day) for day in same)}"
        for (year, month), same in groupby(days, key=lambda day: (day.year, day.month))
    ]
    lead = teller.say("printed-absences-lead") if days else teller.say("printed-absences-none")
    return Section(heading=teller.say("printed-absences"), paragraphs=(lead,), items=tuple(items))


def school_phones(teller: Teller) -> Section:
    """The family's own numbers, to be written by hand; then the team's number, without the name of the hospital."""
    lines = [Line(teller.say("printed-school-family"), _TO_FILL_IN), Line(teller.say("printed-school-other"), _TO_FILL_IN)]
    phone = urgent_phone(teller)
    lines += [Line(teller.say("printed-school-team"), phone, teller.say("printed-day-and-night"))] if phone else []
    return Section(
        heading=teller.say("printed-part-phones"),
        paragraphs=(teller.say("printed-school-call", name=teller.record.name),),
        facts=tuple(lines),
    )


def _short(teller: Teller, day: date) -> str:
    name = teller.option("medicine", "weekdays", WEEKDAYS[day.weekday()])
    return f"{name.lower() if teller.lang == 'es' else name} {day.day}"

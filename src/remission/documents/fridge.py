"""The medicine sheet for the fridge: seven days with boxes to tick, each amount in the words of the team's sheet."""

from __future__ import annotations

from datetime import date, timedelta

from remission.care.medicines import WEEKDAYS, as_needed, current, due_on
from remission.care.record import Record
from remission.documents.paper import TICK, Line, Paper, Section, Table
from remission.documents.parts import call_lines, how_often, medicine_name, medicine_row
from remission.documents.teller import Teller
from remission.home.notes import Note
from remission.knowledge.model import Lang, Library
from remission.knowledge.shelf import Shelf

_DAYS = 7
_ANY_TIME = "day"
_MISSED = "missed-or-vomited-dose/call-and-never-double"


def fridge_paper(library: Library, shelf: Shelf, record: Record, lang: Lang, today: date, first: date | None = None) -> Paper:
    """The sheet for seven days from `first` (today). Nothing on it is worked out."""
    teller = Teller(library, shelf, record, lang, today)
    days = [(first or today) + timedelta(days=number) for number in range(_DAYS)]
    sections = (Section(strong=tuple(_weekly(teller, days))), _week(teller, days), *_others(teller, days), _call(teller))
    lead = teller.say("printed-fridge-lead", first=teller.day(days[0]), last=teller.day(days[-1]))
    return teller.paper(
        "fridge",
        teller.say("printed-fridge"),
        sections,
        lead,
        about=record.name,
        sources=teller.sources(teller.cites(_MISSED)),
        wide=True,
        one_page=True,
    )


def _weekly(teller: Teller, days: list[date]) -> list[str]:
    """Each weekly medicine with its weekday in words: taken daily by mistake, it harms."""
    weekly = [medicine for medicine in _listed(teller, days) if medicine.said("how-often") == "weekly"]
    return [
        teller.say("printed-weekly", medicine=medicine_name(medicine), often=how_often(teller, medicine)) for medicine in weekly
    ]


def _week(teller: Teller, days: list[date]) -> Section:
    """A row for each medicine and time of day, a box on each day on which the list asks for it."""
    due = {(one.medicine.id, one.slot): one for day in days for one in due_on(teller.record, day)}
    asked = {(one.medicine.id, one.slot, day) for day in days for one in due_on(teller.record, day)}
    if not due:
        return Section(paragraphs=(teller.say("printed-nothing-due"),))
    order = [medicine.id for medicine in _listed(teller, days)]
    rows, named = [], set[str]()
    for (medicine, slot), one in sorted(due.items(), key=lambda pair: order.index(pair[0][0])):
        when = "" if slot == _ANY_TIME else teller.option("medicine", "times", slot)
        boxes = (TICK if (medicine, slot, day) in asked else "" for day in days)
        rows.append((_row_head(teller, one.medicine, again=medicine in named), when, *boxes))
        named.add(medicine)
    head = (teller.say("printed-medicine-and-amount"), teller.say("printed-when"), *(_head(teller, day) for day in days))
    return Section(table=Table("", head, tuple(rows)))


def _row_head(teller: Teller, medicine: Note, again: bool) -> str:
    """The name; below it, once, the amount as the sheet says it, how often, and whether that is signed or copied."""
    name, amount, often, known = medicine_row(teller, medicine)
    form = teller.told(medicine, "form").lower()
    named = f"{name}, {form}" if form else name
    return named if again else "\n".join((named, amount, often, known))


def _head(teller: Teller, day: date) -> str:
    return f"{teller.option('medicine', 'weekdays', WEEKDAYS[day.weekday()])}\n{day.day}"


def _others(teller: Teller, days: list[date]) -> list[Section]:
    """What has no box: taken when needed, given in the clinic, and what nobody wrote a day for."""
    needed = {medicine.id: medicine for day in days for medicine in as_needed(teller.record, day)}
    due = {one.medicine.id for day in days for one in due_on(teller.record, day)}
    rest = [medicine for medicine in _listed(teller, days) if medicine.id not in due and medicine.id not in needed]
    clinic = [medicine for medicine in rest if medicine.said("how-often") == "in-clinic"]
    unclear = [medicine for medicine in rest if not medicine.chosen("weekdays") and medicine not in clinic]
    told = (("printed-as-needed", list(needed.values())), ("printed-in-clinic", clinic), ("printed-day-unknown", unclear))
    lines = [_without_box(teller, word, medicine) for word, medicines in told for medicine in medicines]
    return [Section(heading=teller.say("printed-without-box"), facts=tuple(lines))] if lines else []


def _without_box(teller: Teller, word: str, medicine: Note) -> Line:
    name, amount, often, known = medicine_row(teller, medicine)
    in_clinic = medicine.said("how-often") == "in-clinic"
    told = [teller.say(word), *([] if in_clinic and not medicine.said("amount") else [amount])]
    return Line(name, ". ".join([*told, *([often] if word == "printed-day-unknown" else [])]), known)


def _listed(teller: Teller, days: list[date]) -> list[Note]:
    """The medicines of these days, each once, in the order of the list."""
    return list({medicine.id: medicine for day in days for medicine in current(teller.record, day)}.values())


def _call(teller: Teller) -> Section:
    return Section(paragraphs=(teller.claim(_MISSED), call_lines(teller)[0]), blank=1)

"""Sheets of a month and of a week: the road and the appointments, day by day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from remission.care.child_road import road_of
from remission.care.medicines import WEEKDAYS
from remission.care.record import Record
from remission.care.road import Planned, Road
from remission.documents.notes_told import note_title
from remission.documents.paper import Cell, Paper, Section, Weeks
from remission.documents.parts import appointment_line, before_it
from remission.documents.road_told import drug_name
from remission.documents.teller import Teller
from remission.documents.today_told import block_name, planned_told
from remission.home.notes import Note
from remission.knowledge.model import Lang, Library
from remission.knowledge.shelf import Shelf

_WEEK = 7


def month_paper(library: Library, shelf: Shelf, record: Record, lang: Lang, today: date, month: date) -> Paper:
    """A month in weeks from Monday to Sunday."""
    teller = Teller(library, shelf, record, lang, today)
    first = month.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    monday, end = first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())
    days = _Days(teller, monday, end)
    rows = [[days.cell(day, outside=day.month != first.month) for day in week] for week in _weeks(monday, end)]
    title = teller.say("printed-month", month=teller.say("months").split()[first.month - 1].capitalize(), year=first.year)
    return _paper(teller, "month", title, rows)


def week_paper(library: Library, shelf: Shelf, record: Record, lang: Lang, today: date, monday: date) -> Paper:
    """A week, with everything that is known about each of its appointments below it."""
    teller = Teller(library, shelf, record, lang, today)
    end = monday + timedelta(days=_WEEK - 1)
    days = _Days(teller, monday, end)
    title = teller.say("printed-week", day=teller.day(monday))
    below = Section(
        heading=teller.kind("appointment").many.in_(lang), facts=tuple(appointment_line(teller, note) for note in days.appointments)
    )
    return _paper(
        teller, "week", title, [[days.cell(day, in_full=True) for day in _week(monday)]], below if below.facts else Section()
    )


def _paper(teller: Teller, paper_id: str, title: str, rows: list[list[Cell]], *more: Section) -> Paper:
    names = tuple(teller.option("medicine", "weekdays", day) for day in WEEKDAYS)
    weeks = Weeks("", names, tuple(tuple(row) for row in rows))
    road = road_of(teller.record)
    lead = (
        teller.say("printed-road-example")
        if road and road.plan.origin == "published"
        else teller.say("printed-calendar-lead" if road else "printed-no-road")
    )
    return teller.paper(
        paper_id,
        title,
        (Section(weeks=weeks), *more),
        lead,
        about=teller.say("printed-about-short", name=teller.record.name, today=teller.day(teller.today)),
        wide=True,
        one_page=True,
    )


def _weeks(monday: date, end: date) -> Iterable[list[date]]:
    while monday <= end:
        yield _week(monday)
        monday += timedelta(days=_WEEK)


def _week(monday: date) -> list[date]:
    return [monday + timedelta(days=number) for number in range(_WEEK)]


class _Days:
    """What stands on each day between two dates."""

    def __init__(self, teller: Teller, first: date, last: date):
        self.teller, self.road, self.first = teller, road_of(teller.record), first
        dated = reversed(teller.record.by_day("appointment", "on"))
        self.appointments = [note for note in dated if (on := note.day("on")) and first <= on <= last]
        self.planned = [one for one in (self.road.planned() if self.road else ()) if first <= one.on <= last]

    def cell(self, day: date, outside: bool = False, in_full: bool = False) -> Cell:
        lines = self._block(day)
        lines += [self._appointment(note) for note in self.appointments if note.day("on") == day]
        lines += dict.fromkeys(self._given(one, in_full) for one in self.planned if one.on == day)
        return Cell(str(day.day), tuple(lines), outside, day == self.teller.today)

    def _block(self, day: date) -> list[str]:
        """Which day of its block a date is; with the name on the first day of the block and of the sheet."""
        block = self.road.block_on(day) if self.road else None
        if self.road is None or block is None:
            return []
        number = self.teller.say("road-day", day=self.road.plan.printed_day(block.day_on(day)))
        return [f"{block_name(self.teller.words, block)}, {number}" if day in (block.starts, self.first) else number]

    def _appointment(self, note: Note) -> str:
        told = f"{note.said('at')} {note_title(self.teller.words, self.teller.kind('appointment'), note)}".strip()
        return "\n".join([told, *before_it(self.teller, note)])

    def _given(self, planned: Planned, in_full: bool) -> str:
        """What is planned or was given. On a month's sheet what is taken by mouth goes by its name alone."""
        teller = self.teller
        by_name = planned.item.route == "mouth" and not in_full
        told = (
            drug_name(teller.shelf, planned.item.what, teller.lang)
            if by_name
            else planned_told(teller.words, teller.shelf, planned)
        )
        told += f"\n{planned.item.amount}" if in_full and planned.item.amount and not _is_example(self.road) else ""
        if planned.done:
            return teller.say("printed-skipped" if planned.done.skipped else "printed-given", what=told)
        return told


def _is_example(road: Road | None) -> bool:
    return road is not None and road.plan.origin == "published"

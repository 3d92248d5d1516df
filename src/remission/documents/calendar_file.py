"""A road and appointments as an iCalendar file. Ids stay when the road is laid out anew; on request the titles tell nothing.

What is given at the clinic is an event of its day; what is taken at home on days in a row is one event over those days. A time is
written without a zone ("floating"): half past nine stays half past nine on the wall, also across daylight saving.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from remission.care.road import Planned, Road
from remission.documents.notes_told import note_title
from remission.documents.today_told import block_name, planned_told
from remission.documents.wording import Wording
from remission.home.notes import Note
from remission.knowledge.model import Frozen
from remission.knowledge.shelf import Shelf

if TYPE_CHECKING:
    import icalendar

_DOMAIN = "calendar.invalid"  # calendar ids look like addresses; this one can never be anybody's
_STAMP = datetime(2000, 1, 1, tzinfo=UTC)  # fixed: the same road gives the same bytes
_HOUR = timedelta(hours=1)


class Event(Frozen, frozen=True):
    """An event from `first` to `last` (whole days), or at a time of `first`."""

    id: str
    first: date
    last: date
    title: str
    at: time | None = None
    says: str = ""


def calendar_file(
    words: Wording,
    shelf: Shelf,
    road: Road | None,
    appointments: Iterable[Note] = (),
    child: str = "",
    discreet: bool = False,
    invented: bool = False,
) -> bytes:
    """The calendar's bytes, the same for the same road, notes and language."""
    import icalendar

    calendar = icalendar.Calendar()
    made_by = (
        f"-//calendar//{words.lang.upper()}"
        if discreet
        else f"-//remission//knowledge {words.library.version}//{words.lang.upper()}"
    )
    calendar.add("prodid", made_by)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", words.say("calendar-name-discreet" if discreet else "calendar-name"))
    events = [*_road_events(words, shelf, road, child), *_appointments(words, shelf, appointments)]
    for event in sorted(events, key=lambda event: (event.first, event.id)):
        calendar.add_component(_component(words, event, discreet, invented))
    return bytes(calendar.to_ical())


def _component(words: Wording, event: Event, discreet: bool, invented: bool) -> icalendar.Event:
    import icalendar

    made = icalendar.Event()
    made.add("uid", f"{hashlib.sha256(event.id.encode()).hexdigest()[:32]}@{_DOMAIN}")  # the id itself names the medicine
    made.add("dtstamp", _STAMP)
    if event.at:
        begins = datetime.combine(event.first, event.at)
        made.add("dtstart", begins)
        made.add("dtend", begins + _HOUR)
    else:
        made.add("dtstart", event.first)
        made.add("dtend", event.last + timedelta(days=1))  # the first day after it
        made.add("transp", "TRANSPARENT")
    title = words.say("calendar-discreet") if discreet else event.title
    made.add("summary", words.say("calendar-invented", what=title) if invented else title)
    if event.says and not discreet:
        made.add("description", event.says)
    return made


def _road_events(words: Wording, shelf: Shelf, road: Road | None, child: str) -> Iterator[Event]:
    if road is None:
        return
    is_example = road.plan.origin == "published"
    says = words.say("road-example") if is_example else words.say("calendar-says")
    start = f"{child or road.plan.based_on}"
    for block in road.blocks:
        yield Event(
            f"{start}-{block.at.phase}-{block.at.cycle}",
            block.starts,
            block.starts,
            words.say("today-begins", block=block_name(words, block)),
            says=says,
        )
    planned = sorted(road.planned(), key=lambda one: (one.at.phase, one.at.cycle, one.item.id, one.on, one.day))
    for _, same in groupby(planned, key=lambda one: (one.at, one.item.id)):
        for run in _runs(same):
            first = run[0]
            told = planned_told(words, shelf, first)
            title = words.say("road-event", what=told) if is_example else told
            place = f"{start}-{first.at.phase}-{first.at.cycle}-{first.item.id}-{first.day}"
            yield Event(place, first.on, run[-1].on, title, says=says)


def _runs(planned: Iterable[Planned]) -> Iterator[list[Planned]]:
    """What is taken by mouth on days in a row belongs together; everything else stands alone."""
    run: list[Planned] = []
    for one in planned:
        if run and one.item.route == "mouth" and one.on - run[-1].on == timedelta(days=1):
            run.append(one)
            continue
        if run:
            yield run
        run = [one]
    if run:
        yield run


def _appointments(words: Wording, shelf: Shelf, appointments: Iterable[Note]) -> Iterator[Event]:
    kind = shelf.playbook.kinds["appointment"]
    for note in appointments:
        on = note.day("on")
        if on:
            at = time.fromisoformat(note.said("at")) if note.said("at") else None
            yield Event(f"{note.child}-{note.id}", on, on, note_title(words, kind, note), at, note.said("where"))

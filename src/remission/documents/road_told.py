"""A road with dates as text and as a calendar. A published example says so wherever it is told; doses only when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby

from remission.care.road import Block, Planned, Road
from remission.documents.answer_text import Style, plain
from remission.documents.show import wrapped
from remission.documents.wording import Wording, source_told
from remission.knowledge.model import Lang, Library
from remission.knowledge.shelf import Shelf

_DOMAIN = "remission.invalid"  # calendar ids look like addresses; this one can never be anybody's


def road_text(
    library: Library, shelf: Shelf, road: Road, lang: Lang, days: bool = False, doses: bool = False, style: Style = plain
) -> str:
    """The blocks with their dates; `days` adds what each day holds, `doses` what the publication used."""
    return "\n".join(_Told(library, shelf, lang).lines(road, days, doses, style)) + "\n"


def road_calendar(library: Library, shelf: Shelf, road: Road, lang: Lang) -> bytes:
    """An iCalendar of whole-day events, one for each thing to be given. Ids stay the same when the road is laid out anew."""
    import icalendar

    told = _Told(library, shelf, lang)
    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//remission//knowledge {library.version}//{lang.upper()}")
    calendar.add("version", "2.0")
    for planned in road.planned():
        event = icalendar.Event()
        place = f"{road.protocol.id}-{planned.at.phase}-{planned.at.cycle}-{planned.given.id}-{planned.day}"
        event.add("uid", f"{place}@{_DOMAIN}")
        event.add("dtstamp", datetime(2000, 1, 1, tzinfo=UTC))  # fixed: the same road gives the same bytes
        event.add("dtstart", planned.on)
        event.add("summary", told.words.say("road-event", what=told.given(planned, doses=False)))
        event.add("description", told.words.say("road-example"))
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


class _Told:
    def __init__(self, library: Library, shelf: Shelf, lang: Lang):
        self.library, self.shelf, self.lang = library, shelf, lang
        self.words = Wording(library, lang)

    def lines(self, road: Road, days: bool, doses: bool, style: Style) -> Iterator[str]:
        yield style(road.protocol.title.in_(self.lang), "heading")
        yield from (*wrapped(self.words.say("road-example"), "", ""), "")
        by_block = {at: list(planned) for at, planned in groupby(road.planned(), key=lambda planned: planned.at)} if days else {}
        for block in road.blocks:
            yield style(self._block(block), "decided")
            for hold in block.holds:
                yield from wrapped(
                    self.words.say("road-held", day=hold.from_day, days=hold.days, reason=hold.reason), "      ", "    "
                )
            for on, planned in groupby(by_block.get(block.at, ()), key=lambda planned: (planned.on, planned.day)):
                given = "; ".join(self.given(one, doses) for one in planned)
                yield from wrapped(f"{self.words.day(on[0])}  {self.words.say('road-day', day=on[1])}: {given}", "        ", "    ")
        yield from ("", style(self.words.say("heading-sources"), "heading"))
        for source in dict.fromkeys(cite.source for cite in road.protocol.cites):
            yield from wrapped(source_told(self.words, self.library.sources[source]), "    ", "  ")

    def _block(self, block: Block) -> str:
        cycle = f" {block.at.cycle}/{block.phase.repeats}" if block.phase.repeats > 1 else ""
        name = f"{block.phase.name.in_(self.lang)}{cycle}"
        return f"  {self.words.day(block.starts)}  {name} ({self.words.say('road-lasts', days=(block.ends - block.starts).days)})"

    def given(self, planned: Planned, doses: bool) -> str:
        """What is given and how, in words; where not for everybody, for whom."""
        given = planned.given
        topic = self.shelf.topics.get(f"drug-{given.drug}")
        name = topic.title.in_(self.lang).split(" (")[0] if topic else given.drug
        told = f"{name}, {self.words.say(f'route-{given.route}')}"
        if doses:
            told += f" [{self.words.say('road-dose', dose=given.dose.in_(self.lang))}]"
        return f"{told} ({given.only.in_(self.lang)})" if given.only else told

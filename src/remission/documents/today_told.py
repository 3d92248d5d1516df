"""A day of the road in words: the headline, what is planned, what is coming."""

from __future__ import annotations

from datetime import date

from remission.care.road import Block, Planned, Road
from remission.care.today import Coming, Today
from remission.documents.notes_told import note_title
from remission.documents.road_told import drug_name
from remission.documents.wording import Wording, lowered
from remission.knowledge.shelf import Shelf


def weekday(words: Wording, day: date) -> str:
    return words.say("weekdays").split()[day.weekday()]


def short_day(words: Wording, day: date) -> str:
    """A date without its year: "Tuesday, March 3"."""
    return words.say("weekday-date", weekday=weekday(words, day), day=day.day, month=words.say("months").split()[day.month - 1])


def block_name(words: Wording, block: Block) -> str:
    """The name of a block, with its cycle where it repeats."""
    name = block.phase.name.in_(words.lang)
    if block.phase.repeats == 1:
        return name
    return words.say("road-cycle", name=name.split(",")[0], cycle=block.at.cycle, of=block.phase.repeats)


def headline(words: Wording, today: Today, road: Road | None) -> str:
    """Which day it is, and where on the road."""
    day = short_day(words, today.day)
    if road is None:
        return day
    if today.block:
        printed = road.plan.printed_day(today.day_of_block)
        return words.say("today-in-block", day=day, number=printed, block=lowered(block_name(words, today.block)))
    if today.waiting_for:
        return words.say("today-waiting", day=day, block=lowered(block_name(words, today.waiting_for)))
    return words.say("today-before" if today.day < road.blocks[0].starts else "today-after", day=day)


def planned_told(words: Wording, shelf: Shelf, planned: Planned) -> str:
    """What is planned and by which way; for whom, where not for everybody."""
    told = f"{drug_name(shelf, planned.item.what, words.lang)}, {words.say(f'route-{planned.item.route}')}"
    return f"{told} ({planned.item.only.in_(words.lang)})" if planned.item.only else told


def coming_told(words: Wording, shelf: Shelf, coming: Coming) -> str:
    """What is ahead on one day."""
    if coming.appointment:
        title = note_title(words, shelf.playbook.kinds["appointment"], coming.appointment)
        return f"{coming.appointment.said('at')} {title}".strip()
    if coming.begins:
        return words.say("today-begins", block=block_name(words, coming.begins))
    return "; ".join(dict.fromkeys(planned_told(words, shelf, planned) for planned in coming.planned))

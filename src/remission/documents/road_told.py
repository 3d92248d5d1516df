"""A road with dates as text. A published example says so wherever it is told; doses only when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from remission.care.road import Block, Planned, Road
from remission.documents.answer_text import Style, plain
from remission.documents.show import wrapped
from remission.documents.wording import Wording, source_told
from remission.knowledge.model import Lang, Library
from remission.knowledge.shelf import Shelf


def road_text(
    library: Library, shelf: Shelf, road: Road, lang: Lang, days: bool = False, doses: bool = False, style: Style = plain
) -> str:
    """The blocks with their dates; `days` adds what each day holds, `doses` what the publication used."""
    return "\n".join(_Told(library, shelf, lang).lines(road, days, doses, style)) + "\n"


class _Told:
    def __init__(self, library: Library, shelf: Shelf, lang: Lang):
        self.library, self.shelf, self.lang = library, shelf, lang
        self.words = Wording(library, lang)

    def lines(self, road: Road, days: bool, doses: bool, style: Style) -> Iterator[str]:
        yield style(road.plan.title.in_(self.lang), "heading")
        yield from (*wrapped(self.words.say("road-example"), "", ""), "")
        by_block = {at: list(planned) for at, planned in groupby(road.planned(), key=lambda planned: planned.at)} if days else {}
        for block in road.blocks:
            yield style(self._block(block), "decided")
            for hold in block.holds:
                yield from wrapped(
                    self.words.say("road-held", day=hold.from_day, days=hold.days, reason=hold.reason), "      ", "    "
                )
            for on, planned in groupby(by_block.get(block.at, ()), key=lambda planned: (planned.on, planned.day)):
                given = "; ".join(self.given(road, one, doses) for one in planned)
                yield from wrapped(f"{self.words.day(on[0])}  {self.words.say('road-day', day=on[1])}: {given}", "        ", "    ")
        yield from ("", style(self.words.say("heading-sources"), "heading"))
        for source in dict.fromkeys(cite.source for cite in self.shelf.protocols[road.plan.based_on].cites):
            yield from wrapped(source_told(self.words, self.library.sources[source]), "    ", "  ")

    def _block(self, block: Block) -> str:
        cycle = f" {block.at.cycle}/{block.phase.repeats}" if block.phase.repeats > 1 else ""
        name = f"{block.phase.name.in_(self.lang)}{cycle}"
        return f"  {self.words.day(block.starts)}  {name} ({self.words.say('road-lasts', days=(block.ends - block.starts).days)})"

    def given(self, road: Road, planned: Planned, doses: bool) -> str:
        """What is given and how, in words; where not for everybody, for whom."""
        item = planned.item
        told = f"{drug_name(self.shelf, item.what, self.lang)}, {self.words.say(f'route-{item.route}')}"
        if doses:
            told += f" [{self.words.say('road-dose', dose=self._published_dose(road, planned))}]"
        return f"{told} ({item.only.in_(self.lang)})" if item.only else told

    def _published_dose(self, road: Road, planned: Planned) -> str:
        phase = next(phase for phase in self.shelf.protocols[road.plan.based_on].phases if phase.id == planned.at.phase)
        return next(given.dose.in_(self.lang) for given in phase.given if given.id == planned.item.id)


def drug_name(shelf: Shelf, what: str, lang: Lang) -> str:
    """What a medicine is called: the title of its topic, or what somebody wrote."""
    topic = shelf.topics.get(f"drug-{what}")
    return topic.title.in_(lang).split(" (")[0] if topic else what

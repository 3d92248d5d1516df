"""Speaks about one child on one day: what every paper that is handed over has in common."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby

from remission.care.record import Record
from remission.documents.notes_told import value_told
from remission.documents.paper import Line, Paper, Section, Size
from remission.documents.wording import Wording, source_told
from remission.home.notes import Note
from remission.knowledge.model import Citation, Frozen, Lang, Library
from remission.knowledge.playbook import Field, NoteKind
from remission.knowledge.shelf import Claim, Shelf, Topic


class Teller(Frozen, frozen=True):
    """A child's record, and the language and the day in which a paper about it is told."""

    library: Library
    shelf: Shelf
    record: Record
    lang: Lang
    today: date

    @property
    def words(self) -> Wording:
        return Wording(self.library, self.lang)

    def say(self, word: str, **values: object) -> str:
        return self.words.say(word, **values)

    def day(self, day: date) -> str:
        return self.words.day(day)

    def days(self, days: Iterable[date], with_year: bool = False) -> str:
        """Several dates by month, for days of these weeks without the year: "March 3, 5, April 1"."""
        months = self.say("months").split()
        word = "printed-days-of-month-and-year" if with_year else "printed-days-of-month"
        by_month = groupby(sorted(set(days)), key=lambda day: (day.year, day.month))
        told = [
            self.say(word, days=", ".join(str(day.day) for day in same), month=months[month - 1], year=year)
            for (year, month), same in by_month
        ]
        return "; ".join(told) if with_year else ", ".join(told)

    # --- notes ----------------------------------------------------------------------------------------------------------

    def kind(self, kind_id: str) -> NoteKind:
        return self.shelf.playbook.kinds[kind_id]

    def field(self, kind_id: str, field_id: str) -> Field:
        return self.kind(kind_id).field(field_id)

    def label(self, kind_id: str, field_id: str) -> str:
        return self.field(kind_id, field_id).label.in_(self.lang)

    def told(self, note: Note | None, field_id: str) -> str:
        """What stands in a field, in words; nothing when it was left empty."""
        return value_told(self.words, self.field(note.kind, field_id), note) if note else ""

    def option(self, kind_id: str, field_id: str, option_id: str) -> str:
        """An answer that can be chosen, in words."""
        options = {option.id: option.label.in_(self.lang) for option in self.field(kind_id, field_id).options}
        return options.get(option_id, option_id)

    def line(self, kind_id: str, note: Note | None, field_id: str, quiet: str = "") -> Line:
        """A field with its label; what was left empty is "not recorded", never "no"."""
        return self.fact(self.label(kind_id, field_id), self.told(note, field_id), quiet)

    def fact(self, label: str, value: str, quiet: str = "") -> Line:
        return Line(label, value or self.say("not-recorded"), quiet if value else "")

    def from_whom(self, note: Note, by: str = "told-by", on: str = "told-on", short: bool = False) -> str:
        """Who said it and when, and whether it was signed or copied, as far as that was written down."""
        signed = self.say(f"printed-{note.said('signed')}{'-short' * short}") if note.said("signed") in ("signed", "copied") else ""
        told_on = note.day(on)
        who = note.said(by) if short else self.say("printed-told-by", by=note.said(by)) if note.said(by) else ""
        told = ", ".join(part for part in (signed, who, self.day(told_on) if told_on else "") if part)
        return told[:1].upper() + told[1:]

    # --- the paper ------------------------------------------------------------------------------------------------------

    def claim(self, claim_id: str) -> str:
        """A claim of the library ("topic/claim") as families read it; past its review a safety topic says "ask your team"."""
        topic, claim = self._named(claim_id)
        if topic.safety and topic.review.is_overdue(self.today):
            return self.say("read-overdue-safety")
        return claim.family.in_(self.lang)

    def cites(self, *claim_ids: str) -> tuple[Citation, ...]:
        return tuple(cite for claim_id in claim_ids for cite in self._named(claim_id)[1].cites)

    def sources(self, cites: Iterable[Citation]) -> tuple[str, ...]:
        """Each source once, as a sentence."""
        return tuple(
            source_told(self.words, self.library.sources[source]) for source in dict.fromkeys(cite.source for cite in cites)
        )

    def about(self) -> str:
        born = self.record.born
        told = self.say("printed-born", day=self.day(born)) if born else self.say("printed-born-unknown")
        return self.say("printed-about", name=self.record.name, born=told, today=self.day(self.today))

    def paper(
        self, paper_id: str, title: str, sections: Iterable[Section], lead: str = "", about: str | None = None,
        sources: tuple[str, ...] = (), size: Size = "letter", wide: bool = False,
        one_page: bool = False,
    ) -> Paper:  # fmt: skip
        """A paper about the child, with what stands on every one of them."""
        return Paper(
            id=paper_id,
            lang=self.lang,
            title=title,
            sections=tuple(section for section in sections if section != Section()),
            notice=self.say("printed-notice") + (f" {self.say('site-version', version=self.library.version)}" if sources else ""),
            lead=lead,
            about=self.about() if about is None else about,
            invented=self.say("invented") if self.record.is_invented else "",
            sources=sources,
            size=size,
            wide=wide,
            one_page=one_page,
        )

    def _named(self, claim_id: str) -> tuple[Topic, Claim]:
        topic_id, _, name = claim_id.partition("/")
        topic = self.shelf.topics[topic_id]
        return topic, next(claim for claim in topic.claims if claim.id == name)


def shortened(text: str, most: int, rest: str = "…") -> str:
    """A text of at most `most` letters, cut between words; `rest` says that there is more."""
    flat = " ".join(text.split())
    if len(flat) <= most:
        return flat
    room = most - len(rest)
    cut = flat[: room + 1]
    return (cut[: cut.rfind(" ")] if " " in cut[room // 2 :] else flat[:room]).rstrip(" ,;.") + rest

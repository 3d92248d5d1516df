"""The treatment plan on a page: its four parts, as the family and the team agreed on them, and what the team said."""

from __future__ import annotations

from datetime import date

from remission.care.record import Record
from remission.documents.paper import Line, Paper, Section
from remission.documents.parts import team_said
from remission.documents.teller import Teller
from remission.knowledge.model import Lang, Library
from remission.knowledge.shelf import Shelf

_PARTS = ("about", "goal", "options", "side-effects", "trial")  # the four parts of a plan, then whether it is part of a study
_CLAIMS = ("treatment-plan/four-parts", "treatment-plan/the-plan-can-change")
_LINES = 3  # to write on, where a part is not recorded


def plan_page_paper(library: Library, shelf: Shelf, record: Record, lang: Lang, today: date) -> Paper:
    """The page. A part that nobody wrote down says so, and leaves lines to write on with the team."""
    teller = Teller(library, shelf, record, lang, today)
    lead = " ".join(teller.claim(claim) for claim in _CLAIMS)
    sections = (*_parts(teller), _signed(teller), team_said(teller))
    return teller.paper(
        "treatment-plan", teller.say("printed-plan-page"), sections, lead, sources=teller.sources(teller.cites(*_CLAIMS))
    )


def _parts(teller: Teller) -> list[Section]:
    """The four parts, then whether it is part of a study."""
    return [
        Section(heading=line.label, paragraphs=(line.value,), blank=0 if _note(teller, field) else _LINES)
        for field, line in zip(_PARTS, plan_lines(teller), strict=True)
    ]


def plan_lines(teller: Teller) -> list[Line]:
    note = teller.record.one("treatment-plan")
    return [teller.line("treatment-plan", note, field) for field in _PARTS]


def _note(teller: Teller, field: str) -> str:
    note = teller.record.one("treatment-plan")
    return note.said(field) if note else ""


def _signed(teller: Teller) -> Section:
    note = teller.record.one("treatment-plan")
    lines = [teller.line("treatment-plan", note, field) for field in ("on", "with", "signed")]
    lines += [teller.line("treatment-plan", note, "note")] if note and note.said("note") else []
    return Section(heading=teller.say("printed-agreed"), facts=(*lines, Line(teller.say("printed-signature"), "\n")))

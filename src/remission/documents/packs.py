"""Share packs: a paper for grandparents, for the school, for a second opinion, for a journey.

Each pack says what it holds and what it leaves out unless the family chooses otherwise. A teen's private page is no part of any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from remission.care.record import Record
from remission.care.visit import gathered
from remission.documents import parts
from remission.documents.brief import diary_lines
from remission.documents.exposure_told import exposure_cites, exposure_sections
from remission.documents.guide_sheet import item_cites, item_lines
from remission.documents.paper import Line, Paper, Section
from remission.documents.plan_page import plan_lines
from remission.documents.school import CLAIMS, absences, infection, names_disease, school_letter, school_phones
from remission.documents.teller import Teller
from remission.knowledge.model import Citation, Frozen, Lang, Library
from remission.knowledge.shelf import Shelf
from remission.rules.compiled import load_library

_NOTHING: Mapping[str, Callable[[Teller], Section]] = {}
Tell = Callable[[Teller], list[Section]]

_WHEN_TO_CALL = "when-to-call"
_URGENT_PARTS = 2  # of that guide: the emergency number now, and the team now


class Pack(Frozen, frozen=True):
    """What a pack holds by default, in the order in which it is told, and what it leaves out."""

    holds: tuple[str, ...]
    leaves_out: tuple[str, ...]


class Part(Frozen, frozen=True):
    """A part that a pack may hold: its title, whether it is in unless the family says otherwise, and why."""

    id: str
    title: str
    is_in: bool
    why: str


def _one(tell: Callable[[Teller], Section]) -> Tell:
    return lambda teller: [tell(teller)]


def _when_to_call(teller: Teller) -> list[Section]:
    """The signs of the library for which to call at once. Past its review the list gives way to "ask your team"."""
    guide = teller.shelf.guides[_WHEN_TO_CALL]
    if guide.safety and guide.review.is_overdue(teller.today):
        return [Section(heading=guide.title.in_(teller.lang), paragraphs=(teller.say("read-overdue-safety"),))]
    return [
        Section(
            heading=part.heading.in_(teller.lang),
            items=tuple(
                line for item in part.items if item.text or "/" in item.read for line in item_lines(teller.shelf, item, teller.lang)
            ),
        )
        for part in guide.parts[:_URGENT_PARTS]
    ]


def _diary(teller: Teller) -> list[Section]:
    visit = gathered(teller.library, teller.shelf, teller.record, teller.today)
    return [Section(heading=teller.kind("diary").many.in_(teller.lang), facts=tuple(diary_lines(teller, visit)))]


def _treatment_plan(teller: Teller) -> Section:
    return Section(heading=teller.kind("treatment-plan").one.in_(teller.lang), facts=tuple(plan_lines(teller)))


# The parts in the order in which papers tell them. Those of `_FACTS` stand together under one heading.
_FACTS: dict[str, Callable[[Teller], list[Line]]] = {
    "diagnosis": lambda teller: [parts.diagnosis_line(teller)],
    "phase": lambda teller: [parts.phase_line(teller)],
    "allergies": parts.allergy_lines,
    "line": parts.line_and_care_lines,
    "trial": parts.trial_history_lines,
}
_SECTIONS: dict[str, Tell] = {
    "fever": _one(parts.call),
    "phones": _one(parts.phones),
    "medicines": _one(parts.medicines),
    "counts": _one(parts.counts_with_formulas),
    "dates": _one(parts.dates),
    "absences": _one(absences),
    "infection": _one(infection),
    "when-to-call": _when_to_call,
    "team-said": _one(parts.team_said),
    "mrd": _one(parts.mrd),
    "treatment-plan": _one(_treatment_plan),
    "road": _one(parts.plan),
    "exposure": exposure_sections,
    "questions": _one(parts.questions),
    "diary": _diary,
    "people": _one(parts.people),
}
PARTS = ("fever", "phones", *_FACTS, *(part for part in _SECTIONS if part not in ("fever", "phones")))
_PRIVATE = ("diary", "mrd", "team-said", "questions")


def _pack(*holds: str) -> Pack:
    return Pack(holds, tuple(part for part in PARTS if part not in holds))


PACKS: dict[str, Pack] = {
    "grandparents": _pack("fever", "phones", "diagnosis", "allergies", "line", "medicines", "dates", "infection", "when-to-call"),
    "school": _pack("absences", "infection", "phones"),
    "second-opinion": _pack(
        *("diagnosis", "phase", "allergies", "line", "trial", "questions", "team-said", "mrd", "counts"),
        *("medicines", "treatment-plan", "road", "exposure", "people"),
    ),
    "travel": _pack("fever", "phones", "diagnosis", "phase", "allergies", "line", "medicines", "counts", "dates", "people"),
}


def pack_contents(lang: Lang, pack: str, record: Record) -> list[Part]:
    """What a pack holds and what it leaves out, each with the reason, before anything is printed."""
    library = load_library()

    def say(word: str) -> str:
        return library.words[word].in_(lang).format(name=record.name)

    held = [Part(part, say(f"printed-part-{part}"), True, say(f"printed-why-{part}")) for part in PACKS[pack].holds]
    return held + [Part(part, say(f"printed-part-{part}"), False, say(_why_not(pack, part))) for part in PACKS[pack].leaves_out]


def pack_paper(library: Library, shelf: Shelf, record: Record, lang: Lang, today: date, pack: str, chosen: frozenset[str]) -> Paper:
    """The pack with exactly the parts that were chosen."""
    teller = Teller(library, shelf, record, lang, today)
    told = [part for part in (*PACKS[pack].holds, *PACKS[pack].leaves_out) if part in chosen]
    sources = _sources(teller, told)
    if pack == "school":
        sections = _sections(teller, [part for part in told if part != "diagnosis"], {"phones": school_phones})
        return school_letter(teller, "diagnosis" in told, sections, sources)
    title, lead = (teller.say(f"printed-pack-{pack}{which}", name=record.name) for which in ("", "-lead"))
    return teller.paper(pack, title, _sections(teller, told), lead, sources=sources)


def _sections(teller: Teller, told: list[str], otherwise: Mapping[str, Callable[[Teller], Section]] = _NOTHING) -> list[Section]:
    """The parts in their order; facts about the child stand together where the first of them is told."""
    sections: list[Section] = []
    facts = [line for part in told if part in _FACTS for line in _FACTS[part](teller)]
    for part in told:
        if part in otherwise:
            sections.append(otherwise[part](teller))
        elif part in _SECTIONS:
            sections += _SECTIONS[part](teller)
        elif facts:
            sections.append(Section(heading=teller.say("printed-about-child", name=teller.record.name), facts=tuple(facts)))
            facts = []
    return sections


def _why_not(pack: str, part: str) -> str:
    if part in _PRIVATE:
        return "printed-out-private"
    return "printed-out-school" if pack == "school" else "printed-out-not-needed"


def _sources(teller: Teller, told: list[str]) -> tuple[str, ...]:
    """What the library's own sentences in a pack rest on. Without the diagnosis, no source that names it."""
    cites: list[Citation] = []
    if "when-to-call" in told:
        guide = teller.shelf.guides[_WHEN_TO_CALL]
        cites += [cite for part in guide.parts[:_URGENT_PARTS] for item in part.items for cite in item_cites(teller.shelf, item)]
    cites += teller.cites(*CLAIMS) if "infection" in told else ()
    cites += exposure_cites(teller) if "exposure" in told else ()
    return tuple(source for source in teller.sources(cites) if "diagnosis" in told or not names_disease(source))

"""What a child was given so far, told: every amount with who said it, every conversion with its table and its arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from remission.care.child_road import road_of
from remission.care.exposure import Converted, Exposures, Told, Total, exposures
from remission.care.record import Record
from remission.documents.notes_told import note_lines, note_title
from remission.documents.paper import Line, Paper, Section
from remission.documents.road_told import drug_name
from remission.documents.teller import Teller
from remission.documents.wording import grouped
from remission.home.notes import Note
from remission.knowledge.model import STATUSES, Citation, Lang, Library
from remission.knowledge.shelf import Shelf


def exposure_paper(library: Library, shelf: Shelf, record: Record, lang: Lang, today: date) -> Paper:
    """The record on paper. What nobody wrote down is not recorded, which is not the same as nothing."""
    teller = Teller(library, shelf, record, lang, today)
    sections = exposure_sections(teller)
    lead = teller.say("printed-exposure-lead")
    return teller.paper(
        "exposure", teller.say("printed-part-exposure"), sections, lead, sources=teller.sources(exposure_cites(teller))
    )


def exposure_sections(teller: Teller) -> list[Section]:
    found = exposures(teller.shelf, teller.record, road_of(teller.record))
    return [
        _anthracyclines(teller, found),
        _spinal(teller, found),
        _section(teller, "printed-steroids", (_steroid(teller, one.drug, one.days) for one in found.steroids)),
        _section(teller, "printed-cyclophosphamide", [_total(teller, found.cyclophosphamide)] if found.cyclophosphamide else []),
        *([_section(teller, "printed-other-totals", (_total(teller, one) for one in found.others))] if found.others else []),
        _section(teller, "printed-radiation", (line for note in found.radiation for line in _noted(teller, note))),
        _section(teller, "printed-transplant", (line for note in found.transplants for line in _noted(teller, note))),
        *_uncounted(teller, found),
    ]


def exposure_cites(teller: Teller) -> list[Citation]:
    """What the conversions rest on that are printed."""
    found = exposures(teller.shelf, teller.record, road_of(teller.record))
    return [cite for one in found.converted if one.total is not None for cite in one.conversion.cites]


def _section(teller: Teller, heading: str, lines: Iterable[Line]) -> Section:
    facts = tuple(lines)
    return Section(heading=teller.say(heading), facts=facts, paragraphs=() if facts else (teller.say("not-recorded"),))


# --- amounts --------------------------------------------------------------------------------------------------------------


def _total(teller: Teller, total: Total) -> Line:
    """A drug's amount, or that none is recorded; below it, where every part of it comes from and what is missing."""
    told = [_told(teller, one) for one in total.told]
    given = [teller.say("printed-ticked-on", days=_days(teller, total.given))] if total.given else []
    missing = [teller.say("printed-amount-missing", days=_days(teller, total.amount_missing))] if total.amount_missing else []
    missing += [teller.say("printed-total-falls")] if total.falls else []
    if total.amount is None:  # nothing to add up: what was told stands for itself
        return Line(_drug(teller, total.drug), "\n".join([*(told or [teller.say("printed-amount-unknown")]), *missing]), *given)
    amount = teller.say("printed-per-square-meter", amount=grouped(total.amount))
    return Line(_drug(teller, total.drug), "\n".join([amount, *missing]), "\n".join([*told, *given]))


def _told(teller: Teller, told: Told) -> str:
    """One amount as it was told, and why it is not part of the sum when it is not."""
    unit = "printed-per-square-meter" if told.unit == "mg/m2" else "printed-milligrams"
    when = teller.day(told.on) if told.on else teller.say("printed-no-date")
    what = teller.told(told.note, "what") or teller.say("not-recorded")
    by = f", {teller.say('printed-told-by', by=told.note.said('told-by'))}" if told.note.said("told-by") else ""
    line = f"{when}: {teller.say(unit, amount=grouped(told.amount))} ({what}){by}"
    return line if told.why == "added" else f"{line}. {teller.say(f'printed-not-added-{told.why}')}"


def _anthracyclines(teller: Teller, found: Exposures) -> Section:
    """The drugs, then what they come to in each published table: they differ, so each is named."""
    lines = [_total(teller, total) for total in found.anthracyclines]
    best_known = sorted(found.converted, key=lambda one: STATUSES.index(one.conversion.status))
    converted = [_converted(teller, one) for one in best_known if one.total is not None]
    section = _section(teller, "printed-anthracyclines", [*lines, *converted])
    return Section(section.heading, paragraphs=(teller.say("printed-conversions"),), facts=section.facts) if converted else section


def _converted(teller: Teller, one: Converted) -> Line:
    """One table: each product with its factor, the sum, what the table leaves out, and how well the table is known."""
    products = [
        teller.say(
            "printed-product",
            drug=_drug(teller, p.drug),
            amount=grouped(p.amount),
            factor=grouped(p.factor),
            product=grouped(p.product),
        )
        for p in one.products
    ]
    total = teller.say("printed-as-doxorubicin", amount=grouped(one.total)) if one.total is not None else ""
    left = (
        [teller.say("printed-no-factor", drugs=", ".join(_drug(teller, drug) for drug in one.not_converted))]
        if one.not_converted
        else []
    )
    status = teller.say(f"status-{one.conversion.status}")
    note = one.conversion.note.in_(teller.lang) if one.conversion.note else ""
    known = f"{status[:1].upper()}{status[1:]}. {note}".strip()
    return Line(one.conversion.name.in_(teller.lang), "\n".join([total, *products, *left]), known)


# --- days -----------------------------------------------------------------------------------------------------------------


def _spinal(teller: Teller, found: Exposures) -> Section:
    """How many treatments into the spinal fluid are recorded, and when, with what."""
    by_drugs: dict[tuple[str, ...], list[date]] = {}
    for one in found.spinal:
        by_drugs.setdefault(one.drugs, []).append(one.on)
    lines = [Line(", ".join(_drug(teller, drug) for drug in drugs), _days(teller, days)) for drugs, days in by_drugs.items()]
    undated = [Line(note.said("drug"), teller.say("printed-no-date")) for note in found.spinal_undated]
    section = _section(teller, "printed-spinal-treatments", [*lines, *undated])
    counted = (teller.say("printed-spinal-counted", count=len(found.spinal)),) if found.spinal else section.paragraphs
    return Section(section.heading, paragraphs=counted, facts=section.facts)


def _steroid(teller: Teller, drug: str, days: tuple[date, ...]) -> Line:
    said = "printed-steroid-day" if len(days) == 1 else "printed-steroid-days"
    return Line(_drug(teller, drug), teller.say(said, count=len(days), first=teller.day(days[0]), last=teller.day(days[-1])))


def _noted(teller: Teller, note: Note) -> list[Line]:
    """A note as it was written: its title, then each field that was filled in."""
    kind = teller.kind(note.kind)
    told = note_lines(teller.words, kind, note, without=kind.named_by)
    return [
        Line(
            note_title(teller.words, kind, note),
            "\n".join(f"{line.label}: {line.value}" for line in told) or teller.say("not-recorded"),
        )
    ]


def _uncounted(teller: Teller, found: Exposures) -> list[Section]:
    if not found.uncounted:
        return []
    said = "printed-uncounted-one" if len(found.uncounted) == 1 else "printed-uncounted"
    return [Section(strong=(teller.say(said, count=len(found.uncounted)),))]


def _days(teller: Teller, days: Iterable[date]) -> str:
    return teller.days(days, with_year=True)


def _drug(teller: Teller, drug: str) -> str:
    return drug_name(teller.shelf, drug, teller.lang)

"""The emergency card: what an emergency room must know first, on one page or on a card for the wallet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from remission.care.counts import Reading
from remission.care.medicines import current
from remission.care.record import Record
from remission.documents.paper import Line, Paper, Section, Size
from remission.documents.parts import (
    allergies_line,
    call,
    call_lines,
    count_told,
    counts,
    diagnosis_line,
    last_given,
    line_lines,
    medicine_name,
    medicines,
    phase_line,
    phones,
    readings_until,
    trial_lines,
    urgent_phone,
)
from remission.documents.teller import Teller, shortened
from remission.knowledge.model import Lang, Library
from remission.knowledge.shelf import Shelf

_RULE, _TEXT, _ALLERGIES, _NAMES = 340, 70, 110, 150  # letters for which a wallet's face has room
_PEOPLE, _NUMBERS = 2, ("day-phone", "hospital")


def card_paper(library: Library, shelf: Shelf, record: Record, lang: Lang, today: date, size: Size = "letter") -> Paper:
    """The card. Phones first; everything on it is as it was written down, with its date."""
    teller = Teller(library, shelf, record, lang, today)
    if size == "wallet":
        return teller.paper(
            "wallet", teller.say("printed-card"), (_front(teller), _back(teller)), teller.say("printed-wallet-lead"), size="wallet"
        )
    sections = (
        call(teller),
        phones(teller, _PEOPLE, _NUMBERS),
        _who(teller),
        counts(teller),
        medicines(teller, who=False),
        last_given(teller),
    )
    return teller.paper("card", teller.say("printed-card"), sections, one_page=True)


def _who(teller: Teller) -> Section:
    child = teller.record.child
    told = [diagnosis_line(teller), phase_line(teller), *line_lines(teller), allergies_line(teller)]
    told += [teller.line("child", child, "other-conditions")]
    told += trial_lines(teller)
    told += [teller.line("child", child, "team-number")] if child.said("team-number") else []
    told += [teller.fact(teller.say("printed-language"), teller.told(child, "language"))] if child.said("language") else []
    return Section(heading=teller.say("printed-for-emergency"), facts=tuple(told))


# --- the wallet's two faces -----------------------------------------------------------------------------------------------


def _front(teller: Teller) -> Section:
    """Who, whom to call, the rule, and what must not be overlooked."""
    who = [_short(teller, line, _TEXT * 2) for line in (diagnosis_line(teller), phase_line(teller))]
    return Section(
        heading=shortened(teller.about(), _TEXT * 2),
        strong=tuple(_short_call(teller)),
        facts=(
            *who,
            *(_short(teller, line, _TEXT) for line in line_lines(teller)[:2]),
            _short(teller, allergies_line(teller), _ALLERGIES),
        ),
    )


def _back(teller: Teller) -> Section:
    """The last counts, the names of the medicines, and the first numbers."""
    numbers = [_short(teller, line, _TEXT) for line in phones(teller, _PEOPLE, _NUMBERS).facts]
    lines = [_last_count(teller, kind, found) for kind, found in readings_until(teller).items()]
    return Section(heading=teller.say("printed-counts"), facts=(*lines, _medicine_names(teller), *numbers))


def _last_count(teller: Teller, kind: str, found: Sequence[Reading]) -> Line:
    value = count_told(teller, found[-1]) if found else ""
    return teller.fact(teller.label("count", kind), value, teller.day(found[-1].on) if found else "")


def _short_call(teller: Teller) -> list[str]:
    """The rule whole or not at all: half a rule could be a wrong one. Without it, the strictest holds."""
    lines = call_lines(teller)
    if sum(len(line) for line in lines[1:]) <= _RULE or not urgent_phone(teller):
        return lines
    return [teller.say("printed-any-fever", phone=urgent_phone(teller)), teller.say("printed-rule-on-page")]


def _medicine_names(teller: Teller) -> Line:
    """As many names as there is room for, none of them cut; the rest are counted."""
    names = [shortened(medicine_name(medicine), _TEXT) for medicine in current(teller.record, teller.today)]
    shown = list(names)
    while len(", ".join(shown)) > _NAMES:
        shown.pop()
    rest = [teller.say("printed-more", count=len(names) - len(shown))] if len(shown) < len(names) else []
    return teller.fact(teller.say("printed-medicines-short"), ", ".join([*shown, *rest]))


def _short(teller: Teller, line: Line, most: int) -> Line:
    return Line(line.label, shortened(line.value, most, teller.say("printed-more-on-page")), shortened(line.quiet, most))

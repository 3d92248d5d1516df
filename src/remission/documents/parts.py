"""The parts that papers are put together from: each tells one thing about a child, as it was written down, in one section.

What nobody wrote down reads "not recorded". The fever rule is told as the family copied it, or it is "call for any fever".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from msgspec.structs import replace

from remission.care.child_road import road_of
from remission.care.counts import Reading, readings
from remission.care.medicines import current
from remission.care.road import Block, Road
from remission.care.today import today_of
from remission.care.visit import COUNTS, ahead, unanswered
from remission.documents.counts_told import both_units, formula_told
from remission.documents.notes_told import note_title
from remission.documents.paper import Line, Section, Table
from remission.documents.road_told import drug_name
from remission.documents.teller import Teller
from remission.documents.today_told import block_name
from remission.home.notes import Note

_FIRST_ROLES = ("pediatric-oncologist", "nurse-practitioner", "nurse")
_NOT_FOR_EMERGENCIES = ("school-contact",)
_LAST_GIVEN = 8


class _Told(TypedDict, total=False):
    """What a section says of the counts: a table, or that nothing is recorded."""

    table: Table
    paragraphs: tuple[str, ...]


# --- whom to call ---------------------------------------------------------------------------------------------------------


def call(teller: Teller) -> Section:
    """The number for any fever or worry, and the centre's own rule: what somebody must see first."""
    return Section(strong=tuple(call_lines(teller)), blank=0 if urgent_phone(teller) else 1)


def call_lines(teller: Teller) -> list[str]:
    """The number first; then the rule as it was copied, from whom and when, or "any fever" when there is none."""
    phone, rule = urgent_phone(teller), teller.record.one("fever-rule")
    if not phone:
        return [teller.say("printed-any-fever-no-number")]
    if rule is None or not rule.said("rule"):
        return [teller.say("printed-any-fever", phone=phone), teller.say("printed-no-rule")]
    number = teller.told(rule, "temperature")
    return [
        teller.say("printed-call", phone=phone),
        teller.say("printed-rule", rule=rule.said("rule"))
        + (f"\n{teller.label('fever-rule', 'temperature')}: {number}" if number else ""),
        teller.from_whom(rule),
    ]


def urgent_phone(teller: Teller) -> str:
    centre = teller.record.one("centre")
    return centre.said("urgent-phone") if centre else ""


def phones(teller: Teller, most: int = 3, fields: tuple[str, ...] = ("day-phone", "hospital", "what-to-say")) -> Section:
    """The centre's numbers, where to go and what to say, and the first people of the team."""
    centre = teller.record.one("centre")
    lines = [
        teller.fact(
            (centre.said("name") if centre else "") or teller.say("printed-centre"),
            urgent_phone(teller),
            teller.say("printed-day-and-night"),
        )
    ]
    for field in fields:
        lines += [teller.line("centre", centre, field)] if centre and centre.said(field) else []
    lines += [
        person_line(teller, person)
        for person in team(teller)
        if person.said("phone") and person.said("role") not in _NOT_FOR_EMERGENCIES
    ][:most]
    return Section(heading=teller.say("printed-phones"), facts=tuple(lines))


def people(teller: Teller) -> Section:
    """The whole care team."""
    lines = [person_line(teller, person) for person in team(teller)]
    return _section(teller, "printed-people", lines)


def team(teller: Teller) -> list[Note]:
    """The people who lead the treatment first, the rest in the order in which they were written down."""
    roles = {role: number for number, role in enumerate(_FIRST_ROLES)}
    return sorted(teller.record.of("person"), key=lambda person: roles.get(person.said("role"), len(roles)))


def person_line(teller: Teller, person: Note) -> Line:
    reached = [person.said("phone"), person.said("other-phone"), person.said("hours")]
    quiet = ". ".join(part for part in (person.said("name"), person.said("what-for")) if part)
    role = teller.told(person, "role").split(" (")[0] or teller.kind("person").one.in_(teller.lang)
    return Line(role, ", ".join(part for part in reached if part) or teller.say("not-recorded"), quiet)


# --- who the child is, and where on the road ------------------------------------------------------------------------------


def diagnosis_line(teller: Teller) -> Line:
    """The diagnosis in the words of an emergency room, only as far as it was recorded."""
    child = teller.record.child
    said, diagnosed = child.said("diagnosis"), child.day("diagnosed")
    told = teller.say(f"printed-diagnosis-{said}") if said in ("b-all", "t-all", "mixed", "other") else ""
    quiet = teller.say("printed-diagnosed", day=teller.day(diagnosed)) if diagnosed else ""
    return teller.fact(teller.say("printed-diagnosis"), told, quiet)


def phase_line(teller: Teller) -> Line:
    """Where on the road the child is today. In treatment, it says that the defenses are weakened."""
    road = road_of(teller.record)
    label = teller.say("printed-treatment")
    if road is None:
        return Line(label, teller.say("not-recorded"), teller.say("printed-no-road"))
    quiet = teller.say("printed-road-example") if road.plan.origin == "published" else ""
    return Line(label, _where_on(teller, road), quiet)


def _where_on(teller: Teller, road: Road) -> str:
    held = today_of(teller.shelf, teller.record, road, teller.today)
    if held.block:
        number = road.plan.printed_day(held.day_of_block)
        return teller.say("printed-in-treatment", block=block_name(teller.words, held.block), number=number)
    if held.waiting_for:
        return teller.say("printed-between-blocks", block=block_name(teller.words, held.waiting_for))
    if teller.today < road.blocks[0].starts:
        return teller.say("printed-before-road", day=teller.day(road.blocks[0].starts))
    return teller.say("printed-after-road", day=teller.day(road.ends))


def allergies_line(teller: Teller) -> Line:
    return teller.line("child", teller.record.child, "allergies")


def allergy_lines(teller: Teller) -> list[Line]:
    return [allergies_line(teller), teller.line("child", teller.record.child, "other-conditions")]


def trial_lines(teller: Teller) -> list[Line]:
    """The trials the child is on, as far as the family wrote them down, with whom to call. One that has ended is left out."""
    running = [note for note in teller.record.of("trial") if not (ended := note.day("ended")) or ended > teller.today]
    return [_trial_line(teller, note, _whom_to_call(note)) for note in running]


def trial_history_lines(teller: Teller) -> list[Line]:
    """Every trial that was written down, one that has ended with its day: what a doctor who gives a second opinion asks for."""
    told = [_trial_line(teller, note, _ended(teller, note) or _whom_to_call(note)) for note in teller.record.of("trial")]
    return told or [teller.fact(teller.say("printed-on-trial"), "")]


def _trial_line(teller: Teller, note: Note, quiet: str) -> Line:
    """A trial; one whose name nobody wrote down keeps the number to call."""
    return Line(teller.say("printed-on-trial"), _trial_told(note) or teller.say("not-recorded"), quiet)


def _ended(teller: Teller, note: Note) -> str:
    label = teller.label("trial", "ended")
    return f"{label}: {teller.told(note, 'ended')}" if note.said("ended") else ""


def _whom_to_call(note: Note) -> str:
    return ", ".join(filter(None, (note.said("call"), note.said("phone"))))


def _trial_told(note: Note) -> str:
    return ", ".join(filter(None, (note.said("name"), note.said("number"))))


def line_lines(teller: Teller) -> list[Line]:
    """The central lines that are in; a line that was taken out is told with its day."""
    label = teller.kind("line").one.in_(teller.lang)
    lines = teller.record.of("line")
    if not lines:
        return [Line(label, teller.say("not-recorded"))]
    inside = [line for line in lines if not (removed := line.day("removed")) or removed > teller.today]
    if not inside:
        last = max(lines, key=lambda line: line.said("removed"))
        return [Line(label, teller.say("printed-line-removed", line=_line_told(teller, last), day=teller.told(last, "removed")))]
    return [Line(label, _line_told(teller, line), _placed(teller, line)) for line in inside]


def line_and_care_lines(teller: Teller) -> list[Line]:
    """The lines, and their care as the team's sheet says it."""
    care = [
        teller.line("line", line, "care") for line in teller.record.of("line") if line.said("care") and not line.said("removed")
    ]
    return [*line_lines(teller), *care]


def _line_told(teller: Teller, line: Note) -> str:
    return ", ".join(part for part in (teller.told(line, "kind"), teller.told(line, "side").lower(), line.said("where")) if part)


def _placed(teller: Teller, line: Note) -> str:
    placed = line.day("placed")
    return teller.say("printed-line-placed", day=teller.day(placed)) if placed else ""


# --- counts and medicines -------------------------------------------------------------------------------------------------


def counts(teller: Teller) -> Section:
    """The last reading of each count in both units, by its date."""
    last = {kind: found[-1:] for kind, found in readings_until(teller).items()}
    return Section(heading=teller.say("printed-counts"), **counts_table(teller, last))


def counts_with_formulas(teller: Teller) -> Section:
    """The last counts, and how those were worked out that a report did not give."""
    last = [found[-1] for found in readings_until(teller).values() if found]
    formulas = (f"{teller.day(one.on)}: {formula}" for one in last if (formula := formula_told(teller.words, one)))
    return replace(counts(teller), items=tuple(formulas))


def readings_until(teller: Teller) -> dict[str, list[Reading]]:
    """Everything known of each count up to today, oldest first."""
    known = {kind: readings(teller.library, teller.shelf, teller.record, kind) for kind in COUNTS}
    return {kind: [reading for reading in found if reading.on <= teller.today] for kind, found in known.items()}


def counts_table(teller: Teller, known: Mapping[str, Sequence[Reading]]) -> _Told:
    """Readings as a table, a row for each date, the latest first; what was not recorded on a date says so."""
    found = [reading for readings_of in known.values() for reading in readings_of]
    if not found:
        return {"paragraphs": (teller.say("not-recorded"),)}
    told = {(reading.kind, reading.on): count_told(teller, reading).replace(" (", "\n(") for reading in found}
    dates = sorted({reading.on for reading in found}, reverse=True)
    rows = [(teller.day(day), *(told.get((kind, day)) or teller.say("not-recorded") for kind in known)) for day in dates]
    head = (teller.label("count", "on"), *(teller.label("count", kind) for kind in known))
    return {"table": Table("", head, tuple(rows))}


def count_told(teller: Teller, reading: Reading) -> str:
    """A reading in both units; one that was worked out from others of the same report says so."""
    told = both_units(teller.words, reading.kind, reading.value)
    return f"{told} ({teller.say('printed-worked-out')})" if reading.formula else told


def medicines(teller: Teller, who: bool = True) -> Section:
    """The medicines of these days as the team's list says, each signed or copied."""
    rows = [medicine_row(teller, medicine, who) for medicine in current(teller.record, teller.today)]
    heading = teller.say("printed-medicines")
    if not rows:
        return Section(heading=heading, paragraphs=(teller.say("not-recorded"),))
    head = (
        teller.kind("medicine").one.in_(teller.lang),
        *(teller.say(f"printed-{word}") for word in ("amount", "how-often", "known-from")),
    )
    return Section(heading=heading, table=Table("", head, tuple(rows)))


def medicine_row(teller: Teller, medicine: Note, who: bool = True) -> tuple[str, ...]:
    """A medicine as it is listed; whether it was signed or copied, when, and (where there is room) who said it."""
    amount = medicine.said("amount") or teller.say("printed-amount-unknown")
    return (
        medicine_name(medicine),
        amount,
        how_often(teller, medicine),
        teller.from_whom(medicine, by="told-by" if who else "", short=True),
    )


def medicine_name(medicine: Note) -> str:
    brand = f" ({medicine.said('brand')})" if medicine.said("brand") else ""
    return f"{medicine.said('name')}{brand}"


def how_often(teller: Teller, medicine: Note) -> str:
    """How often, with the weekdays in words, the times, and food: as the list says."""
    often, times = teller.told(medicine, "how-often"), teller.told(medicine, "times").lower()
    days = teller.told(medicine, "weekdays")
    days = days.lower() if teller.lang == "es" else days
    if medicine.said("how-often") == "weekly":
        days = teller.say("printed-only-on", days=days) if days else teller.say("printed-weekday-unknown")
    return ", ".join(part for part in (often, days, times, medicine.said("with-food")) if part)


def last_given(teller: Teller) -> Section:
    """The last day on which each medicine of the road was ticked as given, latest first."""
    road = road_of(teller.record)
    last = {
        one.item.what: one.on
        for one in (road.planned() if road else ())
        if one.done and not one.done.skipped and one.on <= teller.today
    }
    latest = sorted(last.items(), key=lambda pair: pair[1], reverse=True)[:_LAST_GIVEN]
    told = [f"{drug_name(teller.shelf, what, teller.lang)}: {teller.day(on)}" for what, on in latest]
    return Section(facts=(Line(teller.say("printed-last-given"), "; ".join(told)),)) if told else Section()


# --- dates and the plan ---------------------------------------------------------------------------------------------------


def dates(teller: Teller) -> Section:
    """The appointments from today on."""
    return _section(teller, "printed-dates", [appointment_line(teller, note) for note in ahead(teller.record, teller.today)])


def appointment_line(teller: Teller, note: Note) -> Line:
    when = ", ".join(part for part in (teller.told(note, "on"), note.said("at")) if part)
    what = ", ".join(
        part for part in (note_title(teller.words, teller.kind("appointment"), note), note.said("where"), note.said("with")) if part
    )
    more = [f"{teller.label('appointment', field)}: {note.said(field)}" for field in ("bring", "note") if note.said(field)]
    return Line(when, "\n".join([what, *before_it(teller, note)]), "; ".join(more))


def before_it(teller: Teller, note: Note) -> list[str]:
    """What must be known before an appointment: fasting and a spinal treatment, where the team said so."""
    told = []
    if note.said("fasting") == "yes":
        told.append(teller.say("printed-fasting") + (f": {note.said('fasting-from')}" if note.said("fasting-from") else ""))
    if note.said("spinal") == "yes":
        told.append(teller.say("printed-spinal"))
    return told


def plan(teller: Teller) -> Section:
    """The road, block by block, with its dates as they stand today."""
    road = road_of(teller.record)
    if road is None:
        return Section(heading=teller.say("printed-road"), paragraphs=(teller.say("not-recorded"),))
    held = any(block.holds for block in road.blocks)
    rows = [
        (block_name(teller.words, block), teller.day(block.starts), *([_held(teller, block)] if held else []))
        for block in road.blocks
    ]
    head = ("printed-block", "printed-block-starts", *(["printed-block-held"] if held else []))
    lead = [road.plan.title.in_(teller.lang)] + ([teller.say("printed-road-example")] if road.plan.origin == "published" else [])
    return Section(
        heading=teller.say("printed-road"), paragraphs=tuple(lead), table=Table("", tuple(map(teller.say, head)), tuple(rows))
    )


def _held(teller: Teller, block: Block) -> str:
    return "; ".join(teller.say("road-held", day=hold.from_day, days=hold.days, reason=hold.reason).strip() for hold in block.holds)


# --- what is private ------------------------------------------------------------------------------------------------------


def team_said(teller: Teller) -> Section:
    """The team's own risk group, latest first; it is theirs, and nothing of ours stands beside it."""
    notes = teller.record.by_day("team-said", "on")
    lines = [line for note in notes for line in team_said_lines(teller, note)]
    return _section(teller, "printed-team-said", lines)


def team_said_lines(teller: Teller, note: Note) -> list[Line]:
    filled = [field for field in ("protocol", "rests-on", "changes-if", "note") if note.said(field)]
    quiet = teller.from_whom(note, by="by", on="on")
    return [teller.line("team-said", note, "group", quiet), *(teller.line("team-said", note, field) for field in filled)]


def mrd(teller: Teller) -> Section:
    """Every MRD result as the report says it, oldest first."""
    lines = []
    for note in reversed(teller.record.by_day("mrd", "on")):
        quiet = ", ".join(part for part in (teller.told(note, "tissue"), teller.told(note, "method"), note.said("note")) if part)
        label = ", ".join(part for part in (teller.told(note, "when"), teller.told(note, "on")) if part)
        lines.append(teller.fact(label, note.said("result"), quiet))
    return _section(teller, "printed-mrd", lines)


def questions(teller: Teller) -> Section:
    """The questions that have no answer yet, the important ones first."""
    waiting = unanswered(teller.record)
    heading = teller.kind("question").many.in_(teller.lang)
    return Section(
        heading=heading,
        ticks=tuple(note.said("text") for note in waiting),
        paragraphs=() if waiting else (teller.say("not-recorded"),),
    )


def _section(teller: Teller, heading: str, lines: list[Line]) -> Section:
    """A section of facts; with none it says so, for silence could be read as "none"."""
    return Section(heading=teller.say(heading), facts=tuple(lines), paragraphs=() if lines else (teller.say("not-recorded"),))

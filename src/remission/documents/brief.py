"""The visit brief: one page that a nurse reads in thirty seconds. What is new since the last visit, as it was written down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from remission.care.record import Record
from remission.care.visit import NotTaken, Symptom, Visit, gathered
from remission.documents.paper import Line, Paper, Section
from remission.documents.parts import appointment_line, counts_table, medicine_name, phase_line
from remission.documents.teller import Teller, shortened
from remission.home.notes import Note
from remission.knowledge.model import Lang, Library
from remission.knowledge.shelf import Shelf

_TEMPERATURES, _SYMPTOMS, _DOSES, _WORDS, _QUESTIONS, _APPOINTMENTS, _READINGS = 3, 5, 3, 2, 5, 3, 2
_DATES = 4
_LONGEST, _BESIDE = 95, 60  # letters of a note or a question, and of a remark beside something; the rest is in the family's file


def brief_paper(library: Library, shelf: Shelf, record: Record, lang: Lang, today: date) -> Paper:
    """The brief: what may matter most comes first. No score, no judgement; an empty part says that nothing was written down."""
    teller = Teller(library, shelf, record, lang, today)
    visit = gathered(library, shelf, record, today)
    sections = (_news(teller, visit), _counts(teller, visit), *_questions(teller, visit), _next(teller, visit))
    return teller.paper("visit", teller.say("printed-brief"), sections, _lead(teller, visit), one_page=True)


def _lead(teller: Teller, visit: Visit) -> str:
    since = teller.say("printed-since-visit" if visit.last else "printed-since-days", day=teller.day(visit.since))
    phase = phase_line(teller)
    return f"{since}\n{phase.label}: {phase.value}"


def _news(teller: Teller, visit: Visit) -> Section:
    temperatures, symptoms, *rest = diary_lines(teller, visit)
    problems = [Line(teller.say("printed-line-problems"), _noted(teller, visit.line_problems))] if visit.line_problems else []
    doses = Line(teller.say("printed-not-taken"), _not_taken(teller, visit) or teller.say("printed-nothing-written"))
    return Section(heading=teller.say("printed-new"), facts=(temperatures, symptoms, *problems, doses, *rest))


def diary_lines(teller: Teller, visit: Visit) -> list[Line]:
    """What the diary says: temperatures, symptoms marked "a lot", weight, the family's own words."""
    nothing = teller.say("printed-nothing-written")
    return [
        Line(teller.say("printed-temperatures"), _temperatures(teller, visit) or nothing),
        Line(teller.say("printed-a-lot"), _symptoms(teller, visit.a_lot) or nothing, _some(teller, visit)),
        Line(teller.label("diary", "weight"), _weight(teller, visit) or nothing),
        *([Line(teller.say("printed-diary-words"), _noted(teller, visit.diary_words))] if visit.diary_words else []),
    ]


def _temperatures(teller: Teller, visit: Visit) -> str:
    """The highest readings, each with its day, time and place."""
    told = []
    for note in visit.temperatures[:_TEMPERATURES]:
        when = ", ".join(part for part in (teller.days(_on(note)), note.said("time")) if part)
        taken = teller.told(note, "how-taken").lower()
        told.append(teller.say("printed-temperature", value=note.said("temperature"), when=when) + (f" ({taken})" if taken else ""))
    return "\n".join([*told, *_and_more(teller, len(visit.temperatures) - _TEMPERATURES)])


def _symptoms(teller: Teller, symptoms: tuple[Symptom, ...]) -> str:
    told = [f"{teller.label('diary', symptom.field)}: {_days(teller, symptom.days)}" for symptom in symptoms[:_SYMPTOMS]]
    return "\n".join([*told, *_and_more(teller, len(symptoms) - _SYMPTOMS)])


def _some(teller: Teller, visit: Visit) -> str:
    """Symptoms marked "some", on how many days."""
    told = [
        teller.say(
            "printed-on-day" if len(one.days) == 1 else "printed-on-days",
            symptom=teller.label("diary", one.field),
            count=len(one.days),
        )
        for one in visit.some
    ]
    return teller.say("printed-some", symptoms=", ".join(told)) if told else ""


def _not_taken(teller: Teller, visit: Visit) -> str:
    told = [_doses(teller, group) for group in visit.not_taken[:_DOSES]]
    return "\n".join([*told, *_and_more(teller, len(visit.not_taken) - _DOSES)])


def _doses(teller: Teller, group: NotTaken) -> str:
    """One medicine: what happened, on which days, and what was noted about it."""
    name = shortened(medicine_name(group.medicine), 40) if group.medicine else teller.say("printed-medicine-gone")
    what = teller.option("dose", "what", group.what).split(":")[0].lower()
    notes = "; ".join(note.said("note") for note in group.doses if note.said("note"))
    days = _days(teller, sorted({day for note in group.doses for day in _on(note)}))
    return f"{name}, {what}: {days}" + (f". {shortened(notes, _BESIDE)}" if notes else "")


def _counts(teller: Teller, visit: Visit) -> Section:
    """The new readings of each count, the last ones."""
    new = {kind: found[-_READINGS:] for kind, found in visit.counts.items()}
    heading = teller.say("printed-new-counts")
    return (
        Section(heading=heading, **counts_table(teller, new))
        if any(new.values())
        else Section(heading=heading, paragraphs=(teller.say("printed-nothing-written"),))
    )


def _weight(teller: Teller, visit: Visit) -> str:
    told = [teller.say("printed-count-on", value=teller.told(note, "weight"), day=teller.days(_on(note))) for note in visit.weights]
    return " → ".join(told)


def _noted(teller: Teller, notes: tuple[Note, ...]) -> str:
    told = [
        f"{teller.days(_on(note))}: {shortened(note.said('note'), _LONGEST) or teller.say('not-recorded')}"
        for note in notes[:_WORDS]
    ]
    return "\n".join([*told, *_and_more(teller, len(notes) - _WORDS)])


def _questions(teller: Teller, visit: Visit) -> list[Section]:
    ticks = [_question(teller, note) for note in visit.questions[:_QUESTIONS]]
    nothing = () if ticks else (teller.say("printed-nothing-written"),)
    section = Section(heading=teller.kind("question").many.in_(teller.lang), ticks=tuple(ticks), paragraphs=nothing)
    more = _and_more(teller, len(visit.questions) - _QUESTIONS)
    return [section, *([Section(paragraphs=tuple(more))] if more else [])]


def _question(teller: Teller, note: Note) -> str:
    text = shortened(note.said("text"), _LONGEST)
    text = teller.say("printed-important", question=text) if note.said("important") == "yes" else text
    return f"{text} ({teller.say('printed-question-for', who=note.said('for'))})" if note.said("for") else text


def _next(teller: Teller, visit: Visit) -> Section:
    lines = [appointment_line(teller, note) for note in visit.appointments[:_APPOINTMENTS]]
    lines = [
        Line(line.label, shortened(line.value.replace("\n", ". "), _LONGEST), shortened(line.quiet, _BESIDE)) for line in lines
    ]
    nothing = () if lines else (teller.say("printed-nothing-written"),)
    return Section(heading=teller.say("printed-dates"), facts=tuple(lines), paragraphs=nothing)


def _days(teller: Teller, days: Sequence[date]) -> str:
    """A few dates one by one; of many, how many they are, the first and the last."""
    if len(days) <= _DATES:
        return teller.days(days)
    return teller.say("printed-days-between", count=len(days), first=teller.days(days[:1]), last=teller.days(days[-1:]))


def _and_more(teller: Teller, count: int) -> list[str]:
    return [teller.say("printed-more-in-file", count=count)] if count > 0 else []


def _on(note: Note) -> Iterable[date]:
    on = note.day("on")
    return [on] if on else []

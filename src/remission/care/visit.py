"""What is new since the last visit, gathered for whoever sees the child next. Nothing is weighed, scored or judged here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby

from remission.care.counts import Reading, readings
from remission.care.record import Record
from remission.home.notes import Note
from remission.home.typed import celsius
from remission.knowledge.model import Frozen, Library
from remission.knowledge.shelf import Shelf

COUNTS = ("anc", "wbc", "platelets", "hemoglobin")
NOT_TAKEN = ("missed", "vomited", "held")
_WITHOUT_A_VISIT = 14  # days to look back over when no earlier appointment is written down
_SYMPTOM = "symptom-"


class Symptom(Frozen, frozen=True):
    """A symptom of the diary, by the id of its field, and the days on which it was marked so."""

    field: str
    days: tuple[date, ...]


class NotTaken(Frozen, frozen=True):
    """What was written down about one medicine: the doses of one kind ("missed"), oldest first."""

    medicine: Note | None
    what: str
    doses: tuple[Note, ...]


class Visit(Frozen, frozen=True):
    """Everything since `since` (that day included); `last` is the appointment of that day, if there was one."""

    since: date
    last: Note | None
    temperatures: tuple[Note, ...]  # highest first
    a_lot: tuple[Symptom, ...]  # on the most days first
    some: tuple[Symptom, ...]
    line_problems: tuple[Note, ...]
    not_taken: tuple[NotTaken, ...]
    counts: dict[str, tuple[Reading, ...]]
    weights: tuple[Note, ...]  # the first and the last
    diary_words: tuple[Note, ...]  # latest first
    questions: tuple[Note, ...]  # what matters most first
    appointments: tuple[Note, ...]  # what is ahead


def gathered(library: Library, shelf: Shelf, record: Record, today: date) -> Visit:
    """What a nurse may want to know today."""
    last = last_visit(record, today)
    since = last.day("on") if last else None
    since = since or today - timedelta(days=_WITHOUT_A_VISIT)
    diary = [note for note in record.by_day("diary", "on") if _lies(note, since, today)]
    measured = [note for note in diary if note.said("temperature")]
    measured.sort(key=lambda note: celsius(note.said("temperature")), reverse=True)
    weights = [note for note in diary if note.said("weight")]
    problems = [note for note in record.by_day("line-log", "on") if note.said("what") == "problem" and _lies(note, since, today)]
    known = {kind: readings(library, shelf, record, kind) for kind in COUNTS}
    return Visit(
        since=since,
        last=last,
        temperatures=tuple(measured),
        a_lot=tuple(_symptoms(diary, "a-lot")),
        some=tuple(_symptoms(diary, "some")),
        line_problems=tuple(problems),
        not_taken=tuple(_not_taken(record, since, today)),
        counts={kind: tuple(one for one in found if since <= one.on <= today) for kind, found in known.items()},
        weights=(weights[-1], weights[0])[: len(weights)] if weights else (),
        diary_words=tuple(note for note in diary if note.said("note")),
        questions=tuple(unanswered(record)),
        appointments=tuple(ahead(record, today)),
    )


def unanswered(record: Record) -> list[Note]:
    """The questions that have no answer yet, what matters most first."""
    waiting = [note for note in record.of("question") if not note.said("answer")]
    return sorted(waiting, key=lambda note: note.said("important") != "yes")


def last_visit(record: Record, today: date) -> Note | None:
    """The last appointment before today."""
    return next((note for note in record.by_day("appointment", "on") if (on := note.day("on")) and on < today), None)


def ahead(record: Record, today: date) -> list[Note]:
    """The appointments from today on, the next one first."""
    return [note for note in reversed(record.by_day("appointment", "on")) if (on := note.day("on")) and on >= today]


def _lies(note: Note, since: date, today: date) -> bool:
    on = note.day("on")
    return on is not None and since <= on <= today


def _symptoms(diary: Iterable[Note], how_much: str) -> list[Symptom]:
    """The symptoms marked so, those of the most days first."""
    days: dict[str, set[date]] = {}
    for note in diary:
        for field, value in note.values.items():
            on = note.day("on")
            if field.startswith(_SYMPTOM) and value == how_much and on:
                days.setdefault(field, set()).add(on)
    found = [Symptom(field, tuple(sorted(on))) for field, on in days.items()]
    return sorted(found, key=lambda symptom: (-len(symptom.days), symptom.field))


def _not_taken(record: Record, since: date, today: date) -> Iterator[NotTaken]:
    """Doses that were missed, vomited or held, medicine by medicine, as they were written down."""
    medicines = {note.id: note for note in record.of("medicine")}
    doses = [note for note in record.by_day("dose", "on") if note.said("what") in NOT_TAKEN and _lies(note, since, today)]
    doses.sort(key=lambda note: (NOT_TAKEN.index(note.said("what")), note.said("medicine"), note.said("on"), note.seq))
    for (what, medicine), same in groupby(doses, key=lambda note: (note.said("what"), note.said("medicine"))):
        yield NotTaken(medicines.get(medicine), what, tuple(same))

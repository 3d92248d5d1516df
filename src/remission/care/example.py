"""The invented example child: notes as a family would have written them, dated from today.

Nobody in it exists. What was given so far follows from its road, so that the road, the counts and the diary tell one story.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from msgspec.structs import replace

from remission.care.child_road import change_values
from remission.care.medicines import WEEKDAYS
from remission.care.plan import Plan, packed, published
from remission.care.road import Delay, Done, Hold, Place, Road, laid_out
from remission.home.notes import Note, Values
from remission.knowledge.model import Lang, Text
from remission.knowledge.playbook import ExampleNote, NoteKind
from remission.knowledge.shelf import Shelf

_AT_HOME = ("mouth", "not-stated")  # ticked on the list of medicines, not on the road
_ROAD_CHANGE = "road-change"


def example_notes(shelf: Shelf, lang: Lang, today: date) -> list[Note]:
    """All notes of the invented child, the one that says who it is first; the same for the same day."""
    child = shelf.playbook.example.child
    written = [note for note in shelf.playbook.example.notes if note.kind != _ROAD_CHANGE]
    notes = [note for one in written for note in _notes(shelf, one, lang, today)]
    return [*notes, *_road_notes(shelf, child, lang, today)]


# --- a note as it would have been kept ----------------------------------------------------------------------------------


def _notes(shelf: Shelf, written: ExampleNote, lang: Lang, today: date) -> Iterator[Note]:
    """The note, or one for each of its days."""
    child, kind = shelf.playbook.example.child, shelf.playbook.kinds[written.kind]
    values = _values(kind, written, lang, today)
    if not written.each:
        yield Note(child, kind.id, child if kind.id == "child" else written.id, values)
    for number, ahead in enumerate(written.each, 1):
        yield Note(child, kind.id, f"{written.id}-{number}", values | {kind.dated_by: _day(today, ahead)})


def _values(kind: NoteKind, written: ExampleNote, lang: Lang, today: date) -> Values:
    days = [field.id for field in kind.fields if field.kind == "day"]
    values = {field: value.in_(lang) if isinstance(value, Text) else value for field, value in written.values.items()}
    values |= {field: _day(today, int(value)) for field, value in values.items() if field in days}
    if "weekdays" in values:
        chosen = {(today + timedelta(days=int(ahead))).weekday() for ahead in values["weekdays"].split()}
        values["weekdays"] = " ".join(WEEKDAYS[day] for day in sorted(chosen))
    return values


def _day(today: date, ahead: int) -> str:
    return (today + timedelta(days=ahead)).isoformat()


# --- the road and what was given on it ----------------------------------------------------------------------------------


def _road_notes(shelf: Shelf, child: str, lang: Lang, today: date) -> Iterator[Note]:
    """The plan, and what happened on its road until yesterday, in the order in which it happened."""
    example = shelf.playbook.example
    plan = replace(published(shelf.protocols[example.road.protocol]), title=example.road.title)
    starts = today + timedelta(days=example.road.starts)
    yield Note(child, "plan", "plan", {"starts": starts.isoformat(), "plan": packed(plan)})
    kind = shelf.playbook.kinds[_ROAD_CHANGE]
    told = [_values(kind, note, lang, today) for note in example.notes if note.kind == _ROAD_CHANGE]
    for number, values in enumerate(_happened(plan, starts, told, today), 1):
        yield Note(child, _ROAD_CHANGE, f"change-{number}", values)


def _happened(plan: Plan, starts: date, told: list[Values], today: date) -> Iterator[Values]:
    """What moved the road, and what was given or left out on its days: all that is not told otherwise was given."""
    moved = [(values["on"], _move(values)) for values in told if values["what"] in ("delay", "hold")]
    road = laid_out(plan, starts, [move for _, move in moved])
    left_out = {
        (values["phase"], values["cycle"], values["item"], values["day"]): values for values in told if values["what"] == "skipped"
    }
    on_days = [(on, change_values(move)) for on, move in moved]
    for done in _done(road, today):
        values = change_values(done)
        skipped = left_out.get((values["phase"], values["cycle"], values["item"], values["day"]))
        on_days.append((values["on"], values | (skipped or {})))
    return (values for _, values in sorted(on_days, key=lambda one: one[0]))


def _move(values: Values) -> Delay | Hold:
    at, days, reason = Place(values["phase"], int(values["cycle"])), int(values["days"]), values["reason"]
    return Delay(at, days, reason) if values["what"] == "delay" else Hold(at, int(values["from-day"]), days, reason)


def _done(road: Road, today: date) -> Iterator[Done]:
    """What the road held until yesterday, other than what is taken at home."""
    for planned in road.planned():
        if planned.on < today and planned.item.route not in _AT_HOME:
            yield Done(planned.at, planned.item.id, planned.day, planned.on)

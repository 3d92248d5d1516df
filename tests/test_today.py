"""What a day holds: the list's medicines, the road's, what is waited for, what to read; and the calendar of it all."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remission.care.drugs import drug_named
from remission.care.medicines import WEEKDAYS, due_on
from remission.care.plan import Item, Phase, Plan, packed, published
from remission.care.record import Record
from remission.care.road import Delay, Hold, Place, laid_out
from remission.care.today import question_sheets, to_watch, today_of
from remission.documents.calendar_file import calendar_file
from remission.documents.wording import Wording
from remission.home.notes import Note
from remission.knowledge.model import Library, Text
from remission.rules.compiled import load_shelf

SHELF = load_shelf()
DAY = date(2026, 3, 7)  # a Saturday
CHILD = Note("c", "child", "c", {"name": "Ana", "born": "2021-05-04"})


def record(*notes: Note) -> Record:
    return Record(CHILD, notes)


def medicine(how_often: str, **said: str) -> Note:
    return Note("c", "medicine", "m", {"name": "Mercaptopurine", "how-often": how_often, **said})


@pytest.mark.parametrize(
    ("note", "slots"),
    [
        (medicine("daily"), ["day"]),
        (medicine("twice-daily", times="morning evening"), ["morning", "evening"]),
        (medicine("weekly", weekdays="sat", times="night"), ["night"]),
        (medicine("weekly", weekdays="fri"), []),
        (medicine("some-days", weekdays="mon sat"), ["day"]),
        (medicine("as-needed"), []),
        (medicine("in-clinic", weekdays="sat"), []),
        (medicine("daily", until="2026-03-06"), []),
        (medicine("daily", **{"from": "2026-03-08"}), []),
        (medicine("daily", **{"from": "2026-03-07"}, until="2026-03-07"), ["day"]),
    ],
)
def test_a_medicine_is_due_when_the_list_says_so(note: Note, slots: list[str]) -> None:
    assert [due.slot for due in due_on(record(note), DAY)] == slots


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_a_weekly_medicine_is_due_once_in_any_seven_days(first: date) -> None:
    note = medicine("weekly", weekdays="thu")
    days = [day for day in (first + timedelta(n) for n in range(7)) if due_on(record(note), day)]
    assert [WEEKDAYS[day.weekday()] for day in days] == ["thu"]


def test_what_was_ticked_last_counts() -> None:
    said = {"medicine": "m", "on": DAY.isoformat(), "slot": "day"}
    ticks = [Note("c", "dose", f"d{n}", said | {"what": what}, seq=n) for n, what in enumerate(("missed", "given"), 1)]
    due = due_on(record(medicine("daily"), *reversed(ticks)), DAY)
    assert due[0].done is not None
    assert due[0].done.said("what") == "given"


ITEMS = (Item("vcr", "vincristine", "vein", (1, 8)), Item("mp", "mercaptopurine", "mouth", (1, 2, 3, 5)))
PLAN = Plan(Text("P", "P"), (Phase("one", Text("One", "Uno"), 14, ITEMS), Phase("two", Text("Two", "Dos"), 14)), "copied")


def test_a_day_before_on_between_and_after_the_road() -> None:
    road = laid_out(PLAN, DAY, [Delay(Place("two"), 7)])
    held = {n: today_of(SHELF, record(), road, DAY + timedelta(n)) for n in (-1, 0, 15, 21, 60)}
    assert (held[-1].block, held[-1].waiting_for) == (None, None)
    assert [planned.item.id for planned in held[0].planned] == ["vcr", "mp"]
    assert held[15].block is None
    assert held[15].waiting_for is not None
    assert held[15].waiting_for.at == Place("two")
    assert (held[21].day_of_block, held[60].block) == (1, None)


def test_a_held_day_is_still_the_day_on_which_the_hold_began() -> None:
    road = laid_out(PLAN, DAY, [Hold(Place("one"), 8, 5)])
    days = [road.blocks[0].day_on(DAY + timedelta(n)) for n in (6, 7, 11, 12, 13)]
    assert days == [7, 7, 7, 8, 9]


def test_a_medicine_of_the_list_is_not_asked_for_twice() -> None:
    road = laid_out(PLAN, DAY)
    held = today_of(SHELF, record(medicine("daily")), road, DAY)
    assert [planned.item.id for planned in held.planned] == ["vcr"]
    assert len(held.due) == 1


def test_what_to_read_goes_when_the_medicine_is_long_past() -> None:
    road = laid_out(PLAN, DAY)
    assert "vincristine" in to_watch(SHELF, record(), road, DAY + timedelta(10))
    assert "vincristine" not in to_watch(SHELF, record(), road, DAY + timedelta(60))


@pytest.mark.parametrize(
    ("days", "kind"), [(-5, "before"), (3, "induction"), (15, "consolidation"), (25, "consolidation"), (90, "after")]
)
def test_questions_follow_the_road(days: int, kind: str) -> None:
    blocks = (Phase("one", Text("One", "Uno"), 14, kind="induction"), Phase("two", Text("Two", "Dos"), 14, kind="consolidation"))
    road = laid_out(Plan(Text("P", "P"), blocks, "copied"), DAY, [Delay(Place("two"), 7)])
    assert question_sheets(SHELF, road, DAY + timedelta(days)) == SHELF.playbook.questions[kind]
    assert question_sheets(SHELF, None, DAY) == SHELF.playbook.questions["before"]


@pytest.mark.parametrize("word", ["leucovorin", "antacid", "insomnia", "steroid", "grapefruit", "neuropathy"])
def test_a_search_word_is_no_medicine(word: str) -> None:
    assert drug_named(SHELF, word) is None


# --- the calendar -----------------------------------------------------------------------------------------------------


def events(library: Library, *notes: Note, delay: int = 0, discreet: bool = False) -> dict[str, icalendar.Event]:
    road = laid_out(PLAN, DAY, [Delay(Place("two"), delay)] if delay else [])
    made = calendar_file(Wording(library, "en"), SHELF, road, notes, "c", discreet)
    return {str(event["uid"]): event for event in icalendar.Calendar.from_ical(made.decode()).walk("VEVENT")}  # type: ignore[misc]


def test_days_in_a_row_at_home_are_one_event_and_days_at_the_clinic_are_not(library: Library) -> None:
    found = [event for event in events(library).values() if "Mercaptopurine" in str(event["summary"])]
    assert sorted((e["dtstart"].dt, e["dtend"].dt) for e in found) == [
        (DAY, DAY + timedelta(3)),
        (DAY + timedelta(4), DAY + timedelta(5)),
    ]
    clinic = [event for event in events(library).values() if "Vincristine" in str(event["summary"])]
    assert [event["dtstart"].dt for event in clinic] == [DAY, DAY + timedelta(7)]


def test_half_past_nine_stays_half_past_nine_when_the_clocks_change(library: Library) -> None:
    visits = [Note("c", "appointment", day, {"on": day, "at": "09:30", "what": "Count"}) for day in ("2026-03-07", "2026-03-09")]
    starts = [e["dtstart"].dt for e in events(library, *visits).values() if str(e["summary"]).startswith("Count")]
    assert starts == [datetime(2026, 3, 7, 9, 30), datetime(2026, 3, 9, 9, 30)]  # no zone: read on the wall clock
    assert b"TZID" not in calendar_file(Wording(library, "en"), SHELF, None, visits)


def test_a_delay_moves_events_and_keeps_their_ids(library: Library) -> None:
    before, after = events(library), events(library, delay=7)
    assert before.keys() == after.keys()
    moved = [uid for uid in before if before[uid]["dtstart"].dt != after[uid]["dtstart"].dt]
    assert [str(after[uid]["summary"]) for uid in moved] == ["Two begins"]


def test_a_published_example_says_so_in_every_event(library: Library) -> None:
    road = laid_out(published(SHELF.protocols["ccg-1991"]), DAY)
    made = calendar_file(Wording(library, "es"), SHELF, road).decode()
    assert made.count("BEGIN:VEVENT") > 50
    assert made == calendar_file(Wording(library, "es"), SHELF, road).decode()
    assert made.replace("\r\n ", "").count("ejemplo publicado") == made.count("BEGIN:VEVENT")


def test_a_plan_is_kept_as_it_is() -> None:
    from remission.care.plan import unpacked

    assert unpacked(packed(PLAN)) == PLAN

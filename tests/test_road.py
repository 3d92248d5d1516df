"""The road with dates: blocks in a row, delays that add up, holds, and nothing given that moves."""

from __future__ import annotations

import timeit
from datetime import date, timedelta
from typing import Literal

import icalendar
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Run
from remission.care.child_road import (
    ChildRoad,
    as_first_planned,
    change_values,
    changes_of,
    child_road,
    road_before,
    road_of,
    road_with,
    unfitting,
)
from remission.care.plan import Item, Phase, Plan, packed, published
from remission.care.record import Record
from remission.care.road import Change, Delay, Done, Hold, Place, Road, laid_out, laid_out_as_far_as_it_fits
from remission.documents.calendar_file import calendar_file
from remission.documents.wording import Wording
from remission.home.notes import Note
from remission.knowledge.model import Library, Text
from remission.record.problems import InputProblem
from remission.rules.compiled import load_shelf

PLANS = {name: published(protocol) for name, protocol in load_shelf().protocols.items()}
FIRST = date(2026, 2, 24)

roads = st.sampled_from(sorted(PLANS))
first_days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@st.composite
def changes(draw: st.DrawFn, plan: Plan) -> list[Delay | Hold]:
    places = [Place(phase.id, cycle) for phase in plan.phases for cycle in range(1, phase.repeats + 1)]
    lasts = {phase.id: phase.lasts for phase in plan.phases}
    made: list[Delay | Hold] = []
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.sampled_from(places))
        days = draw(st.integers(1, 60))
        made.append(Delay(at, days) if draw(st.booleans()) else Hold(at, draw(st.integers(1, lasts[at.phase])), days))
    return made


def test_ccg_1991_without_delays_begins_its_blocks_on_the_days_that_were_counted_by_hand() -> None:
    road = laid_out(PLANS["ccg-1991"], FIRST)
    assert [(block.starts - FIRST).days + 1 for block in road.blocks[:6]] == [1, 36, 64, 120, 176, 232]


def test_day_29_of_a_block_is_28_days_after_its_first_across_a_leap_day() -> None:
    road = laid_out(PLANS["ccg-1991"], date(2028, 2, 10))
    assert road.blocks[0].date_of(29) == date(2028, 3, 9)


def test_a_week_of_low_counts_moves_that_block_and_all_that_follow() -> None:
    before = laid_out(PLANS["ccg-1991"], FIRST)
    after = laid_out(PLANS["ccg-1991"], FIRST, [Delay(Place("consolidation"), 7, "counts too low")])
    assert after.blocks[0] == before.blocks[0]
    assert all(late.starts - early.starts == timedelta(7) for early, late in zip(before.blocks[1:], after.blocks[1:], strict=True))
    assert after.block_on(before.blocks[1].starts) is None, "the week of waiting belongs to no block"


def test_a_hold_moves_the_days_from_there_on() -> None:
    road = laid_out(PLANS["ccg-1991"], FIRST, [Hold(Place("induction"), 15, 3, "fever")])
    induction = road.blocks[0]
    assert induction.date_of(14) == FIRST + timedelta(13)
    assert induction.date_of(15) == FIRST + timedelta(14 + 3)
    assert road.blocks[1].starts == FIRST + timedelta(35 + 3)


@given(st.data(), roads, first_days)
def test_no_two_blocks_overlap_and_nothing_is_given_outside_its_block(data: st.DataObject, name: str, first: date) -> None:
    road = laid_out(PLANS[name], first, data.draw(changes(PLANS[name])))
    assert all(one.ends <= other.starts for one, other in zip(road.blocks, road.blocks[1:], strict=False))
    blocks = {block.at: block for block in road.blocks}
    for planned in road.planned():
        assert blocks[planned.at].starts <= planned.on < blocks[planned.at].ends


@given(roads, first_days, st.integers(1, 90), st.integers(1, 90), st.data())
def test_delaying_twice_equals_delaying_once_by_the_sum(name: str, first: date, one: int, two: int, data: st.DataObject) -> None:
    plan = PLANS[name]
    at = Place(data.draw(st.sampled_from([phase.id for phase in plan.phases])))
    twice = laid_out(plan, first, [Delay(at, one), Delay(at, two)])
    once = laid_out(plan, first, [Delay(at, one + two)])
    assert twice.blocks == once.blocks


@given(st.data(), roads, first_days)
def test_the_order_of_delays_of_different_blocks_does_not_matter(data: st.DataObject, name: str, first: date) -> None:
    made = data.draw(changes(PLANS[name]))
    delays = [change for change in made if isinstance(change, Delay)]
    assert laid_out(PLANS[name], first, delays).blocks == laid_out(PLANS[name], first, delays[::-1]).blocks


def refusal(plan: Plan, first: date, changes: list[Delay | Hold | Done]) -> str | None:
    """The word with which changes are refused, if they are."""
    try:
        laid_out(plan, first, changes)
    except InputProblem as refused:
        return refused.word
    return None


@given(st.data(), roads, first_days)
def test_nothing_given_is_moved(data: st.DataObject, name: str, first: date) -> None:
    plan = PLANS[name]
    before = laid_out(plan, first)
    planned = list(before.planned())
    if not planned:
        return
    some = data.draw(st.lists(st.sampled_from(planned), max_size=5, unique_by=lambda p: (p.at, p.item.id, p.day)))
    done = [Done(p.at, p.item.id, p.day, p.on) for p in some]
    allowed: list[Delay | Hold | Done] = []
    for change in data.draw(changes(plan)):
        if refusal(plan, first, [*done, *allowed, change]) is None:
            allowed.append(change)
    after: Road = laid_out(plan, first, [*done, *allowed])
    kept = {(p.at, p.item.id, p.day): p.on for p in after.planned() if p.done}
    assert kept == {(p.at, p.item.id, p.day): p.on for p in some}
    blocks = {block.at: block for block in after.blocks}
    assert all(blocks[p.at].starts == next(b.starts for b in before.blocks if b.at == p.at) for p in some)


@given(st.data(), roads, first_days)
def test_nothing_skipped_is_moved_either(data: st.DataObject, name: str, first: date) -> None:
    plan = PLANS[name]
    planned = list(laid_out(plan, first).planned())
    if not planned:
        return
    one = data.draw(st.sampled_from(planned))
    skipped = Done(one.at, one.item.id, one.day, one.on, skipped=True)
    allowed = [change for change in data.draw(changes(plan)) if refusal(plan, first, [skipped, change]) is None]
    after, refused = laid_out_as_far_as_it_fits(plan, first, [skipped, *allowed])
    assert not [change for change, _ in refused if isinstance(change, Done)]
    still = next(p for p in after.planned() if (p.at, p.item.id, p.day) == (one.at, one.item.id, one.day))
    assert (still.on, still.done) == (one.on, skipped)
    assert next(block for block in after.blocks if block.at == one.at).date_of(one.day) == one.on


def short_plan(first_day: Literal[0, 1], *lasts: int) -> Plan:
    """An invented plan: blocks in a row, something on day 29 of each that has one."""
    items = (Item("vincristine", "vincristine", "vein", (29,)),)
    phases = [Phase(f"b{n}", Text(f"Block {n}", f"Bloque {n}"), last, items if last >= 29 else ()) for n, last in enumerate(lasts)]
    return Plan(Text("Invented", "Inventado"), tuple(phases), "copied", first_day)


@given(first_days, st.sampled_from([0, 1]))
def test_a_day_has_the_same_date_whatever_the_sheet_counts_from(first: date, counts_from: Literal[0, 1]) -> None:
    """A sheet that counts from 0 prints day 28 where one that counts from 1 prints day 29: four weeks after the first."""
    plan = short_plan(counts_from, 35)
    planned = next(laid_out(plan, first).planned())
    assert planned.on == first + timedelta(weeks=4)
    assert plan.printed_day(planned.day) == {0: 28, 1: 29}[counts_from]
    assert plan.printed_day(1) == counts_from


def test_published_roads_print_their_own_day_numbers() -> None:
    assert PLANS["ccg-1991"].printed_day(29) == 28, "CCG-1991 counts from day 0"
    assert PLANS["all-bfm-95"].printed_day(29) == 29


@pytest.mark.parametrize(
    ("first", "day_29"),
    [
        (date(2026, 2, 1), date(2026, 3, 1)),  # a February of four weeks
        (date(2028, 2, 1), date(2028, 2, 29)),  # a leap day
        (date(2028, 2, 29), date(2028, 3, 28)),
        (date(2100, 2, 1), date(2100, 3, 1)),  # 2100 is no leap year
        (date(2026, 12, 31), date(2027, 1, 28)),
        (date(2026, 1, 31), date(2026, 2, 28)),
    ],
)
def test_day_29_across_month_ends_and_leap_days(first: date, day_29: date) -> None:
    assert next(laid_out(short_plan(1, 35), first).planned()).on == day_29


@given(st.data(), roads, first_days)
def test_the_day_of_a_block_is_the_day_whose_date_it_is(data: st.DataObject, name: str, first: date) -> None:
    road = laid_out(PLANS[name], first, data.draw(changes(PLANS[name])))
    block = data.draw(st.sampled_from(road.blocks))
    day = data.draw(st.integers(1, block.phase.lasts))
    assert block.day_on(block.date_of(day)) == day
    held = block.starts + timedelta(data.draw(st.integers(0, (block.ends - block.starts).days - 1)))
    assert block.date_of(block.day_on(held)) <= held or block.day_on(held) == 1


def test_a_plan_of_800_days_with_daily_medicines_is_listed_in_under_10_ms() -> None:
    daily = tuple(Item(f"d{n}", "mercaptopurine", "mouth", tuple(range(1, 81))) for n in range(2))
    blocks = tuple(Phase(f"b{n}", Text(f"Block {n}", f"Bloque {n}"), 80, daily) for n in range(10))
    road = laid_out(Plan(Text("Long", "Largo"), blocks, "copied"), FIRST)
    fastest = min(timeit.repeat(lambda: list(road.planned()), number=1, repeat=20))
    assert len(list(road.planned())) == 1600
    assert fastest < 0.010


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (Delay(Place("nirvana"), 7), "road-no-such-block"),
        (Delay(Place("induction", 2), 7), "road-no-such-block"),
        (Delay(Place("induction"), 0), "road-no-days"),
        (Delay(Place("induction"), 100_000), "road-too-many-days"),
        (Hold(Place("induction"), 99, 3), "road-no-such-day"),
        (Done(Place("induction"), "vincristine", 2, FIRST), "road-not-planned"),
        (Done(Place("consolidation"), "vincristine", 1, FIRST), "road-before-its-block"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(change: Delay | Hold | Done, word: str) -> None:
    with pytest.raises(InputProblem) as refused:
        laid_out(PLANS["ccg-1991"], FIRST, [change])
    assert refused.value.word == word


def test_a_block_that_has_begun_is_not_delayed_any_more() -> None:
    given_on_day_1 = Done(Place("induction"), "vincristine", 1, FIRST)
    with pytest.raises(InputProblem, match="road-already-given"):
        laid_out(PLANS["ccg-1991"], FIRST, [given_on_day_1, Delay(Place("induction"), 7)])


# --- a child's own road -----------------------------------------------------------------------------------------------


def child_with(plan: Plan | None, *changes: Change, starts: date = FIRST) -> Record:
    """An invented child whose family copied a plan and wrote down changes, in this order."""
    child = Note("c", "child", "c", {"name": "Invented"}, 1)
    notes = [] if plan is None else [Note("c", "plan", "p", {"plan": packed(plan), "starts": starts.isoformat()}, 2)]
    notes += [Note("c", "road-change", f"r{n}", change_values(change), 10 + n) for n, change in enumerate(changes)]
    return Record(child, (child, *notes))


@given(st.data(), roads, first_days)
def test_a_childs_road_is_its_plan_with_its_changes(data: st.DataObject, name: str, first: date) -> None:
    made = data.draw(changes(PLANS[name]))
    record = child_with(PLANS[name], *made, starts=first)
    assert changes_of(record) == made
    assert road_of(record) == laid_out(PLANS[name], first, made)
    assert as_first_planned(record) == laid_out(PLANS[name], first)
    assert road_before(record, 11) == laid_out(PLANS[name], first, made[:1])


def test_the_changes_are_taken_in_the_order_in_which_they_were_written() -> None:
    """A delay written before the first dose stands; the same delay written after it does not fit."""
    given_then = Done(Place("consolidation"), "vincristine", 1, FIRST + timedelta(60))
    delay = Delay(Place("consolidation"), 7)
    assert not unfitting(child_with(PLANS["ccg-1991"], delay, given_then))
    (apart,) = unfitting(child_with(PLANS["ccg-1991"], given_then, delay))
    assert (apart.word, apart.note.said("what")) == ("road-already-given", "delay")


def test_a_change_of_a_block_that_was_taken_out_of_the_plan_stands_apart() -> None:
    plan = PLANS["ccg-1991"]
    shorter = msgspec.structs.replace(plan, phases=tuple(phase for phase in plan.phases if phase.id != "consolidation"))
    kept, lost = Delay(Place("maintenance"), 7), Delay(Place("consolidation"), 7)
    held = child_road(child_with(shorter, lost, kept))
    assert held.road == laid_out(shorter, FIRST, [kept])
    assert [apart.word for apart in held.unfitting] == ["road-no-such-block"]
    assert road_with(child_with(shorter, lost), kept) == held.road


@pytest.mark.parametrize(
    "values",
    [
        {"what": "delay", "phase": "induction", "days": "a week"},
        {"what": "given", "phase": "induction", "item": "vincristine", "day": "1", "on": "yesterday"},
        {"what": "dance", "phase": "induction"},
        {"what": "hold", "phase": "induction", "cycle": "x", "from-day": "1", "days": "1"},
        {},
    ],
)
def test_a_change_that_cannot_be_read_does_not_stop_the_page(values: dict[str, str]) -> None:
    record = child_with(PLANS["ccg-1991"])
    broken = Note("c", "road-change", "x", values, 50)
    held = child_road(Record(record.child, (*record.notes, broken)))
    assert held.road == laid_out(PLANS["ccg-1991"], FIRST)
    assert [apart.word for apart in held.unfitting] == ["road-change-kept-unreadable"]


@pytest.mark.parametrize(
    "values",
    [
        {"plan": "{", "starts": "2026-01-01"},
        {"plan": '{"title": 1}', "starts": "2026-01-01"},
        {"plan": packed(PLANS["ccg-1991"]), "starts": "soon"},
        {"plan": packed(PLANS["ccg-1991"]), "starts": "9999-12-01"},
        {"plan": packed(short_plan(1, 0)), "starts": "2026-01-01"},
        {"plan": packed(short_plan(1, 10**12)), "starts": "2026-01-01"},
    ],
)
def test_a_plan_that_cannot_be_read_is_said_and_does_not_stop_the_page(values: dict[str, str]) -> None:
    child = Note("c", "child", "c", {"name": "Invented"}, 1)
    held = child_road(Record(child, (child, Note("c", "plan", "p", values, 2))))
    assert held.road is None
    assert len(held.unfitting) == 1


def test_without_a_plan_there_is_no_road() -> None:
    record = child_with(None, Delay(Place("induction"), 7))
    assert child_road(record) == ChildRoad()
    assert as_first_planned(record) is None
    with pytest.raises(InputProblem, match="road-no-plan"):
        road_with(record, Delay(Place("induction"), 7))


def test_a_change_is_refused_before_it_is_kept() -> None:
    record = child_with(PLANS["ccg-1991"], Done(Place("induction"), "vincristine", 1, FIRST))
    with pytest.raises(InputProblem, match="road-already-given"):
        road_with(record, Delay(Place("induction"), 7))


def test_the_command_lays_out_a_published_example_and_says_that_it_is_one(run: Run) -> None:
    told = run("road", "ccg-1991", "--start", "2026-03-03", "--delay", "consolidation=7", "--lang", "es").out
    assert "Un ejemplo publicado" in told
    assert "14 de abril de 2026  Consolidación" in told
    assert "mg/m2" not in told
    assert "mg/m2" not in run("road", "ccg-1991", "--days").out
    assert "the published protocol used 1.5 mg/m2" in run("road", "ccg-1991", "--days", "--doses").out
    assert "ccg-1991" in run("road").out


@pytest.mark.parametrize("wrong", [["nirvana"], ["ccg-1991", "--delay", "a week"], ["ccg-1991", "--delay", "nirvana=7"]])
def test_the_command_refuses_what_it_cannot_read(run: Run, wrong: list[str]) -> None:
    result = run("road", *wrong)
    assert result.code == 2
    assert result.err


def test_the_calendar_keeps_its_ids_when_the_road_moves_and_repeats_its_bytes(library: Library) -> None:
    shelf, plan, words = load_shelf(), PLANS["ccg-1991"], Wording(library, "es")
    before = calendar_file(words, shelf, laid_out(plan, FIRST))
    after = calendar_file(words, shelf, laid_out(plan, FIRST, [Delay(Place("consolidation"), 7)]))
    assert before == calendar_file(words, shelf, laid_out(plan, FIRST))
    one, other = icalendar.Calendar.from_ical(before.decode()), icalendar.Calendar.from_ical(after.decode())
    ids = [str(event["uid"]) for event in one.walk("VEVENT")]
    assert len(set(ids)) == len(ids) > 100
    assert sorted(ids) == sorted(str(event["uid"]) for event in other.walk("VEVENT"))
    assert all("mg" not in str(event["summary"]) for event in one.walk("VEVENT"))

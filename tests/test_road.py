"""The road with dates: blocks in a row, delays that add up, holds, and nothing given that moves."""

from __future__ import annotations

from datetime import date, timedelta

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Run
from remission.care.road import Delay, Done, Hold, Place, Road, laid_out
from remission.documents.road_told import road_calendar
from remission.knowledge.model import Library
from remission.knowledge.protocols import Protocol
from remission.record.problems import InputProblem
from remission.rules.compiled import load_shelf

PROTOCOLS = load_shelf().protocols
FIRST = date(2026, 2, 24)

roads = st.sampled_from(sorted(PROTOCOLS))
first_days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@st.composite
def changes(draw: st.DrawFn, protocol: Protocol) -> list[Delay | Hold]:
    places = [Place(phase.id, cycle) for phase in protocol.phases for cycle in range(1, phase.repeats + 1)]
    lasts = {phase.id: phase.lasts for phase in protocol.phases}
    made: list[Delay | Hold] = []
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.sampled_from(places))
        days = draw(st.integers(1, 60))
        made.append(Delay(at, days) if draw(st.booleans()) else Hold(at, draw(st.integers(1, lasts[at.phase])), days))
    return made


def test_ccg_1991_without_delays_begins_its_blocks_on_the_days_that_were_counted_by_hand() -> None:
    road = laid_out(PROTOCOLS["ccg-1991"], FIRST)
    assert [(block.starts - FIRST).days + 1 for block in road.blocks[:6]] == [1, 36, 64, 120, 176, 232]


def test_day_29_of_a_block_is_28_days_after_its_first_across_a_leap_day() -> None:
    road = laid_out(PROTOCOLS["ccg-1991"], date(2028, 2, 10))
    assert road.blocks[0].date_of(29) == date(2028, 3, 9)


def test_a_week_of_low_counts_moves_that_block_and_all_that_follow() -> None:
    before = laid_out(PROTOCOLS["ccg-1991"], FIRST)
    after = laid_out(PROTOCOLS["ccg-1991"], FIRST, [Delay(Place("consolidation"), 7, "counts too low")])
    assert after.blocks[0] == before.blocks[0]
    assert all(late.starts - early.starts == timedelta(7) for early, late in zip(before.blocks[1:], after.blocks[1:], strict=True))
    assert after.block_on(before.blocks[1].starts) is None, "the week of waiting belongs to no block"


def test_a_hold_moves_the_days_from_there_on() -> None:
    road = laid_out(PROTOCOLS["ccg-1991"], FIRST, [Hold(Place("induction"), 15, 3, "fever")])
    induction = road.blocks[0]
    assert induction.date_of(14) == FIRST + timedelta(13)
    assert induction.date_of(15) == FIRST + timedelta(14 + 3)
    assert road.blocks[1].starts == FIRST + timedelta(35 + 3)


@given(st.data(), roads, first_days)
def test_no_two_blocks_overlap_and_nothing_is_given_outside_its_block(data: st.DataObject, name: str, first: date) -> None:
    road = laid_out(PROTOCOLS[name], first, data.draw(changes(PROTOCOLS[name])))
    assert all(one.ends <= other.starts for one, other in zip(road.blocks, road.blocks[1:], strict=False))
    blocks = {block.at: block for block in road.blocks}
    for planned in road.planned():
        assert blocks[planned.at].starts <= planned.on < blocks[planned.at].ends


@given(roads, first_days, st.integers(1, 90), st.integers(1, 90), st.data())
def test_delaying_twice_equals_delaying_once_by_the_sum(name: str, first: date, one: int, two: int, data: st.DataObject) -> None:
    protocol = PROTOCOLS[name]
    at = Place(data.draw(st.sampled_from([phase.id for phase in protocol.phases])))
    twice = laid_out(protocol, first, [Delay(at, one), Delay(at, two)])
    once = laid_out(protocol, first, [Delay(at, one + two)])
    assert twice.blocks == once.blocks


@given(st.data(), roads, first_days)
def test_the_order_of_delays_of_different_blocks_does_not_matter(data: st.DataObject, name: str, first: date) -> None:
    made = data.draw(changes(PROTOCOLS[name]))
    delays = [change for change in made if isinstance(change, Delay)]
    assert laid_out(PROTOCOLS[name], first, delays).blocks == laid_out(PROTOCOLS[name], first, delays[::-1]).blocks


def refusal(protocol: Protocol, first: date, changes: list[Delay | Hold | Done]) -> str | None:
    """The word with which changes are refused, if they are."""
    try:
        laid_out(protocol, first, changes)
    except InputProblem as refused:
        return refused.word
    return None


@given(st.data(), roads, first_days)
def test_nothing_given_is_moved(data: st.DataObject, name: str, first: date) -> None:
    protocol = PROTOCOLS[name]
    before = laid_out(protocol, first)
    planned = list(before.planned())
    if not planned:
        return
    some = data.draw(st.lists(st.sampled_from(planned), max_size=5, unique_by=lambda p: (p.at, p.given.id, p.day)))
    done = [Done(p.at, p.given.id, p.day, p.on) for p in some]
    allowed: list[Delay | Hold | Done] = []
    for change in data.draw(changes(protocol)):
        if refusal(protocol, first, [*done, *allowed, change]) is None:
            allowed.append(change)
    after: Road = laid_out(protocol, first, [*done, *allowed])
    kept = {(p.at, p.given.id, p.day): p.on for p in after.planned() if p.done}
    assert kept == {(p.at, p.given.id, p.day): p.on for p in some}
    blocks = {block.at: block for block in after.blocks}
    assert all(blocks[p.at].starts == next(b.starts for b in before.blocks if b.at == p.at) for p in some)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (Delay(Place("nirvana"), 7), "road-no-such-block"),
        (Delay(Place("induction", 2), 7), "road-no-such-block"),
        (Delay(Place("induction"), 0), "road-no-days"),
        (Hold(Place("induction"), 99, 3), "road-no-such-day"),
        (Done(Place("induction"), "vincristine", 2, FIRST), "road-not-planned"),
        (Done(Place("consolidation"), "vincristine", 1, FIRST), "road-before-its-block"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(change: Delay | Hold | Done, word: str) -> None:
    with pytest.raises(InputProblem) as refused:
        laid_out(PROTOCOLS["ccg-1991"], FIRST, [change])
    assert refused.value.word == word


def test_a_block_that_has_begun_is_not_delayed_any_more() -> None:
    given_on_day_1 = Done(Place("induction"), "vincristine", 1, FIRST)
    with pytest.raises(InputProblem, match="road-already-given"):
        laid_out(PROTOCOLS["ccg-1991"], FIRST, [given_on_day_1, Delay(Place("induction"), 7)])


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
    shelf, protocol = load_shelf(), PROTOCOLS["ccg-1991"]
    before = road_calendar(library, shelf, laid_out(protocol, FIRST), "es")
    after = road_calendar(library, shelf, laid_out(protocol, FIRST, [Delay(Place("consolidation"), 7)]), "es")
    assert before == road_calendar(library, shelf, laid_out(protocol, FIRST), "es")
    one, other = icalendar.Calendar.from_ical(before.decode()), icalendar.Calendar.from_ical(after.decode())
    ids = [str(event["uid"]) for event in one.walk("VEVENT")]
    assert len(set(ids)) == len(ids) > 500
    assert sorted(ids) == sorted(str(event["uid"]) for event in other.walk("VEVENT"))
    assert all("mg" not in str(event["summary"]) for event in one.walk("VEVENT"))

"""A plan file is read as far as it can be, with every problem at once, and comes in only as far as the family confirms."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT, ends
from remission.care.drugs import drug_named
from remission.care.plan import Item, Phase, Plan, packed, published, unpacked
from remission.care.plan_check import without
from remission.care.plan_days import LAST_DAY
from remission.care.plan_file import (
    PlanFile,
    check_plan,
    confirmed,
    dates_of,
    days_of,
    days_written,
    kind_named,
    read_plan_file,
)  # fmt: skip
from remission.care.road import laid_out
from remission.care.weekly import daily_doubt
from remission.knowledge.model import LANGS, Library, Text
from remission.record.problems import InputProblem
from remission.rules.compiled import load_shelf

SHELF = load_shelf()
GOOD = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "plan-file.md").read_text("utf-8"), re.DOTALL)[0]

first_numbers: st.SearchStrategy[Literal[0, 1]] = st.sampled_from([0, 1])
day_sets = st.sets(st.integers(1, LAST_DAY - 1), min_size=1, max_size=60).map(lambda days: tuple(sorted(days)))


def read(*blocks: dict[str, Any], **top: Any) -> PlanFile:
    return read_plan_file(json.dumps({"title": "Invented", "counts-from": 1, "blocks": list(blocks)} | top).encode(), SHELF)


def block(*gives: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "Induction", "days": 35, "gives": list(gives)} | more


def gives(what: str = "vincristine", by: str = "vein", on: object = "1, 8", **more: Any) -> dict[str, Any]:
    return {"what": what, "by": by, "on": on} | more


def words_of(plan_file: PlanFile) -> list[str]:
    return [problem.word for problem in plan_file.problems]


def items_of(plan: Plan) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(item.what, item.route, item.days) for phase in plan.phases for item in phase.items]


# --- days ---------------------------------------------------------------------------------------------------------------------


@given(day_sets, first_numbers)
def test_days_that_are_written_are_read_back(days: tuple[int, ...], first: Literal[0, 1]) -> None:
    assert days_of(days_written(days, first), first) == days


@given(day_sets, first_numbers)
def test_days_are_read_however_they_are_set_apart(days: tuple[int, ...], first: Literal[0, 1]) -> None:
    said = [str(day - 1 + first) for day in days]
    for between in (", ", ",", "; ", " ", ",  ", " and ", " y "):
        assert days_of(between.join(said), first) == days


@pytest.mark.parametrize(
    ("written", "first", "days"),
    [
        ("1, 8, 15, 22", 1, (1, 8, 15, 22)),
        ("0, 7, 14, 21", 0, (1, 8, 15, 22)),
        ("1-4, 8–11", 1, (1, 2, 3, 4, 8, 9, 10, 11)),
        ("1 to 3", 1, (1, 2, 3)),
        ("1 a 3", 1, (1, 2, 3)),
        ("29.", 1, (29,)),
        ("8, 8", 1, (8,)),
    ],
)
def test_days_as_sheets_write_them(written: str, first: Literal[0, 1], days: tuple[int, ...]) -> None:
    assert days_of(written, first) == days


def test_days_are_written_as_a_sheet_does() -> None:
    assert days_written(range(1, 29), 1) == "1–28"
    assert days_written((1, 8, 15), 1) == "1, 8, 15"
    assert days_written((1, 8, 15), 0) == "0, 7, 14"
    assert days_written((1, 2, 4, 5, 6), 1) == "1, 2, 4–6"


@pytest.mark.parametrize(
    ("written", "first", "word"),
    [
        ("", 1, "plan-days-needed"),
        (" , ", 1, "plan-days-needed"),
        ("day one", 1, "plan-days-unreadable"),
        ("1.5", 1, "plan-days-unreadable"),
        ("-1", 1, "plan-days-unreadable"),
        ("1-8-15", 1, "plan-days-unreadable"),
        ("1²", 1, "plan-days-unreadable"),
        ("22-1", 1, "plan-days-reversed"),
        ("0, 7", 1, "plan-days-before-first"),
        ("1-99999", 1, "plan-days-too-late"),
    ],
)
def test_days_that_cannot_be_read_are_refused(written: str, first: Literal[0, 1], word: str) -> None:
    with pytest.raises(InputProblem) as refused:
        days_of(written, first)
    assert refused.value.word == word


# --- a good file --------------------------------------------------------------------------------------------------------------


def test_the_file_in_the_documentation_is_read_without_a_problem() -> None:
    plan_file = read_plan_file(GOOD.encode(), SHELF)
    assert plan_file.problems == ()
    plan = confirmed(plan_file, set())
    assert items_of(plan) == [
        ("vincristine", "vein", (1, 8, 15, 22)),
        ("dexamethasone", "mouth", tuple(range(1, 29))),
        ("methotrexate", "spinal-fluid", (8, 29)),
        ("mercaptopurine", "mouth", tuple(range(1, 85))),
    ]
    assert plan.phases[0].items[0].amount == "as printed on the sheet"
    assert [(phase.kind, phase.lasts, phase.repeats) for phase in plan.phases] == [("induction", 35, 1), ("maintenance", 84, 4)]
    assert dates_of(plan_file, plan) == (date(2026, 3, 3), ())
    assert plan.origin == "copied"
    assert unpacked(packed(plan)) == plan


def test_a_file_that_counts_from_0_gives_the_same_dates() -> None:
    zero = read(block(gives(on="0, 7, 14, 21")), **{"counts-from": 0}).plan
    one = read(block(gives(on="1, 8, 15, 22"))).plan
    assert items_of(zero) == items_of(one)
    assert days_written(zero.phases[0].items[0].days, zero.first_day) == "0, 7, 14, 21"


@pytest.mark.parametrize("said", ["VCR", "Vincristina", "vincristine", " VINCRISTINA "])
@pytest.mark.parametrize("by", ["IV", "i.v.", "vena", "intravenosa"])
def test_names_and_ways_are_read_as_clinics_write_them(said: str, by: str) -> None:
    plan_file = read(block(gives(said, by)))
    assert plan_file.problems == ()
    assert items_of(plan_file.plan) == [("vincristine", "vein", (1, 8))]


def test_the_sheets_own_words_are_kept_to_the_last_zero() -> None:
    plan = read_plan_file(GOOD.replace('"as printed on the sheet"', "1.50").encode(), SHELF).plan
    assert plan.phases[0].items[0].amount == "1.50"


@pytest.mark.parametrize("name", sorted(SHELF.protocols))
def test_a_published_road_raises_no_problem(name: str) -> None:
    assert check_plan(published(SHELF.protocols[name]), SHELF) == ()


@pytest.mark.parametrize("word", ["leucovorin", "antacid", "antiácido", "insomnia", "steroid", "neuropathy"])
def test_a_word_that_only_leads_to_a_page_is_no_name_of_its_medicine(word: str) -> None:
    assert drug_named(SHELF, word) is None
    assert daily_doubt(SHELF, word, "mouth", "daily") is None
    assert items_of(read(block(gives(word, "mouth", "1-3"))).plan)[0][0] == word


def test_leucovorin_is_never_offered_as_methotrexate() -> None:
    plan_file = read(block(gives("leucovorina", "mouth", "3")))
    assert (plan_file.problems, items_of(plan_file.plan)) == ((), [("leucovorin", "mouth", (3,))])


@pytest.mark.parametrize(
    ("written", "near"),
    [
        ("vincrisitne", "Vincristine"),
        ("merkaptopurine", "Mercaptopurine"),
        ("prednisolone", ""),
        ("ondansetron", ""),
        ("vinblastine", ""),
    ],
)
def test_another_medicine_is_offered_only_for_a_slip_of_the_pen(written: str, near: str) -> None:
    (problem,) = read(block(gives(written, "vein", "1"))).problems
    offered = problem.values["near"]
    assert (offered.en if isinstance(offered, Text) else offered) == near


@given(st.sampled_from(sorted(SHELF.protocols)), first_numbers)
def test_a_published_road_written_as_a_file_comes_back(name: str, first: Literal[0, 1]) -> None:
    plan = published(SHELF.protocols[name])
    blocks = [
        {
            "name": phase.name.en, "days": phase.lasts, "repeats": phase.repeats,
            "gives": [gives(item.what, item.route, days_written(item.days, first)) for item in phase.items],
        }
        for phase in plan.phases
    ]  # fmt: skip
    back = read(*blocks, **{"counts-from": first})
    assert [word for word in words_of(back) if word != "plan-check-twice"] == []
    assert items_of(confirmed(back, {problem.id for problem in back.problems})) == items_of(plan)


# --- every problem at once ----------------------------------------------------------------------------------------------------


def test_overlapping_days_an_unknown_drug_and_a_daily_vincristine_are_all_said_at_once_and_confirmed_one_by_one() -> None:
    bad = block(
        gives("vincristine", "vein", "1-28"), gives("vincrisitne", "vein", "1"), gives("methotrexate", "spinal-fluid", "8, 36"),
        gives("vincristine", "intrathecal", "8"), gives("dexamethasone", "mouth", "1-28"), gives("dexamethasone", "mouth", "28"),
    )  # fmt: skip
    plan_file = read(bad, colour="blue")
    assert sorted(words_of(plan_file)) == sorted([
        "plan-check-weekly", "plan-check-drug-near", "plan-check-day-outside", "plan-check-route-never", "plan-check-twice",
        "plan-file-key",
    ])  # fmt: skip
    nothing = confirmed(plan_file, set())
    assert items_of(nothing) == [("methotrexate", "spinal-fluid", (8,)), ("dexamethasone", "mouth", tuple(range(1, 29)))]
    doubts = {problem.word: problem.id for problem in plan_file.problems if problem.is_doubt}
    daily = confirmed(plan_file, {doubts["plan-check-weekly"]})
    assert ("vincristine", "vein", tuple(range(1, 29))) in items_of(daily)
    everything = confirmed(plan_file, {problem.id for problem in plan_file.problems})
    assert "spinal-fluid" not in [route for what, route, _ in items_of(everything) if what == "vincristine"]
    assert ("vincrisitne", "vein", (1,)) in items_of(everything)


def test_vincristine_goes_into_a_vein_only_whatever_is_confirmed_and_the_claim_is_cited() -> None:
    for by in ("spinal-fluid", "muscle", "mouth", "vein-or-muscle"):
        plan_file = read(block(gives("VCR", by, "1")))
        (problem,) = plan_file.problems
        assert (problem.word, problem.is_doubt) == ("plan-check-route-never", False)
        assert problem.read == "drug-vincristine/only-into-a-vein"
        assert [cite.source for cite in problem.cites] == ["vincristine-warnings-pfizer"]
        assert items_of(confirmed(plan_file, {problem.id})) == []


def test_an_unusual_way_is_a_doubt() -> None:
    plan_file = read(block(gives("daunorubicin", "IT", "1")), block(gives("hydrocortisone", "IT", "1"), name="Two"))
    assert words_of(plan_file) == ["plan-check-route-unusual", "plan-check-drug", "plan-check-route-spinal"]
    assert all(problem.is_doubt for problem in plan_file.problems)
    assert items_of(confirmed(plan_file, set())) == []


def test_a_weekly_medicine_split_over_two_lines_is_still_seen() -> None:
    plan_file = read(block(gives("methotrexate", "PO", "1, 8, 15"), gives("MTX", "PO", "2, 9, 16")))
    (problem,) = plan_file.problems
    assert problem.word == "plan-check-weekly"
    assert problem.values["days"] == "1, 2, 8, 9, 15, 16"
    assert problem.cites
    assert items_of(confirmed(plan_file, set())) == []


def test_the_same_medicine_by_two_ways_on_one_day_is_no_doubt() -> None:
    assert read(block(gives("methotrexate", "IT", "1"), gives("methotrexate", "IV", "1"))).problems == ()


def test_a_day_listed_twice_is_asked_about_and_left_out_until_confirmed() -> None:
    plan_file = read(block(gives(on=[1, 8, 8, 22])))
    (problem,) = plan_file.problems
    assert (problem.word, problem.values["days"]) == ("plan-file-day-twice", "8")
    assert items_of(confirmed(plan_file, set())) == [("vincristine", "vein", (1, 22))]
    assert items_of(confirmed(plan_file, {problem.id})) == [("vincristine", "vein", (1, 8, 22))]


def test_without_saying_how_days_are_counted_nothing_comes_in_unconfirmed() -> None:
    plan_file = read_plan_file(GOOD.replace("counts-from: 1\n", "").encode(), SHELF)
    (problem,) = plan_file.problems
    assert problem.word == "plan-file-counting-unsaid"
    assert confirmed(plan_file, set()).phases == ()
    assert confirmed(plan_file, {problem.id}) == plan_file.plan


def test_counting_from_2_keeps_nothing_and_still_says_the_rest() -> None:
    plan_file = read(block(gives(by="xyz")), **{"counts-from": 2})
    assert plan_file.unreadable
    assert {"plan-file-counting", "plan-file-route"} <= set(words_of(plan_file))


@pytest.mark.parametrize(
    ("broken", "word", "kept"),
    [
        (block(gives(), name=""), "plan-file-block-no-name", []),
        (block(gives(), days="five weeks"), "plan-file-whole", []),
        (block(gives(), days=0), "plan-check-lasts", []),
        (block(gives(), days=9999), "plan-check-lasts", []),
        (block(gives(), repeats=99), "plan-check-repeats", []),
        (block(gives(), days=None), "plan-file-whole", []),
        (block(gives(what="")), "plan-file-item-no-name", []),
        (block(gives(on="soon")), "plan-file-days", []),
        (block(gives(on=None)), "plan-file-no-days", []),
        (block(gives(on=[[1]])), "plan-file-no-days", []),
        (block(gives(on=True)), "plan-file-no-days", []),
        (block(gives(on="0, 7")), "plan-file-days", []),
        (block(gives(by="intrathecaal")), "plan-file-route-near", []),
        (block(gives(amount=["2 mg"])), "plan-file-no-text", [(1, 8)]),
        (block(gives(amount="x" * 301)), "plan-file-text-too-long", [(1, 8)]),
        (block(gives(dose="2 mg")), "plan-file-key", [(1, 8)]),
        (block(gives(amont="2 mg")), "plan-file-key-near", [(1, 8)]),
        (block(gives(), starts="soon"), "plan-file-date", [(1, 8)]),
        (block(gives(), gives="vincristine"), "plan-file-gives", []),
        ({"name": "Empty", "days": 7, "gives": ["vincristine"]}, "plan-file-no-item", []),
    ],
)
def test_each_mistake_is_said_and_only_its_part_is_left_out(broken: dict[str, Any], word: str, kept: list[tuple[int, ...]]) -> None:
    plan_file = read(broken, block(gives(on="15"), name="Good one"))
    assert words_of(plan_file) == [word]
    assert [days for _, _, days in items_of(confirmed(plan_file, set()))] == [*kept, (15,)]


def test_a_first_day_on_which_the_block_before_still_runs_is_not_taken() -> None:
    plan_file = read(
        block(starts="2026-03-03"), block(name="Two", starts="2026-04-06", repeats=2), block(name="Three", starts="2026-06-20"),
        block(name="Four"),
    )  # fmt: skip
    (problem,) = plan_file.problems
    assert (problem.word, problem.values["ends"], problem.is_doubt) == ("plan-file-overlap", date(2026, 4, 6), False)
    first, delays = dates_of(plan_file, confirmed(plan_file, set()))
    assert first == date(2026, 3, 3)
    road = laid_out(plan_file.plan, first, delays)
    assert [block.starts.isoformat() for block in road.blocks] == [
        "2026-03-03",
        "2026-04-07",
        "2026-05-12",
        "2026-06-20",
        "2026-07-25",
    ]


def test_a_file_without_dates_gives_none() -> None:
    plan_file = read(block(), block(name="Two", starts="2026-04-06"))
    assert dates_of(plan_file, plan_file.plan) == (None, ())


def test_each_problem_says_its_line() -> None:
    text = GOOD.replace("mercaptopurine, by: mouth", "merkaptopurine, by: mouth").replace("on: [8, 29]", "on: [8, 36]")
    lines = text.splitlines()
    found = {problem.word: lines[(problem.line or 0) - 1] for problem in read_plan_file(text.encode(), SHELF).problems}
    assert "merkaptopurine" in found["plan-check-drug-near"]
    assert "[8, 36]" in found["plan-check-day-outside"]


def test_every_sentence_of_every_problem_can_be_said_in_both_languages(library: Library) -> None:
    bad = block(
        gives("vincristine", "vein", "1-28"), gives("vincrisitne", "vein", "1"), gives("xyzzy"), gives("vincristine", "IT", "8"),
        gives("methotrexate", "IT", "8, 36"), gives(by="zzz"), gives(by="intrathecaal"), gives(on=[8, 8]), gives(on="x"),
        gives(what=""), gives("daunorubicin", "mouth", "1"), gives("hydrocortisone", "IT", "1"), gives(on=None),
        gives(amont=1), gives(amount=[1]),
        starts="soon",
    )  # fmt: skip
    plan_file = read(bad, block(days=-1), block(name="Two", starts="2026-01-01"), block(name="3", starts="2026-01-02"), title=None)
    assert len(set(words_of(plan_file))) > 14
    for problem in plan_file.problems:
        for lang in LANGS:
            said = problem.problem.sentence(library.words, lang)
            assert "{" not in said
            assert "Text(" not in said
            assert "_Block" not in said
            assert "  " not in said
    assert len({problem.id for problem in plan_file.problems}) == len(plan_file.problems)


# --- files that are none ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "plan-file-no-blocks"),
        (b"just a sentence", "plan-file-no-blocks"),
        (b"blocks: []", "plan-file-no-blocks"),
        (b"[1, 2]", "plan-file-no-blocks"),
        (b"\xff\xfe\x00t", "structured-not-text"),
        (b"\x89PNG\r\n", "structured-not-text"),
        (b"a: [1, 2", "structured-unreadable-line"),
        (b'{"a": 1,}', "structured-unreadable-line"),
        (b'{"a": 1, "a": 2}', "structured-key-twice"),
        (b'{"a": NaN}', "structured-no-number"),
        (b"a: 1\na: 2", "structured-unreadable-line"),
        (b"a: &x [1]\nb: *x", "structured-reference"),
        (b"? [1]\n: 2", "structured-unreadable"),
        (b"a: !!python/object/apply:os.system ['true']", "structured-unreadable-line"),
        (b"[" * 100_000, "structured-too-deep"),
        (b'{"a":' * 30 + b"1" + b"}" * 30, "structured-too-deep"),
        (b"- " * 50_000, "structured-too-deep"),
        (b"a: " + b"9" * 10_000, "structured-unreadable"),
        (b" " * 200_001, "structured-too-large"),
    ],
)
def test_a_file_that_is_no_plan_is_told_and_does_no_harm(data: bytes, word: str, library: Library) -> None:
    with ends():
        plan_file = read_plan_file(data, SHELF)
    assert words_of(plan_file) == [word]
    assert plan_file.unreadable
    assert confirmed(plan_file, {word}).phases == ()
    assert plan_file.problems[0].problem.sentence(library.words, "es")


@given(st.binary(max_size=400))
def test_no_file_makes_it_fall(data: bytes) -> None:
    plan_file = read_plan_file(data, SHELF)
    assert plan_file.problems or not plan_file.unreadable


values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2000) | st.text(max_size=8) | st.sampled_from(["vincristine", "1-28"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["what", "by", "on", "x"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
odd_items = st.dictionaries(st.sampled_from(["what", "by", "on", "amount", "x"]), values, max_size=5)
odd_blocks = st.dictionaries(st.sampled_from(["name", "days", "repeats", "starts", "x"]), values, max_size=5)


@given(st.lists(st.tuples(odd_blocks, st.lists(odd_items, max_size=4)), max_size=4), values, values)
def test_whatever_a_file_holds_what_comes_in_can_be_laid_out(
    blocks: list[tuple[dict[str, Any], list[dict[str, Any]]]], title: object, counting: object
) -> None:
    made = {"title": title, "counts-from": counting, "blocks": [block | {"gives": items} for block, items in blocks]}
    plan_file = read_plan_file(json.dumps(made).encode(), SHELF)
    for accepted in (set[str](), {problem.id for problem in plan_file.problems}):
        plan = confirmed(plan_file, accepted)
        assert [problem for problem in check_plan(plan, SHELF) if not problem.is_doubt] == []
        assert all(1 <= day <= phase.lasts for phase in plan.phases for item in phase.items for day in item.days)
        if plan.phases:
            laid_out(plan, *(dates_of(plan_file, plan) if dates_of(plan_file, plan)[0] else (date(2026, 3, 3), ())))  # type: ignore[arg-type]


@given(st.data())
def test_what_is_kept_grows_only_with_what_is_confirmed(data: st.DataObject) -> None:
    plan_file = read(block(gives(on="1-3"), gives("xyzzy"), gives("daunorubicin", "IT"), gives("methotrexate", "PO", "1, 2")))
    ids = [problem.id for problem in plan_file.problems]
    some = data.draw(st.sets(st.sampled_from(ids)))
    more = some | data.draw(st.sets(st.sampled_from(ids)))
    assert set(items_of(confirmed(plan_file, some))) <= set(items_of(confirmed(plan_file, more)))


def test_a_plan_typed_by_hand_is_checked_alike() -> None:
    items = (Item("a", "vincristine", "vein", (1, 2, 3)), Item("b", "", "vein", ()), Item("c", "VCR", "spinal-fluid", (40,)))
    plan = Plan(Text("Own", "Propio"), (Phase("i", Text("Induction", "Inducción"), 35, items),), "copied")
    found = {problem.word: problem for problem in check_plan(plan, SHELF)}
    assert set(found) == {
        "plan-check-weekly", "plan-check-item-no-name", "plan-check-item-no-days", "plan-check-day-outside",
        "plan-check-route-never",
    }  # fmt: skip
    assert all(problem.line is None for problem in found.values())
    left = without(plan, (part for problem in found.values() for part in problem.leaves_out))
    assert items_of(left) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Induction", "induction"), ("Inducción", "induction"), ("Interim Maintenance II", "interim-maintenance"),
        ("Mantenimiento intermedio", "interim-maintenance"), ("Delayed intensification", "delayed-intensification"),
        ("MANTENIMIENTO", "maintenance"), ("Reinduction", ""), ("Protocol M", ""), ("Consolidación", "consolidation"),
    ],
)  # fmt: skip
def test_the_kind_of_a_block_is_known_by_its_name(name: str, kind: str) -> None:
    assert kind_named(name) == kind


# --- weekly medicines on the medicine list ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "methotrexate",
        "Metotrexato",
        "MTX",
        "METHOTREXATE 2.5 mg",
        "Trexall",
        "methotraxate",
        "metotrexate tabletas",
        "méthotrexate",
    ],
)
@pytest.mark.parametrize("route", ["mouth", "", "other", "skin", "muscle"])
@pytest.mark.parametrize("how_often", ["daily", "twice-daily"])
def test_daily_methotrexate_is_asked_about(name: str, route: str, how_often: str) -> None:
    weekly = daily_doubt(SHELF, name, route, how_often)
    assert weekly is not None
    assert weekly.drug == "methotrexate"


@pytest.mark.parametrize(
    ("name", "route", "how_often"),
    [
        ("methotrexate", "mouth", "weekly"), ("methotrexate", "mouth", "some-days"), ("methotrexate", "mouth", "in-clinic"),
        ("mercaptopurine", "mouth", "daily"), ("6-MP", "mouth", "daily"), ("prednisone", "mouth", "twice-daily"),
        ("cytarabine", "skin", "daily"), ("asparaginase", "vein", "daily"), ("", "", "daily"), ("folic acid", "mouth", "daily"),
    ],
)  # fmt: skip
def test_nothing_is_asked_where_there_is_no_doubt(name: str, route: str, how_often: str) -> None:
    assert daily_doubt(SHELF, name, route, how_often) is None


@given(st.sampled_from(SHELF.playbook.weekly), st.data())
def test_each_name_of_a_weekly_medicine_is_known_in_any_case(weekly: Any, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(weekly.names))
    shown = data.draw(st.sampled_from([name.upper(), name.lower(), name.title(), f"  {name} 10 mg"]))
    found = daily_doubt(SHELF, shown, weekly.routes[0], "daily")
    assert found is not None
    assert found.drug == weekly.drug

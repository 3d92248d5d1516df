"""What was given in all: only what was ticked or told by the team, nothing counted twice, nothing taken from a published plan."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remission.care.child_road import change_values, road_of
from remission.care.exposure import Exposures, Total, exposures
from remission.care.plan import Item, Phase, Plan, packed
from remission.care.record import Record
from remission.care.road import Change, Done, Place
from remission.home.notes import Note
from remission.knowledge.model import Text
from remission.rules.compiled import load_shelf

SHELF = load_shelf()
FIRST = date(2026, 3, 3)
PLAN = Plan(
    Text("Invented", "Inventado"),
    (
        Phase(
            "induction", Text("Induction", "Inducción"), 35,
            (
                Item("vcr", "vincristine", "vein", (1, 8)),
                Item("dnr", "daunorubicin", "vein", (1, 8, 15)),
                Item("it-mtx", "methotrexate", "spinal-fluid", (8, 29)),
                Item("it-arac", "cytarabine", "spinal-fluid", (8,)),
                Item("it-hc", "hydrocortisone", "spinal-fluid", (8,)),
                Item("dex", "dexamethasone", "mouth", tuple(range(1, 29)), amount="6 mg/m2"),
                Item("cpm", "cyclophosphamide", "vein", (29,), amount="1000 mg/m2"),
            ),
        ),
    ),
    "copied",
)  # fmt: skip
INDUCTION = Place("induction")
DAY = {day: FIRST + timedelta(day - 1) for day in range(1, 36)}


def gave(item: str, day: int, skipped: bool = False) -> Done:
    return Done(INDUCTION, item, day, DAY[day], skipped)


def told(drug: str, amount: str, unit: str = "mg-m2", what: str = "once", on: date | None = None, **more: str) -> dict[str, str]:
    return {"drug": drug, "amount": amount, "unit": unit, "what": what} | ({"on": on.isoformat()} if on else {}) | more


def record(*changes: Change, totals: tuple[dict[str, str], ...] = (), more: tuple[Note, ...] = ()) -> Record:
    seq = count(3)
    who = Note("c", "child", "c", {"name": "Invented"}, 1)
    plan = Note("c", "plan", "p", {"plan": packed(PLAN), "starts": FIRST.isoformat()}, 2)
    done = [Note("c", "road-change", f"r{n}", change_values(change), next(seq)) for n, change in enumerate(changes)]
    given = [Note("c", "given-total", f"g{n}", values, next(seq)) for n, values in enumerate(totals)]
    return Record(who, (who, plan, *done, *given, *more))


def of(*changes: Change, totals: tuple[dict[str, str], ...] = (), more: tuple[Note, ...] = ()) -> Exposures:
    held = record(*changes, totals=totals, more=more)
    return exposures(SHELF, held, road_of(held))


def total(drug: str, found: Exposures) -> Total:
    return next(one for one in found.anthracyclines if one.drug == drug)


# --- nothing recorded ---------------------------------------------------------------------------------------------------------


def test_what_nobody_wrote_down_is_not_recorded_and_not_zero() -> None:
    found = of()
    assert found == Exposures((), (), (), (), (), None, (), (), ())
    assert exposures(SHELF, record(), None) == found


def test_planned_days_and_the_amounts_of_a_plan_are_never_counted() -> None:
    found = of(gave("dnr", 1), gave("cpm", 29))
    assert total("daunorubicin", found).amount is None
    assert total("daunorubicin", found).amount_missing == (DAY[1],)
    assert found.cyclophosphamide is not None
    assert found.cyclophosphamide.amount is None
    assert all((one.total, one.products) == (None, ()) for one in found.converted)


# --- counted from what was ticked ---------------------------------------------------------------------------------------------


def test_three_drugs_into_the_spinal_fluid_on_one_day_are_one_treatment() -> None:
    found = of(gave("it-mtx", 8), gave("it-arac", 8), gave("it-hc", 8), gave("it-mtx", 29))
    assert [(one.on, one.drugs) for one in found.spinal] == [
        (DAY[8], ("methotrexate", "cytarabine", "hydrocortisone")), (DAY[29], ("methotrexate",)),
    ]  # fmt: skip


def test_a_skipped_treatment_is_none_and_a_told_dose_of_the_same_day_is_the_same_one() -> None:
    found = of(
        gave("it-mtx", 8), gave("it-mtx", 29, skipped=True),
        totals=(
            told("methotrexate", "12", "mg", on=DAY[8], route="spinal-fluid"),
            told("methotrexate", "12", "mg", on=DAY[30], route="spinal-fluid"),
            told("methotrexate", "48", "mg", "so-far", DAY[31], route="spinal-fluid"),
            told("methotrexate", "12", "mg", route="spinal-fluid"),
        ),
    )  # fmt: skip
    assert [one.on for one in found.spinal] == [DAY[8], DAY[30]]
    assert [note.said("amount") for note in found.spinal_undated] == ["48", "12"], "a total so far says nothing of how many"


def test_days_of_steroids_are_counted_once_from_the_road_and_the_medicine_list() -> None:
    medicine = Note("c", "medicine", "m", {"name": "Dexametasona", "route": "mouth", "how-often": "twice-daily"}, 50)
    drops = Note("c", "medicine", "e", {"name": "dexamethasone", "route": "other"}, 51)

    def dose(seq: int, day: int, slot: str, what: str, of: str = "m") -> Note:
        return Note("c", "dose", f"d{seq}", {"medicine": of, "on": DAY[day].isoformat(), "slot": slot, "what": what}, seq)

    ticks = (
        dose(60, 2, "morning", "given"), dose(61, 2, "evening", "given"), dose(62, 3, "morning", "missed"),
        dose(63, 4, "morning", "given"), dose(64, 4, "morning", "vomited"), dose(65, 9, "morning", "given", "e"),
    )  # fmt: skip
    found = of(gave("dex", 1), gave("dex", 2), more=(medicine, drops, *ticks))
    assert [(one.drug, one.days) for one in found.steroids] == [("dexamethasone", (DAY[1], DAY[2]))]


def test_what_was_given_in_a_block_that_the_plan_lost_is_named() -> None:
    lost = Done(Place("nirvana"), "dnr", 1, DAY[1])
    assert [apart.note.said("phase") for apart in of(lost).uncounted] == ["nirvana"]


# --- amounts told by the team --------------------------------------------------------------------------------------------------


amounts = st.integers(1, 4000).map(lambda n: Decimal(n) / 10)
singles = st.lists(st.tuples(amounts, st.integers(1, 35)), max_size=6)


@given(singles)
def test_single_doses_are_added_exactly(doses: list[tuple[Decimal, int]]) -> None:
    found = of(totals=tuple(told("daunorubicin", f"{amount:f}", on=DAY[day]) for amount, day in doses))
    if doses:
        assert total("daunorubicin", found).amount == sum(amount for amount, _ in doses)
    else:
        assert found.anthracyclines == ()


@given(singles, amounts, st.integers(1, 35), st.data())
def test_a_total_so_far_replaces_the_doses_up_to_its_day_in_whatever_order_they_were_written(
    doses: list[tuple[Decimal, int]], so_far: Decimal, last: int, data: st.DataObject
) -> None:
    notes = [told("daunorubicin", f"{amount:f}", on=DAY[day]) for amount, day in doses]
    notes.append(told("daunorubicin", f"{so_far:f}", what="so-far", on=DAY[last]))
    found = total("daunorubicin", of(totals=tuple(data.draw(st.permutations(notes)))))
    assert found.amount == so_far + sum(amount for amount, day in doses if day > last)
    assert sum(1 for one in found.told if one.why == "replaced") == sum(1 for _, day in doses if day <= last)


def test_of_two_totals_the_later_one_holds_and_one_that_falls_is_noticed() -> None:
    rises = (told("doxorubicin", "50", what="so-far", on=DAY[1]), told("doxorubicin", "75", what="so-far", on=DAY[8]))
    assert (total("doxorubicin", of(totals=rises)).amount, total("doxorubicin", of(totals=rises)).falls) == (Decimal(75), False)
    falls = (told("doxorubicin", "75", what="so-far", on=DAY[1]), told("doxorubicin", "50", what="so-far", on=DAY[8]))
    assert (total("doxorubicin", of(totals=falls)).amount, total("doxorubicin", of(totals=falls)).falls) == (Decimal(50), True)


def test_what_has_no_date_is_not_added_to_a_total_that_may_hold_it() -> None:
    beside = of(totals=(told("daunorubicin", "25"), told("daunorubicin", "100", what="so-far", on=DAY[8])))
    assert total("daunorubicin", beside).amount == 100
    assert [one.why for one in total("daunorubicin", beside).told] == ["undated", "added"]
    undated = of(totals=(told("daunorubicin", "25", on=DAY[8]), told("daunorubicin", "100", what="so-far")))
    assert total("daunorubicin", undated).amount == 100
    alone = of(totals=(told("daunorubicin", "25"), told("daunorubicin", "25", on=DAY[8])))
    assert total("daunorubicin", alone).amount == 50


@pytest.mark.parametrize(
    ("note", "why"),
    [
        (told("daunorubicin", "40", "mg", on=DAY[1]), "not-per-square-meter"),
        (told("daunorubicin", "40", what="", on=DAY[1]), "kind-not-recorded"),
    ],
)
def test_an_amount_that_cannot_be_summed_is_shown_and_not_summed(note: dict[str, str], why: str) -> None:
    found = total("daunorubicin", of(totals=(note,)))
    assert (found.amount, [one.why for one in found.told]) == (None, [why])


def test_grams_are_counted_in_milligrams() -> None:
    found = of(totals=(told("ciclofosfamida", "1.2", "g-m2", on=DAY[1]), told("CPM", "300", on=DAY[8])))
    assert found.cyclophosphamide is not None
    assert found.cyclophosphamide.amount == 1500


def test_days_that_no_amount_speaks_of_are_named() -> None:
    found = of(
        gave("dnr", 1), gave("dnr", 8), gave("dnr", 15),
        totals=(told("daunorubicin", "25", what="so-far", on=DAY[2]), told("daunorubicin", "25", on=DAY[15])),
    )  # fmt: skip
    assert total("daunorubicin", found).given == (DAY[1], DAY[8], DAY[15])
    assert total("daunorubicin", found).amount_missing == (DAY[8],)


def test_other_drugs_are_summed_by_the_way_they_were_given() -> None:
    found = of(
        totals=(
            told("methotrexate", "5", "g-m2", on=DAY[1], route="vein"), told("MTX", "5", "g-m2", on=DAY[15], route="vein"),
            told("methotrexate", "20", on=DAY[20], route="mouth"),
        )
    )  # fmt: skip
    assert [(one.drug, one.route, one.amount) for one in found.others] == [
        ("methotrexate", "vein", Decimal(10_000)), ("methotrexate", "mouth", Decimal(20)),
    ]  # fmt: skip


# --- anthracyclines by each published table -------------------------------------------------------------------------------------


def test_each_table_is_applied_apart_with_its_arithmetic() -> None:
    found = of(
        totals=(
            told("daunorubicina", "100", on=DAY[1]),
            told("doxorubicin", "75", on=DAY[2]),
            told("Idarrubicina", "10", on=DAY[3]),
        )
    )
    by_table = {one.conversion.id: one for one in found.converted}
    assert list(by_table) == [table.id for table in SHELF.playbook.conversions]
    five = by_table["cog-5"]
    assert [(p.drug, p.amount, p.factor, p.product) for p in five.products] == [
        ("daunorubicin", Decimal(100), Decimal("0.5"), Decimal(50)), ("doxorubicin", Decimal(75), Decimal(1), Decimal(75)),
        ("idarubicin", Decimal(10), Decimal(5), Decimal(50)),
    ]  # fmt: skip
    assert five.total == 175
    panel = by_table["ighg-panel"]
    assert (panel.total, panel.not_converted) == (Decimal(135), ("idarubicin",))


@given(st.dictionaries(st.sampled_from(["daunorubicin", "doxorubicin", "epirubicin", "idarubicin", "mitoxantrone"]), amounts))
def test_every_line_of_every_table_can_be_worked_out_again(by_drug: dict[str, Decimal]) -> None:
    found = of(totals=tuple(told(drug, f"{amount:f}", on=DAY[1]) for drug, amount in by_drug.items()))
    assert bool(found.converted) == bool(by_drug)
    for one in found.converted:
        factors = {factor.drug: factor.factor for factor in one.conversion.factors}
        assert {p.drug for p in one.products} | set(one.not_converted) == set(by_drug)
        assert not set(one.not_converted) & set(factors)
        assert all(p.product == by_drug[p.drug] * factors[p.drug] == p.amount * p.factor for p in one.products)
        assert one.total == (sum(p.product for p in one.products) if one.products else None)


def test_radiation_and_transplant_are_told_by_their_day() -> None:
    notes = (
        Note("c", "radiation", "r1", {"site": "head"}, 70), Note("c", "radiation", "r2", {"site": "head", "on": "2026-05-01"}, 71),
        Note("c", "transplant", "t", {"on": "2026-06-01", "kind": "cord"}, 72),
    )  # fmt: skip
    found = of(more=notes)
    assert [note.id for note in found.radiation] == ["r2", "r1"]
    assert [note.id for note in found.transplants] == ["t"]

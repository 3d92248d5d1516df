"""Trials: limits of age in every wording, and which leukemias a study is for."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT
from remission.documents.trials_told import TrialsTeller
from remission.knowledge.model import Library
from remission.knowledge.trials import Study
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library
from remission.trials.ages import age_from_birth, age_from_span, read_limit
from remission.trials.kinds import normal
from remission.trials.loaded import load_trials
from remission.trials.search import Trials

CASES = ROOT / "cases" / "trials"
TODAY = date(2026, 11, 21)


# --- ages


@pytest.mark.parametrize(
    ("written", "state", "amount", "unit"),
    [
        ("31 Years", "stated", "31", "years"),
        ("1 Year", "stated", "1", "years"),
        ("6 Months", "stated", "6", "months"),
        ("365 Days", "stated", "365", "days"),
        ("2 Weeks", "stated", "2", "weeks"),
        ("12 Hours", "stated", "12", "hours"),
        ("30 Minutes", "stated", "30", "minutes"),
        ("the day before the child is 6 months", "unknown", "0", "years"),
        ("up to the day before the 22nd birthday", "stated", "21", "years"),
        ("hasta el día anterior a su 18 cumpleaños", "stated", "17", "years"),
        ("N/A", "none", "0", "years"),
        ("N/A (No limit)", "unknown", "0", "years"),
        ("None", "none", "0", "years"),
        ("999 Years", "none", "0", "years"),
        ("400 Years", "unknown", "0", "years"),
        ("soon", "unknown", "0", "years"),
        ("", "unknown", "0", "years"),
        (None, "unknown", "0", "years"),
    ],
)
def test_a_limit_of_age_is_read_as_it_is_written_and_never_guessed_at(
    written: str | None, state: str, amount: str, unit: str
) -> None:
    limit = read_limit(written)
    assert (limit.state, limit.amount, limit.unit) == (state, Decimal(amount), unit)
    assert limit.written == (" ".join(written.split()) if written else "")


def test_a_highest_age_of_21_years_admits_until_the_day_before_the_22nd_birthday() -> None:
    born, limit = date(2004, 11, 22), read_limit("21 Years")
    assert age_from_birth(born, date(2026, 11, 21), "").has_passed(limit) is False
    assert age_from_birth(born, date(2026, 11, 22), "").has_passed(limit) is True


def test_a_limit_in_minutes_or_hours_ends_with_the_day(library: Library, shipped: Trials) -> None:
    born = date(2026, 11, 20)
    for written in ("30 Minutes", "23 Hours"):
        assert age_from_birth(born, born, "").has_passed(read_limit(written)) is False
        assert age_from_birth(born, date(2026, 11, 21), "").has_passed(read_limit(written)) is True
    assert age_from_birth(born, date(2026, 11, 21), "").has_passed(read_limit("24 Hours")) is False
    study = Study(id="NCT99999999", title="x", minimum_age=read_limit("1 Minute"), maximum_age=read_limit("1 Week"))
    assert TrialsTeller(library, shipped, "en", TODAY).ages(study) == "from 1 minute, up to 1 week"
    assert TrialsTeller(library, shipped, "es", TODAY).ages(study) == "desde 1 minuto, hasta 1 semana"


def test_a_lowest_age_is_reached_on_the_birthday_and_not_before() -> None:
    born, limit = date(2024, 3, 5), read_limit("2 Years")
    assert age_from_birth(born, date(2026, 3, 4), "").has_reached(limit) is False
    assert age_from_birth(born, date(2026, 3, 5), "").has_reached(limit) is True


def test_days_and_months_are_counted_on_the_calendar() -> None:
    born = date(2025, 8, 31)
    assert age_from_birth(born, date(2026, 8, 30), "").has_reached(read_limit("365 Days")) is False
    assert age_from_birth(born, date(2026, 8, 31), "").has_reached(read_limit("365 Days")) is True
    assert age_from_birth(born, date(2026, 2, 28), "").has_reached(read_limit("6 Months")) is False
    assert age_from_birth(born, date(2026, 3, 1), "").has_reached(read_limit("6 Months")) is True  # no 31 February
    assert age_from_birth(born, date(2026, 8, 31), "").has_passed(read_limit("365 Days")) is False
    assert age_from_birth(born, date(2026, 9, 1), "").has_passed(read_limit("365 Days")) is True


def test_a_child_of_29_february_has_its_birthday_on_1_march() -> None:
    born, limit = date(2024, 2, 29), read_limit("1 Year")
    assert age_from_birth(born, date(2025, 2, 28), "").has_reached(limit) is False
    assert age_from_birth(born, date(2025, 3, 1), "").has_reached(limit) is True


@pytest.mark.parametrize(
    ("written", "same"),
    [("4,5 años", "4.5y"), ("4 ,5 años", "4.5y"), ("2 años, 3 meses", "2y3m"), ("2 años,3 meses", "2y3m"), ("1,200 days", "1200d")],
)
def test_a_comma_in_an_age_is_a_decimal_one_a_pause_or_of_thousands(written: str, same: str) -> None:
    assert age_from_span(written, "") == age_from_span(same, "")


def test_an_age_said_in_years_leaves_open_what_it_does_not_tell() -> None:
    four = age_from_span("4y", "")
    assert four.has_reached(read_limit("4 Years")) is True
    assert four.has_reached(read_limit("5 Years")) is False
    assert four.has_reached(read_limit("54 Months")) is None
    assert four.has_passed(read_limit("4 Years")) is False
    assert four.has_passed(read_limit("3 Years")) is True
    assert age_from_span("365d", "").has_reached(read_limit("1 Year")) is None  # 365 or 366 days make a year
    assert age_from_span("366d", "").has_reached(read_limit("1 Year")) is True
    assert age_from_span("364d", "").has_reached(read_limit("1 Year")) is False
    assert age_from_span("365d", "").has_reached(read_limit("365 Days")) is True
    assert age_from_span("18mo", "").has_reached(read_limit("18 Months")) is True


@given(
    born=st.dates(date(1990, 1, 1), date(2026, 11, 21)),
    amount=st.integers(0, 40),
    unit=st.sampled_from(["Years", "Months", "Weeks", "Days"]),
    ahead=st.integers(0, 9000),
)
def test_who_passed_an_age_had_reached_it_and_time_never_runs_back(born: date, amount: int, unit: str, ahead: int) -> None:
    limit, today = read_limit(f"{amount} {unit}"), born + timedelta(days=ahead)
    now, later = (
        age_from_birth(born, day, "") if day.year - born.year <= 130 else None for day in (today, today + timedelta(days=1))
    )
    assert now is not None
    assert later is not None
    assert not (now.has_passed(limit) and not now.has_reached(limit))
    assert now.has_reached(limit) <= later.has_reached(limit)  # type: ignore[operator]
    assert now.has_passed(limit) <= later.has_passed(limit)  # type: ignore[operator]


@given(
    born=st.dates(date(2000, 1, 1), date(2026, 11, 20)),
    amount=st.integers(0, 30),
    unit=st.sampled_from(["Years", "Months", "Days"]),
)
def test_an_age_counted_in_days_never_says_other_than_the_date_of_birth(born: date, amount: int, unit: str) -> None:
    days = (TODAY - born).days
    counted, exact, limit = age_from_span(f"{days}d", ""), age_from_birth(born, TODAY, ""), read_limit(f"{amount} {unit}")
    assert counted.has_reached(limit) in (None, exact.has_reached(limit))
    assert counted.has_passed(limit) in (None, exact.has_passed(limit))


@pytest.mark.parametrize(("written", "word"), [("old", "trials-age-unreadable"), ("300y", "trials-age-impossible")])
def test_an_age_that_is_none_is_refused(written: str, word: str) -> None:
    with pytest.raises(InputProblem) as refused:
        age_from_span(written, "--age")
    assert refused.value.word == word


def test_a_birth_that_lies_ahead_is_refused() -> None:
    with pytest.raises(InputProblem, match="trials-age-impossible"):
        age_from_birth(date(2027, 1, 1), TODAY, "--born")


# --- types


@pytest.mark.parametrize(
    ("condition", "node", "states"),
    [
        ("Acute Lymphoblastic Leukemia", "all", ()),
        ("Leukaemia, Acute Lymphocytic (ALL)", "all", ()),
        ("ALL, Childhood", "all", ()),
        ("Recurrent Childhood Acute Lymphoblastic Leukemia", "all", ("relapsed",)),
        ("Relapsed or Refractory B Cell Acute Lymphoblastic Leukemia", "b-all", ("relapsed", "refractory")),
        ("B-cell Acute Lymphoblastic Leukemia (B-ALL)", "b-all", ()),
        ("T-ALL", "t-all", ()),
        ("Untreated Childhood Acute Lymphoblastic Leukemia", "all", ("first",)),
        ("Childhood Acute Lymphoblastic Leukemia in Remission", "all", ("remission",)),
        ("B Acute Lymphoblastic Leukemia With t(9;22)(q34.1;q11.2); BCR-ABL1", "ph-all", ()),
        ("Philadelphia-Positive ALL", "ph-all", ()),
        ("Ph+ ALL", "ph-all", ()),
        ("Ph(+) ALL", "ph-all", ()),
        ("Ph- ALL", None, ()),
        ("Ph(-) ALL", None, ()),
        ("Ph-ALL", None, ()),
        ("Leukemia, T-Cell", "t-leukemia", ()),
        ("Lymphoblastic Lymphoma, in Relapse", "lymphoma", ("relapsed",)),
        ("Acute Leukemia", "any-leukemia", ()),
        ("Acute Myeloid Leukemia", None, ()),
        ("Philadelphia-Negative ALL", None, ()),
        ("Chronic Lymphocytic Leukemia", None, ()),
        ("Down Syndrome", None, ()),
    ],
)
def test_a_condition_names_a_type_by_its_listed_names(shipped: Trials, condition: str, node: str | None, states: Any) -> None:
    kind = shipped.kinds.named(condition)
    assert (kind and kind.node) == node
    assert not kind or set(kind.states) == set(states)


def _kind(shipped: Trials, title: str, *conditions: str, codes: tuple[str, ...] = ()) -> Any:
    return shipped.kinds.study(Study(id="NCT99999999", title=title, conditions=conditions, codes=codes))


def test_a_plain_all_beside_b_all_leaves_the_cell_type_open(shipped: Trials) -> None:
    assert _kind(shipped, "x", "B Acute Lymphoblastic Leukemia").lineage == "b"
    assert _kind(shipped, "x", "B Acute Lymphoblastic Leukemia", "Acute Leukemia").lineage == "suggests-b"
    assert _kind(shipped, "x", "B-ALL", "T-ALL").lineage == "both"
    assert _kind(shipped, "CAR T Cells for B-cell ALL", "Acute Lymphoblastic Leukemia").lineage == "suggests-b"
    assert _kind(shipped, "CAR T-cell Therapy", "Acute Lymphoblastic Leukemia").lineage == "not-said"


def test_an_all_by_a_name_that_we_do_not_know_leaves_type_and_state_open(shipped: Trials) -> None:
    assert _kind(shipped, "x", "Recurrent B-ALL").state == "relapsed"
    for unknown in ("ALL, High Risk", "Minimal Residual Disease + Acute Lymphoblastic Leukemia", "Ph- ALL"):
        open_ = _kind(shipped, "x", "Recurrent B-ALL", unknown)
        assert (open_.lineage, open_.state) == ("suggests-b", "not-said")
        assert _kind(shipped, "x", "Ph+ ALL", unknown).ph == "suggests"
    assert _kind(shipped, "x", "Recurrent B-ALL", "Acute Myeloid Leukemia", "Small Lymphocytic Lymphoma").state == "relapsed"
    assert _kind(shipped, "x", "B-ALL", "T-Cell Leukemia").lineage == "both"


def test_a_code_that_we_know_does_not_silence_a_name_beside_it(shipped: Trials) -> None:
    assert _kind(shipped, "x", "T-ALL", "Recurrent B-ALL", codes=("C8694",)).lineage == "both"
    assert _kind(shipped, "x", "Ph+ ALL", "B-ALL", codes=("C80331",)).ph == "suggests"


def test_words_of_a_title_only_suggest(shipped: Trials) -> None:
    assert _kind(shipped, "Relapsed ALL", "Acute Lymphoblastic Leukemia").state == "suggests-relapsed"
    assert _kind(shipped, "Newly Diagnosed ALL", "Acute Lymphoblastic Leukemia").state == "suggests-first"
    assert _kind(shipped, "Newly Diagnosed and Relapsed ALL", "Acute Lymphoblastic Leukemia").state == "not-said"
    assert _kind(shipped, "Ph Positive ALL", "Acute Lymphoblastic Leukemia").ph == "suggests"
    assert _kind(shipped, "ALL", "Recurrent B-ALL", "B-ALL in Remission").state == "not-said"  # remission is neither


def test_codes_count_before_names(shipped: Trials) -> None:
    coded = _kind(shipped, "x", "Some Other Words", codes=("C8694", "C27134"))
    assert (coded.nodes, coded.coded, coded.lineage) == (("t-all",), True, "t")
    assert _kind(shipped, "x", codes=("C80331",)).ph == "only"


def test_every_code_of_the_stable_tree_under_b_and_t_is_known(shipped: Trials) -> None:
    known = {node.oncotree for node in load_trials().types.nodes if node.oncotree}
    assert {"BLL", "BLLBCRABL1", "BLLBCRABL1L", "BLLKMT2A", "TLL", "ETPLL", "ALAL"} <= known
    sources = load_library().sources
    assert all(node.source in sources for node in load_trials().types.nodes if node.ncit)


def test_every_name_is_written_as_it_is_compared(shipped: Trials) -> None:
    names = [name for node in load_trials().types.nodes for name in node.names]
    assert len(names) > 100
    assert [name for name in names if normal(name) != name] == []
    assert len(names) == len(set(names))

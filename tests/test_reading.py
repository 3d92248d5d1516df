"""The front door: what people write for a fact, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remission.knowledge import ages
from remission.knowledge.model import Library
from remission.record.facts import Fact
from remission.record.problems import InputProblem
from remission.record.reading import read_fact
from remission.rules.compiled import load_library

YEAR, MONTH = ages.DAYS_PER_YEAR, ages.DAYS_PER_MONTH


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ("4y", 4 * YEAR, 5 * YEAR),
        ("4 years", 4 * YEAR, 5 * YEAR),
        ("4 años", 4 * YEAR, 5 * YEAR),
        ("4y6m", 4 * YEAR + 6 * MONTH, 4 * YEAR + 7 * MONTH),
        ("4 years and 6 months", 4 * YEAR + 6 * MONTH, 4 * YEAR + 7 * MONTH),
        ("4 años y 6 meses", 4 * YEAR + 6 * MONTH, 4 * YEAR + 7 * MONTH),
        ("18mo", 18 * MONTH, 19 * MONTH),
        ("0y", Decimal(0), YEAR),
        ("3w", Decimal(21), Decimal(28)),
        ("1460d", Decimal(1460), Decimal(1460)),
        ("1460 days", Decimal(1460), Decimal(1460)),
        ("4.5y", Decimal("4.5") * YEAR, Decimal("4.5") * YEAR),
    ],
)
def test_an_age_covers_the_last_unit_named(library: Library, written: str, low: Decimal, high: Decimal) -> None:
    fact = read_fact(library, "age_days", written)
    assert fact.low == low
    assert fact.high == high
    assert fact.high_open == (high > low)


@pytest.mark.parametrize("written", ["4", "four", "y", "4x", "-4y", "4y-6m", "", "99y", "4y6"])
def test_an_age_that_is_none_is_refused(library: Library, written: str) -> None:
    with pytest.raises(InputProblem):
        read_fact(library, "age_days", written)


@pytest.mark.parametrize(
    "written",
    [
        "12 10*9/L",
        "12000/uL",
        "12,000 /µL",
        "12 G/L",
        "12 10^3/uL",
        "12 x10^9/L",
        "12 ×10⁹/L",
        "12 K/uL",
        "12000 /mm3",
        "1.2e4/uL",
        "12000 cells/uL",
    ],
)
def test_one_white_count_written_many_ways(library: Library, written: str) -> None:
    fact = read_fact(library, "wbc", written)
    assert fact.low == fact.high == 12


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("12", "unit-missing"),
        ("12 g/L", "unit-unknown"),
        ("12 %", "unit-unknown"),
        ("12/uL", "value-impossible"),
        ("-3 10*9/L", "value-impossible"),
        ("12,5 10*9/L", "number-unreadable"),
        ("many", "number-unreadable"),
        ("1e999999999 10*9/L", "number-unreadable"),
        ("9" * 150 + " 10*9/L", "number-unreadable"),
        ("", "value-empty"),
        ("x" * 300, "value-too-long"),
    ],
)
def test_a_white_count_that_is_none_is_refused(library: Library, written: str, word: str) -> None:
    with pytest.raises(InputProblem) as refused:
        read_fact(library, "wbc", written)
    assert refused.value.word == word


def test_a_value_may_be_half_known(library: Library) -> None:
    assert read_fact(library, "wbc", "<50 10*9/L") == Fact(
        "wbc", low=Decimal("0.1"), high=Decimal(50), high_open=True, as_given="<50 10*9/L"
    )
    assert read_fact(library, "wbc", ">= 50 10*9/L").low == 50
    between = read_fact(library, "chromosome_number", "54-56")
    assert between.low == 54
    assert between.high == 56
    assert read_fact(library, "cns", "cns2").options == ("cns2a", "cns2b", "cns2c")
    assert read_fact(library, "cns", "cns2a or cns3a").options == ("cns2a", "cns3a")


def test_a_range_that_runs_backwards_is_refused(library: Library) -> None:
    with pytest.raises(InputProblem, match="range-reversed"):
        read_fact(library, "chromosome_number", "56-54")


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("pending", "pending"),
        ("not done", "not-done"),
        ("not_done", "not-done"),
        ("Pendiente", "pending"),
        ("no se sabe", "unknown"),
        ("failed", "failed"),
    ],
)
def test_a_fact_may_be_absent_for_a_reason(library: Library, written: str, reason: str) -> None:
    assert read_fact(library, "wbc", written).absent_reason == reason


@pytest.mark.parametrize(
    ("written", "option"), [("yes", "yes"), ("Sí", "yes"), ("no", "no"), ("negative", "no"), ("positive", "yes")]
)
def test_yes_and_no_in_both_languages(library: Library, written: str, option: str) -> None:
    assert read_fact(library, "etv6_runx1", written).options == (option,)


class TestMrd:
    """An MRD result is read with its method and the limit of the test."""

    def test_zero_means_below_the_limit_of_the_test(self, library: Library) -> None:
        fact = read_fact(library, "mrd_eoi", "0% limit 0.01%")
        assert (fact.low, fact.high, fact.high_open, fact.result) == (Decimal(0), Decimal("0.01"), True, "negative")

    def test_zero_without_a_limit_leaves_the_level_open(self, library: Library) -> None:
        fact = read_fact(library, "mrd_eoi", "0 %")
        assert (fact.low, fact.high, fact.result) == (Decimal(0), Decimal(100), None)

    def test_negative_by_a_coarse_test_is_not_called_negative(self, library: Library) -> None:
        fact = read_fact(library, "mrd_eoi", "negative limit 0.1%")
        assert (fact.high, fact.result) == (Decimal("0.1"), None)

    def test_a_value_below_the_limit_is_only_known_to_be_below_it(self, library: Library) -> None:
        fact = read_fact(library, "mrd_eoi", "0.004% by flow limit 0.01%")
        assert (fact.low, fact.high, fact.high_open, fact.result, fact.method) == (Decimal(0), Decimal("0.01"), True, None, "flow")

    def test_below_says_nothing_of_whether_cells_were_found(self, library: Library) -> None:
        assert read_fact(library, "mrd_eoi", "<0.01%").result is None

    def test_a_measured_value_is_positive(self, library: Library) -> None:
        fact = read_fact(library, "mrd_eoi", "0.02% by pcr")
        assert (fact.low, fact.result, fact.method) == (Decimal("0.02"), "positive", "pcr")

    def test_a_bare_fraction_is_refused(self, library: Library) -> None:
        with pytest.raises(InputProblem, match="unit-missing"):
            read_fact(library, "mrd_eoi", "0.0001")


@given(st.text(max_size=60), st.sampled_from(["age_days", "wbc", "mrd_eoi", "cns", "chromosome_number", "months_to_relapse"]))
def test_nothing_that_is_typed_breaks_the_reader(written: str, fact_id: str) -> None:
    """A fact or a sentence, never a crash; and the sentence can be said in both languages."""
    library = load_library()
    try:
        assert read_fact(library, fact_id, written).id == fact_id
    except InputProblem as refused:
        problem = refused
    else:
        return
    assert problem.sentence(library.words, "en")
    assert problem.sentence(library.words, "es")


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(2010, 3, 1), date(2020, 2, 29), 9),
        (date(2010, 3, 1), date(2020, 3, 1), 10),
        (date(2009, 3, 1), date(2019, 3, 1), 10),  # 3652 days, fewer than 10 × 365.25, and a tenth birthday all the same
        (date(2012, 2, 29), date(2022, 2, 28), 9),
        (date(2012, 2, 29), date(2022, 3, 1), 10),
        (date(2024, 1, 1), date(2024, 12, 31), 0),
    ],
)
def test_a_birthday_is_a_birthday_whatever_the_leap_days_did(born: date, day: date, years: int) -> None:
    assert ages.age_between(born, day) // YEAR == years


@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.integers(0, 365 * 30))
def test_an_age_never_grows_backwards(born: date, days: int) -> None:
    day = born + timedelta(days)
    assert ages.age_between(born, day) < ages.age_between(born, day + timedelta(1))
    assert abs(ages.age_between(born, day) - days) <= 2


def test_a_diagnosis_before_birth_is_refused() -> None:
    with pytest.raises(ValueError, match="before"):
        ages.age_between(date(2020, 1, 2), date(2020, 1, 1))

"""Survival estimates: against published worked examples, against lifelines, against hand, and against what must always hold."""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT, SHARED

pytest.importorskip("lifelines", reason="the cohort extra is not installed")

from remission.cohort.columns import CHILD, EVENTS, OUTCOMES, Column
from remission.cohort.competing import Ending, cumulative_incidence
from remission.cohort.engines import DuckEngine
from remission.cohort.events import ENDPOINTS, FOLLOWED, LEFT_OUT, REMARKS, left_out_sql, remark_sql
from remission.cohort.survival import Leaving, kaplan_meier, log_rank, median
from remission.knowledge.model import Library

PUBLISHED = yaml.safe_load((ROOT / "cases" / "survival" / "freireich-1963.yaml").read_text(encoding="utf-8"))


def weeks(arm: str) -> list[Leaving]:
    """The remission times of an arm; `9+` is a child still in remission."""
    return [Leaving(0.0, float(str(time).rstrip("+")), int(not str(time).endswith("+")), 1) for time in PUBLISHED[arm]]


def rows(*said: str) -> list[Leaving]:
    """`5` an event on day 5, `5+` last seen on day 5, `2-5` observed from day 2 on."""
    found = []
    for text in said:
        entered, _, day = text.rpartition("-")
        found.append(Leaving(float(entered or 0), float(day.rstrip("+")), int(not day.endswith("+")), 1))
    return found


def shares(curve_of: list[Leaving]) -> list[tuple[float, int, float]]:
    return [(step.day, step.at_risk, round(step.survival, 6)) for step in kaplan_meier(curve_of).steps]


# --- published worked examples -------------------------------------------------------------------------------------------


def test_kaplan_meier_of_the_published_remission_times() -> None:
    curve = kaplan_meier(weeks("mercaptopurine"))
    found = [[int(step.day), step.at_risk, step.events, round(step.survival, 3)] for step in curve.steps]
    assert found == [list(row) for row in PUBLISHED["published"][0]["table"]]
    assert median(curve).day == PUBLISHED["published"][0]["median"]
    assert median(kaplan_meier(weeks("placebo"))).day == PUBLISHED["published"][1]["median"]


def test_log_rank_of_the_published_remission_times() -> None:
    test = log_rank([weeks("mercaptopurine"), weeks("placebo")])
    assert test is not None
    _, _, printed, closer = PUBLISHED["published"]
    assert list(test.observed) == printed["observed"]
    assert [round(number, 1) for number in test.expected] == printed["expected"]
    assert round(test.statistic, 1) == printed["chi_square"]
    assert test.p == pytest.approx(printed["p"], rel=2e-3)
    assert round(test.statistic, 2) == closer["chi_square"]


@pytest.mark.shared
def test_the_shared_file_holds_the_same_times() -> None:
    found = read("drug6mp.csv")
    treated = sorted((float(row["t2"]), int(row["relapse"])) for row in found)
    assert treated == sorted((row.day, row.event) for row in weeks("mercaptopurine"))
    assert sorted(float(row["t1"]) for row in found) == sorted(row.day for row in weeks("placebo"))


@pytest.mark.shared
def test_transplants_of_klein_and_moeschberger() -> None:
    """Three groups of 38, 54 and 45; what the events are is in the file, what follows is arithmetic that lifelines does too."""
    groups = [[row for row in read("bmt.csv") if row["group"] == group] for group in "123"]
    assert [len(group) for group in groups] == [38, 54, 45]
    free = [[Leaving(0.0, float(row["t2"]), int(row["d3"]), 1) for row in group] for group in groups]
    test = log_rank(free)
    assert test is not None
    assert test.observed == (24, 25, 34)
    assert (round(test.statistic, 4), test.degrees, round(test.p, 4)) == (13.8037, 2, 0.001)
    for group in groups:
        ended = [
            Ending(0.0, float(row["t2"]), "relapse" if row["d2"] == "1" else "death" if row["d1"] == "1" else "", 1)
            for row in group
        ]
        assert_adds_up(ended, ("relapse", "death"))


def read(name: str) -> list[dict[str, str]]:
    file = SHARED / "data" / "kmsurv_leukemia" / name
    if not file.exists():
        pytest.skip("the shared survival data is not next to this checkout")
    with file.open(encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


# --- by hand -------------------------------------------------------------------------------------------------------------


def test_by_hand() -> None:
    """Of four, one leaves at 1, one has the event at 2 (of three), one at 3 (of two), one is last seen at 4."""
    assert shares(rows("1+", "2", "3", "4+")) == [(2, 3, round(2 / 3, 6)), (3, 2, round(1 / 3, 6))]


def test_an_event_comes_before_a_last_contact_of_the_same_day() -> None:
    assert shares(rows("2", "2+")) == [(2, 2, 0.5)]


def test_an_event_on_day_zero_counts() -> None:
    curve = kaplan_meier(rows("0", "5", "9+", "9+"))
    assert [(step.day, round(step.survival, 9)) for step in curve.steps] == [(0, 0.75), (5, 0.5)]
    assert curve.at_risk(0) == 4


def test_late_entry_by_hand() -> None:
    """Observed from day 3 on: not at risk at day 2, at risk at day 5. On the day of entry itself: not yet."""
    assert shares(rows("2", "9+", "3-5")) == [(2, 2, 0.5), (5, 2, 0.25)]
    assert shares(rows("3", "9+", "3-5")) == [(3, 2, 0.5), (5, 2, 0.25)]
    curve = kaplan_meier(rows("2", "9+", "3-5"))
    assert [curve.at_risk(day) for day in (0, 2, 3, 4, 5, 6)] == [2, 2, 1, 2, 2, 1]


def test_nobody_left_while_others_enter_later_ends_the_curve() -> None:
    curve = kaplan_meier(rows("2", "4+", "6-8", "6-9+"))
    assert curve.emptied == 4
    assert curve.last_day == 4
    assert [step.day for step in curve.steps] == [2]
    assert curve.at(8) is None


def test_a_curve_at_zero_has_no_band() -> None:
    last = kaplan_meier(rows("1", "2")).steps[-1]
    assert (last.survival, last.low, last.high) == (0.0, None, None)


def test_no_children_and_no_events() -> None:
    assert kaplan_meier([]).steps == ()
    curve = kaplan_meier(rows("5+", "7+"))
    assert (curve.events, curve.steps, median(curve).day) == (0, (), None)
    assert log_rank([rows("5+"), rows("7+")]) is None
    assert log_rank([rows("5")]) is None


def test_after_its_end_a_curve_says_nothing() -> None:
    curve = kaplan_meier(rows("2", "6+"))
    assert curve.at(1) is not None
    assert curve.at(6) is not None
    assert curve.at(6.5) is None


def test_competing_events_by_hand() -> None:
    """Of five: relapse at 1; death at 2 of four; last seen at 3; relapse at 4 of two."""
    ended = [
        Ending(0, 1, "relapse", 1),
        Ending(0, 2, "death", 1),
        Ending(0, 3, "", 1),
        Ending(0, 4, "relapse", 1),
        Ending(0, 5, "", 1),
    ]
    relapse, death = cumulative_incidence(ended, ("relapse", "death"))
    assert [(step.day, round(step.share, 9)) for step in relapse.steps] == [(1, 0.2), (4, 0.5)]
    assert [(step.day, round(step.share, 9)) for step in death.steps] == [(2, 0.2)]
    assert relapse.at(3.9).share == pytest.approx(0.2)
    assert relapse.at(0.5).share == 0


def test_one_minus_kaplan_meier_would_say_more() -> None:
    ended = [Ending(0, 1, "death", 5), Ending(0, 2, "relapse", 2), Ending(0, 3, "", 3)]
    relapse = cumulative_incidence(ended, ("relapse",))[0]
    naive = 1 - kaplan_meier([Leaving(e.entered, e.day, int(e.cause == "relapse"), e.children) for e in ended]).steps[-1].survival
    assert relapse.steps[-1].share == pytest.approx(0.2)
    assert naive == pytest.approx(0.4)


def test_without_censoring_the_variance_is_that_of_a_share() -> None:
    """20 of 100 relapsed and 10 died before the last day: F(1-F)/n, on the log-log scale."""
    import math

    ended = [*(Ending(0, day, "relapse", 2) for day in range(1, 11)), *(Ending(0, day, "death", 1) for day in range(1, 11)),
             Ending(0, 99, "", 70)]  # fmt: skip
    step = cumulative_incidence(ended, ("relapse",))[0].steps[-1]
    width = 1.959964 * math.sqrt(0.2 * 0.8 / 100) / (0.2 * abs(math.log(0.2)))
    assert (step.share, step.low, step.high) == pytest.approx((0.2, 0.2 ** math.exp(width), 0.2 ** math.exp(-width)), rel=1e-6)


# --- what must always hold -----------------------------------------------------------------------------------------------

days = st.integers(0, 12)
children = st.lists(st.tuples(days, st.sampled_from(["", "relapse", "death"]), st.integers(1, 3)), min_size=1, max_size=12)


@settings(max_examples=40)
@given(children)
def test_without_censoring_it_is_the_share_that_is_left(said: list[tuple[int, str, int]]) -> None:
    curve = kaplan_meier([Leaving(0.0, day, 1, number) for day, _, number in said])
    total = sum(number for *_, number in said)
    for step in curve.steps:
        assert step.survival == pytest.approx(sum(number for day, _, number in said if day > step.day) / total, abs=1e-12)


@settings(max_examples=40)
@given(children)
def test_incidences_and_event_free_survival_add_up(said: list[tuple[int, str, int]]) -> None:
    assert_adds_up([Ending(0.0, day, cause, number) for day, cause, number in said], ("relapse", "death"))


def assert_adds_up(ended: list[Ending], causes: tuple[str, ...]) -> None:
    curve = kaplan_meier([Leaving(e.entered, e.day, int(bool(e.cause)), e.children) for e in ended])
    found = cumulative_incidence(ended, causes)
    for step in curve.steps:
        assert step.survival + sum(one.at(step.day).share for one in found) == pytest.approx(1, abs=1e-9)


@settings(max_examples=40)
@given(children)
def test_counts_give_what_single_children_give(said: list[tuple[int, str, int]]) -> None:
    counted = kaplan_meier([Leaving(0.0, day, int(bool(cause)), number) for day, cause, number in said])
    single = kaplan_meier([Leaving(0.0, day, int(bool(cause)), 1) for day, cause, number in said for _ in range(number)])
    assert [(s.day, s.at_risk, s.events) for s in counted.steps] == [(s.day, s.at_risk, s.events) for s in single.steps]
    assert [s.survival for s in counted.steps] == pytest.approx([s.survival for s in single.steps])
    assert counted.at_risk(3) == single.at_risk(3)


@settings(max_examples=30)
@given(st.lists(st.tuples(days, st.integers(1, 12), st.booleans(), st.integers(0, 2)), min_size=4, max_size=40))
def test_log_rank_is_that_of_lifelines(said: list[tuple[int, int, bool, int]]) -> None:
    from lifelines.statistics import multivariate_logrank_test  # type: ignore[import-untyped, import-not-found, unused-ignore]

    groups = [[Leaving(0.0, day, int(event), number) for day, number, event, group in said if group == which] for which in range(3)]
    ours = log_rank([group for group in groups if group])
    if ours is None or ours.degrees < len([group for group in groups if group]) - 1:
        return
    flat = [(row.day, row.event, which) for which, group in enumerate(groups) for row in group for _ in range(row.children)]
    theirs = multivariate_logrank_test([f[0] for f in flat], [f[2] for f in flat], [f[1] for f in flat])
    assert ours.statistic == pytest.approx(theirs.test_statistic, rel=1e-6, abs=1e-9)


def test_incidence_is_that_of_lifelines_where_times_are_not_tied() -> None:
    from lifelines import AalenJohansenFitter  # type: ignore[import-untyped, import-not-found, unused-ignore]

    chance = Random(7)  # noqa: S311 - no secret
    said = [(chance.uniform(1, 900), chance.choice(["", "", "relapse", "death"])) for _ in range(150)]
    ours = cumulative_incidence([Ending(0.0, day, cause, 1) for day, cause in said], ("relapse",))[0]
    codes = [{"": 0, "relapse": 1, "death": 2}[cause] for _, cause in said]
    fitter = AalenJohansenFitter(calculate_variance=True).fit([day for day, _ in said], codes, event_of_interest=1)
    assert ours.steps[-1].share == pytest.approx(float(fitter.cumulative_density_.iloc[-1, 0]), rel=1e-9)
    low, high = fitter.confidence_interval_.iloc[-1]
    assert (ours.steps[-1].low, ours.steps[-1].high) == pytest.approx((low, high), rel=1e-6)


def test_late_entry_in_the_log_rank_test() -> None:
    """A child who enters after every event changes nothing; one who enters before them does."""
    one, other = rows("2", "3", "9+"), rows("4", "5", "9+")
    base, late, early = log_rank([one, other]), log_rank([one, [*other, *rows("6-9+")]]), log_rank([one, [*other, *rows("1-9+")]])
    assert base
    assert late
    assert early
    assert base.statistic == pytest.approx(late.statistic)
    assert base.statistic != pytest.approx(early.statistic)


# --- who is followed -----------------------------------------------------------------------------------------------------

Said = tuple[str | None, float | None, bool | None, float | None, float | None]
NAN = float("nan")

CASES: list[tuple[Said, str, str]] = [
    # first event, its days, died, days to death or last contact, entered: why not in EFS, why not in OS
    (("none", 900, False, 900, None), FOLLOWED, FOLLOWED),
    (("relapse", 300, True, 800, None), FOLLOWED, FOLLOWED),
    (("induction-failure", 0, False, 40, None), FOLLOWED, FOLLOWED),
    (("other", 47, False, 2000, None), FOLLOWED, FOLLOWED),
    (("none", 4672, False, 4671, None), FOLLOWED, FOLLOWED),  # followed for events a day longer than for life
    ((None, 300, False, 800, None), "event-not-recorded", FOLLOWED),
    (("Relapsed?", 300, False, 800, None), "event-unreadable", FOLLOWED),
    (("relapse", None, False, 800, None), "time-not-recorded", FOLLOWED),
    (("relapse", NAN, False, NAN, None), "time-not-recorded", "time-not-recorded"),
    (("relapse", -1, False, 800, None), "time-negative", FOLLOWED),
    (("none", 900, False, -1, None), FOLLOWED, "time-negative"),
    (("relapse", 801, True, 800, None), "event-after-last-contact", "event-after-last-contact"),
    (("none", 900, True, 950, None), "died-without-event", FOLLOWED),
    (("death", 300, False, 800, None), "death-but-alive", "death-but-alive"),
    (("death", 300, True, 800, None), "two-death-days", "two-death-days"),
    (("none", 900, None, 900, None), FOLLOWED, "death-not-recorded"),
    (("relapse", 300, True, 800, 300.0), "not-yet-entered", FOLLOWED),
    (("none", 300, False, 300, 301.0), "not-yet-entered", "not-yet-entered"),
    (("none", 300, False, 300, -5.0), FOLLOWED, FOLLOWED),  # observed before time zero: from time zero
    (("none", 300, False, 300, NAN), "entry-unreadable", "entry-unreadable"),
    (("none", 0, False, 0, 0.0), FOLLOWED, FOLLOWED),
]


@pytest.fixture
def engine(tmp_path: Path) -> DuckEngine:
    return DuckEngine(tmp_path, memory="200MB", threads=1)


@pytest.mark.parametrize(("said", "efs", "os"), CASES)
def test_who_is_followed_and_why_not(engine: DuckEngine, said: Said, efs: str, os: str) -> None:
    engine.put("children", [Column(CHILD, "VARCHAR"), *OUTCOMES], [("a", *said)])
    found = next(iter(engine.rows(f"SELECT {', '.join(left_out_sql(endpoint) for endpoint in ENDPOINTS)} FROM children")))
    assert found == (efs, os)


def test_every_reason_and_remark_has_its_sentence_and_its_case(library: Library) -> None:
    met = {reason for _, *reasons in CASES for reason in reasons}
    for reason in {*LEFT_OUT["efs"], *LEFT_OUT["os"]}:
        assert reason in met
        assert library.words[f"cohort-out-{reason}"].es
    for remark in REMARKS:
        assert "{count}" in library.words[f"cohort-mind-{remark}"].en
    for event in EVENTS:
        assert library.words[f"event-{event}"].es


def test_remarks(engine: DuckEngine) -> None:
    engine.put(
        "children",
        [Column(CHILD, "VARCHAR"), *OUTCOMES],
        [("a", "induction-failure", 0, True, 0, None), ("b", "none", 9, False, 9, 3)],
    )
    for remark, expected in zip(REMARKS, ([True, False], [True, False], [None, True]), strict=True):
        asked = f"SELECT {remark_sql(remark)} FROM children ORDER BY child"
        assert [row[0] for row in engine.rows(asked)] == expected

"""Trials: limits of age, types of leukemia, criteria with reasons, places and distances, and what is told of all that."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT, Result
from remission.cli.trials import places, trials
from remission.documents.trials_told import TrialsTeller, snapshot_age
from remission.knowledge.check import wrong_with_texts
from remission.knowledge.model import LANGS, Lang, Library, Text
from remission.knowledge.readability import is_readable
from remission.knowledge.trials import AgeLimit, Place, Snapshot, Study
from remission.record.problems import InputProblem, InputProblems
from remission.rules.compiled import load_library, load_shelf
from remission.trials.ages import Age, age_from_birth, age_from_span, read_limit
from remission.trials.asking import asked_of, from_record
from remission.trials.collecting import located, snapshot_of
from remission.trials.criteria import TABLES, Asked, Criterion
from remission.trials.csv_export import day_of, house, location_of, mended
from remission.trials.files import read_file
from remission.trials.geography import KM_PER_MILE, Gazetteer, between_km, distance_km, point, read_distance
from remission.trials.kinds import Kinds, normal
from remission.trials.loaded import load_trials
from remission.trials.registry_json import criterion_lines
from remission.trials.search import Found, Query, Trials

CASES = ROOT / "cases" / "trials"
TODAY = date(2026, 11, 21)


@pytest.fixture(scope="session")
def shipped() -> Trials:
    """A search over the list that ships."""
    return Trials(load_library(), load_trials())


@pytest.fixture(scope="session")
def invented(shipped: Trials) -> Trials:
    """A search over the invented records."""
    read = read_file(CASES / "registry-page.json", shipped.gazetteer.has)
    records = [located(record, shipped.gazetteer) for record in read.records]
    return Trials(load_library(), load_trials(), snapshot_of(records, "ClinicalTrials.gov", "2026-11-20"))


@pytest.fixture
def cli(run: Callable[..., Result]) -> Callable[..., Result]:
    from remission.cli.main import cli as commands

    for command in (trials, places):
        commands.add_command(command)
    return run


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


# --- criteria


def test_every_row_of_every_table_has_words_and_every_question_too(library: Library, shipped: Trials) -> None:
    schemes = shipped.comparison.library.schemes
    assert sorted(schemes) == sorted(TABLES)
    rows = [(scheme.id, row.id, row.then) for scheme in schemes.values() for table in scheme.tables for row in table.rows]
    missing = [f"trial-why-{table}-{row}" for table, row, then in rows if then != ("silent",)]
    missing += [f"trial-{what}-{table}" for table in TABLES for what in ("criterion", "question")]
    assert len(missing) > 60
    assert [word for word in missing if word not in library.words] == []


def _verdict(invented: Trials, number: int, criterion: str, **typed: Any) -> Criterion:
    asked = asked_of(invented.comparison, load_library(), TODAY, **typed)
    found = invented.compare(f"NCT9999{number:04d}", Query(asked=asked, status="all")).criterion(criterion)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("number", "criterion", "typed", "verdict", "why"),
    [
        (1, "age", {"age": "4y"}, "met", "within"),
        (1, "age", {"age": "32y"}, "not-met", "too-old"),
        (1, "age", {"age": "31y"}, "met", "within"),
        (1, "age", {"age": "300d"}, "not-met", "too-young"),
        (1, "age", {}, "ask", "unknown"),
        (3, "age", {"age": "40y"}, "met", "within"),
        (4, "age", {"age": "400d"}, "not-met", "too-old"),
        (4, "age", {"born": "2025-11-21"}, "met", "within-top"),
        (7, "age", {"age": "4y"}, "ask", "group"),
        (1, "lineage", {"lineage": "b"}, "met", "b-b"),
        (1, "lineage", {"lineage": "t"}, "not-met", "b-t"),
        (1, "lineage", {}, "ask", "unknown"),
        (2, "lineage", {"lineage": "b"}, "not-met", "t-b"),
        (2, "state", {"relapsed": "no"}, "not-met", "either-first"),
        (2, "state", {"relapsed": "yes"}, "met", "either-fits"),
        (2, "state", {"pairs": ("relapse_site=combined",)}, "met", "either-fits"),
        (2, "state", {"pairs": ("relapse_site=none",)}, "ask", "unknown"),
        (1, "state", {"relapsed": "no"}, "ask", "suggests-first-fits"),
        (1, "state", {"relapsed": "refractory"}, "ask", "suggests-first-other"),
        (1, "before", {"treated": "no"}, "ask", "not-begun"),
        (1, "before", {"treated": "yes"}, "ask", "begun"),
        (1, "before", {}, "ask", "unknown"),
        (3, "ph", {"pairs": ("bcr_abl1=yes",)}, "met", "only-yes"),
        (3, "ph", {"pairs": ("bcr_abl1=no",)}, "not-met", "only-no"),
        (1, "ph", {"pairs": ("bcr_abl1=yes",)}, "ask", "not-stated-yes"),
        (1, "down", {"pairs": ("down_syndrome=yes",)}, "ask", "not-stated-yes"),
        (4, "infant", {}, "ask", "suggests"),
        (8, "status", {}, "not-met", "closed"),
        (9, "status", {}, "ask", "soon"),
        (9, "sex", {"pairs": ("sex=male",)}, "not-met", "girls-boy"),
        (9, "sex", {"pairs": ("sex=female",)}, "met", "girls-girl"),
        (9, "sex", {}, "ask", "unknown"),
        (10, "healthy", {}, "ask", "yes"),
        (5, "place", {}, "ask", "no-sites"),
    ],
)
def test_a_criterion_stands_as_record_and_child_say(
    invented: Trials, number: int, criterion: str, typed: dict[str, Any], verdict: str, why: str
) -> None:
    found = _verdict(invented, number, criterion, **typed)
    assert (found.verdict, found.why) == (verdict, f"trial-why-{criterion}-{why}")


def test_what_is_not_known_of_a_child_never_decides(invented: Trials) -> None:
    """Without any fact nothing about the child is met or not met, except where the record takes everybody."""
    about_child = ("age", "lineage", "state", "ph", "down", "before")
    for found in invented.search(Query(status="all")).found:
        for criterion in found.criteria:
            takes_all = criterion.why.endswith(("-both", "-no-limits", "-all"))
            assert criterion.id not in about_child or criterion.verdict == "ask" or takes_all, criterion


def test_what_a_title_suggests_is_never_met_and_never_not_met(shipped: Trials) -> None:
    facts: tuple[dict[str, Any], ...] = (
        {"lineage": lineage, "relapsed": state, "treated": "yes", "pairs": (f"bcr_abl1={ph}", f"down_syndrome={ph}")}
        for lineage in ("b", "t")
        for state in ("no", "yes", "refractory")
        for ph in ("yes", "no")
    )  # type: ignore[assignment]
    seen = 0
    for typed in facts:
        asked = asked_of(shipped.comparison, load_library(), TODAY, age="4y", **typed)
        answer = shipped.search(Query(asked=asked, status="all"))
        for found in (*answer.found, *answer.ruled_out):
            for criterion in found.criteria:
                if "suggests" in str(getattr(found.disease, criterion.id, "")):
                    seen += 1
                    assert criterion.verdict == "ask"
    assert seen > 100


def test_a_fact_that_more_studies_wait_for_is_asked_first(invented: Trials) -> None:
    asks = invented.search(Query()).asks
    assert asks[0] == "age_today"
    assert {"treatment_started", "lineage", "disease_state", "bcr_abl1", "sex"} <= set(asks)


def test_a_record_without_relapse_does_not_say_that_it_is_the_first_leukemia(library: Library) -> None:
    from remission.record.facts import Fact

    assert "disease_state" not in from_record({"relapse_site": Fact(id="relapse_site", options=("none",))})
    assert "disease_state" not in from_record({"relapse_site": Fact(id="relapse_site", options=("none", "combined"))})


def test_a_slip_in_a_fact_is_refused_with_its_place(shipped: Trials) -> None:
    with pytest.raises(InputProblems) as refused:
        asked_of(shipped.comparison, load_library(), TODAY, relapsed="perhaps")
    assert refused.value.problems[0].values["where"] == "--relapsed perhaps"
    with pytest.raises(InputProblem, match="trials-age-twice"):
        asked_of(shipped.comparison, load_library(), TODAY, age="4y", born="2022-01-01")


# --- places


def test_distances_are_great_circles() -> None:
    assert distance_km(0, 0, 0, 0) == 0
    assert distance_km(0, 0, 0, 180) == pytest.approx(20015.1, abs=0.2)
    assert distance_km(38.895, -77.036, 40.714, -74.006) == pytest.approx(328, abs=3)  # Washington to New York
    assert distance_km(51.509, -0.126, -33.868, 151.207) == pytest.approx(16990, abs=30)  # London to Sydney


@given(st.tuples(*[st.floats(-90, 90), st.floats(-180, 180)] * 2))
def test_a_distance_is_the_same_both_ways_and_never_longer_than_half_the_earth(at: tuple[float, ...]) -> None:
    a, b, c, d = at
    assert distance_km(a, b, c, d) == pytest.approx(distance_km(c, d, a, b), abs=1e-6)
    assert 0 <= distance_km(a, b, c, d) <= 20016
    assert between_km(point(a, b), point(c, d)) == pytest.approx(distance_km(a, b, c, d), abs=1e-3)


@pytest.mark.parametrize(
    ("written", "name", "country"),
    [
        ("Washington, DC", "Washington, DC", "US"),
        ("washington dc", "Washington, DC", "US"),
        ("Washington, District of Columbia", "Washington, DC", "US"),
        ("Portland, Maine", "Portland, ME", "US"),
        ("Madrid, España", "Madrid, Spain", "ES"),
        ("Nueva York", "New York City, NY", "US"),
        ("Bogota", "Bogotá, Colombia", "CO"),
        ("Toronto, Ontario", "Toronto, ON, Canada", "CA"),
        ("London, UK", "London, United Kingdom", "GB"),
        ("Guatemala", "Guatemala City, Guatemala", "GT"),
        ("Ciudad de Panamá", "Panama City, Panama", "PA"),
        ("Lisboa", "Lisbon, Portugal", "PT"),
        ("Donostia", "Donostia / San Sebastián, Spain", "ES"),
        ("La Coruña", "A Coruña, Spain", "ES"),
        ("Tromso", "Tromsø, Norway", "NO"),
        ("Philadelphia", "Philadelphia, PA", "US"),
        ("Saint Louis, Missouri", "St. Louis, MO", "US"),
        ("St. Paul, MN", "Saint Paul, MN", "US"),
        ("Mt. Vernon, NY", "Mount Vernon, NY", "US"),
        ("Denver, CO 80202", "Denver, CO", "US"),
        ("Salem, IN", "Salem, IN", "US"),
        ("Salem, India", "Salem, India", "IN"),
        ("Washington", "Washington, DC", "US"),
        ("Bogotá, D.C.", "Bogotá, Colombia", "CO"),
        ("Bogotá D.C., Colombia", "Bogotá, Colombia", "CO"),
        ("Ciudad de México, CDMX", "Mexico City, Mexico", "MX"),
        ("México, D.F.", "Mexico City, Mexico", "MX"),
        ("Buenos Aires, CABA", "Buenos Aires, Argentina", "AR"),
        ("Lima, Lima", "Lima, Peru", "PE"),
        ("Tokio, Japón", "Tokyo, Japan", "JP"),
        ("28009 Madrid", "Madrid, Spain", "ES"),
        ("28009 Madrid, España", "Madrid, Spain", "ES"),
        ("C.P. 44100 Guadalajara", "Guadalajara, Mexico", "MX"),
        ("D-80331 München", "Munich, Germany", "DE"),
        ("C1425 Buenos Aires", "Buenos Aires, Argentina", "AR"),
        ("Toronto, Ontario M5G 1X8", "Toronto, ON, Canada", "CA"),
        ("London SW7 3RP", "London, United Kingdom", "GB"),
        ("New York NY 10021, USA", "New York City, NY", "US"),
        ("Denver CO, USA", "Denver, CO", "US"),
    ],
)
def test_a_city_is_found_as_people_write_it(shipped: Trials, written: str, name: str, country: str) -> None:
    spot = shipped.gazetteer.find(written)
    assert (spot.name.en, spot.country) == (name, country)


@pytest.mark.parametrize(
    ("written", "word", "near"),
    [
        ("Wasington, DC", "trials-place-unknown-near", "Washington, DC"),
        ("Springfield", "trials-place-several", "Springfield, IL"),
        ("Springfield, USA", "trials-place-several", "Springfield, IL"),
        ("San Sebastián", "trials-place-several", "Donostia / San Sebastián, Spain"),
        ("Saint Louis", "trials-place-several", "St. Louis, MO"),
        ("Santiago", "trials-place-several", "Santiago de los Caballeros, Dominican Republic"),
        ("Memphs", "trials-place-unknown-near", "Memphis, TN; Memphis, FL"),
        ("Guadalajara, Jalisco", "trials-place-behind", "Guadalajara, Mexico; Guadalajara, Spain"),
        ("Madrid, Comunidad de Madrid, España", "trials-place-behind", "Madrid, Spain"),
        ("Paris, Texsa", "trials-place-behind", "Paris, France; Paris, TX"),
        ("Tijuana, BC", "trials-place-unknown-near", "Tijuana, Mexico"),
        ("Texas", "trials-place-wide", "Houston, TX"),
        ("Delaware", "trials-place-wide", "Wilmington, DE"),
        ("Perú", "trials-place-wide", "Lima, Peru"),
        ("Monaco", "trials-place-unknown-near", ""),
        ("Qwxzvkj", "trials-place-unknown", ""),
        ("", "trials-place-empty", ""),
        ("20011", "trials-zip-unknown-near", "20010"),
        ("99999", "trials-zip-unknown", ""),
    ],
)
def test_a_place_that_is_not_known_offers_near_spellings_and_is_never_placed(
    shipped: Trials, written: str, word: str, near: str
) -> None:
    with pytest.raises(InputProblem) as refused:
        shipped.gazetteer.find(written)
    assert refused.value.word == word
    assert near in str(refused.value.values.get("near", ""))


def test_what_is_offered_and_where_somebody_looks_from_are_told_in_the_readers_language(shipped: Trials) -> None:
    words = load_library().words
    with pytest.raises(InputProblem) as refused:
        shipped.gazetteer.find("Guadalajara, Jalisco")
    assert "Guadalajara, México; Guadalajara, España." in refused.value.sentence(words, "es")
    assert "Guadalajara, Mexico; Guadalajara, Spain." in refused.value.sentence(words, "en")
    assert shipped.gazetteer.find("Berlin, Germany").name.es == "Berlin, Alemania"


@pytest.mark.parametrize("written", ["Mexico City", "Panamá", "Guatemala", "La Habana", "Nueva York"])
def test_a_city_told_in_spanish_can_be_typed_again(shipped: Trials, written: str) -> None:
    spot = shipped.gazetteer.find(written)
    assert spot.name.es != spot.name.en
    assert shipped.gazetteer.find(spot.name.es) == spot


def test_of_a_place_that_is_known_by_name_nothing_with_another_name_is_offered(shipped: Trials) -> None:
    with pytest.raises(InputProblem) as refused:
        shipped.gazetteer.find("Tijuana, BC")
    assert refused.value.values["near"] == Text(en="Tijuana, Mexico", es="Tijuana, México")


@pytest.mark.parametrize("lang", LANGS)
def test_a_zip_that_is_not_known_says_why_and_that_a_city_works(shipped: Trials, lang: Lang) -> None:
    for zip_code in ("20011", "99999"):
        with pytest.raises(InputProblem) as refused:
            shipped.gazetteer.find(zip_code)
        said = refused.value.sentence(load_library().words, lang)
        assert "“Denver, CO”" in said or "«Denver, CO»" in said
        assert ("United States" if lang == "en" else "Estados Unidos") in said
        assert str(len(shipped.gazetteer.by_zip)) in said


def test_every_country_of_the_list_has_a_spanish_name_or_the_same_in_both(shipped: Trials) -> None:
    """One that is new in a later list has to be looked at: it is either named in Spanish or the same in both languages."""
    same = {
        "Argentina", "Australia", "Bulgaria", "Chile", "Colombia", "El Salvador", "Estonia", "Guatemala", "Guinea", "Honduras",
        "Hong Kong", "India", "Indonesia", "Israel", "Portugal", "Puerto Rico", "Senegal", "Tanzania", "Vietnam", "China",
    }  # fmt: skip
    countries = {place.country for place in shipped.snapshot.places} | {hospital.country for hospital in shipped.known.hospitals}
    assert {name for name in countries if name not in shipped.spanish_countries} - same - {""} == set()


def test_a_zip_stands_for_the_city_of_a_hospital_that_has_it(shipped: Trials) -> None:
    spot = shipped.gazetteer.find("20010")
    assert spot.by_zip
    assert distance_km(spot.lat, spot.lon, 38.895, -77.036) < 1
    assert shipped.gazetteer.find("20010-2970") == spot


def test_miles_and_kilometers() -> None:
    assert read_distance("100mi", in_miles=False) == pytest.approx(160.9344)
    assert read_distance("150 km", in_miles=True) == 150
    assert read_distance("10", in_miles=True) == pytest.approx(10 * KM_PER_MILE)
    assert read_distance("10", in_miles=False) == 10
    assert read_distance("1.000 km", in_miles=False) == read_distance("1,000 kms", in_miles=True) == 1000
    assert read_distance("2,5 km", in_miles=False) == 2.5
    for slip in ("far", "-3mi", "0", "3 parsecs"):
        with pytest.raises(InputProblem, match="trials-distance-unreadable"):
            read_distance(slip, in_miles=True)


def test_a_state_that_does_not_fit_leaves_a_site_without_coordinates(shipped: Trials) -> None:
    assert shipped.gazetteer.locate(Place(name="x", city="Minneapolis", state="Michigan", country="United States")) is None
    assert shipped.gazetteer.locate(Place(name="x", city="Minneapolis", state="Minnesota", country="United States")) is not None
    assert shipped.gazetteer.locate(Place(name="x", city="Baltimore", state="MD", country="United States")) is not None


def test_the_gazetteer_and_the_file_of_hospitals_agree_on_where_cities_are(shipped: Trials) -> None:
    far = []
    for hospital in load_trials().hospitals:
        at = shipped.gazetteer.locate(Place(name="", city=hospital.city, state=hospital.state, country=hospital.country))
        if at and hospital.lat is not None and hospital.lon is not None:
            far.append(distance_km(*at, hospital.lat, hospital.lon))
    assert len(far) > 500
    assert sum(km > 60 for km in far) <= len(far) * 0.02


# --- the snapshot


def test_the_shipped_list_is_whole_dated_and_says_how_old_it_is(library: Library, shipped: Trials) -> None:
    snapshot = shipped.snapshot
    assert (len(snapshot.studies), len(load_trials().hospitals), snapshot.taken, snapshot.shipped) == (1213, 578, "2026-04", True)
    assert snapshot_age(snapshot, TODAY) == 205  # from the last day of April: at least so old
    for lang in LANGS:
        told = TrialsTeller(library, shipped, lang, TODAY).snapshot()
        assert told.is_old
        assert "205" in told.warnings[0]
        assert ("April 2026" if lang == "en" else "abril de 2026") in told.told
    assert not TrialsTeller(library, shipped, "en", date(2026, 7, 29)).snapshot().is_old
    assert TrialsTeller(library, shipped, "en", date(2026, 7, 30)).snapshot().is_old


def test_its_limits_of_age_are_unknown_and_not_invented(shipped: Trials) -> None:
    assert {(s.minimum_age, s.maximum_age, s.status_date) for s in shipped.snapshot.studies} == {(AgeLimit(), AgeLimit(), "")}


def test_accents_are_mended_and_nothing_else_is_changed(shipped: Trials) -> None:
    assert mended("QuÃ©bec") == "Québec"
    assert mended("BunkyÅ\x8d City") == "Bunkyō City"
    assert mended("Québec – São Paulo") == "Québec – São Paulo"
    told = "".join(place.name + place.city for place in shipped.snapshot.places) + "".join(
        s.title for s in shipped.snapshot.studies
    )
    assert "Québec" in {place.city for place in shipped.snapshot.places}
    assert not re.search("Ã|Â\xa0|â€", told)


def test_no_address_number_or_name_of_a_person_is_carried(shipped: Trials) -> None:
    folder = ROOT / "knowledge" / "trials"
    text = "".join((folder / name).read_text("utf-8") for name in ("studies.tsv", "sites.tsv", "hospitals.tsv"))
    assert "@" not in text
    assert not re.search(r"\+\d{1,3}[ -]\d|\(\d{3}\) ?\d{3}-\d{4}|\b\d{3}-\d{3}-\d{4}\b", text)
    assert not re.search(r"\t(?:Dr\.?|Prof\.?|MD) [A-Z]\w+ [A-Z]\w+\t", text)
    assert {place.phone for place in shipped.snapshot.places} == {""}


@pytest.mark.parametrize(
    ("written", "day"),
    [("4/7/2026", "2026-04-07"), ("2026-04", "2026-04"), ("2026-04-17", "2026-04-17"), ("13/45/2025", ""), ("soon", "")],
)
def test_dates_in_both_spellings(written: str, day: str) -> None:
    assert day_of(written) == day


_LOCATIONS = [
    ("A, B Hospital, Denver, Colorado, 80218, United States", ("A, B Hospital", "Denver", "Colorado", "80218", "United States")),
    ("Denver, Colorado, 80218, United States", ("", "Denver", "Colorado", "80218", "United States")),
    ("X Hospital, Toronto, Canada", ("X Hospital", "Toronto", "", "", "Canada")),
    ("X, Service d'H, Lyon, France", ("X, Service d'H", "Lyon", "", "", "France")),
    ("X, Monterrey, Nuevo León, 64460, Mexico", ("X", "Monterrey", "Nuevo León", "64460", "Mexico")),
    ("", ("", "", "", "", "")),
]


@pytest.mark.parametrize(("location", "parts"), _LOCATIONS)
def test_a_location_is_read_from_the_right(location: str, parts: tuple[str, ...]) -> None:
    assert location_of(location, lambda city, _: city in ("Lyon", "Monterrey")) == parts


def test_a_site_is_a_house_and_no_person_and_no_telephone() -> None:
    assert house("Dr. von Haunersches Kinderspital, Klinikum") == "Dr. von Haunersches Kinderspital, Klinikum"
    assert house("Dr. Invented Person") == ""
    assert house("For information call 1-877-555-0100") == ""


# --- searching and telling


def _found(trials_: Trials, study: str, **query: Any) -> Found:
    return trials_.compare(study, Query(**query))


def test_sites_come_nearest_first_and_unknown_ones_last(shipped: Trials) -> None:
    near = shipped.gazetteer.find("Denver, CO")
    answer = shipped.search(Query(near=near))
    assert len(answer.found) > 200
    for found in answer.found:
        known = [site.km for site in found.sites if site.km is not None]
        assert known == sorted(known)
        assert all(site.km is None for site in found.sites[len(known) :])


def test_within_a_distance_only_what_is_farther_for_certain_is_left_out(invented: Trials) -> None:
    near = invented.gazetteer.find("Washington, DC")
    answer = invented.search(Query(near=near, within=30, status="all"))
    listed = {found.study.id[-2:] for found in (*answer.found, *answer.ruled_out)}
    assert listed == {"01", "02", "04", "05", "06", "07", "08", "09"}  # 05: no sites; 06: its city is nowhere; 03 and 10 are far
    place = next(found for found in answer.found if found.study.id.endswith("06")).criterion("place")
    assert place is not None
    assert (place.verdict, place.why) == ("ask", "trial-why-place-not-located")


def test_closed_studies_are_shown_to_who_asks_for_them(shipped: Trials, invented: Trials) -> None:
    closed = invented.search(Query(status="closed"))
    assert [found.study.id[-2:] for found in closed.found] == ["08"]
    assert len(shipped.search(Query(status="closed")).found) > 800
    assert {found.study.status for found in shipped.search(Query(status="recruiting")).found} == {"RECRUITING"}
    assert {found.study.status for found in shipped.search(Query(status="soon")).found} == {"NOT_YET_RECRUITING"}


def test_a_site_that_is_closed_is_near_but_no_reason_to_hope(invented: Trials) -> None:
    near = invented.gazetteer.find("Baltimore, MD")
    place = _found(invented, "NCT99990010", near=near, within=20.0, status="all").criterion("place")
    assert place is not None
    assert place.why == "trial-why-place-near-closed"


def test_null_coordinates_fall_back_to_the_city(invented: Trials) -> None:
    boston = next(place for place in invented.snapshot.places if place.city == "Boston")
    assert (boston.lat, boston.exact) == (42.358, False)
    dc = next(place for place in invented.snapshot.places if place.city == "Washington D.C.")
    assert (dc.lat, dc.exact) == (38.92, True)


def test_what_a_stated_condition_rules_out_is_counted_and_shown_with_the_reason_when_asked(
    library: Library, invented: Trials
) -> None:
    asked = asked_of(invented.comparison, library, TODAY, age="4y", lineage="b", relapsed="no", pairs=("bcr_abl1=no",))
    answer = invented.search(Query(asked=asked))
    assert sorted(found.study.id[-2:] for found in answer.ruled_out) == ["02", "03", "04", "10"]
    teller = TrialsTeller(library, invented, "en", TODAY)
    assert "not shown: 4" in teller.answer(answer, 10).ruled_out_note
    assert len(teller.answer(answer, 10, with_ruled_out=True).ruled_out) == 4


def _told(library: Library, trials_: Trials, number: int, lang: Lang, whole: bool = False, **typed: Any) -> Any:
    asked = asked_of(trials_.comparison, library, TODAY, **typed)
    found = _found(trials_, f"NCT9999{number:04d}", asked=asked, status="all")
    return TrialsTeller(library, trials_, lang, TODAY).study(found, with_distances=False, whole=whole)


def test_each_oddity_of_a_record_has_its_sentence(library: Library, invented: Trials) -> None:
    assert "lists no place" in _told(library, invented, 5, "en").sites_more
    assert "gives no date for it" in _told(library, invented, 6, "en").status
    assert "“400 Years”" in _told(library, invented, 7, "en").ages
    assert "no highest age" in _told(library, invented, 3, "en").ages
    assert "turning 32" in _told(library, invented, 1, "en").ages
    assert "cumplir 32" in _told(library, invented, 1, "es").ages
    assert "October 1, 2026" in _told(library, invented, 1, "en").status


def test_the_registrys_lines_are_shown_and_never_read_as_met(library: Library, invented: Trials) -> None:
    told = _told(library, invented, 1, "en", whole=True)
    assert [(part.heading, part.lines) for part in told.text] == [
        ("Must be so", ("Newly diagnosed B-ALL", "White blood cell count >= 50,000/uL")),
        ("Must not be so", ("Prior chemotherapy", "Pregnancy")),
    ]
    assert not any("50,000" in criterion.why for criterion in told.criteria)


def test_lines_without_headings_are_neither() -> None:
    lines = criterion_lines("CHARACTERISTICS:\n- ALL\n\nKey Inclusion Criteria\n1. One\n2) Two\nKey Exclusion Criteria:\na. Three")
    assert [(line.kind, line.text) for line in lines] == [
        ("other", "CHARACTERISTICS:"), ("other", "ALL"), ("inclusion", "One"), ("inclusion", "Two"), ("exclusion", "Three"),
    ]  # fmt: skip


def test_what_is_open_becomes_a_question_to_print(library: Library, invented: Trials) -> None:
    questions = _told(library, invented, 1, "en", age="4y", lineage="b").questions
    assert questions == (
        "Is this study for a first leukemia or for one that came back?",
        "Do we have to decide before treatment starts? Until when?",
    )
    assert all(question.endswith("?") for question in _told(library, invented, 9, "es").questions)


def test_before_treatment_is_said_where_it_matters(library: Library, invented: Trials) -> None:
    teller = TrialsTeller(library, invented, "en", TODAY)
    assert "before treatment starts" in teller.answer(invented.search(Query()), 10).before_treatment
    came_back = asked_of(invented.comparison, library, TODAY, treated="yes")
    only_relapse = Query(asked=came_back, words="refractory")
    assert teller.answer(invented.search(only_relapse), 10).before_treatment == ""
    begun = invented.search(Query(asked=came_back))
    assert any(found.criterion("before") for found in begun.found)
    assert teller.answer(begun, 10).before_treatment == ""  # it would come too late


@pytest.mark.parametrize("answer", ["yes", "refractory"])
def test_a_leukemia_that_came_back_was_treated_and_nothing_is_said_of_before_the_first_treatment(
    library: Library, invented: Trials, answer: str
) -> None:
    asked = asked_of(invented.comparison, library, TODAY, relapsed=answer)
    found = invented.search(Query(asked=asked))
    teller = TrialsTeller(library, invented, "en", TODAY)
    assert teller.answer(found, 10).before_treatment == ""
    assert "treatment_started" not in found.asks


def test_hospitals_come_nearest_first_the_familys_own_before_all(shipped: Trials) -> None:
    near = shipped.gazetteer.find("20010")
    listed = shipped.hospitals(near, 100 * KM_PER_MILE)
    assert listed[0].km is not None
    assert listed[0].km < 1
    assert [each.km for each in listed] == sorted(each.km or 0 for each in listed)
    own = shipped.hospitals(near, 100 * KM_PER_MILE, own=["miller children's"])
    assert own[0].own
    assert "Miller Children" in own[0].hospital.name
    assert own[0].km is not None
    assert own[0].km > 3000  # it is far away, and still first
    assert not any(each.own for each in shipped.hospitals(near, None, own=["", "a", "of"]))
    children = next(each for each in listed if each.hospital.name == "Children's National Medical Center")
    assert len(children.hospital.trials) == 11
    assert "NCT03959085" in children.open_now


# --- the commands


@pytest.mark.parametrize(
    ("name", "cities"),
    [
        ("St. Jude Children's", {"Memphis"}),
        ("Dana-Farber Cancer Institute, Boston", {"Boston"}),
        ("Cook Children's", {"Fort Worth", "McAllen"}),
        ("CHLA", set()),  # not the Richland Hospital, in whose name these letters stand
        ("Children's Hospital", set()),
        ("Hospital", set()),
        ("", set()),
    ],
)
def test_a_hospital_is_the_familys_own_by_whole_words_that_few_bear(shipped: Trials, name: str, cities: set[str]) -> None:
    assert {each.hospital.city for each in shipped.hospitals(None, None, [name]) if each.own} == cities


def test_the_command_answers_in_both_languages(cli: Callable[..., Result]) -> None:
    english = cli(
        "trials", "--age", "4y", "--near", "Washington, DC", "--within", "100mi", "--status", "recruiting", "--lineage", "b"
    )
    assert english.code == 0
    assert english.out.startswith("ClinicalTrials.gov, as it stood in April 2026.\nThis list is at least")
    assert "does not say whether your child can join" in " ".join(english.out.split())
    spanish = cli("trials", "search", "--age", "4y", "--near", "Guadalajara, México", "--lang", "es")
    assert "abril de 2026" in spanish.out
    assert " km" in spanish.out
    assert " millas" not in spanish.out


def test_json_holds_to_its_schema(cli: Callable[..., Result]) -> None:
    schema = json.loads(cli("trials", "--json-schema").out)
    for arguments in (
        ("--age", "4y", "--near", "20010", "--within", "50mi"),
        ("--relapsed", "yes", "--all", "--status", "all", "--limit", "300"),
    ):
        answer = json.loads(cli("trials", *arguments, "--json").out)
        jsonschema.validate(answer, schema)
        assert answer["studies"]
    one = json.loads(cli("trials", "show", "NCT03914625", "--json").out)
    jsonschema.validate(one["study"], schema["$defs"]["study"] | {"$defs": schema["$defs"]})
    hospitals = json.loads(cli("places", "--near", "20010", "--json", "--limit", "5").out)
    assert len(hospitals["hospitals"]) == 5
    assert hospitals["snapshot"]["is_old"] is True


def test_what_cannot_be_used_is_refused_with_a_sentence(cli: Callable[..., Result]) -> None:
    for arguments, said in (
        (("trials", "--age", "300y"), "cannot be anybody’s age"),
        (("trials", "--within", "3mi"), "needs a place"),
        (("trials", "--near", "Wasington, DC"), "Did you mean: Washington, DC"),
        (("trials", "show", "NCT1"), "No study with the number"),
        (("trials", "--relapsed", "perhaps"), "perhaps"),
        (("places", "--near", "20011", "--lang", "es"), "no está en nuestra lista"),
        (("trials", "refresh", "--from", "no-such-file.json"), "no-such-file.json"),
        (("trials", "refresh", "--from", "x.json", "--taken", "yesterday"), "is no date"),
        (("trials", "refresh", "--from", "x.json", "--taken", "2026-02-31"), "is no date"),
        (("trials", "refresh", "--from", "x.json", "--taken", "2999-01"), "lies ahead"),
        (("trials", "--near", "Texas"), "name of a state or a country"),
    ):
        refused = cli(*arguments)
        assert (refused.code, refused.out) == (2, ""), arguments
        assert said in refused.err


# --- words


def test_the_words_of_trials_are_whole_and_can_be_read(library: Library) -> None:
    from remission.knowledge import plain_yaml

    names = list(plain_yaml.read(ROOT / "knowledge" / "words" / "trials.yaml"))
    texts = [(name, library.words[name]) for name in names]
    assert len(texts) > 180
    assert list(wrong_with_texts(texts)) == []
    told = [name for name in names if name.startswith(("trial-why", "trial-found", "trial-old", "trial-notice", "places-"))]
    for lang in LANGS:
        everything = " ".join(re.sub(r"\{\w+\}", "x", library.words[name].in_(lang)) for name in told)
        assert is_readable(everything, lang, load_shelf().reading.names)
        assert "!" not in everything
        assert not re.search(r"(?i)don't worry|probably fine|battle|journey|hope|esperanza|batalla|no se preocupe", everything)


def test_every_status_that_the_registry_has_is_told(library: Library) -> None:
    statuses = load_trials().registry.statuses
    assert len(statuses) == 14
    assert [status for status in statuses if f"trial-status-{status}" not in library.words] == []


def test_an_unknown_status_is_told_in_the_registrys_own_word(library: Library, shipped: Trials) -> None:
    odd = Trials(
        library, load_trials(), Snapshot("x", "2026-11-01", (Study(id="NCT99990001", title="Invented", status="BRAND_NEW"),), ())
    )
    told = TrialsTeller(library, odd, "en", TODAY).study(odd.compare("NCT99990001", Query(asked=Asked())), False)
    assert "“BRAND_NEW”" in told.status
    assert any(criterion.id == "status" and criterion.verdict == "ask" for criterion in told.criteria)


def test_kinds_and_gazetteer_are_built_from_data_alone(shipped: Trials) -> None:
    assert isinstance(Kinds(load_trials().types), Kinds)
    assert isinstance(Gazetteer(load_trials()), Gazetteer)
    assert isinstance(age_from_span("4y", ""), Age)
    assert Path(CASES / "README.md").read_text("utf-8").startswith("# Invented")


def test_a_name_that_two_far_cities_share_gives_no_distance() -> None:
    from remission.trials.geography import certain

    madrid_district, salamanca, beside = (147_707, 40.43, -3.68), (144_436, 40.97, -5.66), (140_000, 40.5, -3.7)
    assert certain([madrid_district, salamanca], lambda city: city) is None
    assert certain([madrid_district, beside], lambda city: city) == madrid_district
    assert certain([madrid_district, (9_000, 10.0, -70.0)], lambda city: city) == madrid_district
    assert certain([], lambda city: city) is None

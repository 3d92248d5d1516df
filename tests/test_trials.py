"""Trials: criteria with reasons, the list that ships, searching, and what is told of all that."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conftest import ROOT, Run
from remission.documents.trials_told import TrialsTeller, snapshot_age
from remission.knowledge.check import wrong_with_texts
from remission.knowledge.model import LANGS, Lang, Library
from remission.knowledge.readability import is_readable
from remission.knowledge.trials import AgeLimit, Snapshot, Study
from remission.record.problems import InputProblem, InputProblems
from remission.rules.compiled import load_library, load_shelf
from remission.trials.ages import Age, age_from_span
from remission.trials.asking import asked_of, from_record
from remission.trials.criteria import TABLES, Asked, Criterion
from remission.trials.csv_export import day_of, house, location_of, mended
from remission.trials.geography import KM_PER_MILE, Gazetteer
from remission.trials.kinds import Kinds
from remission.trials.loaded import load_trials
from remission.trials.registry_json import criterion_lines
from remission.trials.search import Found, Query, Trials

CASES = ROOT / "cases" / "trials"
TODAY = date(2026, 11, 21)


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


def test_the_command_answers_in_both_languages(run: Run) -> None:
    english = run(
        "trials", "--age", "4y", "--near", "Washington, DC", "--within", "100mi", "--status", "recruiting", "--lineage", "b"
    )
    assert english.code == 0
    assert english.out.startswith("ClinicalTrials.gov, as it stood in April 2026.\nThis list is at least")
    assert "does not say whether your child can join" in " ".join(english.out.split())
    spanish = run("trials", "search", "--age", "4y", "--near", "Guadalajara, México", "--lang", "es")
    assert "abril de 2026" in spanish.out
    assert " km" in spanish.out
    assert " millas" not in spanish.out


def test_json_holds_to_its_schema(run: Run) -> None:
    schema = json.loads(run("trials", "--json-schema").out)
    for arguments in (
        ("--age", "4y", "--near", "20010", "--within", "50mi"),
        ("--relapsed", "yes", "--all", "--status", "all", "--limit", "300"),
    ):
        answer = json.loads(run("trials", *arguments, "--json").out)
        jsonschema.validate(answer, schema)
        assert answer["studies"]
    one = json.loads(run("trials", "show", "NCT03914625", "--json").out)
    jsonschema.validate(one["study"], schema["$defs"]["study"] | {"$defs": schema["$defs"]})
    hospitals = json.loads(run("places", "--near", "20010", "--json", "--limit", "5").out)
    assert len(hospitals["hospitals"]) == 5
    assert hospitals["snapshot"]["is_old"] is True


def test_what_cannot_be_used_is_refused_with_a_sentence(run: Run) -> None:
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
        refused = run(*arguments)
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

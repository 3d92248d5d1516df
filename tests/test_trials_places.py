"""Trials: places as people write them, and distances."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT
from remission.knowledge.model import LANGS, Lang, Text
from remission.knowledge.trials import Place
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library
from remission.trials.geography import KM_PER_MILE, between_km, distance_km, point, read_distance
from remission.trials.loaded import load_trials
from remission.trials.search import Trials

CASES = ROOT / "cases" / "trials"
TODAY = date(2026, 11, 21)


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

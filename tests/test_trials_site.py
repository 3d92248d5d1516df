"""The pages of trials and places, asked for as a browser would: what is found, what is refused, and what no address may hold."""

from __future__ import annotations

import os
import re
from datetime import date
from html import unescape
from math import cos, hypot, radians, sin
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT
from remission.care.known import known_for_trials
from remission.care.record import Record
from remission.documents.card import card_paper
from remission.documents.packs import PACKS, pack_paper
from remission.documents.trials_map import MOST_MARKS, Place, drawn_map
from remission.documents.trials_paper import study_paper
from remission.documents.trials_told import TrialsTeller
from remission.documents.wording import Wording
from remission.home.notes import Note
from remission.home.store import HomeFile
from remission.knowledge.model import LANGS, Lang, Text
from remission.rules.compiled import load_library, load_shelf
from remission.trials.files import read_file
from remission.trials.geography import Spot, distance_km
from remission.trials.loaded import load_trials, shipped_trials
from remission.trials.refresh import take_file
from remission.trials.search import Query
from remission.trials.store import STORE, TrialStore

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "remission.site.settings")

import django

django.setup()

from django.test import Client  # noqa: E402 - after Django has read its settings

from remission.site.addresses import address  # noqa: E402

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

TODAY = date.today()
STUDY = "NCT06124157"  # of the list that ships: B-cell ALL, many places
WASHINGTON = {"near": "Washington, DC", "within": "100 miles"}
HERE = Spot(Text(en="Here", es="Aquí"), 38.895, -77.036, "US")


@pytest.fixture
def browser() -> Client:
    return Client(headers={"host": "127.0.0.1:8642"}, raise_request_exception=True)


def body(answer: Response) -> str:
    return unescape(answer.content.decode())


def begin(browser: Client, **more: str) -> str:
    typed = {
        "child-name": "Ana",
        "child-born": "2021-05-04",
        "centre-name": "Children's National",
        "centre-urgent-phone": "555-0100",
    }
    answer = browser.post(address("mine-new", "en"), typed | more)
    assert answer.status_code == 302, body(answer)
    return answer.headers["Location"].split("/")[3]


def add(browser: Client, child: str, kind: str, **typed: str) -> Response:
    return browser.post(address("note-new", "en", kind, child=child), {name.replace("_", "-"): v for name, v in typed.items()})


def say(word: str, lang: Lang = "en", **values: object) -> str:
    return Wording(load_library(), lang).say(word, **values)


def studies(page: str) -> list[str]:
    return re.findall(r'<article class="card study" id="(NCT\d+)"', page)


def refreshed(data: Path, file: str = "registry-page.json", taken: str = "") -> TrialStore:
    """A family's own list, from invented studies."""
    store, shipped = TrialStore(data), shipped_trials()
    records = read_file(ROOT / "cases" / "trials" / file, shipped.gazetteer.has)
    take_file(store, records, shipped.gazetteer, shipped.snapshot, load_trials().registry, TODAY, taken or TODAY.isoformat())
    return store


# --- the list ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["trials", "places", "trials-refresh", "trials-changes"])
def test_every_page_says_how_old_the_list_is_and_warns_when_it_is_old(browser: Client, lang: Lang, name: str) -> None:
    page = body(browser.get(address(name, lang)))
    month = "April 2026" if lang == "en" else "abril de 2026"
    assert month in page
    days = (TODAY - date(2026, 4, 30)).days
    assert say("trial-old", lang, days=days) in page


def test_a_fresh_list_is_told_without_a_warning(browser: Client, data: Path) -> None:
    refreshed(data)
    page = body(browser.get(address("trials", "en")))
    assert "This list is at least" not in page
    assert say("page-list-age-0") in page


def test_nothing_is_required_and_a_page_holds_twenty(browser: Client) -> None:
    first = body(browser.get(address("trials", "en")))
    second = body(browser.get(address("trials", "en"), {"page": "2"}))
    assert len(studies(first)) == len(studies(second)) == 20
    assert not set(studies(first)) & set(studies(second))
    assert "trial-old" not in first
    assert say("trial-before-first") in first
    last = body(browser.get(address("trials", "en"), {"page": "99999"}))
    assert 0 < len(studies(last)) <= 20
    for odd in ("0", "-1", "²", "x" * 500, ""):
        assert studies(body(browser.get(address("trials", "en"), {"page": odd}))) == studies(first)


def test_a_printed_list_says_what_was_asked(browser: Client) -> None:
    page = body(browser.get(address("trials", "en"), {"near": "Denver, CO", "lineage": "t", "down": "yes"}))
    (asked,) = re.findall(r'<p class="onprint">(.*?)</p>', page)
    assert asked == f"{say('page-asked')} Denver, CO · {say('page-status-open')} · T-cell ALL · Down syndrome? Yes"
    assert 'class="onprint"' not in body(browser.get(address("trials", "en")))


def test_turning_a_page_keeps_what_was_asked(browser: Client) -> None:
    page = body(browser.get(address("trials", "en"), WASHINGTON | {"age": "4 years"}))
    after = next(unquote(link) for link in re.findall(r'href="(\?[^"]+)"', page) if "page=2" in link)
    assert "Washington" in after
    assert "age=4" in after
    elsewhere = next(unquote(link) for link in re.findall(r'href="(/es/ensayos/[^"]*)"', page))
    assert "Washington" in elsewhere


def test_each_study_shows_status_date_ages_places_and_every_criterion_with_its_reason(browser: Client) -> None:
    page = body(browser.get(address("trials", "en"), WASHINGTON | {"age": "4 years", "lineage": "b", "state": "first"}))
    card = next(part for part in page.split("<article") if f'id="{STUDY}"' in part).split("</article>")[0]
    assert "taking in patients" in card
    assert "April 2026" in card
    assert "Ages: the limits are not in this list" in card
    assert "Children's National Medical Center" in card
    for criterion in ("Open to join", "Age", "Disease", "B-cell or T-cell", "Distance"):
        assert f"<b>{criterion}.</b>" in card, criterion
    assert say("trial-why-lineage-b-b") in card
    assert say("trial-ask") in card


def test_what_a_condition_rules_out_is_folded_with_its_reason(browser: Client) -> None:
    page = body(browser.get(address("trials", "en"), {"lineage": "t", "state": "first", "status": "all"}))
    folded = page.split('<details class="group">')[1]
    assert say("trial-why-lineage-b-t") in folded
    assert not set(re.findall(r"NCT\d{8}", folded.split("</details>")[0])) & set(studies(page))
    all_of_them = body(
        browser.get(address("trials", "en"), {"lineage": "t", "state": "first", "status": "all", "show": "ruled-out"})
    )
    assert len(studies(all_of_them)) == 20
    assert all_of_them.count('class="against"') >= 20


@pytest.mark.parametrize(
    ("typed", "field", "word", "values"),
    [
        ({"age": "old"}, "age", "page-trials-age-unreadable", {"value": "old"}),
        ({"age": "400 years"}, "age", "page-trials-age-impossible", {"value": "400 years"}),
        ({"born": "2021-13-01"}, "born", "page-date-unreadable", {"value": "2021-13-01"}),
        ({"born": "2999-01-01"}, "born", "page-trials-born-impossible", {"value": "2999-01-01"}),
        ({"age": "4y", "born": "2022-01-01"}, "born", "page-trials-age-twice", {}),
        ({"within": "5 miles"}, "within", "page-trials-distance-from", {}),
        ({"near": "Denver, CO", "within": "far"}, "within", "page-trials-distance-unreadable", {"value": "far"}),
        ({"near": "Qwxzvk"}, "near", "trials-place-unknown", {"place": "Qwxzvk"}),
        ({"status": "maybe"}, "status", "page-choice-unknown", {"value": "maybe"}),
        ({"lineage": "c"}, "lineage", "page-choice-unknown", {"value": "c"}),
    ],
)
@pytest.mark.parametrize("lang", LANGS)
def test_what_cannot_be_used_is_said_beside_its_field_and_nothing_typed_is_lost(
    browser: Client, lang: Lang, typed: dict[str, str], field: str, word: str, values: dict[str, str]
) -> None:
    page = body(browser.get(address("trials", lang), {"words": "dasatinib", "down": "no"} | typed))
    assert f'id="wrong-{field}">{say(word, lang, **values)}' in page
    assert "--" not in re.sub(r"<!--.*?-->|<!doctype html>", "", page.split("<main")[1].split("<footer")[0])
    assert studies(page) == []
    assert 'value="dasatinib"' in page
    assert '<option value="no" selected>' in page
    for name, value in typed.items():
        assert f'value="{value}"' in page or name in ("status", "lineage")


def test_what_is_typed_is_shown_as_text(browser: Client) -> None:
    for path in (address("trials", "en"), address("places", "es"), address("trial", "en", STUDY)):
        page = browser.get(path, {"near": "<b>x</b>", "words": '"><script>'}).content.decode()
        assert "<b>x</b>" not in page
        assert '"><script>' not in page


@given(
    st.dictionaries(
        st.sampled_from(["age", "born", "near", "within", "status", "state", "begun", "ph", "words", "page"]),
        st.text(max_size=30),
        max_size=5,
    )
)
def test_no_query_breaks_a_page(typed: dict[str, str]) -> None:
    client = Client(headers={"host": "127.0.0.1:8642"}, raise_request_exception=True)
    for name in ("trials", "places"):
        assert client.get(address(name, "es"), typed).status_code == 200


def test_pages_hold_no_script_and_no_foreign_address_but_that_of_the_record(browser: Client) -> None:
    child = begin(browser)
    for path in (
        address("trials", "en") + "?near=Denver",
        address("trial", "es", STUDY) + "?near=Madrid",
        address("places", "en") + "?near=20010",
        address("my-trial", "en", STUDY, child=child),
        address("trials-refresh", "en"),
        address("trials-changes", "es"),
    ):
        page = browser.get(path).content.decode()
        assert re.findall(r"<script(?![^>]*\bsrc=\"/)", page) == []
        assert not re.search(r"\s(?:style|on\w+)=\"", page), path
        assert re.findall(r'(?:src|action)="https?:', page) == []
        found = set(re.findall(r'href="(https?:[^"]+)"', page))
        assert found <= {f"https://clinicaltrials.gov/study/{STUDY}"}, path


# --- a child ----------------------------------------------------------------------------------------------------------


def test_a_child_is_used_with_one_click_and_its_facts_are_in_no_address(browser: Client) -> None:
    child = begin(browser)
    typed = {"name": "Ana", "born": "2021-05-04", "diagnosis": "t-all", "sex": "girl"}
    assert browser.post(address("note", "en", "child", child=child, note=child), typed).status_code == 302
    answer = browser.get(address("trials-mine", "en"))
    assert answer.headers["Location"] == address("my-trials", "en", child=child)
    answer = browser.get(answer.headers["Location"])
    page = body(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "born on May 4, 2021" in page
    assert say("page-lineage-t") in page
    assert say("page-known-begun") not in page
    links = " ".join(unquote(link) for link in re.findall(r'(?:href|action)="([^"]+)"', page))
    for told in ("2021-05-04", "lineage", "t-all", "girl", "female", "born"):
        assert told not in links, told
    assert 'id="born"' not in page
    assert 'id="lineage"' not in page
    assert say("trial-why-lineage-b-t") in page


def test_a_page_of_a_study_shows_nothing_of_the_file(browser: Client) -> None:
    """The page about a study has a record of the registry; the child's record must never be shown in its place."""
    child = begin(browser)
    add(browser, child, "diary", on=TODAY.isoformat(), note="MARKER-OF-THIS-TEST")
    for name in ("my-trial", "my-trials", "my-places"):
        page = body(browser.get(address(name, "en", STUDY if name == "my-trial" else "", child=child)))
        assert "MARKER-OF-THIS-TEST" not in page
        assert "Note(" not in page


def test_with_several_children_somebody_is_chosen_and_the_invented_one_is_marked(browser: Client) -> None:
    assert say("page-trials-none-yet") in body(browser.get(address("trials-mine", "en")))
    browser.post(address("mine-example", "en"))
    page = body(browser.get(address("trials-mine", "en")))
    assert say("own-invented") in page
    begin(browser)
    begin(browser, **{"child-name": "Ben"})
    page = body(browser.get(address("places-mine", "es")))
    assert "Ana" in page
    assert "Ben" in page


def test_a_search_takes_only_what_was_written_down() -> None:
    def known(*notes: Note, **values: str) -> dict[str, str]:
        who = Note("c", "child", "c", values)
        return known_for_trials(Record(who, (who, *notes)), TODAY)

    assert known() == {}
    assert known(diagnosis="mixed") == {}
    assert known(diagnosis="b-all", sex="boy") == {"lineage": "b", "sex": "male"}
    given_today = Note("c", "road-change", "1", {"what": "given", "on": TODAY.isoformat()})
    skipped = Note("c", "road-change", "2", {"what": "skipped", "on": TODAY.isoformat()})
    ahead = Note("c", "road-change", "3", {"what": "given", "on": "2999-01-01"})
    assert known(skipped, ahead) == {}
    assert known(given_today) == {"treatment_started": "yes"}


def test_the_lock_closes_the_childs_pages_and_not_the_open_ones(browser: Client) -> None:
    child = begin(browser)
    browser.post(address("keep-file", "en", "lock"), {"passphrase": "four quiet words here", "again": "four quiet words here"})
    stranger = Client(headers={"host": "127.0.0.1:8642"})
    for name in ("my-trials", "my-places"):
        answer = stranger.get(address(name, "en", child=child))
        assert answer.status_code == 302
        assert address("locked", "en") in answer.headers["Location"]
    assert address("locked", "en") in stranger.get(address("trials-mine", "en")).headers["Location"]
    assert stranger.get(address("trials", "en")).status_code == 200


# --- one study --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
def test_a_study_is_told_whole(browser: Client, lang: Lang) -> None:
    page = body(browser.get(address("trial", lang, STUDY), {"near": "Denver, CO"}))
    assert say("trial-status-RECRUITING", lang) in page
    assert say("trial-text-none", lang) in page
    for name in ("instead", "harm", "consent", "assent", "leave"):
        assert say(f"study-ask-{name}", lang) in page
    assert say("study-ask-note", lang) in page
    assert f'href="https://clinicaltrials.gov/study/{STUDY}" rel="external noreferrer"' in page
    sites = re.findall(r"<li>([^<]+): <b>([^<]+)</b>", page)
    lengths = [int(re.sub(r"\D", "", told)) for _, told in sites if re.search(r"\d", told)]
    assert len(lengths) > 100
    assert lengths == sorted(lengths)


def test_the_registrys_text_is_shown_in_lines_and_never_read(browser: Client, data: Path) -> None:
    store = refreshed(data)
    snapshot = store.snapshot()
    assert snapshot
    study = next(study for study in snapshot.studies if len(study.criteria) > 2)
    page = body(browser.get(address("trial", "en", study.id)))
    for line in study.criteria:
        assert f"<li>{line.text}</li>" in page
    assert say("trial-text-note") in page


@pytest.mark.parametrize("slug", ["NCT99999999", "x", "NCT061241570", "%20"])
def test_a_study_that_is_not_in_the_list_is_not_found(browser: Client, slug: str) -> None:
    client = Client(headers={"host": "127.0.0.1:8642"}, raise_request_exception=False)
    assert client.get(f"/en/trials/{slug}/").status_code == 404
    assert client.get(f"/en/trials/{slug}.pdf").status_code == 404


def test_changing_the_place_keeps_what_else_was_asked(browser: Client) -> None:
    page = body(browser.get(address("trial", "en", STUDY), {"age": "4 years", "near": "Denver, CO"}))
    assert '<input type="hidden" name="age" value="4 years">' in page
    assert '<input type="hidden" name="near"' not in page


@pytest.mark.parametrize("lang", LANGS)
def test_the_questions_of_a_study_are_a_paper_and_the_examples_is_marked(browser: Client, lang: Lang) -> None:
    answer = browser.get(address("trial-pdf", lang, STUDY))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert answer.content == browser.get(address("trial-pdf", lang, STUDY)).content
    child = browser.post(address("mine-example", lang)).headers["Location"].split("/")[3]
    assert len(browser.get(address("my-trial-pdf", lang, STUDY, child=child)).content) > 5000


@pytest.mark.parametrize("lang", LANGS)
def test_a_paper_says_how_many_places_are_not_on_it(lang: Lang) -> None:
    library, trials = load_library(), shipped_trials()
    words = Wording(library, lang)
    found = trials.compare("NCT04546399", Query(status="all"))
    teller = TrialsTeller(library, trials, lang, TODAY)
    paper = study_paper(library, words, found.study, teller.study(found, False, whole=True), teller.snapshot())
    (places,) = (section for section in paper.sections if section.heading == words.say("study-places"))
    assert len(places.items) == 4
    assert places.items[-1] == words.say("trial-sites-more-all", count=len(found.sites) - 3)


@pytest.mark.parametrize("lang", LANGS)
def test_what_the_registry_writes_in_english_is_marked_so_on_screen_and_paper(browser: Client, lang: Lang) -> None:
    page = body(browser.get(address("trial", lang, STUDY)))
    label = say("trial-about", lang)
    assert f'<p>{label} <span lang="en">B Acute Lymphoblastic Leukemia</span></p>' in page
    assert f'{say("trial-run-by", lang)} <span lang="en">National Cancer Institute' in page
    words, trials = Wording(load_library(), lang), shipped_trials()
    found = trials.compare(STUDY, Query(status="all"))
    teller = TrialsTeller(load_library(), trials, lang, TODAY)
    paper = study_paper(load_library(), words, found.study, teller.study(found, False, whole=True), teller.snapshot())
    lines = {line.label: line.lang for line in paper.sections[0].facts}
    assert lines[label.removesuffix(":")] == lines[say("trial-run-by", lang)] == paper.lead_lang == "en"
    assert lines[say("study-kind", lang)] == ""


def test_a_paper_with_distances_says_from_where(browser: Client) -> None:
    asked = {"near": "Madrid, Spain"}
    assert browser.get(address("trial-pdf", "es", STUDY), asked).content != browser.get(address("trial-pdf", "es", STUDY)).content
    teller = TrialsTeller(load_library(), shipped_trials(), "es", TODAY, HERE)
    assert "Aquí" in teller.from_where(HERE, None)[0]
    assert teller.from_where(None, None) == ()


def test_spanish_pages_name_countries_in_spanish(browser: Client) -> None:
    page = body(browser.get(address("places", "es"), {"near": "Madrid, España"}))
    assert "Madrid, España" in page
    assert "Spain" not in page
    assert "Estados Unidos" in body(browser.get(address("trial", "es", STUDY)))


# --- places -----------------------------------------------------------------------------------------------------------


def test_the_familys_own_hospital_comes_first_however_far(browser: Client) -> None:
    child = begin(browser)
    page = body(browser.get(address("my-places", "en", child=child), {"near": "Los Angeles, CA", "within": "50 miles"}))
    assert page.index("Children's National Medical Center") < page.index("Children's Hospital Los Angeles")
    assert say("places-own") in page
    assert "says nothing about how it treats ALL" not in page
    assert address("pack", "en", "second-opinion", child=child) in page
    assert address("sheet", "en", "second-opinion-packet") in page


def test_a_hospital_that_is_not_listed_is_shown_all_the_same(browser: Client) -> None:
    child = begin(browser, **{"centre-name": "A clinic of our own"})
    page = body(browser.get(address("my-places", "en", child=child)))
    assert "A clinic of our own" in page
    assert "No hospital of the list is called “A clinic of our own”" in page


def test_open_pages_of_places_show_nobodys_hospital(browser: Client) -> None:
    begin(browser, **{"centre-name": "A clinic of our own"})
    assert "A clinic of our own" not in body(browser.get(address("places", "en")))


# --- what changed -----------------------------------------------------------------------------------------------------


def test_changes_are_shown_until_they_were_seen_and_looking_marks_nothing(browser: Client, data: Path) -> None:
    assert say("news-never") in body(browser.get(address("trials-changes", "en")))
    refreshed(data)
    waiting = say("page-changes-waiting")
    assert waiting in body(browser.get(address("trials", "en")))
    for _ in range(2):
        page = body(browser.get(address("trials-changes", "en")))
        assert "New in the list" in page
    assert browser.get(address("trials-seen", "en")).status_code == 405
    assert browser.post(address("trials-seen", "en")).status_code == 302
    assert say("trial-changes-none") in body(browser.get(address("trials-changes", "en")))
    assert "New in the list" in body(browser.get(address("trials-changes", "en"), {"show": "all"}))
    assert waiting not in body(browser.get(address("trials", "en")))


def test_the_own_list_is_used_and_a_damaged_one_is_said_and_stops_nothing(browser: Client, data: Path) -> None:
    refreshed(data)
    assert say("refresh-own") in body(browser.get(address("trials-refresh", "en")))
    (data / STORE).write_bytes(b"no database at all" * 100)
    for name in ("trials", "trials-changes", "trials-refresh"):
        page = body(browser.get(address(name, "en")))
        assert "is damaged" in page or "another program" in page, name
    assert len(studies(body(browser.get(address("trials", "en"))))) == 20


def test_the_pages_write_nothing_and_make_no_file(browser: Client, data: Path) -> None:
    for name in ("trials", "places", "trials-refresh", "trials-changes"):
        browser.get(address(name, "en"))
    browser.post(address("trials-seen", "en"))
    assert not data.exists() or list(data.iterdir()) == []


# --- "Are we on a trial?" ---------------------------------------------------------------------------------------------


def test_every_field_about_a_trial_may_stay_empty_and_none_is_filled_in(browser: Client, data: Path) -> None:
    child = begin(browser)
    kind = load_shelf().playbook.kinds["trial"]
    assert [field.id for field in kind.fields if field.required] == []
    assert add(browser, child, "trial").status_code == 302
    with HomeFile(data) as home:
        assert [note.values for note in home.notes(child, "trial")] == [{}]
    assert say("not-recorded") in body(browser.get(address("notes", "en", "trial", child=child)))


def test_a_running_trial_is_on_the_emergency_card_and_an_ended_one_is_not() -> None:
    def card(**values: str) -> list[tuple[str, str, str]]:
        who, trial = Note("c", "child", "c", {"name": "Ana"}), Note("c", "trial", "t", values)
        paper = card_paper(load_library(), load_shelf(), Record(who, (who, trial)), "en", TODAY)
        lines = [line for section in paper.sections for line in section.facts]
        return [(line.label, line.value, line.quiet) for line in lines if line.label == say("printed-on-trial")]

    assert card(name="A study", call="Nurse", phone="555-0117") == [(say("printed-on-trial"), "A study", "Nurse, 555-0117")]
    assert card() == [(say("printed-on-trial"), say("not-recorded"), "")]
    assert card(name="A study", ended="2020-01-01") == []


def test_a_trial_without_its_name_keeps_the_number_to_call_and_a_second_opinion_hears_of_all() -> None:
    who, running, ended = (
        Note("c", "child", "c", {"name": "Ana"}),
        Note("c", "trial", "t", {"phone": "555-0117"}),
        Note("c", "trial", "u", {"name": "An old study", "ended": "2020-01-01"}),
    )

    def told(*notes: Note) -> list[tuple[str, str]]:
        chosen = frozenset({"trial"})
        paper = pack_paper(load_library(), load_shelf(), Record(who, (who, *notes)), "en", TODAY, "second-opinion", chosen)
        return [(line.value, line.quiet) for section in paper.sections for line in section.facts]

    assert told(running) == [(say("not-recorded"), "555-0117")]
    ((name, quiet),) = told(ended)
    assert name == "An old study"
    assert "January 1, 2020" in quiet
    assert told() == [(say("not-recorded"), "")]
    assert "trial" in PACKS["second-opinion"].holds


# --- the map ----------------------------------------------------------------------------------------------------------


def place(name: str, lat: float, lon: float) -> Place:
    km = distance_km(HERE.lat, HERE.lon, lat, lon)
    return Place(name, name, lat, lon, km, f"{km:.0f} km", (name,))


def marks_drawn(svg: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="11" fill="currentColor"', svg)]


def test_places_stand_at_their_true_direction_and_distance() -> None:
    words = Wording(load_library(), "en")
    north, east, far = place("north", 39.795, -77.036), place("east", 38.895, -75.5), place("far south", 36.2, -77.036)
    found = drawn_map(words, HERE, [far, east, north], in_miles=False)
    assert found
    assert [mark.places[0].name for mark in found.marks] == ["north", "east", "far south"]
    (nx, ny), (ex, ey), (sx, sy) = marks_drawn(found.svg)
    assert nx == pytest.approx(180, abs=0.2)
    assert sx == pytest.approx(180, abs=0.2)
    assert ny < ey < sy
    assert ex > nx
    middle = next(float(y) for y in re.findall(r'<circle cx="180" cy="([\d.]+)" r="16"', found.svg))
    assert (middle - ny) / north.km == pytest.approx((sy - middle) / far.km, rel=0.01)
    assert hypot(ex - 180, ey - middle) / east.km == pytest.approx((sy - middle) / far.km, rel=0.01)
    for city in ("north", "east", "far south"):
        assert city in found.svg.split("</desc>")[0]


@given(st.lists(st.tuples(st.floats(-89, 89), st.floats(-180, 180)), max_size=40), st.booleans())
def test_any_places_can_be_drawn_none_is_lost_and_no_mark_leaves_the_map(spots: list[tuple[float, float]], in_miles: bool) -> None:
    places = [place(f"city {number}", lat, lon) for number, (lat, lon) in enumerate(spots)]
    found = drawn_map(Wording(load_library(), "es"), HERE, places, in_miles)
    if found is None:
        assert places == []
        return
    shown = [one.name for mark in found.marks for one in mark.places]
    assert len(shown) + found.left_out == len(places)
    assert 0 < len(found.marks) <= MOST_MARKS
    drawn = marks_drawn(found.svg)
    assert len(drawn) == len(found.marks)
    for number, (x, y) in enumerate(drawn):
        assert 5 < x < 355
        assert y > 5
        assert all(hypot(x - a, y - b) > 22 for a, b in drawn[:number])


def test_cities_that_share_a_mark_each_tell_how_far_they_are() -> None:
    near, next_to, far = place("near", 38.9, -77.03), place("next", 39.2, -77.1), place("far", 45.0, -77.036)
    found = drawn_map(Wording(load_library(), "en"), HERE, [near, next_to, far], in_miles=False)
    assert found
    assert found.marks[0].cities == (("near", near.distance), ("next", next_to.distance))
    assert f"next ({next_to.distance})" in found.svg


def test_a_map_within_a_distance_shows_nothing_beyond_it() -> None:
    ring = [place(f"at {d}", HERE.lat + d * cos(radians(d)), HERE.lon + d * sin(radians(d))) for d in (0.1, 0.5, 1.0, 3.0)]
    found = drawn_map(Wording(load_library(), "en"), HERE, ring, in_miles=False, within=100)
    assert found
    assert found.left_out == sum(one.km > 100 for one in ring) > 0

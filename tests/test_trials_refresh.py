"""Refreshing: pages, waiting, breaking off and going on; a failure leaves the old list whole; what changed is found and kept."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from conftest import ROOT, Result
from registry_server import Registry, registry
from remission.cli.trials import places, trials
from remission.knowledge.decoding import json_decoder
from remission.knowledge.trials import AgeLimit, Place, Snapshot, Study, fingerprint
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library
from remission.trials.changes import Change, changes_between
from remission.trials.collecting import Record, Sited, located, records_of, snapshot_of
from remission.trials.files import FileRead, read_file
from remission.trials.geography import Gazetteer
from remission.trials.loaded import load_trials, shipped_trials, trials_of
from remission.trials.refresh import Refreshed, refresh, take_file
from remission.trials.registry_json import Page
from remission.trials.search import Trials
from remission.trials.store import Gathering, TrialStore

CASES = ROOT / "cases" / "trials"
TODAY = date(2026, 11, 21)
STUDIES: list[dict[str, Any]] = json.loads((CASES / "registry-page.json").read_text("utf-8"))["studies"]
EMPTY = Snapshot("ClinicalTrials.gov", "2026-04", (), (), shipped=True)


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return Gazetteer(load_trials())


@pytest.fixture
def store(tmp_path: Path) -> TrialStore:
    return TrialStore(tmp_path / "family")


class Waits:
    """Remembers how long a refresh would have slept."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def server() -> Iterator[Registry]:
    with registry(deepcopy(STUDIES)) as running:
        yield running


def _read(path: Path) -> FileRead:
    return read_file(path, shipped_trials().gazetteer.has)


def _refresh(
    store: TrialStore, server: Registry, gazetteer: Gazetteer, waits: Waits, before: Snapshot = EMPTY, **more: Any
) -> Refreshed:
    known = replace(load_trials().registry, timeout=0.5, page=3, tries=4)
    return refresh(store, known, gazetteer, before, TODAY, address=server.address, sleep=waits, **more)


def test_every_page_is_fetched_and_kept(store: TrialStore, server: Registry, gazetteer: Gazetteer, waits: Waits) -> None:
    seen: list[tuple[int, int | None]] = []
    done = _refresh(store, server, gazetteer, waits, progress=lambda count, total: seen.append((count, total)))
    assert (done.studies, done.unreadable, done.taken, waits.seconds) == (10, 0, "2026-11-21", [])
    assert seen == [(3, 10), (6, 10), (9, 10), (10, 10)]
    kept = store.snapshot()
    assert kept is not None
    assert [study.id for study in kept.studies] == [study["protocolSection"]["identificationModule"]["nctId"] for study in STUDIES]
    assert (kept.taken, kept.shipped) == ("2026-11-21", False)
    assert not store.gathering.exists()


def test_the_question_is_the_same_for_all_and_asks_for_no_contact(
    store: TrialStore, server: Registry, gazetteer: Gazetteer, waits: Waits
) -> None:
    _refresh(store, server, gazetteer, waits)
    assert set(server.asked[0]) == {"query.cond", "aggFilters", "format", "fields", "pageSize", "countTotal"}
    fields = server.asked[0]["fields"][0]
    assert "Contact" not in fields
    assert "Official" not in fields.replace("OfficialTitle", "")
    assert not any(name.lower() in ("cookie", "referer", "authorization") for name in server.headers_seen[0])


def test_nothing_of_a_person_is_kept(store: TrialStore, server: Registry, gazetteer: Gazetteer, waits: Waits) -> None:
    _refresh(store, server, gazetteer, waits)
    content = store.path.read_bytes()
    assert b"Invented Oncology Group" in content
    for personal in (b"Invented Person", b"555-01", b"example.invalid"):
        assert personal not in content


@pytest.mark.parametrize("trouble", [503, 500, "slow", "cut", "broken", "hang-up", ("retry", 429, "1")])
def test_a_server_in_trouble_is_asked_again(
    store: TrialStore, server: Registry, gazetteer: Gazetteer, waits: Waits, trouble: Any
) -> None:
    server.trouble = [None, trouble, trouble]
    assert _refresh(store, server, gazetteer, waits).studies == 10
    assert waits.seconds == [1.0, 1.0 if isinstance(trouble, tuple) else 2.0]


def test_it_waits_as_long_as_it_is_asked_to(store: TrialStore, server: Registry, gazetteer: Gazetteer, waits: Waits) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    server.trouble = [("retry", 429, "17"), ("retry", 503, soon)]
    _refresh(store, server, gazetteer, waits)
    assert waits.seconds[0] == 17
    assert 35 <= waits.seconds[1] <= 40


def test_a_refresh_that_breaks_off_goes_on_where_it_stopped(
    store: TrialStore, server: Registry, gazetteer: Gazetteer, waits: Waits
) -> None:
    server.trouble = [None, None, 503, 503, 503, 503]
    with pytest.raises(InputProblem, match="trials-refresh-failed"):
        _refresh(store, server, gazetteer, waits)
    assert store.snapshot() is None
    server.asked.clear()
    assert _refresh(store, server, gazetteer, waits).studies == 10
    assert [asked.get("pageToken", ["0"])[0] for asked in server.asked] == ["6", "9"]


def test_where_the_registry_forgot_the_page_it_begins_anew(
    store: TrialStore, server: Registry, gazetteer: Gazetteer, waits: Waits
) -> None:
    server.trouble = [None, 503, 503, 503, 503]
    with pytest.raises(InputProblem):
        _refresh(store, server, gazetteer, waits)
    server.trouble, server.asked = [400], []
    assert _refresh(store, server, gazetteer, waits).studies == 10
    assert [asked.get("pageToken", ["0"])[0] for asked in server.asked] == ["3", "0", "3", "6", "9"]


@pytest.mark.parametrize(
    ("trouble", "word"),
    [
        ([503] * 9, "trials-refresh-failed"),
        ([404], "trials-refresh-refused"),
        ([403], "trials-refresh-refused"),
        (["broken"] * 9, "trials-refresh-no-list"),
        ([None, ("retry", 429, "3600")], "trials-refresh-wait"),
        ([None, "cut", "cut", "cut", "cut"], "trials-refresh-failed"),
        (["empty"], "trials-refresh-short"),
        (["circle"] * 9, "trials-refresh-circle"),
    ],
)
def test_a_refresh_that_fails_leaves_the_old_list_as_it_was_to_the_byte(
    store: TrialStore, server: Registry, gazetteer: Gazetteer, waits: Waits, trouble: list[Any], word: str
) -> None:
    _refresh(store, server, gazetteer, waits)
    before = store.path.read_bytes()
    server.trouble = list(trouble)
    with pytest.raises(InputProblem) as failed:
        _refresh(store, server, gazetteer, waits)
    assert failed.value.word == word
    assert store.path.read_bytes() == before
    assert "{" not in failed.value.sentence(load_library().words, "en") + failed.value.sentence(load_library().words, "es")


@pytest.mark.parametrize("trouble", ["login", "other"])
def test_an_answer_that_is_clearly_no_list_is_not_asked_for_again(
    store: TrialStore, server: Registry, gazetteer: Gazetteer, waits: Waits, trouble: str
) -> None:
    server.trouble = [trouble]
    with pytest.raises(InputProblem, match="trials-refresh-no-list"):
        _refresh(store, server, gazetteer, waits)
    assert (len(server.asked), waits.seconds) == (1, [])


def test_what_could_not_be_read_before_a_break_is_still_counted_after_it(
    store: TrialStore, gazetteer: Gazetteer, waits: Waits
) -> None:
    with registry([{"protocolSection": {}}, *deepcopy(STUDIES)]) as server:
        server.trouble = [None, 503, 503, 503, 503]
        with pytest.raises(InputProblem, match="trials-refresh-failed"):
            _refresh(store, server, gazetteer, waits)
        assert _refresh(store, server, gazetteer, waits).unreadable == 1
        assert _refresh(store, server, gazetteer, waits).unreadable == 1  # a new one begins to count anew


def test_what_turned_about_twice_since_the_last_look_is_told_as_it_stands_now(
    store: TrialStore, server: Registry, gazetteer: Gazetteer, waits: Waits
) -> None:
    _refresh(store, server, gazetteer, waits)
    store.mark_seen()
    status = server.studies[0]["protocolSection"]["statusModule"]
    for now in ("COMPLETED", "RECRUITING"):
        status["overallStatus"] = now
        _refresh(store, server, gazetteer, waits, before=store.snapshot() or EMPTY)
    assert [each.change.what for each in store.changes()] == ["opened"]
    assert [each.change.what for each in store.changes(only_unseen=False)][-2:] == ["closed", "opened"]


def test_a_server_that_never_comes_to_an_end_is_left(
    store: TrialStore, server: Registry, gazetteer: Gazetteer, waits: Waits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("remission.trials.refresh._SLOWEST", 1)
    server.trouble = ["drip"]
    assert _refresh(store, server, gazetteer, waits).studies == 10
    assert waits.seconds == [1.0]


def test_null_where_there_is_no_next_page_is_the_end(store: TrialStore, gazetteer: Gazetteer, waits: Waits) -> None:
    page = json.dumps({"studies": STUDIES, "nextPageToken": None, "totalCount": None}).encode()
    assert json_decoder(Page).decode(page).next_page_token is None


def test_a_folder_that_cannot_be_written_to_is_not_called_busy(store: TrialStore) -> None:
    store.gathering.mkdir(parents=True)
    with pytest.raises(InputProblem, match="trials-folder-unwritable"):
        Gathering(store, {"registry": "x", "asked": "y", "taken": "2026-11-21"})


def test_a_list_that_is_much_shorter_than_it_says_is_no_list(store: TrialStore, gazetteer: Gazetteer, waits: Waits) -> None:
    with registry(deepcopy(STUDIES), total=400) as server, pytest.raises(InputProblem, match="trials-refresh-short"):
        _refresh(store, server, gazetteer, waits)
    assert store.snapshot() is None


def test_an_empty_registry_changes_nothing(store: TrialStore, gazetteer: Gazetteer, waits: Waits) -> None:
    with registry([]) as server, pytest.raises(InputProblem, match="trials-refresh-empty"):
        _refresh(store, server, gazetteer, waits)
    assert not store.path.exists()


def test_a_record_that_cannot_be_read_is_counted_and_spoils_nothing(store: TrialStore, gazetteer: Gazetteer, waits: Waits) -> None:
    broken: list[dict[str, Any]] = [{"protocolSection": {"identificationModule": {"nctId": 7}}}, {}, *deepcopy(STUDIES)]
    broken[4]["protocolSection"]["identificationModule"]["nctId"] = "../../etc"
    with registry(broken) as server:
        done = _refresh(store, server, gazetteer, waits)
    assert (done.studies, done.unreadable) == (9, 3)


def test_two_refreshes_at_once_do_not_mix(store: TrialStore, server: Registry, gazetteer: Gazetteer, waits: Waits) -> None:
    first = Gathering(store, {"registry": "x", "asked": "y", "taken": "2026-11-21"})
    first.add([])
    with pytest.raises(InputProblem, match="trials-refresh-busy"):
        _refresh(store, server, gazetteer, waits)
    first.close()
    assert _refresh(store, server, gazetteer, waits).studies == 10


def test_rubbish_in_the_place_of_a_half_done_refresh_is_put_away(
    store: TrialStore, server: Registry, gazetteer: Gazetteer, waits: Waits
) -> None:
    store.folder.mkdir()
    store.gathering.write_bytes(b"this is no database" * 100)
    assert _refresh(store, server, gazetteer, waits).studies == 10


@pytest.mark.parametrize("address", ["http://example.org/api", "ftp://example.org", "file:///etc/passwd", "x"])
def test_only_a_safe_address_is_asked(store: TrialStore, gazetteer: Gazetteer, address: str) -> None:
    with pytest.raises(InputProblem, match="trials-registry-unsafe"):
        refresh(store, load_trials().registry, gazetteer, EMPTY, TODAY, address=address)
    assert not store.folder.exists()


def test_a_damaged_or_foreign_store_is_refused_and_left_alone(store: TrialStore) -> None:
    store.folder.mkdir()
    store.path.write_bytes(b"SQLite format 3\x00" + b"rubbish" * 300)
    with pytest.raises(InputProblem, match="trials-store-damaged"):
        store.snapshot()
    store.path.unlink()
    with sqlite3.connect(store.path) as other:
        other.execute("CREATE TABLE theirs (x)")
    before = store.path.read_bytes()
    with pytest.raises(InputProblem, match="trials-store-foreign"):
        store.snapshot()
    assert store.path.read_bytes() == before


def test_a_damaged_list_can_be_replaced(store: TrialStore, server: Registry, gazetteer: Gazetteer, waits: Waits) -> None:
    store.folder.mkdir()
    store.path.write_bytes(b"SQLite format 3\x00" + b"rubbish" * 300)
    assert _refresh(store, server, gazetteer, waits).studies == 10
    assert store.snapshot() is not None


def test_a_search_over_ones_own_list_is_built_again_only_when_the_file_changed(
    store: TrialStore, server: Registry, gazetteer: Gazetteer, waits: Waits
) -> None:
    assert trials_of(store) is shipped_trials()
    _refresh(store, server, gazetteer, waits)
    first = trials_of(store)
    assert len(first.snapshot.studies) == 10
    assert trials_of(store) is first
    del server.studies[0]
    _refresh(store, server, gazetteer, waits)
    assert len(trials_of(store).snapshot.studies) == 9


# --- what changed


def _snapshot(studies: list[dict[str, Any]], tmp_path: Path) -> Snapshot:
    path = tmp_path / "page.json"
    path.write_text(json.dumps({"studies": studies}), "utf-8")
    return snapshot_of(_read(path).records, "ClinicalTrials.gov", "2026-11-20")


def test_each_kind_of_change_is_found(tmp_path: Path) -> None:
    old, new = deepcopy(STUDIES), deepcopy(STUDIES)
    del old[0], new[-1]
    new[1]["protocolSection"]["statusModule"]["overallStatus"] = "COMPLETED"  # 2 closes
    new[7]["protocolSection"]["statusModule"]["overallStatus"] = "RECRUITING"  # 8 opens
    new[8]["protocolSection"]["statusModule"]["overallStatus"] = "RECRUITING"  # 9 opens, which was announced
    sites = new[2]["protocolSection"]["contactsLocationsModule"]["locations"]
    sites[0]["status"] = "COMPLETED"
    sites.append(
        {
            "facility": "Invented New Hospital",
            "city": "Austin",
            "state": "Texas",
            "country": "United States",
            "status": "RECRUITING",
        }
    )
    statuses = load_trials().registry.open_statuses
    found = list(changes_between(_snapshot(old, tmp_path), _snapshot(new, tmp_path), statuses))
    assert {(change.study[-2:], change.what) for change in found} == {
        ("01", "new"), ("02", "closed"), ("08", "opened"), ("09", "opened"), ("03", "site-closed"),
        ("03", "new-site"), ("10", "gone"),
    }  # fmt: skip
    assert next(change.site for change in found if change.what == "new-site") == "Invented New Hospital, Austin, Texas"
    assert list(changes_between(_snapshot(new, tmp_path), _snapshot(new, tmp_path), statuses)) == []


def test_a_study_that_is_not_in_a_list_asked_otherwise_is_not_called_gone(tmp_path: Path) -> None:
    shipped = replace(_snapshot(STUDIES, tmp_path), shipped=True)
    found = changes_between(shipped, _snapshot(STUDIES[:3], tmp_path), load_trials().registry.open_statuses)
    assert [change for change in found if change.what == "gone"] == []


def test_changes_wait_until_they_were_looked_at_and_history_survives_a_refresh(
    store: TrialStore, server: Registry, gazetteer: Gazetteer, waits: Waits
) -> None:
    _refresh(store, server, gazetteer, waits)
    assert len(store.changes()) == 10
    store.mark_seen()
    assert store.changes() == ()
    server.studies[1]["protocolSection"]["statusModule"]["overallStatus"] = "TERMINATED"
    before = store.snapshot()
    assert before is not None
    _refresh(store, server, gazetteer, waits, before)
    assert [(each.day, each.change.what) for each in store.changes()] == [("2026-11-21", "closed")]
    assert len(store.changes(only_unseen=False)) == 11


# --- files


def test_the_registrys_json_is_read_whole() -> None:
    read = _read(CASES / "registry-page.json")
    assert (len(read.records), read.unreadable, read.registry) == (10, 0, "ClinicalTrials.gov")
    study = read.records[0].study
    assert (str(study.minimum_age.amount), study.minimum_age.unit, str(study.maximum_age.amount)) == ("365", "days", "31")
    assert (study.status_date, study.status_date_is, study.healthy_volunteers) == ("2026-10-01", "updated", "no")
    assert read.records[2].study.maximum_age.state == "none"  # left out, and its groups reach to the oldest
    assert read.records[4].study.maximum_age.amount == 17
    assert read.records[3].study.minimum_age.state == "none"
    assert read.records[5].study.maximum_age == AgeLimit()  # left out, but adults are not among its groups


def test_ncis_json_is_read_with_its_codes_and_without_persons() -> None:
    read = _read(CASES / "nci-page.json")
    assert (len(read.records), read.unreadable, read.registry) == (2, 0, "NCI")
    first, second = read.records
    assert first.study.codes == ("C8644",)
    assert (first.study.status, first.study.status_date, first.study.status_date_is) == ("RECRUITING", "2026-08-03", "status")
    assert [(line.kind, line.text) for line in first.study.criteria] == [
        ("inclusion", "B-ALL, newly diagnosed"), ("exclusion", "Prior chemotherapy"),
    ]  # fmt: skip
    assert [(site.place.phone, site.status) for site in first.sites] == [
        ("555-0103", "RECRUITING"),
        ("555-0104", "ACTIVE_NOT_RECRUITING"),
    ]
    assert (second.study.minimum_age.state, second.study.maximum_age.state, second.study.sex) == ("none", "none", "FEMALE")
    assert "Invented Person" not in repr(read.records)
    trials_ = Trials(load_library(), load_trials(), snapshot_of(read.records, "NCI", "2026-11-20"))
    assert trials_.kinds.study(first.study).coded


def test_the_registrys_csv_is_read_with_its_accents_mended() -> None:
    read = _read(CASES / "registry-export.csv")
    assert [record.study.id for record in read.records] == ["NCT99990201", "NCT99990202"]  # the damaged line has no number
    first, second = read.records
    assert first.study.title == "Invented: Chimiothérapie au Québec"
    assert first.study.sponsor == ""  # it may be a person
    assert [(site.place.city, site.place.country) for site in first.sites] == [("Montréal", "Canada"), ("Lyon", "France")]
    assert (first.study.minimum_age, first.study.start, first.study.enrollment) == (AgeLimit(), "2025-04-07", 90)
    assert (second.study.start, second.study.enrollment, second.sites) == ("", None, ())


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "trials-file-empty"),
        (b"a,b\n1,2\n", "trials-file-no-columns"),
        (b"{", "trials-file-malformed"),
        (b'{"studies": [', "trials-file-malformed"),
        (b"[]", "trials-file-empty"),
        (b'{"studies": []}', "trials-file-empty"),
        (b'{"unrelated": 1}', "trials-file-empty"),
        (b"\xff\xfe\x00binary", "trials-file-malformed"),
        (b"PK\x03\x04 a zip", "trials-file-packed"),
        (b"[" * 100_000, "trials-file-malformed"),
    ],
)
def test_a_file_that_is_no_list_is_refused_and_the_old_list_stays(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "given"
    path.write_bytes(content)
    with pytest.raises(InputProblem) as refused:
        _read(path)
    assert refused.value.word == word


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\n\n  ", b""])
def test_what_stands_before_the_first_sign_does_not_matter(tmp_path: Path, before: bytes) -> None:
    path = tmp_path / "page.json"
    path.write_bytes(before + json.dumps({"studies": STUDIES}).encode())
    assert len(_read(path).records) == 10


@pytest.mark.parametrize("broken", [None, {}, {"x": 1}, {"protocolSection": 7}])
def test_a_broken_first_record_spoils_no_other(tmp_path: Path, broken: Any) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps({"studies": [broken, *STUDIES]}), "utf-8")
    read = _read(path)
    assert (len(read.records), read.unreadable, read.registry) == (10, 1, "ClinicalTrials.gov")


def test_null_is_absent_and_no_sign_that_a_terminal_obeys_comes_in(tmp_path: Path) -> None:
    study = deepcopy(STUDIES[0])
    protocol = study["protocolSection"]
    protocol["identificationModule"] |= {"briefTitle": "A\x1b[2J \u202etitle", "acronym": None, "officialTitle": None}
    protocol["designModule"] = {"phases": None, "enrollmentInfo": {"count": "40"}, "designInfo": None}
    protocol["eligibilityModule"] = None
    protocol["contactsLocationsModule"]["locations"] = [
        {"facility": None, "city": "Denver", "geoPoint": {"lat": "39.7", "lon": "-105"}},
        {"city": "Denver", "geoPoint": {"lat": 0, "lon": 0}},
        {"city": "Denver", "geoPoint": {"lat": 999, "lon": 0}},
    ]
    path = tmp_path / "one.json"
    path.write_text(json.dumps(study), "utf-8")
    (record,) = _read(path).records
    assert (record.study.title, record.study.acronym, record.study.enrollment) == ("A[2J title", "", 40)
    assert [site.place.lat for site in record.sites] == [39.7, None, None]


def test_a_day_that_never_was_is_no_date(tmp_path: Path) -> None:
    study = deepcopy(STUDIES[0])
    study["protocolSection"]["statusModule"] = {
        "overallStatus": "RECRUITING", "lastUpdatePostDateStruct": {"date": "2026-02-31"}, "startDateStruct": {"date": "2026-13"}
    }  # fmt: skip
    path = tmp_path / "one.json"
    path.write_text(json.dumps(study), "utf-8")
    (record,) = _read(path).records
    assert (record.study.status_date, record.study.start) == ("", "")


HEADER = "NCT Number,Study Title,Study Status,Locations,Last Update Posted"


def test_a_csv_may_have_long_cells_semicolons_and_a_day_that_never_was(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    places = "|".join(f"Hospital {number}, Denver, Colorado, 80045, United States" for number in range(4000))
    path = tmp_path / "export.csv"
    path.write_text(f'{HEADER}\nNCT90000009,Long,RECRUITING,"{places}",2/31/2026\n', "utf-8")
    (record,) = _read(path).records
    assert (len(record.sites), record.study.status_date) == (4000, "")
    path.write_text(f"{HEADER}\nNCT90000009,Niños,RECRUITING,,4/17/2026\n".replace(",", ";"), "utf-8")
    assert _read(path).records[0].study.title == "Niños"
    assert csv.field_size_limit() == before, "the limit holds for every other table of this process too"


def test_a_location_of_a_csv_is_read_as_that_of_the_list_that_ships(tmp_path: Path, gazetteer: Gazetteer) -> None:
    path = tmp_path / "export.csv"
    path.write_text(f'{HEADER}\nNCT90000009,x,RECRUITING,"Some Site, Nagoya, Aichi-ken, 466-8560, Japan",\n', "utf-8")
    (site,) = located(_read(path).records[0], gazetteer).sites
    assert (site.place.name, site.place.city, site.place.state) == ("Some Site", "Nagoya", "Aichi-ken")
    assert site.place.lat == pytest.approx(35.2, abs=0.2)


def test_a_site_under_a_persons_name_loses_it_in_a_familys_own_list_too(gazetteer: Gazetteer) -> None:
    known = replace(load_trials(), withheld=frozenset({fingerprint("Invented Person")}))
    record = Record(
        Study(id="NCT90000009", title="x"), (Sited(Place("Invented Person", "Denver", "Colorado", "", "United States")),)
    )
    (site,) = located(record, Gazetteer(known)).sites
    assert (site.place.name, site.place.city) == ("", "Denver")
    assert located(record, gazetteer).sites[0].place.name == "Invented Person"


def test_one_record_or_one_on_each_line_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "given.json"
    path.write_text(json.dumps(STUDIES[0]), "utf-8")
    assert len(_read(path).records) == 1
    path.write_text("\n".join(json.dumps(study) for study in STUDIES), "utf-8")
    assert len(_read(path).records) == 10
    path.write_text(json.dumps(STUDIES), "utf-8")
    assert len(_read(path).records) == 10


def test_a_file_takes_the_place_of_the_list_and_its_changes_are_told(store: TrialStore, gazetteer: Gazetteer) -> None:
    done = take_file(store, _read(CASES / "registry-page.json"), gazetteer, EMPTY, load_trials().registry, TODAY, "2026-11")
    assert (done.studies, done.taken, len(done.changes)) == (10, "2026-11", 10)
    kept = store.snapshot()
    assert kept is not None
    assert kept.taken == "2026-11"
    assert snapshot_of(records_of(kept), kept.registry, kept.taken) == kept


# --- the commands


@pytest.fixture
def cli(run: Callable[..., Result]) -> Callable[..., Result]:
    from remission.cli.main import cli as commands

    for command in (trials, places):
        commands.add_command(command)
    return run


def test_a_familys_own_list_is_used_before_the_shipped_one(cli: Callable[..., Result], data: Path) -> None:
    assert "April 2026" in cli("trials", "--limit", "1").out
    done = cli("trials", "refresh", "--from", str(CASES / "registry-page.json"), "--taken", "2026-11-20")
    assert (done.code, done.err) == (0, "")
    assert "10 studies from ClinicalTrials.gov, as of November 20, 2026" in done.out
    assert (data / "trials.sqlite").exists()
    answer = cli("trials", "--age", "4y", "--limit", "3").out
    assert "as it stood on November 20, 2026" in answer
    assert "What changed since you last looked" in answer
    changed = cli("trials", "changes", "--lang", "es")
    assert "Nuevo en la lista: Invented" in changed.out
    assert "Nothing has changed" in cli("trials", "changes").out
    assert "What changed" not in cli("trials", "--limit", "1").out


def test_the_command_asks_a_registry_shows_how_far_it_is_and_says_when_it_fails(cli: Callable[..., Result], data: Path) -> None:
    with registry(deepcopy(STUDIES)) as server:
        done = cli("trials", "refresh", "--registry", server.address)
        assert done.code == 0
        assert "Nothing about your child is sent" in done.err
        assert "10 of 10 studies" in done.err
        before = (data / "trials.sqlite").read_bytes()
        server.trouble = [404]
        failed = cli("trials", "refresh", "--registry", server.address, "--lang", "es")
    assert (failed.code, failed.out) == (2, "")
    assert "La lista que tiene queda como está" in failed.err
    assert (data / "trials.sqlite").read_bytes() == before


def test_no_other_command_uses_the_network(cli: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*arguments: Any, **more: Any) -> Any:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    for arguments in (("trials", "--near", "20010"), ("places",), ("trials", "show", "NCT03914625"), ("trials", "changes")):
        assert cli(*arguments).code == 0


def test_a_change_can_be_told_in_every_language(gazetteer: Gazetteer) -> None:
    from remission.documents.trials_told import TrialsTeller

    kinds = ("new", "opened", "closed", "status", "gone", "new-site", "site-opened", "site-closed")
    teller = TrialsTeller(load_library(), Trials(load_library(), load_trials()), "es", TODAY)
    told = [teller.change(Change("NCT99990001", kind, "Título", "RECRUITING", "COMPLETED", "Hospital")) for kind in kinds]  # type: ignore[arg-type]
    assert len(set(told)) == len(kinds)
    assert all("NCT99990001" in each and "{" not in each for each in told)


def test_a_refresh_of_a_thousand_studies_streams_and_resumes(store: TrialStore, gazetteer: Gazetteer, waits: Waits) -> None:
    many = []
    for number in range(1000):
        study = deepcopy(STUDIES[number % 10])
        study["protocolSection"]["identificationModule"]["nctId"] = f"NCT88{number:06d}"
        many.append(study)
    seen: list[int] = []
    with registry(many, page=100) as server:
        server.trouble = [None] * 6 + [503] * 4
        with pytest.raises(InputProblem):
            _refresh(store, server, gazetteer, waits, progress=lambda done, _: seen.append(done))
        assert _refresh(store, server, gazetteer, waits, progress=lambda done, _: seen.append(done)).studies == 1000
    assert seen == [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]

"""A child's own pages, asked for as a browser would: a family's first hour, what is refused, and what nobody may see."""

from __future__ import annotations

import os
import re
from datetime import date, timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin

import icalendar
import pytest

from remission.documents.packs import PACKS
from remission.home.notes import Note
from remission.home.store import HomeFile
from remission.knowledge.model import LANGS, Lang
from remission.rules.compiled import load_library, load_shelf
from remission.trials.loaded import load_trials

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "remission.site.settings")

import django

django.setup()

from django.test import Client  # noqa: E402 - after Django has read its settings

from remission.site.addresses import address  # noqa: E402
from remission.site.views.papers import PAPERS  # noqa: E402

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

TODAY = date.today()
_LINK = re.compile(r'<(?:a|link|img|script|form)\b[^>]*?\b(?:href|src|action)="([^"]+)"')
_NUMBER = "555-0100"
_REGISTRY = load_trials().registry.record.split("{")[0]  # a page about a study names its record there


@pytest.fixture
def browser() -> Client:
    return Client(headers={"host": "127.0.0.1:8642"}, raise_request_exception=True)


def body(answer: Response) -> str:
    return unescape(answer.content.decode())


def begin(browser: Client, lang: Lang = "en", **more: str) -> str:
    """A child with a centre; returns its id."""
    typed = {
        "child-name": "Ana",
        "child-born": "2021-05-04",
        "centre-name": "Our center",
        "centre-urgent-phone": _NUMBER,
        "by-whom": "Mom",
    }
    answer = browser.post(address("mine-new", lang), typed | more)
    assert answer.status_code == 302, body(answer)
    return answer.headers["Location"].split("/")[3]


def example(browser: Client, lang: Lang = "en") -> str:
    answer = browser.post(address("mine-example", lang))
    assert answer.status_code == 302
    return answer.headers["Location"].split("/")[3]


def notes(data: Path, child: str, kind: str) -> list[Note]:
    with HomeFile(data) as home:
        return home.notes(child, kind)


def add(browser: Client, child: str, kind: str, **typed: str) -> Response:
    return browser.post(
        address("note-new", "en", kind, child=child), {name.replace("_", "-"): value for name, value in typed.items()}
    )


# --- beginning --------------------------------------------------------------------------------------------------------


def test_the_call_button_is_on_every_page_once_there_is_a_number(browser: Client) -> None:
    assert _NUMBER not in body(browser.get("/en/"))
    child = begin(browser)
    for at in ("/en/", "/es/", address("topics", "es"), address("today", "en", child=child), address("mine", "en")):
        assert f'href="tel:{_NUMBER.replace("-", "")}"' in browser.get(at).content.decode(), at


def test_the_fever_rule_is_empty_until_it_is_copied(browser: Client) -> None:
    child = begin(browser)
    assert "Any fever: call this number" in body(browser.get(address("today", "en", child=child)))
    answer = add(
        browser,
        child,
        "fever-rule",
        temperature="101",
        temperature_unit="°F",
        rule="Call at once",
        told_by="nurse",
        told_on=TODAY.isoformat(),
        signed="copied",
    )
    assert answer.status_code == 302, body(answer)
    page = body(browser.get(address("topics", "en")))
    assert "101 °F" in page
    assert "as told by nurse" in page


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("child-born", (TODAY + timedelta(1)).isoformat(), "note-day-ahead"),
        ("child-born", "2021-02-30", "note-day-unreadable"),
        ("child-name", "", "note-needed"),
        ("centre-urgent-phone", "ask Mary", "note-phone-unreadable"),
    ],
)
def test_a_first_page_that_cannot_be_read_keeps_what_was_typed(
    browser: Client, data: Path, field: str, typed: str, says: str
) -> None:
    sent = {"child-name": "Ana", "child-born": "2021-05-04", "centre-name": "Kept center", "centre-urgent-phone": _NUMBER} | {
        field: typed
    }
    page = body(browser.post(address("mine-new", "en"), sent))
    assert "Kept center" in page
    assert 'class="problem"' in page
    assert load_library().words[says].en.split("{")[0][:25] in page
    with HomeFile(data) as home:
        assert home.children() == []


def test_a_number_alone_is_enough_to_begin(browser: Client, data: Path) -> None:
    child = begin(browser, "en", **{"centre-name": ""})
    assert notes(data, child, "centre")[0].values == {"urgent-phone": _NUMBER}
    assert _NUMBER in body(browser.get("/en/"))


# --- the plan and the road --------------------------------------------------------------------------------------------


def with_plan(browser: Client, template: str = "ccg-1991", starts: date | None = None) -> str:
    child = begin(browser)
    day = starts or TODAY - timedelta(days=40)
    answer = browser.post(address("plan", "en", child=child), {"template": template, "starts": day.isoformat()})
    assert answer.status_code == 302, body(answer)
    return child


def test_a_delay_moves_what_follows_and_can_be_undone(browser: Client, data: Path) -> None:
    child = with_plan(browser)
    at = address("road", "en", child=child)
    before = body(browser.get(at))
    sent = {"what": "delay", "block": "interim-maintenance-1 1", "days": "7", "reason": "counts too low"}
    assert browser.post(address("road-change", "en", child=child), sent).status_code == 302
    after = body(browser.get(at))
    assert "counts too low" in after
    assert after != before
    change = notes(data, child, "road-change")[0]
    assert f"?before={change.seq}" in after
    assert "counts too low" not in body(browser.get(f"{at}?before={change.seq}")).split("<caption>")[1].split("</table>")[0]
    browser.post(address("undo", "en", child=child), {"seq": change.seq, "back": at})
    assert notes(data, child, "road-change") == []


def test_what_was_given_is_not_moved(browser: Client) -> None:
    child = with_plan(browser)
    day = TODAY - timedelta(days=40)
    given = {"what": "given", "block": "induction 1", "item": "vincristine", "day": "1", "on": day.isoformat()}
    assert browser.post(address("road-change", "en", child=child), given).status_code == 302
    answer = browser.post(address("road-change", "en", child=child), {"what": "delay", "block": "induction 1", "days": "7"})
    assert answer.status_code == 200
    assert "already given" in body(answer)


@pytest.mark.parametrize("days", ["", "0", "-1", "a week", "999999"])
def test_a_delay_that_cannot_be_read_is_asked_again(browser: Client, data: Path, days: str) -> None:
    child = with_plan(browser)
    answer = browser.post(address("road-change", "en", child=child), {"what": "delay", "block": "consolidation 1", "days": days})
    assert answer.status_code == 200
    assert "whole number" in body(answer)
    assert notes(data, child, "road-change") == []


def test_a_block_is_copied_from_the_sheet_in_its_own_counting(browser: Client) -> None:
    child = with_plan(browser, "blank")
    sent = {"title": "Our plan", "starts": TODAY.isoformat(), "first-day": "0", "origin": "copied"}
    assert browser.post(address("plan", "en", child=child), sent).status_code == 302
    block = {
        "name": "Induction",
        "lasts": "29",
        "repeats": "1",
        "item": ["", ""],
        "what": ["Vincristine", ""],
        "route": ["vein", ""],
        "days": ["0, 7, 14", ""],
        "amount": ["as on the sheet", ""],
    }
    answer = browser.post(address("plan-block", "en", "induction", child=child), block)
    assert answer.status_code == 302, body(answer)
    page = body(browser.get(address("block", "en", "induction-1", child=child)))
    assert "day 0" in page
    assert "as on the sheet" in page


def test_a_day_outside_the_block_is_refused_and_the_rows_stay(browser: Client) -> None:
    child = with_plan(browser, "blank")
    block = {
        "name": "Induction",
        "lasts": "28",
        "repeats": "1",
        "item": ["", ""],
        "what": ["Vincristine", "Dexamethasone"],
        "route": ["vein", "mouth"],
        "days": ["1, 29", "1-28"],
        "amount": ["", ""],
    }
    page = body(browser.post(address("plan-block", "en", "induction", child=child), block))
    assert "ends with day 28" in page
    assert 'value="1, 29"' in page
    assert 'value="Dexamethasone"' in page


def test_the_calendar_keeps_its_ids_and_tells_nothing_when_discreet(browser: Client) -> None:
    child = with_plan(browser)
    at = address("calendar-file", "en", child=child)
    first = icalendar.Calendar.from_ical(browser.get(at).content.decode())
    browser.post(address("road-change", "en", child=child), {"what": "delay", "block": "consolidation 1", "days": "7"})
    second = icalendar.Calendar.from_ical(browser.get(at).content.decode())
    ids = [[str(event["uid"]) for event in calendar.walk("VEVENT")] for calendar in (first, second)]
    assert sorted(ids[0]) == sorted(ids[1])
    assert len(set(ids[0])) == len(ids[0]) > 50
    discreet = browser.get(f"{at}?titles=discreet").content.decode()
    assert not re.search(r"incristin|lock|nduction|Treatment", discreet)


def test_a_feed_answers_only_to_its_own_address(browser: Client) -> None:
    child = with_plan(browser)
    browser.post(address("calendar", "en", child=child), {"feed": "on"})
    found = re.search(r"http://127[^<]+\.ics", body(browser.get(address("calendar", "en", child=child))))
    assert found
    assert browser.get(found[0].removeprefix("http://127.0.0.1:8642")).content.startswith(b"BEGIN:VCALENDAR")
    assert browser.get(address("feed", "en", "guessed")).status_code == 404
    browser.post(address("calendar", "en", child=child), {"feed": "off"})
    assert browser.get(found[0].removeprefix("http://127.0.0.1:8642")).status_code == 404


# --- medicines --------------------------------------------------------------------------------------------------------

_MERCAPTOPURINE = {
    "name": "Mercaptopurine",
    "how_often": "daily",
    "times": "evening",
    "told_by": "our oncologist",
    "told_on": TODAY.isoformat(),
    "signed": "copied",
    "route": "mouth",
}


def test_a_weekly_medicine_entered_as_daily_is_asked_twice(browser: Client, data: Path) -> None:
    child = begin(browser)
    told = {"told_by": "nurse", "told_on": TODAY.isoformat(), "signed": "copied"}
    typed = {"name": "methotrexate", "route": "mouth", "how_often": "daily"} | told
    asked = add(browser, child, "medicine", **typed)
    assert asked.status_code == 200
    assert "once a week or less often" in body(asked)
    assert notes(data, child, "medicine") == []
    sure = add(browser, child, "medicine", **typed, sure_how_often="daily", was_how_often="daily")
    assert sure.status_code == 302, body(sure)
    assert notes(data, child, "medicine")[0].said("how-often") == "daily"


def test_the_weekly_answer_to_the_question_needs_a_weekday(browser: Client, data: Path) -> None:
    child = begin(browser)
    typed = {
        "name": "MTX",
        "route": "mouth",
        "how_often": "daily",
        "told_by": "nurse",
        "told_on": TODAY.isoformat(),
        "signed": "copied",
        "was_how_often": "daily",
        "sure_how_often": "weekly",
    }
    assert "On which day of the week" in body(add(browser, child, "medicine", **typed))
    assert add(browser, child, "medicine", **typed, weekdays="thu").status_code == 302
    assert notes(data, child, "medicine")[0].said("weekdays") == "thu"


def test_ticking_is_kept_and_undone(browser: Client, data: Path) -> None:
    child = begin(browser)
    assert add(browser, child, "medicine", **_MERCAPTOPURINE).status_code == 302
    medicine = notes(data, child, "medicine")[0]
    tick = {"medicine": medicine.id, "on": TODAY.isoformat(), "slot": "evening", "what": "given", "by": "Dad"}
    assert browser.post(address("tick", "en", child=child), tick).status_code == 302
    page = body(browser.get(address("today", "en", child=child)))
    assert 'aria-pressed="true"' in page
    assert "streak" not in page
    dose = notes(data, child, "dose")[0]
    assert dose.by == "Dad"
    browser.post(address("undo", "en", child=child), {"seq": dose.seq})
    assert notes(data, child, "dose") == []


# --- counts -----------------------------------------------------------------------------------------------------------


def test_a_count_that_may_be_meant_in_another_unit_is_read_back_both_ways(browser: Client, data: Path) -> None:
    child = begin(browser)
    typed = {"on": TODAY.isoformat(), "wbc": "12", "wbc_unit": "/uL"}
    asked = body(add(browser, child, "count", **typed))
    assert 'value="12 /uL"' in asked
    assert 'value="12 10*9/L"' in asked
    assert notes(data, child, "count") == []
    answer = add(browser, child, "count", **typed, was_wbc="12 /uL", sure_wbc="12 10*9/L")
    assert answer.status_code == 302, body(answer)
    assert notes(data, child, "count")[0].said("wbc") == "12 10*9/L"
    assert "12,000" in body(browser.get(address("my-counts", "en", child=child)))


def test_a_confirmation_of_another_value_does_not_count(browser: Client, data: Path) -> None:
    child = begin(browser)
    typed = {"on": TODAY.isoformat(), "wbc": "13", "wbc_unit": "/uL", "was_wbc": "12 /uL", "sure_wbc": "12 /uL"}
    assert add(browser, child, "count", **typed).status_code == 200
    assert notes(data, child, "count") == []


def test_neutrophils_follow_from_the_differential_with_the_formula_shown(browser: Client) -> None:
    child = begin(browser)
    assert (
        add(browser, child, "count", on=TODAY.isoformat(), wbc="2.4", wbc_unit="10*9/L", neutrophils="30", bands="5").status_code
        == 302
    )
    page = body(browser.get(address("my-counts", "en", child=child)))
    assert "840" in page
    assert "0.84" in page
    assert "35" in page or "30" in page


# --- what is asked of the file ----------------------------------------------------------------------------------------


def test_two_tabs_never_overwrite_each_other_unseen(browser: Client, data: Path) -> None:
    child = begin(browser)
    add(browser, child, "question", text="First words")
    question = notes(data, child, "question")[0]
    at = address("note", "en", "question", child=child, note=question.id)
    assert browser.post(at, {"text": "From one tab", "was": question.seq, "by-whom": "Mom"}).status_code == 302
    refused = browser.post(at, {"text": "From the other tab", "was": question.seq, "by-whom": "Dad"})
    assert refused.status_code == 409
    page = body(refused)
    assert "From one tab" in page
    assert "From the other tab" in page
    now = re.search(r'name="was" value="(\d+)"', page)
    assert now
    assert browser.post(at, {"text": "From the other tab", "was": now[1]}).status_code == 302
    assert notes(data, child, "question")[0].said("text") == "From the other tab"


def test_the_same_form_sent_twice_is_one_note(browser: Client, data: Path) -> None:
    child = begin(browser)
    page = body(browser.get(address("note-new", "en", "question", child=child)))
    note_id = re.search(r'name="id" value="([0-9a-f]+)"', page)
    assert note_id
    for _ in range(2):
        add(browser, child, "question", text="Only once", id=note_id[1], was="0")
    assert len(notes(data, child, "question")) == 1


def test_the_disk_being_full_is_said_and_what_was_typed_stays(browser: Client, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = begin(browser)
    opened = HomeFile.__init__

    def nearly_full(self: HomeFile, folder: Path) -> None:
        opened(self, folder)
        pages = self._connection.execute("PRAGMA page_count").fetchone()[0]
        self._connection.execute(f"PRAGMA max_page_count = {pages}")

    monkeypatch.setattr(HomeFile, "__init__", nearly_full)
    page = body(add(browser, child, "diary", on=TODAY.isoformat(), note="long words " * 400))
    assert "long words long words" in page
    assert 'role="alert"' in page
    monkeypatch.undo()


def test_a_file_of_a_newer_version_is_refused_with_a_sentence(browser: Client, data: Path) -> None:
    begin(browser)
    import sqlite3

    with sqlite3.connect(data / "playbook.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    answer = browser.get(address("mine", "en"))
    assert answer.status_code == 409
    assert "newer" in body(answer)
    assert browser.get("/en/").status_code == 200


def test_the_lock_closes_every_page_of_a_child_and_no_page_of_the_library(browser: Client, data: Path) -> None:
    child = example(browser)
    lock = {"passphrase": "four quiet words here", "again": "four quiet words here"}
    assert browser.post(address("keep-file", "en", "lock"), lock).status_code == 302
    stranger = Client(headers={"host": "127.0.0.1:8642"})
    for at in own_addresses("en", child):
        answer = stranger.get(at)
        assert answer.status_code == 302, at
        assert address("locked", "en") in answer.headers["Location"], at
    assert stranger.get(address("topics", "en")).status_code == 200
    wrong = stranger.post(address("locked", "en"), {"passphrase": "not these words"})
    assert wrong.status_code == 403
    right = stranger.post(address("locked", "en") + "?next=" + address("today", "en", child=child), lock)
    assert right.headers["Location"] == address("today", "en", child=child)
    assert stranger.get(address("today", "en", child=child)).status_code == 200
    away = stranger.post(address("locked", "en") + "?next=//elsewhere.example/", lock)
    assert away.headers["Location"] == address("mine", "en")


def test_an_unlocked_session_expires(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    import remission.site.own

    child = begin(browser)
    lock = {"passphrase": "four quiet words here", "again": "four quiet words here"}
    browser.post(address("keep-file", "en", "lock"), lock)
    assert browser.get(address("today", "en", child=child)).status_code == 200
    monkeypatch.setattr(remission.site.own, "OPEN_FOR", -1)
    assert browser.get(address("today", "en", child=child)).status_code == 302


def test_the_private_page_is_nowhere_in_the_familys(browser: Client, data: Path) -> None:
    child = begin(browser)
    at = address("private", "en", child=child)
    text = "nobody must read that I am afraid"
    begun = browser.post(at, {"do": "begin", "passphrase": "my own four words", "again": "my own four words"})
    assert begun.status_code == 302, body(begun)
    assert browser.post(at, {"do": "write", "text": text}).status_code == 302
    assert text in body(browser.get(at))
    parent = Client(headers={"host": "127.0.0.1:8642"})
    for other in [at, *own_addresses("en", child)]:
        assert text.encode() not in parent.get(other).content, other
    exported = browser.post(address("keep-file", "en", "export")).content
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        assert all(text.encode() not in archive.read(name) for name in archive.namelist())
    assert not any(text.encode() in path.read_bytes() for path in data.iterdir())


def test_backup_and_restore_on_an_empty_machine(
    browser: Client, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = example(browser)
    with HomeFile(data) as home:
        before = home.history(child)
    words = {"passphrase": "four quiet words here", "again": "four quiet words here"}
    backup = browser.post(address("keep-file", "en", "backup"), words)
    assert backup.content.startswith(b"age-encryption.org/v1")
    empty = tmp_path / "another machine"
    monkeypatch.setenv("REMISSION_DATA", str(empty))

    def sent(passphrase: str) -> Response:
        file = BytesIO(backup.content)
        file.name = "backup.age"
        return browser.post(address("keep-file", "en", "restore"), {"file": file, "passphrase": passphrase})

    assert sent("wrong words altogether").status_code == 200
    assert sent(words["passphrase"]).status_code == 302
    with HomeFile(empty) as home:
        after = home.history(child)
    assert [(c.kind, c.id, c.after, c.by, c.at) for c in after] == [(c.kind, c.id, c.after, c.by, c.at) for c in before]


def test_erasing_a_child_needs_its_name_and_leaves_nothing(browser: Client, data: Path) -> None:
    child = begin(browser)
    add(browser, child, "question", text="MARKER-OF-THIS-TEST")
    at = address("erase", "en", child=child)
    assert browser.post(at, {"name": "Another"}).status_code == 200
    assert notes(data, child, "child")
    assert browser.post(at, {"name": "Ana"}).status_code == 302
    assert not any(b"MARKER-OF-THIS-TEST" in path.read_bytes() for path in data.iterdir())


# --- every page -------------------------------------------------------------------------------------------------------


def own_addresses(lang: Lang, child: str) -> list[str]:
    """Every page of a child that a link leads to."""
    pages = [
        "today",
        "more",
        "road",
        "plan",
        "plan-file",
        "calendar",
        "medicines",
        "my-counts",
        "counts-file",
        "history",
        "private",
        "erase",
    ]
    found = [address(page, lang, child=child) for page in pages]
    found += [address("paper", lang, paper, child=child) for paper in PAPERS]
    found += [address("pack", lang, pack, child=child) for pack in PACKS]
    kinds = [kind for kind in load_shelf().playbook.kinds if kind not in ("plan", "road-change", "private", "dose")]
    found += [address("note-new", lang, kind, child=child) for kind in kinds]
    return found + [address("notes", lang, kind, child=child) for kind in kinds]


@pytest.mark.parametrize("lang", LANGS)
def test_every_page_of_the_example_answers_marked_as_invented_and_leads_nowhere_else(browser: Client, lang: Lang) -> None:
    child = example(browser, lang)
    waiting, seen = set(own_addresses(lang, child)), set()
    mark = load_library().words["own-invented"].in_(lang)
    while waiting:
        at = waiting.pop()
        seen.add(at)
        answer = browser.get(at)
        assert answer.status_code in (200, 302), at
        assert answer.headers["Cache-Control"] == "no-store", at
        if not answer.headers["Content-Type"].startswith("text/html") or answer.status_code != 200:
            continue
        page = answer.content.decode()
        assert mark in unescape(page), at
        for link in {urldefrag(urljoin(at, unescape(link)))[0].split("?")[0] for link in _LINK.findall(page)}:
            assert link.startswith(("/", "tel:", _REGISTRY)), f"{at} leads away to {link}"
            if f"/{lang}/" in link and f"/{child}/" in link and not _is_a_post(link):
                waiting |= {link} - seen
    assert len(seen) > 120


def _is_a_post(link: str) -> bool:
    return bool(re.search(r"/(change|cambio|tick|marcar|take|tomar|undo|deshacer|remove|quitar)/$", link))


@pytest.mark.parametrize("lang", LANGS)
def test_no_page_of_a_child_shows_a_dose_that_nobody_wrote(browser: Client, lang: Lang) -> None:
    """The published example's amounts are on the block's page alone, folded, named as those of a published protocol."""
    child = with_plan(browser)
    for at in own_addresses(lang, child):
        answer = browser.get(at)
        if answer.headers["Content-Type"].startswith("text/html"):
            assert not re.search(
                r"\d\s*mg(/m|\b)", re.sub(r'<section class="part watch">.*?</section>', "", body(answer), flags=re.DOTALL)
            ), at


def test_addresses_tell_nothing(browser: Client) -> None:
    child = begin(browser)
    answer = add(browser, child, "question", text="Something private")
    assert "private" not in answer.headers["Location"]
    assert re.fullmatch(r"[0-9a-f]{12}", child)


# --- files ------------------------------------------------------------------------------------------------------------


def upload(text: str, name: str) -> BytesIO:
    file = BytesIO(text.encode())
    file.name = name
    return file


def hidden(page: str) -> dict[str, str]:
    """What a page carries along to its next form."""
    return dict(re.findall(r'<input type="hidden" name="(carried|name|confirm)" value="([^"]*)"', page))


_PLAN_FILE = """
title: Our roadmap
counts-from: 1
blocks:
  - name: Induction
    days: 35
    starts: 2026-03-02
    gives:
      - {what: vincristine, by: vein, on: "1-28", amount: as on the sheet}
      - {what: dexamethasone, by: mouth, on: "1-28"}
      - {what: vincristin, by: spinal fluid, on: "1"}
  - name: Consolidation
    days: 28
    gives:
      - {what: mercaptopurine, by: mouth, on: "1-40"}
"""


def test_a_plan_file_shows_every_problem_and_brings_in_what_was_confirmed(browser: Client, data: Path) -> None:
    child = begin(browser)
    at = address("plan-file", "en", child=child)
    page = body(browser.post(at, {"file": upload(_PLAN_FILE, "plan.yaml")}))
    doubts = re.findall(r'name="accept" value="([^"]+)"', page)
    assert len(doubts) >= 1, "daily vincristine is asked about"
    assert "Consolidation" in page
    assert notes(data, child, "plan") == []
    kept = browser.post(at, hidden(page) | {"starts": "2026-03-02"})
    assert kept.status_code == 302, body(kept)
    plan = notes(data, child, "plan")[0]
    assert "dexamethasone" in plan.said("plan")
    assert '"vincristine"' not in plan.said("plan"), "what was not confirmed stays out"


def test_a_file_that_is_no_plan_says_so_and_nothing_breaks(browser: Client) -> None:
    child = begin(browser)
    for text in ("", "{", "just words", "\x00\x01", "- 1\n- 2"):
        answer = browser.post(address("plan-file", "es", child=child), {"file": upload(text, "plan.yaml")})
        assert answer.status_code == 200, text
        assert "No se pudo leer nada" in body(answer)


def test_counts_come_in_from_a_file_once_they_were_looked_at(browser: Client, data: Path) -> None:
    child = begin(browser)
    at = address("counts-file", "en", child=child)
    table = "Date,WBC (10^9/L),Hemoglobin (g/dL),Platelets (10^9/L)\n03/04/2026,2.4,9.8,150\n2026-03-20,3.1,10.2,180\n"
    page = body(browser.post(at, {"file": upload(table, "counts.csv")}))
    assert 'value="mdy"' in page, "03/04 is asked about"
    assert notes(data, child, "count") == []
    carried = {name: value for name, value in hidden(page).items() if name != "confirm"}
    again = body(browser.post(at, carried | {"dates": "dmy"}))
    assert "April 3, 2026" in again
    assert browser.post(at, hidden(again) | {"dates": "dmy", "confirm": "yes"}).status_code == 302
    assert [note.said("on") for note in notes(data, child, "count")] == ["2026-03-20", "2026-04-03"]
    once_more = body(browser.post(at, {"file": upload(table, "counts.csv"), "dates": "dmy"}))
    assert "2 are here already" in once_more

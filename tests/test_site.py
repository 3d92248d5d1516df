"""The open pages, asked for as a browser would: every link leads somewhere, nothing leaks, a child's facts stay in memory."""

from __future__ import annotations

import os
import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin

import msgspec
import pytest

from conftest import Run
from remission.knowledge.model import LANGS, Lang, Review
from remission.rules.compiled import load_library, load_shelf
from remission.trials.loaded import load_trials

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "remission.site.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - after Django has read its settings
from django.test import Client  # noqa: E402

from remission.site.addresses import PATHS, address, id_of, slug_of  # noqa: E402

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

HOST = "127.0.0.1:8642"
_REGISTRY = load_trials().registry.record.split("{")[0]
_ONLY_SENT = {address("mine-example", lang) for lang in LANGS} | {
    address("keep-file", lang, what) for lang in LANGS for what in ("backup", "restore", "export", "lock", "unlock", "close")
}
_LINK = re.compile(r'<(?:a|link|img|script|form)\b[^>]*?\b(?:href|src|action)="([^"]+)"')
_ID = re.compile(r'\bid="([^"]+)"')


@pytest.fixture
def browser() -> Client:
    return Client(headers={"host": HOST}, raise_request_exception=False)


def body(answer: Response) -> str:
    return answer.content.decode() if not answer.streaming else ""


def links_of(page: str, at: str) -> set[str]:
    return {urljoin(at, unescape(link)) for link in _LINK.findall(page)}


@pytest.mark.parametrize("lang", LANGS)
def test_every_link_leads_somewhere_and_stays_here(browser: Client, lang: Lang) -> None:
    """Follows every link from the first page: each answers, each part named exists, none names another host."""
    found: dict[str, set[str]] = {}
    fragments: set[tuple[str, str]] = set()
    waiting = {f"/{lang}/"}
    while waiting:
        path = waiting.pop()
        answer = browser.get(path)
        assert answer.status_code in (200, 302, *([405] if path in _ONLY_SENT else [])), path
        answer.close()
        page = body(answer) if answer.headers["Content-Type"].startswith("text/html") else ""
        found[path] = set(_ID.findall(page))
        for link in links_of(page, path):
            if link.startswith(_REGISTRY):  # a page about a study names its record, for whoever wants to leave
                continue
            assert link.startswith("/"), f"{path} leads away to {link}"
            target, fragment = urldefrag(link)
            fragments |= {(target, fragment)} if fragment else set()
            waiting |= {target} - found.keys()
    assert len(found) > 2 * len(load_shelf().topics)
    missing = {(page, part) for page, part in fragments if page in found and found[page] and part not in found[page]}
    assert missing == set()


@pytest.mark.parametrize("lang", LANGS)
def test_every_topic_is_a_page_in_words_of_its_language(browser: Client, lang: Lang) -> None:
    for topic in load_shelf().topics.values():
        page = body(browser.get(address("topic", lang, topic.id)))
        assert f'<html lang="{lang}">' in page
        assert unescape(topic.title.in_(lang)) in unescape(page)
        assert id_of("topic", lang, slug_of("topic", lang, topic.id)) == topic.id
    assert address("topic", "es", "minimal-residual-disease") != address("topic", "en", "minimal-residual-disease")


def test_addresses_are_unique_in_each_language() -> None:
    for lang in LANGS:
        slugs = [slug_of("topic", lang, topic) for topic in load_shelf().topics]
        assert len(set(slugs)) == len(slugs)
        assert len({PATHS[page][LANGS.index(lang)] for page in PATHS}) == len(PATHS)


def test_the_other_language_is_the_same_page_at_the_same_level(browser: Client) -> None:
    page = body(browser.get(address("topic", "en", "phases") + "?level=professional"))
    assert f'href="{address("topic", "es", "phases")}?level=professional"' in page
    spanish = body(browser.get(address("topic", "es", "phases") + "?level=professional"))
    assert set(re.findall(r'class="claim" id="([^"]+)"', page)) == set(re.findall(r'class="claim" id="([^"]+)"', spanish))


def test_figures_on_the_outlook_stay_folded(browser: Client) -> None:
    at = address("topic", "en", "remission-and-cure")
    assert "%" not in re.sub(r"<head>.*</head>", "", body(browser.get(at)), flags=re.DOTALL)
    assert "%" in body(browser.get(at + "?numbers=yes"))
    assert "%" not in body(browser.get(address("search", "en") + "?q=survival+rate+cure")).replace("0.01%", "")


@pytest.mark.parametrize(
    ("lang", "query", "topic"),
    [
        ("en", "red dots", "symptoms"),
        ("en", "petekia", "symptoms"),
        ("es", "puntitos rojos", "symptoms"),
        ("es", "kimio", "chemotherapy"),
    ],
)
def test_search_finds_what_is_misspelt(browser: Client, lang: Lang, query: str, topic: str) -> None:
    assert address("topic", lang, topic) in body(browser.get(address("search", lang), {"q": query}))


def test_an_empty_result_helps_and_a_query_is_shown_as_text(browser: Client) -> None:
    page = body(browser.get(address("search", "en"), {"q": "<qwxzv>"}))
    assert "<qwxzv>" not in page
    assert address("topics", "en") in page
    assert "Nothing was found" in page


def test_what_every_answer_carries(browser: Client) -> None:
    for path in ("/en/", "/look.css", "/en/nope/", "/offline.js", address("risk", "en")):
        answer = browser.get(path)
        answer.close()
        headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "http://" not in policy
        assert "https://" not in policy


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.168.1.5:8642", ""])
def test_a_name_that_only_pretends_to_be_this_machine_is_refused(host: str) -> None:
    assert Client(headers={"host": host or "x"}).get("/en/").status_code == 400


def test_pages_hold_no_script_or_style_of_their_own(browser: Client) -> None:
    for path in ("/en/", address("topic", "es", "phases"), address("risk", "en"), address("cells", "en")):
        page = body(browser.get(path))
        assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
        assert "<style" not in page
        assert not re.search(r"\s(?:style|on\w+)=\"", page)


def test_a_page_of_the_library_is_sent_again_only_when_it_changed(browser: Client) -> None:
    first = browser.get("/en/")
    again = browser.get("/en/", headers={"if-none-match": first.headers["ETag"]})
    assert again.status_code == 304
    assert first.headers["Cache-Control"] == "no-cache"
    assert set(first.cookies) <= {"lang"}


def facts(**given: str) -> dict[str, str]:
    return {fact.replace("__", "-"): value for fact, value in given.items()}


def test_a_twelve_year_old_with_a_low_count_is_high_risk_and_the_page_says_why(browser: Client) -> None:
    sent = browser.post(address("risk", "en"), facts(age_days="12 years", wbc="6,500", wbc__unit="/uL", lineage="b"))
    assert sent.status_code == 302
    assert sent.headers["Location"] == address("risk-answer", "en")
    page = unescape(body(browser.get(address("risk-answer", "en"))))
    nci = page[page.index('id="nci-rome"') :]
    assert "High risk" in nci[:600]
    assert "12 years" in nci
    assert 'class="here"' in nci
    assert "MRD" in page[page.index("Questions to ask") :]
    spanish = unescape(body(browser.get(address("risk-answer", "es"))))
    assert "Riesgo alto" in spanish


def test_facts_are_in_no_address_stay_after_a_reload_and_go_with_one_tap(browser: Client) -> None:
    browser.post(address("risk", "en"), facts(age_days="12 years"))
    answer = browser.get(address("risk-answer", "en"))
    assert answer.headers["Cache-Control"] == "no-store"
    assert "?" not in answer.request["PATH_INFO"] + answer.request.get("QUERY_STRING", "")
    assert "12 years" in body(browser.get(address("risk-answer", "en")))
    assert 'value="12 years"' in body(browser.get(address("risk", "en")))
    browser.post(address("risk-forget", "en"))
    assert browser.get(address("risk-answer", "en")).status_code == 302
    assert "12 years" not in body(browser.get(address("risk", "en")))


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"wbc": "12"}, "of what"),
        ({"wbc": "12 bananas"}, "unit"),
        ({"age_days": "last Tuesday"}, "last Tuesday"),
        ({"wbc": "9000", "wbc-unit": "10*9/L"}, "cannot be"),
    ],
)
def test_what_cannot_be_used_is_said_and_kept(browser: Client, given: dict[str, str], complaint: str) -> None:
    page = unescape(body(browser.post(address("risk", "en"), given)))
    assert complaint in page[page.index('role="alert"') :]
    assert "wbc (" not in page, "a family is not shown the id of a fact"
    for value in given.values():
        assert value in page
    assert all(f'id="ask-{fact}"' in page for fact in given if "-" not in fact)


def test_facts_that_contradict_each_other_are_said(browser: Client) -> None:
    page = unescape(body(browser.post(address("risk", "es"), {"sex": "female", "testicular": "yes"})))
    assert 'role="alert"' in page


def test_what_was_typed_wrong_on_one_page_is_not_stumbled_over_on_another(browser: Client) -> None:
    browser.post(address("risk", "en"), {"wbc": "12 bananas"})
    for page in (address("risk-question", "en", "next"), address("risk-question", "en", "lineage"), address("risk-answer", "en")):
        answer = browser.get(page)
        assert (answer.status_code, answer.headers["Location"]) == (302, address("risk", "en"))
    assert "bananas" in body(browser.get(address("risk", "en")))


def test_a_strange_query_does_not_unfold_a_page_for_the_next_reader(browser: Client) -> None:
    at = address("topic", "en", "how-common")
    level = browser.get(at + "?level=professional&x=1").content
    assert browser.get(at).content != level
    outlook = address("topic", "es", "remission-and-cure")
    browser.get(outlook + "?numbers=yes&x=1")
    assert "%" not in body(browser.get(outlook))


def test_the_language_read_last_is_remembered_and_the_worker_carries_the_library(browser: Client) -> None:
    browser.get("/es/")
    assert browser.get("/", headers={"accept-language": "en"}).headers["Location"] == "/es/"
    script = browser.get("/offline.js")
    assert load_library().hash[:12] in body(script)
    assert script.headers["Cache-Control"] == "no-cache"


def test_one_question_at_a_time_ends_with_an_answer(browser: Client) -> None:
    given = {"age_days": "4 years", "wbc": "12000", "wbc-unit": "/uL", "lineage": "b"}
    at = address("risk-question", "en", "next")
    asked = []
    for _ in range(len(load_library().facts) + 2):
        answer = browser.get(at)
        if answer.status_code == 302:
            at = answer.headers["Location"]
            continue
        if at == address("risk-answer", "en"):
            break
        fact = at.rstrip("/").rpartition("/")[2]
        asked.append(fact)
        said = {name: value for name, value in given.items() if name.startswith(fact)}
        at = browser.post(at, said or {fact: "unknown"}).headers["Location"]
    assert at == address("risk-answer", "en")
    assert asked[:3] == ["age_days", "wbc", "lineage"]
    assert len(set(asked)) == len(asked)


def test_forms_from_elsewhere_are_refused() -> None:
    strict = Client(headers={"host": HOST}, enforce_csrf_checks=True)
    answer = strict.post(address("risk", "es"), {"age_days": "4 años"})
    assert answer.status_code == 403
    assert "Vuelva atrás" in body(answer)


@pytest.mark.parametrize(
    ("path", "words"), [("/en/read/nothing/", "This page is not here"), ("/es/leer/nada/", "Esta página no está aquí")]
)
def test_a_page_that_is_not_there_helps_in_its_language(browser: Client, path: str, words: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert words in body(answer)


def test_a_mistake_of_ours_is_told_in_the_language_of_the_page(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from remission.site.views import find

    monkeypatch.setattr(find, "load_index", lambda: 1 / 0)
    answer = browser.get(address("search", "es"), {"q": "fiebre"})
    assert answer.status_code == 500
    assert "El programa cometió un error" in body(answer)


def test_the_first_page_speaks_the_browsers_language(browser: Client) -> None:
    assert browser.get("/", headers={"accept-language": "es-MX,es;q=0.9"}).headers["Location"] == "/es/"
    assert browser.get("/", headers={"accept-language": "de"}).headers["Location"] == "/en/"


@pytest.mark.parametrize("lang", LANGS)
def test_every_sheet_is_a_pdf_too_and_its_bytes_repeat(browser: Client, lang: Lang) -> None:
    from remission.documents.guide_sheet import guide_paper
    from remission.documents.paper_pdf import paper_pdf

    sheets = [guide for guide in load_shelf().guides.values() if guide.kind == "sheet"]
    assert sheets
    for guide in sheets:
        answer = browser.get(address("sheet-pdf", lang, guide.id))
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
    paper = guide_paper(load_library(), load_shelf(), sheets[0], lang)
    assert paper_pdf(paper) == paper_pdf(guide_paper(load_library(), load_shelf(), sheets[0], lang))


def test_djangos_own_check_is_clean() -> None:
    call_command("check", deploy=True, fail_level="WARNING")


def overdue(review: Review) -> Review:
    return msgspec.structs.replace(review, next_review="2020-01-01")


def test_safety_content_past_its_review_gives_way_to_the_team(browser: Client, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    from remission.cli import reading
    from remission.site import page as pages
    from remission.site import shown
    from remission.site.views import guides, read

    shelf = load_shelf()
    late = {name: msgspec.structs.replace(topic, review=overdue(topic.review)) for name, topic in shelf.topics.items()}
    late_guides = {name: msgspec.structs.replace(guide, review=overdue(guide.review)) for name, guide in shelf.guides.items()}
    aged = msgspec.structs.replace(shelf, topics=late, guides=late_guides)
    for module in (shown, guides, read, reading):
        monkeypatch.setattr(module, "load_shelf", lambda: aged)
    monkeypatch.setattr(pages, "_kept", {})
    for safe in (address("topic", "en", "fever-during-treatment"), address("urgent", "en")):
        page = unescape(body(browser.get(safe)))
        assert "Ask your team: call the number" in page
        assert 'class="claim"' not in page
    ordinary = body(browser.get(address("topic", "en", "phases")))
    assert "review of this page is overdue" in ordinary
    assert 'class="claim"' in ordinary
    assert "Ask your team: call the number" in " ".join(run("read", "fever-during-treatment").out.split())
    pages._kept.clear()

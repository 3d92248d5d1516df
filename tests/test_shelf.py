"""What is read: the check finds each kind of broken claim, topics can be read, and searches find what they should."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from threading import Thread

import pytest

from conftest import ROOT, Run
from remission.knowledge import plain_yaml
from remission.knowledge.check_all import check_folder
from remission.knowledge.model import LANGS, Lang
from remission.knowledge.readability import grade_en, index_es
from remission.rules.compiled import load_index, load_shelf

TODAY = date(2026, 11, 21)

TOPIC = """
id: sample
title: {en: "Sample", es: "Muestra"}
systems: [S1]
group: disease
claims:
  - id: first
    family:
      en: "The marrow makes blood cells. It lies in 2 kinds of bone."
      es: "La médula hace la sangre. Está en 2 tipos de hueso."
    professional: {en: "Marrow in 2 kinds of bone.", es: "La médula de 2 tipos de hueso."}
    status: verified
    cites: [{source: pdq-patient-2024, locator: "What is childhood ALL?"}]
    differs:
      says:
        - {source: mayo-2018, text: {en: "It says so.", es: "Lo dice."}}
review: {author: remission project, checked_by: null, last_review: "2026-11-21", next_review: "2027-11-21"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the knowledge with one small topic that a test may break."""
    copy = Path(shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge"))
    (copy / "claims" / "sample.yaml").write_text(TOPIC, "utf-8")
    about = copy / "library.yaml"  # a version of its own: the recorded one must not change
    about.write_text(re.sub(r'version: ".*"', 'version: "2999-01-01"', about.read_text("utf-8")), "utf-8")
    return copy


BROKEN = {
    "a missing cite": ("cites: [{source: pdq-patient-2024, locator: \"What is childhood ALL?\"}]", "cites: []", "cites nothing"),
    "a dangling source": ("source: pdq-patient-2024", "source: pdq-1924", "is no source"),
    "a dangling source in a disagreement": ("source: mayo-2018", "source: mayo-1818", "is no source"),
    "a missing language": ('es: "Lo dice."', 'es: ""', "one language is empty"),
    "a missing level": ("    professional:", "    profesional:", "profesional"),
    "numbers that differ between the languages": ("Está en 2 tipos", "Está en 3 tipos", "the numbers differ"),
    "numbers that differ between the levels": ("Marrow in 2 kinds", "Marrow in two kinds", "numbers differ"),
    "an overdue review": ('next_review: "2027-11-21"', 'next_review: "2026-11-20"', "review was due"),
    "a system nobody described": ("systems: [S1]", "systems: [S99]", "is no system"),
    "a sentence that is too hard": (
        "The marrow makes blood cells.",
        "Hematopoietic differentiation characteristically necessitates multifactorial microenvironmental orchestration.",
        "too hard to read in en",
    ),
    "a Spanish sentence that is too hard": (
        "La médula hace la sangre.",
        "La diferenciación hematopoyética característicamente requiere orquestación microambiental multifactorial.",
        "too hard to read in es",
    ),
    "an abbreviation that nobody explains": ("The marrow makes", "The XQZ makes", "“XQZ” is not explained in en"),
    "English in a Spanish sentence": ("La médula hace", "The médula hace", "is English in a Spanish sentence"),
    "a status nobody knows": ("status: verified", "status: certain", "certain"),
    "a file that is no YAML": ("claims:", "claims: [", "not readable YAML"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_the_check_finds_a_broken_claim(what: str, folder: Path) -> None:
    old, new, complaint = BROKEN[what]
    path = folder / "claims" / "sample.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    _, problems = check_folder(folder, TODAY)
    told = [problem for problem in problems if "sample" in problem and complaint in problem]
    assert told, problems
    assert re.search(r"sample\.yaml, line \d+", told[0]), "an editor must find the line"


def test_the_sample_and_the_knowledge_as_it_stands_have_no_problem(folder: Path) -> None:
    told, problems = check_folder(folder, TODAY)
    assert problems == []
    assert "claims" in told


def test_easy_text_is_told_from_hard_text() -> None:
    assert grade_en("The dog ran. The cat sat on the mat.") < 3
    assert grade_en("Immunophenotypic characterization necessitates multiparametric cytometric instrumentation.") > 15
    assert index_es("El perro come pan. La niña va a la casa.") > 80
    assert index_es("La caracterización inmunofenotípica requiere instrumentación citométrica multiparamétrica.") < 20


@pytest.mark.parametrize("lang", LANGS)
def test_every_topic_can_be_read_at_every_level(run: Run, lang: Lang) -> None:
    topics = load_shelf().topics
    assert topics
    for topic in topics:
        for level in ("family", "professional", "child"):
            result = run("read", topic, "--lang", lang, "--level", level)
            assert result.code == 0
            assert "[1]" in result.out


def test_figures_on_the_outlook_stay_folded_until_asked_for(run: Run) -> None:
    folded = run("read", "remission-and-cure").out
    assert "%" not in folded
    assert "--numbers" in folded
    assert "%" in run("read", "remission-and-cure", "--numbers").out
    assert "%" in run("read", "remission-and-cure", "--level", "professional").out
    assert "0.33" not in run("read", "outlook-with-newer-medicines").out, "a figure without a percent sign is a figure too"
    assert "%" not in run("search", "survival rate cure", "--limit", "10").out.replace("0.01%", "")


def test_a_topic_that_is_not_there_is_refused_with_the_nearest(run: Run) -> None:
    result = run("read", "minimal-residual-diseas")
    assert result.code == 2
    assert "Did you mean minimal-residual-disease?" in result.err


def test_the_list_of_topics_and_the_status(run: Run) -> None:
    assert "minimal-residual-disease" in run("read").out
    status = run("knowledge", "status").out
    assert "S34" in status
    assert "Not clinically reviewed" in status


def test_the_export_carries_every_claim_in_its_levels(run: Run) -> None:
    exported = json.loads(run("knowledge", "export", "--json", "--lang", "es").out)
    claims = list(load_shelf().claims())
    assert len({(told["topic"], told["id"]) for told in exported}) == len(claims)
    assert all(told["sources"] and told["status"] and told["review"] and told["text"] for told in exported)


@pytest.mark.parametrize("lang", LANGS)
def test_nearly_every_query_finds_its_answer_in_the_first_three(lang: Lang) -> None:
    """The queries were written before they were tried, spelling mistakes included; 97 in 100 must be answered."""
    queries: dict[str, list[str] | str] = plain_yaml.read(ROOT / "cases" / "search" / f"{lang}.yaml")
    missed = [query for query, wanted in queries.items() if not _answered(lang, query, wanted)]
    assert len(queries) >= 200
    assert len(missed) <= 0.03 * len(queries), missed


def _answered(lang: Lang, query: str, wanted: list[str] | str) -> bool:
    expected = [wanted] if isinstance(wanted, str) else wanted
    found = [hit.id for hit in load_index().search(query, lang, 3)]
    return any(hit == want or hit.startswith(f"{want}/") for hit in found for want in expected)


def test_every_answer_of_the_queries_exists_and_every_topic_is_asked_for() -> None:
    shelf = load_shelf()
    known = {
        *shelf.topics,
        *(f"{topic.id}/{claim.id}" for topic, claim in shelf.claims()),
        *(f"glossary/{e}" for e in shelf.glossary),
    }
    for lang in LANGS:
        queries = plain_yaml.read(ROOT / "cases" / "search" / f"{lang}.yaml")
        wanted = {want for answers in queries.values() for want in ([answers] if isinstance(answers, str) else answers)}
        assert wanted - known == set()
        assert set(shelf.topics) - {want.partition("/")[0] for want in wanted} == set()


@pytest.mark.parametrize(
    "query", ["", "   ", "qwxzv", '"', "a OR b NOT", "x" * 5000, "médula; DROP TABLE page", "NEAR(", "*", "😀"]
)
def test_any_query_is_answered_without_a_crash(query: str) -> None:
    for lang in LANGS:
        assert isinstance(load_index().search(query, lang), list)


def test_a_search_can_be_asked_from_any_thread() -> None:
    load_index().search("fever", "en")
    found: list[int] = []
    other = Thread(target=lambda: found.append(len(load_index().search("leusemia", "es"))))
    other.start()
    other.join()
    assert found
    assert found[0] > 0


def test_results_say_why_and_where_from(run: Run) -> None:
    result = json.loads(run("search", "tiny red dots on skin", "--json").out)
    assert result
    assert set(result[0]) == {"id", "title", "text", "why", "sources", "url", "score"}
    assert result[0]["why"]
    assert result[0]["url"].startswith("/en/read/symptoms/#")
    assert all(found["sources"] for found in result if not found["id"].startswith("glossary/"))


def test_an_empty_search_is_refused_and_an_empty_result_helps(run: Run) -> None:
    assert run("search").code == 2
    assert "Nothing was found" in run("search", "qwxzv").out


def test_the_index_is_built_from_the_shelf_alone(tmp_path: Path) -> None:
    """In a process of its own, so that nothing another test needs is at hand."""
    code = (
        "import sys; from pathlib import Path; from remission.knowledge.search import build_index; "
        "from remission.rules.compiled import load_shelf; file = build_index(load_shelf(), Path(sys.argv[1])); "
        "print(file.stat().st_size > 10_000, sorted({'numpy', 'duckdb', 'django'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code, str(tmp_path / "search.sqlite")], capture_output=True, text=True, check=True)
    assert told.stdout == "True []\n"

"""What helps a reader: glossary words found in running text, sources with their terms of use, citations, the coverage report."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from conftest import Run
from remission.documents.citing import citation, excerpt
from remission.documents.coverage import coverage_markdown
from remission.documents.terms import Terms
from remission.documents.wording import Wording
from remission.knowledge.check import check_library
from remission.knowledge.model import LANGS, Lang, Library
from remission.rules.compiled import load_shelf

READ_ON = date(2026, 11, 3)


def met(text: str, lang: Lang) -> list[str]:
    places = Terms(load_shelf().glossary.values(), lang).places(text)
    return [f"{text[place.start : place.end]}={place.entry}" for place in places]


@pytest.mark.parametrize(
    ("lang", "text", "wanted"),
    [
        ("en", "The bone marrow makes platelets.", ["bone marrow=bone-marrow", "platelets=platelet"]),
        ("en", "They all came.", []),
        ("en", "ALL is a leukemia.", ["ALL=acute-lymphoblastic-leukemia", "leukemia=leukemia"]),
        ("es", "La médula ósea hace plaquetas.", ["médula ósea=bone-marrow", "plaquetas=platelet"]),
        ("es", "Recaídas", ["Recaídas=relapse"]),
        ("es", "Los glóbulos blancos.", ["glóbulos blancos=white-blood-cell"]),
        ("en", "It is in the blood. Stem cells are young.", ["Stem cells=stem-cell"]),
        ("en", "It ends with blood stem", []),
        ("en", "", []),
    ],
)
def test_glossary_words_are_found_in_running_text(lang: Lang, text: str, wanted: list[str]) -> None:
    assert met(text, lang) == wanted


def test_words_are_named_and_explained_when_asked_for(run: Run) -> None:
    named = run("read", "minimal-residual-disease").out
    explained = run("read", "minimal-residual-disease", "--words").out
    means = load_shelf().glossary["bone-marrow"].means.en
    assert "bone marrow" in named.partition("--words:")[2]
    assert " ".join(explained.split()).count(means) == 1
    assert means not in " ".join(named.split())


@pytest.mark.parametrize("lang", LANGS)
def test_every_source_can_be_cited(library: Library, lang: Lang) -> None:
    words = Wording(library, lang)
    for source in library.sources.values():
        told = citation(words, source, READ_ON)
        assert str(source.year) in told if source.year else words.say("undated") in told
        assert source.address is None or source.address in told
        assert "{" not in told
        assert ".." not in told.replace("...", "")


def test_pdq_is_cited_and_quoted_as_it_asks(library: Library) -> None:
    pdq = library.sources["pdq-patient-2024"]
    english, spanish = Wording(library, "en"), Wording(library, "es")
    told = citation(english, pdq, READ_ON)
    assert told.startswith("PDQ® Pediatric Treatment Editorial Board.")
    assert "Updated 08/02/2024." in told
    assert "Accessed 11/03/2026." in told
    assert "PMID: 26389385" in told
    assert "Actualizado: 02/08/2024." in citation(spanish, pdq, READ_ON)
    assert "Consultado: 03/11/2026." in citation(spanish, pdq, READ_ON)
    assert "PDQ" in (excerpt(english, pdq) or "")
    assert "PDQ" in (excerpt(spanish, pdq) or "")
    assert excerpt(english, library.sources["mayo-2018"]) is None


def test_a_source_tells_what_may_be_carried_and_where_it_is_cited(run: Run) -> None:
    told = run("knowledge", "sources", "pdq-patient-2024").out
    assert "Public domain" in told
    assert "nci-rome" in told or "pdq-patient-2024" in told
    assert "mayo-2018" in run("knowledge", "sources").out
    refused = run("knowledge", "sources", "mayo-2017")
    assert refused.code == 2
    assert "mayo-2018" in refused.err


def test_a_licence_nobody_listed_and_a_source_without_a_year_are_found(library: Library) -> None:
    broken = msgspec.structs.replace(library.sources["mayo-2018"], licence="mine", year=None, undated=False)
    problems = check_library(msgspec.structs.replace(library, sources={**library.sources, "mayo-2018": broken}))
    assert [problem for problem in problems if problem.startswith("mayo-2018: “mine” is no licence")]
    assert [problem for problem in problems if problem.startswith("mayo-2018: has no year")]


@pytest.mark.parametrize("lang", LANGS)
def test_the_report_counts_every_system_and_every_topic(library: Library, lang: Lang) -> None:
    shelf, told = load_shelf(), coverage_markdown(library, load_shelf(), lang)
    assert all(f"| {row} | " in told for row in shelf.systems)
    assert all(f"| {topic.title.in_(lang)} | {len(topic.claims)} | " in told for topic in shelf.topics.values())
    assert all(f"**C{number}**" in told for number in range(1, 15))

"""The build refuses tables that overlap or leave a hole, and prints the box; it refuses broken knowledge with its line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from conftest import ROOT
from remission.knowledge.check import check_library
from remission.knowledge.model import Cell, DecisionTable, Library, Outcome, Row, Scheme
from remission.knowledge.problems import KnowledgeError
from remission.knowledge.read import read_library
from remission.rules.build import build_programs
from small_schemes import REVIEW, WORD, library_of


def scheme_with(*rows: Row) -> Library:
    outcomes = tuple(dict.fromkeys(outcome for row in rows for outcome in row.then))
    table = DecisionTable("scheme", WORD, rows, outcomes)
    named = tuple(Outcome(outcome, WORD) for outcome in outcomes)
    return library_of(Scheme("scheme", "scheme", WORD, WORD, WORD, "diagnosis", REVIEW, outcomes=named, tables=(table,)))


def row(name: str, then: str, *cells: Cell) -> Row:
    return Row(name, cells, (then,), "verified", ())


BELOW, FROM = Cell("a", high=Decimal(10), high_open=True), Cell("a", low=Decimal(10))


def test_a_table_that_covers_everything_once_is_built() -> None:
    assert build_programs(scheme_with(row("low", "low", BELOW), row("high", "high", FROM)))["scheme"].boxes


def test_a_hole_is_refused_and_its_box_printed() -> None:
    above = Cell("a", low=Decimal(10), low_open=True)
    with pytest.raises(KnowledgeError, match=r"no row covers this box: a = 10\."):
        build_programs(scheme_with(row("low", "low", BELOW), row("high", "high", above)))


def test_an_overlap_is_refused_and_its_box_printed() -> None:
    up_to = Cell("a", high=Decimal(10))
    with pytest.raises(KnowledgeError, match=r"the rows low and high share this box: a = 10"):
        build_programs(scheme_with(row("low", "low", up_to), row("high", "high", FROM)))


def test_two_rows_with_the_same_outcome_may_not_overlap_either() -> None:
    red = Cell("c", options=("red",))
    with pytest.raises(KnowledgeError, match="the rows low and again share this box"):
        build_programs(scheme_with(row("low", "low", BELOW), row("again", "low", BELOW, red), row("high", "high", FROM)))


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    """A copy of the knowledge that a test may break."""
    return Path(shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge"))


def broken(knowledge: Path, file: str, old: str, new: str) -> str:
    """The complaint about one broken place, from reading, checking or proving."""
    path = knowledge / file
    text = path.read_text("utf-8")
    assert old in text, f"{file} no longer holds {old!r}"
    path.write_text(text.replace(old, new, 1), "utf-8")
    try:
        library = read_library(knowledge)
        problems = check_library(library, date(2026, 11, 21))
        if not problems:
            build_programs(library)
    except KnowledgeError as error:
        return str(error)
    return "\n".join(problems)


NCI = "schemes/nci-rome.yaml"
BREAKAGES = {
    "a hole at the limit": (NCI, "wbc: {at_least: 50}", "wbc: {above: 50}", "no row covers this box"),
    "an overlap at the limit": (NCI, "wbc: {below: 50}", "wbc: {at_most: 50}", "share this box"),
    "a fact nobody defined": (NCI, "wbc: {exactly: 50}", "wbbc: {exactly: 50}", "wbbc"),
    "a choice that does not exist": (NCI, "lineage: b}", "lineage: q}", "lineage has no choice “q”"),
    "a source that does not exist": (NCI, "source: pdq-hp-2019", "source: pdq-hp-1819", "is no source"),
    "a missing language": (NCI, "es: NCI/Roma}", 'es: ""}', "one language is empty"),
    "numbers that differ between the languages": (NCI, "exactamente 50 ×", "exactamente 60 ×", "the numbers differ"),
    "an outcome nobody declared": (NCI, "then: high", "then: higher", "“higher” is not declared"),
    "a key nobody knows": (NCI, "phase: diagnosis", "phaze: diagnosis", "phaze"),
    "a key written twice": (NCI, "phase: diagnosis", "phase: diagnosis\nphase: response", "stands twice"),
    "an age without its unit": (NCI, "at_least: 10 y", "at_least: 10", "needs its unit"),
    "a cell that is no condition": (NCI, "wbc: {below: 50}", "wbc: {under: 50}", "is no condition on wbc"),
    "an overdue review": (NCI, "2027-11-21", "2026-11-20", "review was due"),
    "a row without a citation": (NCI, "cites: [{source: aall1231-aall0434-table, locator: Table 1}]", "cites: []", "cites nothing"),
    "a table nobody wrote": ("schemes/cog-08b1.yaml", "nci-rome: high", "nci-roma: high", "nci-roma"),
    "a scheme missing from the list": ("library.yaml", "  - nci-rome\n", "", "differ: nci-rome"),
    "a unit family nobody wrote": ("facts/blood.yaml", "units: cell-count", "units: cell-counts", "is no unit family"),
    "words twice": ("words/reading.yaml", "read-differs:", "status-background:", "has the words “status-background” already"),
    "a placeholder lost": ("words/problems.yaml", "¿Quiso decir {near}?", "¿Quiso decir eso?", "placeholders differ"),
}  # fmt: skip


@pytest.mark.parametrize("what", BREAKAGES)
def test_the_check_finds(what: str, knowledge: Path) -> None:
    file, old, new, complaint = BREAKAGES[what]
    assert complaint in broken(knowledge, file, old, new)


def test_a_complaint_names_file_and_line(knowledge: Path) -> None:
    complaint = broken(knowledge, NCI, "wbc: {below: 50}", "wbc: {under: 50}")
    line = next(n for n, text in enumerate((knowledge / NCI).read_text("utf-8").splitlines(), 1) if "under: 50" in text)
    assert f"nci-rome.yaml, line {line}:" in complaint


def test_the_library_as_it_stands_has_no_problem() -> None:
    assert check_library(read_library(ROOT / "knowledge")) == []


def test_a_check_of_nothing_is_a_failure() -> None:
    with pytest.raises(KnowledgeError, match="nothing to check"):
        check_library(Library("1", "1", {}, {}, {}, {}, {}, (), {}, {}))


@pytest.mark.parametrize("edit", [str.upper, lambda text: text + "\n# a remark\n"])
def test_the_hash_follows_the_content(knowledge: Path, edit: Callable[[str], str]) -> None:
    before = read_library(knowledge).hash
    path = knowledge / "LICENSE"
    path.write_text(edit(path.read_text("utf-8")), "utf-8")
    assert read_library(knowledge).hash == before, "only the YAML counts"
    scheme = knowledge / NCI
    scheme.write_text(scheme.read_text("utf-8") + "\n# a remark\n", "utf-8")
    assert read_library(knowledge).hash != before

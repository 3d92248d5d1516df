"""The report on a cohort: its numbers, what it hides, that it names nobody, and that it is one page that needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT

pytest.importorskip("lifelines", reason="the cohort extra is not installed")

from cohort_writer import FACTS, SCHEMES, about, engine, invented_cohort, tables
from remission.cohort import opened
from remission.cohort.counting import Counting
from remission.cohort.engines import DuckEngine
from remission.cohort.hiding import Count, Ledger
from remission.cohort.loaded import Loaded
from remission.cohort.reporting import Point, Report, asked, build_report
from remission.cohort.result import Account
from remission.documents.cohort_report import report_html, report_paper, report_pdf
from remission.knowledge.model import LANGS, Text
from remission.record.facts import Fact
from remission.record.reading import read_fact
from remission.rules.compiled import load_library

LIBRARY = load_library()
ALIVE: dict[str, Any] = {"first_event": "none", "first_event_days": 2000.0, "died": False, "death_days": 2000.0}
ZERO = Text("the diagnosis", "el diagnóstico")
SHOWN = re.compile(r"\d[\d,]*")


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> DuckEngine:
    made = engine(tmp_path_factory.mktemp("engine"))
    invented_cohort(made, LIBRARY, 500)
    return made


@pytest.fixture(scope="module")
def report(invented: DuckEngine) -> Report:
    return build_report(invented, LIBRARY, about(records=503, rejected=3, counters={"row-contradicts": 2}, time_zero=ZERO))


@pytest.fixture(scope="module")
def hidden(invented: DuckEngine) -> Report:
    return build_report(invented, LIBRARY, about(records=503, rejected=3, hide_below=10, time_zero=ZERO))


def child(**said: str) -> dict[str, Fact]:
    return {fact: read_fact(LIBRARY, fact, text) for fact, text in said.items()}


YOUNG = child(age_days="1500 d", lineage="b", wbc="10 10*9/L", sex="female")
OLD = child(age_days="5000 d", lineage="b", wbc="10 10*9/L", sex="male")
OPEN = child(age_days="1500 d", lineage="b")
T_CELL = child(age_days="1500 d", lineage="t", wbc="10 10*9/L")
CONTRADICTORY = child(sex="female", testicular="yes")


def small(tmp_path: Path, children: list[tuple[dict[str, Fact], dict[str, Any]]], **more: Any) -> Report:
    made = engine(tmp_path)
    tables(made, LIBRARY, children, ("nci-rome", "cog-08b1"))
    return build_report(made, LIBRARY, about(schemes=("nci-rome", "cog-08b1"), **more))


# --- the numbers ---------------------------------------------------------------------------------------------------------


def test_flow_groups_and_why(tmp_path: Path) -> None:
    told = small(tmp_path, [(YOUNG, ALIVE), (YOUNG, ALIVE), (OLD, ALIVE), (OPEN, ALIVE), (T_CELL, {}), (CONTRADICTORY, ALIVE)])
    flow = told.flow
    assert (flow.children.number, flow.contradictory.number, flow.usable.number) == (6, 1, 5)
    assert flow.followed == {"efs": Count(4), "os": Count(4)}
    assert dict(flow.left_out["efs"])["event-not-recorded"] == Count(1)
    nci = told.groups[0]
    assert nci.groups == (("standard", Count(2)), ("high", Count(1)))
    assert (nci.undecided, nci.not_applicable) == (Count(1), Count(1))
    why = told.undecided[0]
    assert [(fact.fact, fact.among, fact.alone) for fact in why.facts] == [("wbc", Count(1), Count(1))]
    assert why.open == ((("standard", "high"), Count(1)),)


def test_the_contradictory_are_in_no_table(tmp_path: Path) -> None:
    told = small(tmp_path, [(YOUNG, ALIVE), (CONTRADICTORY, ALIVE)])
    for line in told.baseline:
        assert sum(count.number or 0 for _, count in line.lines) + (line.in_part.number or 0) + (line.not_known.number or 0) == 1
    for recorded in told.recorded:
        assert sum(count.number or 0 for count in recorded.states) == 1


def test_baseline_keeps_what_is_known_in_part(tmp_path: Path) -> None:
    said = [child(wbc="< 50 10*9/L", cns="cns2"), child(wbc="< 10 10*9/L", cns="cns2a"), child(wbc="50 10*9/L"), {}]
    told = {line.fact: line for line in small(tmp_path, [(facts, {}) for facts in said]).baseline}
    assert [count.number for _, count in told["wbc"].lines] == [1, 0, 1, 0]
    assert (told["wbc"].in_part, told["wbc"].not_known) == (Count(1), Count(1))
    assert [count.number for _, count in told["cns"].lines] == [0, 2, 0]
    assert told["wbc"].spread is not None
    assert (told["wbc"].spread.children, told["wbc"].spread.half) == (1, 50.0)


def test_every_table_adds_up(report: Report) -> None:
    usable = report.flow.usable.number
    for groups in report.groups:
        assert sum(count.number or 0 for count in counts_in(groups)) == usable
    for crossing in report.crossings:
        assert sum(count.number or 0 for row in crossing.cells for count in row) == usable
    for undecided in report.undecided:
        assert sum(count.number or 0 for _, count in undecided.open) == undecided.children.number
        assert all((fact.alone.number or 0) <= (fact.among.number or 0) for fact in undecided.facts)
    for endpoint, followed in report.flow.followed.items():
        assert (followed.number or 0) + sum(count.number or 0 for _, count in report.flow.left_out[endpoint]) == usable


def test_incidences_and_survival_add_up_at_each_year(report: Report) -> None:
    survival, incidence = report.curves[0].lines[0], report.incidences[0]
    for place, point in enumerate(survival.years):
        shares = [line.years[place] for line in incidence.lines]
        assert point is not None
        assert point.share + sum(one.share for one in shares if one) == pytest.approx(1, abs=1e-9)


def test_groups_are_followed_apart(report: Report) -> None:
    by_group = next(curves for curves in report.curves if curves.scheme == "nci-rome" and curves.endpoint == "efs")
    assert [line.group for line in by_group.lines] == ["standard", "high", "undecided"]
    assert by_group.test is not None
    assert by_group.test.observed == tuple(line.events.number for line in by_group.lines[:2])


def test_schemes_that_begin_at_a_relapse_are_never_followed_from_time_zero(report: Report) -> None:
    assert "relapse-cog" not in {curves.scheme for curves in report.curves}


def test_a_child_followed_no_further_says_nothing_of_later_years(tmp_path: Path) -> None:
    told = small(tmp_path, [(YOUNG, ALIVE), (OLD, ALIVE | {"first_event_days": 500.0, "death_days": 500.0})])
    line = told.curves[0].lines[0]
    assert [point is not None for point in line.years] == [True, True, True]
    high = next(one for curves in told.curves if curves.scheme == "nci-rome" for one in curves.lines if one.group == "high")
    assert [point is not None for point in high.years] == [True, False, False]


def test_when_the_last_child_had_the_event_the_curve_stays_at_zero(tmp_path: Path) -> None:
    """Nobody is left to follow, and yet it is known what share has no event: none. A band that is nowhere defined is not told."""
    gone = {"first_event": "relapse", "first_event_days": 200.0, "died": False, "death_days": 900.0}
    told = small(tmp_path, [(YOUNG, gone), (OLD, ALIVE)])
    line = next(one for curves in told.curves if curves.scheme == "nci-rome" for one in curves.lines if one.group == "standard")
    assert [point and point.share for point in line.years] == [0, 0, 0]
    assert line.median == Point(200.0, 0.5)
    relapse = next(one for told in told.incidences if told.group == "standard" for one in told.lines if one.group == "relapse")
    assert [point and point.share for point in relapse.years] == [1, 1, 1]
    page = report_html(LIBRARY, told, "en")
    assert "0.5 years</td>" in page
    assert "not reached to" not in page


def test_without_outcomes_there_are_no_curves(tmp_path: Path) -> None:
    made = engine(tmp_path)
    tables(made, LIBRARY, [(YOUNG, {}), (OLD, {})], ("nci-rome",))
    made.keep("children", "SELECT * EXCLUDE (first_event, first_event_days, died, death_days, entered_days) FROM children")
    told = build_report(made, LIBRARY, about(schemes=("nci-rome",)))
    assert (told.curves, told.incidences, told.flow.followed) == ((), (), {})
    for lang in LANGS:
        assert LIBRARY.words["rep-short-no-outcomes"].in_(lang) in report_html(LIBRARY, told, lang)


def test_nobody_at_all(tmp_path: Path) -> None:
    told = small(tmp_path, [])
    assert told.flow.usable == Count(0)
    assert report_html(LIBRARY, told, "es")
    assert report_pdf(LIBRARY, told, "en")


def test_who_is_placed_differently_is_said_in_kinds_of_children(tmp_path: Path) -> None:
    fast, slow = {"mrd_day8_blood": "0.001 %", "marrow_day8": "m1"}, {"mrd_eoi": "2 %"}
    base = {"age_days": "1500 d", "lineage": "b", "wbc": "10 10*9/L", "cns": "cns1", "testicular": "no", "etv6_runx1": "yes",
            "bcr_abl1": "no", "kmt2a_rearranged": "no", "chromosome_number": "46", "dna_index": "1", "iamp21": "no",
            "double_trisomy": "no", "marrow_eoi": "m1"}  # fmt: skip
    quick = child(**(base | fast | {"mrd_eoi": "0.001 %"}))
    told = small(tmp_path, [(quick, ALIVE)] * 5 + [(child(**(base | fast | slow)), ALIVE)] * 2, compare=(("nci-rome", "cog-08b1"),))
    apart = told.crossings[0].apart
    assert [(one.group, one.most, one.children) for one in apart][:1] == [("standard", "low", 2)]
    assert {feature.kind.fact for feature in apart[0].features} == {"mrd_eoi"}
    assert "MRD" in report_html(LIBRARY, told, "en")


def test_what_the_source_says_is_held_against_ours(tmp_path: Path) -> None:
    made = engine(tmp_path)
    said = ["AALL0331", "AALL0232", "AALL0331", "other", "AALL0331"]
    tables(made, LIBRARY, [(one, {}) for one in (YOUNG, OLD, OPEN, YOUNG, OLD)], ("nci-rome",), said_Protocol=said)
    told = build_report(made, LIBRARY, about(schemes=("nci-rome",), stated=LIBRARY.mappings["cbioportal-target"].compare))
    assert [row for result in told.compared for row in result.rows] == [
        ("AALL0232", "high", Count(1), Count(0), Count(0)),
        ("AALL0331", "standard", Count(1), Count(1), Count(1)),
    ]


# --- small cells ---------------------------------------------------------------------------------------------------------

tables_of_counts = st.integers(2, 3).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 6), min_size=width, max_size=width), min_size=2, max_size=3)
)


@settings(max_examples=40)
@given(tables_of_counts, st.integers(3, 4))
def test_no_hidden_count_can_be_worked_out(counts: list[list[int]], limit: int) -> None:
    """Every table that agrees with all that is shown is tried; each small count must still be open between two numbers."""
    ledger = Ledger()
    names = [[ledger.enter(("cell", str(i), str(j)), number) for j, number in enumerate(row)] for i, row in enumerate(counts)]
    sums: list[tuple[tuple[str, ...], list[tuple[str, ...]]]] = []
    for i, row in enumerate(counts):
        sums.append((ledger.enter(("row", str(i)), sum(row)), names[i]))
    for j in range(len(counts[0])):
        column = [row[j] for row in names]
        sums.append((ledger.enter(("column", str(j)), sum(row[j] for row in counts)), column))
    sums.append((ledger.enter(("all",), sum(map(sum, counts))), [total for total, _ in sums[: len(counts)]]))
    sums.append((("all",), [total for total, _ in sums[len(counts) : -1]]))
    for total, parts in sums:
        ledger.adds_up(total, parts)
    shown = ledger.shown(limit)
    for name, number in ledger.counts.items():
        assert shown[name].number is None or shown[name].number == number
        assert not 0 < (shown[name].number or 0) < limit
    for name, count in shown.items():
        if count.below:
            assert len(ends(shown, sums, name, limit)) == 2, name


def ends(shown: dict[tuple[str, ...], Count], sums: list[Any], name: tuple[str, ...], limit: int) -> set[int]:
    """The least and the most that a hidden count can be, by whole numbers, found apart from the code under test."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped, import-not-found, unused-ignore]

    names = list(shown)
    rows = [[(one in parts) - (one == total) for one in names] for total, parts in sums]
    low = [1 if count.below else count.number or 0 for count in shown.values()]
    high = [limit - 1 if count.below else 999 if count.number is None else count.number for count in shown.values()]
    found = set()
    for sign in (1, -1):
        goal = [sign * (one == name) for one in names]
        solved = milp(goal, constraints=LinearConstraint(rows, 0, 0), bounds=Bounds(low, high), integrality=[1] * len(names))
        assert solved.success
        found.add(round(solved.x[names.index(name)]))
    return found


@pytest.mark.parametrize("limit", [3, 10])
def test_no_small_count_of_a_whole_report_can_be_worked_out(invented: DuckEngine, limit: int) -> None:
    """From everything that a report shows at once: groups, kinds, cross-tables, events, and who is followed."""
    from scipy.optimize import linprog  # type: ignore[import-untyped, import-not-found, unused-ignore]
    from scipy.sparse import csr_array  # type: ignore[import-untyped, import-not-found, unused-ignore]

    ledger = Counting(invented, LIBRARY, about(records=503, rejected=3, hide_below=limit)).ledger
    shown, names = ledger.shown(limit), list(ledger.counts)
    rows = csr_array([[(one in parts) - (one == total) for one in names] for total, parts in ledger._sums])
    nothing = [0] * len(ledger._sums)
    bounds = [
        (1, limit - 1) if count.below else (0, 999) if count.number is None else (count.number, count.number)
        for count in (shown[name] for name in names)
    ]
    in_sums = {name for total, parts in ledger._sums for name in (total, *parts)}
    small = [name for name, number in ledger.counts.items() if 0 < number < limit and name in in_sums]
    assert len(small) > 20
    for name in small:
        goal = [float(one == name) for one in names]
        least = linprog(goal, A_eq=rows, b_eq=nothing, bounds=bounds).fun
        most = -linprog([-at for at in goal], A_eq=rows, b_eq=nothing, bounds=bounds).fun
        assert most - least > 0.99, name


def test_a_sum_that_forces_its_parts_is_covered() -> None:
    """1 + 1 of 12: hiding both would still tell both."""
    ledger = Ledger()
    parts = [ledger.enter(("part", str(number)), count) for number, count in enumerate((1, 1, 10))]
    ledger.adds_up(ledger.enter(("all",), 12), parts)
    assert [ledger.shown(5)[part] for part in parts] == [Count(None, 5), Count(None, 5), Count()]


def counts_in(value: Any) -> Iterator[Count]:
    if isinstance(value, Count):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from counts_in(getattr(value, name))
    elif isinstance(value, dict):
        yield from counts_in(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from counts_in(one)


def test_no_small_count_is_in_the_values(hidden: Report) -> None:
    found = list(counts_in(hidden))
    assert any(count.below == 10 for count in found)
    assert all(count.number is None or count.number == 0 or count.number >= 10 for count in found)
    assert not any(crossing.apart for crossing in hidden.crossings)


def test_curves_of_hidden_groups_are_left_out(hidden: Report, report: Report) -> None:
    for curves in hidden.curves:
        for line in curves.lines:
            if line.children.below or line.events.number is None:
                assert line.hidden
                assert (line.points, line.years, line.at_risk) == ((), (), ())
            else:
                assert len(line.points) <= (line.events.number or 0) / 10
    fine, coarse = report.curves[0].lines[0], hidden.curves[0].lines[0]
    assert {point.day for point in coarse.points} < {point.day for point in fine.points}
    assert all((count.number or 0) % 10 == 0 for count in coarse.at_risk[1:])


def test_a_curve_tells_no_number_of_children_that_is_hidden(invented: DuckEngine, report: Report, tmp_path: Path) -> None:
    """11 of 500 are not followed: how many are is hidden, and numbers at risk near it too. The curve itself may be shown."""
    assert report.flow.not_followed["efs"] == Count(11)
    hidden = build_report(invented, LIBRARY, about(records=500, hide_below=12, time_zero=ZERO))
    line = hidden.curves[0].lines[0]
    assert hidden.flow.usable == Count(500)
    assert (line.children, hidden.flow.followed["efs"], hidden.flow.not_followed["efs"]) == (Count(), Count(), Count(None, 12))
    assert line.points
    assert all((count.number or 0) <= 500 - 24 and (count.number or 0) % 12 == 0 for count in line.at_risk)
    told = small(tmp_path, [*[(YOUNG, ALIVE)] * 150, (OLD, {}), (OLD, {})], hide_below=3)
    assert {told.curves[0].lines[0].children, *told.curves[0].lines[0].at_risk} == {Count()}


def test_counts_of_the_same_children_are_hidden_together(tmp_path: Path) -> None:
    """Whom a scheme for B-cell leukemia does not concern are those with T-cell leukemia: one shown would tell the other, and with
    it how many have neither recorded."""
    neither = child(age_days="1500 d", sex="male", wbc="10 10*9/L")
    told = small(
        tmp_path, [(facts, {}) for facts in [YOUNG] * 30 + [T_CELL] * 20 + [neither] * 2], facts=("lineage",), hide_below=5
    )
    lineage = next(line for line in told.baseline if line.fact == "lineage")
    assert lineage.not_known == Count(None, 5)
    t_cell = next(count for kind, count in lineage.lines if kind.cell.options == ("t",))
    assert {t_cell, *(groups.not_applicable for groups in told.groups)} == {Count()}


@pytest.mark.parametrize(("records", "rejected"), [(53, 3), (53, 0)])
def test_records_tell_neither_a_few_rejected_nor_a_few_further_rows(tmp_path: Path, records: int, rejected: int) -> None:
    children = [(facts, ALIVE) for facts in [YOUNG] * 30 + [OLD] * 20]
    reading = (Text("3 rows are further rows", "3 filas son otras filas"),)
    told = small(tmp_path, children, records=records, rejected=rejected, reading=reading, hide_below=5)
    assert told.flow.records == Count()
    assert told.about.reading == (reading if rejected else ())
    assert "53" not in re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", report_html(LIBRARY, told, "en"), flags=re.DOTALL)


def test_a_curve_that_steps_now_and_then_says_when(hidden: Report) -> None:
    """Not that at five years it is what it was at its last step; and nothing before its first."""
    for point in hidden.curves[0].lines[0].years:
        assert point is None or point.day > 0
    last = hidden.curves[0].lines[0].years[-1]
    assert last is not None
    told = report_html(LIBRARY, hidden, "en").replace("\N{NO-BREAK SPACE}", " ")
    assert f"as of {last.day / 365.25:.1f} years" in told
    assert f"at {last.day / 365.25:.1f} years: " in told
    events = [line for told in hidden.incidences for line in told.lines if line.events.number and not line.points]
    assert all(point is None for line in events for point in line.years)


def test_what_is_hidden_is_said(hidden: Report) -> None:
    for lang in LANGS:
        told = report_html(LIBRARY, hidden, lang)
        assert "&lt;10" in told
        assert LIBRARY.words["rep-hidden"].in_(lang) in told
        assert LIBRARY.words["rep-hiding"].in_(lang).split("{")[0] in told


# --- the page ------------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """The tags of a page, balanced, and its words."""

    EMPTY = frozenset({"meta", "br", "link", "img", "input"})

    def __init__(self, html: str):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.mark.parametrize("lang", LANGS)
def test_one_page_that_needs_nothing_else(report: Report, lang: str) -> None:
    html = report_html(LIBRARY, report, lang)  # type: ignore[arg-type]
    page = Page(html)
    assert page.of("script") == []
    assert page.of("link") == []
    assert page.of("img") == []
    assert page.of("html")[0]["lang"] == lang
    bare = re.sub(r"base64,[A-Za-z0-9+/=]+", "", html).replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"//|url\((?!data:)|@import", bare) == []
    assert "default-src 'none'" in html
    assert len({tag["id"] for _, tag in page.tags if "id" in tag}) == len([1 for _, tag in page.tags if "id" in tag])
    anchors = [tag["href"] for tag in page.of("a")]
    assert {str(anchor)[1:] for anchor in anchors} <= {tag.get("id") for _, tag in page.tags}


@pytest.mark.parametrize("lang", LANGS)
def test_every_picture_has_words_and_a_table(report: Report, lang: str) -> None:
    html = report_html(LIBRARY, report, lang)  # type: ignore[arg-type]
    figures = list(re.finditer(r"<figure>.*?</figure>", html, re.DOTALL))
    assert len(figures) >= 3 + len(report.curves)
    for figure in figures:
        assert figure[0].count("<desc>") == 2
        assert re.search(r"<desc>[^<]{20,}</desc>", figure[0])
        assert "<table" in html[figure.end() :].split("<h2")[0]


def test_no_word_is_left_unfilled(report: Report, hidden: Report) -> None:
    for told in (report, hidden):
        for lang in LANGS:
            words = " ".join(Page(report_html(LIBRARY, told, lang)).words)
            assert not re.search(r"[{}]|\bNone\b|\brep-|\bcohort-(out|mind)|Count\(|\bnan\b", words)


def test_both_languages_show_the_same_numbers(report: Report) -> None:
    shown = [re.findall(r"<td[^>]*>([^<]*)</td>", report_html(LIBRARY, report, lang)) for lang in LANGS]
    numbers = [[SHOWN.findall(cell) for cell in cells] for cells in shown]
    assert numbers[0] == numbers[1]


def test_words_of_pictures_stay_in_their_frame(report: Report) -> None:
    for lang in LANGS:
        for svg in re.findall(r"<svg.*?</svg>", report_html(LIBRARY, report, lang), re.DOTALL):
            root = ElementTree.fromstring(svg)  # noqa: S314 - we wrote it a moment ago
            _, _, width, height = map(float, str(root.get("viewBox")).split())
            for text in root.iter("{http://www.w3.org/2000/svg}text"):
                long = 0.5 * float(text.get("font-size", "0")) * len("".join(text.itertext()))
                x = float(text.get("x", "0")) - {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor", "start")] * long
                assert x >= -1, "".join(text.itertext())
                assert x + long <= width + 1, "".join(text.itertext())
                assert 0 < float(text.get("y", "0")) <= height


def test_invented_children_are_marked_everywhere(report: Report) -> None:
    for lang in LANGS:
        mark = LIBRARY.words["rep-invented"].in_(lang)
        assert report_html(LIBRARY, report, lang).count(mark) == 2
        assert report_paper(LIBRARY, report, lang).invented == mark


def test_it_names_nobody(report: Report) -> None:
    """No id of a child, no folder; and of a source with a path only its name is left."""
    for lang in LANGS:
        html = report_html(LIBRARY, report, lang)
        assert "child-" not in html
        assert "/tmp" not in html  # noqa: S108 - looked for, not used
    loaded = Loaded("children", "/home/registry/Garcia/export.csv", "flat", 10, 9, 1, FACTS, counters={"row-repeated": 1},
                    rejects=Path("/home/registry/Garcia/rejects.csv"))  # fmt: skip
    account = Account("remission 0", "2026-11-21", "0" * 64, "DuckDB", "", SCHEMES, loaded)
    assert asked(LIBRARY, account).source == "export.csv"
    assert b"Garcia" not in msgspec.json.encode(asked(LIBRARY, account))


def test_what_may_not_be_concluded_is_always_said(report: Report, tmp_path: Path) -> None:
    for told in (report, small(tmp_path, [(YOUNG, {})])):
        for lang in LANGS:
            html = report_html(LIBRARY, told, lang)
            for limit in ("trial", "rules", "selection", "follow-up", "missing", "child", "review"):
                assert LIBRARY.words[f"rep-limit-{limit}"].in_(lang).split(".")[0] in html


def test_the_same_children_in_another_order_give_the_same_bytes(invented: DuckEngine, report: Report) -> None:
    other = DuckEngine(Path("/tmp"), memory="300MB", threads=2)  # noqa: S108 - DuckDB's own folder for what does not fit
    for table in ("children", "decided"):
        rows = list(invented.rows(f"SELECT * FROM {table}"))
        described = invented.connection.execute(f"DESCRIBE {table}").fetchall()
        other.connection.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind, *_ in described)})")
        other.connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(described))})", list(reversed(rows)))
    again = build_report(other, LIBRARY, report.about)
    assert again == report
    assert report_html(LIBRARY, again, "es") == report_html(LIBRARY, report, "es")
    assert report_pdf(LIBRARY, again, "en") == report_pdf(LIBRARY, report, "en")


def test_the_pdf_says_what_the_page_says(report: Report) -> None:
    paper = report_paper(LIBRARY, report, "en")
    html = report_html(LIBRARY, report, "en")
    drawn = [section.drawing for section in paper.sections if section.drawing]
    assert len(drawn) == html.count("<figure>")
    rows = sum(len(section.table.rows) for section in paper.sections if section.table)
    assert rows == html.count("<tr>") - html.count("<thead>")
    assert report_pdf(LIBRARY, report, "en").startswith(b"%PDF")


def test_every_picture_of_every_scheme_fits_a_page_of_paper() -> None:
    """A page has room for a picture that is at most 1.2 times as high as it is wide, with a heading above it."""
    table = ROOT / "cases" / "cohort" / "invented-registry.csv"
    with opened(table, mapping=str(table.with_suffix(".yaml"))) as study:
        told = report_paper(study.library, study.report(), "es")
    drawings = [section.drawing for section in told.sections if section.drawing]
    sizes = [re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing.svg) for drawing in drawings]
    assert len(drawings) > 5
    assert all(size and float(size[2]) <= 1.2 * float(size[1]) for size in sizes), sizes


def test_every_word_of_the_report_is_used() -> None:
    """A word nobody says any more is taken out."""
    source = "".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "src" / "remission" / "documents").glob("cohort_*.py"))
    )
    made = ("rep-limit-", "rep-method-", "rep-state-", "rep-flow-", "rep-def-")
    words = [word for word in LIBRARY.words if word.startswith("rep-") and not word.startswith(made)]
    unused = [
        word
        for word in words
        if f'"{word}"' not in source and word not in ("rep-efs", "rep-os", "rep-undecided", "rep-not-applicable")
    ]
    assert unused == []

"""Rules as columns equal the one-child engine on every row, on DuckDB and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohort_children import Children, assert_equal_on_every_row, columns_for, random_library, rows_for
from conftest import ROOT
from remission.cohort.columns import CHILD, Column
from remission.cohort.engines import DuckEngine, Engine, PostgresEngine
from remission.cohort.sql import trees
from remission.cohort.sql.patterns import bits_of, masks_of
from remission.cohort.sql.predicates import Columns, could_hold
from remission.cohort.sql.stages import decision_select
from remission.cohort.sql.text import DIALECTS, facts_needed, sql_text
from remission.knowledge.model import Cell, Choice, FactDefinition, Library, Plausible, Text
from remission.record.facts import Fact
from remission.rules.axes import axis_for
from remission.rules.build import build_programs
from remission.rules.program import Program

pytest.importorskip("duckdb", reason="the engine for many children is not installed: pip install 'remission[cohort]'")
pytest.importorskip("sqlglot", reason="the engine for many children is not installed: pip install 'remission[cohort]'")

WORD = Text("word", "palabra")
LIMITS = (Decimal("0.01"), Decimal("0.1"), Decimal(5))
SEEDS = st.integers(0, 2**32)


@pytest.fixture(params=["duckdb", "postgres"], scope="module")
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine: Engine
    if request.param == "duckdb":
        engine = DuckEngine(tmp_path_factory.mktemp("duckdb"), threads=1)
    else:
        engine = PostgresEngine(request.getfixturevalue("postgres_address"))
    yield engine
    engine.close()


def shipped_schemes(programs: dict[str, Program], library: Library) -> list[str]:
    return [scheme for scheme in programs if not library.schemes[scheme].narrows]


def test_every_shipped_scheme_at_once(engine: Engine, library: Library, programs: dict[str, Program]) -> None:
    drawn, facts = Children(library, programs, seed=1), list(library.facts)
    children = [drawn.draw(facts) for _ in range(1200)]
    seen = assert_equal_on_every_row(engine, library, programs, shipped_schemes(programs, library), facts, children)
    assert min(seen[status] for status in ("decided", "data-required", "not-applicable", "contradiction")) > 100, seen


def test_each_shipped_scheme_from_the_facts_it_needs(engine: Engine, library: Library, programs: dict[str, Program]) -> None:
    """Also the supporting tables, asked as schemes of their own."""
    drawn = Children(library, programs, seed=7)
    for scheme in programs:
        facts = facts_needed(library, programs, [scheme])
        seen = assert_equal_on_every_row(engine, library, programs, [scheme], facts, [drawn.draw(facts) for _ in range(150)])
        assert "data-required" in seen


def test_a_fact_without_columns_is_unknown_for_all(engine: Engine, library: Library, programs: dict[str, Program]) -> None:
    drawn = Children(library, programs, seed=3)
    schemes = shipped_schemes(programs, library)
    for facts in (["wbc"], ["sex", "cns", "csf_wbc"], ["age_days", "lineage", "marrow_blasts_eoi", "double_trisomy"], []):
        assert_equal_on_every_row(engine, library, programs, schemes, facts, [drawn.draw(facts) for _ in range(60)])


@settings(max_examples=15)
@given(seed=SEEDS)
def test_random_programs_with_tables_that_tell_each_other_facts(engine: Engine, seed: int) -> None:
    """Also tables that read each other, contradictions, and a table that narrows a fact of a child of whom nothing is known."""
    library = random_library(seed)
    programs = build_programs(library)
    drawn = Children(library, programs, seed)
    for facts in (list(library.facts), drawn.random.sample(list(library.facts), 3)):
        assert_equal_on_every_row(engine, library, programs, list(programs), facts, [drawn.draw(facts) for _ in range(80)])


# --- one cell -----------------------------------------------------------------------------------------------------------

DEFINITIONS = (
    FactDefinition("x", "number", WORD, WORD, WORD, "any", plausible=Plausible(Decimal("0.1"), Decimal(100))),
    FactDefinition("x", "mrd", WORD, WORD, WORD, "any", plausible=Plausible(Decimal(0), Decimal(100))),
    FactDefinition("x", "choice", WORD, WORD, WORD, "any", choices=tuple(Choice(name, WORD) for name in "abcd")),
)


@st.composite
def cells(draw: st.DrawFn, definition: FactDefinition) -> Cell:
    if definition.kind == "choice":
        return Cell("x", options=tuple(sorted(draw(st.sets(st.sampled_from("abcd"), min_size=1)))))
    low, high = sorted(draw(st.tuples(st.sampled_from(LIMITS), st.sampled_from(LIMITS))))
    ends = draw(st.sampled_from([(low, None), (None, high), (low, high), (None, None)]))
    opens = (draw(st.booleans()), draw(st.booleans())) if low != high or None in ends else (False, False)
    known = ("positive", "negative", "none")
    results = tuple(sorted(draw(st.sets(st.sampled_from(known))))) if definition.kind == "mrd" else ()
    return Cell("x", low=ends[0], low_open=opens[0], high=ends[1], high_open=opens[1], results=results)


@settings(max_examples=40)
@given(data=st.data())
def test_a_cell_could_hold_exactly_when_the_axis_says_so(engine: Engine, data: st.DataObject) -> None:
    """Every set of regions of a random axis, asked of known, half known and absent facts."""
    definition = data.draw(st.sampled_from(DEFINITIONS))
    axis = axis_for(definition, data.draw(st.lists(cells(definition), min_size=1, max_size=3)))
    library = Library("test", "test", {}, {}, {"x": definition}, {}, {}, (), {}, {})
    drawn = Children(library, {}, data.draw(SEEDS))
    drawn.numbers["x"] = [limit + step for limit in LIMITS for step in (Decimal("-0.001"), Decimal(0), Decimal("0.001"))]
    children = [child for _ in range(60) if _is_possible(child := drawn.draw(["x"]), definition)]
    columns = columns_for(library, ["x"])
    engine.put("one_fact", columns, rows_for(library, ["x"], children))
    masks = [mask for mask in range(1, axis.everything + 1) if not mask & ~axis.everything][:40]
    asked = [trees.named(could_hold(axis, mask, Columns(frozenset(c.name for c in columns))), f"m{mask}") for mask in masks]
    from sqlglot import exp

    for child, *answers in engine.rows(exp.select(CHILD, *asked).from_("one_fact")):
        fact = children[int(child.removeprefix("child-"))].get("x")
        assert answers == [axis.mask_of(fact) & mask != 0 for mask in masks], (axis, fact)


def _is_possible(child: dict[str, Fact], definition: FactDefinition) -> bool:
    """The front door refuses what no value can be."""
    low = child["x"].low if "x" in child else None
    return definition.plausible is None or low is None or low >= definition.plausible.low


# --- rows that say nothing that could be right ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ends",
    [
        (float("nan"), float("nan")),
        (float("nan"), None),
        (None, float("nan")),
        (60.0, 40.0),
        (float("inf"), float("inf")),
        (None, float("inf")),
    ],
)
def test_what_is_no_interval_is_never_decided(
    engine: Engine, library: Library, programs: dict[str, Program], ends: tuple[float | None, float | None]
) -> None:
    columns = [
        Column(CHILD, "VARCHAR"),
        Column("age_days_low", "DOUBLE"),
        Column("age_days_high", "DOUBLE"),
        Column("lineage", "INTEGER"),
    ]
    wbc = [Column("wbc_low", "DOUBLE"), Column("wbc_high", "DOUBLE")]
    engine.put("children", columns + wbc, [("one", 2000.0, 2000.0, 1, *ends)])
    select = decision_select(library, programs, ["nci-rome"], [c.name for c in columns + wbc], dialect=engine.dialect)
    (row,) = engine.rows(select)
    assert row == ("one", "no_interval__wbc", "contradiction", None, None)


def test_a_choice_of_nothing_is_never_decided(engine: Engine, library: Library, programs: dict[str, Program]) -> None:
    columns = [
        Column(CHILD, "VARCHAR"),
        *(Column(name, "DOUBLE") for name in ("age_days_low", "age_days_high")),
        Column("lineage", "INTEGER"),
    ]
    engine.put("children", columns, [("one", 2000.0, 2000.0, 0)])
    select = decision_select(library, programs, ["nci-rome"], [c.name for c in columns], dialect=engine.dialect)
    assert [row[2:] for row in engine.rows(select)] == [("contradiction", None, None)]


def test_a_pattern_is_the_regions_of_a_child(programs: dict[str, Program]) -> None:
    for program in programs.values():
        everything = sum(bit for _, _, bit in bits_of(program))
        assert masks_of(program, everything) == tuple(axis.everything for axis in program.axes)
        for (axis, region, bit), place in product(bits_of(program), range(len(program.axes))):
            assert masks_of(program, bit)[place] == (region if program.axes[place] == axis else 0)


# --- the text ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_text_of_a_rule_is_the_one_recorded(library: Library, programs: dict[str, Program], dialect: str) -> None:
    """To record it anew: delete the file and run the test twice."""
    golden = ROOT / "tests" / "golden" / f"cohort-sql-nci-rome.{dialect}.sql"
    text = sql_text(library, programs, ["nci-rome"], dialect).replace(library.hash, "HASH").replace(library.version, "VERSION")
    if not golden.exists():
        golden.write_text(text, "utf-8")
        pytest.fail(f"{golden.name} was missing and has been written: look at it, then run the test again")
    assert text == golden.read_text("utf-8")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_text_reads_back_as_what_is_run(library: Library, programs: dict[str, Program], dialect: str) -> None:
    import sqlglot

    for scheme in ("nci-rome", "ukall-2003", "cog-0434-t", "cns-status"):
        names = [column.name for column in columns_for(library, facts_needed(library, programs, [scheme]))]
        run = decision_select(library, programs, [scheme], names, dialect=dialect).sql(dialect, comments=False)
        text = sql_text(library, programs, [scheme], dialect)
        (read,) = sqlglot.parse(text, dialect=dialect)
        assert read is not None
        assert _plain(read.sql(dialect, comments=False)) == _plain(
            sqlglot.parse_one(run, dialect=dialect).sql(dialect, comments=False)
        )
        assert "Not clinically reviewed" in text
        assert all(len(name) <= 60 for name in names)


def _plain(sql: str) -> str:
    """Without the brackets that only hold lines together."""
    return sql.replace("(", "").replace(")", "")


def test_the_text_runs_as_it_is_printed(engine: Engine, library: Library, programs: dict[str, Program]) -> None:
    drawn = Children(library, programs, seed=5)
    for scheme in ("cog-08b1", "ukall-2003"):
        facts = facts_needed(library, programs, [scheme])
        columns = columns_for(library, facts)
        engine.put("children", columns, rows_for(library, facts, [drawn.draw(facts) for _ in range(50)]))
        run = decision_select(library, programs, [scheme], [column.name for column in columns], dialect=engine.dialect)
        assert sorted(engine.rows(sql_text(library, programs, [scheme], engine.dialect))) == sorted(engine.rows(run))

"""Rules as columns on Spark: the same answers as the one-child engine on every row. `make test-spark` installs Spark."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from cohort_children import Children, assert_equal_on_every_row, columns_for, random_library, rows_for
from remission.cohort.sql.stages import decision_select
from remission.cohort.sql.text import facts_needed, sql_text
from remission.knowledge.model import Library
from remission.rules.build import build_programs
from remission.rules.program import Program

if TYPE_CHECKING:
    from remission.cohort.engines import Engine

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    pytest.importorskip("pyspark", reason="Spark is not installed: make test-spark")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java 17 or newer. On Debian: apt-get install default-jre-headless")
    from pyspark.sql import SparkSession  # type: ignore[import-not-found, unused-ignore]

    from remission.cohort.engines import SparkEngine

    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    yield SparkEngine(session)
    session.stop()


def test_every_shipped_scheme(engine: Engine, library: Library, programs: dict[str, Program]) -> None:
    drawn = Children(library, programs, seed=11)
    for scheme in (scheme for scheme in programs if not library.schemes[scheme].narrows):
        facts = facts_needed(library, programs, [scheme])
        assert_equal_on_every_row(engine, library, programs, [scheme], facts, [drawn.draw(facts) for _ in range(200)])


def test_random_programs(engine: Engine) -> None:
    for seed in range(8):
        library = random_library(seed)
        programs = build_programs(library)
        drawn, facts = Children(library, programs, seed), list(library.facts)
        assert_equal_on_every_row(engine, library, programs, list(programs), facts, [drawn.draw(facts) for _ in range(100)])


def test_the_text_runs_as_it_is_printed(engine: Engine, library: Library, programs: dict[str, Program]) -> None:
    facts = facts_needed(library, programs, ["cog-08b1"])
    columns = columns_for(library, facts)
    drawn = Children(library, programs, seed=5)
    engine.put("children", columns, rows_for(library, facts, [drawn.draw(facts) for _ in range(50)]))
    run = decision_select(library, programs, ["cog-08b1"], [column.name for column in columns], dialect=engine.dialect)
    assert sorted(engine.rows(sql_text(library, programs, ["cog-08b1"], engine.dialect))) == sorted(engine.rows(run))

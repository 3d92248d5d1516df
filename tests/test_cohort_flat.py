"""Flat files and tables of servers: the children table equals the one-child reader on every row, whatever the file looks like."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from conftest import ROOT, SHARED
from remission.cohort.columns import CHILD, OUTCOMES, Column, Value, columns_of, values_of
from remission.cohort.engines import DuckEngine, Engine
from remission.cohort.flat import read_flat
from remission.cohort.flat_compare import comparisons, differing
from remission.cohort.loaded import Loaded
from remission.knowledge import plain_yaml
from remission.knowledge.check_mapping import wrong_with
from remission.knowledge.mapping import Mapping
from remission.knowledge.model import Library
from remission.record.cells import read_cells
from remission.record.facts import Fact
from remission.record.problems import InputProblem, InputProblems
from remission.record.reading import read_fact
from remission.record.sheet import look_at
from remission.record.table import TableRow, find_mapping, read_tables

MINE = """
id: mine
title: {en: Mine, es: Mía}
id_column: id
missing: ["", NA]
columns:
  - {column: born, fact: age_days, unit: d, missing: [never]}
  - {column: diagnosed, fact: age_days, since: birth, dates: d/m/yyyy}
  - {column: wbc, fact: wbc, unit: "10*9/L", missing: ["."]}
  - {column: cell, fact: lineage, codes: {B: b, T: t, either: b|t}}
  - {fact: lineage, says: t, only: {study: [T-study]}}
  - {column: mrd, fact: mrd_eoi, unit: "%", limit_column: limit, below_limit: [BLQ]}
  - {column: cns, fact: cns}
  - {column: efs, fact: months_to_relapse, unit: d, only: {event: [R]}}
outcomes:
  time_zero: {en: the diagnosis, es: el diagnóstico}
  time_zero_stated: true
  event: {column: event, codes: {"-": none, R: relapse, D: death, "?": unknown}, time: {column: efs}}
  death: {column: status, codes: {"0": no, "1": yes}, time: {column: os, unit: y, whole_days: true}, missing: ["9"]}
  entered: {column: entry, since: diagnosed, dates: d/m/yyyy}
compare:
  - {scheme: nci-rome, column: group, expects: {SR: standard, HR: high}, text: {en: Groups, es: Grupos}, only: {lineage: b}}
"""
HEADER = (
    "id", "born", "birth", "diagnosed", "wbc", "cell", "study", "mrd", "limit", "cns", "event", "efs", "status", "os", "entry",
    "group",
)  # fmt: skip
CELLS: dict[str, tuple[str, ...]] = {
    "born": ("", "NA", "never", "1600", "3653", "99999", "four"),
    "birth": ("", "29/2/2004", "1/1/2001", "31/2/2001", "2001-01-01"),
    "diagnosed": ("", "1/3/2008", "28/02/2009", "1/1/1999", "x"),
    "wbc": ("", ".", "12", "49.9", "50", "0.001", "1e2", "12,5", "<50", "50-60", "pending", " 7 "),
    "cell": ("", "B", "T", "either", "Z"),
    "study": ("", "T-study", "other"),
    "mrd": ("", "0", "0.01", "0.003", "BLQ", "negative", "positive", "5", "101", "not done"),
    "limit": ("", "0.01", "0.1", "x"),
    "cns": ("", "cns1", "2", "CNS 2a", "cns2|cns3", "unknown", "ñ"),
    "event": ("", "-", "R", "D", "?", "weird"),
    "efs": ("", "0", "100", "-3", "abc", "400.5"),
    "status": ("", "0", "1", "9", "dead"),
    "os": ("", "1", "2.3457", "NA"),
    "entry": ("", "2/3/2008", "1/1/2010"),
    "group": ("", "SR", "HR"),
}


@pytest.fixture(scope="module")
def mine() -> Mapping:
    return mapping_of(MINE)


def mapping_of(text: str) -> Mapping:
    import yaml

    return msgspec.convert(yaml.load(text, Loader=plain_yaml._PlainLoader), Mapping)  # noqa: S506


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckEngine]:
    engine = DuckEngine(tmp_path, threads=2)
    yield engine
    engine.close()


def some_rows(seed: int, number: int) -> list[list[str]]:
    """Rows of every kind: most cells plausible, some odd, ids that repeat and ids that are missing."""
    chance = random.Random(seed)  # noqa: S311
    rows = []
    for place in range(number):
        child = chance.choice([f"c{place}", f"c{place}", f"c{place}", f" c{chance.randrange(number)} ", ""])
        rows.append([child, *(chance.choice(CELLS[name]) for name in HEADER[1:])])
        if chance.random() < 0.15:
            rows.append(list(chance.choice(rows)))
    return rows


def written(path: Path, rows: list[list[str]], delimiter: str = ",", line_end: str = "\n", encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end)
        writer.writerows([list(HEADER), *rows])
    return path


def expected(library: Library, mapping: Mapping, paths: list[Path], loaded: Loaded) -> dict[str, dict[str, Value]]:
    """The children table as the one-child reader would have it."""
    rows = [row for row in read_tables(library, mapping, paths) if isinstance(row, TableRow)]
    return {row.id: as_columns(library, row, loaded) for row in rows}


def as_columns(library: Library, row: TableRow, loaded: Loaded) -> dict[str, Value]:
    assert not set(row.facts) - set(loaded.facts)
    values: dict[str, Value] = {CHILD: row.id}
    for fact in loaded.facts:
        definition = library.facts[fact]
        names = [column.name for column in columns_of(definition)]
        values |= dict(zip(names, values_of(definition, row.facts.get(fact)), strict=True))
    return values | {column.name: row.outcomes.get(column.name) for column in OUTCOMES if loaded.outcomes}


def children(engine: Engine) -> dict[str, dict[str, Value]]:
    names = [name for name in engine.columns("children") if not name.startswith("said_")]
    listed = ", ".join(name if name.isidentifier() else f'"{name}"' for name in names)
    return {row[0]: dict(zip(names, row, strict=True)) for row in engine.rows(f"SELECT {listed} FROM children")}


def told(library: Library, mapping: Mapping, paths: list[Path]) -> Counter[tuple[str, int | str]]:
    """What the one-child reader complains of: the word and the sentence."""
    found: Counter[tuple[str, int | str]] = Counter()
    for row in read_tables(library, mapping, paths):
        problems = [InputProblem(word, **values) for word, values in row.problems] if isinstance(row, TableRow) else [row]
        found.update((problem.word, problem.sentence(library.words, "en")) for problem in problems)
    return found


def rejected(loaded: Loaded) -> list[dict[str, str]]:
    if loaded.rejects is None:
        return []
    with loaded.rejects.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def same_as_one_by_one(engine: Engine, library: Library, mapping: Mapping, paths: list[Path], work: Path) -> Loaded:
    """Reads the files, and holds the table, the counters and every sentence against the one-child reader."""
    loaded = read_flat(engine, library, mapping, paths, work=work)
    assert children(engine) == expected(library, mapping, paths, loaded)
    sentences = told(library, mapping, paths)
    assert Counter((line["word"], line["sentence"]) for line in rejected(loaded)) == sentences
    words: Counter[str] = Counter()
    for (word, _), number in sentences.items():
        words[word] += number
    assert loaded.counters == dict(words)
    return loaded


class TestEqualToOneByOne:
    @pytest.mark.parametrize("seed", range(6))
    @pytest.mark.parametrize(
        ("delimiter", "line_end", "encoding"), [(",", "\n", "utf-8"), ("\t", "\r\n", "utf-8-sig"), (";", "\n", "utf-16")]
    )
    def test_random_tables(
        self,
        library: Library,
        mine: Mapping,
        engine: DuckEngine,
        tmp_path: Path,
        seed: int,
        delimiter: str,
        line_end: str,
        encoding: str,
    ) -> None:
        path = written(tmp_path / "children.csv", some_rows(seed, 80), delimiter, line_end, encoding)
        loaded = same_as_one_by_one(engine, library, mine, [path], tmp_path)
        assert loaded.persons > 40
        assert loaded.rejected > 0
        assert {"code-unknown", "cells-disagree", "row-no-id"} <= set(loaded.counters)

    def test_one_row_a_sample(self, library: Library, mine: Mapping, engine: DuckEngine, tmp_path: Path) -> None:
        samples = msgspec.structs.replace(mine, one_row_per_id=True)
        path = written(tmp_path / "children.csv", some_rows(11, 120))
        loaded = same_as_one_by_one(engine, library, samples, [path], tmp_path)
        assert "row-repeated" not in loaded.counters
        assert loaded.counters["row-conflict"]
        assert loaded.records == path.read_text("utf-8").count("\n") - 1

    def test_several_files_with_other_columns(self, library: Library, mine: Mapping, engine: DuckEngine, tmp_path: Path) -> None:
        one = written(tmp_path / "one.csv", some_rows(1, 40))
        two = tmp_path / "two.tsv"
        two.write_text("wbc\tid\tcell\n60\tc3\tB\n7\tnew\tT\n", "utf-8")
        loaded = same_as_one_by_one(engine, library, mine, [one, two], tmp_path)
        assert loaded.source == "one.csv, two.tsv"
        assert {"file": "two.tsv", "line": "2"}.items() <= next(x for x in rejected(loaded) if x["file"] == "two.tsv").items()

    @pytest.mark.shared
    @pytest.mark.parametrize(
        ("mapping", "file"),
        [
            ("cbioportal-target", "target_all_p2/all_phase2_target_2018_pub_clinical_data.tsv"),
            ("aall0434-grin2", "tall_aall0434_grin2/clin_data.csv"),
            ("bioc-all-chiaretti", "bioc_all_chiaretti/all_phenodata.csv"),
        ],
    )
    def test_the_shared_tables(self, library: Library, engine: DuckEngine, tmp_path: Path, mapping: str, file: str) -> None:
        path = SHARED / "data" / file
        if not path.exists():
            pytest.skip("the shared data are not next to this checkout")
        assert same_as_one_by_one(engine, library, library.mappings[mapping], [path], tmp_path).persons > 50


@pytest.mark.shared
def test_two_tables_about_the_same_children_agree(library: Library) -> None:
    """COG AALL0434 stands in the table of GRIN2 and, with other names and units, in that of TARGET."""

    def rows(mapping: str, file: str) -> dict[str, TableRow]:
        path = SHARED / "data" / file
        if not path.exists():
            pytest.skip("the shared data are not next to this checkout")
        found = read_tables(library, library.mappings[mapping], [path])
        return {row.id[-6:]: row for row in found if isinstance(row, TableRow)}

    target = rows("cbioportal-target", "target_all_p2/all_phase2_target_2018_pub_clinical_data.tsv")
    grin = rows("aall0434-grin2", "tall_aall0434_grin2/clin_data.csv")
    assert len(grin) > 100
    for child, row in grin.items():
        theirs = target[child]
        for name in ("first_event_days", "died", "death_days"):
            assert row.outcomes.get(name) == theirs.outcomes.get(name)
        had = theirs.outcomes.get("first_event")
        assert row.outcomes.get("first_event") == (had if had in (None, "none") else "other")
        for fact in ("age_days", "wbc", "sex", "lineage"):
            assert row.facts[fact].means_the_same_as(theirs.facts[fact])


SIMPLE = """
id: simple
title: {en: Simple, es: Simple}
id_column: id
columns:
  - {column: wbc, fact: wbc, unit: "10*9/L"}
  - {column: cell, fact: lineage}
"""
GOOD = b"id,wbc,cell\n1,12,b\n2,60,t\n"


def odd_file(chance: random.Random) -> bytes:
    def cell() -> str:
        plain = ["1", "2", "3", "b", "t", "12", "", "x"]
        quoted = ["1", " 2", "12 ", 'a""b', "a,b", "x\ny", "x\r\ny", ""]
        odd = "".join(
            chance.choice(["a", '"', " ", ",", "1", "\t", "ñ", "\x00", "\u00a0", "'", "\\"]) for _ in range(chance.randrange(4))
        )
        return chance.choice([chance.choice(plain), chance.choice(plain), f'"{chance.choice(quoted)}"', odd])

    line_end = chance.choice(["\n", "\r\n", "\r"])
    lines = [",".join(cell() for _ in range(chance.choice([3, 3, 3, 3, 2, 4]))) for _ in range(chance.randrange(1, 9))]
    content = line_end.join(["id,wbc,cell", *lines]) + chance.choice(["", line_end, line_end + line_end, line_end + '"'])
    return content.encode() + chance.choice([b"", b"", b"", b"\xf1,1,b\n"])


class TestDamage:
    """Each kind of damage costs its line and no other, and is told with its line."""

    @pytest.mark.parametrize(
        ("content", "ids", "words"),
        [
            (GOOD, "12", {}),
            (b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n"), "12", {}),
            (GOOD + b"3,7", "12", {"row-cells-missing": "4"}),
            (GOOD + b'3,7,"b', "12", {"row-quotes": "4"}),
            (b"id,wbc,cell\n1,12,b\n9,1\n2,60,t\n", "12", {"row-cells-missing": "3"}),
            (b"id,wbc,cell\n1,12,b\n9,1,b,x\n\n2,60,t\n", "12", {"row-cells-missing": "3"}),
            (b"id,wbc,cell\n1,12,b\n9,\xf1,b\n2,60,t\n", "12", {"row-not-text": "3"}),
            (b'id,wbc,cell\n1,12,b\n9,"5,b\n2,60,t\n', "12", {"row-quotes": "3"}),
            (b'id,wbc,cell\n1,12,b\n9,"5"x,b\n2,60,t\n', "12", {"row-quotes": "3"}),
            (b'id,wbc,cell\n1,12,"b\n"\n\n2,60,t\n ,1,b\n', "12", {"row-no-id": "6"}),
            (b'id,wbc,cell\n1, "12" ,b\n2,60,t\n', "12", {}),
            (b"id,wbc,cell\r\n1,12,b\r\n9,1,b\n2,60,t\r\n", "192", {}),
            (b"id,wbc,cell\r1,12,b\r2,60,t\r", "12", {}),
            (b"id,wbc,cell\n1,12,b\n2," + b"6" * 200_000 + b",t\n", "1", {"row-quotes": "3"}),
            (GOOD + b"1,12,b\n2,61,t\n", "12", {"row-repeated": "4", "row-conflict": "5"}),
            (b"id,wbc,cell\n\n1,12,b\n\n2,60,t\n1,13,b\n", "12", {"row-conflict": "6"}),
            (b"id,wbc,cell\n1,12,b\n2,12 apples,t\n", "12", {"unit-unknown": "3"}),
        ],
    )
    def test_one_line(
        self, library: Library, engine: DuckEngine, tmp_path: Path, content: bytes, ids: str, words: dict[str, str]
    ) -> None:
        path = tmp_path / "children.csv"
        path.write_bytes(content)
        loaded = same_as_one_by_one(engine, library, mapping_of(SIMPLE), [path], tmp_path)
        assert {row["word"]: row["line"] for row in rejected(loaded)} == words
        assert set(children(engine)) == set(ids)
        for row in rejected(loaded):
            assert row["line"] in row["sentence"]

    @pytest.mark.parametrize("seed", range(30))
    def test_files_of_odd_signs(self, library: Library, engine: DuckEngine, tmp_path: Path, seed: int) -> None:
        """Whatever stands in a file: what DuckDB reads of it is what is read line by line."""
        path = tmp_path / "children.csv"
        path.write_bytes(odd_file(random.Random(seed)))  # noqa: S311
        assert same_as_one_by_one(engine, library, mapping_of(SIMPLE), [path], tmp_path).records

    def test_a_unit_that_is_missing_is_never_assumed(self, library: Library, engine: DuckEngine, tmp_path: Path) -> None:
        path = tmp_path / "children.csv"
        path.write_bytes(GOOD)
        unitless = mapping_of(SIMPLE.replace(', unit: "10*9/L"', ""))
        loaded = same_as_one_by_one(engine, library, unitless, [path], tmp_path)
        assert loaded.counters == {"unit-missing": 2}
        assert {row["wbc_low"] for row in children(engine).values()} == {None}

    def test_a_whole_file_in_an_older_encoding_is_recognised(self, library: Library, engine: DuckEngine, tmp_path: Path) -> None:
        path = tmp_path / "children.csv"
        path.write_bytes("id,wbc,cell\nñ1,12,b\n2,60,t\ná,7,b\n".encode("latin-1"))
        loaded = same_as_one_by_one(engine, library, mapping_of(SIMPLE), [path], tmp_path)
        assert set(children(engine)) == {"2"}
        (note,) = loaded.notes
        assert note.word == "file-looks-latin"
        assert "WINDOWS-1252" in note.sentence(library.words, "es")

    def test_one_stray_byte_among_utf8_is_not_taken_for_it(self, library: Library, engine: DuckEngine, tmp_path: Path) -> None:
        path = tmp_path / "children.csv"
        path.write_bytes("id,wbc,cell\nñ1,12,b\n".encode() + b"\xf1,7,b\n")
        loaded = same_as_one_by_one(engine, library, mapping_of(SIMPLE), [path], tmp_path)
        assert set(children(engine)) == {"ñ1"}
        assert not loaded.notes

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
    def test_utf16_is_certain_enough_to_be_read(self, library: Library, engine: DuckEngine, tmp_path: Path, encoding: str) -> None:
        path = tmp_path / "children.csv"
        path.write_bytes("id,wbc,cell\n1,12,b\nñ,60,t\n".encode(encoding))
        same_as_one_by_one(engine, library, mapping_of(SIMPLE), [path], tmp_path)
        assert set(children(engine)) == {"1", "ñ"}

    @pytest.mark.parametrize(
        ("content", "word"),
        [
            (b"", "table-no-column"),
            (b"name,wbc\nx,1\n", "table-no-column"),
            (b"id,wbc,c\xe9lula\n1,12,b\n", "file-not-utf8"),
            ("id,wbc".encode("utf-16") + b"\x00", "file-not-text"),
        ],
    )
    def test_what_is_no_table_is_refused(
        self, library: Library, engine: DuckEngine, tmp_path: Path, content: bytes, word: str
    ) -> None:
        path = tmp_path / "children.csv"
        path.write_bytes(content)
        with pytest.raises(InputProblems) as refused:
            read_flat(engine, library, mapping_of(SIMPLE), [path], work=tmp_path)
        assert [problem.word for problem in refused.value.problems] == [word]

    def test_columns_that_are_not_there_are_told(self, library: Library, engine: DuckEngine, tmp_path: Path) -> None:
        path = tmp_path / "children.csv"
        path.write_bytes(b"id,wbc\n1,12\n2,60\n")
        loaded = same_as_one_by_one(engine, library, mapping_of(SIMPLE), [path], tmp_path)
        assert loaded.facts == ("wbc",)
        assert [note.word for note in loaded.notes] == ["table-columns-absent"]

    def test_nothing_is_left_behind(self, library: Library, engine: DuckEngine, tmp_path: Path) -> None:
        path = tmp_path / "children.csv"
        path.write_bytes(GOOD + b"3,7\n")
        work = tmp_path / "work"
        read_flat(engine, library, mapping_of(SIMPLE), [path], work=work)
        assert [found.name for found in work.iterdir()] == ["rejects.csv"]
        path.write_bytes(GOOD)
        assert read_flat(engine, library, mapping_of(SIMPLE), [path], work=work).rejects is None
        assert not list(work.iterdir())


def on_a_server(engine: Engine, library: Library, mapping: Mapping, tmp_path: Path) -> Loaded:
    """A table that is on the engine already: as read one by one, but without children whose rows differ."""
    rows = some_rows(5, 80)
    engine.put("registry", [Column(name, "VARCHAR") for name in HEADER], [[cell or None for cell in row] for row in rows])
    loaded = read_flat(engine, library, mapping, "registry", work=tmp_path)
    content: dict[str, set[tuple[str, ...]]] = {}
    for row in rows:
        content.setdefault(row[0].strip(), set()).add(tuple(cell.strip() for cell in row[1:-1]))
    everyone = expected(library, mapping, [written(tmp_path / "same.csv", rows)], loaded)
    alone = {child for child, found in content.items() if child and len(found) == 1}
    assert children(engine) == {child: values for child, values in everyone.items() if child in alone}
    times = Counter(row[0].strip() for row in rows)
    assert loaded.records == len(rows)
    assert loaded.rejected == sum(number for child, number in times.items() if child not in alone)
    assert loaded.counters["rows-differ"] == len(set(times) - alone - {""})
    assert loaded.counters["row-without-id"] == times[""]
    assert loaded.counters["code-unknown"]
    assert {row["file"] for row in rejected(loaded)} == {"registry"}
    return loaded


def test_a_table_that_is_in_duckdb_already(library: Library, mine: Mapping, engine: DuckEngine, tmp_path: Path) -> None:
    first = on_a_server(engine, library, mine, tmp_path)
    assert read_flat(engine, library, mine, "registry", work=tmp_path).counters == first.counters


def test_how_far_it_is(library: Library, engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "children.csv"
    path.write_bytes(GOOD + b"3,7\n" * 30_000)
    told: list[tuple[str, int, int]] = []
    loaded = read_flat(engine, library, mapping_of(SIMPLE), [path], work=tmp_path, progress=lambda *now: told.append(now))
    assert loaded.counters == {"row-cells-missing": 30_000}
    assert told[0] == ("children.csv", 0, path.stat().st_size)
    assert told[-1] == ("children.csv", path.stat().st_size, path.stat().st_size)
    assert all(0 <= done <= of for _, done, of in told)


def test_postgres(library: Library, mine: Mapping, postgres_address: str, tmp_path: Path) -> None:
    from remission.cohort.engines import PostgresEngine

    engine = PostgresEngine(postgres_address)
    try:
        on_a_server(engine, library, mine, tmp_path)
        with pytest.raises(InputProblems, match="table-unknown"):
            read_flat(engine, library, mine, "no_such_table", work=tmp_path)
    finally:
        engine.close()


def test_postgres_columns_of_other_types(library: Library, postgres_address: str, tmp_path: Path) -> None:
    from remission.cohort.engines import PostgresEngine

    engine = PostgresEngine(postgres_address)
    try:
        with engine.connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA odd; CREATE TABLE odd.kids (id bigint, wbc double precision, cell char(3))")
            cursor.execute("INSERT INTO odd.kids VALUES (1, 12.5, 'b'), (2, NULL, 't'), (3, 1e3, NULL)")
        read_flat(engine, library, mapping_of(SIMPLE), "odd.kids", work=tmp_path)
        found = {child: (row["wbc_low"], row["lineage"]) for child, row in children(engine).items()}
        assert found == {"1": (12.5, 1), "2": (None, 2), "3": (1000.0, None)}
    finally:
        engine.close()


@pytest.mark.spark
def test_spark(library: Library, mine: Mapping, tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'remission[spark]'")
    from remission.cohort.engines import SparkEngine

    engine = SparkEngine()
    try:
        assert on_a_server(engine, library, mine, tmp_path).persons
    finally:
        engine.close()


def test_files_are_read_by_duckdb_alone(library: Library, mine: Mapping, tmp_path: Path) -> None:
    class Elsewhere:
        dialect = "spark"

    with pytest.raises(InputProblems, match="files-need-duckdb"):
        read_flat(Elsewhere(), library, mine, [tmp_path / "x.csv"], work=tmp_path)  # type: ignore[arg-type]


def test_a_sheet_knows_its_shape(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b'"a, b; c"\tid\n1\t2')
    sheet = look_at(path)
    assert (sheet.columns, sheet.delimiter, sheet.lines) == (("a, b; c", "id"), "\t", 2)


def test_parquet(library: Library, engine: DuckEngine, tmp_path: Path) -> None:
    """Columns of any type are read as their text."""
    path = tmp_path / "children.parquet"
    rows = "VALUES ('1', 12.5, 'b'), ('2', NULL, ' t '), (NULL, 3, 'b'), ('1', 13, 'b')"
    engine.connection.execute(f"COPY (SELECT * FROM ({rows}) AS t(id, wbc, cell)) TO '{path}' (FORMAT parquet)")
    loaded = read_flat(engine, library, mapping_of(SIMPLE), [path], work=tmp_path)
    assert {child: (row["wbc_low"], row["lineage"]) for child, row in children(engine).items()} == {"1": (12.5, 1), "2": (None, 2)}
    assert loaded.counters == {"row-no-id": 1, "row-conflict": 1}
    path.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(InputProblems, match="file-no-parquet"):
        read_flat(engine, library, mapping_of(SIMPLE), [path], work=tmp_path)


def test_more_texts_than_stand_in_memory_together(
    library: Library, engine: DuckEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("remission.cohort.flat_says._AT_ONCE", 3)
    path = tmp_path / "children.csv"
    path.write_text("id,wbc,cell\n" + "".join(f"{n},{n + 1},b\n" for n in range(50)), "utf-8")
    same_as_one_by_one(engine, library, mapping_of(SIMPLE), [path], tmp_path)
    assert len(children(engine)) == 50


class TestCompare:
    def test_counts_and_children(self, library: Library, mine: Mapping, engine: DuckEngine, tmp_path: Path) -> None:
        rows = [
            ["a", "1600", "", "", "12", "B", *[""] * 9, "SR"],
            ["b", "1600", "", "", "60", "B", *[""] * 9, "SR"],
            ["c", "", "", "", "12", "B", *[""] * 9, "HR"],
            ["d", "1600", "", "", "60", "T", *[""] * 9, "HR"],
            ["e", "1600", "", "", "60", "B", *[""] * 9, "HR"],
        ]
        read_flat(engine, library, mine, [written(tmp_path / "t.csv", rows)], work=tmp_path)
        answers = [("a", "standard"), ("b", "high"), ("c", None), ("d", "high"), ("e", "high")]
        columns = (Column("child", "VARCHAR"), Column("nci_rome", "VARCHAR"), Column("nci_rome_status", "VARCHAR"))
        engine.put("decided", columns, [(child, group, "decided" if group else "data-required") for child, group in answers])
        (compared,) = comparisons(engine, library, mine)
        assert (compared.agreeing, compared.undecided, compared.differing) == ({"SR": 1, "HR": 1}, {"HR": 1}, {"SR": 1})
        assert list(differing(engine, library, compared.comparison)) == [("b", "SR", "high")]


class TestMappings:
    def test_the_shipped_ones_are_sound(self, library: Library) -> None:
        for mapping in library.mappings.values():
            assert list(wrong_with(mapping, library)) == []

    def test_the_example_in_the_documentation_is_sound(self, library: Library) -> None:
        page = (ROOT / "docs" / "mappings.md").read_text("utf-8")
        mapping = mapping_of(page.split("```yaml\n")[1].split("```")[0])
        assert list(wrong_with(mapping, library)) == []
        assert mapping.outcomes

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ("{column: a, fact: nothing}", "“nothing” is no fact"),
            ("{fact: wbc}", "either a column"),
            ("{column: a, says: b, fact: lineage, always: true}", "either a column"),
            ("{fact: lineage, says: b}", "needs the columns"),
            ("{fact: lineage, says: b, always: true, only: {x: [y]}}", "needs the columns"),
            ("{fact: lineage, column: a, codes: {x: q}}", "“q” is none of its answers: b, t"),
            ("{fact: wbc, column: a, below_limit: [x]}", "below its limit"),
            ("{fact: age_days, column: a, since: b, dates: yyyy}", "no form of a date"),
            ("{fact: age_days, column: a, since: b}", "needs both"),
            ("{fact: wbc, column: a, since: b, dates: d/m/yyyy}", "two dates make a time"),
            ("{fact: wbc, column: a, unit: mg/dL}", "“mg/dL” is no unit for wbc"),
            ("{fact: mrd_eoi, column: a, limitcolumn: b}", "“limitcolumn” is no word"),
            ("{fact: sex, column: a, codes: {1: male}}", "between quotation marks"),
        ],
    )
    def test_a_line_that_cannot_work_is_refused(self, library: Library, tmp_path: Path, line: str, says: str) -> None:
        """With its line, in both languages, and with a way on."""
        file = tmp_path / "mine.yaml"
        file.write_text(
            f"id: x\ntitle: {{en: X, es: X}}\nid_column: id\ncolumns:\n  - {{column: s, fact: sex}}\n  - {line}\n", "utf-8"
        )
        with pytest.raises((InputProblem, InputProblems)) as refused:
            find_mapping(library, str(file))
        problem = refused.value
        assert isinstance(problem, InputProblem | InputProblems)
        problems = problem.problems if isinstance(problem, InputProblems) else [problem]
        told = [problem.sentence(library.words, "en") for problem in problems]
        assert any(says in sentence for sentence in told), told
        assert all("mine.yaml, line 6: " in sentence and "docs/mappings.md" in sentence for sentence in told), told
        assert not {problem.sentence(library.words, "es") for problem in problems} & set(told)

    @pytest.mark.parametrize(("content", "says"), [(b"", "is no mapping"), (b"- a\n", "is no mapping"), (b"title: \xf1", "UTF-8")])
    def test_what_is_no_mapping_is_refused(self, library: Library, tmp_path: Path, content: bytes, says: str) -> None:
        (tmp_path / "mine.yaml").write_bytes(content)
        with pytest.raises(InputProblem) as refused:
            find_mapping(library, str(tmp_path / "mine.yaml"))
        assert says in refused.value.sentence(library.words, "en")


def test_words_in_a_column_with_a_unit_have_none(library: Library) -> None:
    """“neg” under below_limit, and what stands there in words, beside numbers in percent."""
    column = "{column: mrd, fact: mrd_eoi, unit: '%', limit_column: limit, below_limit: [neg], codes: {}}"
    mapping = mapping_of(f"id: x\ntitle: {{en: X, es: X}}\nid_column: id\ncolumns:\n  - {column}\n").columns[0]
    whole = mapping_of("id: x\ntitle: {en: X, es: X}\nid_column: id\ncolumns: []\n")

    def read(cell: str) -> Fact | None:
        return read_cells(library, whole, mapping, {"mrd": cell, "limit": "0.01"})

    for said in ("neg", "negative", "0"):
        fact = read(said)
        assert fact is not None
        assert (fact.high, fact.high_open) == (Decimal("0.01"), True), said
    assert read("not done") == read_fact(library, "mrd_eoi", "not done")


def test_a_column_that_stands_twice_is_refused(library: Library, mine: Mapping, engine: DuckEngine, tmp_path: Path) -> None:
    """Which of the two is meant, nobody can tell; of a column that is not read it does not matter."""
    for twice, is_refused in (("wbc", True), ("spare", False)):
        table = tmp_path / f"{twice}.csv"
        table.write_text(f"id,wbc,cell,spare,{twice}\na,10,B,1,2\n", "utf-8")
        if is_refused:
            with pytest.raises(InputProblems, match="table-column-twice"):
                read_flat(engine, library, mine, [table], work=tmp_path)
        else:
            assert read_flat(engine, library, mine, [table], work=tmp_path).persons == 1

"""`remission cohort`: many children from a source to their groups and a report, as a user runs it and as Python asks it."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from conftest import ROOT, Run
from remission.cohort.result import PARTS, columns_of_scheme
from remission.record.problems import InputProblem

COLUMNS = ("Patient ID", "Diagnosis Age (days)", "WBC", "Cell of tumor origin", "Protocol")
MINE = "id: mine\ntitle: {{en: Mine, es: Mía}}\nid_column: id\ncolumns:\n{columns}"


def table(folder: Path, *rows: tuple[str, ...]) -> str:
    path = folder / "children.tsv"
    path.write_text("\n".join("\t".join(row) for row in (COLUMNS, *rows)) + "\n", "utf-8")
    return str(path)


def mapping(folder: Path, **facts: str) -> str:
    path = folder / "mapping.yaml"
    path.write_text(MINE.format(columns="".join(f"  - {{column: {c}, fact: {f}}}\n" for c, f in facts.items())), "utf-8")
    return str(path)


def rows(out: Path) -> list[dict[str, str]]:
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class TestAssess:
    def test_a_row_for_each_child_and_four_columns_for_each_scheme(self, run: Run, tmp_path: Path) -> None:
        given = table(tmp_path, ("c1", "1600", "12", "B-Precursor", "AALL0331"), ("c2", "NA", "12", "B Cell ALL", "NA"))
        out = tmp_path / "groups.csv"
        result = run("cohort", "assess", given, "--mapping", "cbioportal-target", "--scheme", "nci-rome", "--out", str(out))
        assert result.code == 0, result.err
        answers = [tuple(row[name] for name in ("child", *columns_of_scheme("nci-rome"))) for row in rows(out)]
        assert answers == [
            ("c1", "standard", "decided", "standard", ""),
            ("c2", "", "data-required", "standard;high;not-applicable", "age_days"),
        ]
        assert "AALL0331, expected Standard risk: 1 agree, 0 differ, 0 undecided" in result.err
        assert "2 children" in result.err

    def test_bad_rows_are_listed_and_never_stop_the_run(self, run: Run, tmp_path: Path) -> None:
        given = [
            ("good", "1600", "12", "B-Precursor", "NA"),
            ("", "1600", "12", "B-Precursor", "NA"),
            ("short", "1600"),
            ("odd", "1600", "lots", "Z Cell", "NA"),
            ("impossible", "1600", "120000", "B-Precursor", "NA"),
            ("good", "1601", "12", "B-Precursor", "NA"),
        ]
        out = tmp_path / "groups.csv"
        result = run("cohort", "assess", table(tmp_path, *given), "--mapping", "cbioportal-target", "--out", str(out))
        assert result.code == 0, result.err
        answers = {row["child"]: row for row in rows(out)}
        assert set(answers) == {"good", "odd", "impossible"}
        assert answers["odd"]["nci_rome_status"] == "data-required", "what cannot be read stays unknown"
        listed = rows(tmp_path / "groups.rejects.csv")
        assert {(row["line"], row["about"]) for row in listed} >= {("3", ""), ("5", "odd"), ("6", "impossible"), ("7", "good")}
        assert any(row["line"] == "4" for row in listed)
        assert all(row["sentence"] and not row["sentence"].startswith(":") for row in listed)

    def test_a_child_whose_facts_contradict_each_other_is_never_decided(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "children.csv"
        path.write_text("id,cns,blasts\nc1,cns1,yes\nc2,cns1,no\n", "utf-8")
        out = tmp_path / "groups.csv"
        result = run(
            "cohort", "assess", str(path), "--mapping", mapping(tmp_path, cns="cns", blasts="csf_blasts"), "--out", str(out)
        )
        first, second = rows(out)
        assert first["cog_08b1_status"] == "contradiction"
        assert "cns1" in first["contradiction"].replace("_", "-")
        assert not any(first[name] for name in columns_of_scheme("cog-08b1") if not name.endswith("_status"))
        assert second["cog_08b1_status"] == "data-required"
        assert "contradictory 1" in result.err
        (listed,) = rows(tmp_path / "groups.rejects.csv")
        assert listed["about"] == "c1"
        assert "The CNS status is cns1" in listed["sentence"]

    def test_the_same_input_gives_the_same_bytes(self, run: Run, tmp_path: Path) -> None:
        given = table(tmp_path, *((f"c{n}", str(400 + n), str(n % 90 + 1), "B-Precursor", "NA") for n in range(500)))
        sums = set()
        for name in ("one.parquet", "two.parquet"):
            assert run("cohort", "assess", given, "--mapping", "cbioportal-target", "--out", str(tmp_path / name)).code == 0
            sums.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
        assert len(sums) == 1

    def test_the_result_is_whole_or_not_there(self, run: Run, tmp_path: Path) -> None:
        given = table(tmp_path, ("c1", "1600", "12", "B-Precursor", "NA"))
        (tmp_path / "file").write_text("in the way", "utf-8")
        refused = run("cohort", "assess", given, "--mapping", "cbioportal-target", "--out", str(tmp_path / "file" / "groups.csv"))
        assert refused.code == 2
        assert "cannot be written" in refused.err
        assert {path.name for path in tmp_path.iterdir()} <= {"children.tsv", "file", "data"}

    @pytest.mark.parametrize(
        ("content", "arguments", "sentence"),
        [
            ("id\tage\nc1\t4\n", ("--mapping", "cbioportal-target"), "has no column “Patient ID”"),
            ("Patient ID\n", ("--mapping", "cbioportal-target"), "nothing in it could be read as a child"),
            ("Patient ID\nc1\n", ("--mapping", "cbioportal"), "There is no mapping called “cbioportal”"),
            ("Patient ID\nc1\n", (), "nobody said which column is which fact"),
            ("Patient ID\nc1\n", ("--mapping", "cbioportal-target", "--scheme", "nci-roma"), "Did you mean nci-rome"),
        ],
    )
    def test_what_cannot_be_read_is_refused_with_a_sentence(
        self, run: Run, tmp_path: Path, content: str, arguments: tuple[str, ...], sentence: str
    ) -> None:
        path = tmp_path / "children.tsv"
        path.write_text(content, "utf-8")
        result = run("cohort", "assess", str(path), *arguments, "--out", str(tmp_path / "groups.csv"))
        assert result.code == 2
        assert sentence in result.err

    def test_an_ending_that_is_none_of_ours_is_refused_before_any_work(self, run: Run, tmp_path: Path) -> None:
        result = run("cohort", "assess", "nowhere", "--mapping", "x", "--out", str(tmp_path / "groups.xlsx"))
        assert result.code == 2
        assert ".parquet" in result.err

    @pytest.mark.shared
    def test_nci_rome_agrees_with_the_entry_protocol_in_the_shared_table(self, target_table: Path) -> None:
        """AALL0331 took standard risk, AALL0232 high risk; a few entered AALL0232 for other reasons than age and count."""
        from remission.cohort import opened

        with opened(target_table, mapping="cbioportal-target", schemes=["nci-rome"]) as study:
            (compared,) = study.compared()
        assert compared.agreeing["AALL0331"] > 200
        assert compared.agreeing["AALL0232"] > 400
        assert compared.differing.get("AALL0331", 0) == 0
        assert compared.differing.get("AALL0232", 0) <= 8
        assert not compared.undecided


def test_a_cohort_and_one_child_get_the_same_answers(run: Run, tmp_path: Path) -> None:
    """A child's row in a table, and the same child explained alone: possible groups, and what is missing."""
    path = tmp_path / "children.csv"
    path.write_text(
        "id,age,wbc,cell,etv6\nc1,4y,12 10*9/L,b,yes\nc2,12y,,b,\nc3,,60 10*9/L,t,no\nc4,5mo,400 10*9/L,b,no\n", "utf-8"
    )
    named = mapping(tmp_path, age="age_days", wbc="wbc", cell="lineage", etv6="etv6_runx1")
    out = tmp_path / "groups.csv"
    assert run("cohort", "assess", str(path), "--mapping", named, "--out", str(out)).code == 0
    many, compared = {row["child"]: row for row in rows(out)}, 0
    for row in rows(path):
        pairs = {"age_days": row["age"], "wbc": row["wbc"], "lineage": row["cell"], "etv6_runx1": row["etv6"]}
        arguments = [part for fact, value in pairs.items() if value for part in ("--fact", f"{fact}={value}")]
        for decision in json.loads(run("explain", *arguments, "--json").out)["decisions"]:
            outcome, status, possible, missing = (many[row["id"]][name] for name in columns_of_scheme(decision["scheme"]))
            assert possible.split(";") == decision["possible"]
            assert (status, outcome or None) == (decision["status"], decision["outcome"])
            matters = {each["fact"] for each in decision["missing"] if each.get("matters_with_others") and not each.get("of")}
            assert set(filter(None, missing.split(";"))) == matters
            compared += 1
    assert compared > 40


class TestRoom:
    """A disk or a memory that is too small: a sentence, nothing half written, and the same command goes on later."""

    SMALL_DISK = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most})); "
        "from remission.cli.main import main; sys.argv = ['remission', 'cohort', 'assess', {table!r}, '--mapping', "
        "'cbioportal-target', '--out', {out!r}]; main()"
    )

    def test_a_disk_that_takes_no_more_is_said_and_nothing_half_is_left(self, tmp_path: Path) -> None:
        given = table(tmp_path, *((f"c{n}", str(400 + n), f"{n % 90 + 1}.{n}", "B-Precursor", "NA") for n in range(3000)))
        out = tmp_path / "groups.parquet"
        command = self.SMALL_DISK.format(most=20_000, table=given, out=str(out))
        told = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=False)
        assert told.returncode == 2, told.stderr
        assert "no room left" in told.stderr
        assert not out.exists()
        assert not list(tmp_path.glob("*.half"))
        roomy = self.SMALL_DISK.format(most=50_000_000, table=given, out=str(out))
        assert subprocess.run([sys.executable, "-c", roomy], capture_output=True, text=True, check=False).returncode == 0
        assert not (tmp_path / "groups.parquet.work").exists()

    @pytest.mark.parametrize(("disk", "word"), [("1MB", "cohort-disk-full"), ("10GB", "cohort-too-little-memory")])
    def test_what_an_engine_refuses_for_lack_of_room_is_a_sentence(self, tmp_path: Path, disk: str, word: str) -> None:
        from remission.cohort.engines import DuckEngine, refused_as_problem

        engine = DuckEngine(tmp_path, memory="30MB", threads=1)
        engine.connection.execute(f"SET max_temp_directory_size = '{disk}'")
        much = "SELECT i, repeat('x', 300) || i AS text FROM range(2000000) AS t(i) ORDER BY text DESC"
        if word == "cohort-too-little-memory":
            much = "SELECT list(repeat('x', 300) || i) FROM range(2000000) AS t(i)"
        with pytest.raises(InputProblem) as refused, refused_as_problem("duckdb", "30MB"):
            engine.keep("much", much)
        assert refused.value.word == word


class TestStudy:
    def test_python_asks_lazily(self, tmp_path: Path) -> None:
        from remission.cohort import opened

        given = table(tmp_path, ("c1", "1600", "12", "B-Precursor", "NA"), ("c2", "5000", "12", "B-Precursor", "NA"))
        with opened(given, mapping="cbioportal-target") as study:
            assert study.groups("nci-rome").project("child, outcome").order("child").fetchall() == [
                ("c1", "standard"),
                ("c2", "high"),
            ]
            assert study.children.aggregate("max(wbc_high)").fetchall() == [(12.0,)]
            assert study.loaded.persons == 2
            study.write(tmp_path / "kept.parquet")
        with opened(tmp_path / "kept.parquet") as again:
            assert again.counts("nci-rome") == {"high": 1, "standard": 1}
            assert again.children.aggregate("min(lineage), max(lineage)").fetchall() == [(1, 1)]
            assert again.account.library_hash

    def test_a_result_can_be_asked_again_for_fewer_schemes(self, run: Run, tmp_path: Path) -> None:
        given = table(tmp_path, ("c1", "1600", "12", "B-Precursor", "NA"))
        first, second = str(tmp_path / "first.parquet"), str(tmp_path / "second.parquet")
        assert run("cohort", "assess", str(given), "--mapping", "cbioportal-target", "--out", first).code == 0
        assert run("cohort", "assess", first, "--scheme", "nci-rome", "--out", second).code == 0
        from remission.cohort import opened

        with opened(second) as study:
            assert study.account.schemes == ("nci-rome",)
            assert study.decided.columns == ["child", "contradiction", *(f"nci_rome{part}" for part in PARTS)]
        refused = run("cohort", "assess", second, "--scheme", "cog-08b1", "--out", first)
        assert refused.code == 2
        assert "It holds: nci-rome." in refused.err

    def test_a_result_of_a_scheme_that_is_no_more_is_refused(self, tmp_path: Path) -> None:
        from remission.cohort import opened
        from remission.rules.compiled import load_library

        given = table(tmp_path, ("c1", "1600", "12", "B-Precursor", "NA"))
        with opened(given, mapping="cbioportal-target", schemes=("nci-rome",)) as study:
            study.account = replace(study.account, schemes=("gone",))
            study.engine.keep(
                "decided",
                "SELECT child, contradiction, 1 AS gone, 1 AS gone_status, 1 AS gone_possible, 1 AS gone_missing FROM decided",
            )
            study.write(tmp_path / "old.parquet")
        assert "gone" not in load_library().schemes
        with pytest.raises(InputProblem, match="cohort-no-result"), opened(tmp_path / "old.parquet"):
            pass

    def test_a_list_of_what_was_not_used_goes_when_nothing_is_on_it_any_more(self, run: Run, tmp_path: Path) -> None:
        out, listed = tmp_path / "out.parquet", tmp_path / "out.rejects.csv"
        for white_count, is_listed in (("many", True), ("12", False)):
            given = table(tmp_path, ("c1", "1600", white_count, "B-Precursor", "NA"))
            assert run("cohort", "assess", str(given), "--mapping", "cbioportal-target", "--out", str(out)).code == 0
            assert listed.exists() is is_listed

    def test_a_report_is_made_of_a_result_and_of_nothing_else(self, run: Run, tmp_path: Path) -> None:
        import duckdb

        duckdb.connect().execute(f"COPY (SELECT 1 AS one) TO '{tmp_path}/other.parquet'")
        (tmp_path / "result.csv").write_text("child,nci_rome\n", "utf-8")
        for name, sentence in (
            ("other.parquet", "is no result of `remission cohort assess`"),
            ("result.csv", "name the .parquet file"),
            ("nowhere.parquet", "cannot be opened"),
        ):
            result = run("cohort", "report", str(tmp_path / name), "--out", str(tmp_path / "report.html"))
            assert (result.code, sentence in result.err) == (2, True), result.err

    def test_what_comes_next_is_only_said_where_it_can_come(self, run: Run, tmp_path: Path) -> None:
        given = table(tmp_path, ("c1", "1600", "12", "B-Precursor", "NA"))
        for name, is_said in (("out.parquet", True), ("out.csv", False)):
            result = run("cohort", "assess", str(given), "--mapping", "cbioportal-target", "--out", str(tmp_path / name))
            assert ("remission cohort report" in result.err) is is_said

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            ((), "Name the files or the folder"),
            (("a.csv", "--table", "child"), "add --engine postgres"),
            (("--engine", "postgres", "--table", "child"), "the server by --source"),
            (("--engine", "spark", "--table", "child", "--source", "postgresql:///x"), "only for it"),
        ],
    )
    def test_files_and_tables_are_not_mixed(self, run: Run, tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
        result = run("cohort", "assess", *arguments, "--out", str(tmp_path / "out.parquet"))
        assert (result.code, sentence in result.err) == (2, True), result.err

    def test_a_refusal_leaves_no_folder_behind(self, run: Run, tmp_path: Path) -> None:
        result = run("cohort", "assess", str(tmp_path / "nowhere.csv"), "--mapping", "x", "--out", str(tmp_path / "out.parquet"))
        assert result.code == 2
        assert list(tmp_path.glob("out*")) == []

    def test_a_scheme_is_not_compared_with_itself(self, run: Run, tmp_path: Path) -> None:
        given, out = table(tmp_path, ("c1", "1600", "12", "B-Precursor", "NA")), str(tmp_path / "out.parquet")
        run("cohort", "assess", str(given), "--mapping", "cbioportal-target", "--out", out)
        result = run("cohort", "report", out, "--out", str(tmp_path / "report.html"), "--compare", "nci-rome", "nci-rome")
        assert (result.code, "Name two schemes" in result.err) == (2, True)


class TestSql:
    @pytest.mark.parametrize("dialect", ["duckdb", "spark", "postgres", "bigquery"])
    def test_a_rule_prints_as_sql_with_the_table_it_expects(self, run: Run, dialect: str) -> None:
        result = run("cohort", "sql", "cog-08b1", "--dialect", dialect)
        assert result.code == 0
        for part in ("cells AS", "outcomes AS", "decided AS", "mrd_eoi_low", "Not clinically reviewed"):
            assert part in result.out

    def test_a_scheme_that_does_not_exist_is_refused(self, run: Run) -> None:
        result = run("cohort", "sql", "cog-08b2")
        assert result.code == 2
        assert "cog-08b1" in result.err


def test_the_core_alone_says_what_to_install(tmp_path: Path) -> None:
    """Without DuckDB the command says which extra it needs."""
    hidden = (
        "import sys; sys.modules.update(duckdb=None, sqlglot=None); sys.argv = ['remission', 'cohort', 'assess', 'x.csv', "
        f"'--mapping', 'cbioportal-target', '--out', '{tmp_path}/y.csv']; from remission.cli.main import main; main()"
    )
    told = subprocess.run([sys.executable, "-c", hidden], capture_output=True, text=True, check=False, cwd=ROOT)
    assert told.returncode == 2
    assert "pip install 'remission[cohort]'" in told.stderr
